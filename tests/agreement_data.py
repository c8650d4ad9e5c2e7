"""Published tables and real answers, as integer codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qc.stats.patterns import Patterns, patterns_from_answers

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parent.parent / "sample_exports"
TABLES: dict[str, Any] = json.loads((DATA / "agreement_tables.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Answers:
    """One row per answer; `names` are the labels behind the codes."""

    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    names: tuple[Any, ...]

    @property
    def patterns(self) -> Patterns:
        numeric = all(isinstance(name, int | float) for name in self.names)
        values = [float(name) for name in self.names] if numeric else None
        return patterns_from_answers(self.item, self.annotator, self.label, len(self.names), values)

    def without(self, gone: np.ndarray) -> Answers:
        return Answers(self.item[~gone], self.annotator[~gone], self.label[~gone], self.names)

    @property
    def matrix(self) -> np.ndarray:
        """Annotators x items of codes, NaN where there is no answer."""
        matrix = np.full((self.annotator.max() + 1, self.item.max() + 1), np.nan)
        matrix[self.annotator, self.item] = self.label
        return matrix


def from_rows(rows: list[list[Any]]) -> Answers:
    """Items x annotators, None = not labelled."""
    names = tuple(sorted({label for row in rows for label in row if label is not None}))
    cells = [(u, a, names.index(v)) for u, row in enumerate(rows) for a, v in enumerate(row) if v is not None]
    return Answers(*np.array(cells, dtype=np.int64).reshape(-1, 3).T, names)


def from_contingency(table: list[list[int]]) -> Answers:
    """Two annotators, rows the labels of the first."""
    pairs = [[i, j] for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    label = np.array(pairs).reshape(-1)
    items = np.repeat(np.arange(len(pairs)), 2)
    return Answers(items, np.tile([0, 1], len(pairs)), label, tuple(range(len(table))))


def from_counts(table: list[list[int]]) -> Answers:
    """Items x labels, how often each was given; who gave which is not known."""
    rows = [[label for label, n in enumerate(row) for _ in range(n)] for row in table]
    answers = from_rows(rows)
    return Answers(answers.item, answers.annotator, answers.label, tuple(range(len(table[0]))))


def real(path: Path) -> tuple[Answers, np.ndarray]:
    """An export with the columns item, annotator, label, gold; repeats of a pair dropped, and gold codes by item."""
    frame = pd.read_csv(path, dtype=str).drop_duplicates(["item", "annotator"])
    item, items = pd.factorize(frame["item"], sort=True)
    annotator, _ = pd.factorize(frame["annotator"], sort=True)
    names = tuple(sorted({*frame["label"], *frame["gold"].dropna()}))
    code = {name: index for index, name in enumerate(names)}
    gold = np.full(len(items), -1)
    known = frame["gold"].notna().to_numpy()
    gold[item[known]] = frame["gold"][known].map(code)
    return Answers(item, annotator, frame["label"].map(code).to_numpy(np.int64), names), gold


def random_answers(seed: int, items: int, annotators: int, labels: int, share: float) -> Answers:
    """Each annotator labels a share of the items, right about half of the time."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, labels, items)
    given = np.where(
        generator.random((items, annotators)) < 0.5, truth[:, None], generator.integers(0, labels, (items, annotators))
    )
    item, annotator = np.nonzero(generator.random((items, annotators)) < share)
    return Answers(item, annotator, given[item, annotator], tuple(range(1, labels + 1)))


# The file distrib.6raters of the R package irrCAC.
SIX_RATERS = from_counts(
    [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
    ]
)
