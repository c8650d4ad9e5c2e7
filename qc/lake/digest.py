"""Digests in SQL: md5 over a serialisation in which no two contents look alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pyarrow as pa

from qc.model import FACT_TABLES

PROVENANCE: Final = frozenset({"project", "source", "row_hash", "import_id", "source_pos"})

# Whose work on what: an answer's identity where its tool gives it none.
WHO: Final = ("item_id", "annotator", "role")
# What the answer says, as opposed to who gave it, when and with which tool.
ANSWER: Final = ("status", "kind", "label", "labels", "number", "text")
REGION_ANSWER: Final = (
    *("kind", "label", "t_start", "t_end", "x", "y", "w", "h", "rotation", "points", "mask_rle", "mask_h", "mask_w"),
    *("track_id", "frame", "outside", "sec_start", "sec_end", "attributes"),
)

# Identity and what completing derives are compared on their own, never through the digest of the content.
_LEFT_OUT: Final = {
    "annotations": {"annotation_id", "round", "revision", "current", "answer_hash"},
    "regions": {"annotation_id", "revision"},
    "items": set[str](),
    "reviews": {"review_id", "judged_digest"},
}


def content(table: str, without: Collection[str] = ()) -> tuple[str, ...]:
    """The columns of a fact table whose change is a change of the row, some of them left out."""
    skip = PROVENANCE | _LEFT_OUT[table] | set(without)
    return tuple(name for name in FACT_TABLES[table].names if name not in skip)


def digest(*parts: str) -> str:
    """SQL of the md5 of SQL texts; other digests go before a serialisation, so that their length tells them apart."""
    return f"md5(concat({', '.join(parts)}))"


def digest_of_all(column: str) -> str:
    """SQL aggregate: the md5 of a bag of digests, whatever their order; equal ones count as often as they occur.

    The sums of their halves, as Bellare and Micciancio 1997 add hashes: their state has a fixed size, where a sorted
    list of the digests of ten million regions would not fit into the memory that the lake takes.
    """
    halves = (f"sum(CAST('0x' || {side}({column}, 16) AS UBIGINT))" for side in ("left", "right"))
    return f"md5(concat_ws(' ', {', '.join(halves)}))"


def serialise(table: str, columns: Collection[str], alias: str, empty: Collection[str] = ()) -> str:
    """SQL text of the columns, each value behind a separator and its column's letter; separators in texts are doubled.

    A null leaves no trace, so columns known to be `empty` need not be read. Times are microseconds, independent of
    the session's time zone. A letter stands for the column's place in the schema: a column that joins the schema
    at its end does not change the digests of older rows. Every part reads one column once: DuckDB then works on the
    distinct values of a column instead of on its rows. Long texts come in as their own md5, uncopied.
    """
    schema = FACT_TABLES[table]
    parts = [
        f"chr(31) || '{chr(_FIRST + schema.get_field_index(name))}' || {_text(table, schema.field(name), alias)}"
        for name in columns
        if name not in empty
    ]
    return f"concat('', {', '.join(parts)})" if parts else "''"


# Behind it, letters mix neither with the marks of list entries nor, up to 60 columns, with the separator itself.
_FIRST: Final = ord("A")
_LONG: Final = {("items", "text"), ("items", "meta"), ("annotations", "extra")}


def _text(table: str, field: pa.Field, alias: str) -> str:
    column, kind = f"{alias}.{field.name}", field.type
    if (table, field.name) in _LONG:
        return f"md5({column})"
    if pa.types.is_string(kind):
        return _escaped(column)
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        entries = f"list_transform({column}, lambda v: coalesce(chr(31) || ':' || {_escaped('v')}, chr(31) || '~'))"
        return f"len({column}) || array_to_string({entries}, '')"
    if pa.types.is_timestamp(kind):
        return f"epoch_us({column})"
    return f"CAST({column} AS VARCHAR)"


def _escaped(text: str) -> str:
    return f"replace({text}, chr(31), chr(31) || chr(31))"
