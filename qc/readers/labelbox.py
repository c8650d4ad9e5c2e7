"""Labelbox's export v2: a data row a line, with the labels that each project has for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from qc.model import Kind, Role, SecondsKind, Status
from qc.readers.drawings import Drawing
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of, whole
from qc.readers.labelbox_features import kinds, read_features
from qc.readers.labelbox_reviews import SHARED, UNDECIDED, of_one, review_rows, verdicts
from qc.readers.numbers import duration, number
from qc.readers.reader import Options
from qc.readers.records import MISTYPED, NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, utf16
from qc.readers.values import lined

NO_ROW: Final = "the record is no data row with an id"
NO_LABEL: Final = "the label is no object with an id and annotations"
UNTOUCHED: Final = "{n} data rows have no labels: nobody has worked on them yet"
LACKS: Final = (
    "{{n}} labels lack {block}: re-export with label_details, performance_details and project_details"
    " to have people, times, durations and workflow"
)
PROJECTS: Final = "{n} labels are of further projects than the first, which `extra` names"

_KEPT: Final = ("workflow_status", "priority", "consensus_expected_label_count", "task_name")
_BENCHMARK: Final = ("is_benchmark_reference", "is_benchmark_reference_label", "benchmark_reference_label")


def sniff(source: Source) -> int:
    """Lines, or a list, of data rows with their projects."""
    text = source.text().lstrip("\ufeff \r\n\t")
    if not text.startswith(("{", "[")) or '"data_row"' not in text:
        return 0
    return 92 if '"projects"' in text else 80 if '"experiments"' in text else 45


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the labels of every data row; the record that is counted is the label."""
    export = Export(options, staging)
    for _, row, share in lined(source):
        export.learn(row)
        staging.progress(share / 4)
    for line, row, share in lined(source):
        export.take(line, row)
        staging.progress(0.25 + 0.75 * share)
    export.records.finish()


class Export:
    """Turns data rows into rows; it learns first which kinds of objects each project asks for."""

    def __init__(self, options: Options, staging: Staging) -> None:
        self.records = Records(options, staging)
        self._options = options
        self._paths = options.mapping.columns if options.mapping else {}
        self._asked: dict[str, dict[str, None]] = {}

    def learn(self, row: Any) -> None:
        """Takes note of the questions that the labels of a data row show."""
        for project, _, label in _labels(row):
            self._asked.setdefault(project, {}).update(dict.fromkeys(kinds(as_dict(as_dict(label).get("annotations")))))

    def take(self, line: int, row: Any) -> None:
        """Stages what one data row holds."""
        item = self._item(row)
        if item is None:
            with self.records.record(line, row):
                raise BadRecordError(NO_JSON if isinstance(row, bytes) else NO_ROW)
        elif not _is_sound(row):
            with self.records.record(line, row):
                raise BadRecordError(MISTYPED)
        else:
            self._row(line, row, item)

    def _row(self, line: int, row: Row, item: Row) -> None:
        gold = self._options.role is Role.GOLD
        labels = list(_labels(row))
        people = Counter(project for project, _, label in labels if not (_is_benchmark(label) or _is_skipped(label)))
        for project, details, label in labels:
            with self.records.record(line, label):
                media = as_dict(row.get("media_attributes"))
                gold |= self._label(project, details, label, item, media, people[project] > 1)
        predictions = list(_predictions(row))
        for model, prediction in predictions:
            with self.records.record(line, prediction):
                self._prediction(model, prediction, item)
        self.records.note(UNTOUCHED, int(not labels and not predictions))
        self.records.item(item["item_id"], item | {"is_gold": gold})
        self.records.tally.present.update(["gold"] if gold else [])

    def _item(self, row: Any) -> Row | None:
        data = as_dict(as_dict(row).get("data_row"))
        names = [data.get(name) for name in ("global_key", "external_id", "id")]
        if "item_id" in self._paths:
            names = [at(row, self._paths["item_id"])]
        item_id = next(filter(None, map(identity, names)), None)
        if item_id is None:
            return None
        media, content = as_dict(row.get("media_attributes")), text_of(data.get("row_data"))
        kind = (text_of(media.get("asset_type")) or text_of(media.get("mime_type")) or "").split("/")[0] or None
        is_text = kind in ("text", "application") and content is not None and "://" not in content[:12]
        fields = [entry for entry in as_list(row.get("metadata_fields")) if isinstance(entry, dict)]
        meta = {str(entry.get("name")): entry.get("value") for entry in fields}
        details = as_dict(data.get("details"))
        found = facets(meta, row, self._paths)
        batches = (as_dict(as_dict(entry).get("project_details")) for entry in as_dict(row.get("projects")).values())
        found["batch"] = found["batch"] or next(filter(None, map(_batch, batches)), None)
        rest = {name: value for name, value in meta.items() if name not in FACETS}
        rest |= {name: details[name] for name in ("dataset_name",) if name in details}
        return {
            "item_id": item_id,
            "media": kind,
            "uri": None if is_text else content,
            "text": content if is_text else None,
            "width": pixels(media.get("width")),
            "height": pixels(media.get("height")),
            "n_frames": whole(media.get("frame_count")),
            **found,
            "meta": to_json(rest),
        }

    def _label(self, project: str, details: Row, label: Any, item: Row, media: Row, several: bool) -> bool:
        """The rows of one label, of `several` people's on its data row; whether it is a benchmark, that is gold."""
        name = identity(as_dict(label).get("id"))
        if name is None or not isinstance(label.get("annotations"), dict | None):
            raise BadRecordError(NO_LABEL)
        about, performance = as_dict(label.get("label_details")), as_dict(label.get("performance_details"))
        for block, holder in (("label_details", label), ("performance_details", label)):
            self.records.note(LACKS.format(block=block), int(block not in holder))
        self.records.note(LACKS.format(block="project_details"), int(not details))
        self.records.note(PROJECTS, int(project != next(iter(self._asked), project)))
        benchmark = _is_benchmark(label)
        skipped = _is_skipped(label)
        author = identity(about.get("created_by"))
        role = Role.GOLD if benchmark else self._options.role
        base = {
            **{key: item[key] for key in ("item_id", *FACETS)},
            "batch": _batch(details) or item["batch"],
            "annotation_id": name,
            "annotator": author or self._options.annotator or ("gold" if role is Role.GOLD else None),
            "role": role,
            "status": Status.SKIPPED if skipped else Status.SUBMITTED,
            **self.records.times(
                submitted=about.get("created_at"),
                updated=about.get("content_last_updated_at") or about.get("updated_at"),
                seconds=performance.get("seconds_to_create"),
                kind=SecondsKind.ACTIVE,
            ),
        }
        text = Text(item["text"], utf16)
        annotations = {} if skipped else as_dict(label.get("annotations"))
        of_types(annotations, lists=("objects", "classifications", "relationships"), objects=("frames",))
        drawing = read_features(annotations, text, number(media.get("frame_rate")), self.records)
        steps, shared = of_one(details, name) if several and not benchmark else ({} if benchmark else details, 0)
        self.records.note(SHARED, shared)
        found, undecided = verdicts(about.get("reviews"), steps, author)
        self.records.note(UNDECIDED, len(undecided))
        extra = _extra(label, performance, details, project, undecided) | drawing.extra
        questions = self._answers(base, drawing, extra, item, () if skipped else self._asked.get(project, {}))
        place = {"item_id": item["item_id"], "annotation_id": name}
        for review in review_rows(found, duration(performance.get("seconds_to_review")), place, questions):
            decided = self.records.instant(review["decided_at"])
            self.records.review({**review, "decided_at": decided and decided.micros})
        return benchmark

    def _answers(self, base: Row, drawing: Drawing, extra: Row, item: Row, asked: Any) -> list[str]:
        found = list(drawing.rows(asked)) or [({"question": "label", "kind": Kind.NONE}, [])]
        for columns, regions in found:
            self.records.answer({**base, **columns, "extra": extra}, regions, (item["width"], item["height"]))
            extra = {}
        return [columns["question"] for columns, _ in found]

    def _prediction(self, model: str, prediction: Any, item: Row) -> None:
        name = identity(as_dict(prediction).get("id"))
        if name is None or not isinstance(prediction.get("annotations"), dict):
            raise BadRecordError(NO_LABEL)
        base = {key: item[key] for key in ("item_id", *FACETS)} | {"annotation_id": f"prediction {name}"}
        base |= {"annotator": model, "model": model, "role": Role.MODEL}
        text = Text(item["text"], utf16)
        drawing = read_features(prediction["annotations"], text, None, self.records)
        self._answers(base, drawing, drawing.extra, item, ())


