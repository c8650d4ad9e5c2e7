"""Accepted answers that a crowd's sheet repeats on every row of an item."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Kind, Role, Status
from qc.readers.cells import Mask, answers, constant, filled, mask
from qc.readers.moments import Cells
from qc.readers.once import Once
from qc.readers.question import REGIONS, Question
from qc.readers.staging import Staging

LEFT: Final = "{n} accepted answers are no answers of their question's kind and were left out"

_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("item_id", "question", "value")] + [("source_pos", pa.int64())]
)


class Gold:
    """Collects the accepted answers of all questions, and stages each once."""

    def __init__(self, questions: MappingType[str, Question], staging: Staging) -> None:
        self._questions = questions
        self._staging = staging
        self._known = Once(staging.folder / "references.raw", _SCHEMA, _SCHEMA.names[:-1])

    def add(self, name: str, texts: pa.Array, golden: pa.Array, cells: Cells) -> Mask:
        """Takes the accepted answers of the rows that are `golden`, and says which rows had any.

        Each line of a cell is an answer of its own, but where several labels make one answer.
        """
        stated = pc.and_(golden, pc.is_valid(texts))
        rows = {"item_id": cells["item_id"], "source_pos": cells["source_pos"], "value": texts}
        rows = {column: array.filter(stated) for column, array in rows.items()}
        if len(rows["value"]):
            self._staging.tally.present.add(Role.GOLD.value)
            if self._questions[name].kind is not Kind.MULTI:
                lines = pc.split_pattern_regex(rows["value"], r"\s*[\r\n]+\s*")
                rows = {column: array.take(pc.list_parent_indices(lines)) for column, array in rows.items()}
                rows["value"] = pc.list_flatten(lines)
            self._known.add({**rows, "question": constant(name, len(rows["value"]))})
        return mask(stated)

    def finish(self) -> None:
        """Stages the accepted answers of each item, in the order of the sheet."""
        for batch in self._known.rows():
            for name, asked in self._questions.items():
                self._stage(batch.filter(pc.equal(batch.column("question"), name)), asked)

    def _stage(self, batch: pa.RecordBatch, asked: Question) -> None:
        if asked.kind in REGIONS:
            self._staging.tally.note("{n} accepted answers are regions and were left out", len(batch))
            return
        values = answers(batch.column("value"), asked)
        possible = pa.array(~values.bad & filled(batch.column("value")))
        self._staging.tally.note(LEFT, int(values.bad.sum()))
        columns = dict(zip(batch.schema.names, batch.columns, strict=True)) | values.columns
        columns |= {"annotator": constant(Role.GOLD.value, len(batch)), "role": constant(Role.GOLD.value, len(batch))}
        columns |= {
            "status": constant(Status.SUBMITTED.value, len(batch)),
            "kind": constant(asked.kind.value, len(batch)),
        }
        self._staging.write("annotations", {name: array.filter(possible) for name, array in columns.items()})
