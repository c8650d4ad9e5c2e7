"""Groups of items by what their export says of them: entries of `meta` that have few values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import orjson
import pyarrow as pa
from ibis import _

# An entry with more values is a name or a measurement, and one with a single value tells nothing apart.
FEWEST_VALUES: Final = 2
MOST_VALUES: Final = 20
# As many items as this have each value on average: ids of a small project are no groups.
ITEMS_EACH: Final = 2
MOST_KEYS: Final = 20
LONGEST: Final = 80


def groups(told: pa.Table, people: pa.Table) -> pa.Table:
    """item, group: "key: value" of the entries that make groups; told: item, meta; people: name."""
    item, group = few_valued(told["item"].to_pylist(), told["meta"].to_pylist(), people["name"].to_pylist())
    return pa.table({"item": pa.array(item, pa.int64()), "group": pa.array(group, pa.string())})


def told_of(items: Any, rows: Any) -> Any:
    """item, meta: what the rows of the items say of each."""
    known = rows.filter(_.meta.notnull()).select("meta", of=_.item_id.coalesce(""))
    joined = known.join(items.select("item", its="item_id"), [("of", "its")])
    return joined.select("item", "meta").order_by("item", "meta")


def few_valued(items: Iterable[int], metas: Iterable[str], people: Collection[str] = ()) -> tuple[list[int], list[str]]:
    """The items and "key: value" of the entries with FEWEST_VALUES to MOST_VALUES texts, whole numbers or yes and no.

    The MOST_KEYS entries that most items have. What names anybody of `people` makes no group.
    """
    found: dict[str, dict[str, list[int]]] = {}
    many: set[str] = set()
    for item, meta in zip(items, metas, strict=True):
        for key, value in _entries(meta):
            if key in many:
                continue
            values = found.setdefault(key, {})
            if (text := _text(value)) is None or (text not in values and len(values) == MOST_VALUES):
                many.add(key)
                del found[key]
            else:
                values.setdefault(text, []).append(item)
    sizes = {key: sum(map(len, values.values())) for key, values in found.items()}
    names = frozenset(people)
    kept = [
        key
        for key in sorted(found, key=lambda key: (-sizes[key], key))
        if len(found[key]) >= FEWEST_VALUES
        and sizes[key] >= ITEMS_EACH * len(found[key])
        and names.isdisjoint(found[key])
    ][:MOST_KEYS]
    pairs = [(item, f"{key}: {text}") for key in kept for text, own in found[key].items() for item in own]
    return [item for item, _group in pairs], [group for _item, group in pairs]


def _entries(meta: str) -> Iterable[tuple[str, Any]]:
    try:
        told = orjson.loads(meta)
    except ValueError:
        return ()
    return [(key, value) for key, value in told.items() if value is not None] if isinstance(told, dict) else ()


def _text(value: Any) -> str | None:
    """How a value that may name a group is written; None of others."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None
