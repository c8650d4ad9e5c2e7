"""Sessions, time at work and pace, by hand; and what is left where an export has no times."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import pytest
from facts import Row, answer, at, gold, item, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, FatiguePolicy, Policy, Scope


def rows(folder: Path, name: str, *, scope: Scope = EVERYTHING, as_of_ms: int | None = None, **facts: Any) -> list[Row]:
    """The rows that a measure gives of small facts."""
    session = opened(folder, **facts)
    return records(session.run(measure(name)(Base(session, Policy(), as_of_ms), scope)))


def worked(*minutes: float, **other: Any) -> list[Row]:
    """ana's answers to items i0, i1 …, each judged by gold: the first is wrong, the others are right."""
    answers = [answer(f"i{n}", "ana", "cat", submitted_at=at(time), **other) for n, time in enumerate(minutes)]
    return [*answers, *(gold(f"i{n}", "dog" if n == 0 else "cat") for n in range(len(minutes)))]


def placed(folder: Path, facts: list[Row]) -> list[tuple[Any, ...]]:
    """(session by order of appearance, t, p) of the judged answers by item."""
    found = sorted(rows(folder, "judged_rows", annotations=facts), key=lambda row: row["item"])
    names = {name: place for place, name in enumerate(sorted({row["session"] for row in found}))}
    return [(names[row["session"]], row["t"], row["p"]) for row in found]


def test_a_session_ends_where_nothing_is_submitted_for_longer_than_the_gap(tmp_path: Path) -> None:
    """Gaps of 30 minutes are inside, of 30 minutes and a second outside; starts are unknown, so t begins at 0."""
    facts = worked(0, 10, 40, 70 + 1 / 60, 80)
    assert placed(tmp_path, facts) == [(0, 0, 0), (0, 600, 1), (0, 2400, 2), (1, 0, 0), (1, 599, 1)]


def test_time_counts_from_the_first_start(tmp_path: Path) -> None:
    """The start is stated, else the time spent is taken off; a start longer ago than the gap is not believed."""
    stated = [worked(10, 12)[0] | {"started_at": at(8)}, *worked(10, 12)[1:]]
    assert placed(tmp_path, stated) == [(0, 120, 0), (0, 240, 1)]
    spent = [worked(10, 12)[0] | {"seconds": 90.0, "seconds_kind": "active"}, *worked(10, 12)[1:]]
    assert placed(tmp_path, spent) == [(0, 90, 0), (0, 210, 1)]
    opened_yesterday = [worked(10, 12)[0] | {"started_at": at(-900)}, *worked(10, 12)[1:]]
    assert placed(tmp_path, opened_yesterday) == [(0, 0, 0), (0, 120, 1)]


def test_sessions_and_positions_that_the_tool_states_are_taken(tmp_path: Path) -> None:
    facts = [row | {"session": "s", "position": 7.0 + n} for n, row in enumerate(worked(0, 90)[:2])]
    assert placed(tmp_path, [*facts, *worked(0, 90)[2:]]) == [(0, 0, 0), (0, 5400, 1)]


def test_positions_that_run_on_over_sessions_begin_anew_with_each(tmp_path: Path) -> None:
    """Trials 1 to 6 of two sessions: the fourth is the first of its session. Of 1, 11, 21 the steps are kept."""
    facts = [
        answer(f"i{n}", "ana", "cat", position=float(n + 1), session="one" if n < 3 else "two") for n in range(6)
    ] + [gold(f"i{n}", "cat") for n in range(6)]
    assert sorted(p for _, _, p in placed(tmp_path, facts)) == [0, 0, 1, 1, 2, 2]
    every_tenth = [row | {"position": row["position"] * 10 - 9} for row in facts[:6]]
    assert sorted(p for _, _, p in placed(tmp_path, [*every_tenth, *facts[6:]])) == [0, 0, 10, 10, 20, 20]


