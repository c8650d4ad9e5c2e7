"""Columns that crowds' sheets have in common: what is told of the item, and answers that are JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from qc.readers.cells import trimmed
from qc.readers.crowd_questions import Seen
from qc.readers.names import NAMES, plain
from qc.readers.question import Question
from qc.readers.reader import Options
from qc.readers.sheet_derived import Columns, Derived

LINE: Final = "\n"
"""What parts the labels of a cell with several, and the accepted answers of a cell of gold; alone, nothing chosen."""
AS_TEXT: Final = "The answers in {name} are kept as they came, as text, which only a reviewer can judge"

_ITEM: Final = ("text", "uri", "batch", "site", "guideline", "difficulty")


def named(header: Sequence[str], prefix: str) -> dict[str, str]:
    """The columns that begin with a prefix, by their plain names without it."""
    return {plain(column.removeprefix(prefix)): column for column in header if column.startswith(prefix)}


def item_columns(by_name: Mapping[str, str]) -> dict[str, str]:
    """The columns that tell of the item by the usual names: text, uri, batch and the like."""
    found = {meaning: next((by_name[name] for name in NAMES[meaning] if name in by_name), None) for meaning in _ITEM}
    return {meaning: column for meaning, column in found.items() if column}


def asked_by(options: Options, guess: Callable[[], dict[str, Question]]) -> dict[str, Question]:
    """The questions that the user names in a mapping, else those that the columns suggest."""
    said = options.mapping.questions if options.mapping else {}
    stated = {name: question for name, question in said.items() if question.named}
    return stated or guess()


def joined(lists: Sequence[Sequence[str] | None]) -> pa.Array:
    """Lists of labels as cells of a question with several: LINE alone where none was chosen."""
    cells = [
        None if found is None else LINE.join(" ".join(label.split()) for label in found) or LINE for found in lists
    ]
    return pa.array(cells, pa.string())


def listed(name: str, column: str) -> Derived:
    """A column of lists in JSON as cells of a question with several labels; null where one is no such list."""

    def make(columns: Columns) -> Columns:
        coded = trimmed(columns[column]).dictionary_encode()
        return {name: joined([labels(text) for text in coded.dictionary.to_pylist()]).take(coded.indices)}

    return Derived((name,), (column,), make)


def holds_lists(seen: Seen) -> bool:
    """Whether all values of a column are lists of texts in JSON."""
    return bool(seen.values) and all(value.startswith("[") and labels(value) is not None for value in seen.values)


def holds_json(seen: Seen) -> bool:
    """Whether all values of a column are objects or lists in JSON."""
    return bool(seen.values) and all(
        value.startswith(("{", "[")) and decoded(value) is not None for value in seen.values
    )


def labels(text: str | None) -> list[str] | None:
    """A list of texts behind its JSON, else None."""
    value = decoded(text)
    return value if isinstance(value, list) and all(isinstance(label, str) for label in value) else None


def decoded(text: str | None) -> Any:
    """The value behind a text of JSON, else None."""
    try:
        return msgspec.json.decode((text or "null").encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        return None


def packed(columns: Columns, names: Sequence[str]) -> pa.Array:
    """Columns as one of JSON objects without what is empty; null where all are."""
    encode = msgspec.json.Encoder().encode
    found = []
    for values in zip(*(columns[name].to_pylist() for name in names), strict=True):
        entry = {name: value for name, value in zip(names, values, strict=True) if value}
        found.append(encode(entry).decode() if entry else None)
    return pa.array(found, pa.string())


def lower(texts: pa.Array) -> pa.Array:
    """Texts trimmed and in lower case."""
    return pc.utf8_lower(trimmed(texts))
