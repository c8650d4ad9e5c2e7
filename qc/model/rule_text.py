"""Rules as plain data, as the record stores them, and as the TOML that a lead writes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from typing import Any, Final, get_type_hints

from qc.model.errors import InputError
from qc.model.validation import KINDS, Rule, When, distinct

LONGEST_NAME: Final = 80
LARGEST: Final = 1e15
_BY_KIND: Final = {str(next(f.default for f in fields(kind) if f.name == "kind")): kind for kind in KINDS}


def rules_from(entries: Any) -> tuple[Rule, ...]:
    """The rules behind a list of plain data; InputError where one is unknown, impossible, or is called like another."""
    if not isinstance(entries, list | tuple):
        raise InputError("Write each rule under [[rule]], with two brackets.")
    return distinct(tuple(_rule(entry, place) for place, entry in enumerate(entries, 1)))


def from_toml(text: str) -> tuple[Rule, ...]:
    """The rules of a RULES.toml, each under `[[rule]]`."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"The rules are not TOML: {error}.") from None
    if unknown := sorted(set(data) - {"rule"}):
        raise InputError(f"The rules do not know {unknown[0]!r}; write each rule under [[rule]].")
    return rules_from(data.get("rule", []))


def to_toml(rules: Sequence[Rule]) -> str:
    """The text of a RULES.toml."""
    return "\n".join(_block(rule) for rule in rules)


def _block(rule: Rule) -> str:
    data = asdict(rule)
    order = ["name", "kind", *(name for name in data if name not in ("name", "kind"))]
    given = [(name, data[name]) for name in order if data[name] is not None and data[name] != ()]
    return "\n".join(["[[rule]]", *(f"{name} = {_value(value)}" for name, value in given), ""])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {_value(entry)}' for name, entry in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON string is a TOML string, but for this one sign.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _rule(entry: Any, place: int) -> Rule:
    if not isinstance(entry, Mapping):
        raise InputError(f"Rule {place} is no table; write each rule under [[rule]].")
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise InputError(f"Rule {place} needs a name of 1 to {LONGEST_NAME} characters.")
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in _BY_KIND:
        raise InputError(f"The rule {name!r} has the kind {kind!r}; use one of {', '.join(_BY_KIND)}.")
    where = f"The rule {name!r}"
    rule: Rule = _build(_BY_KIND[kind], {key: value for key, value in entry.items() if key != "kind"}, where)
    if not rule.question:
        raise InputError(f"{where} names no question.")
    return rule


def _build(made: Any, data: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(made)
    known = [entry for entry in fields(made) if entry.init]
    if unknown := sorted(set(data) - {entry.name for entry in known}):
        raise InputError(f"{where} does not know {unknown[0]!r}; it knows {', '.join(entry.name for entry in known)}.")
    values: dict[str, Any] = {}
    for entry in known:
        value = data.get(entry.name)
        if value is not None:
            values[entry.name] = _READ[hints[entry.name]](value, f"{where}: {entry.name}")
        elif entry.default is MISSING:
            raise InputError(f"{where} lacks {entry.name!r}.")
    return made(**values)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise InputError(f"{where} cannot be {value!r}; write a text in quotes.")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise InputError(f'{where} cannot be {value!r}; write a list such as ["a", "b"].')
    return tuple(_text(entry, where) for entry in value)


def _float(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise InputError(f"{where} cannot be {value!r}; write a number.")
    return float(value)


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not abs(value) <= LARGEST:
        raise InputError(f"{where} cannot be {value!r}; write a whole number.")
    return value


def _when(value: Any, where: str) -> When:
    if not isinstance(value, Mapping):
        raise InputError(f'{where} cannot be {value!r}; write {{ question = "…", labels = ["…"] }}.')
    found: When = _build(When, value, where)
    return found


_READ: Final[dict[Any, Callable[[Any, str], Any]]] = {
    str: _text,
    str | None: _text,
    tuple[str, ...]: _texts,
    int | None: _whole,
    float | None: _float,
    When: _when,
    When | None: _when,
}
