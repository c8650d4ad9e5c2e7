"""Supervisely's annotation files: the one state of an image or video, drawn by whoever worked on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qc.model import Kind, Origin, Role
from qc.readers.drawings import Document, Drawing, Signature, chosen, keyframe, stage_document
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, whole
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.supervisely_shapes import shapes_of
from qc.readers.values import begins, listed

NO_FILE: Final = "the record is no annotation with a size and objects"
STRANGE: Final = "{n} objects are of a kind that was not understood and are kept in `extra`"
EMPTY: Final = (
    "{n} files have no objects and tags: whether nobody worked on them or nothing was to be marked is not said"
)

_FOLDERS: Final = ("ann", "ann_dir", "annotations")


def sniff(source: Source) -> int:
    """A size beside objects of a class and a geometry."""
    text = source.text()
    if not begins(source, "{") or not ('"size"' in text and '"objects"' in text):
        return 0
    if '"classTitle"' in text:
        return 90
    return 70 if '"tags"' in text and '"description"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of one file, which is the record counted; the item is named like the file."""
    records = Records(options, staging)
    for line, document, share in listed(source):
        with records.record(line, document):
            _take(records, options, document, source.name)
        staging.progress(share)
    records.finish()


def _take(records: Records, options: Options, document: Any, file: str) -> None:
    objects = as_dict(document).get("objects")
    if not isinstance(objects, list) or not isinstance(document.get("size"), dict):
        raise BadRecordError(NO_JSON if isinstance(document, bytes) else NO_FILE)
    paths = options.mapping.columns if options.mapping else {}
    *folders, name = file.removesuffix(".json").split("/")
    item_id = identity(at(document, paths["item_id"])) if "item_id" in paths else name
    if item_id is None:
        raise BadRecordError(NO_FILE)
    dataset = next((folder for folder in reversed(folders) if folder not in _FOLDERS), None)
    found = facets({}, document, paths)
    item = {"item_id": item_id, **{key: found[key] for key in FACETS}, "batch": found["batch"] or dataset}
    size = (pixels(document["size"].get("width")), pixels(document["size"].get("height")))
    video = isinstance(document.get("frames"), list)
    about: Row = {"width": size[0], "height": size[1], "n_frames": whole(document.get("framesCount"))}
    about |= {"media": "video" if video else "image", "is_gold": options.role is Role.GOLD}
    text = document.get("description")
    records.item(item_id, {**item, **about, "meta": to_json({"description": text} if text else None)})
    of_types(document, lists=("tags",))
    drawing = Drawing()
    for tag in as_list(document.get("tags")):
        _tag(drawing, tag, records)
    for place, entry in enumerate(objects, 1):
        if not video:
            _object(drawing, entry, str(place), size, records)
    if video:
        _frames(drawing, objects, document["frames"], size, records)
    if not drawing.regions and not drawing.answers:
        records.note(EMPTY)
        return
    base = Document(item, "/".join([*folders, item_id]), options.annotator, options.role)
    stage_document(records, base, drawing, size, [])


def _object(drawing: Drawing, entry: Any, place: str, size: tuple[int | None, int | None], records: Records) -> None:
    thing = as_dict(entry)
    name = identity(thing.get("id")) or identity(thing.get("key")) or place
    signature = _signature(thing, records)
    shapes = shapes_of(thing, str(thing.get("geometryType") or _guessed(thing)), name, _columns(thing), size)
    for shape in shapes:
        drawing.mark(shape, None, signature)
    if not shapes:
        records.note(STRANGE)
        drawing.keep("objects", entry)


def _guessed(thing: Row) -> str:
    """The kind of an object of an export before 2019, which did not name it."""
    if "bitmap" in thing:
        return "bitmap"
    return "rectangle" if len(as_list(as_dict(thing.get("points")).get("exterior"))) == 2 else "polygon"


def _frames(
    drawing: Drawing,
    objects: Sequence[Any],
    frames: Sequence[Any],
    size: tuple[int | None, int | None],
    records: Records,
) -> None:
    """The figures of a video: an object's shape on each frame where it shows."""
    known = {
        identity(thing.get(key)): thing for thing in map(as_dict, objects) for key in ("id", "key") if key in thing
    }
    for frame in map(as_dict, frames):
        index = whole(frame.get("index"))
        for figure in map(as_dict, as_list(frame.get("figures"))):
            track = identity(figure.get("objectId")) or identity(figure.get("objectKey"))
            if index is None or track is None or track not in known:
                raise BadRecordError("a figure has no frame or no object")
            thing = {**figure, **as_dict(figure.get("geometry"))}
            shapes = shapes_of(thing, str(figure.get("geometryType")), track, _columns(known[track]), size)
            for shape in shapes:
                place = keyframe(shape, shape["region_id"], index, {"outside": False})
                drawing.mark(place, None, _signature(figure, records))
            if not shapes:
                records.note(STRANGE)
                drawing.keep("figures", figure)


def _columns(thing: Row) -> Row:
    tags = [tag for tag in map(as_dict, as_list(thing.get("tags"))) if identity(tag.get("name"))]
    attributes = {tag["name"]: True if tag.get("value") is None else tag["value"] for tag in tags}
    if thing.get("description"):
        attributes["description"] = thing["description"]
    return {"label": identity(thing.get("classTitle")), "attributes": attributes}


def _tag(drawing: Drawing, tag: Any, records: Records) -> None:
    """A tag of the whole image: without a value one of its `tags`, else a question of its own."""
    about = as_dict(tag)
    name, value = identity(about.get("name")), about.get("value")
    if name is None or "frameRange" in about:
        drawing.keep("tags", tag)
        return
    signature = _signature(about, records)
    if isinstance(value, int | float) and not isinstance(value, bool):
        drawing.answer(name, {"kind": Kind.NUMBER, "number": number(value)}, signature)
    elif isinstance(value, str) and value:
        drawing.answer(name, chosen([value], False), signature)
    else:
        drawing.answer("tags", chosen([name], True), signature)


def _signature(thing: Row, records: Records) -> Signature:
    """Who drew it, on their own or over what a network had drawn; a later change by hand makes it an edited one."""
    author = identity(thing.get("labelerLogin"))
    made, changed = records.instant(thing.get("createdAt")), records.instant(thing.get("updatedAt"))
    origin = None
    if thing.get("nnCreated") is True:
        by_hand = thing.get("nnUpdated") is not True and made and changed and changed.micros > made.micros
        origin = Origin.PREDICTION_EDITED if by_hand else Origin.PREDICTION
    elif thing.get("nnCreated") is False:
        origin = Origin.MANUAL
    return Signature((author,) if author else (), None, origin, made, changed)
