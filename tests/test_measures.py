"""Counts and votes, by hand: what each measure says of a few answers."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from facts import HOSTILE, answer, at, busy, busy_record, gold, item, opened, records

from qc.engine import RecordTables
from qc.measures import MEASURES, Measure, measure
from qc.measures.base import Base
from qc.model import EVERYTHING, ErrorPolicy, InputError, Policy, Scope


def rows(
    folder: Path, name: str, *, scope: Scope = EVERYTHING, by: tuple[str, ...] = (), zone: str = "UTC", **facts: Any
) -> list[dict[str, Any]]:
    """The rows that a measure gives of small facts."""
    session = opened(folder, facts.pop("record", None), zone, **facts)
    base = Base(session, facts.pop("policy", Policy()))
    return records(session.run(measure(name)(base, scope, by)))


def three(question: str = "label") -> list[dict[str, Any]]:
    """i1: ana cat, bo dog, cy cat. i2: ana cat, bo cat. i3: cy dog."""
    given = {"i1": {"ana": "cat", "bo": "dog", "cy": "cat"}, "i2": {"ana": "cat", "bo": "cat"}, "i3": {"cy": "dog"}}
    return [
        answer(what, who, label, question=question) for what, labels in given.items() for who, label in labels.items()
    ]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_project_without_anything_gives_empty_frames(measure: Measure) -> None:
    from qc.engine import open_session

    session = open_session({}, RecordTables(), "UTC")
    frame = session.run(measure(Base(session, Policy()), EVERYTHING, measure.keys))
    assert list(frame.columns) == [*(key for key in measure.keys if key not in measure.columns), *measure.columns]
    assert len(frame) == (0 if measure.order else 1)


def test_volume_of_nothing_counts_to_zero_and_knows_no_time(tmp_path: Path) -> None:
    assert rows(tmp_path, "volume") == [
        {
            "items": 0,
            "answers": 0,
            "annotators": 0,
            "skipped": 0,
            "reviewed": 0,
            "gold_items": 0,
            "first_ms": None,
            "last_ms": None,
        }
    ]


def test_volume(tmp_path: Path) -> None:
    first, *rest = three()
    told = [first | {"submitted_at": at(5)}, *rest[:-1], rest[-1] | {"submitted_at": at(7)}]
    skip = answer("i4", "bo", status="skipped")
    found = rows(tmp_path, "volume", annotations=[*told, skip, gold("i3", "cat"), gold("i9", "cat")])[0]
    start = int(at(0).timestamp()) * 1000
    assert found == {
        "items": 3,
        "answers": 6,
        "annotators": 3,
        "skipped": 1,
        "reviewed": 0,
        "gold_items": 1,
        "first_ms": start + 300_000,
        "last_ms": start + 420_000,
    }


def test_questions_have_the_kind_of_most_answers_that_mark_something(tmp_path: Path) -> None:
    empty = [answer(f"n{number}", "ana", kind="none", question="b") for number in range(3)]
    boxes = [answer("i1", "ana", kind="boxes", question="b")]
    found = rows(tmp_path, "questions", annotations=[*three("a"), *empty, *boxes])
    assert found == [
        {"question": "a", "kind": "single", "answers": 6, "items": 3, "code": 0},
        {"question": "b", "kind": "boxes", "answers": 4, "items": 4, "code": 1},
    ]


def test_labels_are_coded_in_order_of_text_and_numbers_in_order_of_size(tmp_path: Path) -> None:
    stars = [
        answer("i1", who, kind="ordinal", question="stars", number=number)
        for who, number in {"a": 10.0, "b": 9.0, "c": 0.5, "d": -1.0, "e": 9.0}.items()
    ]
    topics = [
        answer("i1", "a", kind="multi", question="topics", labels=["x", "a"]),
        answer("i1", "b", kind="multi", question="topics", labels=["a", "x"]),
        answer("i1", "c", kind="multi", question="topics", labels=[]),
    ]
    found = rows(tmp_path, "labels", annotations=[*three(), *stars, *topics])
    assert [(row["question"], row["code"], row["label"], row["answers"]) for row in found] == [
        ("label", 0, "cat", 4),
        ("label", 1, "dog", 2),
        ("stars", 0, "-1", 1),
        ("stars", 1, "0.5", 1),
        ("stars", 2, "9", 2),
        ("stars", 3, "10", 1),
        ("topics", 0, "(nothing marked)", 1),
        ("topics", 1, "a, x", 2),
    ]


def test_answers_are_equal_by_what_their_kind_compares(tmp_path: Path) -> None:
    """Rankings keep their order, sets do not; spans compare label and ends; none equals no spans; text has no key."""
    answers = [
        answer("i", "a", kind="ranking", question="rank", labels=["x", "y"]),
        answer("i", "b", kind="ranking", question="rank", labels=["y", "x"]),
        answer("i", "a", kind="spans", question="spans"),
        answer("i", "b", kind="spans", question="spans"),
        answer("i", "c", kind="none", question="spans"),
        answer("i", "d", kind="spans", question="spans"),
        answer("i", "a", kind="text", question="text", text="same"),
        answer("i", "b", kind="boxes", question="boxes"),
        answer("i", "a", kind="pairwise", question="pair", label="left.png", labels=["left.png", "right.png"]),
        answer("i", "b", kind="pairwise", question="pair", label="left.png", labels=["right.png", "left.png"]),
    ]

    def span(of: int, name: str, label: str, start: int) -> dict[str, Any]:
        where = {"annotation_id": answers[of]["annotation_id"], "question": "spans", "revision": 1, "kind": "spans"}
        return where | {"region_id": name, "label": label, "t_start": start, "t_end": start + 4}

    spans = [span(2, "1", "PER", 0), span(2, "2", "LOC", 9), span(3, "9", "LOC", 9), span(3, "8", "PER", 0)]
    found = rows(tmp_path, "labels", annotations=answers, regions=spans)
    assert [(row["question"], row["label"], row["answers"]) for row in found] == [
        ("pair", "left.png", 2),
        ("rank", "x, y", 1),
        ("rank", "y, x", 1),
        ("spans", "(nothing marked)", 2),
        ("spans", "0-4 PER, 9-13 LOC", 2),
    ]


def test_label_votes_and_pair_votes(tmp_path: Path) -> None:
    """Patterns 0,0,1 (i1), 0,0 (i2) and 1 (i3) with cat = 0, dog = 1."""
    votes = rows(tmp_path, "label_votes", annotations=three())
    assert [tuple(row.values()) for row in votes] == [
        ("label", "0,0", "ana", 0, 1),
        ("label", "0,0", "bo", 0, 1),
        ("label", "0,0,1", "ana", 0, 1),
        ("label", "0,0,1", "bo", 1, 1),
        ("label", "0,0,1", "cy", 0, 1),
        ("label", "1", "cy", 1, 1),
    ]
    pairs = rows(tmp_path, "pair_votes", annotations=three())
    assert [tuple(row.values()) for row in pairs] == [
        ("label", "ana", "bo", 0, 0, 1),
        ("label", "ana", "bo", 0, 1, 1),
        ("label", "ana", "cy", 0, 0, 1),
        ("label", "bo", "cy", 1, 0, 1),
    ]
    items = rows(tmp_path, "item_votes", annotations=three())
    assert [tuple(row.values()) for row in items] == [
        ("label", "i1", 0, 2),
        ("label", "i1", 1, 1),
        ("label", "i2", 0, 2),
        ("label", "i3", 1, 1),
    ]
    assert len(rows(tmp_path, "codes", annotations=three())) == 6


def test_label_votes_in_groups_hold_the_answers_of_the_group(tmp_path: Path) -> None:
    """cy works elsewhere, so i1 has two answers here and one there; items without a site are a group of their own."""
    answers = [row | {"site": "there"} if row["annotator"] == "cy" else row for row in three()]
    found = rows(tmp_path, "label_votes", by=("site",), annotations=answers, items=[item("i1", site="here")])
    assert [(row["site"], row["pattern"], row["annotator"]) for row in found] == [
        ("here", "0,1", "ana"),
        ("here", "0,1", "bo"),
        ("there", "0", "cy"),
        ("there", "1", "cy"),
        (None, "0,0", "ana"),
        (None, "0,0", "bo"),
    ]


def test_a_period_is_the_week_of_the_items_first_answer(tmp_path: Path) -> None:
    """Sunday the 8th is in the week of Monday the 2nd; the answer a day later belongs to the same item."""
    sunday = 6 * 24 * 60
    answers = [
        answer("i1", "ana", "cat", submitted_at=at(sunday)),
        answer("i1", "bo", "cat", submitted_at=at(sunday + 24 * 60)),
        answer("i2", "bo", "dog", submitted_at=at(sunday + 24 * 60)),
    ]
    found = rows(tmp_path, "label_votes", by=("period",), annotations=answers)
    assert [(row["period"], row["pattern"]) for row in found] == [
        ("2026-03-02", "0,0"),
        ("2026-03-02", "0,0"),
        ("2026-03-09", "1"),
    ]


def test_only_first_rounds_and_first_revisions_vote(tmp_path: Path) -> None:
    first = answer("i1", "ana", "cat", annotation_id="x", current=False)
    corrected = answer("i1", "ana", "dog", annotation_id="x", revision=2)
    again = answer("i1", "ana", "dog", round=2)
    skipped = answer("i1", "bo", status="skipped", annotation_id="y", current=False)
    taken_up = answer("i1", "bo", "bird", revision=2, annotation_id="y", current=False)
    changed = answer("i1", "bo", "dog", revision=3, annotation_id="y")
    facts = [first, corrected, again, skipped, taken_up, changed]
    labels = rows(tmp_path, "labels", annotations=facts)
    assert [(row["label"], row["answers"]) for row in labels] == [("bird", 1), ("cat", 1), ("dog", 1)]
    assert [row["pattern"] for row in rows(tmp_path, "label_votes", annotations=facts)] == ["0,1", "0,1"]
    assert rows(tmp_path, "repeats", annotations=facts) == [
        {"question": "label", "annotator": "ana", "pairs": 1, "same": 0}
    ]


def test_drafts_and_discarded_answers_do_not_count(tmp_path: Path) -> None:
    facts = [*three(), *(answer("i1", name, "cat", status=name) for name in ("draft", "discarded", "expired"))]
    assert rows(tmp_path, "volume", annotations=facts)[0]["answers"] == 6


def test_repeats_compare_with_the_first_round(tmp_path: Path) -> None:
    facts = [answer("i1", "ana", label, round=place + 1) for place, label in enumerate(["cat", "cat", "dog"])]
    assert rows(tmp_path, "repeats", annotations=facts) == [
        {"question": "label", "annotator": "ana", "pairs": 2, "same": 1}
    ]


def test_a_local_day_begins_at_local_midnight_on_both_sides_of_a_clock_change(tmp_path: Path) -> None:
    """Berlin is an hour ahead until 29 March 2026, 01:00 UTC, then two: midnight is at 23:00, then at 22:00 UTC."""
    times = ["2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"]
    answers = [
        answer(f"i{place}", "ana", "cat", submitted_at=pd.Timestamp(time, tz="UTC")) for place, time in enumerate(times)
    ]
    found = rows(tmp_path, "days", zone="Europe/Berlin", annotations=answers)
    assert [(row["day"], row["answers"]) for row in found] == [
        ("2026-03-28", 1),
        ("2026-03-29", 2),
        ("2026-03-30", 1),
    ]
    only = Scope(since=date(2026, 3, 29), until=date(2026, 3, 30))
    assert rows(tmp_path, "volume", scope=only, zone="Europe/Berlin", annotations=answers)[0]["answers"] == 2


@pytest.mark.parametrize(
    ("scope", "answers"),
    [
        (Scope(question="label"), 6),
        (Scope(question="nothing of the kind"), 0),
        (Scope(annotators=("ana", "cy")), 8),
        (Scope(sites=("here",)), 6),
        (Scope(batches=("b'1",)), 4),
        (Scope(question="other", sites=("here",), annotators=("bo",)), 1),
        (Scope(since=date(2000, 1, 1)), 0),
    ],
)
def test_a_scope_narrows(tmp_path: Path, scope: Scope, answers: int) -> None:
    """i1 is at `here` and i2 in batch b'1, in two questions; without times nothing is inside any dates."""
    facts = [*three(), *three("other")]
    described = [item("i1", site="here"), item("i2", batch="b'1")]
    assert rows(tmp_path, "volume", scope=scope, annotations=facts, items=described)[0]["answers"] == answers


