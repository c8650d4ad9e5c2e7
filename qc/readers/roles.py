"""Whose answers a file holds, by its name: patterns such as `gold/*.json` and `ann_*/`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from qc.model import InputError, Role

IGNORE: Final = "ignore"

_WORDS: Final = (*(role.value for role in Role), IGNORE)
PEOPLE: Final = (Role.ANNOTATOR, Role.REVIEWER, Role.ADJUDICATOR)
_PARTS: Final = {"**": ".*", "*": "([^/]*)", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the files that match a pattern hold; `role` None passes them over, `name` is who gave their answers."""

    pattern: str
    role: Role | None
    name: str | None
    matches: re.Pattern[str]


class Found(NamedTuple):
    """What the rules say of a file: the role of its answers, who gave them, and whether it is passed over.

    `exact` tells a pattern of the file itself from one of its folders.
    """

    role: Role | None = None
    annotator: str | None = None
    ignored: bool = False
    exact: bool = False


def parse_roles(table: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules of a table of patterns; an empty pattern or an unknown role is an InputError.

    A pattern is matched with the end of a path or of one of its folders: `*` is any text within one level, `**` across
    levels, `?` one character; a slash at the end means folders only, one at the beginning the outermost level. A role
    may name who it is: `annotator:Anna`, `model:yolo-v8`.
    """
    return tuple(_rule(pattern, said) for pattern, said in table.items())


def role_of(rules: Sequence[Rule], name: str) -> Found:
    """What the first rule that matches says of a file, by its path inside the import.

    People whom a rule does not name are called what its first `*` stands for, else the folder or file that it matches.

    >>> role_of(parse_roles({"ann_*/": "annotator"}), "export/ann_anna/1.json").annotator
    'anna'
    """
    rule = first_match(rules, name)
    match = rule.matches.fullmatch(name) if rule else None
    if rule is None or match is None:
        return Found()
    if rule.role is None:
        return Found(ignored=True)
    who = rule.name or (_called(match) if rule.role in PEOPLE else None)
    return Found(rule.role, who, exact=match.end("last") == len(name))


def first_match(rules: Sequence[Rule], name: str) -> Rule | None:
    """The rule that counts for a file, None where none matches."""
    return next((rule for rule in rules if rule.matches.fullmatch(name)), None)


def _rule(pattern: str, said: str) -> Rule:
    word, _, name = said.partition(":")
    word = word.strip().lower()
    if word not in _WORDS:
        raise InputError(f"A file cannot have the role {said!r}; roles are {', '.join(_WORDS)}.")
    if not pattern.strip("/"):
        raise InputError("A pattern of files is empty; write one like gold/*.json or ann_*/.")
    role = None if word == IGNORE else Role(word)
    return Rule(pattern, role, name.strip() or None, _compiled(pattern))


def _compiled(pattern: str) -> re.Pattern[str]:
    *folders, last = pattern.strip("/").split("/")
    above = "".join("(?:.*/)?" if level == "**" else f"{_level(level)}/" for level in folders)
    start = "" if pattern.startswith("/") else "(?:.*/)?"
    below = "/.+" if pattern.endswith("/") else "(?:/.+)?"
    return re.compile(f"{start}{above}(?P<last>{_level(last)}){below}", re.DOTALL)


def _level(text: str) -> str:
    return "".join(_PARTS.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*|\?)", text))


def _called(match: re.Match[str]) -> str:
    """The text of the first star, else the last level that the pattern names; a file's suffix is no part of it."""
    last = match.re.groupindex["last"]
    group = next((group for group in range(1, match.re.groups + 1) if group != last), last)
    text, end = match.group(group), match.end(group)
    text = PurePosixPath(text).stem if text and end == len(match.string) else text
    return text.strip(" ._-") or match.group(last)
