"""Pauses, hours and what is left out, by hand on small facts. Takes about a minute on a busy machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facts import Row, answer, at, gold, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.measures.time_at_work import SAME_TIME
from qc.model import EVERYTHING, FatiguePolicy, Policy, Scope


def rows(folder: Path, name: str, annotations: list[Row], **other: Any) -> list[Row]:
    """The rows that a measure gives of small facts."""
    session = opened(folder, timezone=other.get("timezone", "UTC"), annotations=annotations)
    base = Base(session, Policy(fatigue=FatiguePolicy(**other.get("policy", {}))), other.get("as_of_ms"))
    return records(session.run(measure(name)(base, other.get("scope", EVERYTHING))))


def one(folder: Path, name: str, annotations: list[Row], **other: Any) -> Row:
    """The only row."""
    found = rows(folder, name, annotations, **other)
    assert len(found) == 1
    return found[0]


def worked(*minutes: float, **other: Any) -> list[Row]:
    """ana's answers to items i0, i1 … at these times."""
    return [answer(f"i{n}", "ana", "cat", submitted_at=at(time), **other) for n, time in enumerate(minutes)]


def times(folder: Path, facts: list[Row], **other: Any) -> list[tuple[Any, ...]]:
    """(t, p) of the answers by item, None without a session."""
    facts = [*facts, *(gold(item, "dog") for item in sorted({row["item_id"] for row in facts}))]
    found = {row["item"]: (row["t"], row["p"]) for row in rows(folder, "judged_rows", facts, **other)}
    return [found.get(item) for item in range(len({row["item_id"] for row in facts}))]  # type: ignore[misc]


def test_pauses_lie_in_bins_of_the_logarithm(tmp_path: Path) -> None:
    """10^(k/10) ms: one second opens bin 30, ten minutes (600,000 ms) lie in bin 57; the same time has its own bin."""
    facts = worked(0, 1 / 60, 1.999 / 60, 10 + 1.999 / 60, 10 + 1.999 / 60, 11)
    assert rows(tmp_path, "gaps", facts) == [
        {"bin": SAME_TIME, "n": 1},
        {"bin": 29, "n": 1},
        {"bin": 30, "n": 1},
        {"bin": 47, "n": 1},
        {"bin": 57, "n": 1},
    ]


def test_pauses_are_between_answers_of_one_person_and_also_across_sessions(tmp_path: Path) -> None:
    facts = [*worked(0, 90), answer("i0", "bo", "cat", submitted_at=at(1))]
    assert rows(tmp_path, "gaps", facts) == [{"bin": 67, "n": 1}]


def test_hours_under_each_cap(tmp_path: Path) -> None:
    """Pauses of 0.5, 4, 7 and 20 minutes in a session whose first answer took three."""
    facts = worked(0, 0.5, 4.5, 11.5, 31.5)
    facts[0] |= {"seconds": 180.0, "seconds_kind": "active"}
    found = one(tmp_path, "worked", facts)
    minutes = {name: value / 60_000 for name, value in found.items() if name.endswith("_ms") and value is not None}
    assert minutes == {
        "wall_ms": 34.5,
        "active_1_ms": 4.5,
        "active_2_ms": 8.5,
        "active_5_ms": 17.5,
        "active_10_ms": 24.5,
        "breaks_ms": 27,
        "gap_ms": 5.5,
    }
    assert (found["sessions"], found["unknown_starts"], found["breaks"]) == (1, 0, 2)


def test_the_pause_between_sessions_is_no_work(tmp_path: Path) -> None:
    """Two sessions of unknown starts: only the two pauses inside count."""
    found = one(tmp_path, "worked", worked(0, 1, 100, 102))
    assert (found["sessions"], found["unknown_starts"], found["wall_ms"], found["breaks"]) == (2, 2, 180_000, 0)
    lengths = rows(tmp_path, "session_lengths", worked(0, 1, 100, 102))
    assert [(row["submissions"], row["wall_ms"], row["active_ms"]) for row in lengths] == [
        (2, 60_000, 60_000),
        (2, 120_000, 120_000),
    ]


def test_hours_grow_with_the_cap_up_to_the_wall(tmp_path: Path) -> None:
    """An invariant, on pauses of every length; and every pause is a pause between two, or the first of a person."""
    draw = np.random.default_rng(4)
    moments = np.cumsum(np.exp(draw.normal(0, 2, 300))).tolist()
    found = one(tmp_path, "worked", worked(*moments))
    hours = [found[name] for name in ("active_1_ms", "active_2_ms", "active_5_ms", "active_10_ms", "wall_ms")]
    assert hours == sorted(hours)
    assert sum(row["n"] for row in rows(tmp_path, "gaps", worked(*moments))) == 299
    assert sum(row["wall_ms"] for row in rows(tmp_path, "session_lengths", worked(*moments))) == found["wall_ms"]
    assert sum(row["active_ms"] for row in rows(tmp_path, "person_days", worked(*moments))) == found["active_5_ms"]


