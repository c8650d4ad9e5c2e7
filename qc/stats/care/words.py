"""What a lead would say aloud of somebody's care; slow is never called bad."""

from __future__ import annotations

from collections.abc import Callable

from qc.model import Estimate
from qc.stats.care.course import Change, Course, large
from qc.stats.care.guessing import Guessing
from qc.stats.care.prelabels import Prelabels
from qc.stats.care.result import LIKELY, PersonCare
from qc.stats.care.runs import Unlike


def flags(person: PersonCare, label: Callable[[int], str], day: Callable[[int], str]) -> dict[str, str]:
    """A sentence for each test that says something, by what it found: guesses, repeats, keeps or hurries.

    `label` and `day` put codes and milliseconds into words.
    """
    said = {
        "guesses": _guesses(person.guessing),
        "repeats": _repeats(person.unlike, label),
        "keeps": _keeps(person.prelabels),
        "hurries": _hurries(person.course, day),
    }
    return {found: sentence for found, sentence in said.items() if sentence is not None}


def hurried(course: Course) -> Change | None:
    """The largest sudden speed-up by a quarter or more, where the course has a jump beyond doubt."""
    if course.q is None or course.q > LIKELY:
        return None
    faster = [change for change in course.changes if large(change) and _value(change.ratio) < 1]
    return min(faster, key=lambda change: _value(change.ratio), default=None)


def _guesses(found: Guessing) -> str | None:
    if found.q is None or found.q > LIKELY or found.chance is None:
        return None
    beside = f", and their other answers {_percent(_value(found.slower))}" if found.slower.value is not None else ""
    return (
        f"guesses when fast: of {found.agreement.n:,} answers {found.fast_when}, {_percent(_value(found.agreement))} "
        f"are right or agree with the others, where guessing gives {_percent(found.chance)}{beside}"
    )


def _repeats(found: Unlike, label: Callable[[int], str]) -> str | None:
    if found.q is None or found.q > LIKELY or found.label is None or found.same is None:
        return None
    return (
        f"gave “{label(found.label)}” {found.length:,} times in a row, "
        f"which is what others gave to {_percent(found.same)} of these items"
    )


def _keeps(found: Prelabels) -> str | None:
    if found.q is None or found.q > LIKELY or found.unchanged.value is None:
        return None
    kept = f"keeps {_percent(found.unchanged.value)} of {found.unchanged.n:,} pre-labels as shown"
    if found.team_contested is None or found.contested.value is None:
        return f"{kept}, far more than the team does"
    return (
        f"{kept}: of {found.contested.n:,} that most of the others changed {_percent(found.contested.value)}, "
        f"where the team keeps {_percent(found.team_contested)}"
    )


def _hurries(found: Course, day: Callable[[int], str]) -> str | None:
    change = hurried(found)
    if change is None:
        return None
    when = f"after {change.after:,} answers" if change.at_ms is None else f"on {day(change.at_ms)}"
    return (
        f"became faster all at once {when}: from {change.seconds_before:.0f} s to {change.seconds_after:.0f} s "
        "on a usual item"
    )


def _value(e: Estimate) -> float:
    assert e.value is not None
    return e.value


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
