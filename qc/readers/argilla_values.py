"""What an answer in Argilla is, by its value: a label, labels, a rating, a ranking, spans or a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from qc.model import Kind
from qc.readers.argilla_records import Taken
from qc.readers.drawings import Drawing, written
from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.numbers import number
from qc.readers.prose import is_prose
from qc.readers.records import BadRecordError
from qc.readers.text_spans import Text

STRANGE: Final = "an answer is of no kind that Argilla has"


@dataclass(slots=True)
class Questions:
    """What the first records tell of the questions."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[list[str]]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    _prose: dict[str, bool] = field(default_factory=dict)
    _ranked: dict[str, bool] = field(default_factory=dict)

    def learn(self, record: Taken) -> None:
        """Takes note of one record."""
        self.fields |= record.fields.keys()
        given = [(entry.question, entry.value) for entry in record.responses]
        for question, value in [*given, *((entry.question, entry.value) for entry in record.suggestions)]:
            if isinstance(value, str):
                self.texts.setdefault(question, []).append(value)
            labels = [text for text in as_list(value) if isinstance(text, str)]
            if labels:
                self.lists.setdefault(question, []).append(labels)

    def prose(self, question: str) -> bool:
        """Whether the answers are sentences rather than labels."""
        if question not in self._prose:
            self._prose[question] = is_prose(self.texts.get(question, ()))
        return self._prose[question]

    def ranked(self, question: str) -> bool:
        """Whether lists are rankings: all of one set, and of fields or in several orders."""
        if question not in self._ranked:
            lists = self.lists.get(question, [])
            sets = {frozenset(labels) for labels in lists}
            one = len(sets) == 1 and len(next(iter(sets))) > 1
            orders = {tuple(labels) for labels in lists}
            self._ranked[question] = one and (next(iter(sets)) <= self.fields or len(orders) > 1)
        return self._ranked[question]


def value_of(question: str, value: Any, text: Text, questions: Questions, score: Any = None) -> Drawing:
    """One answer; a value that is no answer is a BadRecordError, none at all an empty drawing."""
    drawing = Drawing()
    if value is None:
        return drawing
    if isinstance(value, str):
        single = {"kind": Kind.SINGLE, "label": value}
        drawing.answer(question, written(value) if questions.prose(question) else single)
    elif isinstance(value, int | float) and number(value) is not None:
        drawing.answer(question, {"kind": Kind.ORDINAL, "number": number(value)})
    elif isinstance(value, list):
        _list(drawing, question, value, text, questions, score)
    else:
        raise BadRecordError(STRANGE)
    return drawing


def _list(drawing: Drawing, question: str, value: list[Any], text: Text, questions: Questions, score: Any) -> None:
    if all(isinstance(entry, str) for entry in value) and value:
        if questions.ranked(question):
            drawing.answer(question, {"kind": Kind.RANKING, "labels": value})
        else:
            drawing.answer(question, {"kind": Kind.MULTI, "labels": sorted(set(value))})
    elif all("start" in as_dict(entry) for entry in value):
        scores = as_list(score)
        for place, entry in enumerate(value):
            region = text.span(entry["start"], entry.get("end"), identity(entry.get("label")))
            region["score"] = number(scores[place]) if place < len(scores) else number(entry.get("score"))
            drawing.mark(region, question)
    elif all("rank" in as_dict(entry) or "value" in as_dict(entry) for entry in value):
        drawing.answer(question, {"kind": Kind.RANKING, "labels": _ranking(value)})
    else:
        raise BadRecordError(STRANGE)


def _ranking(value: list[Any]) -> list[str]:
    """Labels in their order; those of one rank are joined, in the order of the alphabet."""
    ranks = [number(entry.get("rank")) for entry in value]
    labels = [text_of(entry.get("value")) for entry in value]
    if not all(labels):
        raise BadRecordError(STRANGE)
    last = max([rank for rank in ranks if rank is not None], default=0) + 1
    pairs = sorted((last if rank is None else rank, str(label)) for rank, label in zip(ranks, labels, strict=True))
    return [" = ".join(label for _, label in group) for _, group in groupby(pairs, key=lambda pair: pair[0])]
