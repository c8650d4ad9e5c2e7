"""Other names of people and labels, as a mapping declares them, in every table."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

import pyarrow as pa

PEOPLE = {"annotations": ("annotator",), "reviews": ("reviewer",), "regions": ("author",)}
LABELS = {"annotations": ("label", "labels"), "regions": ("label",)}


@dataclass(frozen=True, slots=True)
class Aliases:
    """`{as written: as meant}` for people and for labels."""

    annotators: MappingType[str, str] = field(default_factory=dict)
    labels: MappingType[str, str] = field(default_factory=dict)

    def applied(self, table: str, columns: MappingType[str, pa.Array]) -> MappingType[str, pa.Array]:
        """The columns of a table with every alias replaced by what it means."""
        replaced: dict[str, pa.Array] = {}
        for words, places in ((self.annotators, PEOPLE), (self.labels, LABELS)):
            if words:
                replaced |= {name: _replaced(columns[name], words) for name in places.get(table, ()) if name in columns}
        return {**columns, **replaced} if replaced else columns


def _replaced(column: pa.Array, words: MappingType[str, str]) -> pa.Array:
    if pa.types.is_list(column.type):
        lists = column.to_pylist()
        meant = [found and list(dict.fromkeys(words.get(label, label) for label in found)) for found in lists]
        return pa.array(meant, column.type)
    coded = column.dictionary_encode()
    return pa.array([words.get(text, text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
