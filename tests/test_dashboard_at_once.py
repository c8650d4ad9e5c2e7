"""Two people at one thing: who pressed second is told who was first, and nothing of the first is overwritten.

Alerts, review levels and roles, on their pages; about a minute on two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import review_loop
from review_loop import WORSE
from streamlit.testing.v1 import AppTest

from qc.model import ConflictError
from qc.store.alerts import alerts
from qc.store.levels import level_history
from qc.workspace import check, levels, open_workspace, people
from qc.workspace.opening import Workspace

ROOT = Path(__file__).parent.parent
RAISE = "raise review level"
TOLD = "was changed by ada a minute ago: look again."


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return review_loop.decided_by_a_lead(tmp_path_factory.mktemp("at-once"))


@pytest.fixture
def own(built: Path, tmp_path: Path) -> Workspace:
    return open_workspace(copytree(built, tmp_path / "workspace"))


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, own: Workspace) -> Callable[..., AppTest]:
    def visited(file: str, **query: str) -> AppTest:
        monkeypatch.setenv("QC_WORKSPACE", str(own.root))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app = app.run().switch_page(f"dashboard/pages/{file}.py").run()
        assert not app.exception
        return app

    return visited


def alert_of(ws: Workspace) -> dict[str, object]:
    return next(row for row in alerts(ws.store, "mail") if row["rule"] == RAISE)


def press(app: AppTest, key: str) -> str:
    app.button(key=key).click().run()
    assert not app.exception
    return refused(app)


def refused(app: AppTest) -> str:
    return " ".join(error.value for error in app.error).replace("\\", "").replace("\u2060", "")


FIRST: dict[str, Callable[[Workspace, str], object]] = {
    "resolved": lambda ws, alert: check.resolve(ws, "mail", alert, "ada", "dealt with"),
    "snoozed": lambda ws, alert: check.snooze(ws, "mail", alert, datetime.now(UTC) + timedelta(days=3), "ada"),
    "handed over": lambda ws, alert: check.assign(ws, "mail", alert, "ada", "ada"),
}


@pytest.mark.parametrize(
    ("first", "key"),
    [("resolved", "ack-{}"), ("snoozed", "done-{}"), ("handed over", "sleep-{}"), ("handed over", "assign-{}")],
)
def test_of_two_at_an_alert_the_second_is_told(
    own: Workspace, visit: Callable[..., AppTest], first: str, key: str
) -> None:
    alert = str(alert_of(own)["id"])
    app = visit("alerts", alert=alert)
    FIRST[first](own, alert)
    stood = alert_of(own)
    assert f"The alert {TOLD}" in press(app, key.format(alert))
    assert alert_of(own) == stood
    if first != "resolved":
        # The page shows now what stands: pressed again, it is done knowingly.
        assert press(app, f"assign-{alert}") == ""


def test_who_wakes_an_alert_must_have_seen_it(own: Workspace) -> None:
    alert = str(alert_of(own)["id"])
    seen = int(str(alert_of(own)["revision"]))
    check.snooze(own, "mail", alert, datetime.now(UTC) + timedelta(days=3), "ada")
    with pytest.raises(ConflictError, match=TOLD):
        check.wake(own, "mail", alert, "bo", seen)
    check.wake(own, "mail", alert, "bo", seen + 1)


def test_of_two_at_a_level_the_second_is_told(own: Workspace, visit: Callable[..., AppTest]) -> None:
    alert = str(alert_of(own)["id"])
    place = f"decide-{alert}"
    app = visit("alerts", alert=alert)
    levels.override(own, "mail", WORSE, "full", "talk first", "ada")
    assert f"The level of {WORSE} {TOLD}" in press(app, f"{place}-approve")
    app = visit("alerts", alert=alert)
    levels.undo(own, "mail", "annotator", WORSE, "talked", "ada")
    app.text_input(key=f"{place}-why").set_value("mine")
    app.selectbox(key=f"{place}-to").set_value("reduced")
    assert f"The level of {WORSE} {TOLD}" in press(app, f"{place}-set")
    assert [row["level"] for row in level_history(own.store, "mail")] == ["full", "normal"]
    app = visit("alerts", alert=alert)
    assert press(app, f"{place}-approve") == ""
    assert level_history(own.store, "mail")[-1]["origin"] == "approved"
    assert alert_of(own)["state"] == "acknowledged"


def test_of_two_who_undo_a_level_the_second_is_told(own: Workspace, visit: Callable[..., AppTest]) -> None:
    levels.override(own, "mail", WORSE, "full", "talk first", "lead")
    alert = str(alert_of(own)["id"])
    app = visit("alerts", alert=alert)
    levels.undo(own, "mail", "annotator", WORSE, "talked", "ada")
    app.text_input(key=f"decide-{alert}-undo").set_value("me too")
    assert f"The level of {WORSE} {TOLD}" in press(app, f"decide-{alert}-undone")
    assert len(level_history(own.store, "mail")) == 2


def test_an_approved_level_leaves_an_alert_that_was_dealt_with(own: Workspace, visit: Callable[..., AppTest]) -> None:
    alert = str(alert_of(own)["id"])
    app = visit("alerts", alert=alert)
    check.resolve(own, "mail", alert, "ada", "dealt with")
    assert press(app, f"decide-{alert}-approve") == ""
    assert level_history(own.store, "mail")[-1]["origin"] == "approved"
    assert alert_of(own)["state"] == "resolved"


def test_of_two_who_give_a_role_the_second_is_told(own: Workspace, visit: Callable[..., AppTest]) -> None:
    ada = own.acting_as(replace(own.actor, name="ada"))
    app = visit("people")
    people.grant(ada, "mail", "bo@example.org", "annotator", annotator=WORSE)
    app.text_input(key="people-name").set_value("bo@example.org")
    app.selectbox(key="people-role").set_value("annotator")
    give = next(button for button in app.button if button.label == "Give")
    give.click().run()
    assert not app.exception
    assert f"The role annotator of bo@example.org {TOLD}" in refused(app)
    (row,) = people.roles(own, "mail")
    assert row["annotator"] == WORSE
    # Others' roles, and other roles of the same person, are nobody's concern.
    people.grant(ada, "mail", "cy@example.org", "lead")
    seen = people.seen(own, "mail")
    people.grant(ada, "mail", "cy@example.org", "reviewer")
    people.grant(own, "mail", "bo@example.org", "lead", expected=seen)


def test_of_two_who_take_a_role_the_second_is_told(own: Workspace) -> None:
    ada = own.acting_as(replace(own.actor, name="ada"))
    people.grant(ada, "mail", "bo@example.org", "lead")
    people.name_expert(ada, "mail", "bo@example.org", "label", "spam")
    seen = people.seen(own, "mail")
    people.revoke(ada, "mail", "bo@example.org", "lead", "left")
    people.end_expertise(ada, "mail", "bo@example.org", "label", "spam", "left")
    with pytest.raises(ConflictError, match=f"The role lead of bo@example.org {TOLD}"):
        people.revoke(own, "mail", "bo@example.org", "lead", "left", expected=seen)
    for act in (people.end_expertise, people.name_expert):
        with pytest.raises(ConflictError, match=f"What bo@example.org is an expert of {TOLD}"):
            act(own, "mail", "bo@example.org", "label", "spam", "left", expected=seen)
    assert people.roles(own, "mail") == people.experts(own, "mail") == []
    seen = people.seen(own, "mail")
    people.name_expert(own, "mail", "bo@example.org", "label", "spam", expected=seen)
    assert len(people.experts(own, "mail")) == 1
