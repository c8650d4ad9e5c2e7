"""The elements of a JSON list, cut out of a stream without holding the list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from qc.model import InputError

DEPTH: Final = 64
LENGTH: Final = 64 << 20
BLOCK: Final = 1 << 20

_MARK: Final = b"\xef\xbb\xbf"
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")
_STEP: Final = np.zeros(256, np.int8)
_STEP[[ord("["), ord("{")]] = 1
_STEP[[ord("]"), ord("}")]] = -1
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
    """The lists and objects that a JSON list holds, as bytes.

    A file that is cut off, nested deeper than DEPTH, or holds anything but lists and objects is an InputError that
    names the byte. What an element holds is for its decoder to check.
    """
    state, offset, first = _State(), 0, True
    between, parts = b"", list[bytes]()
    while block := stream.read(BLOCK):
        cuts, state, deepest = _cuts(np.frombuffer(block, np.uint8), state)
        if deepest > DEPTH:
            raise InputError(
                f"{name} nests deeper than {DEPTH} levels before byte {offset + len(block):,}; no export does."
            )
        place = 0
        for cut in cuts.tolist():
            if parts:
                parts.append(block[place:cut])
                yield b"".join(parts)
                parts, between = [], b""
            else:
                between = _compact(between + block[place:cut])
                if between.removeprefix(_MARK) != (b"[" if first else b","):
                    raise InputError(f"{name} is no list of records: see what stands before byte {offset + cut:,}.")
                parts, first = [b""], False
            place = cut
        if parts:
            parts.append(block[place:])
            if sum(map(len, parts)) > LENGTH:
                raise InputError(
                    f"{name} has a record longer than {LENGTH >> 20} MB before byte {offset + len(block):,}."
                )
        else:
            between = _compact(between + block[place:])
        offset += len(block)
    if parts or state.quoted or state.depth > 0:
        raise InputError(f"{name} is cut off at byte {offset:,}, before the list of records ends; export it again.")
    if between.removeprefix(_MARK) != (b"[]" if first else b"]"):
        raise InputError(f"{name} does not end as a list of records at byte {offset:,}; export it again.")


def _compact(between: bytes) -> bytes:
    """What stands between two elements, without space; more than a few bytes are never right."""
    return b"".join(between.split())[:16]


def _cuts(block: Bytes, before: _State) -> tuple[Places, _State, int]:
    """Where elements of the outermost list begin and end in a block, the state after it, and its greatest depth."""
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
    begins = (steps > 0) & (depths == 2)
    ends = (steps < 0) & (depths == 1)
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
