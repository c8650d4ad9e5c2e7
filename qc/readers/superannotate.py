"""SuperAnnotate's export: the one state of an image, video or text, drawn by whoever worked on it."""

from __future__ import annotations

from typing import Any, Final

from qc.model import Decision, Kind, Origin, Role, Status
from qc.readers.drawings import Document, Drawing, Signature, chosen, four_corners, parts, stage_document
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of, whole
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, to_json
from qc.readers.shapes import BadShapeError, corners, ellipse, keypoints, pairs, polygon, polyline
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import UNCHECKED
from qc.readers.values import begins, listed

NO_DOCUMENT: Final = "the record is no document with a name and instances"
STRANGE: Final = "{n} objects are of a kind that was not understood and are kept in `extra`"
PIXELS: Final = "{n} objects are colours of a mask image beside the file, which is not read: they are kept in `extra`"
CORRECTED: Final = "{n} objects were changed by another than their author: this export holds only the changed ones"
COMMENTS: Final = "{n} comments are kept in `extra`"
NOTHING: Final = "{n} images are done with nothing marked; the export does not say what was asked for: taken as boxes"
UNTOUCHED: Final = "{n} images are not done: what they hold is read as a draft"

_ORIGINS: Final = {
    "manual": Origin.MANUAL,
    "prediction": Origin.PREDICTION,
    "preannotation": Origin.PREDICTION,
}
# What the tool's own statuses say of the work; a team may have others, which say nothing.
_DRAFTS: Final = ("notstarted", "inprogress")
_VERDICTS: Final = {"returned": Decision.REJECT, "completed": Decision.ACCEPT}


def sniff(source: Source) -> int:
    """Metadata of an item beside its instances."""
    text = source.text()
    if not (begins(source, "{") or begins(source, "[")) or not ('"metadata"' in text and '"instances"' in text):
        return 0
    return (
        88 if any(mark in text for mark in ('"className"', '"lastAction"', '"annotatorEmail"', '"projectId"')) else 55
    )


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages each document's answers; the record that is counted is the document."""
    records = Records(options, staging)
    for line, document, share in listed(source):
        with records.record(line, document):
            _take(records, options, document, source.name)
        staging.progress(share)
    records.finish()


def _take(records: Records, options: Options, document: Any, file: str) -> None:
    if not isinstance(document, dict):
        raise BadRecordError(NO_JSON if isinstance(document, bytes) else NO_DOCUMENT)
    metadata, instances = as_dict(document.get("metadata")), document.get("instances")
    paths = options.mapping.columns if options.mapping else {}
    item_id = identity(at(document, paths.get("item_id", "metadata.name")))
    if item_id is None or not isinstance(instances, list):
        raise BadRecordError(NO_DOCUMENT)
    folder = file.rpartition("/")[0]
    tags = [tag for tag in as_list(document.get("tags")) if isinstance(tag, str)]
    found = facets(metadata, document, paths)
    found["batch"] = found["batch"] or (tags[0] if len(tags) == 1 else None) or folder.rpartition("/")[2] or None
    status = "".join(str(metadata.get("status")).lower().split())
    item = {"item_id": item_id, **{name: found[name] for name in FACETS}}
    size = (pixels(metadata.get("width")), pixels(metadata.get("height")))
    known = {name: metadata[name] for name in ("projectId", "status", "folderName") if metadata.get(name) is not None}
    about = {"width": size[0], "height": size[1], "tags": tags or None, "meta": to_json(known)}
    about |= {"media": "video" if "duration" in metadata else None, "uri": text_of(metadata.get("url"))}
    records.item(item_id, {**item, **about, "is_gold": options.role is Role.GOLD})
    drawing = Drawing()
    for place, instance in enumerate(instances, 1):
        _instance(drawing, instance, str(place), records)
    people = identity(metadata.get("annotatorEmail")), identity(metadata.get("qaEmail"))
    _comments(drawing, document, records)
    answered = bool(drawing.regions or drawing.answers)
    row: Row = {**item, "status": Status.SUBMITTED}
    if status == "skipped":
        row["status"] = Status.SKIPPED
    elif status in _DRAFTS:
        records.note(UNTOUCHED)
        if not answered:
            return
        row["status"] = Status.DRAFT
    elif not answered:
        records.note(NOTHING)
    stated = people[0] or options.annotator
    asked = [] if answered else ["label" if status == "skipped" else "boxes"]
    name = f"{folder}/{item_id}" if folder else item_id
    ids = stage_document(records, Document(row, name, stated, options.role), drawing, size, asked)
    _reviews(records, document, drawing, ids, status, people[1])


