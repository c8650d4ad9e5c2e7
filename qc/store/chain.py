"""The audit trail as a chain: the digest of each entry covers its content and the digest of the entry before it.

Each project has a chain of its own, numbered from 1, and so has what concerns all projects. Whoever knows the digest of
an entry can tell at any later time whether that entry or one before it was changed, deleted or moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from qc.store import tables as t

FORM: Final = "annotation-qc/audit/1"
# What stands in the place of the digest before the first entry.
BEGINNING: Final = ""
UNREADABLE: Final = "cannot be read: it was changed"
COLUMNS: Final = ("project", "number", "at", "actor", "action", "object", "before", "after", "reason", "digest")


@dataclass(frozen=True, slots=True)
class Pin:
    """A digest that somebody kept outside the record; `number` where they kept the number of its entry, too."""

    digest: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry of a trail that is not as it was written."""

    number: int
    what: str


def moment(at: datetime) -> str:
    """A time as it enters a digest: UTC with microseconds, like 2026-03-29T01:30:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest(entry: Mapping[str, Any], previous: str) -> str:
    """SHA-256 in hexadecimal of the entry as a JSON array in UTF-8, without blanks (RFC 8785).

    The array: form, project, number, time, actor, action, object, before, after, reason, digest of the entry before.
    `before` and `after` are the texts that are stored, JSON themselves; what is missing is null.
    """
    parts = [entry[name] for name in COLUMNS[:-1]]
    parts[2] = moment(entry["at"])
    text = json.dumps([FORM, *parts, previous], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def chained(entries: Sequence[Mapping[str, Any]], number: int, last: str) -> list[dict[str, Any]]:
    """Entries of one project with the numbers and digests that follow on an entry's."""
    rows: list[dict[str, Any]] = []
    for place, entry in enumerate(entries, number + 1):
        row = {**entry, "number": place}
        last = digest(row, last)
        rows.append({**row, "digest": last})
    return rows


def append(connection: sa.Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write entries at the end of their projects' chains; nobody else can until the transaction ends."""
    for project in sorted({entry["project"] for entry in entries}):
        number, last = _hold(connection, project)
        rows = chained([entry for entry in entries if entry["project"] == project], number, last)
        connection.execute(sa.insert(t.audit), rows)
        head = {"number": rows[-1]["number"], "digest": rows[-1]["digest"]}
        connection.execute(sa.update(t.audit_heads).where(t.audit_heads.c.project == project).values(**head))


def _hold(connection: sa.Connection, project: str) -> tuple[int, str]:
    h = t.audit_heads.c
    query = sa.select(h.number, h.digest).where(h.project == project).with_for_update()
    if (held := connection.execute(query).first()) is None:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(t.audit_heads).values(project=project, number=0, digest=BEGINNING))
        except sa.exc.IntegrityError:
            # Somebody else has written the first entry in the meantime.
            pass
        held = connection.execute(query).one()
    return held.number, held.digest


def first_fault(
    entries: Sequence[Mapping[str, Any]], head: tuple[int, str] | None, pins: Sequence[Pin] = ()
) -> Fault | None:
    """The first entry of a chain that is missing, changed or swapped; None where all are as they were written.

    entries: those of one project by number; head: number and digest of the last one, as the record keeps them.
    """
    last = BEGINNING
    for number, entry in enumerate(entries, 1):
        if entry["number"] != number:
            return Fault(number, "is missing")
        own = _tried(entry, last)
        if own is None:
            return Fault(number, UNREADABLE)
        if own != entry["digest"]:
            other = _swapped(entries, number)
            return Fault(number, f"was swapped with entry {other}" if other else "was changed")
        last = str(entry["digest"])
    if head is not None and isinstance(head[0], int) and head[0] > len(entries):
        return Fault(len(entries) + 1, f"is missing, with all up to entry {head[0]}: the end was cut off")
    if (head or (0, BEGINNING)) != (len(entries), last):
        return Fault(len(entries), "is not the one that was written last")
    return next((fault for pin in pins if (fault := _unpinned(entries, pin)) is not None), None)


def _tried(entry: Mapping[str, Any], previous: str) -> str | None:
    """The digest of an entry; None where it holds what nobody can have written, such as bytes or no time."""
    try:
        return digest(entry, previous)
    except (TypeError, AttributeError, ValueError):
        return None


def _unpinned(entries: Sequence[Mapping[str, Any]], pin: Pin) -> Fault | None:
    place = next((entry["number"] for entry in entries if entry["digest"] == pin.digest), None)
    if place is not None and pin.number in (None, place):
        return None
    if pin.number is None:
        return Fault(len(entries) + 1, "or an earlier one is not as it was: no entry has the digest that was kept")
    if pin.number > len(entries):
        return Fault(len(entries) + 1, f"is missing, with all up to the kept entry {pin.number}: the end was cut off")
    return Fault(pin.number, "has another digest than was kept: it or an earlier one was written anew")


def _swapped(entries: Sequence[Mapping[str, Any]], number: int) -> int | None:
    """The entry whose content stands at a number, and the other way round, whether or not their digests moved along."""
    here = entries[number - 1]
    before = entries[number - 2]["digest"] if number > 1 else BEGINNING
    for other in entries[number:]:
        if not isinstance(other["number"], int) or other["number"] > len(entries):
            return None
        own = _tried({**other, "number": number}, before)
        if own is None or own not in (here["digest"], other["digest"]):
            continue
        place = other["number"]
        earlier = own if place == number + 1 else entries[place - 2]["digest"]
        if _tried({**here, "number": place}, earlier) in (here["digest"], other["digest"]):
            return int(place)
    return None
