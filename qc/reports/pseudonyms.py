"""A report without names: pseudonyms wherever an assessment holds a person, in its structure and in its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from qc.pseudonyms import pseudonym

_SHORTEST_IN_IDS: Final = 3

# Where an assessment holds the name of a person, and where the id of an item.
_PEOPLE: Final = frozenset(("annotator", "reviewer", "a", "b"))
_ITEMS: Final = frozenset(("item_id", "items"))
# Where it holds words, times and figures of this tool, which can name nobody. Whatever is not listed here or with the
# sentences came with the data, or may have.
_VOCABULARY: Final = frozenset(
    (
        "schema", "project", "data_version", "as_of", "timezone", "currency", "id", "at", "since", "until", "day",
        "period", "first_at", "last_at", "opened_at", "snoozed_until", "unit", "method", "warning", "formula", "by",
        "of", "source", "verdict", "state", "level", "proposed", "policy", "origin", "choice", "cause", "field",
        "type", "noted", "changes_by", "chart", "favoured", "active_hours_kind", "adjusted_for", "covariates",
        "compared", "fast_when",
    )
)  # fmt: skip
# Where it holds sentences of this tool, in which words of the data may stand.
_OWN: Final = frozenset(
    (
        "sentence", "sentences", "gap_sentence", "advice", "flags", "reason", "ranking", "note", "changes_note",
        "chance_note", "not_ranked", "review_hours_from",
    )
)  # fmt: skip
_QUOTED: Final = re.compile("“[^”]*”")

# Parts of the policy that speak of questions and labels.
_OF_DATA: Final = ("agreement", "validation")


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonym of each person of a project."""

    names: Mapping[str, str]
    secret: bytes = field(repr=False)

    def of(self, name: str) -> str:
        """A person's pseudonym."""
        return self.names.get(name, name)

    def in_text(self, text: str) -> str:
        """Foreign text with every whole name replaced; names that are numbers are left, because so are counts."""
        return self._everywhere.sub(self._replaced, text)

    def in_sentence(self, text: str, *foreign: str) -> str:
        """A sentence of this tool likewise, but names that are plain words are left: they are its own words there.

        What stands in quotes is foreign, and so is each of `foreign` wherever it stands.
        """
        told = "|".join([_QUOTED.pattern, *(_bounded(word) for word in sorted(foreign, key=len, reverse=True) if word)])
        said, end = [], 0
        for found in re.finditer(told, text):
            said += [self._unusual.sub(self._replaced, text[end : found.start()]), self.in_text(found.group())]
            end = found.end()
        return "".join((*said, self._unusual.sub(self._replaced, text[end:])))

    def in_id(self, text: str, what: str = "item") -> str:
        """The id of an item or the name of a file, replaced as a whole where a name is part of it, in whatever case."""
        lower = text.casefold()
        told = any(len(name) >= _SHORTEST_IN_IDS and name.casefold() in lower for name in self.names)
        return pseudonym(self.secret, f"{what} {text}").replace("person", what, 1) if told else text

    def in_all(self, value: Any) -> Any:
        """Plain data with whole names replaced in all its texts, keys included."""
        if isinstance(value, Mapping):
            return {self.in_text(str(key)): self.in_all(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.in_all(inner) for inner in value]
        return self.in_text(value) if isinstance(value, str) else value

    def _replaced(self, found: re.Match[str]) -> str:
        return self.names[found.group()]

    @cached_property
    def _everywhere(self) -> re.Pattern[str]:
        return _whole(name for name in self.names if not name.isdecimal())

    @cached_property
    def _unusual(self) -> re.Pattern[str]:
        return _whole(name for name in self.names if not re.fullmatch("[a-z]+|[0-9.,]+", name))


def pseudonyms(names: Iterable[str], secret: bytes) -> Pseudonyms:
    """The pseudonyms of people under a project's secret, the same as on the dashboard."""
    return Pseudonyms({name: pseudonym(secret, name) for name in names if name}, secret)


def masked(assessment: Mapping[str, Any], people: Pseudonyms, written: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """An assessment in which no person has a name, and no order betrays one.

    Names are replaced where the assessment's structure holds them, then in words that came with the data, and at last
    in sentences. written: the reasons of review levels that somebody put in their own words, by subject.
    """
    whole: dict[str, Any] = {key: _masked(key, value, people) for key, value in assessment.items()}
    whole["alerts"] = [_alert(alert, people) for alert in assessment["alerts"]]
    whole["levels"] = [_level(level, people, written) for level in assessment["levels"]]
    policy = assessment["policy"]
    whole["policy"] = {**policy, **{part: people.in_all(policy[part]) for part in _OF_DATA if part in policy}}
    whole["scope"] = people.in_all(assessment["scope"])
    whole["scope"]["annotators"] = [people.of(name) for name in assessment["scope"]["annotators"]]
    return whole


def _masked(key: str, value: Any, people: Pseudonyms) -> Any:
    if isinstance(value, Mapping):
        if {"kind", "key"} == set(value):
            return _subject(value, people)
        if {"low", "high", "reason"} <= set(value):
            return {**value, "reason": value["reason"] and people.in_sentence(str(value["reason"]))}
        if key == "missing_columns":
            return {name: people.in_sentence(str(why)) for name, why in value.items()}
        same = {name: _masked(name, inner, people) for name, inner in value.items()}
        if {"first", "second", "sentence"} <= set(value):
            same["sentence"] = _beside(value, people)
        if {"a", "b"} <= set(same):
            same["a"], same["b"] = sorted((same["a"], same["b"]))
        return same
    if isinstance(value, list | tuple):
        entries = [_masked(key, inner, people) for inner in value]
        named = all(isinstance(entry, dict) and _PEOPLE & set(entry) for entry in entries)
        return sorted(entries, key=_who) if named else entries
    if not isinstance(value, str):
        return value
    if key in _PEOPLE:
        return people.of(value)
    if key in _ITEMS:
        return people.in_id(value)
    if key in _VOCABULARY:
        return value
    return people.in_sentence(value) if key in _OWN else people.in_text(value)


def _beside(row: Mapping[str, Any], people: Pseudonyms) -> str:
    """The sentence of a comparison; what is compared came with the data, but for periods, which the tool names."""
    compared = () if row["by"] == "period" else (str(row["first"]), str(row["second"]))
    return people.in_sentence(str(row["sentence"]), *compared)


def _who(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry.get("annotator") or entry.get("reviewer") or entry.get("a")), str(entry.get("b") or "")


def _subject(subject: Mapping[str, Any], people: Pseudonyms) -> dict[str, Any]:
    change = people.of if subject["kind"] in ("annotator", "reviewer") else people.in_text
    return {"kind": subject["kind"], "key": change(subject["key"])}


def _alert(alert: Mapping[str, Any], people: Pseudonyms) -> dict[str, Any]:
    """Its message begins with the person, speaks of their errors or of the team; other names are words of the data."""
    subject, message = alert["subject"], str(alert["message"])
    key = str(subject["key"])
    for start in ("", "Errors of "):
        if subject["kind"] == "annotator" and message.startswith(start + key):
            said = start + people.of(key) + people.in_sentence(message[len(start) + len(key) :])
            break
    else:
        own = key if subject["kind"] == "team" and key in message else None
        said = own.join(map(people.in_sentence, message.split(own))) if own else people.in_text(message)
    items = [people.in_id(item) for item in alert["evidence"].get("items", [])]
    return {
        **alert,
        "subject": _subject(subject, people),
        "message": said,
        "evidence": {**alert["evidence"], "items": items, "proof": people.in_all(alert["evidence"].get("proof"))},
    }


def _level(level: Mapping[str, Any], people: Pseudonyms, written: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Its reason begins with what somebody wrote, where somebody did; the rest is a sentence of this tool."""
    subject = (level["subject"]["kind"], level["subject"]["key"])
    reason, own = str(level["reason"]), written.get(subject, "")
    begun = own if reason.startswith(own) else ""
    said = people.in_text(begun) + people.in_sentence(reason[len(begun) :])
    return {**level, "subject": _subject(level["subject"], people), "reason": said}


def _whole(names: Iterable[str]) -> re.Pattern[str]:
    """Any of the names, the longest first, where no letter or digit goes on before or after it."""
    longest = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(_bounded(name) for name in longest if name) or r"(?!)")


def _bounded(name: str) -> str:
    return f"{_edge(name[0], '<!')}{re.escape(name)}{_edge(name[-1], '!')}"


def _edge(letter: str, side: str) -> str:
    return rf"(?{side}[^\W_])" if letter.isalnum() else ""
