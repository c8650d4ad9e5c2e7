"""Some tasks as tables: in columns where they have the common shape, value by value where not."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import msgspec

from qc.readers.decoding import NOT_FINITE, value_of
from qc.readers.label_studio_chunks import Tasks
from qc.readers.label_studio_columns import deliver_rows
from qc.readers.label_studio_common import MisfitError, Rows, fits
from qc.readers.label_studio_part import Parcel, Part, parcel
from qc.readers.label_studio_submissions import Known, Submissions
from qc.readers.label_studio_types import Task

_DECODER: Final = msgspec.json.Decoder(Task)


def part_of(tasks: Tasks, known: Known) -> Parcel:
    """What some tasks hold."""
    if fits(known.paths):
        with suppress(MisfitError):
            return _in_columns(tasks, known)
    part = Part()
    slow = Submissions(known, part)
    position, emptied = 1, set[int]()
    for number, raw in enumerate(tasks.raw):
        position = slow.take(value_of(bytes(raw), emptied, number), position)
    slow.finish()
    part.tally.note(NOT_FINITE, len(emptied))
    return parcel(part, len(tasks.raw))


def _in_columns(tasks: Tasks, known: Known) -> Parcel:
    """What some tasks hold, those of the common shape as columns; MisfitError where a time needs a closer look."""
    part = Part()
    rows, slow = Rows(known), Submissions(known, part)
    typed: Iterable[Task | None] = tasks.typed if tasks.typed is not None else map(_typed, tasks.raw)
    position, count, emptied = 1, 0, set[int]()
    for task in typed:
        try:
            if task is None:
                raise MisfitError
            position = rows.take(task, position)
        except MisfitError:
            position = slow.take(value_of(bytes(tasks.raw[count]), emptied, count), position)
        count += 1
    deliver_rows(rows, known, part)
    slow.finish()
    part.tally.note(NOT_FINITE, len(emptied))
    return parcel(part, count)


def _typed(raw: bytes | msgspec.Raw) -> Task | None:
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None
