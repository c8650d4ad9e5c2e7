"""Error rates at different times, adjusted: each level's effect beside that of the session, day or annotator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import stdtrit

from qc.model import Estimate, undefined
from qc.stats.fatigue.items import Recurring
from qc.stats.fatigue.scores import Flags, Floats, Ints
from qc.stats.two_way import sums

UNIT = "judged answers"
# With fewer annotators the band is that of these annotators: over their sessions.
FEWEST_ANNOTATORS = 6
NOT_COMPARED = "nobody has judged answers both here and elsewhere"
MOST_LEVELS = 200


@dataclass(frozen=True, slots=True)
class Levels:
    """The rate of each level, in order: `at` the level, `n` answers."""

    at: list[int]
    n: list[int]
    rate: list[Estimate]


def adjusted_levels(level: Ints, group: Ints, annotator: Ints, y: Floats, share: float, method: str) -> Levels:
    """The mean of y at each level, as it would be if every group had its answers spread alike over the levels.

    level: codes >= 0, at most 200 different; group: session, day or annotator of each row; y: error, less what is to
    be taken out of it; share: the overall error rate, around which the levels lie. Least squares on a dummy for every
    level and group; bands by sandwich over annotators (over groups where there are fewer than six annotators), and not
    below what independent answers would give. A level that no group compares with the others is undefined.
    """
    levels, at = np.unique(level, return_inverse=True)
    _, home = np.unique(group, return_inverse=True)
    size, groups = len(levels), int(home.max(initial=-1)) + 1
    if not 1 < size <= MOST_LEVELS:
        rates = [undefined("there is nothing to compare with", len(y), UNIT)] * size
        return Levels(levels.tolist(), sums(at, np.ones(len(at)), size).astype(int).tolist(), rates)
    table = csr_array((np.ones(len(y)), (home, at)), shape=(groups, size))
    table.sum_duplicates()
    n, in_group = sums(at, np.ones(len(y)), size), sums(home, np.ones(len(y)), groups)
    information = np.diag(n) - (table.T @ (table / in_group[:, None])).toarray()
    right = sums(at, y, size) - table.T @ (sums(home, y, groups) / in_group)
    inverse = np.linalg.pinv(information, rcond=1e-9, hermitian=True)
    # The mean over all answers stays where it is: effects and their spread are those beside it.
    centred = np.eye(size) - n / n.sum()
    inverse = centred @ inverse
    effect = inverse @ right
    means = (sums(home, y, groups) - table @ effect) / in_group
    rest = y - effect[at] - means[home]
    who = annotator if len(np.unique(annotator)) >= FEWEST_ANNOTATORS else home
    _, cluster = np.unique(who, return_inverse=True)
    clusters = int(cluster.max()) + 1
    scores = csr_array((rest, (cluster, at)), shape=(clusters, size)).toarray()
    spread = inverse @ (scores.T @ scores * clusters / max(clusters - 1, 1)) @ inverse.T
    independent = max(share * (1 - share), 0.25 / len(y)) * np.diag(inverse @ centred.T)
    error = np.sqrt(np.maximum(np.diag(spread), independent))
    half = float(stdtrit(max(clusters - 1, 1), 0.975)) * error
    compared = _compared(table, n)
    rates = [
        Estimate(_rate(value), _rate(value - wide), _rate(value + wide), int(count), UNIT, method)
        if told
        else undefined(NOT_COMPARED, int(count), UNIT, method)
        for value, wide, count, told in zip(
            (share + effect).tolist(), half.tolist(), n.tolist(), compared.tolist(), strict=True
        )
    ]
    return Levels(levels.tolist(), n.astype(int).tolist(), rates)


def _rate(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _compared(table: csr_array, n: Floats) -> Flags:
    """Levels that groups link to the level with most answers."""
    linked = (table.T @ table).tocsr()
    _, part = connected_components(linked, directed=False)
    return np.asarray((part == part[int(np.argmax(n))]) & (np.diff(linked.indptr) > 1), dtype=np.bool_)


def without_items(rows: pd.DataFrame, answers: Recurring | None, slope: float, axis: str, unit: float) -> Floats:
    """The error of each row less what its item's other answers say of the item; NaN where they say nothing.

    An answer's own error is part of its item's effect: what is left of it is set against the item's other answers.
    Where no item effects were taken out this is the error itself.
    """
    error: Floats = rows["error"].to_numpy(np.float64)
    if answers is None:
        return error
    left = np.full(len(rows), np.nan)
    rest = answers.wrong - slope * answers.free
    along = rows[axis].to_numpy(np.float64)[answers.kept] / unit
    left[answers.kept] = answers.pull * (rest / answers.own + slope * along)
    return left


def strata_out(y: Floats, stratum: Floats, group: Ints) -> Floats:
    """y less the effect of its difficulty stratum, estimated within groups."""
    codes = pd.factorize(stratum)[0]
    if codes.max(initial=0) < 1:
        return y
    _, home = np.unique(group, return_inverse=True)
    size, groups = int(codes.max()) + 1, int(home.max()) + 1
    in_group = sums(home, np.ones(len(y)), groups)
    table = csr_array((np.ones(len(y)), (home, codes)), shape=(groups, size))
    table.sum_duplicates()
    information = np.diag(sums(codes, np.ones(len(y)), size)) - (table.T @ (table / in_group[:, None])).toarray()
    right = sums(codes, y, size) - table.T @ (sums(home, y, groups) / in_group)
    effect = np.linalg.pinv(information, rcond=1e-9, hermitian=True) @ right
    rest: Floats = y - effect[codes]
    return rest
