"""Positions that begin anew with each block of trials, as positions in the session."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from qc.readers.mapping import Mapping
from qc.readers.numbers import numbers
from qc.readers.report import Tally
from qc.readers.sheet import Sheet
from qc.readers.words import shown

ONE_AFTER_THE_OTHER: Final = (
    "Column {position} begins anew with each {block}: {block} was put after {block}, of {length} each"
)
UNNUMBERED: Final = "Column {block} is no number, so nothing tells which of its values came first"

_KEYS: Final = ("annotator", "session", "block")


class Places(NamedTuple):
    """The numbers of the blocks in order, and how many positions each has."""

    blocks: pa.Array
    length: float

    def of(self, positions: pa.Array, blocks: pa.Array) -> pa.Array:
        """Positions in the session; null where the block is no number."""
        before = pc.index_in(numbers(blocks), self.blocks, skip_nulls=True).cast(pa.float64())
        return pc.add(positions, pc.multiply(before, self.length))


def places(sheet: Sheet, mapping: Mapping, tally: Tally) -> Places | None:
    """Where the blocks of a sheet begin, if the mapping names them and most people's positions overlap between theirs.

    The sheet is read a further time for it. None where positions run on, or blocks have no numbers; both are noted.
    """
    named = {meaning: mapping.columns[meaning] for meaning in (*_KEYS, "position") if meaning in mapping.columns}
    if not {"block", "position"} <= named.keys():
        return None
    parts = []
    for rows in sheet.rows(list(dict.fromkeys(named.values()))):
        cells = {meaning: rows.columns[column] for meaning, column in named.items() if column in rows.columns}
        if "position" in cells and "block" in cells:
            cells |= {"position": numbers(cells["position"]), "block": numbers(cells["block"])}
            parts.append(_extents(pa.table(cells).drop_null()))
    if not parts or not (extents := _extents(pa.concat_tables(parts), merged=True)).num_rows:
        if parts:
            tally.note(UNNUMBERED.format(block=shown(named["block"])))
        return None
    if not _overlap(extents):
        return None
    length = pc.max(extents["most"]).as_py() - pc.min(extents["least"]).as_py() + 1
    words = {"position": shown(named["position"]), "block": shown(named["block"]), "length": f"{length:g}"}
    tally.note(ONE_AFTER_THE_OTHER.format(**words))
    return Places(pa.array(sorted(set(extents["block"].to_pylist()))), length)


def _extents(table: pa.Table, merged: bool = False) -> pa.Table:
    """The least and the most position of each block of each person's session."""
    keys = [name for name in _KEYS if name in table.column_names]
    ends = [("least", "min"), ("most", "max")] if merged else [("position", "min"), ("position", "max")]
    return table.group_by(keys).aggregate(ends).rename_columns([*keys, "least", "most"])


def _overlap(extents: pa.Table) -> bool:
    """Whether more than half of the blocks that follow another begin before it ends."""
    keys = [name for name in _KEYS if name in extents.column_names]
    rows = sorted(zip(*(extents[name].to_pylist() for name in (*keys, "least", "most")), strict=True))
    pairs = [(before, after) for before, after in pairwise(rows) if before[:-3] == after[:-3]]
    overlapping = sum(bool(after[-2] <= before[-1]) for before, after in pairs)
    return 2 * overlapping > len(pairs)
