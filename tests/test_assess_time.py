"""Section `time` of small facts: it keeps to the schema, says why it is empty, and what its hours are.

Takes about half a minute on a busy machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from facts import Row, answer, at, item, opened

from qc.measures import measure
from qc.measures.base import Base
from qc.model import FatiguePolicy, InputError, Policy
from qc.workspace import assess
from qc.workspace.assess import time_at_work
from qc.workspace.assess.plain import plain

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))


@dataclass
class Small:
    """A lens over small facts."""

    folder: Path
    annotations: list[Row]
    items: list[Row]
    policy: Policy

    @cached_property
    def base(self) -> Base:
        return Base(
            opened(self.folder, timezone=self.policy.timezone, annotations=self.annotations, items=self.items),
            self.policy,
        )

    def frame(self, name: str, by: tuple[str, ...] = ()) -> pd.DataFrame:
        found: pd.DataFrame = self.base.snapshot.run(measure(name)(self.base, by=by))  # type: ignore[attr-defined]
        return found


def lens(folder: Path, annotations: list[Row], **other: Any) -> Any:
    return Small(folder, annotations, other.get("items", []), other.get("policy", Policy()))


def section(folder: Path, annotations: list[Row], **other: Any) -> dict[str, Any]:
    """The section, as valid JSON."""
    found = plain(time_at_work.section(lens(folder, annotations, **other)))
    jsonschema.validate(found, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["time"]})
    json.dumps(found, allow_nan=False)
    return dict(found)


def worked(who: str, *minutes: float, **other: Any) -> list[Row]:
    return [answer(f"i{n}", who, "cat", submitted_at=at(time), **other) for n, time in enumerate(minutes)]


def test_an_export_without_times_says_so(tmp_path: Path) -> None:
    found = section(tmp_path, [answer("i1", "ana", "cat", seconds=4.0, seconds_kind="wall")])
    assert found["reason"] == "this export has no times"
    assert found["gaps"] == found["annotators"] == found["throughput"]["by_hour"] == []
    assert found["proposed_gap_minutes"]["reason"]
    assert [(row["kind"], row["n"], row["hours"]) for row in found["kinds"]] == [("wall", 1, pytest.approx(4 / 3600))]
    assert [(row["of"], row["reason"], row["n"]) for row in found["excluded"]] == [("times", "no time", 1)]


def test_nothing_at_all_is_empty_too(tmp_path: Path) -> None:
    assert section(tmp_path, [])["reason"] == "nobody submitted anything within the filters"


def test_an_upload_is_no_time(tmp_path: Path) -> None:
    found = section(tmp_path, worked("ana", *([3.0] * 12)))
    assert found["reason"].startswith("no time can be used: submitted together")
    assert [(row["reason"], row["n"]) for row in found["excluded"]] == [("submitted together", 12)]


def test_hours_of_the_team_are_those_of_its_people(tmp_path: Path) -> None:
    """ana: 24 pauses of two minutes and a first answer of unknown start; bo has too few answers to be shown."""
    found = section(tmp_path, [*worked("ana", *range(0, 50, 2)), *worked("bo", 0, 3)])
    ana = found["annotators"][0]
    assert [row["annotator"] for row in found["annotators"]] == ["ana"]
    assert found["annotators_not_shown"] == 1
    hours = {row["cap_minutes"]: row["hours"] for row in ana["active_hours"]}
    assert hours == {
        1: pytest.approx(25 / 60),
        2: pytest.approx(50 / 60),
        5: pytest.approx(50 / 60),
        10: pytest.approx(50 / 60),
    }
    assert ana["wall_hours"] == pytest.approx(48 / 60)
    # bo: a pause of three minutes, and as much for the first answer.
    team = {row["cap_minutes"]: row["hours"] for row in found["active_hours"]}
    assert team[5] == pytest.approx((50 + 6) / 60)
    assert found["sessions"]["n"] == 2
    assert (found["usual_pause_seconds"]["value"], found["usual_pause_seconds"]["n"]) == (150, 2)
    assert found["sessions"]["micro_breaks"] == 0


def test_pace_is_the_median_of_peoples_days(tmp_path: Path) -> None:
    """Three people of one, two and three minutes an answer; a day of fewer than five answers is no pace."""
    facts = [
        *worked("ana", *range(0, 10, 1)),
        *worked("bo", *range(0, 20, 2)),
        *worked("cy", *range(0, 30, 3)),
        *worked("dee", 0, 4),
    ]
    by_shift = section(tmp_path, facts)["throughput"]["by_shift"]
    assert [(row["key"], row["answers"], row["people"]) for row in by_shift] == [("06–14", 32, 4)]
    pace = by_shift[0]["seconds_per_answer"]
    assert (pace["value"], pace["n"], pace["low"]) == (pytest.approx(108), 3, None)


def test_sites_and_days_have_rows(tmp_path: Path) -> None:
    described = [item("i0", site="Lyon"), item("i1", site="Porto")]
    found = section(tmp_path, [*worked("ana", 0, 1), *worked("bo", 24 * 60)], items=described)["throughput"]
    assert [(row["key"], row["answers"]) for row in found["by_site"]] == [("Lyon", 2), ("Porto", 1)]
    assert [(row["key"], row["answers"]) for row in found["by_day"]] == [("2026-03-02", 2), ("2026-03-03", 1)]


def test_the_sentence_says_what_a_proposal_would_change(tmp_path: Path) -> None:
    """40 days of 10 answers a minute apart, an hour's lunch and 10 more: lunch is the second hump."""
    day = [*range(10), *range(70, 80)]
    minutes = [24 * 60 * n + minute for n in range(20) for minute in day]
    facts = [answer(f"i{n}", "ana", "cat", submitted_at=at(time)) for n, time in enumerate(minutes)]
    wide = section(tmp_path, facts, policy=Policy(fatigue=FatiguePolicy(gap_minutes=90)))
    assert 10 <= wide["proposed_gap_minutes"]["value"] <= 40
    assert "20 of 39 long pauses lie between the two" in wide["gap_sentence"]


def test_hours_say_what_they_are(tmp_path: Path) -> None:
    facts = [
        *worked("ana", 0, 1, seconds=30.0, seconds_kind="active"),
        *worked("bo", 0, 1),
        answer("i0", "cy", "cat"),
    ]
    found = time_at_work.own_hours(lens(tmp_path, facts))
    assert found == {
        "ana": (pytest.approx(60 / 3600), "durations of the tool, active"),
        "bo": (pytest.approx(120 / 3600), "from one answer to the next, pauses cut at 5 minutes"),
    }


def test_policies_of_earlier_releases_have_the_usual_shifts() -> None:
    old = Policy().to_json()
    del old["fatigue"]["shifts"]
    assert Policy.from_json(old) == Policy()
    stored = json.loads(json.dumps(Policy(fatigue=FatiguePolicy(shifts=(5, 17))).to_json()))
    assert Policy.from_json(stored).fatigue.shifts == (5, 17)


@pytest.mark.parametrize("shifts", [(), (6, 6), (22, 6), (24,), (-1, 4), (6.5,), ("6",), (True,)])
def test_shifts_are_hours_in_order(shifts: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match=r"policy\.fatigue\.shifts"):
        Policy.from_json({"fatigue": {"shifts": list(shifts)}})
