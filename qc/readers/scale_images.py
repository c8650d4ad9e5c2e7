"""Scale's tasks of the first version: shapes on an image, answers of the whole, and the customer's review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qc.model import Decision, Kind, Status
from qc.readers.authors import MERGED, author
from qc.readers.described import described
from qc.readers.drawings import Drawing, chosen
from qc.readers.fields import as_dict, as_list, at, identity, text_of
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records, Row, of_types
from qc.readers.shapes import box, keypoints, pairs, polygon, polyline

NO_SHAPE: Final = "a shape is no object"
BAD_VERTICES: Final = "the vertices of a shape are no points"
ELSEWHERE: Final = "{n} responses are only named by their address; fetch them and put them in their place"
KEPT: Final = "{n} parts of responses were not understood and are kept in `extra`"
OPEN: Final = "{n} tasks are not completed, and have no answers"

_STATUSES: Final = {"completed": Status.SUBMITTED, "canceled": Status.DISCARDED, "error": Status.SKIPPED}
_VERDICTS: Final = {"accepted": Decision.ACCEPT, "fixed": Decision.REJECT, "rejected": Decision.REJECT}
# What is asked for, by the type of the task, where nothing was drawn.
_ASKED: Final = {
    "imageannotation": Kind.BOXES,
    "annotation": Kind.BOXES,
    "polygonannotation": Kind.POLYGONS,
    "lineannotation": Kind.POLYLINES,
    "pointannotation": Kind.KEYPOINTS,
}
_SHAPES: Final[Mapping[str, Callable[[Row], Row]]] = {
    "box": lambda shape: box(*(shape.get(name) for name in ("left", "top", "width", "height"))),
    "polygon": lambda shape: polygon(_vertices(shape)),
    "line": lambda shape: polyline(_vertices(shape)),
    "point": lambda shape: keypoints([shape.get("x"), shape.get("y")]),
}


def stage_image(records: Records, task: Row, options: Options) -> None:
    """Adds the answer of one task, which nobody is named for, and the customer's review of it."""
    item_id = _item(records, task, options)
    status = _STATUSES.get(text_of(task.get("status")) or "completed")
    if status is None:
        records.note(OPEN)
        return
    given = author(None, options)
    records.note(MERGED, int(given.name == given.role.value == "consensus"))
    of_types(task, objects=("response",))
    response = as_dict(task.get("response"))
    of_types(response, objects=("global_attributes",))
    drawing = _drawing(records, response) if status is Status.SUBMITTED else Drawing()
    kind = _ASKED.get(text_of(task.get("type")) or "")
    empty = kind is not None and not drawing.regions and isinstance(response.get("annotations"), list)
    base = {
        "item_id": item_id,
        "annotation_id": task["task_id"],
        "annotator": given.name,
        "role": given.role,
        "status": status,
        **records.times(submitted=task.get("completed_at"), updated=task.get("updated_at")),
    }
    rows = list(drawing.rows([kind.value] if kind and empty else [])) or [({"question": "label"}, [])]
    if drawing.extra and not drawing.regions and not drawing.answers:
        # Kind text is judged by people only: what is not understood is never compared by machine.
        rows = [({"question": "response", "kind": Kind.TEXT}, [])]
    extra: Row = dict(drawing.extra)
    comment = text_of(task.get("customer_review_comments"))
    if comment:
        extra["customer_review"] = [text_of(task.get("customer_review_status")), comment]
    for columns, regions in rows:
        records.answer({**base, **columns, "extra": extra}, regions)
        extra = {}
    verdict = _VERDICTS.get(text_of(task.get("customer_review_status")) or "")
    for columns, _ in rows if verdict else []:
        records.review(
            {"review_id": f"{task['task_id']}/customer/{columns['question']}", "annotation_id": task["task_id"]}
            | {"question": columns["question"], "item_id": item_id, "reviewer": "customer"}
            | {"verdict": verdict, "comment": comment}
        )


def _item(records: Records, task: Row, options: Options) -> str:
    paths = options.mapping.columns if options.mapping else {}
    found = identity(at(task, paths["item_id"])) if "item_id" in paths else None
    item_id = found or identity(task.get("unique_id")) or str(task["task_id"])
    attachment = text_of(as_dict(task.get("params")).get("attachment"))
    meta = as_dict(task.get("metadata"))
    own = {name: task[name] for name in ("batch", "tags") if name in task}
    rest = {name: task[name] for name in ("project", "instruction", "is_test") if task.get(name)}
    about = described(rest | meta | own, task, options)
    records.item(item_id, {**about, "media": "image" if attachment else None, "uri": attachment})
    return item_id


def _drawing(records: Records, response: Row) -> Drawing:
    drawing = Drawing()
    for shape in as_list(response.get("annotations")):
        if not isinstance(shape, dict):
            raise BadRecordError(NO_SHAPE)
        make = _SHAPES.get(text_of(shape.get("type")) or "")
        if make is None:
            records.note(KEPT)
            drawing.keep("annotations", shape)
            continue
        region = make(shape) | {"label": identity(shape.get("label")), "region_id": identity(shape.get("uuid"))}
        drawing.mark(region | {"attributes": as_dict(shape.get("attributes"))})
    for question, value in as_dict(response.get("global_attributes")).items():
        label = value if isinstance(value, str) else identity(value)
        labels = [label] if label is not None else [one for entry in as_list(value) if (one := identity(entry))]
        if labels:
            drawing.answer(question, chosen(labels, isinstance(value, list)))
    records.note(ELSEWHERE, int("url" in as_dict(response.get("annotations"))))
    for name, value in response.items():
        if name == "global_attributes" or (name == "annotations" and isinstance(value, list)):
            continue
        records.note(KEPT)
        drawing.keep(name, value)
    return drawing


def _vertices(shape: Row) -> list[Any]:
    points = as_list(shape.get("vertices"))
    if not all(isinstance(point, dict) for point in points):
        raise BadRecordError(BAD_VERTICES)
    return pairs(points)
