"""The queue on its pages: experts are named, an answer is doubted, what comes next and who has what is listed.

Half a minute on two cores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_project import PROJECT, draw_all, opened
from streamlit.testing.v1 import AppTest

from qc.access import Actor, Grant
from qc.store.claims import held
from qc.store.escalations import expertise
from qc.store.samples import drawn_answers
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, browse, open_workspace, people, queue, verdict

ROOT = Path(__file__).parent.parent
LOUD = "<b>:red[loud]</b>"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = opened(open_workspace(tmp_path / "w"), ("sentiment",), items=3)
    draw_all(made, ("cy",))
    return made


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    def open_page(ws: Workspace, name: str) -> AppTest:
        monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        app.query_params["project"] = PROJECT
        return fine(app.run().switch_page(f"dashboard/pages/{name}.py").run())

    return open_page


def fine(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    shown = [*app.text, *app.caption, *app.info, *app.subheader]
    return " ".join(str(part.value) for part in shown).replace("\\", "")


def test_an_expert_is_named_on_the_page_people(page: Any, ws: Workspace) -> None:
    app = page(ws, "people")
    assert "Nobody is an expert of anything yet" in words(app)
    app.text_input(key="expert-name").input("rae@example.org")
    app.selectbox(key="expert-kind").select("label")
    app.text_input(key="expert-key").input(LOUD)
    app.text_input(key="expert-why").input(LOUD)
    app = fine(app.button(key="FormSubmitter:experts-form-Name").click().run())
    assert f"rae@example.org is now an expert of the label {LOUD}." in [text.value for text in app.text]
    (row,) = expertise(ws.store, PROJECT)
    assert (row["person"], row["kind"], row["key"]) == ("rae@example.org", "label", LOUD)
    assert "Experts" in words(app)


def test_the_desk_lets_go_when_its_reader_looks_at_something_else(page: Any, ws: Workspace) -> None:
    app = page(ws, "review")
    assert [row["item_id"] for row in held(ws.store, PROJECT)] == ["message-0"]
    app = fine(app.button(key="review-accept").click().run())
    assert [row["item_id"] for row in held(ws.store, PROJECT)] == ["message-1"]
    fine(app.switch_page("dashboard/pages/checks.py").run())
    assert held(ws.store, PROJECT) == []


def test_what_others_have_is_not_offered(page: Any, ws: Workspace) -> None:
    rae = ws.acting_as(Actor("rae", frozenset({Grant(PROJECT, "reviewer")})))
    for number, place in enumerate(queue.waiting(rae, PROJECT)):
        assert queue.claim(rae, PROJECT, f"desk {number}", [place]) == place.key
    app = page(ws, "review")
    assert "Others have what waits before them: 3 answers." in words(app)
    assert "3 items before others now" in words(app)
    app = page(ws, "checks")
    assert "Next at your desk" in words(app)
    assert "Before people now" in words(app)


def test_an_answer_lost_to_somebody_else_is_not_recorded(page: Any, ws: Workspace) -> None:
    import sqlalchemy as sa

    from qc.store import tables as t

    app = page(ws, "review")
    with ws.store.engine.begin() as connection:
        connection.execute(sa.update(t.claims).values(desk="elsewhere", person="rae"))
    app = app.button(key="review-accept").click().run()
    assert not app.exception
    assert "somebody else has taken it" in app.error[0].value.replace("\\", "")
    assert verdicts(ws.store, PROJECT) == []


def test_what_went_up_comes_first_and_says_so(page: Any, ws: Workspace) -> None:
    sue = ws.acting_as(Actor("sue", frozenset({Grant(PROJECT, "senior")})))
    last = queue.waiting(sue, PROJECT)[-1]
    queue.send_up(sue, PROJECT, *last.key, LOUD)
    app = page(ws, "review")
    assert "This answer went up: a lead decides." in words(app)
    assert f"Item {last.item_id}" in words(app)
    assert "loud" not in words(app)


def test_an_answer_is_doubted_beside_its_item(page: Any, ws: Workspace) -> None:
    people.grant(ws, PROJECT, "lea", "lead")
    lead = ws.acting_as(Actor("lea", frozenset({Grant(PROJECT, "lead")})))
    before = len(drawn_answers(ws.store, PROJECT))
    said = queue.flag(lead, PROJECT, "message-2-ana", "sentiment", LOUD)
    assert said == "The answer to message-2 waits for a reviewer now, before what was drawn."
    assert len(drawn_answers(ws.store, PROJECT)) == before + 1
    app = page(ws, "review")
    assert "Somebody asks for a look at this answer." in words(app)
    verdict.record(
        lead, PROJECT, [{"annotation_id": "message-2-ana", "question": "sentiment", "verdict": "accept"}], "lea"
    )
    assert list(browse.verdict_log(lead, PROJECT)["item_id"]) == ["message-2"]
