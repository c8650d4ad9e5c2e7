"""Consensus labels: majority and Dawid–Skene, and how right they are where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import xlogy

from qc.model import Estimate, InputError, undefined
from qc.stats.intervals import wilson

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MAX_CELLS: Final = 200_000_000
"""Numbers in the largest table of a fit (1.6 GB); beyond it Dawid–Skene is refused."""

FEW_GOLD: Final = 30


@dataclass(frozen=True, eq=False, slots=True)
class Votes:
    """Answers of one question as integer codes: `annotator[i]` gave `label[i]` to `item[i]`.

    Codes run from 0 to n_items - 1, n_annotators - 1 and n_labels - 1, and there is one label or more. Repeats by one
    annotator count as often as they occur.
    """

    item: Integers
    annotator: Integers
    label: Integers
    n_items: int
    n_annotators: int
    n_labels: int

    def shares(self) -> Floats:
        """The share of each label among the votes on each item (n_items x n_labels), 0 for an item without votes."""
        cells = self.item * self.n_labels + self.label
        counts = np.bincount(cells, minlength=self.n_items * self.n_labels).reshape(self.n_items, self.n_labels)
        return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


@dataclass(frozen=True, slots=True)
class Priors:
    """Pseudo-counts: of each annotator's right labels, of each of the wrong ones, and of every class.

    Zeros give maximum likelihood, which is worse than the majority where annotators gave few labels.
    """

    right: float = 2.0
    wrong: float = 0.25
    label: float = 1.0


MAXIMUM_LIKELIHOOD: Final = Priors(0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class Consensus:
    """Probabilities of the labels of each item (n_items x n_labels), and what they rest on.

    `confusion[a, truth, given]` are the annotators' label probabilities, `classes` those of the labels; `trace` holds
    the log posterior after each step of EM, constants left out.
    """

    probabilities: Floats
    confusion: Floats
    classes: Floats
    trace: tuple[float, ...]
    converged: bool

    @property
    def entropy(self) -> Floats:
        """Uncertainty of each item in bits: 0 where one label is certain, log2(n_labels) where nothing is known."""
        return np.asarray(-xlogy(self.probabilities, self.probabilities).sum(axis=1) / np.log(2))


def majority(votes: Votes) -> Floats:
    """The most frequent label of each item, as probabilities shared by ties (n_items x n_labels); 0 without votes."""
    return _most(votes.shares())


def dawid_skene(
    votes: Votes,
    accepted: Flags | None = None,
    priors: Priors = Priors(),
    max_iterations: int = 200,
    tolerance: float = 1e-6,
    start: Floats | None = None,
) -> Consensus:
    """Labels and annotators' confusion by expectation maximisation.

    accepted (n_items x n_labels): the labels that an item may have, all where gold is unknown; `known` makes it.
    Starts from the vote shares (or `start`) and ends when a step gains less than `tolerance` per item in log posterior.
    Raises InputError where the tables would not fit in memory.
    Source: Dawid & Skene 1979, doi:10.2307/2346806; with priors it is the maximum a posteriori.
    """
    bound = np.empty(0, np.int64) if accepted is None else _bound(accepted)
    allowed = np.empty((0, votes.n_labels), bool) if accepted is None else accepted[bound]
    begin = votes.shares() if start is None else start
    return _fit(votes, _tables(votes), begin, bound, allowed, priors, max_iterations, tolerance)


def known(gold: Integers, n_labels: int) -> Flags:
    """The labels that each item may have (n_items x n_labels), from its one right label; -1 is unknown."""
    return np.asarray((gold[:, None] == np.arange(n_labels)) | (gold[:, None] < 0))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often the consensus is right on items whose answer is known."""

    majority: Estimate
    dawid_skene: Estimate


def cross_fitted_accuracy(
    votes: Votes,
    accepted: Flags,
    generator: np.random.Generator,
    folds: int = 10,
    priors: Priors = Priors(),
    tolerance: float = 1e-6,
) -> Accuracy:
    """Accuracy on gold items, each judged by a fit that did not see its gold.

    accepted (n_items x n_labels): the labels that are right, all where gold is unknown. Each fold's gold is hidden and
    that of the others clamped: measured on clamped items, a fit would grade itself. A tie of k labels counts 1/k.
    Undefined without a gold item that has votes. Source: Geisser 1975 (predictive sample reuse).
    """
    has_votes = np.bincount(votes.item, minlength=votes.n_items) > 0
    bound = _bound(accepted)
    gold = bound[has_votes[bound]]
    if not len(gold):
        none = undefined("no item with votes has a known answer", unit="gold items")
        return Accuracy(none, none)
    # Starting from the fit that saw no gold at all saves most of the steps.
    tables = _tables(votes)
    blind = _fit(votes, tables, votes.shares(), bound[:0], accepted[:0], priors, tolerance=tolerance).probabilities
    right = np.zeros(votes.n_items)
    for fold in np.array_split(generator.permutation(gold), min(folds, len(gold))):
        shown = np.setdiff1d(bound, fold)
        fit = _fit(votes, tables, blind, shown, accepted[shown], priors, tolerance=tolerance)
        right[fold] = (_most(fit.probabilities[fold]) * accepted[fold]).sum(axis=1)
    by_majority = (majority(votes)[gold] * accepted[gold]).sum(axis=1)
    return Accuracy(
        _accuracy(by_majority, "Wilson, 95 %"),
        _accuracy(right[gold], f"{min(folds, len(gold))}-fold cross-fitted, Wilson, 95 %"),
    )


