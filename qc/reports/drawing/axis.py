"""Axes: from values to places, and where the ticks go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Any, Final

DAY: Final = 86_400.0
_DAYS: Final = (1, 2, 3, 7, 14, 28, 61, 91, 182, 365)
_MOST_DATES: Final = 8
_ROOM: Final = 0.05


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a panel: values from `low` to `high` lie between the places `start` and `end`.

    `ticks` are (value, text); `names` the categories of an axis of words.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    names: tuple[str, ...]
    title: str
    grid: bool

    def at(self, value: Any) -> float:
        """The place of a number, a date or a category."""
        share = (self.number(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def within(self, share: float) -> float:
        """The place at a share of the axis, as reference lines state it."""
        return self.start + share * (self.end - self.start)

    def number(self, value: Any) -> float:
        """A value as the axis counts it: dates in seconds, categories by their order."""
        return number(value, self.names)


def number(value: Any, names: Sequence[str] = ()) -> float:
    """A value as a number: dates as seconds since 1970, categories by their place in `names`."""
    if isinstance(value, str):
        if names:
            return float(names.index(value))
        moment = datetime.fromisoformat(value)
        # Plotly shows a time as it is written, whatever its zone.
        return moment.replace(tzinfo=UTC).timestamp()
    return float(value)


def axis(layout: Mapping[str, Any], values: Iterable[Any], room: bool, start: float, end: float) -> Axis:
    """The axis that a layout describes, wide enough for the values; `room` leaves some beyond the outermost."""
    known = [value for value in values if value is not None]
    words = layout.get("type") == "category"
    names = tuple(dict.fromkeys(map(str, known))) if words else ()
    dates = layout.get("type") == "date" or (not words and any(isinstance(value, str) for value in known))
    low, high = _range(layout, [number(value, names) for value in known], room or words)
    reverse = layout.get("autorange") == "reversed"
    ticks = _ticks(layout, low, high, names, dates, abs(end - start))
    return Axis(
        low,
        high,
        end if reverse else start,
        start if reverse else end,
        tuple(tick for tick in ticks if low <= tick[0] <= high),
        names,
        str((layout.get("title") or {}).get("text") or ""),
        layout.get("showgrid") is not False,
    )


def _range(layout: Mapping[str, Any], numbers: list[float], room: bool) -> tuple[float, float]:
    if stated := layout.get("range"):
        return float(stated[0]), float(stated[1])
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    whole = layout.get("autorange") == "reversed" or layout.get("tickvals") is not None
    if whole:
        return low - 0.5, high + 0.5
    if layout.get("rangemode") == "tozero":
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        low, high = (low - 0.5, high + 0.5) if room else (low, low + 1.0)
    margin = _ROOM * (high - low)
    from_zero = layout.get("rangemode") == "tozero" and low == 0
    return (low if from_zero else low - margin * room), high + margin


def _ticks(
    layout: Mapping[str, Any], low: float, high: float, names: tuple[str, ...], dates: bool, length: float
) -> list[tuple[float, str]]:
    if layout.get("tickvals") is not None:
        texts = layout.get("ticktext") or [f"{value:g}" for value in layout["tickvals"]]
        return [(float(value), str(text)) for value, text in zip(layout["tickvals"], texts, strict=True)]
    if names:
        return [(float(place), name) for place, name in enumerate(names)]
    if dates:
        return _dates(low, high)
    return _round_numbers(low, high, int(layout.get("nticks") or max(length / 70, 3)))


def _round_numbers(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Ticks at 1, 2 or 5 times a power of ten."""
    least = (high - low) / most
    power = 10.0 ** floor(log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999999)
    decimals = max(0, -floor(log10(step) + 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [(place * step, f"{place * step:,.{decimals}f}".replace("-", "−")) for place in range(first, last + 1)]


def _dates(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks at midnights."""
    first = datetime.fromtimestamp(low, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (high - low) / DAY
    step = next((days_ for days_ in _DAYS if days / days_ <= _MOST_DATES), ceil(days / _MOST_DATES))
    found = []
    for place in range(_MOST_DATES + 2):
        day = first + timedelta(days=step * place)
        text = f"{day.day} {day:%b}" if step < 182 else f"{day:%b %Y}"
        found.append((day.timestamp(), text))
    return found
