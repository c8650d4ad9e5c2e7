"""Labelbox's features: objects, classifications and frames of a label, as marks and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from qc.model import Kind
from qc.readers.drawings import Drawing, chosen, keyframe, written
from qc.readers.fields import Row, as_dict, as_list, identity, text_of, whole
from qc.readers.numbers import number
from qc.readers.records import MISTYPED, BadRecordError, Records, of_types
from qc.readers.shapes import BadShapeError, box, keypoints, pairs, polygon, polyline
from qc.readers.text_spans import Text, note_spans, utf16

FETCHED: Final = "{n} masks are links that are never fetched: they are kept as `uri` in attributes, without pixels"
STRANGE: Final = "{n} objects are of a kind that was not understood and are kept in `extra`"
UNTIMED: Final = "{n} classifications of frames have no frame rate to be timed with and are kept in `extra`"
SCALED: Final = "{n} boxes are in another unit than pixels, which `unit` in attributes names"
NO_OBJECT: Final = "a feature is no object with a name"

_KINDS: Final = {
    "bounding_box": Kind.BOXES,
    "polygon": Kind.POLYGONS,
    "line": Kind.POLYLINES,
    "point": Kind.KEYPOINTS,
    "mask": Kind.MASKS,
    "composite_mask": Kind.MASKS,
    "location": Kind.SPANS,
    "conversational_location": Kind.SPANS,
}


def kinds(annotations: Row) -> Iterator[str]:
    """The questions that the objects of a label show."""
    for feature in as_list(annotations.get("objects")):
        yield from (kind.value for name, kind in _KINDS.items() if name in as_dict(feature))
    if any(as_dict(frame).get("objects") for frame in as_dict(annotations.get("frames")).values()):
        yield Kind.TRACKS.value


def read_features(annotations: Row, text: Text, rate: float | None, records: Records) -> Drawing:
    """What a label holds; `rate` is in frames a second."""
    drawing = Drawing()
    for feature in as_list(annotations.get("objects")):
        shape = shape_of(feature, text, records)
        if shape is None:
            records.note(STRANGE)
            drawing.keep("objects", feature)
        else:
            drawing.mark({**shape, "region_id": identity(as_dict(feature).get("feature_id"))})
    classify(drawing, annotations.get("classifications"))
    frames = as_dict(annotations.get("frames"))
    of_types(frames, objects=frames)
    segments = {name: _segments(value) for name, value in as_dict(annotations.get("segments")).items()}
    keys = as_dict(annotations.get("key_frame_feature_map"))
    for track, shapes in _tracks(frames, text, records).items():
        _draw_track(drawing, track, shapes, segments.get(track, []), _key_frames(keys.get(track)))
    _draw_intervals(drawing, frames, segments, rate, records)
    for relation in as_list(annotations.get("relationships")):
        drawing.keep("relationships", relation)
    if "groups" in annotations:
        records.note(STRANGE)
        drawing.keep("groups", annotations["groups"])
    return drawing


def shape_of(feature: Any, text: Text, records: Records) -> Row | None:
    """The region columns of an object; None for a kind that is not known."""
    name = name_of(feature)
    row = _geometry(feature, text, records)
    if row is None:
        return None
    attributes = {**(row.get("attributes") or {}), **nested(feature.get("classifications"))}
    # Of a document of several pages, as the export counts them.
    page = whole(_stated(feature, "page", "page_number"))
    if page is not None and row["kind"] != Kind.SPANS:
        row["frame"] = page
    return {**row, "label": name, "score": number(feature.get("confidence")), "attributes": attributes}


def _geometry(feature: Row, text: Text, records: Records) -> Row | None:
    if "bounding_box" in feature:
        sides = as_dict(feature["bounding_box"])
        place = {key: value for key in ("page", "unit") if (value := _stated(feature, key)) is not None}
        records.note(SCALED, int(str(place.get("unit", "PIXELS")).upper() != "PIXELS"))
        return box(*(sides.get(side) for side in ("left", "top", "width", "height"))) | {"attributes": place}
    if "polygon" in feature:
        return polygon(points_of(feature["polygon"]))
    if "line" in feature:
        return polyline(points_of(feature["line"]))
    if "point" in feature:
        return keypoints(points_of([feature["point"]]))
    for kind in ("mask", "composite_mask"):
        if kind in feature:
            records.note(FETCHED)
            mask = as_dict(feature[kind])
            # What follows the question mark is signed anew for each export, and would make every mask a changed one.
            uri = (text_of(mask.get("url")) or "").partition("?")[0]
            return {"kind": Kind.MASKS, "attributes": {"uri": uri, **_colour(mask)}}
    if "conversational_location" in feature:
        location = as_dict(feature["conversational_location"])
        return _span(
            location.get("location"), Text(None, utf16), records, {"message": identity(location.get("message_id"))}
        )
    location = as_dict(feature.get("location"))
    return _span(location, text, records, {}) if {"start", "end"} <= location.keys() else None


def _stated(feature: Row, *names: str) -> Any:
    """What a feature says by one of these names, or its box does."""
    sides = as_dict(feature.get("bounding_box"))
    return next((found for name in names if (found := feature.get(name, sides.get(name))) is not None), None)


def _colour(mask: Row) -> Row:
    return {"color_rgb": mask["color_rgb"]} if "color_rgb" in mask else {}


def _span(location: Any, text: Text, records: Records, attributes: Row) -> Row:
    """A span whose last character counts: Labelbox's `end` is inclusive."""
    place = as_dict(location)
    last = whole(place.get("end"))
    row = text.span(place.get("start"), None if last is None else last + 1, None, text_of(place.get("token")))
    note_spans(records, text, [row])
    return row | {"attributes": attributes | (row.get("attributes") or {})}


