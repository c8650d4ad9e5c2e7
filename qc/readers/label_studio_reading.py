"""An export in parts: which tasks a part holds, and how they become rows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from qc.readers.elements import elements
from qc.readers.label_studio_chunks import Tasks, chunks
from qc.readers.label_studio_part import Parcel
from qc.readers.label_studio_submissions import Known
from qc.readers.label_studio_tables import part_of
from qc.readers.label_studio_workers import Workers
from qc.readers.source import Source

BYTES: Final = 2 << 20
"""Bytes of tasks that are read as one part."""
LARGE: Final = 24 << 20
"""Bytes from which on it pays to start other processes."""


def parts(source: Source, known: Known, between: re.Pattern[bytes] | None) -> Iterator[tuple[Parcel, float]]:
    """The parts of a file, in order, and the share of it that was read with each.

    A large file is read in chunks by several processes, if it is known what stands `between` its tasks. From the first
    chunk on that is none, tasks are cut out by a scan of the whole file, which is sure, and says what is wrong with it.
    """
    done = 0
    if between and source.size >= LARGE and source.encoding.startswith("utf-8") and _cores() > 1:
        with Workers(source, known, _cores()) as workers:
            for chunk, parcel in workers.read(chunks(source, between)):
                if parcel is None:
                    break
                yield parcel, chunk.end / source.size
                done += parcel.tasks
                if chunk.last:
                    return
    yield from _scanned(source, known, done)


def _cores() -> int:
    return min(os.cpu_count() or 1, 2)


def _scanned(source: Source, known: Known, skipped: int) -> Iterator[tuple[Parcel, float]]:
    """The parts behind the first tasks, which are skipped."""
    with source.stream() as stream:
        waiting: list[bytes] = []
        size = 0
        for element in islice(elements(stream, source.name), skipped, None):
            waiting.append(element)
            size += len(element)
            if size >= BYTES:
                yield part_of(_tasks(waiting), known), stream.passed / source.size
                waiting, size = [], 0
        yield part_of(_tasks(waiting), known), 1.0


def _tasks(elements: Sequence[bytes]) -> Tasks:
    return Tasks(b"[" + b",".join(elements) + b"]")
