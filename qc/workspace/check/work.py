"""Cases of the rules on how people work: fatigue, speed and care."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qc.alerts import Subject
from qc.alerts.rules import CareCase, FatigueCase, GuessingCase, PrelabelCase, RunCase
from qc.model import Estimate
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import TEAM

# Slopes of errors in a session, and what they are per.
TIRED: Final = {"error_per_hour": "an hour", "error_per_100": "per 100 answers"}
CARE: Final = (
    (GuessingCase, "rapid_guessing"),
    (PrelabelCase, "unchanged_prelabel"),
    (RunCase, "unlike_others"),
)


def fatigue_cases(lens: Lens) -> Iterator[FatigueCase]:
    """The team and each annotator, by the source that judged most answers; by position where there are no times."""
    known = [
        (slope, part)
        for slope in TIRED
        for part in lens.section("fatigue")
        if part["overall"][slope]["value"] is not None
    ]
    if not known:
        return
    slope, part = max(known, key=lambda each: (each[0] == "error_per_hour", each[1]["overall"][each[0]]["n"]))
    per = TIRED[slope]
    yield FatigueCase(TEAM, *_tired(part["overall"], slope), per)
    for row in part["by_annotator"]:
        yield FatigueCase(Subject("annotator", row["annotator"]), *_tired(row, slope), per)


def _tired(row: dict[str, Any], slope: str) -> tuple[str, Estimate]:
    return row["verdict"], Estimate.from_json(row[slope])


def care_cases(lens: Lens) -> Iterator[CareCase]:
    """Three per annotator."""
    for person in lens.section("careless"):
        subject = Subject("annotator", person["annotator"])
        for case, test in CARE:
            said = person["tests"][test]
            yield case(subject, said["sentence"], said["n"], said["q"])
