"""Answers that are regions, in a sheet: one region a row, or all of an answer in a cell."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import ANNOTATIONS, REGIONS, Kind, Role
from qc.readers.cells import Mask, constant, filled, mask
from qc.readers.marks import UNREADABLE, regions_of
from qc.readers.numbers import numbers
from qc.readers.once import Once
from qc.readers.question import Question
from qc.readers.shapes import BadShapeError
from qc.readers.staging import Staging

LACKS: Final = "a region lacks a number, or has impossible ones"

Columns = dict[str, pa.Array]


class Marked:
    """Collects the regions of one question; rows of the same submission, or person and item, are one answer."""

    def __init__(self, name: str, question: Question, staging: Staging) -> None:
        self._name = name
        self._question = question
        self._staging = staging
        # Rows of one answer may lie far apart in the file.
        self._answers = Once(staging.folder / f"answers-{name.encode().hex()[:40]}.raw", ANNOTATIONS, ["annotation_id"])

    def answered(self, cells: MappingType[str, pa.Array]) -> Mask:
        """Which rows hold a region, or a cell of them; `cells` are the question's columns by their names in it."""
        found: Mask = np.logical_or.reduce([filled(array) for array in cells.values()])
        return found

    def bad(self, cells: MappingType[str, pa.Array]) -> tuple[Mask, str]:
        """Which rows hold no possible region, and the reason."""
        if not self._question.parts:
            kind, texts = self._question.kind, cells["column"].to_pylist()
            return np.array([text is not None and _cell(text, kind) is None for text in texts]), UNREADABLE
        _, possible = _region_columns(self._question, cells)
        return self.answered(cells) & ~mask(possible), LACKS

    def take(self, cells: MappingType[str, pa.Array], shared: Columns, people: pa.Array, role: Role) -> None:
        """Takes rows that `bad` found none in; `shared` are the columns that all answers of a row have in common."""
        rows = pa.array(self.answered(cells) & filled(people))
        if not pc.any(rows).as_py():
            return
        cells = {name: array.filter(rows) for name, array in cells.items()}
        shared, people = {name: array.filter(rows) for name, array in shared.items()}, people.filter(rows)
        ids = pc.binary_join_element_wise(shared["item_id"], people, "/")
        if "annotation_id" in shared:
            ids = pc.coalesce(shared["annotation_id"], ids)
        length = len(ids)
        own = {"annotation_id": ids, "annotator": people, "question": constant(self._name, length)}
        own |= {"kind": constant(self._question.kind.value, length), "role": constant(role.value, length)}
        self._answers.add(
            {name: _flat(array) for name, array in {**shared, **own}.items() if name in ANNOTATIONS.names}
        )
        regions = self._regions(cells)
        place = regions.pop("row")
        stated = {name: array.take(place) for name, array in own.items() if name in ("annotation_id", "question")}
        self._staging.write("regions", {**regions, **stated, "source_pos": shared["source_pos"].take(place)})

    def finish(self) -> None:
        """Stages the answers, each once."""
        for batch in self._answers.rows():
            self._staging.write("annotations", dict(zip(batch.schema.names, batch.columns, strict=True)))

    def _regions(self, cells: MappingType[str, pa.Array]) -> Columns:
        """Region columns, and `row`: the row of `cells` that each comes from."""
        if self._question.parts:
            columns, possible = _region_columns(self._question, cells)
            kept = np.flatnonzero(mask(possible))
            columns = {name: array.take(kept) for name, array in columns.items()}
            return columns | {"row": pa.array(kept, pa.int64())}
        found = [
            (row, region)
            for row, text in enumerate(cells["column"].to_pylist())
            for region in _cell(text, self._question.kind) or []
        ]
        names = set().union(*(region for _, region in found)) if found else {"kind"}
        columns = {
            name: pa.array([region.get(name) for _, region in found], REGIONS.field(name).type) for name in names
        }
        return columns | {"row": pa.array([row for row, _ in found], pa.int64())}


def _cell(text: str, kind: Kind) -> list[dict[str, Any]] | None:
    try:
        return regions_of(text, kind)
    except BadShapeError:
        return None


def _region_columns(question: Question, cells: MappingType[str, pa.Array]) -> tuple[Columns, pa.Array]:
    """One region a row: its columns, and which rows hold a possible one."""
    ends = [numbers(cells[name]) for name in question.parts]
    first, second, *_ = ends
    label = {"label": cells["column"]} if "column" in cells else {}
    kind = {"kind": constant(question.kind.value, len(first))}
    if question.kind is Kind.BOXES:
        third, fourth = ends[2:]
        if "x2" in question.parts:
            left, top = pc.min_element_wise(first, third), pc.min_element_wise(second, fourth)
            third, fourth = pc.abs(pc.subtract(third, first)), pc.abs(pc.subtract(fourth, second))
            first, second = left, top
        possible = pc.and_(pc.greater_equal(third, 0), pc.greater_equal(fourth, 0))
        possible = pc.and_(possible, pc.and_(pc.is_valid(first), pc.is_valid(second)))
        return {"x": first, "y": second, "w": third, "h": fourth, **label, **kind}, possible.fill_null(False)
    possible = pc.and_(pc.greater_equal(first, 0), pc.greater_equal(second, first)).fill_null(False)
    if question.kind is Kind.INTERVALS:
        return {"sec_start": first, "sec_end": second, **label, **kind}, possible
    nothing = pa.scalar(None, pa.float64())
    starts, ends_ = (pc.floor(pc.if_else(possible, end, nothing)).cast(pa.int64()) for end in (first, second))
    return {"t_start": starts, "t_end": ends_, **label, **kind}, possible


def _flat(array: pa.Array) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
