"""What the review desk works with: what waits, what is seen, corrections and their revisions; half a minute.

Expected values follow from `desk_project`, in which the third of three people leaves the last object out.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from desk_project import FOUR, OTHERS, PROJECT, draw_all, opened

from dashboard import desk_form, marked_text, regions_editor
from dashboard.desk_state import Clock, Desk, Verdict
from qc.access import AccessError, Actor, Grant
from qc.figures.changed import GIVEN, STROKES, changed_intervals, changed_shapes, written
from qc.model import ConflictError, InputError, NotFoundError, Policy
from qc.stats.changes import State
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, desk, differing, export, open_workspace, queue, verdict
from qc.workspace.corrected import corrected

RAE = Actor("rae", frozenset({Grant(PROJECT, "reviewer")}))
BO = Actor("bo", frozenset({Grant(PROJECT, "reviewer"), Grant(PROJECT, "annotator")}))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "qc.toml").write_text('media = "media"\n', encoding="utf-8")
    draw_all(opened(open_workspace(folder), (*FOUR, *OTHERS), items=1))
    return folder


@pytest.fixture
def ws(drawn: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(drawn, tmp_path / "w")
    return open_workspace(tmp_path / "w").acting_as(RAE)


@pytest.fixture(scope="module")
def cases(drawn: Path) -> dict[tuple[str, str], desk.Case]:
    ws = open_workspace(drawn)
    return desk.cases(ws, PROJECT, waiting(ws))


def waiting(ws: Workspace) -> list[tuple[str, str]]:
    return [place.key for place in queue.waiting(ws, PROJECT)]


def reject(key: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"annotation_id": key[0], "question": key[1], "verdict": "reject", **more}


def test_what_was_drawn_waits_until_it_is_judged_and_not_for_who_answered(ws: Workspace) -> None:
    keys = waiting(ws)
    assert len(keys) == 36
    assert {annotation_id.rpartition("-")[2] for annotation_id, _ in waiting(ws.acting_as(BO))} == {
        "ana",
        "cy",
    }
    outcome = verdict.record(ws, PROJECT, [reject(keys[0])], "rae")
    assert keys[0] not in waiting(ws)
    assert len(waiting(ws)) == 35
    verdict.undo(ws, PROJECT, outcome.ids[0], "rae")
    assert waiting(ws) == keys


def test_a_case_holds_the_item_and_nothing_of_who_answered(cases: dict[tuple[str, str], desk.Case]) -> None:
    case = cases["pair-0-cy", "preferred"]
    assert [name for name, _ in case.sides] == ["reply_a", "reply_b"]
    assert case.sides[0][1].startswith("We are sorry")
    assert set(cases["report-0-ana", "entities"].choices) == {"place", "person", "company"}
    assert cases["call-0-ana", "speech"].region_kind == "intervals"
    told = repr({name: value for name, value in vars(case).items() if name != "annotation_id"})
    assert "annotator" not in told
    assert "gold" not in told
    assert len(cases) == 36


def test_pictures_and_recordings_are_those_of_the_folder(drawn: Path, cases: dict[tuple[str, str], desk.Case]) -> None:
    ws = open_workspace(drawn)
    picture, recording = desk.seen(ws, PROJECT, cases["objects-0-ana", "objects"])
    assert picture is not None
    assert (picture.width, picture.height, recording) == (520, 340, None)
    assert desk.seen(ws, PROJECT, cases["call-0-ana", "speech"]) == (None, drawn / "media" / "talk.wav")
    assert desk.seen(ws, PROJECT, cases["clip-0-ana", "moving"]) == (None, None)


def test_what_is_known_is_told_apart_from_the_case(ws: Workspace) -> None:
    key = ("message-0-cy", "sentiment")
    known = desk.revealed(ws, PROJECT, [key])[key]
    assert (known.model, known.predicted, known.score, known.seconds) == ("tagger", "neutral", 0.81, 22.0)
    assert known.annotator.startswith("person-")
    assert [(reference.source, reference.given.label) for reference in known.references] == [("gold", "neutral")]
    verdict.record(ws, PROJECT, [reject(key)], "rae")
    case = desk.cases(ws, PROJECT, [key])[key]
    assert desk.beside(ws.acting_as(BO), PROJECT, case).verdicts[0][1] == "reject"
    assert desk.beside(ws, PROJECT, case).verdicts == ()


@pytest.mark.parametrize(
    ("key", "states"),
    [
        (("report-0-bo", "entities"), ["moved", "kept", "kept", "kept", "added"]),
        (("report-0-cy", "entities"), ["relabelled", "kept", "kept", "kept", "added"]),
        (("objects-0-cy", "objects"), ["kept", "relabelled", "kept", "added"]),
        (("outline-0-bo", "outline"), ["moved", "kept", "kept", "kept"]),
        (("area-0-cy", "area"), ["kept", "relabelled", "kept", "added"]),
        (("pose-0-cy", "pose"), ["kept", "relabelled", "kept", "added"]),
        (("clip-0-cy", "moving"), ["relabelled", "added"]),
        (("clip-0-bo", "moving"), ["moved", "kept"]),
        (("call-0-cy", "speech"), ["kept", "relabelled", "kept", "added"]),
    ],
)
def test_the_answer_is_held_against_gold(
    drawn: Path, cases: dict[tuple[str, str], desk.Case], key: tuple[str, str], states: list[str]
) -> None:
    known = desk.revealed(open_workspace(drawn), PROJECT, [key])[key]
    found = differing.against(cases[key], known.references[0].given)
    assert sorted(change.state.value for change in found.objects) == sorted(states)
    assert len(found.rows) + found.kept == len(states)
    assert all(row["what"] != "kept" for row in found.rows)


def test_labels_orders_and_texts_are_held_against_each_other(cases: dict[tuple[str, str], desk.Case]) -> None:
    assert differing.after(cases["message-0-cy", "sentiment"], "neutral").words == (
        ("removed", "negative"),
        ("added", "neutral"),
    )
    assert differing.after(cases["topic-0-ana", "topics"], "sport; travel").words == (
        ("kept", "travel"),
        ("removed", "work"),
        ("added", "sport"),
    )
    assert differing.after(cases["order-0-ana", "order"], "b; a; c").kept == 3
    assert differing.after(cases["summary-0-bo", "summary"], "A parcel was lost.").rows


def test_a_correction_becomes_an_answer_with_regions_of_its_own(ws: Workspace) -> None:
    key = ("report-0-bo", "entities")
    own = desk.cases(ws, PROJECT, [key])[key].given.regions
    right = [{**own[0], "t_end": 11}, *own[2:], {"label": "place", "t_start": 22, "t_end": 28, "quote": "made up"}]
    outcome = verdict.record(
        ws, PROJECT, [reject(key, error_type="missed", corrected_regions=json.dumps(right))], "rae"
    )
    assert outcome.refused == ()
    admin = ws.acting_as(Actor("ada", frozenset({Grant(None, "admin")})))
    facts = export.facts(admin, PROJECT)
    correction = f"correction:{outcome.ids[0]}"
    (row,) = [row for row in facts["annotations"].to_pylist() if row["annotation_id"] == correction]
    assert (row["role"], row["parent"], row["kind"]) == ("reviewer", "report-0-bo", "spans")
    regions = [row for row in facts["regions"].to_pylist() if row["annotation_id"] == correction]
    assert {(region["t_start"], region["t_end"], region["quote"]) for region in regions} >= {
        (0, 11, "Ines Keller"),
        (22, 28, "Lisbon"),
    }
    assert len(regions) == len(right)
    assert {region["author"] for region in regions} == {"rae"}
    (review,) = [row for row in facts["reviews"].to_pylist() if row["annotation_id"] == key[0]]
    assert review["corrected_annotation_id"] == correction


def test_what_nobody_can_draw_is_refused(cases: dict[tuple[str, str], desk.Case]) -> None:
    spans, boxes = cases["report-0-ana", "entities"], cases["objects-0-ana", "objects"]
    for case, rows, why in (
        (spans, [{"label": "place", "t_start": 5, "t_end": 5_000}], "within the text"),
        (spans, [{"label": "nowhere", "t_start": 5, "t_end": 9}], "no label"),
        (spans, [{"label": "place", "t_start": 5}], "no t_end"),
        (boxes, [{"label": "cup", "x": 1.0, "y": 1.0, "w": 0.0, "h": 4.0}], "no width"),
        (boxes, [{"label": "cup", "x": float("inf"), "y": 1.0, "w": 1.0, "h": 4.0}], "is no x"),
        (boxes, [{"label": "cup", "x": "1", "y": 1.0, "w": 1.0, "h": 4.0}], "is no x"),
        (cases["outline-0-ana", "outline"], [{"label": "cup"}], "no points"),
        (cases["area-0-ana", "area"], [{"label": "cup"}], "cannot be drawn"),
        (cases["outline-0-ana", "outline"], [{"label": "cup", "points": [0, 0, 9, 9]}], "2 points where it takes 3"),
        (cases["clip-0-ana", "moving"], [{"label": "car", "x": 1.0, "y": 1.0, "w": 1.0, "h": 1.0}], "a track"),
        (cases["message-0-ana", "sentiment"], [], "nothing is drawn"),
        (boxes, "[" * 100_000, "no JSON"),
        (boxes, '{"a": 1}', "no list"),
        (boxes, [{"label": "cup"}] * 2_001, "too many"),
    ):
        with pytest.raises(InputError, match=why):
            corrected(case, rows)


def test_what_a_table_cannot_say_comes_from_the_answer(cases: dict[tuple[str, str], desk.Case]) -> None:
    case = cases["outline-0-ana", "outline"]
    first = case.given.regions[0]
    (kept,) = corrected(case, [{"region_id": first["region_id"], "label": "lamp", "kind": "boxes"}])
    assert kept == {**first, "label": "lamp"}
    (moved,) = corrected(case, [{"region_id": first["region_id"], "label": "lamp", "points": [0, 0, 9, 0, 9, 9]}])
    assert moved == {**first, "label": "lamp", "points": [0.0, 0.0, 9.0, 0.0, 9.0, 9.0]}
    assert corrected(case, []) == []


def test_outlines_are_moved_and_added_as_written_corners(cases: dict[tuple[str, str], desk.Case]) -> None:
    case = cases["outline-0-ana", "outline"]
    first, second, *others = case.given.regions
    assert regions_editor.table(case)["points"].iloc[0] == "60 103.33, 105 80, 150 103.33, 150 150, 60 150"
    moved = {"edited_rows": {"0": {"points": "60 100, 105 80,150 103.5,  150 150, 60 150, 40 120"}}}
    found = regions_editor.edited(case, moved)
    assert found == [{**first, "points": [60, 100, 105, 80, 150, 103.5, 150, 150, 60, 150, 40, 120]}, second, *others]
    assert [change.state.value for change in differing.after(case, corrected(case, found)).objects][:2] == [
        "moved",
        "kept",
    ]
    added = regions_editor.edited(case, {"added_rows": [{"label": "lamp", "points": "1 1; 9 1; 9 9"}]})
    assert added is not None
    assert corrected(case, added)[-1]["points"] == [1.0, 1.0, 9.0, 1.0, 9.0, 9.0]
    relabelled = regions_editor.edited(case, {"edited_rows": {"0": {"label": "lamp"}}})
    assert relabelled == [{**first, "label": "lamp"}, second, *others]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("60 100, 105", "no pairs of numbers"),
        ("60 100, 105 80", "2 points where it takes 3"),
        ("60 100, 105 80, 1e9 4", "no pairs of numbers"),
        ("6-0 100, 105 80, 9 9", "no pairs of numbers"),
        ("60 100, 105 80, 9 9 | 1 1, 2 2, 3 3", "no pairs of numbers"),
        ("<script>", "no pairs of numbers"),
        (None, "no pairs of numbers"),
    ],
)
def test_corners_that_are_none_are_refused(
    cases: dict[tuple[str, str], desk.Case], written: str | None, why: str
) -> None:
    case = cases["outline-0-ana", "outline"]
    found = regions_editor.edited(case, {"edited_rows": {"0": {"points": written}}})
    assert found is not None
    with pytest.raises(InputError, match=why):
        corrected(case, found)


def test_parts_of_an_object_keep_their_corners_apart(cases: dict[tuple[str, str], desk.Case]) -> None:
    case = cases["outline-0-ana", "outline"]
    parts = tuple(
        {
            **case.given.regions[0],
            "region_id": f"r:{at}",
            "points": [at, 0.0, 9.0, 0.0, 9.0, 9.0],
            "attributes": json.dumps({"region": "r", "part": at}),
        }
        for at in (0, 1)
    )
    whole = replace(case, given=desk.Given(None, (), parts))
    assert regions_editor.table(whole)["points"].tolist() == ["0 0, 9 0, 9 9 | 1 0, 9 0, 9 9"]
    found = regions_editor.edited(whole, {"edited_rows": {"0": {"points": "0 0, 9 0, 9 9|2 0, 9 0, 9 9"}}})
    assert found == [parts[0], {**parts[1], "points": [2.0, 0.0, 9.0, 0.0, 9.0, 9.0]}]


def test_a_change_is_a_new_revision_and_tells_who_changed_it_before(ws: Workspace) -> None:
    key = ("message-0-cy", "sentiment")
    (review_id,) = verdict.record(ws, PROJECT, [reject(key, corrected_label="neutral")], "rae").ids
    assert verdict.revise(ws, PROJECT, review_id, {"verdict": "minor", "comment": "nearly"}, "rae", seen=1) == 2
    (now,) = verdicts(ws.store, PROJECT)
    assert (now["verdict"], now["revision"], now["corrected_label"], now["comment"]) == ("minor", 2, None, "nearly")
    with pytest.raises(ConflictError, match="changed by rae"):
        verdict.revise(ws, PROJECT, review_id, {"verdict": "accept"}, "rae", seen=1)
    with pytest.raises(InputError, match="cannot be changed"):
        verdict.revise(ws, PROJECT, review_id, {"verdict": "perhaps"}, "rae")
    with pytest.raises(AccessError):
        verdict.revise(ws.acting_as(BO), PROJECT, review_id, {"verdict": "accept"}, "bo")
    with pytest.raises(AccessError):
        verdict.undo(ws.acting_as(BO), PROJECT, review_id, "bo")
    with pytest.raises(NotFoundError):
        verdict.undo(ws, PROJECT, "nowhere", "rae")


def test_the_checklist_is_the_projects(ws: Workspace) -> None:
    key = ("message-0-cy", "sentiment")
    outcome = verdict.record(ws, PROJECT, [reject(key, error_type="off topic")], "rae")
    assert "is no error type" in outcome.refused[0][1]
    body = {"review": {"error_types": ["off topic", "other"]}}
    assert Policy.from_json(body).review.error_types == ("off topic", "other")
    for wrong in ([], ["a", "a"], ["Upper"], [" blank"], [1]):
        with pytest.raises(InputError, match="error_types"):
            Policy.from_json({"review": {"error_types": wrong}})


def test_each_state_has_a_stroke_a_sign_and_a_shape_of_its_own() -> None:
    states = [stroke for state, stroke in STROKES.items() if state != GIVEN]
    for looks in ("colour", "sign", "symbol"):
        assert len({getattr(stroke, looks) for stroke in states}) == len(states) == 6
    assert {State(state) for state in STROKES if state != GIVEN} == set(State)


def test_shapes_before_and_after_are_drawn_over_each_other() -> None:
    """A moved box stands where it is and, dotted, where it was; labels are text."""
    box = {"kind": "boxes", "label": "<b>cup</b>", "x": 10.0, "y": 20.0, "w": 4.0, "h": 2.0}
    figure = changed_shapes([("moved", [box], [box | {"x": 30.0}]), ("removed", [box], [])], 100, 50, None)
    seen = [(trace.name, trace.line.dash, trace.x[0]) for trace in figure.data if trace.showlegend]
    assert seen == [("moved: before", "dot", 10.0), ("↔ moved", "solid", 30.0), ("− removed", "dash", 10.0)]
    assert "<b>" not in figure.to_json()
    bars = changed_intervals([("Gold", [("added", [], [{"label": "talk", "sec_start": 1.0, "sec_end": 3.0}])])])
    assert [(bar.name, bar.base[0], bar.x[0], bar.y[0]) for bar in bars.data] == [("+ added", 1.0, 2.0, "Gold")]
    tags = written([("relabelled", [{"label": "a", "t_start": 1, "t_end": 2}], [{"t_start": 1, "t_end": 2}])])
    assert list(tags) == [(1, 2, "relabelled", True, "a → no label")]


class Seen(HTMLParser):
    """What a browser makes of HTML: its tags, the names of their attributes, and the text that is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" \'; color:red; \'',
    "</span></div><style>*{display:none}</style><!--",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "one\ntwo\r\tthree",
    "\u202ecod.exe \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
)


