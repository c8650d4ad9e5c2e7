"""What one import may cost: sane by default, and set for a workspace by `[limits]` of its qc.toml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one import; sizes in MB of 2**20 bytes.

    `memory_mb` and `seconds` (of processor time) are for a small file: two bytes of memory are added for each byte of
    the input, and a second for each MB. `input_mb` is all that is read in one import, `unpacked_mb` all that comes out
    of its archives, `members` how many files it may have, `ratio` how far a packed file of some size may grow.
    `record_mb` is the longest record of a file of records, `document_mb` the largest file that is one JSON object.
    """

    memory_mb: int = 4096
    seconds: int = 60
    input_mb: int = 16384
    unpacked_mb: int = 4096
    members: int = 100_000
    ratio: int = 200
    record_mb: int = 64
    document_mb: int = 256


DEFAULTS: Final = Limits()
