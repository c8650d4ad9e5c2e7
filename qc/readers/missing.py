"""Words that programs write into a sheet where nothing was answered."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Kind
from qc.readers.question import Question
from qc.readers.report import Tally

_WRITTEN: Final = ("N/A", "n/a", "N/a", "NaN", "nan", "NAN", "null", "NULL", "Null", "<NA>", "#N/A", "#N/A N/A", "#NA")
_FAULTS: Final = ("#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "1.#IND", "1.#QNAN", "-1.#IND", "-nan")
EMPTY: Final = (*_WRITTEN, *_FAULTS)
"""What spreadsheets and programs write for an empty cell or a formula that failed."""
DOUBTFUL: Final = ("None", "none", "NONE", "NA", "na", "-", "--", "nil", "?")
"""What may be an empty cell, and may as well be a label."""

TAKEN: Final = (
    "{n} answers are `WORD`, which was taken for no answer; if it is a label, write `missing = []` into the mapping"
)
KEPT: Final = (
    "{n} answers are `WORD`, which was taken for a label; if it means no answer, "
    'write `missing = ["WORD"]` into the mapping'
)


class Missing:
    """Empties the cells that hold no answer: `words` where a mapping lists them, else EMPTY."""

    def __init__(self, words: tuple[str, ...] | None, tally: Tally) -> None:
        self._stated = words is not None
        self._words = pa.array(EMPTY if words is None else words, pa.string())
        self._doubtful = pa.array([] if words is not None else DOUBTFUL, pa.string())
        self._tally = tally

    def emptied(self, texts: pa.Array, question: Question) -> pa.Array:
        """A column of answers without those that are none; free text and the labels of an order are taken as written.

        What was taken for no answer, or for a label in doubt, is noted where no mapping says.
        """
        if not self._stated and question.kind is Kind.TEXT:
            return texts
        if question.order:
            fixed = {label.casefold() for label in question.order}
            listed = [word for word in self._words.to_pylist() if word.casefold() not in fixed]
            return self._without(texts, pa.array(listed, pa.string()))
        if question.kind in (Kind.SINGLE, Kind.MULTI, Kind.RANKING, Kind.TAXONOMY):
            self._note(KEPT, texts, self._doubtful)
        return self._without(texts, self._words)

    def _without(self, texts: pa.Array, words: pa.Array) -> pa.Array:
        if not self._stated:
            self._note(TAKEN, texts, words)
        return pc.if_else(pc.is_in(texts, words), pa.scalar(None, pa.string()), texts)

    def _note(self, sentence: str, texts: pa.Array, words: pa.Array) -> None:
        found = texts.filter(pc.is_in(texts, words))
        for entry in pc.value_counts(found).to_pylist() if len(found) else ():
            self._tally.note(sentence.replace("WORD", entry["values"]), entry["counts"])
