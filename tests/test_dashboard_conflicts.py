"""The pages Conflicts and Rulebook in Streamlit's own test harness. About a minute on two busy cores."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_conflicts import HOSTILE, answered, write

from dashboard import conflict_parts
from qc.store.audit import audit_trail
from qc.workspace import Workspace, conflict, disputed, open_workspace, rulebook, sample
from qc.workspace.ingest import ingest
from qc.workspace.rulebook import Wording

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("conflicts")
    rows = [row for at in range(6) for row in answered(f"i{at}", f"text {at}", "ccd" if at % 2 else "dcd")]
    rows += answered(HOSTILE, HOSTILE, "cdf")
    ingest(open_workspace(folder / "w"), "pets", write(folder, rows))
    return folder / "w"


@pytest.fixture
def ws(built: Path, tmp_path: Path) -> Workspace:
    return open_workspace(copytree(built, tmp_path / "w"))


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Any:
    def open_page(ws: Workspace, page: str, **query: str) -> AppTest:
        monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        app.query_params["project"] = "pets"
        app.run().switch_page(f"dashboard/pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return fine(app.run())

    return open_page


def fine(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def press(app: AppTest, words: str) -> AppTest:
    return fine(next(button for button in app.button if button.label == words).click().run())


def said(app: AppTest) -> str:
    parts = [*app.title, *app.subheader, *app.text, *app.caption, *app.error]
    return " ".join(part.value for part in parts).replace("\\", "")


def test_conflicts_are_listed_and_filtered(visit: Any, ws: Workspace) -> None:
    app = visit(ws, "conflicts")
    assert "7 items wait for a decision" in said(app)
    conflict.settle(ws, "pets", "i1", "label", "cat", "", "lea")
    app.run()
    assert "6 items wait" in said(app)
    app.segmented_control(key="conflicts-state").set_value("settled").run()
    assert app.dataframe[0].value["item_id"].tolist() == ["i1"]
    app.button_group(key="conflicts-between").set_value(["gold"]).run()
    assert "No conflict of this kind is settled." in said(fine(app))


def test_what_waits_is_counted_and_where_not_all_is_shown_it_says_so() -> None:
    assert conflict_parts.waiting(1, 3, 1000).startswith("1 item waits for a decision; the hardest stand first.")
    assert conflict_parts.waiting(490, 490, 1000).startswith("490 items wait for a decision; the hardest")
    many = conflict_parts.waiting(1000, 1000, 1000)
    assert many.startswith("At least 1,000 items wait for a decision; the 1,000 hardest are shown.")


def test_one_is_settled_with_all_alike_and_taken_back(visit: Any, ws: Workspace) -> None:
    app = visit(ws, "conflicts", item="i1", asked="label")
    words = said(app)
    assert "Conflict between annotators." in words
    assert "Suggested by consensus: cat" in words
    app.button_group(key="settle-alike").set_value(["same answers"]).run()
    app.multiselect(key="settle-but").set_value(["i5"]).run()
    assert "Settled with it: 4 items" in said(app)
    app.text_input(key="settle-other").set_value("dog")
    app.text_input(key="settle-why").set_value("all of them bark")
    press(app, "Settle these 5")
    assert disputed.conflicts(ws, "pets", settled=True)["settled"].tolist() == ["dog"] * 5
    assert "dog: by a lead" in said(app)
    assert len([row for row in audit_trail(ws.store, "pets") if row["action"] == "settle"]) == 5
    press(app, "Take back all 5 that were settled with it")
    assert disputed.conflicts(ws, "pets", settled=True).empty


def test_a_vote_settles_and_a_tie_does_not(visit: Any, ws: Workspace) -> None:
    app = press(visit(ws, "conflicts", item="i1", asked="label"), "Settle by vote")
    assert "cat: by vote" in said(app)
    app = visit(ws, "conflicts", item=HOSTILE, asked="label")
    next(button for button in app.button if button.label == "Settle by vote").click().run()
    assert "more than half of the people" in said(app)


def test_comments_are_kept_as_plain_text(visit: Any, ws: Workspace) -> None:
    app = visit(ws, "conflicts", item=HOSTILE, asked="label")
    next(box for box in app.text_input if box.label == "Comment").set_value(HOSTILE)
    press(app, "Add")
    assert [row.text for row in conflict.comments(ws, "pets", HOSTILE, "label")] == [HOSTILE]
    assert HOSTILE in [text.value for text in app.text]


def test_a_conflict_becomes_a_rule_that_settles_and_shows_at_the_desk(visit: Any, ws: Workspace) -> None:
    app = visit(ws, "conflicts", item="i1", asked="label")
    app.text_input(key="rule-i1-title").set_value(HOSTILE)
    app.text_area(key="rule-i1-text").set_value("What barks is a dog.")
    app.text_input(key="rule-i1-answer").set_value("dog")
    press(app, "Write the rule")
    (rule,) = rulebook.rules(ws, "pets")
    assert rule.wording.examples[0] == "i1"
    assert set(rule.wording.labels) == {"cat", "dog"}
    assert app.selectbox(key="settle-rule").value == rule.id
    press(app, "Settle")
    standing = conflict.standing(ws, "pets", "i1", "label")
    assert standing is not None
    assert (standing.label, standing.method, standing.rule_id) == ("dog", "rule", rule.id)
    app = visit(ws, "rulebook", rule=rule.id)
    row = app.dataframe[0].value.iloc[0]
    assert (row["rule"], row["settled"], row["state"]) == (HOSTILE, 1, "in force")
    assert "Too little data to say whether the pattern has stopped" in said(app) or "no such item was answered" in said(
        app
    )
    sample.draw(ws, "pets", sample.Ask(rate=1.0))
    desk = visit(ws, "review")
    assert "What barks is a dog." in said(desk)
    assert any(show.label.replace("\\", "").startswith("Rulebook: <b>") for show in desk.expander)


def test_a_rule_is_changed_and_retired(visit: Any, ws: Workspace) -> None:
    key = rulebook.write(ws, "pets", Wording("Tails", "A tail.", "label", ("cat", "dog"), "dog", ("i1",)), "", "lea")
    app = visit(ws, "rulebook", rule=key)
    app.text_area(key=f"{key}-1-text").set_value("A long tail.")
    rulebook.write(ws, "pets", Wording("Ears", "An ear.", "label"), "", "ada", key, 1)
    next(button for button in app.button if button.label == "Save").click().run()
    assert rulebook.rules(ws, "pets")[0].wording.text == "An ear."
    app = visit(ws, "rulebook", rule=key)
    app.text_input(key=f"{key}-2-retire").set_value("obsolete")
    press(app, "Take out of force")
    assert rulebook.rules(ws, "pets")[0].retired


def test_an_empty_rulebook_says_what_to_do(visit: Any, ws: Workspace) -> None:
    assert "The rulebook is empty." in said(visit(ws, "rulebook"))


def test_labels_of_the_question_are_offered_and_what_is_marked_is_settled_as_it_stands(
    visit: Any, tmp_path: Path
) -> None:
    """One item with three questions: `good` and `bad` are no topics, and spans have no label of their own."""
    span = {"region_id": "s", "kind": "spans", "label": "name", "t_start": 0}
    lines = [
        {
            **{"table": "annotations", "item_id": "x", "annotation_id": f"x-{who}", "annotator": who},
            **{"role": "annotator", "status": "submitted", "question": question, "kind": kind, **given},
        }
        for at, who in enumerate(("ana", "bo"))
        for question, kind, given in (
            ("mood", "single", {"label": ("good", "bad")[at]}),
            ("topic", "single", {"label": ("refund", "parcel")[at]}),
            ("names", "spans", {"regions": [span | {"t_end": 3 + at}]}),
        )
    ]
    path = tmp_path / "three.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    work = open_workspace(tmp_path / "three")
    ingest(work, "pets", path)
    app = visit(work, "conflicts", item="x", asked="topic")
    assert app.selectbox(key="settle-label").options == ["parcel", "refund"]
    app = visit(work, "conflicts", item="x", asked="names")
    assert not [box for box in app.selectbox if box.key == "settle-label"]
    [box for box in app.selectbox if box.label == "The answer of"][-1].select("bo")
    press(app, "Settle as it stands")
    assert disputed.conflicts(work, "pets", settled=True)["question"].tolist() == ["names"]


def test_a_probability_is_never_certain(visit: Any, tmp_path: Path) -> None:
    """Two people agree throughout but for the third, who always errs: the consensus is all but sure of the two."""
    rows = [row for at in range(300) for row in answered(f"i{at}", "", "ccd" if at < 200 else "ffd")]
    work = open_workspace(tmp_path / "sure")
    ingest(work, "pets", write(tmp_path, rows))
    assert disputed.conflicts(work, "pets")["probability"].max() > 0.9999
    app = visit(work, "conflicts", item="i1", asked="label")
    assert "(probability over 99.9 %)" in said(app)
    app = visit(work, "conflicts")
    shown = next(frame.value for frame in app.dataframe if "probability" in frame.value)
    assert shown["probability"].max() == 0.9999