def test_positions_alone_place_answers_without_times(tmp_path: Path) -> None:
    facts = [answer(f"i{n}", "ana", "cat", position=float(n + 1)) for n in range(3)] + [gold("i1", "cat")]
    assert placed(tmp_path, facts) == [(0, None, 1)]
    sums = rows(tmp_path, "judged_time", annotations=facts)
    assert [(row["n"], row["st"], row["sp"], row["spp"]) for row in sums] == [(1, None, 1, 1)]
    assert rows(tmp_path, "time_bins", annotations=facts) == []


def spent(seconds: list[float | None], session: str | None = "s", first: int = 0) -> list[dict[str, Any]]:
    """Answers of a named session that have durations and positions, but no times."""
    return [
        answer(f"i{first + n}", "ana", "cat", session=session, position=float(n), seconds=time, seconds_kind="active")
        for n, time in enumerate(seconds)
    ]


def test_durations_in_a_named_session_add_up_to_time_on_task(tmp_path: Path) -> None:
    facts = [*spent([60.0, 30.0, 90.0]), gold("i2", "dog")]
    assert placed(tmp_path, facts) == [(0, 180, 2)]
    (sums,) = rows(tmp_path, "judged_time", annotations=facts)
    assert (sums["st"], sums["sp"], sums["sh"], sums["day"]) == (180, 2, None, None)
    assert [row["bin"] for row in rows(tmp_path, "time_bins", annotations=facts)] == [0]


def test_durations_say_nothing_of_time_where_one_is_missing_or_no_session_is_named(tmp_path: Path) -> None:
    for number, facts in enumerate((spent([60.0, None, 90.0]), spent([60.0, 30.0, 90.0], session=None))):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert placed(folder, [*facts, gold("i2", "dog")]) == [(0, None, 2)]


def test_the_questions_of_a_submission_share_one_place(tmp_path: Path) -> None:
    first = worked(0, 5)
    both = [*first, *(row | {"question": "other"} for row in first)]
    found = rows(tmp_path, "judged_rows", annotations=both)
    assert sorted((row["t"], row["p"]) for row in found) == [(0, 0), (0, 0), (300, 1), (300, 1)]
    assert rows(tmp_path, "durations", annotations=both)[0]["n"] == 2


def test_an_upload_has_no_sessions(tmp_path: Path) -> None:
    """Two of three answers at one time are an upload; two of four are not, and share their place."""
    assert rows(tmp_path, "judged_rows", annotations=worked(0, 0, 3)) == []
    assert rows(tmp_path, "clock", annotations=worked(0, 0, 3)) == [
        {"annotator": "ana", "same_timestamp": 3, "future": None, "negative": 0}
    ]
    assert placed(tmp_path, worked(0, 0, 3, 4)) == [(0, 0, 0), (0, 0, 0), (0, 180, 2), (0, 240, 3)]


def test_an_upload_keeps_the_places_that_the_tool_states(tmp_path: Path) -> None:
    """Twelve answers at one time, with session and position: places without times; durations are not made of gaps."""
    facts = worked(*([0.0] * 12))
    stated = [row | {"session": "s", "position": float(n + 1)} for n, row in enumerate(facts[:12])]
    assert sorted(placed(tmp_path, [*stated, *facts[12:]])) == [(0, None, n) for n in range(12)]
    assert rows(tmp_path, "pace", annotations=[*stated, *facts[12:]]) == []
    unnamed = [row | {"session": None} for row in stated]
    assert sorted(placed(tmp_path, [*unnamed, *facts[12:]])) == [(0, None, n) for n in range(12)]


def test_whoever_takes_minutes_an_answer_has_longer_pauses(tmp_path: Path) -> None:
    """Gaps of 3, 4, 5 and 9 minutes: 9 is under four times the median of 4.5; one of 19 is a break."""
    (found,) = rows(tmp_path, "pace", annotations=worked(0, 3, 7, 12, 21))
    assert (found["n"], found["sv"]) == (4, sum(round(1000 * log(60 * gap)) for gap in (3, 4, 5, 9)))
    (found,) = rows(tmp_path, "pace", annotations=worked(0, 3, 7, 12, 31))
    assert found["n"] == 3


