"""Chunks of a large export that can be read apart from each other: cut where a task seems to begin, then proved.

A cut is a guess by what the first tasks begin with. It is proved by reading: a chunk whose begin is right and that is a
JSON list between two brackets has the right end, too. So a wrong guess is found by the first chunk that is none, and
everything before it is as a reader of the whole file would have it.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from qc.model import InputError
from qc.readers.elements import elements
from qc.readers.label_studio_types import Task
from qc.readers.source import Source

SIZE: Final = 4 << 20
"""Bytes of a chunk, about."""
LONGEST: Final = 64 << 20
"""Bytes of the longest chunk; the longest task must fit into one."""

_WINDOW: Final = 256 << 10
_OVERLAP: Final = 1 << 10
_SPACE: Final = b" \t\r\n"
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*(?=\{)")
_SCALAR: Final = rb'(?:-?\d{1,18}|"[^"\\]{0,200}")'
_TWO_MEMBERS: Final = re.compile(rb'\{\s*("[^"\\]{1,60}")\s*:\s*' + _SCALAR + rb'\s*,\s*("[^"\\]{1,60}")\s*:')
_ONE_MEMBER: Final = re.compile(rb'\{\s*("[^"\\]{1,60}")\s*:\s*[\[{]')


class Tasks:
    """Tasks that stand in the bytes of a JSON list; RecursionError where they nest too deep."""

    def __init__(self, text: bytes | bytearray) -> None:
        self._text = text
        self.typed: Sequence[Task] | None = None
        """The tasks, where all have the common shape."""
        with suppress(msgspec.MsgspecError):
            self.typed = msgspec.json.decode(text, type=list[Task])

    @cached_property
    def raw(self) -> Sequence[bytes | msgspec.Raw]:
        """The bytes of each task; InputError where they are no list of records."""
        try:
            return msgspec.json.decode(self._text, type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            # Some are no JSON: only a scan tells where they end.
            return list(elements(io.BytesIO(self._text), ""))


class Chunk(NamedTuple):
    """The bytes of some tasks and of what stands between them; the last one ends the list."""

    begin: int
    end: int
    last: bool


def beginning(tasks: Sequence[bytes]) -> re.Pattern[bytes] | None:
    """What tasks begin with, and nothing in them does; None where there is no such thing."""
    if not tasks:
        return None
    if match := _TWO_MEMBERS.match(tasks[0]):
        head = rb"\{\s*" + re.escape(match[1]) + rb"\s*:\s*" + _SCALAR + rb"\s*,\s*" + re.escape(match[2]) + rb"\s*:"
    elif match := _ONE_MEMBER.match(tasks[0]):
        head = rb"\{\s*" + re.escape(match[1]) + rb"\s*:\s*[\[{]"
    else:
        return None
    pattern = re.compile(head)
    sure = all(pattern.match(task) and not pattern.search(task, 1) for task in tasks)
    return re.compile(rb"\}\s*,\s*(?=" + head + rb")") if sure else None


def chunks(source: Source, between: re.Pattern[bytes]) -> Iterator[Chunk]:
    """The chunks of a file, cut behind what stands `between` two tasks; none where it begins as no list of objects."""
    start = _START.match(source.head)
    if start is None:
        return
    begin = start.end()
    with source.path.open("rb") as file:
        while source.size - begin > 2 * SIZE and (cut := _cut(file.fileno(), begin, between)):
            yield Chunk(begin, cut, False)
            begin = cut
    if source.size - begin <= LONGEST:
        yield Chunk(begin, source.size, True)


def _cut(file: int, begin: int, between: re.Pattern[bytes]) -> int | None:
    """The place behind the first cut that lies a chunk's size or more after its begin."""
    place = begin + SIZE
    while place < begin + LONGEST:
        # The windows overlap, as a cut may lie across the edge of one.
        window = os.pread(file, _WINDOW, place)
        if match := between.search(window):
            return place + match.end()
        if len(window) < _WINDOW:
            return None
        place += _WINDOW - _OVERLAP
    return None


def tasks_of(path: Path, chunk: Chunk) -> Tasks | None:
    """The tasks of a chunk; None where it is no run of whole tasks, so that its begin or its end is wrong."""
    # One place more than the bytes: the list's begin goes before them, its end in place of the last comma.
    text = bytearray(1 + chunk.end - chunk.begin)
    with path.open("rb", buffering=0) as file:
        file.seek(chunk.begin)
        end = 1 + (file.readinto(memoryview(text)[1:]) or 0)
    while end > 1 and text[end - 1] in _SPACE:
        end -= 1
    if text[end - 1] != ord("]" if chunk.last else ","):
        return None
    text[0], text[end - 1] = b"[]"
    del text[end:]
    try:
        # What is skipped unread must be text, too.
        text.decode()
        tasks = Tasks(text)
        return tasks if tasks.typed is not None or all(memoryview(task)[0] in b"[{" for task in tasks.raw) else None
    except (UnicodeDecodeError, RecursionError, InputError):
        return None
