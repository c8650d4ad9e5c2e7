"""Kili's jobs: what a label's jsonResponse says for each question of the ontology, on an asset or frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Kind
from qc.readers.drawings import Drawing, chosen, four_corners, keyframe, kind_of, parts, written
from qc.readers.fields import Row, as_dict, as_list, identity, text_of, whole
from qc.readers.numbers import number
from qc.readers.records import BadRecordError, Records
from qc.readers.shapes import BadShapeError, keypoints, pairs, polygon, polyline
from qc.readers.text_spans import Text, note_spans, utf16

UNSIZED: Final = (
    "{n} objects are in fractions of an image whose size the export lacks and are kept in `extra`: export resolution"
)
STRANGE: Final = "{n} annotations are of a kind that was not understood and are kept in `extra`"
UNTIMED: Final = "{n} classifications of frames are kept in `extra`: the export has no frame rate to time them with"
NO_CATEGORY: Final = "a category is no object with a name"

# What Kili adds to a response beside the jobs.
_COUNTS: Final = ("ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB")

_KINDS: Final = {
    "rectangle": Kind.BOXES,
    "polygon": Kind.POLYGONS,
    "semantic": Kind.POLYGONS,
    "polyline": Kind.POLYLINES,
    "vector": Kind.POLYLINES,
    "marker": Kind.KEYPOINTS,
    "pose": Kind.KEYPOINTS,
}

Size = tuple[int | None, int | None]
Shown = dict[tuple[str, str], dict[int, tuple[Row, bool]]]
"""Of each job and object the frames that it is on: its region, and whether somebody drew it there."""


@dataclass(slots=True)
class Jobs:
    """What all labels show of the jobs: the kinds of their objects, and which take several categories."""

    seen: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, dict[str, None]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def learn(self, response: Any) -> None:
        """Takes note of the jobs of one label."""
        frames = frames_of(as_dict(response))
        for answer in [as_dict(response)] if frames is None else [entry for _, entry in frames]:
            for job, value in answer.items():
                self._note(job, as_dict(value), frames is not None)

    def _note(self, job: str, value: Row, video: bool) -> None:
        if job in _COUNTS:
            return
        self.seen[job] = None
        if len(as_list(value.get("categories"))) > 1:
            self.several.add(job)
        for annotation in map(as_dict, as_list(value.get("annotations"))):
            kind = Kind.SPANS if "beginOffset" in annotation else _KINDS.get(str(annotation.get("type")))
            if kind is not None:
                kind = Kind.TRACKS if video else kind
                self.kinds.setdefault(job, {})[kind.value] = None

    def question(self, job: str, kind: str) -> str:
        """The name of a job's question of one kind: the job's own, where it has no other."""
        return job if len(self.kinds.get(job, ())) < 2 else f"{job}/{kind}"

    def marked(self) -> list[str]:
        """The questions that take regions."""
        return [self.question(job, kind) for job, kinds in self.kinds.items() for kind in kinds]

    def sole(self) -> str:
        """The only job, else `label`."""
        return next(iter(self.seen)) if len(self.seen) == 1 else "label"


def frames_of(response: Row) -> list[tuple[int, Row]] | None:
    """The frames of a video, in order; None for a response that is no video's."""
    if not response or not all(name.isdecimal() for name in response):
        return None
    found = [(whole(name), as_dict(answer)) for name, answer in response.items()]
    return sorted((frame, answer) for frame, answer in found if frame is not None)


def read_jobs(response: Row, jobs: Jobs, item: Row, records: Records) -> Drawing:
    """What a label says."""
    drawing = Drawing()
    text = Text(item.get("text"), utf16)
    size = (item.get("width"), item.get("height"))
    frames = frames_of(response)
    if frames is None:
        for job, value in response.items():
            if job not in _COUNTS:
                _read_job(drawing, job, value, jobs, text, size, records)
        return drawing
    shown: Shown = {}
    for frame, answer in frames:
        for job, value in answer.items():
            if job not in _COUNTS:
                _read_frame(drawing, frame, job, as_dict(value), shown, size, records)
    for (job, track), states in shown.items():
        for state in _keyframes(track, states):
            drawing.mark(state, jobs.question(job, Kind.TRACKS.value))
    return drawing


def _read_job(drawing: Drawing, job: str, value: Any, jobs: Jobs, text: Text, size: Size, records: Records) -> None:
    answer = as_dict(value)
    _classify(drawing, job, answer, jobs)
    for annotation in as_list(answer.get("annotations")):
        if "beginOffset" in as_dict(annotation):
            region, columns = _span(annotation, text, records), _columns(annotation)
            columns["attributes"] |= region.get("attributes") or {}
            drawing.mark(region | columns, jobs.question(job, Kind.SPANS.value))
            continue
        found = _shapes(drawing, job, annotation, size, records)
        for region in found:
            drawing.mark(region, jobs.question(job, kind_of(region).value))
    if value and not {"categories", "annotations", "text"} & answer.keys():
        records.note(STRANGE)
        drawing.keep(job, value)


def _read_frame(drawing: Drawing, frame: int, job: str, value: Row, shown: Shown, size: Size, records: Records) -> None:
    """Objects of a frame, and whether somebody drew them there; classifications only where they were set."""
    for annotation in map(as_dict, as_list(value.get("annotations"))):
        track = identity(annotation.get("mid"))
        if track is None:
            continue
        for region in _shapes(drawing, job, annotation, size, records):
            name = region["region_id"] if "part" in region["attributes"] else track
            shown.setdefault((job, name), {})[frame] = region, annotation.get("isKeyFrame") is not False
    if value.get("isKeyFrame") is not False and ("categories" in value or "text" in value):
        labels = [_name(entry) for entry in as_list(value.get("categories"))] or [text_of(value.get("text")) or ""]
        drawing.keep("frames", {"frame": frame, "question": job, "labels": labels})
        records.note(UNTIMED)