def test_pace_is_the_time_between_answers_of_whoever_has_no_durations(tmp_path: Path) -> None:
    """Gaps of 1 and 4 minutes count, the first answer and a break of 6 minutes do not; a stated duration ends that."""
    (found,) = rows(tmp_path, "pace", annotations=worked(0, 1, 2, 3, 9, 13))
    assert (found["n"], found["inferred"], found["sv"]) == (4, True, 3 * round(1000 * log(60)) + round(1000 * log(240)))
    timed = worked(0, 1, 7, 11)
    timed[0] |= {"seconds": 20.0, "seconds_kind": "active"}
    (found,) = rows(tmp_path, "pace", annotations=timed)
    assert (found["n"], found["inferred"], found["sv"]) == (1, False, round(1000 * log(20)))


def test_wrong_clocks_are_counted(tmp_path: Path) -> None:
    facts = [
        answer("i1", "ana", "cat", submitted_at=at(5), started_at=at(6)),
        answer("i2", "ana", "cat", submitted_at=at(7), seconds=-3.0),
        answer("i3", "ana", "cat", submitted_at=at(99)),
        answer("i4", "bo", "cat", submitted_at=at(1)),
    ]
    as_of_ms = int(at(50).timestamp()) * 1000
    assert rows(tmp_path, "clock", as_of_ms=as_of_ms, annotations=facts) == [
        {"annotator": "ana", "same_timestamp": 0, "future": 1, "negative": 2}
    ]


def test_judged_time_holds_the_sums_of_its_rows(tmp_path: Path) -> None:
    """t = 0, 60, 180 and p = 0, 1, 2 with the first answer wrong."""
    sums = {"stratum": -1, "pi": None, "n": 3, "sy": 1, "sty": 0, "spy": 0, "shy": 0}
    sums |= {"st": 240, "stt": 3600 + 32400, "sp": 3, "spp": 5, "sh": 240, "shh": 3600 + 32400}
    (found,) = rows(tmp_path, "judged_time", annotations=worked(0, 1, 3))
    assert {name: found[name] for name in sums} == sums
    bins = rows(tmp_path, "time_bins", annotations=worked(0, 14.9, 15, 31))
    assert [(row["source"], row["bin"], row["n"], row["errors"]) for row in bins] == [
        ("gold", 0, 2, 1),
        ("gold", 1, 1, 0),
        ("gold", 2, 1, 0),
    ]


def test_difficulty_is_how_often_pairs_of_the_others_differ(tmp_path: Path) -> None:
    """ana's others are cat cat dog: 2 of 3 pairs differ, which is stratum 3 of 0 to 4; those of the dog agree."""
    facts = [
        answer("i1", who, label, submitted_at=at(0)) for who, label in zip("abcd", ["cat"] * 3 + ["dog"], strict=True)
    ]
    found = rows(tmp_path, "judged_time", annotations=[*facts, gold("i1", "cat")])
    assert [(row["annotator"], row["stratum"]) for row in found] == [("a", 3), ("b", 3), ("c", 3), ("d", 0)]
    alone = rows(tmp_path, "judged_time", annotations=[*facts[2:], gold("i1", "cat")])
    assert [row["stratum"] for row in alone] == [-1, -1]