def _batch(details: Row) -> str | None:
    return identity(details.get("batch_name")) or identity(details.get("batch_id"))


def _is_sound(row: Row) -> bool:
    """Whether all that holds labels or predictions has its type."""
    try:
        of_types(row, objects=("projects", "experiments"))
        for projects in (as_dict(row.get("projects")), as_dict(row.get("experiments"))):
            of_types(projects, objects=projects)
            for entry in projects.values():
                of_types(as_dict(entry), lists=("labels",), objects=("runs",))
                runs = as_dict(as_dict(entry).get("runs"))
                of_types(runs, objects=runs)
                for run in runs.values():
                    of_types(as_dict(run), lists=("predictions",))
    except BadRecordError:
        return False
    return True


def _labels(row: Any) -> Iterator[tuple[str, Row, Any]]:
    """Each label of a data row, with its project and what is known of the data row there."""
    for project, entry in as_dict(as_dict(row).get("projects")).items():
        for label in as_list(as_dict(entry).get("labels")):
            yield project, as_dict(as_dict(entry).get("project_details")), label


def _is_benchmark(label: Any) -> bool:
    held = as_dict(label)
    holders = (held, as_dict(held.get("label_details")), as_dict(held.get("performance_details")))
    stated = any(
        holder.get(key) in (True, identity(held.get("id")) or True) for holder in holders for key in _BENCHMARK
    )
    return stated or "benchmark" in str(held.get("label_kind")).lower()


def _is_skipped(label: Any) -> bool:
    return as_dict(as_dict(label).get("performance_details")).get("skipped") is True


def _predictions(row: Row) -> Iterator[tuple[str, Any]]:
    """Each prediction of a model run, with the model's name."""
    for experiment in as_dict(row.get("experiments")).values():
        for run in as_dict(as_dict(experiment).get("runs")).values():
            names = (identity(as_dict(entry).get("name")) for entry in (experiment, run))
            model = " ".join(filter(None, names)) or Role.MODEL.value
            for prediction in as_list(as_dict(run).get("predictions")):
                yield model, prediction


def _extra(label: Row, performance: Row, details: Row, project: str, undecided: list[Any]) -> Row:
    extra: Row = {name: performance[name] for name in ("benchmark_score", "consensus_score") if name in performance}
    extra |= {name: details[name] for name in _KEPT if name in details}
    if label.get("label_kind") not in ("Default", "Video", None):
        extra["label_kind"] = label["label_kind"]
    return extra | {"project": project} | ({"reviews": undecided} if undecided else {})
