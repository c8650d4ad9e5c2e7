"""What a doccano example holds as its labels: categories, texts, spans, boxes and polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.readers.drawings import Drawing, chosen, written
from qc.readers.fields import as_dict, as_list, identity
from qc.readers.prose import is_prose
from qc.readers.records import BadRecordError, Row, of_types, to_json
from qc.readers.shapes import box, polygon
from qc.readers.text_spans import Text

LABELLED: Final = ("label", "labels", "entities", "cats", "bbox", "segmentation")
"""The names under which doccano writes labels."""

NO_LABEL: Final = "a label is neither a text nor a span"

_SPANS: Final = ("label", "labels", "entities", "annotations")
_SHAPES: Final = ("bbox", "segmentation")


@dataclass(slots=True)
class Labels:
    """What the first examples tell of each question: whether several labels are taken, and what texts there are."""

    several: set[str] = field(default_factory=set)
    texts: dict[str, list[str]] = field(default_factory=dict)
    _prose: dict[str, bool] = field(default_factory=dict)

    def learn(self, example: Row) -> None:
        """Takes note of one example."""
        for name in (*LABELLED, "annotations"):
            marks = as_list(example.get(name))
            labels = [mark for mark in marks if isinstance(mark, str)]
            labels += [mark["text"] for mark in marks if isinstance(mark, dict) and isinstance(mark.get("text"), str)]
            self.texts.setdefault(name, []).extend(labels)
            per_person: dict[Any, set[str]] = {}
            for mark in marks:
                if isinstance(mark, str) or (isinstance(mark, dict) and not _is_span(mark)):
                    user = identity(as_dict(mark).get("user"))
                    per_person.setdefault(user, set()).add(identity(_label(mark)) or "")
            if any(len(found) > 1 for found in per_person.values()):
                self.several.add(name)

    def prose(self, name: str) -> bool:
        """Whether the answers to a question are sentences, as in translation, and no labels."""
        if name not in self._prose:
            self._prose[name] = is_prose(self.texts.get(name, ()))
        return self._prose[name]


def answers_of(example: Row, text: Text, labels: Labels, merged: bool) -> Drawing:
    """The labels of an example by question; of merged answers, marks that several people made alike are kept once."""
    of_types(example, lists=(*LABELLED, "annotations", "relations"))
    drawing = Drawing()
    for name in (*LABELLED, "annotations"):
        question = "label" if name == "annotations" else name
        plain: list[str] = []
        for mark in _distinct(as_list(example.get(name))) if merged else as_list(example.get(name)):
            if name in _SHAPES:
                drawing.mark(_shape(mark), question)
            elif name in _SPANS and _is_span(mark):
                drawing.mark(_span(mark, text), question)
            else:
                label = identity(_label(mark))
                if label is None:
                    raise BadRecordError(NO_LABEL)
                plain.append(label)
        if plain:
            asked = f"{question} (answer)" if question in drawing.regions else question
            prose = labels.prose(name)
            drawing.answer(asked, written("\n".join(plain)) if prose else chosen(plain, name in labels.several))
    if example.get("relations"):
        drawing.extra["relations"] = as_list(example["relations"])
    return drawing


def _distinct(marks: Sequence[Any]) -> list[Any]:
    return list({to_json([_bare(mark)]): mark for mark in reversed(marks)}.values())[::-1]


def _bare(mark: Any) -> Any:
    return {name: value for name, value in mark.items() if name != "id"} if isinstance(mark, dict) else mark


def _is_span(mark: Any) -> bool:
    if isinstance(mark, dict):
        return "start_offset" in mark
    return isinstance(mark, list) and len(mark) == 3


def _label(mark: Any) -> Any:
    if isinstance(mark, Mapping):
        return mark.get("text") if isinstance(mark.get("text"), str) else mark.get("label")
    return mark


def _span(mark: Any, text: Text) -> Row:
    if isinstance(mark, list):
        mark = {"start_offset": mark[0], "end_offset": mark[1], "label": mark[2]}
    region = text.span(mark["start_offset"], mark.get("end_offset"), identity(mark.get("label")))
    return region | {"region_id": identity(mark.get("id"))}


def _shape(mark: Any) -> Row:
    found = as_dict(mark)
    if "points" in found:
        shape = polygon(as_list(found["points"]))
    else:
        shape = box(*(found.get(name) for name in ("x", "y", "width", "height")))
    return shape | {"label": identity(found.get("label")), "region_id": identity(found.get("id"))}
