"""What a sheet states once per item, on however many rows: the item, its gold answer, the model's answer."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Role, Status
from qc.readers.cells import FLAGS, answers, constant, known, tags
from qc.readers.mapping import Mapping
from qc.readers.numbers import numbers
from qc.readers.once import Once
from qc.readers.staging import Staging

_ITEM: Final = ("uri", "text", "batch", "site", "guideline", "difficulty", "meta")
_REFERENCES: Final = pa.schema(
    [(name, pa.string()) for name in ("role", "item_id", "question", "value", "annotator")]
    + [("score", pa.float64()), ("source_pos", pa.int64())]
)


FURTHER: Final = (
    "{n} right answers are of items that have another one on another row, and any of them counts as right: where a row "
    "states that of its own trial, let items be told apart by it"
)


class Stated:
    """Collects items, gold and model answers of a sheet, and stages each once."""

    def __init__(self, mapping: Mapping, staging: Staging) -> None:
        self._question = next(iter(mapping.questions.values()))
        self._answered = bool(mapping.people) or any(asked.named for asked in mapping.questions.values())
        self._staging = staging
        self._references = Once(staging.folder / "references.raw", _REFERENCES, _REFERENCES.names[:-1])

    def add(self, cells: MappingType[str, pa.Array], questions: pa.Array) -> None:
        """Collects what the rows state; `questions` names the question of each row."""
        items = {name: cells[name] for name in ("item_id", "source_pos", *_ITEM) if name in cells}
        items |= {name: pixels(cells[name]) for name in ("width", "height") if name in cells}
        if "tags" in cells:
            items["tags"] = tags(cells["tags"])
        flags = [known(cells["is_gold"], FLAGS, pa.bool_()).fill_null(False)] if "is_gold" in cells else []
        flags += [pc.is_valid(cells["gold_label"])] if "gold_label" in cells else []
        if flags:
            items["is_gold"] = pc.or_(flags[0], flags[-1])
        self._staging.state(items)
        if "gold_label" in cells:
            self._refer(Role.GOLD, cells, {"value": cells["gold_label"], "question": questions})
        if "model_label" in cells:
            columns = {"value": cells["model_label"], "question": questions}
            columns |= {"annotator": cells["model"].fill_null(Role.MODEL.value)} if "model" in cells else {}
            columns |= {"score": numbers(cells["model_score"])} if "model_score" in cells else {}
            self._refer(Role.MODEL, cells, columns)

    def _refer(self, role: Role, cells: MappingType[str, pa.Array], columns: MappingType[str, pa.Array]) -> None:
        name = constant(role.value, len(cells["item_id"]))
        rows = {
            "role": name,
            "annotator": name,
            "item_id": cells["item_id"],
            "source_pos": cells["source_pos"],
            **columns,
        }
        stated = pc.is_valid(columns["value"])
        if pc.any(stated).as_py():
            self._staging.tally.present.add(role.value)
            self._references.add({column: array.filter(stated) for column, array in rows.items()})

    def finish(self) -> None:
        """Stages each gold answer and model answer once."""
        for batch in self._references.rows():
            for role in (Role.GOLD, Role.MODEL):
                self._stage(batch.filter(pc.equal(batch.column("role"), role.value)), role)

    def _stage(self, batch: pa.RecordBatch, role: Role) -> None:
        values = answers(batch.column("value"), self._question)
        self._staging.tally.note(f"{{n}} {role} answers are no numbers and were left out", int(values.bad.sum()))
        if role is Role.GOLD and self._answered:
            items = pa.table(batch).select(["item_id", "question"])
            self._staging.tally.note(FURTHER, len(items) - len(items.group_by(["item_id", "question"]).aggregate([])))
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns |= values.columns
        columns |= {"model": columns["annotator"]} if role is Role.MODEL else {}
        for name, text in (("status", Status.SUBMITTED), ("kind", self._question.kind), ("role", role)):
            columns[name] = constant(text.value, len(batch))
        self._staging.write(
            "annotations", {name: array.filter(pa.array(~values.bad)) for name, array in columns.items()}
        )


def pixels(texts: pa.Array) -> pa.Array:
    """Sizes in whole pixels; null where there is no possible one."""
    found = numbers(texts)
    possible = pc.and_(pc.greater(found, 0), pc.less(found, 1 << 31))
    return pc.floor(pc.if_else(possible, found, pa.scalar(None, pa.float64()))).cast(pa.int32())