def test_a_break_is_no_work(tmp_path: Path) -> None:
    """Of the 20 minutes' pause five count; nobody who works every half minute is thinking that long."""
    busy = [n / 2 for n in range(20)]
    facts = worked(*busy, *(29.5 + time for time in busy))
    found = times(tmp_path, facts)
    names = sorted(f"i{n}" for n in range(40))
    by_item = {name: found[place] for place, name in enumerate(names)}
    assert by_item["i19"] == (570, 19)
    assert by_item["i20"] == (870, 20)
    assert by_item["i39"] == (1440, 39)


def test_a_break_that_the_tool_measured_as_work_is_work(tmp_path: Path) -> None:
    busy = [n / 2 for n in range(20)]
    facts = worked(*busy, *(29.5 + time for time in busy))
    facts[20] |= {"seconds": 1080.0, "seconds_kind": "active"}
    found = times(tmp_path, facts)
    assert found[sorted(f"i{n}" for n in range(40)).index("i20")] == (1650, 20)


def test_slow_work_has_no_breaks(tmp_path: Path) -> None:
    """Whoever answers every eight minutes works on."""
    assert times(tmp_path, worked(0, 8, 16, 24)) == [(0, 0), (480, 1), (960, 2), (1440, 3)]


def test_a_tab_left_open_is_no_duration(tmp_path: Path) -> None:
    """Beyond the gap and ten times the person's median; half an hour of work is work for who takes ten minutes."""
    facts = [answer(f"i{n}", "ana", "cat", submitted_at=at(5 * n), seconds=20.0, seconds_kind="wall") for n in range(9)]
    facts += [
        answer("i9", "ana", "cat", submitted_at=at(100), seconds=2_000.0, seconds_kind="wall"),
        answer("i10", "ana", "cat", submitted_at=at(1000), seconds=50_000.0, seconds_kind="wall"),
        *(answer(f"i{n}", "bo", "cat", submitted_at=at(40 * n), seconds=600.0, seconds_kind="wall") for n in range(9)),
        answer("i9", "bo", "cat", submitted_at=at(600), seconds=2_000.0, seconds_kind="wall"),
    ]
    ana, bo = rows(tmp_path, "left_out", facts)
    assert (ana["left_open"], ana["overnight"], bo["left_open"], bo["overnight"]) == (1, 1, 0, 0)
    kinds = rows(tmp_path, "durations_by_kind", facts)
    assert [(row["n"], row["spent_ms"], row["median_ms"]) for row in kinds] == [
        (9, 180_000, 20_000),
        (10, 7_400_000, 600_000),
    ]


def test_an_item_that_takes_everybody_long_is_no_open_tab(tmp_path: Path) -> None:
    facts = []
    for who in ("ana", "bo", "cy"):
        facts += [answer(f"i{n}", who, "cat", submitted_at=at(n), seconds=20.0) for n in range(5)]
        facts.append(answer("long", who, "cat", submitted_at=at(100), seconds=2_400.0))
    assert [row["left_open"] for row in rows(tmp_path, "left_out", facts)] == [0, 0, 0]


def test_durations_that_are_none_are_counted_by_what_is_wrong(tmp_path: Path) -> None:
    odd = {"shared": (30.0, "shared"), "zero": (0.0, "wall"), "negative": (-2.0, "wall"), "absurd": (2e6, "wall")}
    facts = [
        answer(name, "ana", "cat", submitted_at=at(10 * n), seconds=seconds, seconds_kind=kind)
        for n, (name, (seconds, kind)) in enumerate(odd.items())
    ]
    found = one(tmp_path, "left_out", facts)
    assert {name: found[name] for name in odd} == dict.fromkeys(odd, 1)
    assert rows(tmp_path, "durations_by_kind", facts) == [
        {"annotator": "ana", "kind": "shared", "n": 1, "spent_ms": None, "median_ms": None}
    ]


def test_the_start_of_a_shared_page_is_no_duration_of_its_answers(tmp_path: Path) -> None:
    """Three answers of a page that was open for ten minutes did not take ten minutes each."""
    page = {"started_at": at(0), "seconds": 600.0, "seconds_kind": "shared"}
    facts = [*worked(10, 10, 10, **page), answer("x", "ana", "cat", submitted_at=at(12))]
    assert one(tmp_path, "durations_by_kind", facts)["spent_ms"] is None


