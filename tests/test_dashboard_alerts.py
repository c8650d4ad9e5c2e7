"""The page Alerts & levels: one alert with its proof, its items and its decisions. Takes about forty seconds."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
import review_loop
from review_loop import WORSE
from streamlit.testing.v1 import AppTest

from dashboard import alert_parts, proofs
from qc.alerts import RULES
from qc.store.alerts import alerts
from qc.workspace import levels, open_workspace
from qc.workspace.control_chart import nearness
from qc.workspace.explained import explained
from qc.workspace.opening import Workspace

ROOT = Path(__file__).parent.parent
RAISE, ABOVE = "raise review level", "error rate above target"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return review_loop.decided_by_a_lead(tmp_path_factory.mktemp("alerts"))


@pytest.fixture
def own(built: Path, tmp_path: Path) -> Workspace:
    """A copy in which anything may be decided."""
    return open_workspace(copytree(built, tmp_path / "workspace"))


def alert_of(ws: Workspace, rule: str) -> dict[str, object]:
    return next(row for row in alerts(ws.store, "mail") if row["rule"] == rule)


def visit(monkeypatch: pytest.MonkeyPatch, ws: Workspace, **query: str) -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app = app.switch_page("dashboard/pages/alerts.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    parts = [*app.title, *app.subheader, *app.text, *app.caption, *app.error]
    return " ".join(part.value for part in parts).replace("\\", "")


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_a_link_opens_one_alert_with_proof_and_items(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    ws = open_workspace(built)
    alert = alert_of(ws, RAISE)
    app = visit(monkeypatch, ws, alert=str(alert["id"]))
    words = said(app)
    assert f"Raise review level: {WORSE}" in words.replace("\u2060", "")
    assert str(alert["message"]) in words
    assert "A control chart asks for more review of somebody's work" in words
    assert "Evidence of errors above target: randomly drawn answers" in words
    assert "Items behind the alert" in words
    items = next(frame.value for frame in app.dataframe if "judged" in frame.value and "item_id" in frame.value)
    assert set(items["annotator"]) == {WORSE}
    assert set(items["judged"]) == {"wrong"}


def test_a_link_to_no_alert_says_so(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    words = said(visit(monkeypatch, open_workspace(built), alert="nosuch"))
    assert "There is no alert nosuch in this project" in words


def test_the_rate_is_shown_against_its_target(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    ws = open_workspace(built)
    app = visit(monkeypatch, ws, alert=str(alert_of(ws, ABOVE)["id"]))
    assert "The proof: the rate and what it was compared with" in said(app)
    assert "compared with" in app.get("plotly_chart")[0].proto.spec


def test_approving_puts_the_level_in_force_and_acknowledges(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    alert = str(alert_of(own, RAISE)["id"])
    app = visit(monkeypatch, own, alert=alert)
    assert "Review is normal: 5.0 % of new answers are checked. The evidence asks for tightened." in said(app)
    press(app, f"decide-{alert}-approve")
    assert not app.error
    (change,) = levels.histories(own, "mail")["annotator", WORSE]
    assert (change["level"], change["origin"]) == ("tightened", "approved")
    assert alert_of(own, RAISE)["state"] == "acknowledged"
    assert "Review is tightened: 20.0 % of new answers are checked." in said(app)
    app.text_input(key=f"decide-{alert}-undo").set_value("too early").run()
    press(app, f"decide-{alert}-undone")
    assert not app.error
    assert "Review is normal" in said(app)
    assert [row["origin"] for row in levels.histories(own, "mail")["annotator", WORSE]] == ["approved", "undo"]


def test_another_level_needs_a_reason(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    alert = str(alert_of(own, RAISE)["id"])
    app = visit(monkeypatch, own, alert=alert)
    app.selectbox(key=f"decide-{alert}-to").set_value("full").run()
    press(app, f"decide-{alert}-set")
    assert "Say why the level changes" in said(app)
    app.text_input(key=f"decide-{alert}-why").set_value("the client asked").run()
    press(app, f"decide-{alert}-set")
    assert not app.error
    assert levels.histories(own, "mail")["annotator", WORSE][-1]["level"] == "full"


def test_the_life_of_an_alert(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    alert = str(alert_of(own, ABOVE)["id"])
    app = visit(monkeypatch, own, alert=alert)
    app.text_input(key=f"owner-{alert}").set_value("lea@example.org").run()
    press(app, f"assign-{alert}")
    assert "lea@example.org looks after it" in said(app).replace("\u2060", "")
    app.text_input(key=f"say-{alert}").set_value("talked to ben").run()
    press(app, f"add-{alert}")
    assert "talked to ben" in said(app)
    press(app, f"sleep-{alert}")
    assert "asleep until" in said(app)
    press(app, f"wake-{alert}")
    assert "asleep until" not in said(app)
    app.text_input(key=f"resolve-{alert}").set_value("retrained").run()
    press(app, f"done-{alert}")
    assert alert_of(own, ABOVE)["state"] == "resolved"
    assert not app.error


def test_what_waits_for_a_lead_is_approved_from_the_list(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    app = visit(monkeypatch, own)
    assert "1 change of level waiting for a lead" in said(app)
    press(app, f"approve-annotator-{WORSE}")
    assert not app.error
    assert "waiting for a lead" not in said(app)
    table = next(frame.value for frame in app.dataframe if "asked_for" in frame.value or "checked" in frame.value)
    assert dict(zip(table["annotator"], table["level"], strict=True))[WORSE] == "tightened"


def test_the_list_is_filtered_by_state_and_rule(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    app = visit(monkeypatch, own)
    message = str(alert_of(own, ABOVE)["message"])
    assert message in said(app)
    app.multiselect(key="alert-rules").set_value([RAISE]).run()
    assert message not in said(app)
    app.segmented_control(key="alert-states").set_value("asleep").run()
    assert "No alert of this kind is asleep." in said(app)


def test_a_level_is_set_by_hand_for_anybody(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> None:
    app = visit(monkeypatch, own)
    app.selectbox(key="level-who").set_value("dora@example.org")
    app.selectbox(key="level-to").set_value("reduced")
    app.text_input(key="level-why").set_value("ten years of practice")
    next(button for button in app.button if button.label == "Set level").click().run()
    assert not app.exception
    assert not app.error
    assert levels.histories(own, "mail")["annotator", "dora@example.org"][-1]["level"] == "reduced"


def test_whoever_alarmed_is_nearest_to_the_alarm(built: Path) -> None:
    rows = nearness(open_workspace(built), "mail", "annotator")
    shares = {row["name"]: row["statistic"] / row["threshold"] for row in rows}
    assert shares[WORSE] >= 1
    assert all(share < 1 for name, share in shares.items() if name != WORSE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_explained(rule) -> None:
    words = explained(rule.name)
    assert words.what.endswith(".")
    assert words.false_alarms
    assert explained("a rule of long ago").what == ""


PROOFS = {
    "cusum": {"chart": "cusum", "values": [0.0, 0.9, 1.9], "threshold": 1.8, "first": 5},
    "rate": {
        "chart": "rate",
        "rows": [{"name": "<b>x</b>", "value": 0.1, "low": 0.05, "high": 0.2, "n": 90}],
        "threshold": 0.02,
    },
    "trend": {
        "chart": "trend",
        "rows": [{"period": "2026-03-02", "value": 0.7, "low": 0.6, "high": 0.8, "n": 90}],
        "threshold": None,
    },
    "counts": {
        "chart": "counts",
        "rows": [{"name": "invoice", "value": 9, "expected": 2.5}],
        "n": 90,
        "expected_n": 300,
    },
    "none": None,
}


@pytest.mark.parametrize("kind", PROOFS)
def test_every_kind_of_proof_is_drawn(kind: str) -> None:
    """Each chart that rules keep with an alert, alone on a page."""

    def page(kind: str) -> None:
        from test_dashboard_alerts import shown

        shown(kind)

    app = AppTest.from_function(page, kwargs={"kind": kind}, default_timeout=60).run()
    assert not app.exception
    if kind == "none":
        assert "compares a single number" in " ".join(text.value for text in app.text)
    else:
        assert "The proof" in " ".join(part.value for part in app.subheader).replace("\\", "")
        assert "<b>" not in app.get("plotly_chart")[0].proto.spec.replace('"<b>x</b>"', "")


def shown(kind: str) -> None:
    """A proof without a project around it."""
    alert = {
        "id": "a1",
        "rule": "a rule of tomorrow",
        "subject": {"kind": "team", "key": "the team"},
        "evidence": {"value": 1.0, "threshold": 2.0, "n": 90, "proof": PROOFS[kind]},
    }
    proofs.proof(None, alert)


def test_alerts_about_one_person_stand_together() -> None:
    def alert(name: str, kind: str, key: str) -> dict:
        return {"id": name, "subject": {"kind": kind, "key": key}}

    about = alert_parts.together(
        [
            alert("1", "annotator", "ann"),
            alert("2", "label", "ann"),
            alert("3", "annotator", "bo"),
            alert("4", "annotator", "ann"),
        ]
    )
    assert [[one["id"] for one in group] for group in about] == [["1", "4"], ["2"], ["3"]]
