"""Encord's export: label rows, each with the objects and classifications of its images or video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Role, Status
from qc.readers.drawings import Document, stage_document
from qc.readers.encord_labels import Ontology, read_labels, reviews_of
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of, whole
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.values import begins, listed

NO_ROW: Final = "the record is no label row with data units"
NO_UNIT: Final = "a data unit has no title or hash"
UNTOUCHED: Final = "{n} data units are not labelled yet"
SHADOW: Final = "{n} data units are shadow data, which `extra` says; they are read like others"

_DRAFTS: Final = ("NOT_LABELLED", "LABEL_IN_PROGRESS")
_DONE: Final = ("COMPLETED", "IN_REVIEW")
_KEPT: Final = ("label_status", "annotation_task_status", "workflow_graph_node", "branch_name")


def sniff(source: Source) -> int:
    """Label rows with a hash and data units."""
    text = source.text()
    known = (begins(source, "[") or begins(source, "{")) and '"label_hash"' in text
    return 0 if not known else 92 if '"data_units"' in text else 60


@dataclass(slots=True)
class Titles:
    """The hashes of the data that bear each title: a title that several bear names none of them."""

    hashes: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, title: str | None, data_hash: str | None) -> None:
        """Takes note of one data unit."""
        if title and data_hash:
            self.hashes.setdefault(title, set()).add(data_hash)

    def item_id(self, title: str | None, data_hash: str | None) -> str | None:
        """The title where it is enough, else the hash."""
        return data_hash if not title or len(self.hashes.get(title, ())) > 1 else title


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the answers of each data unit, which is the record, in two passes: the first learns the questions."""
    ontology, titles = Ontology(), Titles()
    for _, row, share in listed(source):
        for data_hash, unit in _units(row):
            ontology.learn(as_dict(unit), as_dict(row))
            titles.learn(*_names(as_dict(unit), data_hash))
        staging.progress(share / 4)
    records = Records(options, staging)
    for line, row, share in listed(source):
        units = list(_units(row))
        for data_hash, unit in units:
            with records.record(line, unit):
                _take(records, options, as_dict(row), data_hash, unit, ontology, titles)
        if not units:
            with records.record(line, row):
                raise BadRecordError(NO_JSON if isinstance(row, bytes) else NO_ROW)
        staging.progress(0.25 + 0.75 * share)
    records.finish()


def _units(row: Any) -> Iterator[tuple[str, Any]]:
    yield from as_dict(as_dict(row).get("data_units")).items()


def _names(unit: Row, data_hash: str) -> tuple[str | None, str | None]:
    return identity(unit.get("data_title")), identity(unit.get("data_hash")) or data_hash


def _take(
    records: Records, options: Options, row: Row, data_hash: str, unit: Any, ontology: Ontology, titles: Titles
) -> None:
    paths = options.mapping.columns if options.mapping else {}
    item_id = titles.item_id(*_names(as_dict(unit), data_hash))
    if "item_id" in paths:
        item_id = identity(at({**row, **as_dict(unit)}, paths["item_id"]))
    if not isinstance(unit, dict) or item_id is None:
        raise BadRecordError(NO_UNIT)
    found = facets(as_dict(unit.get("metadata") or row.get("client_metadata")), row, paths)
    found["batch"] = found["batch"] or identity(row.get("dataset_title"))
    item = {"item_id": item_id, **{name: found[name] for name in FACETS}}
    size = (pixels(unit.get("width") or row.get("width")), pixels(unit.get("height") or row.get("height")))
    link = text_of(unit.get("data_link"))
    about = {
        "media": (text_of(unit.get("data_type")) or text_of(row.get("data_type")) or "").split("/")[0] or None,
        # What follows the question mark is signed anew for each export.
        "uri": link.partition("?")[0] if link else None,
        "width": size[0],
        "height": size[1],
        "n_frames": whole(unit.get("number_of_frames")),
        "meta": to_json({name: row[name] for name in ("data_hash", "dataset_hash") if isinstance(row.get(name), str)}),
    }
    records.item(item_id, {**item, **about, "is_gold": options.role is Role.GOLD})
    of_types(unit, objects=("labels",))
    of_types(as_dict(unit.get("labels")), lists=("objects", "classifications"))
    drawing = read_labels(unit, row, size, ontology, records)
    state, task = row.get("label_status"), row.get("annotation_task_status")
    done = task in _DONE or (isinstance(state, str) and state not in _DRAFTS)
    answered = bool(drawing.regions or drawing.answers)
    if not answered and not done:
        records.note(UNTOUCHED)
        return
    records.note(SHADOW, int(row.get("is_shadow_data") is True))
    for name in (*_KEPT, *(["is_shadow_data"] if row.get("is_shadow_data") is True else [])):
        if row.get(name) is not None:
            drawing.extra[name] = row[name]
    branch = identity(row.get("branch_name"))
    steps = [identity(row.get("label_hash")), branch if branch != "main" else None, data_hash]
    name = "/".join(filter(None, steps))
    base = {**item, "status": Status.SUBMITTED if done or state is None else Status.DRAFT}
    document = Document(base, name, identity(row.get("last_edited_by")) or options.annotator, options.role)
    ids = stage_document(records, document, drawing, size, ontology.marked() if done else [])
    # The objects of a video's frames are reviewed as tracks, which have no one region.
    for region_id, question, review in reviews_of(as_list(as_dict(unit.get("labels")).get("objects")), drawing):
        decided = records.instant(review.pop("at"))
        judged = {"annotation_id": ids[question], "question": question, "region_id": region_id, "item_id": item_id}
        review_id = f"{ids[question]}/{question}/{region_id}/{review.pop('place')}"
        records.review({**judged, **review, "review_id": review_id, "decided_at": decided and decided.micros})
