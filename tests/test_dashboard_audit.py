"""The page Audit, and pages that do not overwrite what somebody else has changed. About 20 seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.model import Policy
from qc.store.audit import audit_trail
from qc.store.settlements import settle
from qc.workspace import ingest, open_workspace, people, policy

ROOT = Path(__file__).parent.parent
HOSTILE = "![x](http://example.org/x.png)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two people who differ on two items, one of them settled for a hostile reason, and a policy that was changed."""
    folder = tmp_path / "workspace"
    path = tmp_path / "answers.csv"
    path.write_text(
        "item,annotator,label\ni1,ann,a\ni2,ann,b\ni1,bob,b\ni2,bob,a\ni3,ann,a\ni3,bob,a\n", encoding="utf-8"
    )
    ws = open_workspace(folder)
    ingest.ingest(ws, "tone", path, actor="ada")
    settle(ws.store, "tone", "i1", "label", "single", "a", HOSTILE, "ada")
    default = Policy()
    policy.save(ws, "tone", replace(default, errors=replace(default.errors, target=0.03)), "bo", "stricter")
    return folder


def visit(home: Path, monkeypatch: pytest.MonkeyPatch, page: str) -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(home))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app = app.switch_page(f"dashboard/pages/{page}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.title, *app.subheader, *app.text, *app.caption, *app.error, *app.markdown, *app.code]
    return " ".join(str(part.value) for part in shown).replace("\\", "")


def listed(app: AppTest) -> list[tuple[str, str]]:
    (frame,) = (frame.value for frame in app.dataframe if "change" in frame.value)
    return list(zip(frame["action"], frame["change"], strict=True))


def test_the_trail_is_shown_newest_first_and_filtered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(home, monkeypatch, "audit")
    assert [action for action, _ in listed(app)] == ["set policy", "settle", "import", "create"]
    assert listed(app)[:2] == [("set policy", "errors.target: 0.02 → 0.03"), ("settle", "a")]
    app.multiselect(key="audit-people").select("bo").run()
    assert [action for action, _ in listed(app)] == ["set policy"]
    app.multiselect(key="audit-people").unselect("bo")
    app.text_input(key="audit-text").set_value("EXAMPLE.org").run()
    assert [action for action, _ in listed(app)] == ["settle"]
    app.text_input(key="audit-object").set_value("i2").run()
    assert "No entry of the trail is like that." in words(app)


def test_a_link_shows_the_entries_that_its_sender_saw(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a link asks for that is not there is left out; the browser keeps the address as the boxes are."""
    monkeypatch.setenv("QC_WORKSPACE", str(home))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["audit-people"] = "ada"
    app.query_params["audit-actions"] = ["settle", "import", "never heard of"]
    app.query_params["audit-text"] = "EXAMPLE.org"
    app = app.run().switch_page("dashboard/pages/audit.py").run()
    assert not app.exception
    assert [action for action, _ in listed(app)] == ["settle"]
    assert app.text_input(key="audit-text").value == "EXAMPLE.org"


def test_the_trail_is_checked_on_the_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(home, monkeypatch, "audit")
    check = next(button for button in app.button if button.label == "Check the trail")
    check.click().run()
    assert "The audit trail of tone is whole: 4 entries." in words(app)
    kept = next(code.value for code in app.code if code.value.startswith("tone:4:"))
    app.text_input(key="audit-kept").set_value(kept.replace("tone:4:", "tone:3:"))
    next(button for button in app.button if button.label == "Check the trail").click().run()
    assert "is broken: entry 3 has another digest than was kept" in words(app)
    app.text_input(key="audit-kept").set_value("no digest")
    next(button for button in app.button if button.label == "Check the trail").click().run()
    assert "is no digest of an audit trail" in words(app)


def test_what_concerns_all_projects_is_for_who_looks_after_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.grant(open_workspace(home), None, "eve@example.org", "manager")
    app = visit(home, monkeypatch, "audit")
    app.toggle(key="audit-everywhere").set_value(True).run()
    assert [action for action, _ in listed(app)] == ["grant role"]


def test_settings_that_somebody_changed_meanwhile_are_not_overwritten(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit(home, monkeypatch, "settings")
    ws = open_workspace(home)
    other = replace(ws.policy("tone"), timezone="Europe/Oslo")
    policy.save(ws, "tone", other, "cleo", "moved")
    next(button for button in app.button if button.label == "Save").click().run()
    assert "The policy was changed by cleo a minute ago: look again." in words(app)
    assert open_workspace(home).policy("tone") == other


def test_a_settlement_that_somebody_made_meanwhile_is_not_overwritten(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qc.model import ConflictError
    from qc.workspace import conflict

    ws = open_workspace(home)
    seen = conflict.revision(ws, "tone", "i2", "label")
    conflict.settle(ws, "tone", "i2", "label", "a", "clear", "cleo", seen)
    with pytest.raises(ConflictError, match="The settlement of i2 was changed by cleo a minute ago: look again"):
        conflict.settle(ws, "tone", "i2", "label", "b", "clear", "ada", seen)
    assert [row["reason"] for row in audit_trail(ws.store, "tone", most=1)] == ["clear"]