@pytest.mark.parametrize("bad", HOSTILE)
@pytest.mark.parametrize("state", STROKES)
def test_text_of_strangers_stays_text(monkeypatch: pytest.MonkeyPatch, bad: str, state: str) -> None:
    """Whatever a text or a label holds is read as it was written; the page has tags and styles of its own alone."""
    pages: list[str] = []
    monkeypatch.setattr(marked_text.st, "html", pages.append)
    whole = {"label": bad, "t_start": 0, "t_end": len(bad)}
    marked_text.spans(bad, [(state, [whole], [] if state == "removed" else [whole])])
    marked_text.words([(state if state in ("kept", "added", "removed") else GIVEN, bad), ("kept", bad)])
    marked_text.labels([(state, bad), (state, "")])
    marked_text.legend([state, bad])
    sign = STROKES[state].sign
    seen = [Seen(page) for page in pages]
    was = 1 if state in ("moved", "moved and relabelled") else 0
    assert [page.text for page in seen[:3]] == [f"{sign} {bad}".strip(" ") + bad, bad + bad, sign_of(sign, bad)]
    assert len(seen) == (3 if state == GIVEN else 4)
    assert seen[0].tags.count("span") == 2 + was
    for page in seen:
        assert set(page.tags) <= {"div", "span", "/div", "/span"}
        assert page.tags.count("span") == page.tags.count("/span")
        assert page.attributes == {"style"}