def test_pace(tmp_path: Path) -> None:
    """Seconds 10 and 20 at t = 10 and 70; skips, shared and impossible times have no pace."""
    spent = {"seconds_kind": "active"}
    facts = [
        answer("i1", "ana", "cat", submitted_at=at(0), seconds=10.0, **spent),
        answer("i2", "ana", "cat", submitted_at=at(1), seconds=20.0, **spent),
        answer("i3", "ana", "cat", submitted_at=at(2), seconds=20.0, seconds_kind="shared"),
        answer("i4", "ana", "cat", submitted_at=at(3), seconds=1e300, **spent),
        answer("i5", "ana", status="skipped", submitted_at=at(4), seconds=5.0, **spent),
    ]
    one, two = round(1000 * log(10)), round(1000 * log(20))
    found = rows(tmp_path, "pace", annotations=facts)[0]
    sums = {"n": 2, "st": 80, "stt": 5000, "sv": one + two, "stv": 10 * one + 70 * two, "svv": one**2 + two**2}
    assert {name: found[name] for name in sums} == sums
    assert found["stratum"] == -1


def test_durations(tmp_path: Path) -> None:
    facts = [
        answer("i1", "ana", "cat", submitted_at=at(0), seconds=10.0),
        answer("i2", "ana", "cat", submitted_at=at(1), started_at=at(0.5)),
        answer("i3", "ana", "cat", submitted_at=at(90), seconds=17.0),
        answer("i4", "ana", status="skipped", submitted_at=at(91), seconds=3.0),
        answer("i1", "bo", "cat"),
    ]
    described = [item("i1", site="here"), item("i2", site="there"), item("i3", site="there")]
    start = int(at(0).timestamp()) * 1000
    assert rows(tmp_path, "durations", annotations=facts, items=described) == [
        {
            "annotator": "ana",
            "site": "there",
            "n": 3,
            "skipped": 1,
            "median_seconds": 17,
            "active_ms": 60_000,
            "sessions": 2,
            "first_ms": start,
            "last_ms": start + 91 * 60_000,
        },
        {
            "annotator": "bo",
            "site": "here",
            "n": 1,
            "skipped": 0,
            "median_seconds": None,
            "active_ms": None,
            "sessions": None,
            "first_ms": None,
            "last_ms": None,
        },
    ]


@pytest.mark.parametrize("name", ["judged_time", "judged_rows", "time_bins", "pace", "clock"])
def test_an_export_without_times_says_nothing_of_time(tmp_path: Path, name: str) -> None:
    facts = [answer("i1", "ana", "cat"), answer("i2", "ana", "cat"), gold("i1", "cat")]
    assert rows(tmp_path, name, annotations=facts) == []


def test_a_session_longer_than_a_week_is_none(tmp_path: Path) -> None:
    facts = [row | {"session": "default"} for row in worked(0, 60, 8 * 24 * 60)[:3]]
    assert placed(tmp_path, [*facts, *worked(0, 60, 8)[3:]]) == [(0, 0, 0), (0, 3600, 1)]


def test_bases_of_two_policies_live_side_by_side(tmp_path: Path) -> None:
    session = opened(tmp_path, annotations=worked(0, 10, 20))
    wide, narrow = (Base(session, Policy(fatigue=FatiguePolicy(gap_minutes=gap))) for gap in (30.0, 5.0))
    assert [len(session.run(measure("judged_time")(base))) for base in (wide, narrow, wide)] == [1, 3, 1]


# --- the day, pauses, runs, the order of all answers -----------------------------------------------------------------


def test_hours_of_the_day_leave_out_what_lies_between_sessions(tmp_path: Path) -> None:
    """Sessions of 10 and 5 minutes an hour apart, and one of the next day, which begins anew."""
    facts = worked(0, 4, 10, 70, 75, 24 * 60, 24 * 60 + 3)
    found = sorted(rows(tmp_path, "judged_rows", annotations=facts), key=lambda row: row["item"])
    assert [row["h"] for row in found] == [0, 240, 600, 600, 900, 0, 180]
    assert len({row["day"] for row in found}) == 2
    assert [row["hour"] for row in found] == [9, 9, 9, 10, 10, 9, 9]
    sums = sorted(rows(tmp_path, "judged_time", annotations=facts), key=lambda row: row["session"])
    assert [(row["sh"], row["shh"]) for row in sums] == [
        (840, 240**2 + 600**2),
        (1500, 600**2 + 900**2),
        (180, 180**2),
    ]


