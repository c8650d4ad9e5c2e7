"""Known answers as a project spells them: items and labels of a gold file matched to those of its people.

What differs only as numbers are written (1, 1.0) is the same; what differs in case or space is taken as the same and
counted aloud; what is unknown is counted too, so that no gold answer is silently compared with nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.model import FACT_TABLES, Kind, Role
from qc.workspace.ingested import counted, some
from qc.workspace.spelling import SEPARATORS, Spelling, Words, as_number, several, spelling

__all__ = ["Known", "Spelling", "Words", "known", "matched", "met", "own_words", "spelling"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the people of a project answered on: items, and the labels, kind and ranks of each question."""

    items: frozenset[str] = frozenset()
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


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
    if not len(gold) or not people.items or _as_people_do(gold, people):
        return ()
    own = rows = gold.to_pylist()
    notes = [*_items(rows, people.items), *_questions(rows, people.labels)]
    for question, labels in people.labels.items():
        of_question = [row for row in rows if row["question"] == question]
        words, kind = Words(labels), people.kinds.get(question, Kind.SINGLE.value)
        meant = [_as_asked(row, kind, words, people.ranks.get(question, {})) for row in of_question]
        if strange := sum(not answers for answers in meant):
            notes.append(f"{counted(strange, 'gold answer')} left out: {_NO_NUMBER if kind in _RANKED else _NOTHING}")
        spelt = [answer for answers in meant for answer in answers]
        notes += _labels(spelt, words)
        rows = [row for row in rows if row["question"] != question] + spelt + _accepted(spelt, words)
    others = table.filter(pc.not_equal(table["role"], Role.GOLD.value))
    whole = pa.concat_tables([others, pa.Table.from_pylist(rows, schema=table.schema)])
    pq.write_table(whole.cast(FACT_TABLES["annotations"]), path, compression="lz4", store_schema=False)
    renamed = {given: row["item_id"] for given, row in zip(gold["item_id"].to_pylist(), own, strict=True)}
    _rename_items(staging / "items.parquet", {old: new for old, new in renamed.items() if old != new})
    return tuple(notes)


def _as_people_do(gold: pa.Table, people: Known) -> bool:
    """Whether items, questions, kinds and single labels are all words of the people: then nothing is to be done."""
    if not set(gold["item_id"].unique().to_pylist()) <= people.items:
        return False
    used = gold.select(["question", "kind", "label"]).group_by(["question", "kind", "label"]).aggregate([]).to_pylist()
    return all(
        row["kind"] == people.kinds.get(row["question"])
        and row["kind"] != Kind.MULTI.value
        and (row["label"] is None or row["label"] in people.labels[row["question"]])
        for row in used
    )


def own_words(staging: Path) -> bool:
    """Whether the gold of staged answers, if there is any, only says what people beside it say, on their own items."""
    with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as con:
        con.read_parquet(str(staging / "annotations.parquet")).create_view("answers")
        said = "SELECT DISTINCT question, kind, label, labels FROM answers WHERE role = {}".format
        strange = f"{said(_quoted(Role.GOLD))} EXCEPT {said(_quoted(Role.ANNOTATOR))}"
        return con.execute(f"SELECT 1 FROM ({strange}) LIMIT 1").fetchone() is None


def _quoted(role: Role) -> str:
    return f"'{role.value}'"


def met(staging: Path, people: Known) -> str:
    """How many of the items that people answered the staged gold answers know, once they are spelt alike."""
    rows = pq.ParquetFile(staging / "annotations.parquet").read(columns=["item_id", "question", "role"])
    asked_too = pc.is_in(rows["question"], pa.array(list(people.labels), pa.string()))
    gold = rows.filter(pc.and_(pc.equal(rows["role"], Role.GOLD.value), asked_too))
    if not people.items:
        return "nobody has answered anything yet that they could be compared with"
    found = set(gold["item_id"].unique().to_pylist()) & people.items
    asked = f"{counted(len(people.items), 'item')} that people answered"
    return f"they know {len(found):,} of the {asked}" if found else f"they know none of the {asked}"


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
        yield f"{counted(len(loose), 'gold item')} matched only without case or space: {some(loose)}"
    if unknown:
        yield f"{counted(len(unknown), 'gold item')} nobody has answered on: {some(unknown)}"


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
        yield f"{counted(many, 'gold answer')} to questions that nobody has answered: {some(strange)}"


