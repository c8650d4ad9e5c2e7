"""V7's Darwin JSON, versions 2.0 and 1.0: the one state of an item, drawn by whoever worked on it."""

from __future__ import annotations

from typing import Any, Final

from qc.model import Role
from qc.readers.drawings import Document, Drawing, chosen, stage_document
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of, whole
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.v7_annotations import read_annotations
from qc.readers.values import begins, listed

NO_ITEM: Final = "the record is no item with a name and annotations"
EMPTY: Final = "{n} items have no annotations: whether nobody worked on them or nothing was to be marked is not said"
REVIEWED: Final = "{n} annotations name reviewers, but no verdict: they are kept in attributes"


def sniff(source: Source) -> int:
    """An item with slots, or an image of a dataset, beside annotations."""
    text = source.text()
    if not (begins(source, "{") or begins(source, "[")) or '"annotations"' not in text:
        return 0
    if '"slots"' in text and '"item"' in text:
        return 92
    legacy = '"image"' in text and any(mark in text for mark in ('"original_filename"', '"workview_url"', '"seq"'))
    return 82 if legacy and '"dataset"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of each item; the record that is counted is the item."""
    records = Records(options, staging)
    for line, document, share in listed(source):
        with records.record(line, document):
            _take(records, options, document)
        staging.progress(share)
    records.finish()


def _take(records: Records, options: Options, document: Any) -> None:
    annotations = as_dict(document).get("annotations")
    paths = options.mapping.columns if options.mapping else {}
    item = _item(document, paths) if isinstance(document, dict) else None
    if item is None or not isinstance(annotations, list):
        raise BadRecordError(NO_JSON if isinstance(document, bytes) else NO_ITEM)
    of_types(document, lists=("properties",))
    records.item(item["item_id"], item | {"is_gold": options.role is Role.GOLD})
    drawing = read_annotations(annotations, (item["width"], item["height"]), records)
    records.note(REVIEWED, sum(bool(as_dict(entry).get("reviewers")) for entry in annotations))
    _properties(drawing, as_list(document.get("properties")))
    if not drawing.regions and not drawing.answers:
        records.note(EMPTY)
        return
    source = as_dict(as_dict(document.get("item")).get("source_info"))
    name = identity(source.get("item_id")) or item["item_id"]
    shared = {key: item[key] for key in ("item_id", *FACETS)}
    size = (item["width"], item["height"])
    stage_document(records, Document(shared, name, options.annotator, options.role), drawing, size, [])


def _item(document: Row, paths: Any) -> Row | None:
    """The item's row: its name in its folder, and the size of its only or first slot."""
    about = as_dict(document.get("item") or document.get("image"))
    name = identity(about.get("name")) or identity(about.get("original_filename")) or identity(about.get("filename"))
    if "item_id" in paths:
        name = identity(at(document, paths["item_id"]))
    if name is None:
        return None
    folder = (text_of(about.get("path")) or "").strip("/")
    slots = [as_dict(slot) for slot in as_list(about.get("slots"))] or [about]
    first = slots[0]
    files = [as_dict(entry) for entry in as_list(first.get("source_files"))] or [first]
    dataset = document.get("dataset") or at(about, "source_info.dataset.name")
    found = facets(as_dict(about.get("metadata")), document, paths)
    media = text_of(first.get("type")) or ("video" if "frame_count" in first else "image")
    return {
        "item_id": f"{folder}/{name}" if folder and "item_id" not in paths else name,
        "media": media,
        "uri": text_of(files[0].get("url")) or None,
        "width": pixels(first.get("width")),
        "height": pixels(first.get("height")),
        "n_frames": whole(first.get("frame_count")),
        **found,
        "batch": found["batch"] or folder or None,
        "meta": to_json({"dataset": dataset} if isinstance(dataset, str) else None),
    }


def _properties(drawing: Drawing, properties: list[Any]) -> None:
    """Properties of the whole item, which nobody signs."""
    values: dict[str, list[str]] = {}
    for entry in map(as_dict, properties):
        name, value = identity(entry.get("name")), identity(entry.get("value"))
        if name and value:
            values.setdefault(name, []).append(value)
        elif entry:
            drawing.keep("properties", entry)
    for name, labels in values.items():
        drawing.answer(name, chosen(labels, len(labels) > 1))