def test_times_without_a_set_clock_and_of_the_future_have_no_session(tmp_path: Path) -> None:
    facts = worked(0, 1, 2, 3)
    facts[1]["submitted_at"] = datetime(1970, 1, 1, tzinfo=UTC)
    facts[2]["submitted_at"] = at(4 * 24 * 60)
    as_of_ms = int(at(10).timestamp() * 1000)
    found = one(tmp_path, "left_out", facts, as_of_ms=as_of_ms)
    assert (found["unset_clock"], found["future"], found["no_time"]) == (1, 1, 0)
    assert times(tmp_path, facts, as_of_ms=as_of_ms) == [(0, 0), None, None, (180, 1)]


def test_a_day_ahead_is_a_time_zone_not_the_future(tmp_path: Path) -> None:
    found = one(tmp_path, "left_out", worked(14 * 60), as_of_ms=int(at(0).timestamp() * 1000))
    assert found["future"] == 0


def test_a_clock_that_runs_back_against_the_positions_gives_no_times(tmp_path: Path) -> None:
    """The clock was put back by an hour in session `a`; half a minute in `b` is only another order."""
    facts = [row | {"session": "a", "position": n} for n, row in enumerate(worked(60, 61, 2, 3))]
    facts += [
        row | {"session": "b", "position": n, "item_id": f"j{n}", "annotation_id": f"b{n}"}
        for n, row in enumerate(worked(200, 200.4, 200.2))
    ]
    assert one(tmp_path, "left_out", facts)["against_position"] == 4
    found = times(tmp_path, facts)
    assert found[:4] == [(None, 0), (None, 1), (None, 2), (None, 3)]
    assert found[4:] == [(0, 0), (24, 1), (12, 2)]
    assert one(tmp_path, "worked", facts)["submissions"] == 3


def test_few_uploads_of_many_are_uploads(tmp_path: Path) -> None:
    """Two files of six at two times say nothing of when the work was done; three pages of six may."""
    assert one(tmp_path, "left_out", worked(*([0] * 6), *([10] * 6)))["upload"] == 12
    assert rows(tmp_path, "gaps", worked(*([0] * 6), *([10] * 6))) == []
    assert one(tmp_path, "left_out", worked(*([0] * 6), *([5] * 6), *([10] * 6)))["upload"] == 0


@pytest.mark.parametrize(
    ("utc", "weekday", "hour"),
    [("2026-03-29T00:59", 6, 1), ("2026-03-29T01:01", 6, 3), ("2026-10-25T00:30", 6, 2), ("2026-10-25T01:30", 6, 2)],
)
def test_hours_are_those_of_the_zone(tmp_path: Path, utc: str, weekday: int, hour: int) -> None:
    """Berlin leaves out the hour from two on 29 March 2026 and has it twice on 25 October, both Sundays."""
    facts = [answer("i1", "ana", "cat", submitted_at=datetime.fromisoformat(utc).replace(tzinfo=UTC))]
    found = one(tmp_path, "work_by_hour", facts, timezone="Europe/Berlin")
    assert (found["weekday"], found["hour"], found["submissions"]) == (weekday, hour, 1)


def test_zones_of_half_hours(tmp_path: Path) -> None:
    """09:20 UTC on Monday, 2 March 2026 is 15:05 in Kathmandu."""
    assert one(tmp_path, "work_by_hour", worked(20), timezone="Asia/Kathmandu")["hour"] == 15


def test_a_night_shift_belongs_to_the_day_on_which_it_began(tmp_path: Path) -> None:
    """at(0) is nine o'clock on 2 March: 23:00, 05:59 and 06:00 of the next day."""
    facts = worked(14 * 60, 20 * 60 + 59, 21 * 60)
    found = [(row["day"], row["shift"], row["submissions"]) for row in rows(tmp_path, "person_days", facts)]
    assert found == [("2026-03-02", 22, 2), ("2026-03-03", 6, 1)]
    whole = rows(tmp_path, "person_days", facts, policy={"shifts": (0,)})
    assert [(row["day"], row["shift"], row["submissions"]) for row in whole] == [
        ("2026-03-02", 0, 1),
        ("2026-03-03", 0, 2),
    ]


def test_skips_take_time_and_are_no_answers(tmp_path: Path) -> None:
    facts = [*worked(0, 1), answer("i9", "ana", status="skipped", submitted_at=at(2))]
    found = one(tmp_path, "person_days", facts)
    assert (found["submissions"], found["active_ms"]) == (2, 120_000)


def test_a_scope_narrows_hours(tmp_path: Path) -> None:
    facts = [*worked(0, 1), answer("i0", "bo", "cat", submitted_at=at(3))]
    found = rows(tmp_path, "worked", facts, scope=Scope(annotators=("bo",)))
    assert [row["annotator"] for row in found] == ["bo"]
    assert one(tmp_path, "work_by_hour", facts, scope=Scope(annotators=("bo",)))["people"] == 1