def points_of(value: Any) -> list[Any]:
    """Points {x, y} as x, y, x, y …"""
    if not all(isinstance(point, dict) for point in as_list(value)):
        raise BadShapeError("a point lacks a number")
    return pairs(as_list(value))


def name_of(feature: Any) -> str:
    """What a feature or an answer is called, in either version of the format."""
    names = (identity(as_dict(feature).get(key)) for key in ("name", "title", "value"))
    found = next(filter(None, names), None)
    if found is None:
        raise BadRecordError(NO_OBJECT)
    return found


def classify(drawing: Drawing, features: Any, before: str = "") -> None:
    """Adds classifications as answers; those nested in an answer are questions of their own, `outer/inner`."""
    for feature in _listed(features):
        question = before + name_of(feature)
        value = _value(feature)
        if value is None:
            drawing.keep("classifications", feature)
            continue
        drawing.answer(question, value)
        for answer in _answers(feature):
            classify(drawing, as_dict(answer).get("classifications"), f"{question}/")


def nested(features: Any, before: str = "") -> Row:
    """Classifications of an object, as its attributes."""
    found: Row = {}
    for feature in _listed(features):
        question = before + name_of(feature)
        value = _value(feature)
        if value is not None:
            found[question] = value.get("label", value.get("text", value.get("labels")))
        for answer in _answers(feature):
            found |= nested(as_dict(answer).get("classifications"), f"{question}/")
    return found


def _listed(features: Any) -> list[Any]:
    if not isinstance(features, list | None):
        raise BadRecordError(MISTYPED)
    return as_list(features)


def _answers(feature: Row) -> list[Any]:
    """The answers of a classification, whatever their version calls them."""
    single = feature.get("radio_answer", feature.get("answer"))
    several = feature.get("checklist_answers", feature.get("answers"))
    return [single] if isinstance(single, dict) else as_list(single) + as_list(several)


def _value(feature: Row) -> Row | None:
    of_types(feature, ("checklist_answers", "answers"), ("radio_answer", "text_answer"))
    text = as_dict(feature.get("text_answer")).get("content", feature.get("answer"))
    if isinstance(text, str):
        return written(text)
    several = any(isinstance(feature.get(key), list) for key in ("checklist_answers", "answers", "answer"))
    labels = [name_of(answer) for answer in _answers(feature)]
    return chosen(labels, several) if labels or several else None


def _segments(value: Any) -> list[tuple[int, int]]:
    """First and last frames, from 0; Labelbox counts frames from 1."""
    ends = [[_frame(end) for end in as_list(entry)] for entry in as_list(value)]
    return sorted((entry[0], entry[1]) for entry in ends if len(entry) == 2 and entry[0] <= entry[1])


