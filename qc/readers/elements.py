"""The elements of a JSON list, or of the lists in a JSON object, cut out of a stream without holding a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from qc.model import InputError
from qc.readers.decoding import decoded
from qc.readers.source import longest_record

DEPTH: Final = 64
BLOCK: Final = 1 << 20

_MARK: Final = b"\xef\xbb\xbf"
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")
_STEP: Final = np.zeros(256, np.int8)
_STEP[[ord("["), ord("{")]] = 1
_STEP[[ord("]"), ord("}")]] = -1
# The end of what stands before the first element of a member's list, and the most bytes that it may take.
_OPENS: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*$')
_NAME: Final = 1_000
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKET: Final = re.compile(rb"[\[\]{}]")
# What may stand before, between and behind the lists and objects of a list: other entries (texts, numbers, what is no
# JSON), by whether it is the first such place and whether it is the last.
_ENTRY: Final = re.compile(rb'"(?:[^"\\]++|\\[^\n])*+"|[^\s,"\[\]{}][^,"\[\]{}]*+')
_BEFORE: Final = rb"((?:(?:%b)\s*+,\s*+)*+)" % _ENTRY.pattern
_BEHIND: Final = rb"((?:\s*+,\s*+(?:%b)\s*+)*+)\]\s*+" % _ENTRY.pattern
_BETWEEN: Final = {
    (True, False): re.compile(rb"\s*+\[\s*+" + _BEFORE),
    (False, False): re.compile(rb"\s*+,\s*+" + _BEFORE),
    (False, True): re.compile(rb"\s*+" + _BEHIND),
    (True, True): re.compile(rb"\s*+\[\s*+((?:(?:%b)\s*+(?:,\s*+(?:%b)\s*+)*+)?+)\]\s*+" % ((_ENTRY.pattern,) * 2)),
}
_SEEN: Final = (_STEP != 0) | np.isin(np.arange(256), [_QUOTE, _ESCAPE])

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


class Readable(Protocol):
    """A stream of UTF-8 bytes."""

    def read(self, size: int = -1, /) -> bytes | None:
        """At most `size` bytes; b"" at the end."""


class _State(NamedTuple):
    """Where a block ends: how deep, inside a string, after a backslash that escapes."""

    depth: int = 0
    quoted: bool = False
    escaped: bool = False


def elements(stream: Readable, name: str) -> Iterator[bytes]:
    """What a JSON list holds, each as bytes; what it is, is for its decoder to check.

    A file that is cut off, nested deeper than DEPTH, or no list is an InputError that names the byte.
    """
    first = True
    for between, element, at in _pieces(stream, name, 1):
        match = _BETWEEN[first, element is None].fullmatch(between)
        if match is None:
            fault = "does not end as a list of records at" if element is None else "is no list: see what stands before"
            raise InputError(f"{name} {fault} byte {at:,}; export it again.")
        yield from _ENTRY.findall(match[1] or b"")
        first = False
        if element is not None:
            yield element


def members(stream: Readable, name: str) -> Iterator[tuple[str, bytes]]:
    """What the lists of a JSON object hold, each with the name of its list, as bytes: lists and objects, then the rest.

    What stands deeper in another member comes with the name "". Refuses what `elements` refuses.
    """
    member = ""
    # The object with {} in place of each run of lists and objects, which must be JSON too.
    frame: list[bytes] = []
    for between, element, _ in _pieces(stream, name, 2):
        if element is None or not frame or _compact(between) != b",":
            frame.append(between)
            if element is None:
                break
            frame.append(b"{}")
            # Numbers and texts may stand between two objects of one list.
            if _BRACKET.search(_TEXT.sub(b"", between)):
                opened = _OPENS.search(between[-_NAME:])
                member = opened[1].decode(errors="replace") if opened else ""
        yield member, element
    yield from _others(b"".join(frame), name)


def _others(frame: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """What is neither list nor object in the lists of an object whose lists and objects were taken out."""
    try:
        found = decoded(frame, set())
    except (msgspec.MsgspecError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{name} is no readable JSON object of lists of records; export it again.")
    for member, entries in found.items():
        for entry in entries if isinstance(entries, list) else ():
            if entry != {}:
                yield member, msgspec.json.encode(entry)


def _pieces(stream: Readable, name: str, level: int) -> Iterator[tuple[bytes, bytes | None, int]]:
    """What stands before each list or object inside `level` others, it, and its byte; None for it at the end."""
    state, offset, inside = _State(), 0, False
    longest = longest_record(stream)
    parts = list[bytes]()
    between, begin = b"", 0
    while block := stream.read(BLOCK):
        block = block if offset else block.removeprefix(_MARK)
        cuts, state, deepest = _cuts(np.frombuffer(block, np.uint8), state, level)
        if deepest > DEPTH:
            raise InputError(
                f"{name} nests deeper than {DEPTH} levels before byte {offset + len(block):,}; no export does."
            )
        place = 0
        for cut in cuts.tolist():
            piece = block[place:cut]
            if parts:
                piece, parts = b"".join([*parts, piece]), []
            if inside:
                yield between, piece, begin
            else:
                between, begin = piece, offset + cut
            inside, place = not inside, cut
        parts.append(block[place:])
        if len(parts) > 1 and sum(map(len, parts)) > longest << 20:
            raise InputError(
                f"{name} has a record longer than {longest:,} MB before byte {offset + len(block):,}; "
                "export it otherwise, or raise the limit `record_mb`."
            )
        offset += len(block)
    if inside or state.quoted or state.depth > 0:
        raise InputError(f"{name} is cut off at byte {offset:,}, before the list of records ends; export it again.")
    yield b"".join(parts), None, offset


def _compact(between: bytes) -> bytes:
    """What stands between two elements, without space; more than a few bytes are never right."""
    return b"".join(between.split())[:16]


def _cuts(block: Bytes, before: _State, level: int) -> tuple[Places, _State, int]:
    """Where what stands inside `level` others begins and ends in a block, the state after it, its greatest depth."""
    places = np.flatnonzero(_SEEN[block])
    kinds = block[places]
    escaped = before.escaped
    if escaped or (kinds == _ESCAPE).any():
        targets = _escaped(places[kinds == _ESCAPE], before.escaped)
        escaped = bool(len(targets)) and int(targets[-1]) == len(block)
        plain = np.isin(places, targets, assume_unique=True, invert=True) & (kinds != _ESCAPE)
        places, kinds = places[plain], kinds[plain]
    quotes = kinds == _QUOTE
    inside = (np.cumsum(quotes) + before.quoted) % 2 == 1
    structural = ~quotes & ~inside
    places, steps = places[structural], _STEP[kinds[structural]]
    depths = before.depth + np.cumsum(steps, dtype=np.int64)
    begins = (steps > 0) & (depths == level + 1)
    ends = (steps < 0) & (depths == level)
    cuts = np.where(begins, places, places + 1)[begins | ends]
    quoted = bool((int(quotes.sum()) + before.quoted) % 2)
    depth = int(depths[-1]) if len(depths) else before.depth
    return cuts, _State(depth, quoted, escaped), int(depths.max(initial=0))


def _escaped(backslashes: Places, first: bool) -> Places:
    """The places that backslashes escape: every second one of a run escapes what follows it."""
    order = np.arange(len(backslashes))
    begins = np.diff(backslashes, prepend=-2) != 1
    index = order - np.maximum.accumulate(np.where(begins, order, 0))
    if first and len(backslashes) and backslashes[0] == 0:
        run_end = int(np.argmin(np.append(~begins[1:], False))) + 1
        index[:run_end] += 1
    targets = backslashes[index % 2 == 0] + 1
    return np.concatenate(([0], targets)) if first else targets