def _as_asked(row: dict[str, Any], kind: str, words: Words, ranks: Mapping[str, float]) -> list[dict[str, Any]]:
    """A gold answer as the kind that its question takes; several where it lists what is accepted.

    None where it cannot be: it would count as wrong for everybody.
    """
    if row["kind"] == kind or not {row["kind"], kind} <= _SAID:
        return [row]
    given = _given(row, words)
    if kind in _RANKED:
        each = [part for word in given for part in _ranked_parts(word, words, ranks)]
        found = [(_rank(word, words, ranks), spelling(word, words).word) for word in each]
        asked: list[dict[str, Any]] = [{"number": rank, "label": label} for rank, label in found if rank is not None]
    elif kind == Kind.MULTI.value:
        asked = [{"labels": sorted(given)}] if given else []
    else:
        asked = [{"label": word} for word in given]
    return [
        {**row, "label": None, "labels": None, "number": None, **answer, "kind": kind} | ({} if n == 0 else _UNNAMED)
        for n, answer in enumerate(asked)
    ]


_RANKED: Final = (Kind.ORDINAL.value, Kind.NUMBER.value)
_NAMED: Final = (Kind.SINGLE.value, Kind.PAIRWISE.value)
_SAID: Final = frozenset((*_RANKED, *_NAMED, Kind.MULTI.value))
"""Kinds whose answers are words or numbers, and can be taken for one another."""
_UNNAMED: Final = {"annotation_id": None}
_NOTHING: Final = "they say nothing"
_NO_NUMBER: Final = "neither a number nor a label that people have given"


def _given(row: Mapping[str, Any], words: Words) -> list[str]:
    """The words of a gold answer that stands for one or several labels or numbers."""
    if row["kind"] == Kind.MULTI.value:
        return list(row["labels"] or ())
    if row["kind"] in _RANKED and row["number"] is not None:
        return [row["label"] or f"{row['number']:.15g}"]
    if row["kind"] in _NAMED and row["label"] is not None:
        return several(row["label"], words) or [row["label"]]
    return []


def _ranked_parts(word: str, words: Words, ranks: Mapping[str, float]) -> list[str]:
    """The numbers that a cell joins, or the word itself."""
    for separator in SEPARATORS:
        parts = [part.strip() for part in word.strip("[]").split(separator)]
        if len(parts) > 1 and all(_rank(part, words, ranks) is not None for part in parts):
            return parts
    return [word]


def _rank(word: str, words: Words, ranks: Mapping[str, float]) -> float | None:
    label = spelling(word, words).word
    return as_number(word) if label is None else ranks.get(label, as_number(word))


def _labels(rows: Sequence[dict[str, Any]], words: Words) -> Iterable[str]:
    loose, unknown = set(), set()
    for row in rows:
        for given in {row["label"], *(row["labels"] or ())} - {None}:
            found = spelling(given, words)
            if found.word is None:
                unknown |= set() if several(given, words) else {given}
                continue
            loose |= {given} if found.loose else set()
            row["label"] = found.word if row["label"] == given else row["label"]
            if row["labels"]:
                row["labels"] = [found.word if label == given else label for label in row["labels"]]
    if loose:
        yield f"{counted(len(loose), 'gold label')} matched only without case or space: {some(loose)}"
    if unknown:
        yield f"{counted(len(unknown), 'gold label')} nobody has given: {some(unknown)}"


def _accepted(rows: Sequence[dict[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Cells of several accepted answers, one row each: the first in place, the others as new rows."""
    more = []
    for row in rows:
        parts = several(row["label"], words) if row["kind"] == Kind.SINGLE.value and row["label"] else []
        if parts:
            row["label"] = parts[0]
            more += [{**row, "label": part, **_UNNAMED} for part in parts[1:]]
    return more


def _rename_items(path: Path, spelt: Mapping[str, str]) -> None:
    if not spelt:
        return
    table = pq.ParquetFile(path).read()
    rows = [{**row, "item_id": spelt.get(row["item_id"], row["item_id"])} for row in table.to_pylist()]
    once = list({row["item_id"]: row for row in reversed(rows)}.values())[::-1]
    whole = pa.Table.from_pylist(once, schema=table.schema)
    pq.write_table(whole.cast(FACT_TABLES["items"]), path, compression="lz4", store_schema=False)
