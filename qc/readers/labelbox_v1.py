"""Labelbox's export v1, switched off in 2024: a list of labels, each with its objects and classifications."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from qc.model import Kind, Role, SecondsKind, Status
from qc.readers.drawings import Drawing
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of
from qc.readers.labelbox_features import classify, read_features
from qc.readers.labelbox_reviews import UNDECIDED, review_rows, verdicts
from qc.readers.numbers import duration, number
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, utf16
from qc.readers.values import begins, listed

NO_LABEL: Final = "the record is no label with an ID and an item"
NO_ANSWER: Final = "the label's answer is no JSON object"
OLD: Final = (
    "{n} shapes are of the oldest form of this export, which counts from the bottom of an image whose height it does"
    " not state; they are kept in `extra`"
)
LINKED: Final = "{n} labels of videos hold their frames behind a link that is never fetched: re-export them as v2"

_SKIPS: Final = ("skip", "skipped")
_KINDS: Final = {
    "bbox": Kind.BOXES,
    "polygon": Kind.POLYGONS,
    "line": Kind.POLYLINES,
    "point": Kind.KEYPOINTS,
    "data": Kind.SPANS,
    "location": Kind.SPANS,
}
_GEOMETRY: Final = {"bbox": "bounding_box", "polygon": "polygon", "line": "line", "point": "point"}


def sniff(source: Source) -> int:
    """A list of objects with the columns of this export."""
    text = source.text()
    marks = ('"Labeled Data"', '"Label"', '"Created By"', '"DataRow ID"', '"External ID"')
    return 90 if begins(source, "[") and marks[0] in text and sum(mark in text for mark in marks) > 2 else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages every label of the list, in two passes: the first learns which kinds of objects were asked for."""
    records = Records(options, staging)
    asked: dict[str, None] = {}
    for _, label, share in listed(source):
        asked.update(dict.fromkeys(_kinds(label)))
        staging.progress(share / 4)
    for line, label, share in listed(source):
        with records.record(line, label):
            _take(records, options, label, asked)
        staging.progress(0.25 + 0.75 * share)
    records.finish()


def _kinds(label: Any) -> Iterator[str]:
    """The questions that the objects of a label show."""
    with suppress(BadRecordError):
        answer = _parsed(as_dict(label).get("Label"))
        for entry in map(as_dict, as_list(as_dict(answer).get("objects"))):
            yield next((kind.value for name, kind in _KINDS.items() if name in entry), Kind.MASKS.value)


def _take(records: Records, options: Options, label: Any, asked: dict[str, None]) -> None:
    """The rows of one label."""
    if not isinstance(label, dict):
        raise BadRecordError(NO_JSON if isinstance(label, bytes) else NO_LABEL)
    item, name = _item(label, options), identity(label.get("ID"))
    if item is None or name is None:
        raise BadRecordError(NO_LABEL)
    answer = _parsed(label.get("Label"))
    skipped = label.get("Skipped") is True or (isinstance(answer, str) and answer.strip().lower() in _SKIPS)
    if not isinstance(answer, dict) and not skipped:
        raise BadRecordError(NO_ANSWER)
    gold = bool(number(label.get("Is Benchmark"))) or identity(label.get("Benchmark Reference ID")) is not None
    gold |= label.get("Is Benchmark") is True
    role = Role.GOLD if gold else options.role
    author = identity(label.get("Created By"))
    base = {
        **{key: item[key] for key in ("item_id", *FACETS)},
        "annotation_id": name,
        "annotator": author or options.annotator or ("gold" if role is Role.GOLD else None),
        "role": role,
        "status": Status.SKIPPED if skipped else Status.SUBMITTED,
        **records.times(
            submitted=label.get("Created At"),
            updated=label.get("Updated At"),
            seconds=label.get("Seconds to Create") or label.get("Seconds to Label"),
            kind=SecondsKind.ACTIVE,
        ),
    }
    drawing = Drawing() if skipped else _drawing(as_dict(answer), item, records)
    info = as_dict(label.get("DataRow Workflow Info"))
    found, undecided = verdicts(label.get("Reviews"), _workflow(info), author)
    records.note(UNDECIDED, len(undecided))
    extra = {**_scores(label), **({"reviews": undecided} if undecided else {}), **drawing.extra}
    rows = list(drawing.rows(() if skipped else asked)) or [({"question": "label", "kind": Kind.NONE}, [])]
    for columns, regions in rows:
        records.answer({**base, **columns, "extra": extra}, regions, (item["width"], item["height"]))
        extra = {}
    shared = {"item_id": item["item_id"], "annotation_id": name}
    seconds = duration(label.get("Seconds to Review"))
    for review in review_rows(found, seconds, shared, [columns["question"] for columns, _ in rows]):
        decided = records.instant(review["decided_at"])
        records.review({**review, "decided_at": decided and decided.micros})
    records.item(item["item_id"], item | {"is_gold": role is Role.GOLD})
    records.tally.present.update(["gold"] if role is Role.GOLD else [])


