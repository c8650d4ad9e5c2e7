"""Labels that people give in place of one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import triu

from qc.model import Estimate
from qc.stats.agreement.deletions import Deletion
from qc.stats.agreement.jackknife import Ground, Jackknife, effective_number, replicated, team_estimate
from qc.stats.agreement.nominal import inverse, sizes_left
from qc.stats.patterns import Floats, Patterns


@dataclass(frozen=True, slots=True)
class Confusion:
    """Given that one annotator chose `label`, how often another of the item chose `other` (`share`); and the mirror.

    `items` were given both. The shares of a label, with its specific agreement, add up to 1. Labels are codes.
    """

    label: int
    other: int
    items: int
    share: Estimate
    mirror: Estimate


def confusions(patterns: Patterns, most: int) -> tuple[Confusion, ...]:
    """The pairs of labels that stand against each other most often, with intervals for such a team.

    At most `most` pairs, by how many answers they part. share = Σ n_k n_l / (m − 1) over Σ n_k of items with m ≥ 2
    answers, as in specific agreement (Uebersax 1982), jackknifed over items and annotators.
    """
    shared = patterns.pairable()
    if not len(shared.items):
        return ()
    counts = shared.counts.astype(np.float64)
    against = triu(counts.T @ counts.multiply((shared.items * inverse(shared.sizes - 1))[:, None]), k=1).tocoo()
    label, other = against.coords
    first = np.lexsort((other, label, -np.round(against.data, 9)))[:most]
    columns, jackknife = shared.counts.tocsc(), Jackknife.of(shared)
    return tuple(
        _confusion(shared, jackknife, columns, int(label[place]), int(other[place])) for place in first.tolist()
    )


def _confusion(patterns: Patterns, jackknife: Jackknife, columns: object, label: int, other: int) -> Confusion:
    one, two = _column(columns, label), _column(columns, other)
    both = int(patterns.items[(one > 0) & (two > 0)].sum())
    share, mirror = (
        _share(patterns, jackknife, (codes, given, taken))
        for codes, given, taken in (((label, other), one, two), ((other, label), two, one))
    )
    # The more telling direction first: of which label more is lost.
    if (mirror.value or 0.0) > (share.value or 0.0):
        label, other, share, mirror = other, label, mirror, share
    return Confusion(int(patterns.labels[label]), int(patterns.labels[other]), both, share, mirror)


def _share(patterns: Patterns, jackknife: Jackknife, pair: tuple[tuple[int, int], Floats, Floats]) -> Estimate:
    """How often `taken` stands beside `given`."""
    (label, other), given, taken = pair
    size = patterns.sizes
    parting = given * taken * inverse(size - 1)
    numerator, denominator = float(patterns.items @ parting), float(patterns.items @ given)

    def values(deletion: Deletion) -> Floats:
        """Only entries of items with the label change anything."""
        touched = np.flatnonzero(given[deletion.pattern] > 0)
        row, times, code = deletion.pattern[touched], deletion.times[touched], deletion.code[touched]
        left = sizes_left(patterns, deletion)[touched]
        paired = left >= 2
        given_left = np.where(paired, given[row] - (code == label), 0.0)
        parting_left = given_left * (taken[row] - (code == other)) * inverse(np.where(paired, left - 1, 0))
        replicate = deletion.replicate[touched]
        fewer = np.bincount(replicate, times * (given[row] - given_left), deletion.size)
        part = np.bincount(replicate, times * (parting[row] - parting_left), deletion.size)
        some = np.where(denominator - fewer > 0.5, denominator - fewer, np.nan)
        return np.asarray((numerator - part) / some)

    of = replicated(jackknife, jackknife.each(values))
    mine = patterns.code == label
    ratings = np.bincount(patterns.annotator[mine], patterns.votes[mine], len(patterns.annotators)).astype(np.float64)
    on_items = int(patterns.items[given > 0].sum())
    return team_estimate(of, Ground(on_items, effective_number(ratings), of.value, 1.0, 0.0))


def _column(columns: object, code: int) -> Floats:
    return np.asarray(columns[:, [code]].todense(), dtype=np.float64).reshape(-1)  # type: ignore[index]
