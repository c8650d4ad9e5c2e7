"""Kili's export: a list of assets with the labels that people, reviewers and models gave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qc.model import Decision, Kind, Role, SecondsKind, Status
from qc.readers.fields import FACETS, Row, as_dict, as_list, at, facets, identity, pixels, text_of
from qc.readers.kili_jobs import Jobs, read_jobs
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, of_types, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.values import begins, listed

NO_ASSET: Final = "the record is no asset with an id"
NO_LABEL: Final = "the label is no object with an id and a jsonResponse"
UNTOUCHED: Final = "{n} assets have no labels: nobody has worked on them yet"
REPLACED: Final = "{n} labels were replaced by a later one of the same person and are kept as discarded"
SEVERAL: Final = "{n} reviewers' labels stand beside those of several people, so that none is the one they corrected"
HONEYPOTS: Final = "{n} assets are honeypots, whose right answer the export does not tell from others: read it as gold"
NO_SECONDS: Final = "{n} labels lack secondsToLabel: request it in the export's fields to have durations"
STRANGE: Final = "{n} labels are of a type that was not understood and are read as a person's"

_TYPES: Final = ("AUTOSAVE", "DEFAULT", "INFERENCE", "PREDICTION", "REVIEW")
_MODELS: Final = ("INFERENCE", "PREDICTION")
_KEPT: Final = ("consensusMark", "honeypotMark", "isSentBackToQueue")


def sniff(source: Source) -> int:
    """A list of assets, or one asset, with labels of a type."""
    text = source.text()
    if not (begins(source, "[") or begins(source, "{")) or '"jsonResponse"' not in text:
        return 0
    return 90 if '"labelType"' in text or '"externalId"' in text else 40


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the labels of every asset, in two passes: the first learns the jobs; the record counted is the label."""
    jobs = Jobs()
    for _, asset, share in listed(source):
        for label in _labels(asset):
            jobs.learn(as_dict(label).get("jsonResponse"))
        staging.progress(share / 4)
    export = Export(options, staging, jobs)
    for line, asset, share in listed(source):
        export.take(line, asset)
        staging.progress(0.25 + 0.75 * share)
    export.records.finish()


def _labels(asset: Any) -> list[Any]:
    """The labels of an asset; some exports hold only the latest."""
    found = as_list(as_dict(asset).get("labels"))
    latest = as_dict(asset).get("latestLabel")
    return found or ([latest] if isinstance(latest, dict) else [])