def test_pauses_count_what_is_judged_half_an_hour_before_and_after(tmp_path: Path) -> None:
    """Pauses of 11, 15 and 10 minutes; an answer may lie after one and before the next. The first one errs."""
    facts = worked(0, 5, 12, 20, 29, 40, 55, 60, 65, 75, 84, 86)
    assert rows(tmp_path, "pauses", annotations=facts) == [
        {
            "source": "gold",
            "annotator": "ana",
            "pause": int(at(minutes).timestamp()),
            "stratum": -1,
            "pi": None,
            "before": before,
            "before_errors": errors,
            "after": after,
            "after_errors": 0,
        }
        for minutes, before, errors, after in ((29, 5, 1, 4), (40, 4, 0, 5), (65, 4, 0, 3))
    ]


def test_a_night_is_no_pause(tmp_path: Path) -> None:
    assert rows(tmp_path, "pauses", annotations=worked(0, 2, 300, 302)) == []


def test_runs_count_items_of_one_kind_in_a_row(tmp_path: Path) -> None:
    """Gold says dog, cat, cat, cat: the wrong first answer does not make its item a cat. A new session begins anew."""
    found = sorted(rows(tmp_path, "judged_rows", annotations=worked(0, 1, 2, 3, 60, 61)), key=lambda row: row["item"])
    assert [row["run"] for row in found] == [0, 0, 1, 2, 0, 1]
    assert found[0]["kind"] != found[1]["kind"] == found[2]["kind"]


def test_kinds_without_gold_need_three_votes(tmp_path: Path) -> None:
    facts = [answer(f"i{n}", who, "cat", submitted_at=at(n)) for n in range(3) for who in ("ana", "bo")]
    third = [answer("i1", "cy", "dog", submitted_at=at(1)), answer("i2", "cy", "cat", submitted_at=at(2))]
    leads = [answer(f"i{n}", "lead", "cat", role="adjudicator", submitted_at=at(99)) for n in range(3)]
    found = rows(tmp_path, "judged_rows", annotations=[*facts, *third, *leads])
    ana = sorted((row["item"], row["kind"], row["run"]) for row in found if row["annotator"] == "ana" and row["item"])
    assert ana == [(1, 0, 0), (2, 0, 1)]


def test_the_order_of_all_answers_is_told_judged_or_not(tmp_path: Path) -> None:
    facts = [answer(f"i{n}", who, "cat", submitted_at=at(n)) for n in range(3) for who in ("ana", "bo")]
    found = rows(tmp_path, "answer_order", annotations=facts)
    assert [(row["annotator"], row["item"], row["t"], row["p"]) for row in found] == [
        (who, n, 60 * n, n) for who in ("ana", "bo") for n in range(3)
    ]


def test_cells_hold_ten_minutes_each(tmp_path: Path) -> None:
    found = rows(tmp_path, "judged_cells", annotations=worked(0, 1, 9.9, 10, 12, 25))
    assert [(row["bin"], row["n"], row["errors"]) for row in found if row["label"] == 0] == [
        (0, 2, 0),
        (1, 2, 0),
        (2, 1, 0),
    ]
    assert sum(row["errors"] for row in found) == 1


def test_pace_without_times_runs_along_positions(tmp_path: Path) -> None:
    facts = [
        answer(f"i{n}", "ana", "cat", session="s", position=float(n), seconds=10.0, seconds_kind="active")
        for n in range(3)
    ]
    (found,) = rows(tmp_path, "pace", annotations=facts)
    assert (found["n"], found["sp"], found["spp"], found["st"], found["sh"]) == (3, 3, 5, 60, None)
    assert found["sv"] == 3 * round(1000 * log(10))