def _keyframes(track: str, states: Mapping[int, tuple[Row, bool]]) -> Iterator[Row]:
    """The frames where somebody drew an object, and one outside wherever it is on no further frame.

    An object of which only the frames are listed where it was drawn is seen between them.
    """
    every = not all(drawn for _, drawn in states.values())
    for frame, (region, drawn) in states.items():
        if drawn or (every and frame - 1 not in states):
            yield keyframe(region, track, frame, {"outside": False})
        if every and frame + 1 not in states:
            yield keyframe(region, track, frame + 1, {"outside": True})


def _classify(drawing: Drawing, question: str, answer: Row, jobs: Jobs) -> None:
    """Adds categories and text; jobs inside a category are questions of their own, `outer/inner`."""
    categories = as_list(answer.get("categories"))
    if categories:
        labels = [_name(category) for category in categories]
        confidence = number(as_dict(categories[0]).get("confidence")) if len(categories) == 1 else None
        score = None if confidence is None else confidence / 100
        drawing.answer(question, {**chosen(labels, question in jobs.several), "score": score})
    if isinstance(answer.get("text"), str):
        drawing.answer(question, written(answer["text"]))
    for holder in [answer, *map(as_dict, categories)]:
        for job, value in as_dict(holder.get("children")).items():
            _classify(drawing, f"{question}/{job}", as_dict(value), jobs)


def _columns(annotation: Row) -> Row:
    """What an object is called, how sure of it somebody is, and what was answered about it."""
    categories = as_list(annotation.get("categories"))
    inner = Drawing()
    for job, value in as_dict(annotation.get("children")).items():
        _classify(inner, job, as_dict(value), Jobs())
    said = {name: row.get("label", row.get("text", row.get("labels"))) for name, row in inner.answers.items()}
    confidence = number(as_dict(categories[0]).get("confidence")) if categories else None
    return {
        "label": ", ".join(_name(category) for category in categories) or None,
        "score": None if confidence is None else confidence / 100,
        "attributes": said,
        "region_id": identity(annotation.get("mid")),
    }


def _name(category: Any) -> str:
    name = identity(as_dict(category).get("name"))
    if name is None:
        raise BadRecordError(NO_CATEGORY)
    return name


def _span(annotation: Row, text: Text, records: Records) -> Row:
    """A span by its begin and the words in it; some exports state its end too."""
    start, quote = whole(annotation.get("beginOffset")), text_of(annotation.get("content"))
    end = whole(annotation.get("endOffset"))
    if end is None and start is not None and quote is not None:
        end = start + len(quote.encode("utf-16-le", "replace")) // 2
    row = text.span(start, end, None, quote)
    note_spans(records, text, [row])
    return row


def _shapes(drawing: Drawing, job: str, annotation: Any, size: Size, records: Records) -> list[Row]:
    """The regions of one object; one that cannot be placed is kept as it came."""
    kind = str(as_dict(annotation).get("type"))
    if kind not in _KINDS:
        records.note(STRANGE)
        drawing.keep(job, annotation)
        return []
    columns = _columns(annotation)
    rings = list(_points(annotation, kind, size))
    if not rings:
        records.note(UNSIZED)
        drawing.keep(job, annotation)
        return []
    if kind == "rectangle":
        # Kili goes down the left side first, and back up the right one.
        corners = rings[0]
        return [{**four_corners([*corners[:2], *corners[6:], *corners[4:6], *corners[2:4]]), **columns}]
    make = {Kind.POLYGONS: polygon, Kind.POLYLINES: polyline, Kind.KEYPOINTS: keypoints}[_KINDS[kind]]
    if kind == "pose":
        return [{**make([value for ring in rings for value in ring]), **columns}]
    return parts([make(ring) for ring in rings], columns["region_id"] or "", columns, len(rings) - 1)


def _points(annotation: Row, kind: str, size: Size) -> Iterator[list[Any]]:
    """Rings of points in pixels, the outer one first; none where the image's size is not known."""
    if kind == "marker":
        yield from _scaled([annotation.get("point")], [annotation.get("pointPixels")], size)
    elif kind == "pose":
        for point in map(as_dict, as_list(annotation.get("points"))):
            yield from _scaled([point.get("point")], [point.get("pointPixels")], size)
    elif kind in ("polyline", "vector"):
        yield from _scaled(as_list(annotation.get("polyline")), as_list(annotation.get("polylinePixels")), size)
    else:
        for ring in map(as_dict, as_list(annotation.get("boundingPoly"))):
            yield from _scaled(as_list(ring.get("normalizedVertices")), as_list(ring.get("vertices")), size)


def _scaled(fractions: Sequence[Any], in_pixels: Sequence[Any], size: Size) -> Iterator[list[Any]]:
    points = fractions if size[0] and size[1] and any(fractions) else in_pixels
    if not points or not any(points):
        return
    if not all(isinstance(point, dict) for point in points):
        raise BadShapeError("a point lacks a number")
    flat = pairs(points)
    if points is in_pixels:
        yield flat
        return
    found = [number(value) for value in flat]
    if any(value is None for value in found):
        raise BadShapeError("a point lacks a number")
    # Fractions of a pixel that no screen shows would make equal boxes differ.
    yield [round(value * (size[place % 2] or 1), 6) for place, value in enumerate(found) if value is not None]
