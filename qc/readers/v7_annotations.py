"""V7's annotations: shapes, tags, frames of videos and masks in raster layers, as marks and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qc.model import Origin
from qc.readers.drawings import Drawing, Signature, chosen, keyframe, parts
from qc.readers.fields import Row, as_dict, as_list, identity, whole
from qc.readers.masks import from_rows
from qc.readers.numbers import number
from qc.readers.records import BadRecordError, Records, of_types
from qc.readers.shapes import BadShapeError, box, ellipse, keypoints, pairs, polygon, polyline

STRANGE: Final = "{n} annotations are of a kind that was not understood and are kept in `extra`"
BEGUN: Final = "{n} annotations of people began as a model's; whether they changed them is not said"
SLOTS: Final = "{n} annotations are of further slots than the first, which their attributes name"
NO_ANNOTATION: Final = "an annotation is no object with a name"

_SHAPES: Final = ("polygon", "ellipse", "line", "keypoint", "skeleton", "bounding_box")
_KNOWN: Final = (*_SHAPES, "tag", "mask", "raster_layer", "frames")

Size = tuple[int | None, int | None]


def read_annotations(annotations: Sequence[Any], size: Size, records: Records) -> Drawing:
    """What an item holds; a raster layer gives the pixels of the masks that it names."""
    drawing = Drawing()
    masks = dict(_masks(annotations, size))
    first: str | None = None
    for place, entry in enumerate(annotations, 1):
        about = as_dict(entry)
        name, label = identity(about.get("id")) or str(place), identity(about.get("name"))
        if label is None:
            raise BadRecordError(NO_ANNOTATION)
        of_types(about, ("annotators",), ("raster_layer", "frames"))
        if "raster_layer" in about:
            continue
        slot = ",".join(filter(None, map(identity, as_list(about.get("slot_names"))))) or None
        first = first or slot
        attributes = _attributes(about, slot if slot != first else None)
        records.note(SLOTS, int(slot != first))
        signature = _signature(about)
        records.note(BEGUN, int(bool(signature.authors and signature.origin)))
        columns = {"label": label, "score": _confidence(about), "attributes": attributes}
        if "frames" in about:
            _track(drawing, about, name, columns, signature, masks, records)
        elif "tag" in about:
            drawing.answer("tags", chosen([label], True), signature)
            if attributes:
                drawing.keep("tags", {"label": label, "attributes": attributes})
        elif "mask" in about and name in masks:
            drawing.mark({**masks[name], **columns, "region_id": name}, None, signature)
        else:
            found = _shapes(about, name, columns)
            for region in found:
                drawing.mark(region, None, signature)
            if not found:
                records.note(STRANGE)
                drawing.keep("annotations", entry)
    return drawing


def _shapes(about: Row, name: str, columns: Row) -> list[Row]:
    """The regions of an annotation. Each shape also carries the box around it, which is no object of its own."""
    of_types(about, objects=_SHAPES)
    kind = next((shape for shape in _SHAPES if isinstance(about.get(shape), dict)), None)
    if kind is None:
        return []
    place = as_dict(about[kind])
    of_types(place, lists=("path", "paths", "additional_paths", "nodes"))
    if kind == "polygon":
        paths = as_list(place.get("paths")) or [place.get("path"), *as_list(place.get("additional_paths"))]
        return parts([polygon(_points(path)) for path in paths], name, columns)
    if kind == "bounding_box":
        shape = box(*(place.get(side) for side in ("x", "y", "w", "h", "rotation")))
    elif kind == "line":
        shape = polyline(_points(place.get("path") or next(iter(as_list(place.get("paths"))), None)))
    elif kind == "keypoint":
        shape = keypoints([place.get("x"), place.get("y")])
    elif kind == "skeleton":
        nodes = [as_dict(node) for node in as_list(place.get("nodes"))]
        names = [identity(node.get("name")) for node in nodes]
        shape = keypoints(_points(nodes)) | {"attributes": {"nodes": names}}
    else:
        middle, radius = as_dict(place.get("center")), as_dict(place.get("radius"))
        turn = number(place.get("angle"))
        shape = ellipse(middle.get("x"), middle.get("y"), radius.get("x"), radius.get("y"), turn)
    attributes = {**(shape.get("attributes") or {}), **columns["attributes"]}
    return [{**shape, **columns, "attributes": attributes, "region_id": name}]


def _points(path: Any) -> list[Any]:
    if not all(isinstance(point, dict) for point in as_list(path)):
        raise BadShapeError("a point lacks a number")
    return pairs(as_list(path))


def _track(
    drawing: Drawing, about: Row, name: str, columns: Row, signature: Signature, masks: Row, records: Records
) -> None:
    """The frames on which somebody drew, and one outside at the end of each range (which is behind its last frame).

    The ranges where the object shows stand with the first of them.
    """
    ranges = as_list(about.get("ranges") or about.get("segments"))
    found = {whole(frame): as_dict(state) for frame, state in as_dict(about["frames"]).items()}
    if not found or None in found:
        raise BadRecordError("a frame has no possible number")
    drawn: dict[int, list[Row]] = {}
    for place, frame in enumerate(sorted(frame for frame in found if frame is not None)):
        state = found[frame]
        if state.get("keyframe") is False:
            continue
        attributes = {**columns["attributes"], **({"ranges": ranges} if ranges and not place else {})}
        if "tag" in about or "tag" in state:
            drawing.keep("tags", {"label": columns["label"], "frame": frame, **attributes})
            drawing.answer("tags", chosen([columns["label"]], True), signature)
            continue
        own = {**columns, "attributes": attributes}
        mask = masks.get(f"{name}@{frame}")
        shapes = [{**mask, **own, "region_id": name}] if mask else _shapes(state, name, own)
        for shape in shapes:
            drawing.mark(keyframe(shape, shape["region_id"], frame, {"outside": False}), None, signature)
        if shapes:
            drawn[frame] = shapes
        else:
            records.note(STRANGE)
            drawing.keep("annotations", {"id": name, "frame": frame, **state})
    for frame, shapes in _ends(ranges, drawn):
        for shape in shapes:
            told = {name: value for name, value in shape["attributes"].items() if name != "ranges"}
            end = keyframe(shape, shape["region_id"], frame, {"outside": True, "attributes": told})
            drawing.mark(end, None, signature)


def _ends(ranges: Sequence[Any], drawn: Mapping[int, list[Row]]) -> Iterator[tuple[int, list[Row]]]:
    """Where ranges end that no other goes on from, and what was last drawn in each."""
    known = [(whole(entry[0]), whole(entry[1])) for entry in map(as_list, ranges) if len(entry) == 2]
    begins = {first for first, _ in known}
    for first, end in known:
        shown = [frame for frame in drawn if first is not None and end is not None and first <= frame < end]
        if shown and end is not None and end not in begins:
            yield end + (end in drawn), drawn[max(shown)]


def _masks(annotations: Sequence[Any], size: Size) -> Iterator[tuple[str, Row]]:
    """The mask of each annotation that a raster layer names, of videos by annotation@frame."""
    for about in map(as_dict, annotations):
        if isinstance(about.get("raster_layer"), dict):
            yield from _layer(about["raster_layer"], size, "")
        for frame, state in as_dict(about.get("frames")).items():
            if isinstance(as_dict(state).get("raster_layer"), dict):
                yield from _layer(state["raster_layer"], size, f"@{frame}")


def _layer(layer: Row, size: Size, suffix: str) -> Iterator[tuple[str, Row]]:
    """Pairs of value and length along the rows of the whole image; each value is an annotation's, 0 is nobody's."""
    runs = [whole(value) for value in as_list(layer.get("dense_rle"))]
    width, height = size
    if not runs or len(runs) % 2 or None in runs or not width or not height:
        raise BadShapeError("a raster layer has no possible run lengths")
    for name, value in as_dict(layer.get("mask_annotation_ids_mapping") or layer.get("mask_mappings")).items():
        yield name + suffix, from_rows(_counts(runs, whole(value)), 0, 0, width, height, width, height)


def _counts(runs: Sequence[int | None], value: int | None) -> list[int]:
    """Lengths of what is not, and is, of one value in turn."""
    counts = [0]
    for found, length in zip(runs[::2], runs[1::2], strict=True):
        if (found == value) == (len(counts) % 2 == 0):
            counts[-1] += length or 0
        else:
            counts.append(length or 0)
    return counts


def _signature(about: Row) -> Signature:
    """Which people the annotation is of, and which model it began as."""
    entries = map(as_dict, as_list(about.get("annotators")))
    people = [identity(entry.get("email")) or identity(entry.get("full_name")) for entry in entries]
    named = tuple(dict.fromkeys(filter(None, people)))
    inference = as_dict(about.get("inference"))
    model = identity(as_dict(inference.get("model")).get("name"))
    return Signature(named, model, Origin.PREDICTION if inference else None)


def _confidence(about: Row) -> float | None:
    return number(as_dict(about.get("inference")).get("confidence"))


def _attributes(about: Row, slot: str | None) -> Row:
    found: Row = {}
    for name in as_list(about.get("attributes")):
        if identity(name):
            found.setdefault("attributes", []).append(name)
    for entry in map(as_dict, as_list(about.get("properties"))):
        if identity(entry.get("name")):
            found.setdefault(str(entry["name"]), []).append(entry.get("value"))
    text = as_dict(about.get("text")).get("text")
    reviewers = [
        entry.get("email") or entry.get("full_name") for entry in map(as_dict, as_list(about.get("reviewers")))
    ]
    known = {
        "text": text,
        "slot": slot,
        "reviewers": reviewers,
        "instance": as_dict(about.get("instance_id")).get("value"),
    }
    model = as_dict(as_dict(about.get("inference")).get("model")).get("name")
    return {**found, **{name: value for name, value in {**known, "model": model}.items() if value}}
