"""Judgements, by hand: what counts as an error, from which source, and what is known of the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from facts import Row, answer, at, draw, gold, item, opened, records, review

from qc.engine import RecordTables
from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, ErrorPolicy, Policy, Scope


def rows(
    folder: Path,
    name: str,
    *,
    by: tuple[str, ...] = (),
    scope: Scope = EVERYTHING,
    policy: ErrorPolicy | None = None,
    record: RecordTables | None = None,
    **facts: Any,
) -> list[Row]:
    """The rows that a measure gives of small facts."""
    session = opened(folder, record, **facts)
    base = Base(session, Policy(errors=policy or ErrorPolicy()))
    return records(session.run(measure(name)(base, scope, by)))


def counts(folder: Path, *columns: str, **facts: Any) -> list[tuple[Any, ...]]:
    """Columns of judged_counts."""
    return [tuple(row[name] for name in columns) for row in rows(folder, "judged_counts", **facts)]


ANA, BO, CY = (answer("i1", who, label) for who, label in (("ana", "cat"), ("bo", "dog"), ("cy", "cow")))
SUMMARY = ("source", "n", "errors", "minor")


def test_any_accepted_gold_answer_is_right_and_truth_is_only_known_where_one_is_accepted(tmp_path: Path) -> None:
    facts = [ANA, BO, CY, gold("i1", "cat"), gold("i1", "dog"), answer("i2", "ana", "cow"), gold("i2", "cat")]
    assert counts(tmp_path, *SUMMARY, annotations=facts) == [("gold", 4, 2, 0)]
    found = rows(tmp_path, "confusion", annotations=facts)
    assert [(row["truth"], row["given"], row["n"]) for row in found] == [
        ("(not stated)", "cow", 1),
        ("cat", "cat", 1),
        ("cat", "cow", 1),
        ("dog", "dog", 1),
    ]


def test_gold_that_was_replaced_is_gold_no_more(tmp_path: Path) -> None:
    old = gold("i1", "dog", current=False, annotation_id="g")
    new = gold("i1", "cat", revision=2, annotation_id="g")
    assert counts(tmp_path, *SUMMARY, annotations=[ANA, BO, old, new]) == [("gold", 2, 1, 0)]


def test_gold_of_a_kind_that_is_not_compared_judges_nothing(tmp_path: Path) -> None:
    facts = [answer("i1", "ana", kind="boxes"), answer("i1", "g", kind="boxes", role="gold")]
    assert counts(tmp_path, *SUMMARY, annotations=facts) == []


def test_the_latest_settlement_judges_all_answers_to_its_item(tmp_path: Path) -> None:
    settled = pd.DataFrame(
        [
            answer("i1", "lead", "cow", annotation_id="s1", submitted_at=at(9)),
            answer("i1", "lead", "cat", annotation_id="s2", submitted_at=at(10)),
        ]
    )
    found = rows(
        tmp_path, "judged_counts", by=("annotator",), annotations=[ANA, BO], record=RecordTables(settlements=settled)
    )
    assert [(row["annotator"], row["source"], row["errors"]) for row in found] == [
        ("ana", "adjudication", 0),
        ("bo", "adjudication", 1),
    ]


@pytest.mark.parametrize(("minor_is_error", "errors"), [(False, 1), (True, 2)])
def test_reject_is_an_error_and_minor_is_one_where_the_policy_says_so(
    tmp_path: Path, minor_is_error: bool, errors: int
) -> None:
    reviews = [review(ANA, "accept"), review(BO, "reject"), review(CY, "minor")]
    policy = ErrorPolicy(minor_is_error=minor_is_error)
    assert counts(tmp_path, *SUMMARY, annotations=[ANA, BO, CY], reviews=reviews, policy=policy) == [
        ("review", 3, errors, 1)
    ]


def test_a_word_that_is_no_verdict_judges_nothing(tmp_path: Path) -> None:
    assert counts(tmp_path, *SUMMARY, annotations=[ANA], reviews=[review(ANA, "perhaps")]) == []


def test_the_latest_review_counts_and_the_record_before_the_export(tmp_path: Path) -> None:
    reviews = [
        review(ANA, "reject", decided_at=at(1), error_type="wrong label", severity="major"),
        review(ANA, "accept", decided_at=at(2), reviewer="rolf"),
        review(BO, "accept", decided_at=at(9)),
        review(CY, "reject", decided_at=at(3), error_type="format"),
        review(CY, "accept", decided_at=None, reviewer="rolf"),
    ]
    verdicts = pd.DataFrame([review(BO, "reject", decided_at=at(4), error_type="missed", severity="minor")])
    facts: dict[str, Any] = {
        "annotations": [ANA, BO, CY],
        "reviews": reviews,
        "record": RecordTables(verdicts=verdicts),
    }
    assert [row[:3] for row in counts(tmp_path, "annotator", "n", "errors", by=("annotator",), **facts)] == [
        ("ana", 1, 0),
        ("bo", 1, 1),
        ("cy", 1, 1),
    ]
    assert rows(tmp_path, "error_types", **facts) == [
        {"source": "review", "error_type": "format", "severity": None, "n": 1},
        {"source": "review", "error_type": "missed", "severity": "minor", "n": 1},
    ]


def test_one_rejected_region_makes_one_wrong_answer(tmp_path: Path) -> None:
    reviews = [
        review(ANA, "accept", region_id="1", review_id="1"),
        review(ANA, "reject", region_id="2", review_id="2", error_type="missed"),
        review(ANA, "reject", region_id="3", review_id="3", error_type="extra"),
    ]
    assert counts(tmp_path, *SUMMARY, annotations=[ANA], reviews=reviews) == [("review", 1, 1, 0)]
    assert [row["error_type"] for row in rows(tmp_path, "error_types", annotations=[ANA], reviews=reviews)] == [
        "extra",
        "missed",
    ]


def test_a_review_without_a_question_is_of_the_whole_submission(tmp_path: Path) -> None:
    other = answer("i1", "ana", "yes", question="visible")
    reviews = [review(ANA, "reject", question=None), review(BO, "reject", question="unheard of")]
    found = counts(tmp_path, "question", "n", "errors", by=("question",), annotations=[ANA, other, BO], reviews=reviews)
    assert found == [("label", 1, 1), ("visible", 1, 1)]


def test_truth_is_what_the_reviewer_put_in_place_or_accepted(tmp_path: Path) -> None:
    """ana is accepted, bo corrected by a named answer, cy by an answer whose parent it is, dee rejected without."""
    dee = answer("i1", "dee", "pig")
    corrections = pd.DataFrame(
        [
            answer("i1", "rosa", "cat", annotation_id="c1", submitted_at=at(5)),
            answer("i1", "rosa", "dog", annotation_id="c2", parent=CY["annotation_id"], submitted_at=at(5)),
            answer("i1", "rosa", "cat", annotation_id="c3", parent=CY["annotation_id"], submitted_at=at(6)),
        ]
    )
    reviews = [
        review(ANA, "accept"),
        review(BO, "reject", corrected_annotation_id="c1"),
        review(CY, "reject"),
        review(dee, "reject"),
    ]
    facts: dict[str, Any] = {
        "annotations": [ANA, BO, CY, dee],
        "reviews": reviews,
        "record": RecordTables(corrections=corrections),
    }
    found = rows(tmp_path, "confusion", **facts)
    assert [(row["truth"], row["given"], row["n"]) for row in found] == [
        ("(not stated)", "pig", 1),
        ("cat", "cat", 1),
        ("cat", "cow", 1),
        ("cat", "dog", 1),
    ]
    # Where the truth is unknown the answer stands under what was given.
    assert counts(tmp_path, "label", "n", "errors", by=("label",), **facts) == [("cat", 3, 2), ("pig", 1, 1)]


def test_a_review_is_of_the_revision_that_it_judged(tmp_path: Path) -> None:
    first = answer("i1", "ana", "cat", annotation_id="x", current=False, answer_hash="one")
    second = answer("i1", "ana", "dog", annotation_id="x", revision=2, answer_hash="two")
    for digest, given in (("one", "cat"), ("two", "dog"), (None, "cat")):
        reviews = [review(first, "accept", judged_digest=digest)]
        found = rows(tmp_path, "confusion", annotations=[first, second], reviews=reviews)
        assert [(row["truth"], row["given"]) for row in found] == [(given, given)]


def test_a_judgement_carries_the_draw_that_offered_it(tmp_path: Path) -> None:
    """The latest draw before the decision; a later draw waits for a verdict of its own."""
    draws = pd.DataFrame(
        [
            draw(ANA, 0.5, draw_id="early", drawn_at=at(0)),
            draw(ANA, 0.25, draw_id="right", drawn_at=at(1), stratum="ana|normal"),
            draw(ANA, 1.0, draw_id="late", drawn_at=at(3)),
            draw(ANA, 1.0, draw_id="other question", question="visible", drawn_at=at(1.5)),
        ]
    )
    verdicts = pd.DataFrame([review(ANA, "reject", decided_at=at(2)), review(BO, "accept", decided_at=at(2))])
    found = rows(tmp_path, "judged_counts", annotations=[ANA, BO], record=RecordTables(verdicts=verdicts, draws=draws))
    assert [(row["draw_id"], row["share"], row["stratum"], row["pi"], row["n"], row["errors"]) for row in found] == [
        ("right", "random", "ana|normal", 0.25, 1, 1),
        (None, None, None, None, 1, 0),
    ]
    assert (found[0]["stratum_size"], found[0]["stratum_drawn"]) == (10, 5)


def test_control_charts_see_gold_and_the_random_share_in_the_order_of_judgement(tmp_path: Path) -> None:
    facts = [
        answer("i1", "ana", "cat", submitted_at=at(3)),
        answer("i2", "ana", "cat", submitted_at=at(2)),
        answer("i3", "ana", "cat", submitted_at=at(1)),
        gold("i1", "dog"),
        gold("i2", "cat"),
    ]
    drawn = [draw(facts[0], 0.5, share="random"), draw(facts[1], 0.5, share="risk"), draw(facts[2], 0.5)]
    verdicts = [review(row, "reject", decided_at=at(60 + place)) for place, row in enumerate(facts[:3])]
    record = RecordTables(verdicts=pd.DataFrame(verdicts), draws=pd.DataFrame(drawn))
    found = rows(tmp_path, "judged_sequence", annotations=facts, record=record)
    start = int(at(0).timestamp())
    assert [(row["source"], row["item_id"], row["at_ms"] // 1000 - start, row["error"]) for row in found] == [
        ("gold", "i2", 120, 0),
        ("gold", "i1", 180, 1),
        ("review", "i1", 3600, 1),
        ("review", "i3", 3720, 1),
    ]


def test_consensus_is_the_plurality_of_the_others_and_never_a_tie(tmp_path: Path) -> None:
    """i1 cat cat dog cow. Of cat's others (cat, dog, cow) none leads; dog and cow stand against two cats.

    i2 cat dog: each stands against the one other. i3 has nobody else; i4 cat cat dog dog: all face one against two.
    """
    four = {"i1": "cat cat dog cow", "i2": "cat dog", "i3": "cat", "i4": "cat cat dog dog"}
    facts = [answer(what, f"p{n}", label) for what, labels in four.items() for n, label in enumerate(labels.split())]
    allowed = ErrorPolicy(judge_by_consensus=True)
    assert counts(tmp_path, *SUMMARY, annotations=facts) == []
    assert counts(tmp_path, *SUMMARY, annotations=facts, policy=allowed) == [("consensus", 8, 8, 0)]
    found = rows(tmp_path, "confusion", annotations=facts, policy=allowed)
    assert [(row["truth"], row["given"], row["n"]) for row in found] == [
        ("cat", "cow", 1),
        ("cat", "dog", 4),
        ("dog", "cat", 3),
    ]
    agreed = [answer("i5", f"p{n}", "cat") for n in range(3)]
    assert counts(tmp_path, *SUMMARY, annotations=agreed, policy=allowed) == [("consensus", 3, 0, 0)]


def test_counts_by_day_site_and_batch(tmp_path: Path) -> None:
    facts = [answer("i1", "ana", "cat", submitted_at=at(0)), answer("i2", "ana", "cat", batch="b2"), gold("i1", "cat")]
    found = counts(
        tmp_path,
        *("day", "site", "batch", "guideline", "n"),
        by=("day", "site", "batch", "guideline"),
        annotations=[*facts, gold("i2", "dog")],
        items=[item("i1", site="here", batch="b1", guideline="v1")],
    )
    assert found == [("2026-03-02", "here", "b1", "v1", 1), (None, None, "b2", None, 1)]


def test_equal_labels_of_two_questions_meet_under_one_label(tmp_path: Path) -> None:
    facts = [answer("i1", "ana", "cat", question=question) for question in ("a", "b")]
    facts += [gold("i1", "cat", question="a"), gold("i1", "dog", question="b")]
    assert counts(tmp_path, "label", "n", "errors", by=("label",), annotations=facts) == [("cat", 1, 0), ("dog", 1, 1)]
    assert counts(tmp_path, "question", "label", "n", by=("question", "label"), annotations=facts) == [
        ("a", "cat", 1),
        ("b", "dog", 1),
    ]


def guess(what: str, label: str, score: float | None = 0.95, **other: Any) -> Row:
    """A model's answer."""
    return answer(what, "bot", label, role="model", model="m1", score=score, **other)


