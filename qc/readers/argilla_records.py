"""Argilla's records in one form, from each of its exports: nested, flattened, of the REST interface, and of 1.x.

The nested form lists answers under their questions, the flattened one spreads them over `quality.responses`,
`quality.responses.users` and `quality.responses.status`, REST groups them by person, with times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.records import MISTYPED, BadRecordError, Row, of_types

RESPONSES: Final = ".responses"

NO_RECORD: Final = "the record has no id"
NO_VALUE: Final = "an answer is no object with a value"

_FLAT: Final = (".responses", ".responses.users", ".responses.status")
_NO_FIELDS: Final = {"id", "_server_id", "external_id", "status", "vectors", "inserted_at", "updated_at"}
_SUGGESTED: Final = (".suggestion", ".suggestion.score", ".suggestion.agent")


@dataclass(frozen=True, slots=True)
class Response:
    """One person's answer to one question; `status` None where the export drops it."""

    question: str
    value: Any
    user: str | None
    status: str | None = None
    name: str | None = None
    inserted: Any = None
    updated: Any = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model's answer to one question."""

    question: str
    value: Any
    score: Any = None
    agent: str | None = None


@dataclass(slots=True)
class Taken:
    """A record: its id, its texts and metadata, and what people and models answered."""

    item_id: str
    fields: Row
    meta: Row
    responses: list[Response] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)


def taken(record: Any) -> Taken:
    """A record of any form; BadRecordError where it has no id or an answer is none."""
    if not isinstance(record, dict):
        raise BadRecordError(NO_RECORD)
    item_id = next(filter(None, (identity(record.get(name)) for name in ("external_id", "id", "_server_id"))), None)
    if item_id is None:
        raise BadRecordError(NO_RECORD)
    if "fields" not in record:
        return _flat(item_id, record)
    of_types(record, objects=("fields",))
    found = Taken(item_id, as_dict(record["fields"]), as_dict(record.get("metadata")))
    responses, suggestions = record.get("responses"), record.get("suggestions")
    if not all(isinstance(held, dict | list | None) for held in (responses, suggestions)):
        raise BadRecordError(MISTYPED)
    entries = {str(place): entry for place, entry in enumerate(suggestions)} if isinstance(suggestions, list) else {}
    of_types(entries or as_dict(suggestions), objects=entries or as_dict(suggestions))
    found.responses += _rest(responses) if isinstance(responses, list) else _nested(as_dict(responses))
    for entry in entries.values():
        found.suggestions.append(_suggestion(text_of(as_dict(entry).get("question_name")) or "label", as_dict(entry)))
    for question, entry in as_dict(suggestions).items():
        found.suggestions.append(_suggestion(question, as_dict(entry)))
    return found


def _suggestion(question: str, entry: Row) -> Suggestion:
    return Suggestion(question, entry.get("value"), entry.get("score"), identity(entry.get("agent")))


def _nested(responses: Row) -> Iterator[Response]:
    of_types(responses, lists=responses)
    for question, entries in responses.items():
        for entry in as_list(entries):
            if not isinstance(entry, dict) or "value" not in entry:
                raise BadRecordError(NO_VALUE)
            yield Response(question, entry["value"], identity(entry.get("user_id")), text_of(entry.get("status")))


def _rest(responses: list[Any]) -> Iterator[Response]:
    for response in responses:
        if not isinstance(response, dict):
            raise BadRecordError(NO_VALUE)
        common = {
            "user": identity(response.get("user_id")),
            "status": text_of(response.get("status")),
            "name": identity(response.get("id")),
            "inserted": response.get("inserted_at"),
            "updated": response.get("updated_at"),
        }
        of_types(response, objects=("values",))
        values = as_dict(response.get("values"))
        of_types(values, objects=values)
        for question, entry in values.items():
            yield Response(question, as_dict(entry).get("value"), **common)
        if not values:
            yield Response("", None, **common)


def _flat(item_id: str, record: Row) -> Taken:
    questions = [name.removesuffix(RESPONSES) for name in record if name.endswith(RESPONSES)]
    suggested = [name.removesuffix(_SUGGESTED[0]) for name in record if name.endswith(_SUGGESTED[0])]
    old = [name for name, value in record.items() if _is_old(value)]
    own = {question + ending for question in questions for ending in _FLAT} | set(old)
    own |= {question + ending for question in suggested for ending in _SUGGESTED}
    own |= {f"{question}-suggestion{ending}" for question in old for ending in ("", "-metadata")}
    rest = {name: value for name, value in record.items() if name not in own | _NO_FIELDS}
    # Fields and metadata stand side by side: what is no text belongs to the metadata.
    found = Taken(item_id, {name: value for name, value in rest.items() if isinstance(value, str)}, rest)
    of_types(record, lists=[question + ending for question in questions for ending in _FLAT])
    for question in questions:
        values, users, states = (as_list(record.get(question + ending)) for ending in _FLAT)
        for place, value in enumerate(values):
            user = identity(users[place]) if place < len(users) else None
            state = text_of(states[place]) if place < len(states) else None
            found.responses.append(Response(question, value, user, state))
    for question in suggested:
        value, score, agent = (record.get(question + ending) for ending in _SUGGESTED)
        found.suggestions.append(Suggestion(question, value, score, identity(agent)))
    for question in old:
        found.responses += _nested({question: record[question]})
        more = as_dict(record.get(f"{question}-suggestion-metadata"))
        value = record.get(f"{question}-suggestion")
        found.suggestions.append(Suggestion(question, value, more.get("score"), identity(more.get("agent"))))
    return found


def _is_old(value: Any) -> bool:
    """Whether a member is a question of version 1.x: a list of {user_id, value, status}."""
    return isinstance(value, list) and bool(value) and all("user_id" in as_dict(entry) for entry in value)
