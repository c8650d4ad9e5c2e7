"""The audit trail of a project, or of what concerns all: read, checked, and taken along as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from qc.access import allowed
from qc.figures.words import one_line
from qc.model import InputError
from qc.store.audit import Trail, Wanted, audit_trail, audit_words, checked
from qc.store.chain import COLUMNS, FORM, Pin, moment
from qc.store.people import EVERYWHERE
from qc.store.record import dumps, loads
from qc.workspace.opening import Workspace
from qc.workspace.report import replace_file
from qc.workspace.report_files import workbook
from qc.workspace.sheet_files import written

MOST: Final = 1_000
DIGEST_LENGTH: Final = 64
SUFFIXES: Final = (".csv", ".xlsx", ".json")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries somebody wants to see; days are those of the project's zone, both inclusive."""

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    object: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a trail is as it was written, in a sentence, and its last entry as it can be kept elsewhere."""

    whole: bool
    sentence: str
    head: str


@allowed("audit")
def entries(ws: Workspace, project: str | None, asked: Asked | None = None, most: int | None = MOST) -> pd.DataFrame:
    """number, at, actor, action, object, before, after, reason, digest of a trail's entries, the newest first.

    Without a project those of what concerns all of them. `before` and `after` are JSON.
    """
    found = audit_trail(ws.store, _trail(ws, project), _wanted(ws, project, asked or Asked()), most)
    frame = pd.DataFrame(found, columns=[name for name in COLUMNS if name != "project"])
    # As objects, because what is missing stays None there.
    texts = {name: pd.Series([row[name] for row in found], dtype=object) for name in ("before", "after", "reason")}
    return frame.assign(**texts)


@allowed("audit")
def lines(ws: Workspace, project: str | None, asked: Asked, most: int) -> list[str]:
    """The latest of the wanted entries as lines for a terminal, the newest last; each stays on its line."""
    found = audit_trail(ws.store, _trail(ws, project), _wanted(ws, project, asked), most)
    return [_line(row) for row in reversed(found)]


@allowed("audit")
def words(ws: Workspace, project: str | None) -> dict[str, list[str]]:
    """The actors and the actions on the trail, to choose from."""
    return audit_words(ws.store, _trail(ws, project))


@allowed("audit")
def verify(ws: Workspace, project: str | None, kept: Sequence[str] = ()) -> Checked:
    """Compute each digest of the trail again, and look for those that somebody kept: `P:57:…`, `57:…` or `…` alone."""
    trail = _trail(ws, project)
    pins = [(of, pin) for of, pin in map(pinned, kept) if of in (None, trail)]
    if len(pins) < len(kept):
        raise InputError(f"A digest that was given is of another trail than {trail}; give it with its own project.")
    return told(checked(ws.store, trail, [pin for _, pin in pins]))


@allowed("audit")
def file(ws: Workspace, project: str | None, suffix: str, asked: Asked | None = None) -> bytes:
    """The wanted entries as a file for a spreadsheet or a program; that it left stands on the trail."""
    content, entries = _file(ws, project, suffix, asked or Asked())
    _note(ws, project, f"file audit{suffix}", entries)
    return content


@allowed("audit")
def write(ws: Workspace, project: str | None, out: Path, asked: Asked | None = None) -> str:
    """Write the wanted entries as .csv, .xlsx or .json; returns what was written and what can be kept to check it."""
    found = told(checked(ws.store, _trail(ws, project)))
    content, entries = _file(ws, project, out.suffix.lower(), asked or Asked())
    replace_file(out, content)
    _note(ws, project, f"file {out.name}", entries)
    kept = f"Keep this elsewhere, to check the trail with --verify-from later: {found.head}"
    return f"{out} written. {found.sentence} {kept}"


def pinned(text: str) -> tuple[str | None, Pin]:
    """The trail and digest that somebody kept, from `tickets:57:…`, `57:…` or the digest alone."""
    *place, digest = text.strip().split(":")
    number = place.pop() if place else None
    if len(digest) != DIGEST_LENGTH or len(place) > 1 or not (number is None or number.isdecimal()):
        raise InputError(f"{text[:80]!r} is no digest of an audit trail; give what qc audit --out or qc doctor showed.")
    return (place[0] if place else None), Pin(digest.lower(), None if number is None else int(number))


def told(trail: Trail) -> Checked:
    """What a check of a trail found."""
    name = "all projects" if trail.project == EVERYWHERE else trail.project
    if trail.fault is not None:
        found = f"The audit trail of {name} is broken: entry {trail.fault.number} {trail.fault.what}."
        return Checked(False, found, _head(trail))
    length = "1 entry" if trail.length == 1 else f"{trail.length:,} entries"
    return Checked(True, f"The audit trail of {name} is whole: {length}.", _head(trail))


def differences(before: str | None, after: str | None) -> list[dict[str, Any]]:
    """part, before, after: what differs between two values that are stored as JSON, part by part.

    >>> differences('{"a":1,"b":{"c":2}}', '{"a":1,"b":{"c":3}}')
    [{'part': 'b.c', 'before': '2', 'after': '3'}]
    """
    was, now = (dict(_parts(loads(text), "")) if text is not None else {} for text in (before, after))
    return [
        {"part": part, "before": was.get(part), "after": now.get(part)}
        for part in dict.fromkeys([*was, *now])
        if was.get(part) != now.get(part)
    ]


def change_in_words(before: str | None, after: str | None) -> str:
    """The differences in one line.

    >>> change_in_words('"normal"', '"full"')
    'normal → full'
    """
    return "; ".join(
        f"{row['part']}: {_step(row)}" if row["part"] else _step(row) for row in differences(before, after)
    )


def _line(row: dict[str, Any]) -> str:
    why = f" ({row['reason']})" if row["reason"] else ""
    change = change_in_words(row["before"], row["after"])
    said = f"{row['object']}: {change}{why}" if change else f"{row['object']}{why}"
    return one_line(f"{row['number']:>6}  {row['at']:%Y-%m-%d %H:%M:%S} UTC  {row['actor']}  {row['action']}  {said}")


def _step(row: dict[str, Any]) -> str:
    was, now = (row[side] if row[side] is not None else "–" for side in ("before", "after"))
    return str(now) if row["before"] is None else f"{was} → {now}"


def _parts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _parts(inner, f"{path}.{name}" if path else name)
    else:
        yield path, value if isinstance(value, str) else dumps(value)


def _file(ws: Workspace, project: str | None, suffix: str, asked: Asked) -> tuple[bytes, int]:
    if suffix not in SUFFIXES:
        raise InputError(f"An audit trail cannot be written as {suffix!r}; use {', '.join(SUFFIXES)}.")
    trail = _trail(ws, project)
    rows = reversed(audit_trail(ws.store, trail, _wanted(ws, project, asked), most=None))
    timed = [{name: row[name] for name in COLUMNS} | {"at": moment(row["at"])} for row in rows]
    frame = pd.DataFrame(timed, columns=list(COLUMNS), dtype=object)
    match suffix:
        case ".csv":
            content = written(frame, suffix)
        case ".xlsx":
            content = workbook({"audit": frame})
        case _:
            whole = {"schema": FORM, "project": trail, "all": asked == Asked(), "entries": timed}
            content = orjson.dumps(whole, option=orjson.OPT_INDENT_2)
    return content, len(timed)


def _note(ws: Workspace, project: str | None, what: str, entries: int) -> None:
    about = {"what": "audit trail", "entries": entries}
    ws.store.note(ws.actor.name, _trail(ws, project), "export", what, after=about)


def _trail(ws: Workspace, project: str | None) -> str:
    return EVERYWHERE if project is None else ws.store.project(project).slug


def _wanted(ws: Workspace, project: str | None, asked: Asked) -> Wanted:
    zone = ZoneInfo(ws.policy(project).timezone) if project else ZoneInfo("UTC")

    def instant(day: date | None, at: time) -> datetime | None:
        return None if day is None else datetime.combine(day, at, zone).astimezone(UTC)

    first, last = instant(asked.since, time.min), instant(asked.until, time.max)
    return Wanted(asked.actors, asked.actions, asked.object, asked.text, first, last)


def _head(trail: Trail) -> str:
    return f"{trail.project}:{trail.length}:{trail.head}"
