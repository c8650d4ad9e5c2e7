"""The queue of the review desk: who is offered what, in which order, what goes up, and the final call; half a minute.

Expected values follow from `desk_project`: three people, of whom the third differs.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_project import FOUR, PROJECT, draw_all, opened

from qc.access import AccessError, Actor, Grant
from qc.model import InputError, NotFoundError, QueuePolicy
from qc.store.audit import audit_trail
from qc.store.policies import save_policy
from qc.store.samples import drawn_answers, draws
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, assess, ingest, lookup, open_workspace, people, queue, verdict
from qc.workspace.queue import going_up


def holder(name: str, *roles: str) -> Actor:
    return Actor(name, frozenset(Grant(PROJECT, role) for role in roles))


RAE, SAM = holder("rae", "reviewer"), holder("sam", "reviewer")
SUE, LEA = holder("sue", "senior"), holder("lea", "lead")
BO = holder("bo", "reviewer", "annotator")
KEY = ("message-0-cy", "sentiment")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("queue")
    draw_all(opened(open_workspace(folder), FOUR, items=2))
    return folder


@pytest.fixture
def ws(drawn: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(drawn, tmp_path / "w")
    return open_workspace(tmp_path / "w")


def waiting(ws: Workspace, actor: Actor) -> list[tuple[str, str]]:
    return [place.key for place in queue.waiting(ws.acting_as(actor), PROJECT)]


def judge(ws: Workspace, actor: Actor, key: tuple[str, str], said: str, **more: Any) -> verdict.Outcome:
    row = {"annotation_id": key[0], "question": key[1], "verdict": said, **more}
    return verdict.record(ws.acting_as(actor), PROJECT, [row], actor.name)


def standing(ws: Workspace, actor: Actor, now: datetime | None = None, desk: str = "") -> queue.Standing:
    own = ws.acting_as(actor)
    return queue.standing(own, PROJECT, queue.waiting(own, PROJECT), now or datetime.now(UTC), desk)


def decide(ws: Workspace, **changes: Any) -> None:
    policy = ws.policy(PROJECT)
    save_policy(ws.store, PROJECT, replace(policy, queue=QueuePolicy(**changes)), "lead", "tried")


def twice(ws: Workspace, key: tuple[str, str]) -> None:
    """Let two people judge an answer, and differ."""
    import sqlalchemy as sa

    from qc.store import tables as t

    with ws.store.engine.begin() as connection:
        here = t.drawn_answers.c.annotation_id == key[0]
        connection.execute(sa.update(t.drawn_answers).where(here).values(reviews_wanted=2))
    judge(ws, RAE, key, "accept")
    judge(ws, SAM, key, "reject", corrected_label="neutral")


def test_two_people_are_never_given_the_same_item(ws: Workspace) -> None:
    rae, sam = ws.acting_as(RAE), ws.acting_as(SAM)
    wanted = queue.waiting(rae, PROJECT)
    first = queue.claim(rae, PROJECT, "one", wanted)
    second = queue.claim(sam, PROJECT, "two", queue.waiting(sam, PROJECT))
    items = {place.key: place.item_id for place in wanted}
    assert first is not None
    assert second is not None
    assert first == wanted[0].key
    assert items[first] != items[second]
    # All answers to an item are before the one who has it; another window is somebody else.
    assert queue.claim(rae, PROJECT, "three", [place for place in wanted if place.item_id == items[first]]) is None
    assert queue.claim(rae, PROJECT, "one", wanted) == first
    queue.leave(rae, PROJECT, "one")
    assert queue.claim(sam, PROJECT, "two", wanted) == first
    (row,) = queue.before_people(sam, PROJECT, datetime.now(UTC))
    assert (row["item_id"], row["person"]) == (items[first], "sam")
    (row,) = queue.before_people(rae, PROJECT, datetime.now(UTC))
    assert row["person"].startswith("person-")
    assert not queue.hold(rae, PROJECT, "one", items[first])
    assert queue.hold(sam, PROJECT, "two", items[first])


def test_an_answer_judged_a_moment_ago_is_passed_over(ws: Workspace) -> None:
    wanted = queue.waiting(ws.acting_as(RAE), PROJECT)
    judge(ws, SAM, wanted[0].key, "accept")
    taken = queue.claim(ws.acting_as(RAE), PROJECT, "one", wanted)
    assert taken == wanted[1].key


def test_nobody_is_offered_or_may_judge_their_own(ws: Workspace) -> None:
    assert not [key for key in waiting(ws, BO) if key[0].endswith("-bo")]
    assert len(waiting(ws, BO)) == 2 * len(waiting(ws, RAE)) // 3
    outcome = judge(ws, BO, ("message-0-bo", "sentiment"), "accept")
    assert [why for _row, why in outcome.refused] == ["this answer is your own: somebody else has to judge it"]


def test_who_may_not_review_is_refused(ws: Workspace) -> None:
    ann = ws.acting_as(holder("ann", "annotator"))
    for asked in (
        lambda: queue.waiting(ann, PROJECT),
        lambda: queue.claim(ann, PROJECT, "one", []),
        lambda: queue.hold(ann, PROJECT, "one", "message-0"),
        lambda: queue.flag(ann, PROJECT, *KEY, "hm"),
        lambda: queue.standing(ann, PROJECT, [], datetime.now(UTC)),
        lambda: people.name_expert(ann, PROJECT, "rae", "label", "neutral"),
    ):
        with pytest.raises(AccessError):
            asked()


def test_labels_and_batches_that_the_policy_names_go_to_their_tier(ws: Workspace) -> None:
    everything = waiting(ws, RAE)
    decide(ws, senior_labels=("neutral",), lead_labels=("person", "place", "company"))
    found = ws.snapshot(PROJECT).rows(lookup.current_answers)
    neutral = {(row.annotation_id, row.question) for row in found.itertuples() if row.label == "neutral"}
    spans = {key for key in everything if key[1] == "entities"}
    assert set(waiting(ws, RAE)) == set(everything) - neutral - spans
    assert set(waiting(ws, SUE)) == set(everything) - spans
    assert waiting(ws, LEA) == everything
    key = next(key for key in everything if key in neutral)
    assert judge(ws, RAE, key, "accept").refused == ((1, "this answer waits for a senior"),)
    assert judge(ws, SUE, key, "accept").recorded == 1
    assert verdicts(ws.store, PROJECT)[0]["tier"] == "senior"
    with pytest.raises(InputError, match="disagreement"):
        QueuePolicy(disagreement="boss")


def test_what_two_reviewers_see_differently_goes_up_and_the_lead_settles_it(ws: Workspace) -> None:
    before = waiting(ws, LEA)
    twice(ws, KEY)
    assert KEY not in waiting(ws, holder("una", "reviewer"))
    assert waiting(ws, SUE)[0] == waiting(ws, LEA)[0] == KEY
    assert [place.tier for place in queue.waiting(ws.acting_as(SUE), PROJECT) if place.went_up] == ["senior"]
    refused = judge(ws, LEA, KEY, "reject").refused
    assert refused == ((1, "this is the final call on its item, so it has to say what is right"),)
    outcome = judge(ws, LEA, KEY, "reject", corrected_label="neutral")
    assert outcome.recorded == 1
    assert waiting(ws, LEA) == [key for key in before if key != KEY]
    (call,) = settlements(ws.store, PROJECT)
    assert (call["item_id"], call["label"], call["actor"]) == ("message-0", "neutral", "lea")
    part = next(part for part in assess.section(ws, PROJECT, "errors") if part["source"] == "adjudication")
    assert part["overall"]["n"] >= 1
    # Another verdict of the lead is another call, and without the verdict there is none.
    lea, row = ws.acting_as(LEA), {"verdict": "accept"}
    verdict.revise(lea, PROJECT, outcome.ids[0], row, "lea")
    given = ws.snapshot(PROJECT).rows(lambda facts: lookup.by_ids(facts, [KEY[0]]))["label"].iloc[0]
    assert [call["label"] for call in settlements(ws.store, PROJECT)] == [given]
    verdict.undo(lea, PROJECT, outcome.ids[0], "lea")
    assert settlements(ws.store, PROJECT) == []
    assert waiting(ws, LEA)[0] == KEY


def test_a_senior_decides_what_differs_and_a_lead_is_not_asked(ws: Workspace) -> None:
    twice(ws, KEY)
    judge(ws, SUE, KEY, "reject", corrected_label="neutral")
    assert KEY not in waiting(ws, LEA)
    assert settlements(ws.store, PROJECT) == []
    decide(ws, disagreement="lead")
    assert KEY in waiting(ws, LEA)


def test_a_reviewer_leaves_an_answer_to_those_above(ws: Workspace) -> None:
    key = waiting(ws, RAE)[3]
    with pytest.raises(InputError, match="Say why"):
        queue.send_up(ws.acting_as(RAE), PROJECT, *key, " ")
    assert queue.send_up(ws.acting_as(RAE), PROJECT, *key, "two readings").endswith("waits for a senior now.")
    with pytest.raises(InputError, match="waits for a senior already"):
        queue.send_up(ws.acting_as(SAM), PROJECT, *key, "so I think")
    assert key not in waiting(ws, RAE)
    assert waiting(ws, SUE)[0] == key
    queue.send_up(ws.acting_as(SUE), PROJECT, *key, "not mine either")
    assert key not in waiting(ws, SUE)
    assert waiting(ws, LEA)[0] == key
    with pytest.raises(InputError, match="Nobody stands above"):
        queue.send_up(ws.acting_as(LEA), PROJECT, *key, "no")
    trail = [row["reason"] for row in audit_trail(ws.store, PROJECT) if row["action"] == "send up"]
    assert sorted(trail) == ["not mine either", "two readings"]


def test_an_answer_that_somebody_doubts_is_drawn_with_certainty(tmp_path: Path) -> None:
    ws = opened(open_workspace(tmp_path / "w"), ("sentiment",), items=2)
    assert "before what was drawn" in queue.flag(ws.acting_as(RAE), PROJECT, *KEY, "odd")
    (row,) = drawn_answers(ws.store, PROJECT)
    assert (row["share"], row["pi"], row["reviews_wanted"]) == ("routed", 1.0, 1)
    assert row["reasons"] == [going_up.FLAGGED]
    # It is no sample: what came before it can still be drawn.
    assert draws(ws.store, PROJECT) == []
    assert waiting(ws, SAM) == [KEY]
    with pytest.raises(InputError, match="waits for a reviewer already"):
        queue.flag(ws.acting_as(SAM), PROJECT, *KEY, "me too")
    judge(ws, SAM, KEY, "accept")
    assert waiting(ws, RAE) == []
    assert queue.flag(ws.acting_as(RAE), PROJECT, *KEY, "still odd").startswith(
        "The answer to message-0 waits for a senior"
    )
    assert waiting(ws, SUE) == [KEY]
    with pytest.raises(NotFoundError, match="no answer 'none'"):
        queue.flag(ws.acting_as(RAE), PROJECT, "none", "sentiment", "odd")


def test_experts_take_what_their_expertise_names(ws: Workspace) -> None:
    for name in ("rae", "sam"):
        people.grant(ws, PROJECT, name, "reviewer")
    everything = waiting(ws, RAE)
    said = people.name_expert(ws, PROJECT, "Rae", "question", "preferred", "linguist")
    assert said == "rae is now an expert of the question preferred."
    people.name_expert(ws, PROJECT, "sam", "label", "positive")
    pairs = [key for key in everything if key[1] == "preferred"]
    found = ws.snapshot(PROJECT).rows(lookup.current_answers)
    positive = [
        key for key in everything if key in set(zip(found["annotation_id"], found["question"], strict=True))
        and found.set_index(["annotation_id", "question"])["label"][key] == "positive"
    ]  # fmt: skip
    assert positive
    assert waiting(ws, RAE) == pairs + [key for key in everything if key not in {*pairs, *positive}]
    assert waiting(ws, SAM)[: len(positive)] == positive
    assert not set(waiting(ws, SAM)) & set(pairs)
    assert waiting(ws, LEA) == everything
    assert standing(ws, RAE).expert == len(pairs)
    # Nobody waits for an expert who is gone.
    people.revoke(ws, PROJECT, "rae", "reviewer")
    assert set(pairs) <= set(waiting(ws, SAM))
    people.end_expertise(ws, PROJECT, "sam", "label", "positive")
    assert waiting(ws, SAM) == everything
    with pytest.raises(NotFoundError, match="no expert of the label positive"):
        people.end_expertise(ws, PROJECT, "sam", "label", "positive")
    with pytest.raises(InputError, match="Name what somebody is an expert of"):
        people.name_expert(ws, PROJECT, "sam", "colour", "blue")


def test_batches_and_sites_are_known_of_answers_and_items(tmp_path: Path) -> None:
    from qc.workspace import ingest

    ws = open_workspace(tmp_path / "w")
    sheet = tmp_path / "answers.csv"
    rows = [f"i{number},ann,{'ab'[number % 2]},batch-{number},{'oslo' if number else 'nuuk'}" for number in range(3)]
    sheet.write_text("item,annotator,label,batch,site\n" + "\n".join(rows) + "\n", encoding="utf-8")
    ingest.ingest(ws, PROJECT, sheet)
    draw_all(ws, ("ann",))
    decide(ws, senior_batches=("batch-1",))
    people.grant(ws, PROJECT, "sam", "reviewer")
    people.name_expert(ws, PROJECT, "sam", "site", "nuuk")
    items = {place.item_id: place for place in queue.waiting(ws.acting_as(LEA), PROJECT)}
    assert {item: place.tier for item, place in items.items()} == {"i0": "reviewer", "i1": "senior", "i2": "reviewer"}
    assert [place.item_id for place in queue.waiting(ws.acting_as(RAE), PROJECT)] == ["i2"]
    assert [place.item_id for place in queue.waiting(ws.acting_as(SAM), PROJECT)] == ["i0", "i2"]


def test_what_remains_is_reckoned_at_the_present_pace(ws: Workspace) -> None:
    now = datetime.now(UTC)
    total = len(waiting(ws, RAE))
    before = standing(ws, RAE, now)
    assert (before.waiting, before.seconds, before.timed, before.overdue, before.held) == (total, 60.0, 0, 0, 0)
    for key, seconds in zip(waiting(ws, RAE)[:5], (10, 20, 30, 40, 600), strict=True):
        judge(ws, RAE, key, "accept", seconds=seconds)
    queue.claim(ws.acting_as(SAM), PROJECT, "two", queue.waiting(ws.acting_as(SAM), PROJECT))
    after = standing(ws, RAE, now + timedelta(days=8), "one")
    assert (after.seconds, after.timed, after.waiting, after.overdue) == (30.0, 5, total - 5, total - 5)
    assert after.hours == pytest.approx(30 * (total - 5) / 3600)
    # A claim whose time is over is none.
    assert after.held == 0
    assert standing(ws, RAE, desk="one").held == 1


def test_how_long_answers_take_on_their_way(ws: Workspace) -> None:
    found = {row["step"]: row["seconds"] for row in queue.times(ws, PROJECT)}
    assert found["from submission to the draw"]["n"] == len(waiting(ws, RAE))
    nothing = found["from the draw to the first verdict"]
    assert (nothing["value"], nothing["reason"]) == (None, "nothing was timed")
    twice(ws, KEY)
    found = {row["step"]: row["seconds"] for row in queue.times(ws, PROJECT)}
    assert found["from the draw to the first verdict"]["n"] == 1
    # It went up, and is not resolved before somebody above has judged it.
    assert found["from submission to the resolution"]["n"] == 0
    judge(ws, LEA, KEY, "accept")
    found = {row["step"]: row["seconds"] for row in queue.times(ws, PROJECT)}
    assert found["from submission to the resolution"]["n"] == 1
    assert found["from submission to the resolution"]["value"] >= found["from submission to the first verdict"]["value"]


def test_what_a_lead_drew_right_is_the_final_call(ws: Workspace) -> None:
    key = next(key for key in waiting(ws, RAE) if key[1] == "objects" and key[0].endswith("-cy"))
    queue.send_up(ws.acting_as(SUE), PROJECT, *key, "edges")
    judge(ws, LEA, key, "accept")
    (call,) = settlements(ws.store, PROJECT)
    assert (call["item_id"], call["kind"]) == (key[0].removesuffix("-cy"), "boxes")
    assert call["regions"] is not None


def test_what_a_lead_marks_where_nothing_was_is_what_everybody_is_judged_by(tmp_path: Path) -> None:
    """Of one report ana marks a name, bo nothing; the lead marks the name in bo's answer."""
    name = {"region_id": "s", "kind": "spans", "label": "person", "t_start": 0, "t_end": 11}
    given = {"ana": {"kind": "spans", "regions": [name]}, "bo": {"kind": "none"}}
    lines: list[dict[str, Any]] = [{"table": "items", "item_id": "r", "text": "Ines Keller flew.", "media": "text"}]
    lines += [
        {
            **{"table": "annotations", "item_id": "r", "question": "names", "role": "annotator", "annotator": who},
            **{"annotation_id": f"r-{who}", "status": "submitted", **answer},
        }
        for who, answer in given.items()
    ]
    path = tmp_path / "names.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    work = open_workspace(tmp_path / "names")
    ingest.ingest(work, PROJECT, path)
    draw_all(work)
    queue.send_up(work.acting_as(SUE), PROJECT, "r-bo", "names", "is nothing there?")
    right = json.dumps([{"label": "person", "t_start": 0, "t_end": 11}])
    assert judge(work, LEA, ("r-bo", "names"), "reject", corrected_regions=right).recorded == 1
    judged = next(part for part in assess.section(work, PROJECT, "errors") if part["source"] == "adjudication")
    assert {row["annotator"]: row["rate"]["value"] for row in judged["by_annotator"]} == {"ana": 0.0, "bo": 1.0}


def test_a_label_is_no_correction_of_what_is_drawn_but_nothing_is(ws: Workspace) -> None:
    key = ("objects-0-cy", "objects")
    refused = judge(ws, RAE, key, "reject", corrected_label="cup").refused
    assert refused == ((1, "what is drawn or marked is put right at the desk, not by a corrected label"),)
    assert judge(ws, RAE, key, "reject", corrected_label="(nothing marked)").recorded == 1


def test_a_draw_is_handed_out_in_its_order(ws: Workspace) -> None:
    order = [(row["annotation_id"], row["question"]) for row in drawn_answers(ws.store, PROJECT)]
    assert waiting(ws, RAE) == order
