"""How likely each answer is to be checked: by lot within its annotator and level, and by its risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import LEVELS, InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# The risk share gives no answer less than a fifth of the average chance, so that no weight grows without bound: a
# risk counts for at least this part of the mean.
FLOOR: Final = 0.25
# Risks are told apart to this part of 1.
STEPS: Final = 100


def answer_levels(answers: pd.DataFrame, levels: pd.DataFrame) -> NDArray[np.object_]:
    """The review level of each answer: the highest of its subjects'.

    answers: columns `annotator` and, where levels name them, `batch`, `site`, `question`. levels: `kind` (one of
    these columns), `key`, `level`. An annotator without a level is at `normal`; other subjects count only if named.
    """
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    highest = np.full(len(answers), -1)
    for kind in ("annotator", "batch", "site", "question"):
        named = levels[levels["kind"] == kind]
        if kind not in answers or (named.empty and kind != "annotator"):
            continue
        rank = answers[kind].map(dict(zip(named["key"], named["level"].map(ranks), strict=True)))
        absent = ranks["normal"] if kind == "annotator" else -1
        highest = np.maximum(highest, rank.astype(float).fillna(absent).to_numpy(int))
    named_levels: NDArray[np.object_] = np.array(LEVELS, object)[highest]
    return named_levels


@dataclass(frozen=True, eq=False)
class Population:
    """What can be drawn, in strata (annotator, level and lot) and in cells of answers with the same chance.

    strata, levels, least: name, level and floor of each stratum. planned: what the plan of its lot takes of it, as a
    part of what a stratum without a plan gets at its level; NaN where it has none. stratum, risk, routed, answers: of
    each cell, with how many answers it has. of: the cell of each answer.
    """

    strata: NDArray[np.object_]
    levels: NDArray[np.object_]
    least: Integers
    planned: Floats
    stratum: Integers
    risk: Floats
    routed: NDArray[np.bool_]
    answers: Integers
    of: Integers

    @cached_property
    def sizes(self) -> Integers:
        """How many answers each stratum has."""
        return np.bincount(self.stratum, self.answers, len(self.strata)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Chances:
    """drawn: how many of each stratum the lot takes. The others are of each cell; `pi` is of all shares together."""

    drawn: Integers
    pi_random: Floats
    pi_risk: Floats
    pi: Floats


def population(answers: pd.DataFrame, least: int) -> Population:
    """The strata and cells of answers that no draw offered yet.

    answers: `annotator`, `level`, and where they are known `risk` (1 and above; 1 for all where unknown), `routed` and
    `recent`: how many of the annotator's answers the lot took in the current window, which count towards `least`.
    Where batches are lots also `lot`, a name, and `planned` as in Population; null where an answer is in none.
    """
    if least < 0:
        raise InputError("The least number per annotator cannot be negative.")
    people = answers["annotator"].fillna("").astype(str) + "|" + answers["level"]
    names = people + answers["lot"].map("|{}".format, na_action="ignore").fillna("") if "lot" in answers else people
    stratum, strata = pd.factorize(names, sort=True)
    _, first = np.unique(stratum, return_index=True)
    risk = answers["risk"].to_numpy(float) if "risk" in answers else np.ones(len(answers))
    routed = answers["routed"].to_numpy(bool) if "routed" in answers else np.zeros(len(answers), bool)
    recent = np.zeros(len(strata), np.int64)
    if "recent" in answers:
        recent[stratum] = answers["recent"].to_numpy(np.int64)
    steps = np.rint(risk * STEPS).astype(np.int64)
    floor = np.maximum(least - recent, 0)
    planned = np.full(len(strata), np.nan)
    if "lot" in answers:
        planned[stratum] = answers["planned"].to_numpy(float)
        floor = _shared(floor, people.to_numpy()[first], np.bincount(stratum, minlength=len(strata)))
    widest = int(steps.max(initial=0)) + 1
    cells, of, counts = np.unique((stratum * widest + steps) * 2 + routed, return_inverse=True, return_counts=True)
    return Population(
        np.asarray(strata, object),
        answers["level"].to_numpy(object)[first],
        floor,
        planned,
        cells // 2 // widest,
        cells // 2 % widest / STEPS,
        cells % 2 == 1,
        counts,
        of,
    )


def chances(known: Population, rates: Mapping[str, float], by_risk: float) -> Chances:
    """What each stratum and cell is drawn with, at the rate of its level.

    Of a rate r the part (1 − by_risk) goes by lot: a fixed number of each stratum, at least its floor, at rate 1 all
    of it. The rest goes by risk, on average so much that a level's answers are drawn with r in all. What is routed is
    drawn anyway, and takes nothing from the risk share. A lot with a plan of its own gets what that plan asks for,
    and never less than one answer, so that each keeps a chance.
    """
    for level, rate in rates.items():
        if not (isfinite(rate) and 0 <= rate <= 1):
            raise InputError(f"The share to check at level {level} is {rate}; it must lie between 0 and 1.")
    if not 0 <= by_risk < 1:
        raise InputError(
            f"The part drawn by risk is {by_risk}; it must lie from 0 to below 1, for the charts see the lot only."
        )
    of_stratum = np.array([rates[level] for level in known.levels], float)
    plain = np.isnan(known.planned)
    asked = np.where(plain, of_stratum, np.minimum(known.planned * of_stratum, 1 / (1 - by_risk)))
    by_lot = np.where(plain & (asked >= 1), 1.0, asked * (1 - by_risk))
    # The small constant undoes 0.07 · 100 = 7.000000000000001.
    wanted = np.maximum(known.least, np.ceil(by_lot * known.sizes - 1e-9).astype(np.int64))
    wanted = np.maximum(wanted, ~plain & (of_stratum > 0))
    drawn = np.minimum(known.sizes, wanted)
    pi_random = (drawn / known.sizes)[known.stratum]
    pi_risk = np.zeros(len(pi_random))
    for level in set(known.levels.tolist()):
        of_level = known.levels == level
        share = rates[level]
        if not plain[of_level].all():
            share = float(np.average(np.minimum(asked, 1.0)[of_level], weights=known.sizes[of_level]))
        inside = (known.levels[known.stratum] == level) & ~known.routed
        if by_risk and 0 < share < 1 and inside.any():
            mean = by_risk * share / (1 - (1 - by_risk) * share)
            pi_risk[inside] = _proportional(known.risk[inside], known.answers[inside], mean)
    pi = np.where(known.routed, 1.0, 1 - (1 - pi_random) * (1 - pi_risk))
    # Exactly what the lot gives where nothing else could take an answer.
    return Chances(drawn, pi_random, pi_risk, np.where(~known.routed & (pi_risk == 0), pi_random, pi))


def _shared(floor: Integers, of: NDArray[np.object_], sizes: Integers) -> Integers:
    """The floor of each annotator and level, shared out over its strata by their sizes."""
    group = pd.factorize(of)[0]
    shared: Integers = np.ceil(floor * sizes / np.bincount(group, sizes)[group] - 1e-9).astype(np.int64)
    return shared


def _proportional(risk: Floats, answers: Integers, mean: float) -> Floats:
    """Probabilities proportional to risk, floored and at most 1, whose mean over the answers is as asked."""
    total = float(answers.sum())
    weight = np.maximum(risk, FLOOR * float((risk * answers).sum()) / total)
    certain = np.zeros(len(risk), bool)
    while True:
        left = mean * total - float(answers[certain].sum())
        pi = np.where(certain, 1.0, weight * left / float((answers * weight)[~certain].sum()))
        if not (over := ~certain & (pi > 1)).any():
            return pi
        certain |= over
