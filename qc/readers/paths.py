"""Paths into records: `data.batch` is a member of a member, `annotations[].user` one of every entry of a list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

import msgspec

from qc.model import InputError

LIST: Final = "[]"
JOIN: Final = "\n"
"""What parts the entries of a list of plain values in one cell."""
KEY, VALUE = "key", "value"
"""The columns of an object that holds records by their names."""

Flat = dict[str, str]
"""A row by path; what is null or absent is left out."""


def cell(value: Any) -> str | None:
    """A JSON value as the text of a cell: plain values as they are written, lists of them joined, else JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(entry, str | int | float) for entry in value):
        return JOIN.join(filter(None, map(cell, value)))
    return msgspec.json.encode(value).decode()


def discovered(records: Sequence[Any]) -> list[str]:
    """The paths of all members of some records, in the order of their appearance; a list is also named as a whole."""
    found: dict[str, None] = {}
    for record in records:
        _discover(record, "", found, 0)
    return list(found)


def _discover(value: Any, path: str, found: dict[str, None], depth: int) -> None:
    if isinstance(value, dict) and depth < 6:
        for name, member in value.items():
            _discover(member, f"{path}.{name}" if path else name, found, depth + 1)
    elif path:
        found[path] = None
        if isinstance(value, list):
            for entry in value[:50]:
                if isinstance(entry, dict):
                    _discover(entry, path + LIST, found, depth + 1)


def lists_of(path: str) -> list[str]:
    """The lists that a path goes through, the outermost first.

    >>> lists_of("tasks[].spans[].start")
    ['tasks[]', 'tasks[].spans[]']
    """
    parts = path.split(LIST)
    return [LIST.join(parts[: place + 1]) + LIST for place in range(len(parts) - 1)]


def chain(paths: Sequence[str]) -> list[str]:
    """The lists that some paths go through, each inside the one before; an InputError where they go through others."""
    longest: list[str] = []
    for path in paths:
        lists = lists_of(path)
        shorter, longer = sorted((lists, longest), key=len)
        if longer[: len(shorter)] != shorter:
            raise InputError(
                f"The mapping reads two lists side by side, {longer[0]} and {shorter[-1]}; read one of them at a time."
            )
        longest = longer
    return longest


def flattened(paths: Sequence[str], once: Collection[str] = ()) -> Callable[[Any], Iterator[Flat]]:
    """What makes rows of a record: one for each entry of the innermost list, with what stands around it.

    An entry of an outer list whose own list is empty is a row by itself; what stands at a path of `once` around a list
    is on the first of its rows only.
    """
    lists = chain(paths)
    levels = [[path for path in paths if len(lists_of(path)) == depth] for depth in range(len(lists) + 1)]
    steps = [
        [(path, path.removeprefix(prefix).removeprefix(".").split(".")) for path in level]
        for level, prefix in zip(levels, ["", *lists], strict=True)
    ]
    ways = [
        inner.removeprefix(outer).removeprefix(".").removesuffix(LIST).split(".")
        for outer, inner in zip(["", *lists], lists, strict=False)
    ]

    def rows(value: Any, depth: int = 0) -> Iterator[Flat]:
        found = {path: text for path, way in steps[depth] if (text := cell(_at(value, way))) is not None}
        if depth == len(ways):
            yield found
            return
        entries = _at(value, ways[depth])
        inner = [row for entry in entries for row in rows(entry, depth + 1)] if isinstance(entries, list) else []
        if not inner and depth:
            yield found
        for place, row in enumerate(inner):
            yield ({path: text for path, text in found.items() if path not in once} if place else found) | row

    return rows


def _at(value: Any, way: Sequence[str]) -> Any:
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    return value
