"""What a Prodigy task holds as its answer: marks on text, images and sound, choices and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Kind, Origin
from qc.readers.drawings import Drawing, Signature, chosen, written
from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.numbers import number
from qc.readers.records import BadRecordError, Row
from qc.readers.shapes import BadShapeError, box, polygon
from qc.readers.text_spans import Text

NO_MARK: Final = "a mark is no object"
NO_CHOICE: Final = "a chosen option is neither a text nor a number"

# Which part of a task is the answer in a view of one purpose; a view of blocks has several.
_PARTS: Final[Mapping[str, str]] = {
    "ner_manual": "spans",
    "spans_manual": "spans",
    "pos_manual": "spans",
    "relations": "spans",
    "coref": "spans",
    "image_manual": "shapes",
    "audio_manual": "audio_spans",
    "video_manual": "audio_spans",
    "choice": "choice",
    "text_input": "text",
}
_CLOSED: Final = ("polygon", "freehand")
_WRITTEN: Final = ("user_input", "transcript")
"""Members in which Prodigy's own recipes keep what people write."""
# What tasks are made of. Further members are a team's own: what they show, or what people wrote in a block of theirs.
_KNOWN: Final = frozenset(
    (
        *("text", "html", "image", "audio", "video", "path", "width", "height", "meta", "config", "view_id", "label"),
        *("labels", "tokens", "spans", "relations", "audio_spans", "options", "accept", "answer", "score", "priority"),
        *("versions", "pages", "field_id", "field_label", "field_placeholder", "field_rows", *_WRITTEN),
    )
)


@dataclass(slots=True)
class Views:
    """What the first tasks tell: questions that take several choices, and the shapes that are drawn on images."""

    several: set[str] = field(default_factory=set)
    shapes: dict[str, None] = field(default_factory=dict)

    def learn(self, task: Row) -> None:
        """Takes note of one task."""
        style = as_dict(task.get("config")).get("choice_style")
        if style == "multiple" or len(as_list(task.get("accept"))) > 1:
            self.several.add(named(task, "choice"))
        if "shapes" in parts(task):
            for mark in as_list(task.get("spans")):
                self.shapes[_shapes(task, mark)] = None

    def sole(self, task: Row) -> str:
        """The question of a submission that answers none."""
        part = next(iter(parts(task)), "label")
        return named(task, part) if part != "shapes" else next(iter(self.shapes), f"{named(task, part)}/{Kind.BOXES}")


def drawn(task: Row, text: Text, views: Views) -> tuple[Drawing, list[str]]:
    """The answers in a task by question, and the questions that were asked where an answer can be empty."""
    drawing = Drawing()
    expected: list[str] = []
    for part in parts(task):
        expected += _PART_READERS[part](task, text, views, drawing)
    if task.get("relations"):
        drawing.extra["relations"] = as_list(task["relations"])
    fields = set(_fields(task))
    others = {name: value for name, value in task.items() if name not in _KNOWN | fields and not name.startswith("_")}
    if others:
        drawing.extra["members"] = [others]
    return drawing, expected


def pages(task: Row) -> list[Row]:
    """The pages of a task of several, each a task of its own that was answered with the whole; else the task."""
    held = as_list(task.get("pages"))
    if not held:
        return [task]
    whole = {name: value for name, value in task.items() if name.startswith("_") or name in ("answer", "meta")}
    found = []
    for place, page in enumerate(map(as_dict, held), 1):
        hashes = {
            name: identity(page.get(name)) or f"{identity(task.get(name))}/{place}"
            for name in ("_input_hash", "_task_hash")
            if task.get(name) is not None
        }
        found.append({**page, **whole, **hashes, "_view_id": page.get("view_id") or page.get("_view_id")})
    return found


def parts(task: Row) -> list[str]:
    """The parts of a task that are its answer: the one of its view, else all that are there."""
    own = _PARTS.get(text_of(task.get("_view_id")) or "")
    found = [own] if own else []
    if own is None:
        marks = "shapes" if isinstance(task.get("image"), str) else "spans"
        found += [marks] if "spans" in task or "tokens" in task else []
        found += ["audio_spans"] if "audio_spans" in task else []
    if own != "choice" and ("accept" in task or "options" in task):
        found.append("choice")
    if own != "text" and _fields(task):
        found.append("text")
    return found