def test_an_answers_own_site_and_batch_come_before_its_items(tmp_path: Path) -> None:
    facts = [answer("i1", "ana", "cat", site="mine"), answer("i1", "bo", "cat")]
    found = rows(tmp_path, "days", annotations=facts, items=[item("i1", site="here")])
    assert [(row["day"], row["site"], row["answers"]) for row in found] == [(None, "here", 1), (None, "mine", 1)]


def test_a_key_that_a_measure_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="weather"):
        rows(tmp_path, "judged_counts", by=("weather",), annotations=three())


def test_hostile_names_come_back_as_they_were(tmp_path: Path) -> None:
    facts = [answer(name, name, name, question=name, annotation_id=str(place)) for place, name in enumerate(HOSTILE)]
    found = rows(tmp_path, "label_votes", annotations=facts)
    assert sorted((row["question"], row["annotator"]) for row in found) == sorted((name, name) for name in HOSTILE)
    items = rows(tmp_path, "item_names", annotations=facts)
    assert [row["item_id"] for row in items] == sorted(HOSTILE, key=str.encode)


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    facts = busy(rows=200)
    record = busy_record(facts)
    policy = Policy(errors=ErrorPolicy(judge_by_consensus=True))
    shuffled = {name: random.Random(5).sample(list(given), len(given)) for name, given in facts.items()}
    frames = []
    for name, given in (("one", facts), ("other", shuffled)):
        (tmp_path / name).mkdir()
        session = opened(tmp_path / name, record, "Europe/Berlin", **given)
        frames.append([session.run(each(Base(session, policy))) for each in MEASURES])
    for each, one, other in zip(MEASURES, *frames, strict=True):
        pd.testing.assert_frame_equal(one, other, obj=each.name)
