"""Points in time: text to UTC microseconds, and how the zone is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import InputError, TzSource

TIME: Final = pa.timestamp("us", tz="UTC")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

# Written after the time by MTurk and others; CST and IST are left out, as each names several zones.
_ABBREVIATIONS: Final = {
    "UTC": 0,
    "GMT": 0,
    "EST": -5,
    "EDT": -4,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
}
_NAMED: Final = re.compile(r"(.*\d)\s*([A-Z]{3,4})")
_UNIX_STYLE: Final = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} +\d{1,2} [\d:]{8}) ([A-Z]{3,4}) (\d{4})")
_SLASHES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?")
_DOTS: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
# The same forms for whole columns, without what is rare in them.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNIX_STYLE_COLUMN: Final = (
    rf"^[A-Z][a-z]{{2}} (?P<month>{'|'.join(_MONTHS)}) +(?P<day>\d{{1,2}}) (?P<time>\d\d:\d\d:\d\d) "
    rf"(?P<zone>{'|'.join(_ABBREVIATIONS)}) (?P<year>[1-9]\d{{3}})$"
)
_SLASHES_COLUMN: Final = r"^(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>[1-9]\d{3}) (?P<time>\d{1,2}:\d\d:\d\d)$"
_LAST_TRANSITION: Final = datetime(2037, 1, 1)
_NUMBER: Final = re.compile(r"\d{9,17}(?:\.\d*)?")

UNREADABLE: Final = "a time cannot be read"
UNDECIDED: Final = 'day and month cannot be told apart: set dates = "day first" or "month first" in the mapping'
TWICE: Final = "{n} times fall into the hour that occurs twice when summer time ends; the first was taken"
IN_GAP: Final = "a time falls into the hour that the change to summer time leaves out"


class Clock(NamedTuple):
    """How times without a zone are read: the zone, whether anybody named it, and the order of day and month."""

    zone: tzinfo = UTC
    stated: bool = False
    day_first: bool | None = None


class Instant(NamedTuple):
    """Microseconds since 1970 in UTC, how the zone is known, and whether the hour occurs twice."""

    micros: int
    source: TzSource
    twice: bool = False


class BadTimeError(ValueError):
    """A text that is no point in time; the message is the reason for quarantine."""


def clock(zone: str | None, dates: str | None = None) -> Clock:
    """The clock of a named IANA zone; UTC is assumed for None. An unknown zone is an InputError."""
    order = None if dates is None else dates == "day first"
    if zone is None:
        return Clock(day_first=order)
    try:
        return Clock(UTC if zone == "UTC" else ZoneInfo(zone), True, order)
    except (KeyError, ValueError, OSError):
        raise InputError(f"There is no time zone {zone!r}; name one like Europe/Berlin or America/New_York.") from None


def instant(text: str, clock: Clock) -> Instant:
    """One time as any of the tools writes it; raises BadTimeError with the reason.

    >>> instant("2026-03-02 09:00:00 PST", Clock()).source
    <TzSource.NAMED: 'named'>
    """
    when = _iso(text)
    if when is not None and when.tzinfo is not None:
        return Instant((when - EPOCH) // MICROSECOND, TzSource.EXPLICIT)
    # Compact digits may also be an epoch, which is what tools write.
    if when is not None and "-" in text:
        return _in_zone(when, clock)
    if _NUMBER.fullmatch(text):
        return Instant(_epoch(float(text)), TzSource.EPOCH)
    if match := _UNIX_STYLE.fullmatch(text):
        day, name, year = match.groups()
        return _named(_strptime(f"{day} {year}", "%b %d %H:%M:%S %Y"), name)
    if match := _NAMED.fullmatch(text):
        when = _iso(match[1])
        if when is not None and when.tzinfo is None:
            return _named(when, match[2])
    return _in_zone(_sheet_time(text, clock.day_first), clock)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _strptime(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        raise BadTimeError(UNREADABLE) from None


def _named(when: datetime, name: str) -> Instant:
    if name not in _ABBREVIATIONS:
        raise BadTimeError(UNREADABLE)
    zone = timezone(timedelta(hours=_ABBREVIATIONS[name]))
    return Instant((when.replace(tzinfo=zone) - EPOCH) // MICROSECOND, TzSource.NAMED)


def _epoch(number: float) -> int:
    """Seconds, milliseconds or microseconds, told by their size (years 1973 to 5138)."""
    for scale in (1_000_000, 1_000, 1):
        if number < 1e11 * 1_000_000 / scale:
            return round(number * scale)
    raise BadTimeError(UNREADABLE)


def _sheet_time(text: str, day_first: bool | None) -> datetime:
    half = None
    if match := _DOTS.fullmatch(text):
        day, month, year, hour, minute, second = match.groups()
    elif match := _SLASHES.fullmatch(text):
        day, month, year, hour, minute, second, half = match.groups()
        if int(day) <= 12 and int(month) <= 12 and day != month and day_first is None:
            raise BadTimeError(UNDECIDED)
        if day_first is False or int(month) > 12:
            day, month = month, day
    else:
        raise BadTimeError(UNREADABLE)
    try:
        hours = int(hour or 0)
        if half:
            hours = hours % 12 + 12 * (half.lower() == "pm")
        return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
    except ValueError:
        raise BadTimeError(UNREADABLE) from None


def _in_zone(when: datetime, clock: Clock) -> Instant:
    try:
        first = when.replace(tzinfo=clock.zone, fold=0)
        micros = (first - EPOCH) // MICROSECOND
        if clock.zone is UTC:
            return Instant(micros, TzSource.ASSUMED)
        if first.astimezone(UTC).astimezone(clock.zone).replace(tzinfo=None) != when:
            raise BadTimeError(IN_GAP)
        return Instant(micros, TzSource.ASSUMED, first.utcoffset() != first.replace(fold=1).utcoffset())
    except OverflowError:
        raise BadTimeError(UNREADABLE) from None


@dataclass(frozen=True, slots=True)
class Instants:
    """Times (null where empty or bad), how their zones are known, reasons by bad row, and hours that occur twice."""

    values: pa.Array
    sources: pa.Array
    bad: dict[int, str]
    twice: int = 0


def instants(texts: pa.Array, clock: Clock) -> Instants:
    """A column of texts (null = empty) as times; what a cast of the whole column cannot read is read one by one."""
    nothing = pa.nulls(len(texts), pa.string())
    if texts.null_count == len(texts):
        return Instants(pa.nulls(len(texts), TIME), nothing, {})
    for source, values in _casts(texts, clock):
        return Instants(values, pc.if_else(pc.is_valid(texts), source.value, nothing), {})
    return _one_by_one(texts, clock)


def _casts(texts: pa.Array, clock: Clock) -> Iterator[tuple[TzSource, pa.Array]]:
    with suppress(pa.ArrowInvalid):
        yield TzSource.EXPLICIT, texts.cast(TIME)
        return
    with suppress(pa.ArrowInvalid):
        if (spelt := _spelt(texts, _UNIX_STYLE_COLUMN, _unix_style)) is not None:
            yield TzSource.NAMED, spelt.cast(TIME)
            return
    with suppress(pa.ArrowInvalid):
        dated = _spelt(texts, _SLASHES_COLUMN, partial(_slashes, clock)) if clock.day_first is not None else None
        naive = (texts if dated is None else dated).cast(pa.timestamp("us"))
        # Arrow knows no summer time after 2037 (it reads a zone's transitions, not the rule that continues them).
        if clock.zone is UTC or pc.max(naive).as_py() < _LAST_TRANSITION:
            yield TzSource.ASSUMED, pc.assume_timezone(naive, str(clock.zone)).cast(TIME)


def _spelt(texts: pa.Array, pattern: str, iso: Callable[[Callable[[str], pa.Array]], pa.Array]) -> pa.Array | None:
    """A column in a tool's own form as ISO texts, or None where any text has another form."""
    parts = pc.extract_regex(texts, pattern)
    if parts.null_count > texts.null_count:
        return None
    return pc.if_else(pc.is_valid(texts), iso(partial(pc.struct_field, parts)), pa.scalar(None, pa.string()))


