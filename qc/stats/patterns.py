"""Label patterns: what agreement needs to know of the answers, in a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_USUAL: Final = 5
_EXACT: Final = 2**53
"""Whole numbers below this are exact as floats."""


@dataclass(frozen=True, eq=False, slots=True)
class Patterns:
    """The multisets of labels that items of one question received, and who gave which label to how many of them.

    `counts` (P x C, sparse) holds how often each label stands in each pattern, `items` (P) how many items share the
    pattern. The votes are coordinates: `votes[i]` items of `pattern[i]` got the label `code[i]` from `annotator[i]`,
    one label per item and annotator; they are sorted by annotator. `annotators` and `labels` name the integers, and
    `values` (C) places the labels on a scale where the level of measurement has one.
    """

    counts: Any
    items: Integers
    annotator: Integers
    pattern: Integers
    code: Integers
    votes: Integers
    annotators: NDArray[Any]
    labels: NDArray[Any]
    values: Floats

    @property
    def sizes(self) -> Integers:
        """Labels in each pattern (P)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64).reshape(-1)

    @property
    def row(self) -> Integers:
        """The pattern of each stored cell of `counts`."""
        return np.asarray(np.repeat(np.arange(len(self.items)), np.diff(self.counts.indptr)), dtype=np.int64)

    def cell(self, pattern: Integers, code: Integers) -> Integers:
        """Where in `counts.data` the labels of each pattern stand, for pairs of the two that occur."""
        width = self.counts.shape[1]
        stored = self.row * width + self.counts.indices
        return np.asarray(np.searchsorted(stored, pattern * width + code), dtype=np.int64)

    def pairable(self) -> Patterns:
        """The part that can show agreement: patterns of two labels or more, and the annotators who took part."""
        keep = self.sizes >= 2
        if keep.all():
            return self
        row = np.cumsum(keep) - 1
        votes = keep[self.pattern]
        present, annotator = np.unique(self.annotator[votes], return_inverse=True)
        return Patterns(
            self.counts[np.flatnonzero(keep)],
            self.items[keep],
            annotator.astype(np.int64),
            row[self.pattern[votes]],
            self.code[votes],
            self.votes[votes],
            self.annotators[present],
            self.labels,
            self.values,
        )


def patterns_from_frame(frame: pd.DataFrame, values: Sequence[float] | None = None) -> Patterns:
    """The patterns of one question from the measure `label_votes`.

    frame: columns pattern (sorted label codes, comma separated), annotator, code, votes. values[code] is the place of
    a label on its scale, by default the code itself. Raises ValueError where the votes of a pattern do not make whole
    items.
    """
    if not len(frame):
        return _empty()
    pattern, texts = pd.factorize(frame["pattern"], sort=True)
    annotator, annotators = pd.factorize(frame["annotator"], sort=True)
    texts = [str(text) for text in texts]
    sizes = np.array([text.count(",") + 1 for text in texts])
    members = np.array(",".join(texts).split(","), dtype=np.int64)
    labels, member = np.unique(members, return_inverse=True)
    place = np.repeat(np.arange(len(texts)), sizes)
    counts = csr_array((np.ones(len(member), dtype=np.int64), (place, member)), shape=(len(texts), len(labels)))
    votes = frame["votes"].to_numpy(dtype=np.int64)
    items, rest = np.divmod(np.bincount(pattern, votes, len(texts)).astype(np.int64), sizes)
    if rest.any():
        raise ValueError(f"the votes of pattern {texts[int(np.flatnonzero(rest)[0])]!r} do not make whole items")
    code = np.searchsorted(labels, frame["code"].to_numpy(dtype=np.int64))
    order = np.lexsort((code, pattern, annotator))
    scale = labels.astype(np.float64) if values is None else np.asarray(values, dtype=np.float64)[labels]
    return Patterns(
        counts,
        items,
        annotator[order].astype(np.int64),
        pattern[order].astype(np.int64),
        code[order].astype(np.int64),
        votes[order],
        np.asarray(annotators),
        labels,
        scale,
    )


def patterns_from_answers(
    item: NDArray[Any],
    annotator: NDArray[Any],
    label: NDArray[Any],
    n_labels: int,
    values: Sequence[float] | Floats | None = None,
) -> Patterns:
    """The patterns of answers given as integer codes; labels are 0 … n_labels - 1, one per item and annotator."""
    return patterns_and_places(item, annotator, label, n_labels, values)[0]


