"""Our own export of facts, `annotation-qc` JSON Lines: items, answers with their regions, and reviews, in full."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import pyarrow as pa

from qc.model import ANNOTATIONS, ITEMS, REGIONS, REVIEWS, Decision, Kind, Origin, Role, SecondsKind, Status, TzSource
from qc.readers.lines import lines
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records, Row, to_json
from qc.readers.source import Source
from qc.readers.staging import Staging

NO_TABLE: Final = "the line names no table of facts"
NO_ITEM: Final = "the line names no item"

_SCHEMAS: Final = {"items": ITEMS, "annotations": ANNOTATIONS, "reviews": REVIEWS}
_WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "role": Role,
    "status": Status,
    "kind": Kind,
    "origin": Origin,
    "seconds_kind": SecondsKind,
    "tz_source": TzSource,
    "verdict": Decision,
}
_LARGEST: Final = 1 << 63
_JSON: Final = ("extra", "attributes", "meta")


def sniff(source: Source) -> int:
    """A first line that names its table."""
    return 95 if source.text().lstrip("\ufeff \r\n\t").startswith(('{"table":', '{"table" :', '{ "table":')) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages every line; the record is the line."""
    records = Records(options, staging)
    for number, value, reached in lines(source):
        with records.record(number, value):
            _take(value, records, options)
        staging.progress(reached)
    records.finish()


def _take(value: Any, records: Records, options: Options) -> None:
    if isinstance(value, bytes):
        raise BadRecordError(NO_JSON)
    table = value.get("table") if isinstance(value, dict) else None
    if not isinstance(table, str) or table not in _SCHEMAS:
        raise BadRecordError(NO_TABLE)
    regions = value.pop("regions", []) if table == "annotations" else []
    row = _row(value, _SCHEMAS[table], records)
    if not isinstance(row.get("item_id"), str):
        raise BadRecordError(NO_ITEM)
    if table == "items":
        records.item(row["item_id"], row | {"meta": to_json(row.get("meta"))})
    elif table == "reviews":
        records.review(row)
    else:
        if not isinstance(regions, list):
            raise BadRecordError("the regions of an answer are no list")
        if options.role is Role.GOLD and row.get("role", Role.ANNOTATOR) == Role.ANNOTATOR:
            row["role"] = Role.GOLD
        records.answer(row, [_row(region, REGIONS, records) for region in regions])


def _row(value: Any, schema: pa.Schema, records: Records) -> Row:
    if not isinstance(value, dict):
        raise BadRecordError("a region is no object")
    row: Row = {}
    for name, member in value.items():
        if name == "table" or member is None:
            continue
        if name not in schema.names:
            raise BadRecordError("the line has a column that the facts lack")
        row[name] = _typed(name, member, schema.field(name).type, records)
    return row


def _typed(name: str, value: Any, type_: pa.DataType, records: Records) -> Any:
    if name in _JSON:
        return value
    if pa.types.is_timestamp(type_):
        found = records.instant(value)
        return found and found.micros
    if name in _WORDS:
        fits = isinstance(value, str) and value in set(_WORDS[name])
    elif pa.types.is_list(type_):
        fits = isinstance(value, list) and all(_entry(entry, type_.value_type) for entry in value)
    elif pa.types.is_string(type_):
        fits = isinstance(value, str)
    elif pa.types.is_boolean(type_):
        fits = isinstance(value, bool)
    elif pa.types.is_integer(type_):
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << (type_.bit_width - 1)
    else:
        fits = _entry(value, type_)
    if not fits:
        raise BadRecordError("a column of the line holds what it cannot")
    return value


def _entry(value: Any, type_: pa.DataType) -> bool:
    if pa.types.is_string(type_):
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    if pa.types.is_integer(type_):
        return isinstance(value, int) and abs(value) < _LARGEST
    return isinstance(value, int | float) and abs(value) < _LARGEST
