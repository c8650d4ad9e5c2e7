"""Records that are put aside on disk, to be read again in another order."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

STEP: Final = 500
"""Records that are read before the memory behind them is given back."""

Places = npt.NDArray[np.int64]


class Spool:
    """Records in a file without a name, which goes when the spool goes; eight bytes of each stay in memory."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the spool
        self._ends = array("q", [0])
        self._map: mmap.mmap | None = None

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, records: Sequence[bytes]) -> None:
        """Puts records behind the others; none may follow once some were taken."""
        self._file.write(b"".join(records))
        self._ends.extend(self._ends[-1] + np.cumsum(list(map(len, records))))

    def lengths(self) -> Places:
        """Bytes of each record."""
        ends: Places = np.frombuffer(self._ends, np.int64)
        return ends[1:] - ends[:-1]

    def take(self, chosen: Places) -> list[bytes]:
        """Some records by their numbers, in the order asked for; the more at once, the fewer ways across the file."""
        if not len(chosen):
            return []
        if self._map is None:
            self._file.flush()
            self._map = mmap.mmap(self._file.fileno(), 0, prot=mmap.PROT_READ)
        held, ends, found = self._map, self._ends, list[bytes]()
        order = np.argsort(chosen, kind="stable")
        numbers = chosen[order]
        for begin in range(0, len(numbers), STEP):
            found += [held[ends[number] : ends[number + 1]] for number in numbers[begin : begin + STEP].tolist()]
            # What was touched counts as memory of the process, 64 KB at a time, until the system wants it back.
            held.madvise(mmap.MADV_DONTNEED)
        return [found[place] for place in np.argsort(order).tolist()]

    def close(self) -> None:
        """Removes the records."""
        if self._map is not None:
            self._map.close()
        self._file.close()