def sign_of(sign: str, label: str) -> str:
    lead = f"{sign} " if sign else ""
    return f"{lead}{label}{lead}–"


def test_the_direction_of_a_label_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """U+202E turns all that follows in its paragraph around, except beyond an isolate (UAX 9, 3.1.2)."""
    pages: list[str] = []
    monkeypatch.setattr(marked_text.st, "html", pages.append)
    marked_text.spans("pay 100", [("added", [], [{"label": "\u202elabel", "t_start": 4, "t_end": 7}])])
    tag = pages[0].partition("\u202e")[0].rpartition("<span")[2]
    assert "unicode-bidi:isolate" in tag


def test_the_clock_stops_where_nobody_works() -> None:
    clock = Clock(100.0).now(130.0, idle=60.0).now(1_000.0, idle=60.0).now(1_005.0, idle=60.0)
    assert clock.worked == 30.0 + 60.0 + 5.0
    assert Clock(100.0).now(90.0, idle=60.0).worked == 0.0


def test_the_clock_leaves_out_the_time_out_of_sight() -> None:
    """Of ten minutes nine and a half were out of sight; nobody was hidden for longer than the clock ran."""
    assert Clock(0.0).now(600.0, idle=60.0, hidden=570.0).worked == 30.0
    assert Clock(0.0).now(600.0, idle=60.0, hidden=10.0).worked == 60.0
    assert Clock(0.0, worked=5.0).now(20.0, idle=60.0, hidden=1e9).worked == 5.0


