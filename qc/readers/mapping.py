"""Which column of a sheet, or which path of a record, means what, as the user writes it in a MAP.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import InputError, SecondsKind
from qc.readers.aliases import Aliases
from qc.readers.question import Question, question
from qc.readers.words import a_table, an_encoding, list_of_texts, texts

COLUMNS: Final = (
    *("item_id", "annotation_id", "annotator", "question", "status"),
    *("submitted_at", "started_at", "updated_at", "seconds", "session", "block", "position"),
    *("batch", "site", "guideline", "difficulty", "tags", "score"),
    *("gold_label", "is_gold", "model", "model_label", "model_score"),
    *("reviewer", "review_decision", "corrected_label", "reviewed_at", "review_seconds"),
    *("review_comment", "error_type", "severity", "text", "uri", "width", "height"),
)
"""The meanings that a column of a sheet can have, beside the answers themselves."""

UNITS: Final = ("s", "ms")
"""What durations may be written in."""

_DATES: Final = ("day first", "month first")
_PLAIN: Final = ("timezone", "dates", "encoding", "sheet", "seconds_kind", "seconds_unit")
_TABLES: Final = ("columns", "questions", "annotators", "labels", "files")


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a sheet is read: `{meaning: column}`, its questions, and the columns that are people in a wide one.

    `dates` says what comes first in 3/2/2026: "day first", "month first", or None where values over 12 tell.
    `seconds_kind` says what the durations measure, `seconds_unit` is "s" or "ms". `annotators` and `labels` are
    aliases, `{as written: as meant}`, and `files` the roles of files by pattern, `{"gold/*.json": "gold"}`: these three
    hold for every format. `sheet` names the sheet of a workbook (None: the first), `missing` the words that stand for
    no answer (None: the usual). `groups` are the columns that say what kind of item it is.
    """

    columns: MappingType[str, str] = field(default_factory=dict)
    questions: MappingType[str, Question] = field(default_factory=lambda: {"label": Question()})
    people: tuple[str, ...] = ()
    timezone: str | None = None
    dates: str | None = None
    encoding: str | None = None
    seconds_kind: SecondsKind | None = None
    annotators: MappingType[str, str] = field(default_factory=dict)
    labels: MappingType[str, str] = field(default_factory=dict)
    files: MappingType[str, str] = field(default_factory=dict)
    sheet: str | None = None
    missing: tuple[str, ...] | None = None
    seconds_unit: str | None = None
    groups: tuple[str, ...] = ()

    def used(self) -> list[str]:
        """The columns of the sheet that are read, each once."""
        answers = [column for question in self.questions.values() for column in question.named.values()]
        return list(dict.fromkeys([*self.columns.values(), *answers, *self.people, *self.groups]))

    @property
    def aliases(self) -> Aliases:
        """Other names of people and labels."""
        return Aliases(self.annotators, self.labels)

    def to_json(self) -> dict[str, Any]:
        """Plain data without what is unset, as TOML and the report hold it."""
        data: dict[str, Any] = {
            "timezone": self.timezone,
            "dates": self.dates,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "seconds_kind": self.seconds_kind and self.seconds_kind.value,
            "seconds_unit": self.seconds_unit,
            "missing": None if self.missing is None else list(self.missing),
            "people": list(self.people),
            "groups": list(self.groups),
            "columns": dict(self.columns),
            "questions": {name: question.to_json() for name, question in self.questions.items()},
            "annotators": dict(self.annotators),
            "labels": dict(self.labels),
            "files": dict(self.files),
        }
        kept = ("columns", "questions", *(["missing"] if self.missing is not None else []))
        return {key: value for key, value in data.items() if value or key in kept}

    def to_toml(self) -> str:
        """The text of a MAP.toml."""
        data = self.to_json()
        questions = data.pop("questions")
        tables = {f"[{name}]": data.pop(name) for name in _TABLES if name in data}
        tables |= {f"[questions.{_key(name)}]": entry for name, entry in questions.items()}
        lines = _lines(data)
        for title, table in tables.items():
            lines += ["", title, *_lines(table)]
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
        a_table(data, (*_PLAIN, "missing", "people", "groups", *_TABLES), "the mapping")
        columns = texts(data.get("columns", {}), "columns")
        a_table(columns, COLUMNS, "[columns] of the mapping")
        asked = data.get("questions", {})
        if not isinstance(asked, dict):
            raise InputError("The mapping's questions must be tables, like [questions.label].")
        questions = {name: question(name, entry) for name, entry in asked.items()} or {"label": Question()}
        people = list_of_texts(data.get("people", []), 'the mapping\'s people, like people = ["Anna", "Ben"]')
        kinds = list_of_texts(data.get("groups", []), 'the mapping\'s groups, like groups = ["region"]')
        words = data.get("missing")
        missing = None if words is None else list_of_texts(words, 'the mapping\'s missing, like missing = ["NA", "-"]')
        plain = texts({key: data[key] for key in _PLAIN if key in data}, "the mapping")
        if plain.get("dates", _DATES[0]) not in _DATES:
            raise InputError('The mapping\'s dates must be "day first" or "month first".')
        if plain.get("seconds_unit", UNITS[0]) not in UNITS:
            raise InputError('The mapping\'s seconds_unit must be "s" or "ms".')
        if "encoding" in plain:
            an_encoding(plain["encoding"])
        kind = plain.pop("seconds_kind", None)
        if kind is not None and kind not in set(SecondsKind):
            raise InputError(f"The mapping's seconds_kind must be one of {', '.join(SecondsKind)}.")
        aliases = {name: texts(data.get(name, {}), f"[{name}] of the mapping") for name in _TABLES[2:]}
        seconds_kind = SecondsKind(kind) if kind else None
        return cls(
            columns,
            questions,
            people,
            plain.get("timezone"),
            plain.get("dates"),
            plain.get("encoding"),
            seconds_kind,
            aliases["annotators"],
            aliases["labels"],
            aliases["files"],
            plain.get("sheet"),
            missing,
            plain.get("seconds_unit"),
            kinds,
        )


def _lines(table: MappingType[str, Any]) -> list[str]:
    return [f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]


def _key(name: str) -> str:
    """A name as TOML writes it: bare where it may be."""
    bare = bool(name) and all(character.isascii() and (character.isalnum() or character in "-_") for character in name)
    return name if bare else json.dumps(name, ensure_ascii=False)