def _instance(drawing: Drawing, instance: Any, name: str, records: Records) -> None:
    """Adds one object; those of videos state their class apart from their times."""
    about = as_dict(as_dict(instance).get("meta")) or as_dict(instance)
    kind, label = str(about.get("type")), identity(about.get("className")) or identity(about.get("name"))
    signature = _signature(about, records)
    columns = {"label": label, "score": _score(about, signature), "attributes": _attributes(about)}
    if kind == "tag" or (kind == "event" and "parameters" not in as_dict(instance)):
        drawing.answer("tags", chosen([label or "tag"], True), signature)
        if columns["attributes"]:
            drawing.keep("tags", {"label": label, "attributes": columns["attributes"]})
        return
    if "parameters" in as_dict(instance):
        _track(drawing, instance, about, name, columns, signature, records)
        return
    shapes = _shapes(about, kind, name, columns)
    if not shapes:
        records.note(PIXELS if "parts" in about else STRANGE)
        drawing.keep("instances", instance)
    for shape in shapes:
        records.note(UNCHECKED, int(shape["kind"] == Kind.SPANS))
        drawing.mark(shape, None, signature)


def _shapes(about: Row, kind: str, name: str, columns: Row) -> list[Row]:
    """The regions of an object; none of a kind that is not known."""
    points = about.get("points")
    place = as_dict(points)
    if kind == "polygon":
        holes = [polygon(as_list(ring)) for ring in as_list(about.get("exclude"))]
        return parts([polygon(as_list(points)), *holes], name, columns, len(holes))
    shape: Row | None = None
    if kind == "bbox":
        shape = corners(*(place.get(corner) for corner in ("x1", "y1", "x2", "y2")))
    elif kind == "rbbox":
        shape = four_corners([place.get(f"{axis}{corner}") for corner in range(1, 5) for axis in ("x", "y")])
    elif kind == "polyline":
        shape = polyline(as_list(points))
    elif kind == "point":
        spot = place or about
        shape = keypoints([spot.get("x"), spot.get("y")])
    elif kind == "ellipse":
        shape = ellipse(*(about.get(part) for part in ("cx", "cy", "rx", "ry", "angle")))
    elif kind == "template":
        shape = keypoints(pairs([as_dict(point) for point in as_list(points)]))
    elif kind == "entity":
        shape = _span(about)
    if shape is None:
        return []
    attributes = {**(shape.get("attributes") or {}), **columns["attributes"]}
    return [{**shape, **columns, "attributes": attributes, "region_id": name}]


def _span(about: Row) -> Row | None:
    start, end = whole(about.get("start")), whole(about.get("end"))
    if start is None or end is None:
        return None
    if end < start:
        raise BadShapeError("a span has no possible ends")
    return {"kind": Kind.SPANS, "t_start": start, "t_end": end}


def _track(
    drawing: Drawing, instance: Row, about: Row, name: str, columns: Row, signature: Signature, records: Records
) -> None:
    """An object of a video: a shape at each of its times, which are in microseconds; an event has times only."""
    for parameter in map(as_dict, as_list(instance["parameters"])):
        kind = str(about.get("type"))
        if kind == "event":
            ends = [number(parameter.get(side)) for side in ("start", "end")]
            first, last = ends
            if first is None or last is None or last < first:
                raise BadShapeError("an interval has no possible ends")
            interval = {"kind": Kind.INTERVALS, "sec_start": first / 1e6, "sec_end": last / 1e6, **columns}
            drawing.mark({**interval, "region_id": f"{name}@{int(first)}"}, None, signature)
            continue
        stamps = [as_dict(stamp) for stamp in as_list(parameter.get("timestamps"))]
        for stamp in stamps:
            time = number(stamp.get("timestamp"))
            shapes = _shapes({**about, **stamp}, kind, name, columns)
            if time is None or not shapes:
                records.note(STRANGE)
                drawing.keep("instances", stamp)
                continue
            for shape in shapes:
                region = {**shape, "track_id": name, "sec_start": time / 1e6, "outside": False}
                drawing.mark({**region, "region_id": f"{shape['region_id']}@{int(time)}"}, None, signature)