def test_models_are_followed_and_judged_by_truths_that_they_did_not_suggest(tmp_path: Path) -> None:
    """Gold of i1 says dog; reviews of i2 and i3 saw the model's label, that of i6 did not."""
    edited = answer("i3", "ana", "cow", origin="prediction_edited")
    kept = answer("i2", "ana", "cat", origin="prediction")
    alone = answer("i6", "bo", "dog")
    facts = [
        *(guess(what, "cat") for what in ("i1", "i2", "i3", "i6")),
        guess("i4", "cat", score=0.42),
        guess("i5", "cat", score=None),
        answer("i1", "ana", "cat", origin="prediction"),
        answer("i1", "bo", "dog"),
        kept,
        edited,
        alone,
        answer("i5", "ana", "cat"),
        gold("i1", "dog"),
        gold("i4", "cat"),
    ]
    corrections = pd.DataFrame([answer("i3", "rosa", "cat", annotation_id="c")])
    reviews = [review(kept, "accept"), review(edited, "reject", corrected_annotation_id="c"), review(alone, "accept")]
    given: dict[str, Any] = {"annotations": facts, "reviews": reviews, "record": RecordTables(corrections=corrections)}
    for name in ("used", "judged", "helped", "doubts"):
        (tmp_path / name).mkdir()
    (used,) = rows(tmp_path / "used", "model_counts", **given)
    assert used == {"model": "m1", "n": 6, "followed": 3, "shown": 3, "shown_followed": 2, "unchanged": 2}
    judged = rows(tmp_path / "judged", "model_judged", **given)
    columns = ("label", "truth", "right", "source", "score_milli")
    assert [tuple(row[name] for name in columns) for row in judged] == [
        ("cat", "dog", 0, "gold", 950),
        ("cat", "cat", 1, "review, label seen", 950),
        ("cat", "cat", 1, "review, label seen", 950),
        ("cat", "cat", 1, "gold", 420),
        ("cat", "dog", 0, "review", 950),
    ]
    helped = rows(tmp_path / "helped", "prelabelled", **given)
    columns = ("annotator", "shown", "model_wrong", "survived", "error")
    assert [tuple(row[name] for name in columns) for row in helped] == [
        ("ana", 1, 1, 1, 1),
        ("ana", 1, 0, 1, 0),
        ("ana", 1, 0, 0, 1),
        ("bo", 0, 1, 0, 0),
        ("bo", 0, 1, 0, 0),
    ]
    assert [row["item_id"] for row in rows(tmp_path / "doubts", "doubts", **given)] == ["i5"]


