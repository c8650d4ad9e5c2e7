"""The usual names of columns, and the mapping that a header suggests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Final

from qc.model import InputError, Kind
from qc.readers import trials
from qc.readers.guess import figures, listed, several_columns
from qc.readers.mapping import Mapping
from qc.readers.numbers import number, without_point
from qc.readers.paths import JOIN, lists_of
from qc.readers.question import Question

# The first name that the header has wins; names are compared in lower case, with _ for whatever is no letter or digit.
NAMES: Final[MappingType[str, tuple[str, ...]]] = {
    "item_id": (
        *("item_id", "item", "task_id", "task", "unit_id", "unit", "example_id", "document_id", "doc_id", "record_id"),
        *("pair_id", "sample_id", "image_id", "id", "filename", "file_name", "image", "file", "key"),
    ),
    "annotation_id": ("annotation_id", "answer_id", "submission_id", "judgment_id"),
    "annotator": (
        *("annotator", "annotator_id", "worker", "worker_id", "rater", "rater_id", "coder", "labeler", "labeller"),
        *("user", "user_id", "uid", "performer", "labeled_by", "annotated_by", "completed_by", "username", "email"),
    ),
    "question": ("question", "question_id", "control", "field"),
    "status": ("status", "state"),
    "submitted_at": (
        *("submitted_at", "submit_time", "submitted", "completed_at", "annotated_at", "labeled_at", "end_time", "end"),
        *("created_at", "timestamp", "time", "date"),
    ),
    "started_at": ("started_at", "start_time", "started", "accept_time", "accepted_at", "start"),
    "updated_at": ("updated_at", "modified_at", "last_modified"),
    "seconds": (
        *("seconds", "duration", "duration_s", "duration_seconds", "lead_time", "time_spent", "time_spent_seconds"),
        *("work_time_in_seconds", "worktimeinseconds", "elapsed"),
    ),
    "session": ("session", "session_id"),
    "position": ("position", "position_in_session", "order"),
    "batch": ("batch", "batch_id"),
    "site": ("site", "location", "team"),
    "guideline": ("guideline", "guideline_version", "guidelines"),
    "difficulty": ("difficulty",),
    "tags": ("tags",),
    "score": ("score", "confidence", "self_confidence"),
    "gold_label": ("gold_label", "gold", "truth", "ground_truth", "correct_label", "expected", "gold_answer"),
    "is_gold": ("is_gold", "golden", "is_honeypot"),
    "model": ("model", "model_name", "model_version"),
    "model_label": ("model_label", "prediction", "predicted", "predicted_label", "model_prediction"),
    "model_score": ("model_score", "model_conf", "model_confidence", "prediction_score"),
    "reviewer": ("reviewer", "reviewed_by", "reviewer_id"),
    "review_decision": ("review_decision", "decision", "verdict", "review", "review_status"),
    "corrected_label": ("corrected_label", "correction", "corrected", "final_label"),
    "reviewed_at": ("reviewed_at", "decided_at", "review_time"),
    "review_seconds": ("review_seconds",),
    "review_comment": ("review_comment", "comment", "comments"),
    "error_type": ("error_type",),
    "severity": ("severity",),
    "text": ("text", "sentence", "content", "body"),
    "width": ("image_width", "original_width"),
    "height": ("image_height", "original_height"),
    "uri": ("uri", "url", "image_url", "image", "path"),
}
ANSWERS: Final = (
    "label",
    "answer",
    "response",
    "annotation",
    "rating",
    "stars",
    "value",
    "class",
    "category",
    "judgment",
)

_RATINGS: Final = ("rating", "stars")
# Columns whose names say that numbers in them are classes: always, or where they are whole.
_CLASSES: Final = ("class", "category")
_LABELS: Final = ("label", "annotation")
_MANY: Final = 20
_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UNNAMED: Final = re.compile(r"column \d+")
_FLAGS: Final = {"0", "1", "true", "false", "yes", "no", "y", "n", "t", "f"}
_SEPARATORS: Final = (";", "|")
_LONGEST_LABEL: Final = 40


def plain(name: str) -> str:
    """A column's name as it is compared.

    >>> plain("Submitted At ")
    'submitted_at'
    """
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def guess_mapping(header: Sequence[str], sample: Sequence[Sequence[str]]) -> Mapping:
    """The mapping that the usual names suggest; `sample` holds some rows of the sheet.

    A sheet without a column of annotators is wide: every column that means nothing else is a person. Of records with
    lists, the list that holds the answers is read. An InputError says what is missing where nothing fits.
    """
    inner = sorted({tuple(lists_of(column)) for column in header}, key=len, reverse=True)
    guesses: list[Mapping] = []
    fault: InputError | None = None
    for lists in inner:
        own = [column for column in header if tuple(lists_of(column)) == lists[: len(lists_of(column))]]
        places = [place for place, column in enumerate(header) if column in own]
        rows = [[row[place] if place < len(row) else "" for place in places] for row in sample]
        try:
            guesses.append(_guess(own, rows))
        except InputError as error:
            fault = error
    if not guesses:
        raise fault or InputError("The sheet has no columns.")
    return max(guesses, key=_told)


def _told(mapping: Mapping) -> tuple[bool, bool, int]:
    """How much a mapping knows: answers and who gave them, then answers, then everything."""
    people = "annotator" in mapping.columns or bool(mapping.people)
    answers = any(question.named for question in mapping.questions.values())
    return answers and people, answers, len(mapping.columns)


def _guess(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping:
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(plain(column), column)
    # Of a path the last name counts, and the innermost of several.
    for column in sorted(header, key=lambda column: -len(lists_of(column))):
        by_name.setdefault(plain(column.rsplit(".", 1)[-1]), column)
    for column in header:
        by_name.setdefault(plain(_CAPITALS.sub("_", column)), column)
    values = {column: [row[place] for row in rows if place < len(row)] for place, column in enumerate(header)}
    named = any(name in by_name for name in NAMES["annotator"]) or trials.people(by_name, values) is not None
    usual = next((by_name[name] for name in ANSWERS if name in by_name), trials.answered(by_name, named))
    answer = trials.given(by_name, values, usual)
    question = several_columns(by_name, values, answer) or (listed(answer, values[answer]) if answer else None)
    taken = set(question.parts.values()) if question else set()
    columns: dict[str, str] = {}
    for meaning, names in NAMES.items():
        free = (by_name[name] for name in names if name in by_name and by_name[name] not in taken)
        found = next((column for column in free if column not in columns.values()), None)
        if found is not None:
            columns[meaning] = found
    columns = trials.further(_gold(columns, values, answer), by_name, values, answer)
    if "item_id" not in columns:
        raise InputError(
            f"No column names the item (usual names: item_id, item, task, id); columns seen: {_listed(header)}."
        )
    if question is not None:
        return Mapping(columns, {"label": question})
    if "annotator" in columns or answer is not None:
        return replace(_long(columns, answer, values), seconds_unit=trials.unit(columns, by_name, values))
    people = _people(columns, values)
    if not people and not columns.keys() & {"gold_label", "model_label"}:
        raise InputError(
            f"No column holds answers (usual names: label, answer, or one per person); columns seen: {_listed(header)}."
        )
    if not people:
        return Mapping(columns, {"label": _stated(columns, values)})
    answers = [value for person in people for value in values[person]]
    return Mapping(columns, {"label": _question(None, answers)}, people)


def _people(columns: MappingType[str, str], values: MappingType[str, list[str]]) -> tuple[str, ...]:
    """Columns that mean nothing else and share an answer with another such column or with the gold: people do agree."""
    free = {
        column: set(map(without_point, filled)) for column, filled in values.items() if column not in columns.values()
    }
    named = {
        column: {value for value in found if value} for column, found in free.items() if not _UNNAMED.fullmatch(column)
    }
    named = {column: found for column, found in named.items() if not any(value[0] in "[{" for value in found)}
    gold = {without_point(value) for value in values.get(columns.get("gold_label", ""), []) if value}
    if len(named) < 2:
        return tuple(named)
    shared = Counter(value for found in [*named.values(), gold] for value in found)
    return tuple(column for column, found in named.items() if not found or any(shared[value] > 1 for value in found))


def _long(columns: dict[str, str], answer: str | None, values: MappingType[str, list[str]]) -> Mapping:
    if answer is None and not columns.keys() & {"gold_label", "model_label"}:
        raise InputError(
            f"No column holds the answer (usual names: label, answer, value); columns seen: {_listed(values)}."
        )
    if answer is None:
        return Mapping(columns, {"label": _stated(columns, values)})
    # Of several questions' answers in one column, some may be numbers and others not.
    several = len({*values.get(columns.get("question", ""), ())} - {""}) > 1
    return Mapping(columns, {"label": _question(answer, values[answer], several)})


def _stated(columns: MappingType[str, str], values: MappingType[str, list[str]]) -> Question:
    """The question of a sheet that holds no answers but those of the gold or of a model."""
    stated = values[columns["gold_label" if "gold_label" in columns else "model_label"]]
    return Question(kind=Kind.NUMBER if _measured(None, stated) else Kind.SINGLE)


def _gold(columns: dict[str, str], values: MappingType[str, list[str]], answer: str | None) -> dict[str, str]:
    """Tells flags from labels by their values: a column `gold` of yes and no beside other answers is a flag, and a
    column `golden` of other words is a label.
    """
    if {"gold_label", "is_gold"} <= columns.keys() or not columns.keys() & {"gold_label", "is_gold"}:
        return columns
    now = "gold_label" if "gold_label" in columns else "is_gold"
    words = {value.casefold() for value in values[columns[now]] if value}
    answers = {value.casefold() for value in values.get(answer or "", [])}
    flags = bool(words) and words <= _FLAGS and bool(answers) and not words & answers
    meant = "is_gold" if flags or (now == "is_gold" and words <= _FLAGS) else "gold_label"
    return {meant if meaning == now else meaning: column for meaning, column in columns.items()}


def _question(column: str | None, values: Iterable[str], several: bool = False) -> Question:
    """Numbers where they are measured, ordinal in a column of ratings; multi where a separator joins short labels.

    Else single; `several` questions' answers are no numbers.
    """
    seen = [value.strip() for value in values if value.strip()]
    if not several and _measured(column, seen):
        return Question(column, Kind.NUMBER)
    if column is not None and plain(column) in _RATINGS and seen and all(number(value) is not None for value in seen):
        return Question(column, Kind.ORDINAL)
    for separator in (JOIN, *_SEPARATORS):
        joined = [value for value in seen if separator in value]
        if joined and all(_is_label(part) for value in joined for part in value.split(separator)):
            return Question(column, Kind.MULTI, separator)
    return Question(column)


def _measured(column: str | None, values: Sequence[str]) -> bool:
    """Whether values are numbers of which some are not whole, or many differ; names of columns may say otherwise."""
    name = plain(column or "")
    found = figures([value.strip() for value in values if value.strip()])
    if name in _CLASSES or not found:
        return False
    many, broken = len(set(found)) > _MANY, any(value % 1 for value in found)
    return many if name in _RATINGS else broken or (many and name not in _LABELS)


def _is_label(part: str) -> bool:
    return bool(part.strip()) and len(part) <= _LONGEST_LABEL and len(part.split()) <= 3


def _listed(header: Iterable[str]) -> str:
    names = [repr(name[:40]) for name in header]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
