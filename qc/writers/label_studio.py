"""Decided answers as tasks that Label Studio imports, each answer as a finished annotation or as a prediction.

A task's `data` holds the item under the name of its kind (`text`, `image`, `audio`, `video`) with `item_id` beside it;
`from_name` is the question, `to_name` that kind. Corners are percent of the image, offsets UTF-16 code units, as Label
Studio's interface counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import cos, radians, sin
from typing import Any, Final

import msgspec

from qc.model import Kind
from qc.writers.coco import holed
from qc.writers.decided import Decided, Row, Written, by_item, counted_out, held

ANNOTATIONS: Final = "annotations"
PREDICTIONS: Final = "predictions"
BLANK: Final = "blank"
NO_SIZE: Final = "the size of its image is not known"
NO_FORM: Final = "this kind of answer is not written for Label Studio"
HOLES: Final = "Label Studio's outlines have no holes"
SETS: Final = "Label Studio has single points, not sets of points that belong together"
DRAWN: Final = frozenset((Kind.BOXES.value, Kind.POLYGONS.value, Kind.POLYLINES.value, Kind.KEYPOINTS.value))

# What the data of a task says of the answer that it shows, so that what becomes of it finds its way back.
ANSWER_ID: Final = "qc_answer"
QUESTION: Final = "qc_question"
DIGEST: Final = "qc_digest"

LAST_OF_ONE_UNIT: Final = 0xFFFF

Result = dict[str, Any]


def write(rows: Sequence[Decided], place: str = ANNOTATIONS) -> Written:
    """A list of tasks, one per item; place: ANNOTATIONS, PREDICTIONS, or BLANK for tasks that tell no answer."""
    reasons: list[str] = []
    tasks: list[dict[str, Any]] = []
    written = 0
    for item_id, answers in by_item(rows, reasons).items():
        kept = held(answers, _refused, reasons)
        if kept:
            tasks.append(_task(len(tasks) + 1, item_id, kept, place))
            written += len(kept)
    return Written(msgspec.json.encode(tasks) + b"\n", written, counted_out(reasons))


def checks(rows: Sequence[Decided], digests: Mapping[tuple[str, str], str]) -> Written:
    """A task per answer, with the answer as prediction and what names it in the data; nothing tells who gave it.

    digests: by id and question that of the answer shown.
    """
    reasons: list[str] = []
    tasks: list[dict[str, Any]] = []
    for row in held(rows, _refused, reasons):
        task = _task(len(tasks) + 1, str(row.item["item_id"]), [replace(row, basis="as given", by=None)], PREDICTIONS)
        key = (str(row.annotation_id), row.question)
        task["data"] |= {ANSWER_ID: key[0], QUESTION: key[1], DIGEST: digests.get(key)}
        for result, region in zip(task[PREDICTIONS][0]["result"], row.regions, strict=False):
            result["id"] = str(region["region_id"])
        del task["meta"]
        tasks.append(task)
    return Written(msgspec.json.encode(tasks) + b"\n", len(tasks), counted_out(reasons))


def medium(item: Row) -> str:
    """The name under which a task holds the item."""
    if item.get("media") in ("image", "audio", "video"):
        return str(item["media"])
    return "image" if item.get("width") else "text"


def _refused(row: Decided) -> str | None:
    if row.kind not in RESULTS:
        return NO_FORM
    if row.kind in DRAWN and not (row.item.get("width") and row.item.get("height")):
        return NO_SIZE
    if any(region["kind"] == Kind.KEYPOINTS and len(region["points"] or ()) > 2 for region in row.regions):
        return SETS
    return HOLES if any(holed(region) for region in row.regions) else None


def _task(number: int, item_id: str, answers: Sequence[Decided], place: str) -> dict[str, Any]:
    item, name = answers[0].item, medium(answers[0].item)
    shown = item.get("text") if name == "text" else item.get("uri")
    data = {"item_id": item_id, name: shown if shown is not None else item_id}
    if place == BLANK:
        return {"id": number, "data": data}
    result = [
        {"id": f"{asked}-{part}", "from_name": row.question, "to_name": name, **found}
        for asked, row in enumerate(answers)
        for part, found in enumerate(RESULTS[row.kind](row))
    ]
    # Numbers that an import replaces by its own.
    own: dict[str, Any] = {"id": number, "result": result}
    scores = [row.probability for row in answers if row.probability is not None]
    if place == PREDICTIONS:
        own |= {"model_version": answers[0].basis} | ({"score": min(scores)} if scores else {})
    else:
        own |= {"was_cancelled": False, "ground_truth": True}
    return {
        "id": number,
        "data": data,
        place: [own],
        "meta": {"provenance": {row.question: row.provenance for row in answers}},
    }


def _labelled(row: Decided) -> list[Result]:
    labels = list(row.labels) if row.labels is not None else [row.label] if row.label is not None else []
    return [{"type": "choices", "value": {"choices": labels}}]


def _paths(row: Decided) -> list[Result]:
    paths = row.labels if row.labels is not None else (row.label or "").split("; ")
    return [{"type": "taxonomy", "value": {"taxonomy": [path.split("/") for path in paths if path]}}]


def _number(row: Decided) -> list[Result]:
    return [{"type": "number", "value": {"number": row.number}}] if row.number is not None else _labelled(row)


def _text(row: Decided) -> list[Result]:
    return [{"type": "textarea", "value": {"text": [row.text or row.label or ""]}}]


def _spans(row: Decided) -> list[Result]:
    text = str(row.item.get("text") or "")
    return [
        {
            "type": "labels",
            "value": {
                "start": _units(text, region["t_start"]),
                "end": _units(text, region["t_end"]),
                "text": region.get("quote"),
                "labels": _labels(region),
            },
        }
        for region in row.regions
    ]


def _units(text: str, points: int) -> int:
    """UTF-16 code units before a code point; as many where the text is not known."""
    return points + sum(ord(character) > LAST_OF_ONE_UNIT for character in text[:points])


def _intervals(row: Decided) -> list[Result]:
    return [
        {
            "type": "labels",
            "value": {"start": region["sec_start"], "end": region["sec_end"], "labels": _labels(region)},
        }
        for region in row.regions
    ]


def _labels(region: Row) -> list[str]:
    return [str(region["label"])] if region.get("label") is not None else []


def _drawn(row: Decided) -> list[Result]:
    wide, high = float(row.item["width"]), float(row.item["height"])
    size = {"original_width": row.item["width"], "original_height": row.item["height"], "image_rotation": 0}
    return [size | SHAPES[str(region["kind"])](region, 100 / wide, 100 / high) for region in row.regions]


def _rectangle(region: Row, across: float, down: float) -> Result:
    x, y, w, h = (float(region[name]) for name in ("x", "y", "w", "h"))
    turn = float(region.get("rotation") or 0.0)
    # Label Studio turns a box about its top left corner, the tables about its centre.
    angle = radians(turn)
    x -= (w * cos(angle) - h * sin(angle) - w) / 2
    y -= (w * sin(angle) + h * cos(angle) - h) / 2
    value = {"x": x * across, "y": y * down, "width": w * across, "height": h * down, "rotation": turn}
    return {"type": "rectanglelabels", "value": value | {"rectanglelabels": _labels(region)}}


def _outline(region: Row, across: float, down: float) -> Result:
    flat = region["points"]
    points = [[x * across, y * down] for x, y in zip(flat[::2], flat[1::2], strict=True)]
    closed = region["kind"] == Kind.POLYGONS
    return {
        "type": "polygonlabels",
        "value": {"points": points, "closed": closed, "polygonlabels": _labels(region)},
    }


def _point(region: Row, across: float, down: float) -> Result:
    x, y = region["points"][:2]
    value = {"x": x * across, "y": y * down, "width": 0.5}
    return {"type": "keypointlabels", "value": value | {"keypointlabels": _labels(region)}}


def _nothing(row: Decided) -> list[Result]:
    return []


SHAPES: Final[Mapping[str, Callable[[Row, float, float], Result]]] = {
    Kind.BOXES.value: _rectangle,
    Kind.POLYGONS.value: _outline,
    Kind.POLYLINES.value: _outline,
    Kind.KEYPOINTS.value: _point,
}
RESULTS: Final[Mapping[str, Callable[[Decided], list[Result]]]] = {
    Kind.SINGLE.value: _labelled,
    Kind.MULTI.value: _labelled,
    Kind.ORDINAL.value: _number,
    Kind.NUMBER.value: _number,
    Kind.TEXT.value: _text,
    Kind.TAXONOMY.value: _paths,
    Kind.SPANS.value: _spans,
    Kind.INTERVALS.value: _intervals,
    **dict.fromkeys(sorted(DRAWN), _drawn),
    Kind.NONE.value: _nothing,
}