def test_a_session_skips_keeps_what_it_shows_and_undoes() -> None:
    session = Desk()
    keys = [("a", "q"), ("b", "q"), ("c", "q")]
    session.skip(("a", "q"))
    assert session.ordered(keys) == [("b", "q"), ("c", "q"), ("a", "q")]
    session.show(keys[0], 10.0, 60.0)
    session.show(keys[0], 14.0, 60.0)
    assert session.clock.worked == 4.0
    session.show(keys[1], 20.0, 60.0)
    assert session.clock.worked == 0.0
    assert session.ordered([("new", "q"), *keys]) == [("b", "q"), ("new", "q"), ("c", "q"), ("a", "q")]
    session.recorded(Verdict("r", 1, ("b", "q"), {}, ()))
    assert session.ordered([("c", "q"), ("a", "q")]) == [("c", "q"), ("a", "q")]
    session.undone()
    assert (session.done, session.last) == (0, None)
    assert session.ordered([("c", "q"), ("b", "q")]) == [("b", "q"), ("c", "q")]
    session.write()
    assert session.letter("a") is None
    session.written()
    assert session.letter("a") == "a"


def test_what_is_left_as_it_was_is_no_correction_and_one_that_is_looked_at_again_stays(
    drawn: Path, cases: dict[tuple[str, str], desk.Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_form.st, "session_state", {})

    def form(key: tuple[str, str], earlier: dict[str, Any] | None = None) -> desk_form.Form:
        return desk_form.Form(cases[key], ("wrong label",), earlier, lambda: None, lambda letter: None)

    order, topics = ("order-0-ana", "order"), ("topic-0-ana", "topics")
    assert form(order, {"corrected_label": "b; a; c"}).label is None
    assert form(order, {"corrected_label": "a; b; c"}).label == "a; b; c"
    assert form(topics).label is None
    assert form(topics, {"corrected_label": "sport; work"}).label == "sport; work"
    emptied = form(topics)
    desk_form.st.session_state[emptied.key("chosen")] = []
    assert emptied.label == "(nothing marked)"
    assert emptied.said("reject", 1.0)["corrected_label"] == "(nothing marked)"