def test_of_a_models_answers_the_current_and_surest_counts(tmp_path: Path) -> None:
    facts = [
        guess("i1", "cat", 0.3, annotation_id="m1"),
        guess("i1", "dog", 0.6, annotation_id="m2"),
        guess("i1", "cow", 0.9, annotation_id="m3", current=False),
        answer("i1", "ana", "dog"),
    ]
    found = rows(tmp_path, "model_counts", annotations=facts)
    assert [(row["n"], row["followed"]) for row in found] == [(1, 1)]
    with_gold = [*facts, gold("i1", "dog")]
    assert [row["score_milli"] for row in rows(tmp_path, "model_judged", annotations=with_gold)] == [600]
    assert rows(tmp_path, "model_judged", annotations=with_gold, scope=Scope(annotators=("bo",))) == []


def test_the_first_verdict_of_the_record_counts_and_the_second_is_another_opinion(tmp_path: Path) -> None:
    verdicts = pd.DataFrame(
        [
            review(ANA, "accept", decided_at=at(1)),
            review(ANA, "reject", decided_at=at(2), reviewer="rolf", error_type="wrong label"),
            review(BO, "reject", decided_at=at(3), reviewer="rolf"),
            review(BO, "reject", decided_at=at(4)),
        ]
    )
    settled = pd.DataFrame([answer("i1", "lead", "cat", annotation_id="f1")])
    facts: dict[str, Any] = {"annotations": [ANA, BO], "record": RecordTables(verdicts=verdicts)}
    assert counts(tmp_path, *SUMMARY, **facts) == [("review", 2, 1, 0)]
    found = rows(tmp_path, "double_reviews", **facts)
    columns = ("first", "second", "first_flagged", "second_flagged", "wrong")
    told = [tuple(row[name] for name in columns) for row in found]
    assert told == [("rosa", "rolf", 0, 1, None), ("rolf", "rosa", 1, 1, None)]
    facts["record"] = RecordTables(verdicts=verdicts, settlements=settled)
    assert [(row["annotation_id"], row["wrong"]) for row in rows(tmp_path, "double_reviews", **facts)] == [
        ("annotator/i1/ana/1", 0),
        ("annotator/i1/bo/1", 1),
    ]