def _frame(value: Any) -> int:
    found = whole(value)
    if not found:
        raise BadRecordError("a frame has no possible number")
    return found - 1


def _key_frames(value: Any) -> set[int] | None:
    """The frames that somebody drew; the others are interpolated."""
    if isinstance(value, dict):
        return {_frame(frame) for frame, drawn in value.items() if drawn}
    return {_frame(frame) for frame in value} if isinstance(value, list) else None


def _tracks(frames: Row, text: Text, records: Records) -> dict[str, dict[int, Row]]:
    tracks: dict[str, dict[int, Row]] = {}
    for place, frame in frames.items():
        objects = as_dict(frame).get("objects")
        if not isinstance(objects, dict | list | None):
            raise BadRecordError(MISTYPED)
        features = list(objects.values()) if isinstance(objects, dict) else as_list(objects)
        for feature in features:
            shape, track = shape_of(feature, text, records), identity(as_dict(feature).get("feature_id"))
            if shape is None or track is None:
                raise BadRecordError(NO_OBJECT)
            tracks.setdefault(track, {})[_frame(place)] = shape
    return tracks


def _draw_track(
    drawing: Drawing,
    track: str,
    shapes: Mapping[int, Row],
    segments: Sequence[tuple[int, int]],
    drawn: set[int] | None,
) -> None:
    """Keyframes in order, and one `outside` where a segment ends before the next begins."""
    for frame in sorted(shapes):
        if not drawn or frame in drawn:
            drawing.mark(keyframe(shapes[frame], track, frame, {"outside": False}))
    begins = {first for first, _ in segments}
    for first, last in segments:
        shown = [frame for frame in shapes if first <= frame <= last]
        if shown and last + 1 not in begins:
            drawing.mark(keyframe(shapes[max(shown)], track, last + 1, {"outside": True}))


def _draw_intervals(
    drawing: Drawing, frames: Row, segments: Mapping[str, list[tuple[int, int]]], rate: float | None, records: Records
) -> None:
    """Classifications of frames as intervals: a value holds until the next one, or the end of its segment."""
    found: dict[tuple[str, str], dict[int, tuple[str, ...]]] = {}
    for place, frame in frames.items():
        for feature in _listed(as_dict(frame).get("classifications")):
            value = _value(as_dict(feature))
            if value is None:
                continue
            key = (name_of(feature), identity(feature.get("feature_id")) or name_of(feature))
            labels = value.get("labels") or [value.get("label") or value.get("text") or ""]
            found.setdefault(key, {})[_frame(place)] = tuple(labels)
    if found and not rate:
        records.note(UNTIMED, len(found))
        drawing.keep(
            "frame_classifications", [{"name": name, "frames": _plain(values)} for (name, _), values in found.items()]
        )
        return
    for (name, feature_id), values in found.items():
        for first, last, labels in _runs(values, segments.get(feature_id, [])):
            for label in labels:
                ends = {"sec_start": first / (rate or 1.0), "sec_end": (last + 1) / (rate or 1.0)}
                region_id = f"{feature_id}/{label}@{first}"
                drawing.mark({"kind": Kind.INTERVALS, "label": label, "region_id": region_id, **ends}, name)


def _plain(values: Mapping[int, tuple[str, ...]]) -> Row:
    return {str(frame): list(labels) for frame, labels in values.items()}


def _runs(
    values: Mapping[int, tuple[str, ...]], segments: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """First and last frame of each stretch with the same labels."""
    starts = {first for first, _ in segments}
    inside = {frame: last for first, last in segments for frame in values if first <= frame <= last}
    run: tuple[int, int, tuple[str, ...]] | None = None
    for frame, after in pairwise([*sorted(values), None]):
        assert frame is not None
        end = inside.get(frame, frame)
        last = end if after is None or after > end else after - 1
        if run and run[1] == frame - 1 and run[2] == values[frame] and frame not in starts:
            run = (run[0], last, run[2])
            continue
        if run:
            yield run
        run = (frame, last, values[frame])
    if run:
        yield run