def named(task: Row, part: str) -> str:
    """The question's name: the view's where the part is all that the view asks for."""
    view = text_of(task.get("_view_id")) or ""
    return view if _PARTS.get(view) == part else part


def _fields(task: Row) -> list[str]:
    """The members that hold texts which people wrote."""
    blocks = [as_dict(block) for block in as_list(as_dict(task.get("config")).get("blocks"))]
    stated = [identity(block.get("field_id")) for block in [task, *blocks]]
    return [name for name in dict.fromkeys([*_WRITTEN, *filter(None, stated)]) if isinstance(task.get(name), str)]


def _spans(task: Row, text: Text, _: Views, drawing: Drawing) -> list[str]:
    question = named(task, "spans")
    for mark in _marks(task, "spans"):
        region = text.span(mark.get("start"), mark.get("end"), identity(mark.get("label")), text_of(mark.get("text")))
        _add(drawing, region, mark, question)
    return [question]


def _image(task: Row, _: Text, views: Views, drawing: Drawing) -> list[str]:
    for mark in _marks(task, "spans"):
        region = _shape(mark) | {"label": identity(mark.get("label"))}
        _add(drawing, region, mark, _shapes(task, mark))
    return list(views.shapes) or [f"{named(task, 'shapes')}/{Kind.BOXES}"]


def _audio(task: Row, _: Text, __: Views, drawing: Drawing) -> list[str]:
    question = named(task, "audio_spans")
    for mark in _marks(task, "audio_spans"):
        start, end = number(mark.get("start")), number(mark.get("end"))
        if start is None or end is None or not 0 <= start <= end:
            raise BadShapeError("an interval has no possible start and end")
        region = {"kind": Kind.INTERVALS, "sec_start": start, "sec_end": end, "label": identity(mark.get("label"))}
        _add(drawing, region, mark, question)
    return [question]


def _choice(task: Row, _: Text, views: Views, drawing: Drawing) -> list[str]:
    question = named(task, "choice")
    accepted = as_list(task.get("accept"))
    labels = [name for entry in accepted if (name := identity(entry))]
    if len(labels) < len(accepted):
        raise BadRecordError(NO_CHOICE)
    if labels:
        drawing.answer(question, chosen(labels, question in views.several))
    return [question]


def _texts(task: Row, _: Text, __: Views, drawing: Drawing) -> list[str]:
    for name in _fields(task):
        drawing.answer(name, written(task[name]))
    return []


_PART_READERS: Final[Mapping[str, Callable[[Row, Text, Views, Drawing], list[str]]]] = {
    "spans": _spans,
    "shapes": _image,
    "audio_spans": _audio,
    "choice": _choice,
    "text": _texts,
}


def _marks(task: Row, name: str) -> Sequence[Row]:
    marks = as_list(task.get(name))
    if not all(isinstance(mark, dict) for mark in marks):
        raise BadRecordError(NO_MARK)
    return marks


def _add(drawing: Drawing, region: Row, mark: Row, question: str) -> None:
    """Adds a mark; one that a model had set carries its name as the source."""
    model = identity(mark.get("source"))
    attributes = as_dict(region.get("attributes")) | ({"source": model} if model else {})
    region |= {"region_id": identity(mark.get("id")), "attributes": attributes, "score": number(mark.get("score"))}
    drawing.mark(region, question, Signature(origin=Origin.PREDICTION if model else Origin.MANUAL))


def _shapes(task: Row, mark: Any) -> str:
    """Boxes and polygons of one view are different questions, as their answers are compared in different ways."""
    return f"{named(task, 'shapes')}/{Kind.POLYGONS if _is_closed(as_dict(mark)) else Kind.BOXES}"


def _is_closed(mark: Row) -> bool:
    return mark.get("type") in _CLOSED


def _shape(mark: Row) -> Row:
    """A shape in pixels; a rectangle without x and y has its corners as points."""
    points = as_list(mark.get("points"))
    flat = [value for point in points for value in as_list(point)[:2]]
    if _is_closed(mark):
        return polygon(flat)
    if all(name in mark for name in ("x", "y", "width", "height")):
        return box(mark["x"], mark["y"], mark["width"], mark["height"])
    corners = polygon(flat)["points"]
    across, down = corners[::2], corners[1::2]
    return box(min(across), min(down), max(across) - min(across), max(down) - min(down))
