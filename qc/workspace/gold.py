"""Known answers as a project spells them: items and labels of a gold file matched to those of its people.

What differs only as numbers are written (1, 1.0) is the same; what differs in case or space is taken as the same and
counted aloud; what is unknown is counted too, so that no gold answer is silently compared with nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.model import FACT_TABLES, Kind, Role

SEPARATORS: Final = ("\n", "|", ";", ",")
"""What parts several accepted answers in one cell, where each of them is a label that people use."""
SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What the people of a project answered on: items, and the labels, kind and ranks of each question."""

    items: frozenset[str] = frozenset()
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as the project spells it, and whether case or space had to be overlooked; None is unknown."""

    word: str | None
    loose: bool = False


def known(files: Sequence[str]) -> Known:
    """Items and labels of the people's answers in some files of the lake."""
    if not files:
        return Known()
    with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as con:
        answers = con.read_parquet(list(files), hive_partitioning=False).filter(f"role = '{Role.ANNOTATOR.value}'")
        answers.create_view("answers")
        items = con.execute("select distinct item_id from answers").fetchall()
        labels = con.execute(
            "select distinct question, label from (select question, label from answers union all"
            " select question, unnest(labels) from answers) where question is not null"
        ).fetchall()
        kinds = con.execute(
            "select question, arg_max(kind, n) from (select question, kind, count(*) as n from answers"
            " where kind <> 'none' group by question, kind) group by question"
        ).fetchall()
        ranked = con.execute(
            "select distinct question, label, number from answers where label is not null and number is not null"
        ).fetchall()
    ranks: dict[str, dict[str, float]] = {}
    for question, label, number in ranked:
        ranks.setdefault(question, {})[label] = number
    by_question: dict[str, set[str]] = {}
    for question, label in labels:
        by_question.setdefault(question, set()).update([label] if label is not None else [])
    return Known(
        frozenset(item for (item,) in items),
        {name: frozenset(found) for name, found in by_question.items()},
        dict(kinds),
        ranks,
    )


def matched(staging: Path, people: Known) -> tuple[str, ...]:
    """Spells the staged gold answers as the project does, in place, and says what was overlooked or is unknown."""
    path = staging / "annotations.parquet"
    if Role.GOLD.value not in pq.ParquetFile(path).read(columns=["role"])["role"].unique().to_pylist():
        return ()
    table = pq.ParquetFile(path).read()
    gold = table.filter(pc.equal(table["role"], Role.GOLD.value))
    if not len(gold) or not people.items:
        return ()
    rows = gold.to_pylist()
    notes = [*_items(rows, people.items), *_questions(rows, people.labels)]
    for question, labels in people.labels.items():
        of_question = [row for row in rows if row["question"] == question]
        notes += _kinds(
            of_question, people.kinds.get(question, Kind.SINGLE.value), Words(labels), people.ranks.get(question, {})
        )
        rows = [row for row in rows if row["kind"] is not None]
        of_question = [row for row in of_question if row["kind"] is not None]
        notes += _labels(of_question, labels)
        rows += _accepted(of_question, labels)
    others = table.filter(pc.not_equal(table["role"], Role.GOLD.value))
    spelt = pa.concat_tables([others, pa.Table.from_pylist(rows, schema=table.schema)])
    pq.write_table(spelt.cast(FACT_TABLES["annotations"]), path, compression="lz4", store_schema=False)
    _rename_items(staging / "items.parquet", people.items)
    return tuple(notes)


def spelling(word: str, words: Words) -> Spelling:
    """How a project spells a word: exactly so, as the same number, or with another case or space.

    >>> spelling("1.0", Words({"1", "2"})), spelling("Neg", Words({"neg"}))
    (Spelling(word='1', loose=False), Spelling(word='neg', loose=True))
    """
    if word in words.exact:
        return Spelling(word)
    number = _number(word)
    if number is not None and number in words.numbers:
        return Spelling(words.numbers[number])
    return Spelling(words.loose.get(_loose(word)), loose=True)


class Words:
    """The words of a project, found by what they are, by the number they write, and without case and space."""

    def __init__(self, words: Collection[str]) -> None:
        self.exact = frozenset(words)
        self.numbers = _only({word: _number(word) for word in words})
        self.loose = _only({word: _loose(word) for word in words})


def _only(keys: Mapping[str, Any]) -> dict[Any, str]:
    """Words by their keys, where only one word has the key."""
    found: dict[Any, list[str]] = {}
    for word, key in keys.items():
        if key is not None:
            found.setdefault(key, []).append(word)
    return {key: words[0] for key, words in found.items() if len(words) == 1}


def _number(word: str) -> float | None:
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", word.strip()):
        return None
    return float(word)


def _loose(word: str) -> str:
    return "".join(word.split()).casefold()