class Export:
    """Turns assets into rows."""

    def __init__(self, options: Options, staging: Staging, jobs: Jobs) -> None:
        self.records = Records(options, staging)
        self._options = options
        self._paths = options.mapping.columns if options.mapping else {}
        self._jobs = jobs

    def take(self, line: int, asset: Any) -> None:
        """Stages what one asset holds."""
        item = self._item(asset)
        if item is None:
            with self.records.record(line, asset):
                raise BadRecordError(NO_JSON if isinstance(asset, bytes) else NO_ASSET)
        else:
            labels = _labels(asset)
            self.records.note(UNTOUCHED, int(not labels))
            reviewed = self._reviewed(labels)
            for label in labels:
                with self.records.record(line, label):
                    self._label(label, item, reviewed)
            self.records.item(item["item_id"], item)

    def _item(self, asset: Any) -> Row | None:
        if not isinstance(asset, dict):
            return None
        names = [asset.get("externalId"), asset.get("id")]
        if "item_id" in self._paths:
            names = [at(asset, self._paths["item_id"])]
        item_id = next(filter(None, map(identity, names)), None)
        if item_id is None:
            return None
        meta, content = as_dict(asset.get("jsonMetadata")), text_of(asset.get("content"))
        is_text = content is not None and bool(content) and "://" not in content[:12]
        size = as_dict(asset.get("resolution"))
        honeypot = asset.get("isHoneypot") is True
        self.records.note(HONEYPOTS, int(honeypot))
        rest = {name: value for name, value in meta.items() if name not in FACETS}
        rest |= {name: asset[name] for name in ("status", "skipped", "isUsedForConsensus") if name in asset}
        return {
            "item_id": item_id,
            "media": "text" if is_text else "image" if size else None,
            "uri": None if is_text else content or None,
            "text": content if is_text else None,
            "width": pixels(size.get("width")),
            "height": pixels(size.get("height")),
            **facets(meta, asset, self._paths),
            "is_gold": honeypot or self._options.role is Role.GOLD,
            "meta": to_json(rest),
        }

    def _reviewed(self, labels: Sequence[Any]) -> Row | None:
        """The label that reviewers of an asset looked at: the latest one, if all are of one person."""
        given = [label for label in map(as_dict, labels) if _type(label) == "DEFAULT" and not _replaced(label)]
        reviews = [label for label in map(as_dict, labels) if _type(label) == "REVIEW"]
        if reviews and len({_author(label) for label in given}) > 1:
            self.records.note(SEVERAL, len(reviews))
            return None
        return given[-1] if given else None

    def _label(self, label: Any, item: Row, reviewed: Row | None) -> None:
        """The rows of one label."""
        name = identity(as_dict(label).get("id"))
        if name is None or not isinstance(label.get("jsonResponse"), dict):
            raise BadRecordError(NO_LABEL)
        kind = _type(label)
        self.records.note(STRANGE, int(kind not in _TYPES))
        replaced = _replaced(label) and kind not in _MODELS
        self.records.note(REPLACED, int(replaced))
        self.records.note(NO_SECONDS, int("secondsToLabel" not in label and kind not in _MODELS))
        for answer in map(as_dict, as_dict(label["jsonResponse"]).values()):
            of_types(answer, lists=("annotations", "categories"))
        drawing = read_jobs(label["jsonResponse"], self._jobs, item, self.records)
        base = {
            **{key: item[key] for key in ("item_id", *FACETS)},
            "annotation_id": name,
            "status": Status.DISCARDED if replaced else Status.DRAFT if kind == "AUTOSAVE" else Status.SUBMITTED,
            **self._who(label, kind, reviewed),
            **self.records.times(
                submitted=label.get("createdAt"),
                seconds=None if kind in _MODELS else label.get("secondsToLabel"),
                kind=SecondsKind.ACTIVE,
            ),
        }
        extra = {key: label[key] for key in _KEPT if label.get(key) not in (None, False)} | drawing.extra
        submitted = base["status"] is Status.SUBMITTED and kind not in _MODELS
        rows = list(drawing.rows(self._jobs.marked() if submitted else [])) or [_nothing(self._jobs.sole())]
        stated = dict if kind in _MODELS else _unscored
        for columns, regions in rows:
            row = {**base, **stated(columns), "extra": extra}
            self.records.answer(row, [stated(region) for region in regions], (item["width"], item["height"]))
            extra = {}
        self.records.tally.present.update(["gold"] if base["role"] is Role.GOLD else [])
        if kind == "DEFAULT" and label.get("isSentBackToQueue") is True:
            judged = {"item_id": item["item_id"], "annotation_id": name, "verdict": Decision.REJECT}
            for columns, _ in rows:
                question = columns["question"]
                self.records.review({**judged, "review_id": f"{name}/sent back/{question}", "question": question})
        if kind == "REVIEW" and base["role"] is Role.REVIEWER and reviewed is not None:
            self._compare(base, dict(map(_plain, rows)), reviewed, item)

    def _who(self, label: Row, kind: str, reviewed: Row | None) -> Row:
        author = _author(label) or self._options.annotator
        if kind in _MODELS:
            model = identity(label.get("modelName")) or author or Role.MODEL.value
            return {"annotator": model, "model": model, "role": Role.MODEL}
        if kind == "REVIEW" and self._options.role is not Role.GOLD:
            return {"annotator": author, "role": Role.REVIEWER, "parent": identity(as_dict(reviewed).get("id"))}
        return {"annotator": author, "role": self._options.role}

    def _compare(self, base: Row, said: Row, reviewed: Row, item: Row) -> None:
        """An answer that the reviewer's label repeats is accepted; one that it changes is corrected."""
        before = read_jobs(as_dict(reviewed.get("jsonResponse")), self._jobs, item, self.records)
        judged = dict(map(_plain, before.rows(self._jobs.marked())))
        for question, answer in judged.items():
            same = said.get(question) == answer
            self.records.review(
                {
                    "review_id": f"{base['annotation_id']}/{question}",
                    "annotation_id": identity(reviewed.get("id")),
                    "question": question,
                    "item_id": item["item_id"],
                    "reviewer": base["annotator"],
                    "verdict": Decision.ACCEPT if same else Decision.REJECT,
                    "corrected_annotation_id": None if same else base["annotation_id"],
                    "decided_at": base["submitted_at"],
                    "seconds": base["seconds"],
                }
            )


def _nothing(question: str) -> tuple[Row, list[Row]]:
    return {"question": question, "kind": Kind.NONE}, []


def _unscored(row: Row) -> Row:
    """Kili gives people the confidence 100, which nobody stated."""
    return {**row, "score": None}


def _plain(answer: tuple[Row, list[Row]]) -> tuple[str, tuple[Row, list[Row]]]:
    """A question, and its answer without what differs between two labels that say the same."""
    columns, regions = answer
    return columns["question"], (_unscored(columns), [_unscored({**row, "region_id": None}) for row in regions])


def _type(label: Row) -> str:
    return text_of(label.get("labelType")) or "DEFAULT"


def _author(label: Row) -> str | None:
    author = as_dict(label.get("author"))
    return next(filter(None, (identity(author.get(name)) for name in ("email", "name", "id"))), None)


def _replaced(label: Row) -> bool:
    return label.get("isLatestLabelForUser") is False
