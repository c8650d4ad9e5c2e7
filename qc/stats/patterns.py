"""Label patterns: what agreement needs to know of the answers, in a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


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
    values: Sequence[float] | None = None,
) -> Patterns:
    """The patterns of answers given as integer codes; labels are 0 … n_labels - 1, one per item and annotator."""
    if not len(item):
        return _empty()
    _, item = np.unique(item, return_inverse=True)
    annotators, annotator = np.unique(annotator, return_inverse=True)
    label = np.asarray(label, dtype=np.int64)
    table = np.bincount(item * n_labels + label, minlength=(item.max() + 1) * n_labels).reshape(-1, n_labels)
    order = np.lexsort(table.T)
    first = np.concatenate([[True], (np.diff(table[order], axis=0) != 0).any(axis=1)])
    rows, of_item = table[order[first]], np.empty(len(table), dtype=np.int64)
    of_item[order] = np.cumsum(first) - 1
    items = np.bincount(of_item)
    key = (annotator * len(rows) + of_item[item]) * n_labels + label
    cells, votes = np.unique(key, return_counts=True)
    rest, code = np.divmod(cells, n_labels)
    who, pattern = np.divmod(rest, len(rows))
    scale = np.arange(n_labels, dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    return Patterns(
        csr_array(rows.astype(np.int64)),
        items.astype(np.int64),
        who,
        pattern,
        code,
        votes.astype(np.int64),
        annotators,
        np.arange(n_labels),
        scale,
    )


def _empty() -> Patterns:
    none = np.zeros(0, dtype=np.int64)
    counts = csr_array((0, 0), dtype=np.int64)
    return Patterns(counts, none, none, none, none, none, none, none, np.zeros(0))
