"""Cohen's kappa of every two annotators, and their mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtri, stdtrit

from qc.model import Estimate, undefined
from qc.stats.intervals import wilson_bounds
from qc.stats.weights import credits_at

Floats = NDArray[np.float64]

LEVEL: Final = 0.95
FEW_ITEMS: Final = 30
FEW_SHARED: Final = 10
_CELLS: Final = 16_000_000
"""Cells of a table of all pairs and labels that is held, rather than those that occur."""
_NO_SPREAD: Final = 1e-9
"""A half-width below this is rounding: all items are alike, and Wilson's limits of percent agreement carry over."""

ONE_ITEM: Final = "only one item is shared"
ONE_LABEL: Final = "both used one label only: agreement beyond chance cannot show"


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How often two annotators agree on the `n` items that both labelled, and how much of it is beyond chance."""

    a: Any
    b: Any
    n: int
    percent: Estimate
    kappa: Estimate


@dataclass(frozen=True, eq=False, slots=True)
class PairTables:
    """Kappa of every two annotators as columns (one row per pair); NaN of one item, and where both used one label only.

    `expected` is the agreement by chance, `error` the standard error of Fleiss, Cohen & Everitt.
    """

    a: NDArray[Any]
    b: NDArray[Any]
    n: Floats
    percent: Floats
    expected: Floats
    kappa: Floats
    error: Floats


def pair_tables(frame: pd.DataFrame, weights: Floats | None = None) -> PairTables:
    """Kappa and its standard error for all pairs at once, from the measure `pair_votes` of one question.

    frame: columns a, b, code_a, code_b, items; weights: the credit of two codes (C x C), by default for equal ones
    only. `percent` is the observed credit. Sources: Cohen 1960 and 1968; Fleiss, Cohen & Everitt 1969,
    doi:10.1037/h0028106: [[20, 5], [10, 15]] has kappa 0.4 with standard error 0.126996.
    """
    return _pairs(frame, weights)[0]


def pair_frame(item: NDArray[Any], annotator: NDArray[Any], code: NDArray[Any]) -> pd.DataFrame:
    """The measure `pair_votes` from answers as integers 0, 1, 2 …, one for each item and annotator, in any order."""
    labels = int(code.max(initial=0)) + 1
    cells = (int(annotator.max(initial=0)) + 1) * labels
    # The answers of an item side by side, by annotator: a counting sort.
    given = (np.ones(len(item), dtype=np.int8), (item, annotator * labels + code))
    rows = csr_array(given, shape=(int(item.max(initial=-1)) + 1, cells))
    size, cell = np.diff(rows.indptr), rows.indices.astype(np.int64)
    left = np.repeat(rows.indptr[1:], size) - np.arange(len(cell))
    counted = _Counter(cells**2)
    for lag in range(1, int(size.max(initial=0))):
        first = np.flatnonzero(left > lag)
        counted.add(cell[first] * cells + cell[first + lag])
    keys, items = counted.found()
    one, other = np.divmod(keys, cells)
    a, code_a = np.divmod(one, labels)
    b, code_b = np.divmod(other, labels)
    return pd.DataFrame({"a": a, "b": b, "code_a": code_a, "code_b": code_b, "items": items})


class _Counter:
    """How often keys below a bound occur: a table where it is small, else the distinct keys."""

    def __init__(self, bound: int) -> None:
        self.table = np.zeros(bound if bound <= _CELLS else 0, dtype=np.int64)
        self.keys, self.items = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)

    def add(self, keys: NDArray[np.int64]) -> None:
        if len(self.table):
            self.table += np.bincount(keys, minlength=len(self.table))
            return
        fresh, items = np.unique(keys, return_counts=True)
        self.keys, place = np.unique(np.concatenate([self.keys, fresh]), return_inverse=True)
        self.items = np.bincount(place, np.concatenate([self.items, items]), len(self.keys)).astype(np.int64)

    def found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if not len(self.table):
            return self.keys, self.items
        keys = np.flatnonzero(self.table)
        return keys, self.table[keys]


def linear_kappas(frame: pd.DataFrame, weights: Floats | None = None) -> tuple[Floats, PairTables]:
    """For each row of the frame what one of its items shows of the pair's kappa, whose mean over the pair is kappa.

    To first order kappa without an item is the mean of the others. NaN of one item, and where both used one label only.
    With it the tables of the pairs.
    """
    tables, pair, credit, mean_credit = _pairs(frame, weights)
    kappa, expected = tables.kappa[pair], tables.expected[pair]
    beyond = credit - mean_credit * (1 - kappa) - (kappa - expected * (1 - kappa))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(kappa + beyond / (1 - expected)), tables


def _pairs(frame: pd.DataFrame, weights: Floats | None) -> tuple[PairTables, NDArray[np.int64], Floats, Floats]:
    """The tables; for each row of the frame its pair, its credit, and the mean credit of its two labels."""
    groups = frame.groupby(["a", "b"], sort=True)
    pair = groups.ngroup().to_numpy(dtype=np.int64)
    names = groups.size().index
    items = frame["items"].to_numpy(dtype=np.float64)
    codes = np.concatenate([frame["code_a"], frame["code_b"]])
    if weights is None:
        codes, _ = pd.factorize(codes)
    code_a, code_b = np.split(codes.astype(np.int64), 2)
    width = int(codes.max(initial=0)) + 1 if weights is None else len(weights)
    by_a, by_b = (_Marginal.of(pair * width + code, items, width, weights) for code in (code_a, code_b))

    n = np.bincount(pair, items, len(names)).astype(np.float64)
    credit = (code_a == code_b).astype(np.float64) if weights is None else weights[code_a, code_b]
    percent = np.bincount(pair, items * credit, len(names)) / n
    expected = np.bincount(by_a.keys // width, by_a.items * by_b.credit(by_a.keys), len(names)) / n**2
    # Two annotators with one label between them expect agreement of 1, up to rounding.
    # One item has no more than two labels: chance cannot be told from it.
    room = np.where((expected > 1 - 1e-12) | (n < 2), np.nan, 1 - expected)
    kappa = 1 - (1 - percent) / room
    share = items / n[pair]
    mean_credit = (by_b.credit(pair * width + code_a) + by_a.credit(pair * width + code_b)) / n[pair]
    squares = np.bincount(pair, share * (credit - mean_credit * (1 - kappa[pair])) ** 2, len(names))
    variance = (squares - (kappa - expected * (1 - kappa)) ** 2) / (n * room**2)
    tables = PairTables(
        names.get_level_values(0).to_numpy(),
        names.get_level_values(1).to_numpy(),
        n,
        percent,
        expected,
        kappa,
        np.sqrt(np.maximum(variance, 0.0)),
    )
    return tables, pair, credit, mean_credit


def pair_kappas(frame: pd.DataFrame, weights: Floats | None = None) -> tuple[PairAgreement, ...]:
    """Percent agreement and Cohen's kappa of every two annotators of one question, ordered by their names.

    frame: the measure `pair_votes`; weights: as in `pair_tables`, `percent` is then the mean credit. Kappa is
    undefined for a single item, and where both used the same single label.
    """
    tables = pair_tables(frame, weights)
    low, high = wilson_bounds(tables.percent, tables.n, LEVEL)
    half = float(ndtri((1 + LEVEL) / 2)) * tables.error
    room = 1 - tables.expected
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = half < _NO_SPREAD
        # Where nothing agrees, percent agreement cannot say how far below chance kappa may lie.
        below = np.where(alike, np.where(tables.percent > 0, (tables.percent - low) / room, np.inf), half)
        above = np.where(alike, (high - tables.percent) / room, half)
    least, most = np.maximum(tables.kappa - below, -1.0), np.minimum(tables.kappa + above, 1.0)
    rows = zip(
        tables.a.tolist(),
        tables.b.tolist(),
        tables.n.astype(int).tolist(),
        *(column.tolist() for column in (tables.percent, low, high, tables.kappa, least, most, alike)),
        strict=True,
    )
    return tuple(
        PairAgreement(
            a,
            b,
            n,
            Estimate(percent, percent_low, percent_high, n, "items", f"Wilson, {LEVEL * 100:g} %"),
            undefined(ONE_LABEL if n > 1 else ONE_ITEM, n, "items")
            if kappa != kappa
            else Estimate(
                kappa,
                kappa_low,
                kappa_high,
                n,
                "items",
                f"{'Wilson' if no_spread else 'Fleiss, Cohen & Everitt'}, {LEVEL * 100:g} %",
                f"fewer than {FEW_ITEMS} shared items" if n < FEW_ITEMS else None,
            ),
        )
        for a, b, n, percent, percent_low, percent_high, kappa, kappa_low, kappa_high, no_spread in rows
    )


def mean_kappa(frame: pd.DataFrame, weights: Floats | None = None) -> Estimate:
    """Mean of Cohen's kappa over pairs of annotators, weighted by the items that they share.

    frame: the measure `pair_votes`; weights: as in `pair_tables`. The interval is for such a team: the larger variance
    of the annotator jackknife and of the pairs' own standard errors, with t(effective annotators - 1); where leaving
    one annotator out leaves no pair, that of the standard errors, with a warning. Undefined without a pair whose kappa
    is defined.
    """
    tables = pair_tables(frame, weights)
    known = ~np.isnan(tables.kappa)
    shared = int(tables.n.sum())
    if not known.any():
        return undefined(why_no_kappa(tables), shared, "shared items")
    n, kappa, error = tables.n[known], tables.kappa[known], tables.error[known]
    total = float(n.sum())
    value = float(n @ kappa) / total
    pairs_variance = float(n**2 @ error**2) / total**2

    people, index = np.unique(np.concatenate([tables.a[known], tables.b[known]]), return_inverse=True)
    weight = np.bincount(index, np.tile(n, 2), len(people))
    moment = np.bincount(index, np.tile(n * kappa, 2), len(people))
    warnings = list(few_shared(n))
    if np.any(weight >= total):
        half = float(ndtri((1 + LEVEL) / 2)) * pairs_variance**0.5
        method = "items"
        warnings.append("without one of the annotators no pair is left: the interval holds for these pairs only")
    else:
        without = (total * value - moment) / (total - weight)
        spread = (len(people) - 1) / len(people) * float(((without - without.mean()) ** 2).sum())
        effective = float(weight.sum()) ** 2 / float(weight @ weight)
        half = float(stdtrit(effective - 1, (1 + LEVEL) / 2)) * max(spread, pairs_variance) ** 0.5
        method = "annotators, jackknife"
    low, high = value - half, value + half
    if half < _NO_SPREAD:
        percent = float(n @ tables.percent[known]) / total
        room = float(n @ (1 - tables.expected[known])) / total
        bounds = wilson_bounds(percent, total, LEVEL)
        low, high = (value + (float(bound) - percent) / room for bound in bounds)
        low = low if percent > 0 else -1.0
        method = "Wilson"
    return Estimate(
        value,
        max(low, -1.0),
        min(high, 1.0),
        round(total),
        "shared items",
        f"{method}, {LEVEL * 100:g} %",
        "; ".join(warnings) or None,
    )


def few_shared(items: Floats) -> tuple[str, ...]:
    """The warning of a mean over pairs that share so many items each."""
    few = float(items @ items) / float(items.sum()) < FEW_SHARED
    return (f"pairs share fewer than {FEW_SHARED} items: kappas of so few are too low on average",) if few else ()


def why_no_kappa(tables: PairTables) -> str:
    """The reason where the kappa of no pair is defined."""
    if not len(tables.n):
        return "no two annotators share an item"
    return ONE_LABEL if np.any(tables.n > 1) else "no two annotators share more than one item"


@dataclass(frozen=True, eq=False, slots=True)
class _Marginal:
    """Items by key (pair and label), of one of the two annotators."""

    keys: NDArray[np.int64]
    items: Floats
    width: int
    weights: Floats | None

    @classmethod
    def of(cls, keys: NDArray[np.int64], items: Floats, width: int, weights: Floats | None) -> _Marginal:
        unique, index = np.unique(keys, return_inverse=True)
        return cls(unique, np.bincount(index, items, len(unique)).astype(np.float64), width, weights)

    def credit(self, keys: NDArray[np.int64]) -> Floats:
        """The items of the key's pair, each with the credit of its label beside that of the key."""
        if self.weights is not None:
            return self._weighted(keys)
        found = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[found] == keys, self.items[found], 0.0)

    def _weighted(self, keys: NDArray[np.int64]) -> Floats:
        pairs, codes = np.divmod(self.keys, self.width)
        table = csr_array((self.items, (pairs, codes)), shape=(int(pairs[-1]) + 1, self.width))
        wanted, code = np.divmod(keys, self.width)
        return credits_at(table, self.weights, wanted, code)