def _unix_style(part: Callable[[str], pa.Array]) -> pa.Array:
    month = pc.add(pc.index_in(part("month"), pa.array(_MONTHS)), 1)
    offsets = pa.array([f"{hours:+03}:00" for hours in _ABBREVIATIONS.values()])
    offset = offsets.take(pc.index_in(part("zone"), pa.array(list(_ABBREVIATIONS))))
    date = pc.binary_join_element_wise(part("year"), _padded(month.cast(pa.string())), _padded(part("day")), "-")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(date, part("time"), " "), offset, "")


def _slashes(clock: Clock, part: Callable[[str], pa.Array]) -> pa.Array:
    day, month = (part("first"), part("second")) if clock.day_first else (part("second"), part("first"))
    date = pc.binary_join_element_wise(part("year"), _padded(month), _padded(day), "-")
    return pc.binary_join_element_wise(date, _padded(part("time"), len("09:00:00")), " ")


def _padded(texts: pa.Array, width: int = 2) -> pa.Array:
    return pc.utf8_lpad(texts, width, "0")


def _one_by_one(texts: pa.Array, clock: Clock) -> Instants:
    coded = texts.dictionary_encode()
    micros: list[int | None] = []
    sources: list[str | None] = []
    reasons: dict[int, str] = {}
    twice: list[bool] = []
    for code, text in enumerate(coded.dictionary.to_pylist()):
        try:
            found: Instant | None = instant(text, clock)
        except BadTimeError as error:
            found, reasons[code] = None, str(error)
        micros.append(found.micros if found else None)
        sources.append(found.source.value if found else None)
        twice.append(bool(found and found.twice))
    codes: npt.NDArray[np.int64] = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    bad = {int(row): reasons[int(codes[row])] for row in np.flatnonzero(np.isin(codes, list(reasons)))}
    return Instants(
        pa.array(micros, pa.int64()).cast(TIME).take(coded.indices),
        pa.array(sources, pa.string()).take(coded.indices),
        bad,
        int(np.array([*twice, False])[codes].sum()),
    )