def _signature(about: Row, records: Records) -> Signature:
    """Whose the object is: of who made it by hand, or of who changed what a model had made."""
    made_by, changed_by = (identity(as_dict(about.get(key)).get("email")) for key in ("createdBy", "updatedBy"))
    made, changed = records.instant(about.get("createdAt")), records.instant(about.get("updatedAt"))
    origin = _ORIGINS.get(str(about.get("creationType")).lower())
    other = changed_by is not None and changed_by != made_by
    if origin is Origin.PREDICTION and changed_by and (other or (made and changed and changed.micros > made.micros)):
        return Signature((changed_by,), None, Origin.PREDICTION_EDITED, changed, changed)
    records.note(CORRECTED, int(other))
    if origin is Origin.PREDICTION:
        return Signature((), made_by, origin, made, changed)
    return Signature((made_by,) if made_by else (), None, origin, made, changed)


def _score(about: Row, signature: Signature) -> float | None:
    """The model's probability in percent; what people draw always has 100."""
    score = number(about.get("probability"))
    return None if score is None or signature.origin in (None, Origin.MANUAL) else score / 100


def _attributes(about: Row) -> Row:
    found: dict[str, Any] = {}
    for attribute in map(as_dict, as_list(about.get("attributes"))):
        group, name = identity(attribute.get("groupName")), identity(attribute.get("name"))
        if group and name:
            found[group] = (
                [*as_list(found[group]), name]
                if isinstance(found.get(group), list)
                else ([found[group], name] if group in found else name)
            )
    if about.get("groupId"):
        found["group"] = about["groupId"]
    return found


def _comments(drawing: Drawing, document: Row, records: Records) -> None:
    comments = as_list(document.get("comments"))
    records.note(COMMENTS, len(comments))
    for comment in comments:
        drawing.keep("comments", comment)
    if text := text_of(document.get("freeText")):
        drawing.keep("freeText", text)


def _reviews(records: Records, document: Row, drawing: Drawing, ids: Row, status: str, reviewer: str | None) -> None:
    """A returned item was rejected, a completed one accepted, if a reviewer is named; an object has a verdict of its
    own where it is marked as an error or as none."""
    metadata = as_dict(document.get("metadata"))
    last = as_dict(metadata.get("lastAction"))
    mine = reviewer is not None and identity(last.get("email")) == reviewer
    decided = records.instant(last.get("timestamp")) if mine else None
    said = [
        text_of(line.get("text"))
        for comment in map(as_dict, as_list(document.get("comments")))
        for line in map(as_dict, as_list(comment.get("correspondence")))
        if reviewer is not None and identity(line.get("email")) == reviewer
    ]
    common = {"item_id": metadata.get("name"), "reviewer": reviewer, "decided_at": decided and decided.micros}
    common["item_id"] = identity(metadata.get("name"))
    if status in _VERDICTS and reviewer is not None:
        for question, annotation_id in ids.items():
            row = {"annotation_id": annotation_id, "question": question, "verdict": _VERDICTS[status]}
            comment = "\n".join(filter(None, said)) or None
            records.review({**common, **row, "review_id": f"{annotation_id}/{question}/review", "comment": comment})
    flags = {
        str(place): as_dict(entry.get("meta") or entry).get("error")
        for place, entry in enumerate(map(as_dict, as_list(document.get("instances"))), 1)
    }
    for question, regions in drawing.regions.items():
        for region in regions:
            wrong = flags.get(region["region_id"])
            if isinstance(wrong, bool):
                verdict = Decision.REJECT if wrong else Decision.ACCEPT
                row = {"annotation_id": ids[question], "question": question, "region_id": region["region_id"]}
                review_id = f"{ids[question]}/{question}/{region['region_id']}"
                records.review({**common, **row, "verdict": verdict, "review_id": review_id})
