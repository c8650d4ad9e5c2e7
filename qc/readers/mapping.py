"""Which column of a sheet means what, as the user writes it in a MAP.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import InputError, Kind, SecondsKind

COLUMNS: Final = (
    *("item_id", "annotation_id", "annotator", "question", "status"),
    *("submitted_at", "started_at", "updated_at", "seconds", "session", "position"),
    *("batch", "site", "guideline", "difficulty", "tags", "score"),
    *("gold_label", "is_gold", "model", "model_label", "model_score"),
    *("reviewer", "review_decision", "corrected_label", "reviewed_at", "review_seconds"),
    *("review_comment", "error_type", "severity", "text", "uri"),
)
"""The meanings that a column of a sheet can have, beside the answers themselves."""

KINDS: Final = (
    Kind.SINGLE,
    Kind.MULTI,
    Kind.ORDINAL,
    Kind.NUMBER,
    Kind.TEXT,
    Kind.PAIRWISE,
    Kind.RANKING,
    Kind.TAXONOMY,
)
"""The kinds of answer that fit into a cell."""

_SPLIT: Final = {Kind.MULTI, Kind.RANKING, Kind.TAXONOMY}
_DATES: Final = ("day first", "month first")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a sheet: the column of its answers (none in a wide sheet), their kind, what separates several."""

    column: str | None = None
    kind: Kind = Kind.SINGLE
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a sheet is read: `{meaning: column}`, its questions, and the columns that are people in a wide one.

    `dates` says what comes first in 3/2/2026: "day first", "month first", or None where values over 12 tell.
    `seconds_kind` says what the durations measure.
    """

    columns: MappingType[str, str] = field(default_factory=dict)
    questions: MappingType[str, Question] = field(default_factory=lambda: {"label": Question()})
    people: tuple[str, ...] = ()
    timezone: str | None = None
    dates: str | None = None
    encoding: str | None = None
    seconds_kind: SecondsKind | None = None

    def used(self) -> list[str]:
        """The columns of the sheet that are read, each once."""
        answers = [question.column for question in self.questions.values() if question.column]
        return list(dict.fromkeys([*self.columns.values(), *answers, *self.people]))

    def to_json(self) -> dict[str, Any]:
        """Plain data without what is unset, as TOML and the report hold it."""
        questions = {
            name: {
                key: value
                for key, value in (
                    ("column", question.column),
                    ("kind", question.kind.value),
                    ("separator", question.separator),
                )
                if value is not None
            }
            for name, question in self.questions.items()
        }
        data = {
            "timezone": self.timezone,
            "dates": self.dates,
            "encoding": self.encoding,
            "seconds_kind": self.seconds_kind and self.seconds_kind.value,
            "people": list(self.people),
        }
        return {key: value for key, value in data.items() if value} | {
            "columns": dict(self.columns),
            "questions": questions,
        }

    def to_toml(self) -> str:
        """The text of a MAP.toml."""
        data = self.to_json()
        lines = [f"{key} = {json.dumps(value)}" for key, value in data.items() if not isinstance(value, dict)]
        lines += ["", "[columns]", *(f"{key} = {json.dumps(value)}" for key, value in self.columns.items())]
        for name, question in data["questions"].items():
            lines += [
                "",
                f"[questions.{json.dumps(name)}]",
                *(f"{key} = {json.dumps(value)}" for key, value in question.items()),
            ]
        return "\n".join(lines).lstrip() + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Mapping:
        """The mapping behind a MAP.toml; a word that it does not know is an InputError that names it."""
        try:
            return cls.from_json(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"The mapping is not TOML: {error}.") from None

    @classmethod
    def from_json(cls, data: MappingType[str, Any]) -> Mapping:
        """The mapping behind plain data; a word that it does not know is an InputError that names it."""
        known = ("columns", "questions", "people", "timezone", "dates", "encoding", "seconds_kind")
        _expect(data, known, "The mapping")
        columns = _texts(data.get("columns", {}), "columns")
        _expect(columns, COLUMNS, "[columns] of the mapping")
        questions = {name: _question(name, entry) for name, entry in data.get("questions", {"label": {}}).items()}
        people = data.get("people", [])
        if not isinstance(people, list) or not all(isinstance(person, str) for person in people):
            raise InputError('The mapping\'s people must be a list of columns, like people = ["Anna", "Ben"].')
        texts = {key: data[key] for key in ("timezone", "dates", "encoding") if key in data}
        _texts(texts, "the mapping")
        if texts.get("dates", _DATES[0]) not in _DATES:
            raise InputError('The mapping\'s dates must be "day first" or "month first".')
        if "encoding" in texts:
            _encoding(texts["encoding"])
        kind = data.get("seconds_kind")
        if kind is not None and kind not in set(SecondsKind):
            raise InputError(f"The mapping's seconds_kind must be one of {', '.join(SecondsKind)}.")
        return cls(
            columns,
            questions or {"label": Question()},
            tuple(people),
            **texts,
            seconds_kind=SecondsKind(kind) if kind else None,
        )


def _expect(data: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(data, dict):
        raise InputError(f"{where} must be a table.")
    if unknown := [key for key in data if key not in known]:
        raise InputError(f"{where} does not know {unknown[0]!r}; it knows {', '.join(known)}.")


def _texts(data: Any, where: str) -> dict[str, str]:
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise InputError(f"The values of {where} must be texts in quotation marks.")
    return data


def _encoding(name: str) -> None:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise InputError(f"There is no encoding {name!r}; usual ones are utf-8, latin-1, cp1252 and utf-16.") from None


def _question(name: str, data: Any) -> Question:
    _expect(data, ("column", "kind", "separator"), f"Question {name!r} of the mapping")
    _texts(data, f"question {name!r}")
    kind = data.get("kind", Kind.SINGLE.value)
    if kind not in {known.value for known in KINDS}:
        raise InputError(f"Question {name!r} cannot be {kind!r}; a sheet holds {', '.join(KINDS)}.")
    if Kind(kind) in _SPLIT and not data.get("separator"):
        raise InputError(f'Question {name!r} is {kind}: name the separator of its labels, like separator = ";".')
    return Question(data.get("column"), Kind(kind), data.get("separator"))
