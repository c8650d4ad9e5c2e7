"""What to do about it, in sentences: breaks, rotation, a limit for the day; only what the data bear out."""

from __future__ import annotations

from qc.model import Estimate
from qc.stats.fatigue.monotony import Monotony
from qc.stats.fatigue.verdict import Verdict, interval, points

FALSE_DISCOVERY = 0.05
# Beyond this nobody works anyway.
LONGEST_DAY = 12.0
# A limit below is no plan for a day.
SHORTEST_DAY = 1.0


def advice(
    verdict: Verdict, pause_after: float | None, recovery: Estimate, alike: Monotony, day_limit: float | None
) -> list[str]:
    """Sentences in the order of what is cheapest to do; none where the data ask for nothing."""
    said = []
    if verdict is Verdict.CONFOUNDED:
        said.append(
            "Give the items in random order, another for each annotator: then tiredness can be told from items."
        )
    if verdict is Verdict.RISING:
        said.append(_break(pause_after, recovery))
    change = alike.error_per_10
    if change.low is not None and change.low > 0 and verdict is not Verdict.CONFOUNDED:
        worst = [row.kind for row in alike.by_kind if row.q <= FALSE_DISCOVERY]
        most = f", above all with {' and '.join(worst[:3])}" if worst else ""
        low, high = interval(change)
        said.append(
            f"Errors rise by {points(change.value or 0.0)} points ({points(low)} to {points(high)}) with every ten "
            f"similar items in a row{most}: mix the kinds, or change the task after about ten."
        )
    if day_limit is not None and day_limit < SHORTEST_DAY:
        said.append(
            "On a day's work errors rise so fast that within its first hour they cost more than the hour: look at the "
            "price of an escaped error, or give this work in short pieces."
        )
    elif day_limit is not None and day_limit < LONGEST_DAY:
        said.append(
            f"After {day_limit:.1f} hours of work in a day the extra errors of an hour cost more than the hour: "
            "let the rest wait for the next day."
        )
    return said


def _break(pause_after: float | None, recovery: Estimate) -> str:
    if pause_after is not None:
        low, high = sorted(abs(end) for end in interval(recovery))
        fewer = f"{points(abs(recovery.value or 0.0)).lstrip('+')} points ({points(low).lstrip('+')} to "
        fewer += f"{points(high).lstrip('+')})"
        return (
            f"A pause of ten minutes after about {pause_after:.0f} minutes of work costs least: in the half hour after "
            f"a pause errors are {fewer} lower than in the half hour before."
        )
    if recovery.value is None:
        return f"Whether a pause would help is not known: {recovery.reason}."
    low, high = interval(recovery)
    if high < 0:
        return (
            f"No pause pays at these prices: errors change by {points(low)} to {points(high)} points across one, and "
            "its time costs more than they do."
        )
    return (
        f"That a pause restores is not seen (errors change by {points(low)} to {points(high)} points across one): "
        "before pauses are ordered, try them with half of the team."
    )