def patterns_and_places(
    item: NDArray[Any],
    annotator: NDArray[Any],
    label: NDArray[Any],
    n_labels: int,
    values: Sequence[float] | Floats | None = None,
) -> tuple[Patterns, Integers]:
    """The same, and the pattern of each item in the order of the items' codes."""
    if not len(item):
        return _empty(), np.zeros(0, dtype=np.int64)
    place, items = _coded(item)
    person, people = _coded(annotator)
    place, label = place.astype(np.int64, copy=False), np.asarray(label, dtype=np.int64)
    counts, pattern = _multisets(place, label, len(items), n_labels)
    rows = counts.shape[0]
    bound = len(people) * rows * n_labels
    narrow = np.int32 if bound < 2**31 else np.int64
    key: NDArray[Any] = person.astype(narrow, copy=False) * rows + pattern.astype(narrow)[place]
    cells, votes = _counted(key * n_labels + label, bound)
    rest, code = np.divmod(cells, n_labels)
    person, row = np.divmod(rest, rows)
    present, who = np.unique(person, return_inverse=True)
    scale = np.arange(n_labels, dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    pattern = pattern[pattern >= 0]
    many = np.bincount(pattern, minlength=rows)
    return Patterns(counts, many, who, row, code, votes, people[present], np.arange(n_labels), scale), pattern


def _multisets(item: NDArray[Any], label: NDArray[Any], items: int, labels: int) -> tuple[Any, Integers]:
    """The distinct multisets of labels (sparse, P x C) and the one of each item, -1 for an item without labels."""
    # An item's labels are the digits of one number; the usual base is tried before the items are counted.
    if told := _digits(item, label, items, labels, _USUAL):
        return told
    size = np.bincount(item, minlength=items)
    if told := _digits(item, label, items, labels, int(size.max()) + 1):
        return told
    by_label = np.argsort(label, kind="stable")
    order = by_label[np.argsort(item[by_label], kind="stable")]
    start = np.cumsum(size) - size
    pattern, parts, found = np.full(items, -1), [], 0
    for length in np.unique(size[size > 0]):
        these = np.flatnonzero(size == length)
        table = label[order[start[these][:, None] + np.arange(length)]]
        sorted_rows = np.lexsort(table.T)
        first = np.concatenate([[True], (np.diff(table[sorted_rows], axis=0) != 0).any(axis=1)])
        pattern[these[sorted_rows]] = found + np.cumsum(first) - 1
        parts.append(table[sorted_rows[first]])
        found += len(parts[-1])
    row = np.repeat(np.arange(found), np.concatenate([np.full(len(part), part.shape[1]) for part in parts]))
    ones = np.ones(len(row), dtype=np.int64)
    return csr_array((ones, (row, np.concatenate([part.ravel() for part in parts]))), shape=(found, labels)), pattern


def _digits(item: Integers, label: Integers, items: int, labels: int, base: int) -> tuple[Any, Integers] | None:
    """`_multisets` by numbers whose digits are the counts of labels; None where the base is too small or too large."""
    if base**labels >= _EXACT:
        return None
    digits = np.bincount(item, (float(base) ** np.arange(labels))[label], items).astype(np.int64)
    keys, pattern = _numbered(digits)
    if keys[0] == 0:
        keys, pattern = keys[1:], pattern - 1
    counts = keys[:, None] // base ** np.arange(labels) % base
    # A count beyond the base carries into the next digit, and makes the digits fewer.
    many = np.bincount(pattern[pattern >= 0], minlength=len(keys))
    return (csr_array(counts), pattern) if int(many @ counts.sum(axis=1)) == len(item) else None


def _coded(codes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Codes to count by, and what they stand for: as they are where they are few times as many as the answers."""
    codes = np.asarray(codes)
    if codes.dtype.kind in "iu" and codes.min() >= 0 and (most := int(codes.max())) <= 4 * len(codes) + 1_000:
        return codes, np.arange(most + 1)
    names, place = np.unique(codes, return_inverse=True)
    return place, names


def _numbered(codes: Integers) -> tuple[Integers, Integers]:
    """The distinct codes in rising order, and the place of each code among them."""
    codes, names = _coded(codes)
    present = np.zeros(len(names), dtype=bool)
    present[codes] = True
    return names[present], (np.cumsum(present) - 1)[codes]


def _counted(keys: NDArray[Any], bound: int) -> tuple[Integers, Integers]:
    """The distinct keys below a bound in rising order, and how often each occurs."""
    if bound > 4 * len(keys) + 1_000_000:
        found, counts = np.unique(keys, return_counts=True)
        return found.astype(np.int64), counts.astype(np.int64)
    counts = np.bincount(keys, minlength=1)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _empty() -> Patterns:
    none = np.zeros(0, dtype=np.int64)
    counts = csr_array((0, 0), dtype=np.int64)
    return Patterns(counts, none, none, none, none, none, none, none, np.zeros(0))