def _accuracy(right: Floats, method: str) -> Estimate:
    few = f"fewer than {FEW_GOLD} gold items" if len(right) < FEW_GOLD else None
    return replace(wilson(float(right.sum()), len(right), unit="gold items"), method=method, warning=few)


_TINY: Final = 1e-300
_Tables = tuple[csr_array, csr_array]


def _tables(votes: Votes) -> _Tables:
    """How often each answer (annotator x label) was given to each item, by item and by answer; small enough to fit."""
    if votes.n_labels * max(votes.n_items, votes.n_annotators * votes.n_labels) > MAX_CELLS:
        raise InputError(
            f"Dawid–Skene cannot hold {votes.n_items:,} items and {votes.n_annotators:,} annotators with "
            f"{votes.n_labels:,} labels in memory; use the majority, or restrict the scope."
        )
    answer = votes.annotator * votes.n_labels + votes.label
    shape = (votes.n_items, votes.n_annotators * votes.n_labels)
    by_item = csr_array((np.ones(len(answer)), (votes.item, answer)), shape=shape)
    return by_item, by_item.T.tocsr()


def _bound(accepted: Flags) -> Integers:
    """The items that may not have every label."""
    return np.flatnonzero(~accepted.T.copy().all(axis=0))


def _fit(
    votes: Votes,
    tables: _Tables,
    start: Floats,
    bound: Integers,
    allowed: Flags,
    priors: Priors,
    max_iterations: int = 200,
    tolerance: float = 1e-6,
) -> Consensus:
    """`dawid_skene` over tables that several fits share; `allowed` are the labels of the items in `bound`."""
    by_item, by_answer = tables
    size = votes.n_labels
    pseudo = np.where(np.eye(size, dtype=bool), priors.right, priors.wrong)
    # Labels come first in here, since sums and maxima over short rows are slow.
    truth = start.T.copy()
    truth[:, bound] = _restricted(start[bound], allowed).T
    trace: list[float] = []
    converged = False
    while not converged and len(trace) < max_iterations:
        counts = (by_answer @ truth.T).reshape(votes.n_annotators, size, size) + pseudo
        confusion = _normalised(counts, axis=1)
        classes = _normalised(truth.sum(axis=1) + priors.label, axis=0)
        likely = np.add((by_item @ _log(confusion).reshape(-1, size)).T, _log(classes)[:, None], order="C")
        likely[:, bound] = np.where(allowed.T, likely[:, bound], -np.inf)
        evidence, truth = _posterior(likely)
        prior = xlogy(pseudo, np.maximum(confusion, _TINY)).sum() + priors.label * _log(classes).sum()
        trace.append(float(evidence + prior))
        converged = len(trace) > 1 and trace[-1] - trace[-2] < tolerance * votes.n_items
    return Consensus(truth.T.copy(), np.swapaxes(confusion, 1, 2), classes, tuple(trace), converged)


def _log(probability: Floats) -> Floats:
    """The logarithm, finite for 0: what maximum likelihood excludes stays excluded."""
    return np.asarray(np.log(np.maximum(probability, _TINY)))


def _normalised(counts: Floats, axis: int) -> Floats:
    totals = counts.sum(axis=axis, keepdims=True)
    return np.asarray(np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0))


def _posterior(likely: Floats) -> tuple[float, Floats]:
    """Log evidence of all items, and the probabilities of their labels, from the joint log (n_labels x n_items)."""
    top = likely.max(axis=0)
    odds = np.exp(likely - top)
    sums = odds.sum(axis=0)
    return float((top + np.log(sums)).sum()), odds / sums


def _restricted(shares: Floats, allowed: Flags) -> Floats:
    """Shares of the labels allowed; equal ones where an item got none of those it may have."""
    kept = shares * allowed
    kept = np.where(kept.any(axis=1, keepdims=True), kept, allowed * shares.any(axis=1, keepdims=True))
    return _normalised(kept, axis=1)


def _most(shares: Floats) -> Floats:
    top = (shares > 0) & (shares >= shares.max(axis=1, keepdims=True) - 1e-12)
    return _normalised(top.astype(np.float64), axis=1)
