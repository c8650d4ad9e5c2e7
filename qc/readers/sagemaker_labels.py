"""The labels on a manifest's line, by the type of the job that gave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Kind
from qc.readers.drawings import Drawing, chosen, written
from qc.readers.fields import as_dict, as_list, identity, pixels, text_of
from qc.readers.numbers import number
from qc.readers.records import MISTYPED, BadRecordError, of_types, to_json
from qc.readers.shapes import Row, box
from qc.readers.text_spans import Text

METADATA: Final = "-metadata"
FAILURE: Final = "-failure-reason"
NO_LABEL: Final = "a label does not have the form of its job's type"

_VERIFICATION: Final = "label-verification"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One job's label on a line: the attribute that holds it, and what its metadata say."""

    name: str
    value: Any
    metadata: Row
    failed: bool

    @property
    def type(self) -> str:
        """The type of the job, such as object-detection."""
        return (text_of(self.metadata.get("type")) or "").removeprefix("groundtruth/").casefold()

    @property
    def job(self) -> str | None:
        """The name of the job."""
        name = text_of(self.metadata.get("job-name"))
        return name.removeprefix("labeling-job/").strip() or None if name else None

    @property
    def created(self) -> Any:
        """When the label was merged."""
        return self.metadata.get("creation-date")

    @property
    def human(self) -> bool:
        """Whether people gave it, and not automated labelling."""
        return self.metadata.get("human-annotated") not in ("no", False)

    @property
    def verifies(self) -> bool:
        """Whether it judges an earlier label."""
        return self.type == _VERIFICATION

    @property
    def adjusted(self) -> str | None:
        """`adjusted` or `unadjusted`, where it corrects an earlier label."""
        word = text_of(self.metadata.get("adjustment-status"))
        return word if word in ("adjusted", "unadjusted") else None

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Width and height of the image."""
        found = as_dict(next(iter(as_list(as_dict(self.value).get("image_size"))), None))
        return pixels(found.get("width")), pixels(found.get("height"))


@dataclass(frozen=True, slots=True)
class Label:
    """Value columns of an answer, its regions, the confidence in it, and whether it is only kept as text."""

    columns: Row
    regions: list[Row] = field(default_factory=list)
    score: float | None = None
    odd: bool = False


def labelled(record: Row) -> Iterator[Labelled]:
    """The labels of a line in their order; a job that failed has a reason in place of one."""
    for key, metadata in record.items():
        name = key.removesuffix(METADATA)
        if name == key or not name:
            continue
        if name in record and not isinstance(metadata, dict | None):
            raise BadRecordError(MISTYPED)
        if isinstance(metadata, dict):
            of_types(metadata, ("objects",), ("class-map",))
            value = record.get(name)
            failed = f"{name}{FAILURE}" in record or "failure-reason" in metadata or value is None
            yield Labelled(name, value, metadata, failed)


def label_of(one: Labelled, text: Text) -> Label:
    """A job's label as an answer."""
    return _FORMS.get(one.type, _as_text)(one, text)


def _class(one: Labelled, _: Text) -> Label:
    name = identity(one.metadata.get("class-name")) or _named(one, one.value)
    if name is None:
        raise BadRecordError(NO_LABEL)
    return Label(chosen([name], False), score=_confidence(one.metadata.get("confidence")))


def _classes(one: Labelled, _: Text) -> Label:
    if not isinstance(one.value, list):
        raise BadRecordError(NO_LABEL)
    names = [_named(one, value) for value in one.value]
    if None in names:
        raise BadRecordError(NO_LABEL)
    labels = [name for name in names if name is not None]
    return Label(chosen(labels, True) if labels else {"kind": Kind.NONE})


def _boxes(one: Labelled, _: Text) -> Label:
    shapes = as_dict(one.value).get("annotations")
    if not isinstance(shapes, list):
        raise BadRecordError(NO_LABEL)
    scores = [_confidence(as_dict(entry).get("confidence")) for entry in as_list(one.metadata.get("objects"))]
    drawing = Drawing()
    for place, shape in enumerate(map(as_dict, shapes)):
        region = box(shape.get("left"), shape.get("top"), shape.get("width"), shape.get("height"))
        score = scores[place] if place < len(scores) else None
        drawing.mark({**region, "label": _named(one, shape.get("class_id")), "score": score or None})
    return Label({"kind": Kind.BOXES if shapes else Kind.NONE}, next(iter(drawing.regions.values()), []))


def _spans(one: Labelled, text: Text) -> Label:
    held = as_dict(one.value).get("annotations", one.value)
    entities = as_dict(held).get("entities")
    if not isinstance(entities, list):
        raise BadRecordError(NO_LABEL)
    drawing = Drawing()
    for entity in map(as_dict, entities):
        drawing.mark(text.span(entity.get("startOffset"), entity.get("endOffset"), identity(entity.get("label"))))
    return Label({"kind": Kind.SPANS if entities else Kind.NONE}, next(iter(drawing.regions.values()), []))


def _as_text(one: Labelled, _: Text) -> Label:
    return Label(written(one.value if isinstance(one.value, str) else to_json(one.value) or "null"), odd=True)


_FORMS: Final[Mapping[str, Callable[[Labelled, Text], Label]]] = {
    **dict.fromkeys(("image-classification", "text-classification", "label-verification"), _class),
    **dict.fromkeys(("image-classification-multilabel", "text-classification-multilabel"), _classes),
    "object-detection": _boxes,
    "text-span": _spans,
}


def _named(one: Labelled, value: Any) -> str | None:
    """The class behind its number, by the map of the job."""
    key = identity(value)
    return identity(as_dict(one.metadata.get("class-map")).get(key)) or key if key is not None else None


def _confidence(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None