def test_reviewers_are_held_against_gold(tmp_path: Path) -> None:
    """rosa lets a right answer pass and flags a wrong one; rolf lets a wrong one pass; i2 has no known answer."""
    other = answer("i2", "ana", "cow")
    reviews = [
        review(ANA, "accept"),
        review(BO, "reject"),
        review(CY, "accept", reviewer="rolf"),
        review(other, "reject"),
        review(ANA, "reject", reviewer=None, review_id="nobody"),
    ]
    found = rows(tmp_path, "reviewed_gold", annotations=[ANA, BO, CY, other, gold("i1", "cat")], reviews=reviews)
    assert [(row["reviewer"], row["wrong"], row["flagged"], row["n"]) for row in found] == [
        ("rolf", 1, 0, 1),
        ("rosa", 0, 0, 1),
        ("rosa", 1, 1, 1),
    ]


def test_a_reviewer_is_held_against_gold_by_the_revision_judged(tmp_path: Path) -> None:
    first = answer("i1", "ana", "dog", annotation_id="a", answer_hash="h1", current=False)
    later = first | {"revision": 2, "label": "cat", "answer_hash": "h2", "current": True}
    reviews = [review(first, "accept", judged_digest="h2")]
    found = rows(tmp_path, "reviewed_gold", annotations=[first, later, gold("i1", "cat")], reviews=reviews)
    assert [(row["wrong"], row["flagged"]) for row in found] == [(0, 0)]