def _item(label: Row, options: Options) -> Row | None:
    paths = options.mapping.columns if options.mapping else {}
    names = [label.get(name) for name in ("Global Key", "External ID", "DataRow ID")]
    if "item_id" in paths:
        names = [at(label, paths["item_id"])]
    item_id = next(filter(None, map(identity, names)), None)
    if item_id is None:
        return None
    entries = [entry for entry in as_list(label.get("DataRow Metadata")) if isinstance(entry, dict)]
    meta = {str(entry.get("name")): entry.get("value") for entry in entries}
    rest = {name: value for name, value in meta.items() if name not in FACETS}
    rest |= {name: label[name] for name in ("Dataset Name", "Project Name") if label.get(name)}
    media = as_dict(label.get("Media Attributes") or label.get("media_attributes"))
    content = text_of(label.get("Labeled Data")) or ""
    linked = "://" in content[:12]
    return {
        "item_id": item_id,
        "media": text_of(label.get("Media Type")),
        "uri": content if linked else None,
        "text": None if linked else content or None,
        "width": pixels(media.get("width")),
        "height": pixels(media.get("height")),
        **facets(meta, label, paths),
        "meta": to_json(rest),
    }


def _parsed(answer: Any) -> Any:
    """The answer, which some exports write as a text of JSON."""
    if isinstance(answer, str) and answer.lstrip().startswith("{"):
        try:
            return msgspec.json.decode(answer)
        except (msgspec.MsgspecError, RecursionError):
            raise BadRecordError(NO_ANSWER) from None
    return {} if answer is None else answer


def _drawing(answer: Row, item: Row, records: Records) -> Drawing:
    if isinstance(answer.get("frames"), str):
        records.note(LINKED)
    elif not {"objects", "classifications"} & answer.keys():
        return _oldest(answer, records)
    of_types(answer, lists=("objects", "classifications"))
    annotations = {
        "objects": [_feature(entry) for entry in as_list(answer.get("objects"))],
        "classifications": answer.get("classifications"),
        "relationships": answer.get("relationships"),
    }
    return read_features(annotations, Text(item["text"], utf16), None, records)


def _feature(entry: Any) -> Any:
    """An object as the later version writes it."""
    if not isinstance(entry, dict):
        return entry
    feature = {"name": entry.get("title", entry.get("value")), "feature_id": entry.get("featureId")}
    feature["classifications"] = entry.get("classifications")
    feature |= {later: entry[name] for name, later in _GEOMETRY.items() if name in entry}
    location = as_dict(as_dict(entry.get("data")).get("location", entry.get("location")))
    if location:
        feature["location"] = location
    if len(feature) == 3 and isinstance(entry.get("instanceURI"), str):
        feature["mask"] = {"url": entry["instanceURI"]}
    return feature | ({"object": entry} if len(feature) == 3 else {})


def _oldest(answer: Row, records: Records) -> Drawing:
    """Answers by class: a text, or texts, are a classification; anything else is a shape."""
    drawing = Drawing()
    for name, value in answer.items():
        texts = [entry for entry in as_list(value) if isinstance(entry, str)]
        if isinstance(value, str) and "POLYGON" not in value:
            classify(drawing, [{"title": name, "answer": {"title": value}}])
        elif texts and len(texts) == len(value):
            classify(drawing, [{"title": name, "answers": [{"title": text} for text in texts]}])
        else:
            records.note(OLD, len(as_list(value)) or 1)
            drawing.keep(name, value)
    return drawing


def _workflow(info: Row) -> Row:
    history = [
        {
            "action": step.get("action"),
            "created_by": step.get("actorId"),
            "created_at": step.get("createdAt"),
            "next_task_name": step.get("nextTaskName"),
        }
        for step in map(as_dict, as_list(info.get("Workflow History") or info.get("workflowHistory")))
    ]
    return {"workflow_history": history}


def _scores(label: Row) -> Row:
    """Agreement with others and with the benchmark; -1 stands for none."""
    found = {
        "consensus_score": number(label.get("Agreement")),
        "benchmark_score": number(label.get("Benchmark Agreement")),
    }
    return {name: score for name, score in found.items() if score is not None and score >= 0}