def _items(rows: Sequence[dict[str, Any]], items: Collection[str]) -> Iterable[str]:
    words = Words(items)
    loose, unknown = set(), set()
    for row in rows:
        found = spelling(row["item_id"], words)
        if found.word is None:
            unknown.add(row["item_id"])
        else:
            loose |= {row["item_id"]} if found.loose else set()
            row["item_id"] = found.word
    if loose:
        yield f"{_counted(len(loose), 'gold item')} matched only without case or space: {_some(loose)}"
    if unknown:
        yield f"{_counted(len(unknown), 'gold item')} nobody has answered on: {_some(unknown)}"


def _questions(rows: Sequence[dict[str, Any]], labels: Mapping[str, Collection[str]]) -> Iterable[str]:
    """The only question of a gold file is the only one of the project, whatever its name; others must be the same."""
    named = {row["question"] for row in rows}
    if len(named) == len(labels) == 1 and named != set(labels):
        own = next(iter(labels))
        yield f"the gold answers of {next(iter(named))!r} were taken for the project's question {own!r}"
        for row in rows:
            row["question"] = own
    elif strange := named - set(labels):
        many = sum(row["question"] in strange for row in rows)
        yield f"{_counted(many, 'gold answer')} to questions that nobody has answered: {_some(strange)}"


def _kinds(rows: Sequence[dict[str, Any]], kind: str, words: Words, ranks: Mapping[str, float]) -> Iterable[str]:
    """A single label of a gold file as a number, or as several labels, where that is what the question takes.

    One that cannot be loses its kind, and is left out: it would count as wrong for everybody.
    """
    strange = 0
    for row in rows:
        if row["kind"] != Kind.SINGLE.value or row["kind"] == kind or row["label"] is None:
            continue
        if kind in (Kind.ORDINAL.value, Kind.NUMBER.value):
            label = spelling(row["label"], words).word
            number = _number(row["label"]) if label is None else ranks.get(label, _number(row["label"]))
            strange += number is None
            row.update({"kind": None if number is None else kind, "number": number, "label": label})
        elif kind == Kind.MULTI.value:
            labels = sorted(_several(row["label"], words)) or [row["label"]]
            row.update({"kind": kind, "labels": labels, "label": None})
        elif kind == Kind.PAIRWISE.value:
            row["kind"] = kind
    if strange:
        yield f"{_counted(strange, 'gold answer')} left out: neither a number nor a label that people have given"


def _labels(rows: Sequence[dict[str, Any]], labels: Collection[str]) -> Iterable[str]:
    words = Words(labels)
    loose, unknown = set(), set()
    for row in rows:
        for given in {row["label"], *(row["labels"] or ())} - {None}:
            found = spelling(given, words)
            if found.word is None:
                unknown |= set() if _several(given, words) else {given}
                continue
            loose |= {given} if found.loose else set()
            row["label"] = found.word if row["label"] == given else row["label"]
            if row["labels"]:
                row["labels"] = [found.word if label == given else label for label in row["labels"]]
    if loose:
        yield f"{_counted(len(loose), 'gold label')} matched only without case or space: {_some(loose)}"
    if unknown:
        yield f"{_counted(len(unknown), 'gold label')} nobody has given: {_some(unknown)}"


def _accepted(rows: list[dict[str, Any]], labels: Collection[str]) -> list[dict[str, Any]]:
    """Cells of several accepted answers, one row each: the first in place, the others as new rows."""
    words = Words(labels)
    more = []
    for row in rows:
        parts = _several(row["label"], words) if row["kind"] == Kind.SINGLE.value and row["label"] else []
        if parts:
            row["label"] = parts[0]
            more += [{**row, "label": part} for part in parts[1:]]
    return more


def _several(given: str, words: Words) -> list[str]:
    """The labels that a cell joins, or none where it is a label itself, or no list of labels that people use."""
    if given in words.exact:
        return []
    if given.startswith("["):
        with suppress(ValueError, RecursionError):
            found = json.loads(given)
            parts = [spelling(part, words).word for part in found if isinstance(part, str)]
            return [part for part in parts if part] if parts and all(parts) else []
    for separator in SEPARATORS:
        parts = [spelling(part.strip(), words).word for part in given.split(separator)]
        if len(parts) > 1 and all(parts):
            return [part for part in parts if part]
    return []


def _rename_items(path: Path, items: Collection[str]) -> None:
    table = pq.ParquetFile(path).read()
    words = Words(items)
    rows = [{**row, "item_id": spelling(row["item_id"], words).word or row["item_id"]} for row in table.to_pylist()]
    once = list({row["item_id"]: row for row in reversed(rows)}.values())[::-1]
    spelt = pa.Table.from_pylist(once, schema=table.schema)
    pq.write_table(spelt.cast(FACT_TABLES["items"]), path, compression="lz4", store_schema=False)


def _some(words: Collection[str]) -> str:
    shown = ", ".join(repr(word[:40]) for word in sorted(words)[:SHOWN])
    return shown + (f" and {len(words) - SHOWN:,} more" if len(words) > SHOWN else "")


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
