"""What COCO annotations say beside their shapes, as columns of `regions`: ids, labels, scores and attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from qc.readers.coco_survey import Category
from qc.readers.records import to_json
from qc.readers.spool import Places

SAID: Final = 10_000
"""Different attributes that are kept in mind."""
NULL: Final = b"null"

Table = dict[str, pa.Array]


class Categories(dict[int | str | None, Category | None]):
    """The category behind each number as annotations write it; one that the file does not list has it as its name."""

    def __init__(self, listed: Mapping[str, Category]) -> None:
        super().__init__({None: None})
        self._listed = listed

    def __missing__(self, number: int | str) -> Category:
        name = str(number)
        self[number] = found = self._listed.get(name) or Category(name, [], listed=False)
        return found


class Described:
    """Describes annotations; `members` are those that the format does not know and that are kept as attributes."""

    def __init__(self, members: Sequence[str]) -> None:
        self._members = members
        said = ("attributes", "iscrowd", *(f"kept_{place}" for place in range(len(members))))
        self._said = attrgetter(*said)
        self._texts: dict[tuple[Any, ...], str | None] = {}

    def columns(self, annotations: Sequence[Any], categories: Sequence[Category | None], owner: Places) -> Table:
        """A row for each annotation, null for those that cannot be decoded; `owner` are their submissions."""
        return {
            "region_id": texts(ids([each and each.id for each in annotations], owner)),
            "label": texts([category.name if category else None for category in categories]),
            "score": pa.array([each and each.score for each in annotations], pa.float64()),
            "attributes": texts([each and self._attributes(each) for each in annotations]),
        }

    def _attributes(self, annotation: Any) -> str | None:
        """Attributes, that it is a crowd, and members that are not COCO's; few say what no other has said."""
        said = tuple(map(bytes, self._said(annotation)))
        if said not in self._texts:
            if len(self._texts) > SAID:
                self._texts.clear()
            self._texts[said] = self._written(*said)
        return self._texts[said]

    def _written(self, given: bytes, crowd: bytes, *kept: bytes) -> str | None:
        found = msgspec.json.decode(given)
        attributes = dict(found) if isinstance(found, dict) else {} if found is None else {"attributes": found}
        for name, value in zip(self._members, kept, strict=True):
            if value != NULL:
                attributes[name] = msgspec.json.decode(value)
        return to_json(attributes | {"iscrowd": True} if crowd in (b"1", b"true") else attributes)


def ids(given: Sequence[Any], owner: Places) -> list[str]:
    """The ids of annotations, else their numbers in the submission; none twice in one. `owner` is sorted."""
    if None in given:
        numbers = (np.arange(len(owner)) - np.searchsorted(owner, owner) + 1).tolist()
        given = [number if own is None else own for own, number in zip(given, numbers, strict=True)]
    names = list(map(str, given))
    owners = owner.tolist()
    if len(set(zip(owners, names, strict=True))) == len(names):
        return names
    taken: set[tuple[int, str]] = set()
    for place, submission in enumerate(owners):
        while (submission, names[place]) in taken:
            names[place] += "'"
        taken.add((submission, names[place]))
    return names


def divided(rows: Table, own: Sequence[dict[str, Any]]) -> Table:
    """Ids and attributes of rows that say more than their annotation: which part of it they are, or what points are."""
    names, attributes = rows["region_id"].to_pylist(), rows["attributes"].to_pylist()
    for row, mine in enumerate(own):
        if mine:
            whole = {"region": names[row]} if "part" in mine else {}
            names[row] = f"{names[row]}/{mine['part']}" if "part" in mine else names[row]
            given = msgspec.json.decode(attributes[row]) if attributes[row] else {}
            attributes[row] = to_json(given | whole | mine)
    return {"region_id": texts(names), "attributes": texts(attributes)}


def rows_of(table: Table, rows: Places) -> Table:
    """Some rows of a table."""
    return {name: column.take(pa.array(rows)) for name, column in table.items()}


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of texts."""
    return pa.array(values, pa.string())
