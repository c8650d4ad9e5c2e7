"""The seven verdicts on fatigue, in the order in which they are decided, and the sentences that say them aloud."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf

from qc.model import Estimate

# Under this share of the within-session variance of time, items and time at work are the same thing.
LEAST_LEFT = 0.1
TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times", 7: "seven times"}
MOST_TIMES = 10
# A pace that changes by more than half an hour is one of minutes.
STEEP = 0.5


class Verdict(StrEnum):
    """What the data say about tiring."""

    TOO_LITTLE = "too little data"
    CONFOUNDED = "cannot separate from item"
    RISING = "rising"
    FALLING = "falling"
    FASTER = "faster only"
    SLOWER = "slower only"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of the error rate that decides, per `step`; inside ± `margin` it counts as flat.

    `later` is where the sentence measures its effect, `steps` further on than the start; sessions have judged answers
    as far as `reach` steps.
    """

    change: Estimate
    margin: float
    step: str
    later: str
    steps: float = 3.0
    reach: float = inf


def decide(trend: Trend, seconds: Estimate, seconds_margin: float, left: float | None) -> Verdict:
    """The verdict on a trend with enough answers behind it.

    left: share of the within-session variance of time left once items are taken out, None where items do not recur.
    """
    low, high = interval(trend.change)
    if left is not None and left < LEAST_LEFT:
        return Verdict.CONFOUNDED
    if low > 0:
        return Verdict.RISING
    if high < 0:
        return Verdict.FALLING
    if low < -trend.margin or high > trend.margin:
        return Verdict.TOO_LITTLE
    if seconds.value is not None:
        slowest, fastest = interval(seconds)
        if fastest < -seconds_margin:
            return Verdict.FASTER
        if slowest > seconds_margin:
            return Verdict.SLOWER
    return Verdict.FLAT


def interval(estimate: Estimate) -> tuple[float, float]:
    """Both ends of an interval that is there."""
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def too_wide(trend: Trend) -> str:
    """Why an interval decides nothing, and how many times the answers would: its width falls with their root."""
    low, high = interval(trend.change)
    half, distance = (high - low) / 2, abs((high + low) / 2)
    wanted = max(distance, trend.margin - distance)
    times = max(2, ceil((half / wanted) ** 2))
    more = f"more than {MOST_TIMES} times" if times > MOST_TIMES else f"about {TIMES.get(times, f'{times} times')}"
    return f"too wide: {points(low)} to {points(high)} points {trend.step}; {more} the answers would decide"


def sentence(
    verdict: Verdict, trend: Trend | None, seconds: Estimate, reason: str | None, caveat: str | None, pace: str = ""
) -> str:
    """What a lead would say aloud; `pace` is told where errors decide nothing."""
    if trend is None or verdict is Verdict.TOO_LITTLE:
        return f"Not enough to tell whether errors rise with time at work ({reason}).{pace}"
    if verdict is Verdict.CONFOUNDED:
        return (
            "Tiredness cannot be told from harder items here: everybody meets the items in the same order. "
            "Give the items in random order, and the next weeks will tell."
        )
    if verdict is Verdict.RISING:
        doubt = f" But {caveat}." if caveat else ""
        return f"Errors rise with time at work, by {_change(trend)}: {_effect(trend)}.{doubt}"
    if verdict is Verdict.FALLING:
        return f"Errors fall with time at work, by {_change(trend)}: people warm up, they do not tire."
    if verdict is Verdict.FLAT:
        return f"No sign of fatigue: {_bound(trend)}."
    if verdict is Verdict.FASTER:
        return f"People get faster, {_pace(seconds)} less time an answer each hour, and not worse: {_bound(trend)}."
    return f"People slow down, {_pace(seconds)} more time an answer each hour, but not worse: {_bound(trend)}."


def pace_alone(per_hour: Estimate, per_hundred: Estimate, margin: float) -> str:
    """A sentence (with a space before it) on how pace changes, where it surely does by more than the margin an hour.

    What would be halved or more within the hour is told by the hundred answers: such sessions are short.
    """
    if per_hour.value is None:
        return ""
    slowest, fastest = interval(per_hour)
    if -margin <= fastest and slowest <= margin:
        return ""
    short = abs(per_hour.value) > STEEP and per_hundred.value is not None
    told, step = (per_hundred, "with every 100 answers") if short else (per_hour, "each hour")
    assert told.value is not None
    low, high = sorted(abs(end) for end in interval(told))
    if interval(told)[0] <= 0 <= interval(told)[1]:
        return ""
    does, amount = ("get faster", "less") if told.value < 0 else ("slow down", "more")
    between = f"{_percent(low).removesuffix(' %')} to {_percent(high)}"
    return f" People do {does}: {_percent(told.value)} {amount} time an answer {step} ({between})."


def points(fraction: float) -> str:
    """A fraction as signed percentage points.

    >>> points(0.025), points(-0.0004), points(0.0)
    ('+2.5', '−0.04', '0')
    """
    value = 100 * fraction
    text = f"{value:+.1f}" if abs(value) >= 0.05 else f"{value:+.2f}"
    return text.replace("-", "−") if float(text) else "0"


def _change(trend: Trend) -> str:
    low, high = sorted(abs(end) for end in interval(trend.change))
    assert trend.change.value is not None
    return f"{_bare(abs(trend.change.value))} points {trend.step} ({_bare(low)} to {_bare(high)})"


def _effect(trend: Trend) -> str:
    assert trend.change.value is not None
    if trend.steps * abs(trend.change.value) >= 1:
        return f"too steep to last until the fourth {trend.later}"
    more = _bare(trend.steps * trend.change.value)
    return f"about {more} more errors in 100 answers in the fourth {trend.later} than in the first{_beyond(trend)}"


def _bound(trend: Trend) -> str:
    worst = max(interval(trend.change)[1], 0.0)
    return (
        f"a rise of more than {_bare(worst)} points {trend.step} is ruled out "
        f"(at most {_bare(trend.steps * worst)} more errors in 100 answers in the fourth {trend.later}{_beyond(trend)})"
    )


def _beyond(trend: Trend) -> str:
    """Says so where nobody worked as long as the sentence looks."""
    return ", were sessions to last that long" if trend.reach < trend.steps else ""


def _pace(seconds: Estimate) -> str:
    assert seconds.value is not None
    return _percent(seconds.value)


def _percent(change: float) -> str:
    """The size of a relative change: 12 %, 0.4 %.

    >>> _percent(-0.12), _percent(0.004)
    ('12 %', '0.4 %')
    """
    size = 100 * abs(change)
    return f"{size:.0f} %" if size >= 0.95 else f"{size:.1f} %"


def _bare(fraction: float) -> str:
    return points(fraction).lstrip("+")
