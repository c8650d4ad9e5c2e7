"""Rubber-stamping: how often wrong pre-labels survive people who would not have erred so by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import expit, log_ndtr, logit, ndtri, stdtr, stdtrit

from qc.model import Estimate, undefined
from qc.stats.care.prelabels import FEWEST_PEOPLE, centre
from qc.stats.intervals import wilson
from qc.stats.models.shares import Floats
from qc.stats.multiple import benjamini_hochberg

FEWEST_WRONG: Final = 10
FEWEST_UNAIDED: Final = 50
# Answers of a stratum are worth their number, its question's rate this many.
PRIOR: Final = 5.0
# The variance of people's skill on the log-odds, as assumed before anything is seen of them.
SKILL: Final = 1.0
FALSE_DISCOVERIES: Final = 0.05
RUBBER, UNSEEN, LITTLE = "rubber-stamping", "not seen", "too little data"
NO_UNAIDED = f"fewer than {FEWEST_UNAIDED} judged answers that nothing was suggested for"
NO_WRONG = "no wrong pre-label is known to have been shown"
UNIT = "wrong pre-labels"
STRATUM = ["question", "difficulty", "predicted", "model_wrong"]


@dataclass(frozen=True, slots=True)
class Trust:
    """One person: what became of the wrong pre-labels that they were shown, and how they work unaided.

    survived: left as they were. erred: the answer was wrong after all, by the pre-label or otherwise. expected: the
    share of such items on which they would err unaided; excess: erred minus expected. p: one-sided, the larger of two:
    that they err no more often than unaided, and no more beyond it than the others do. q: over all people.
    """

    annotator: str
    shown_wrong: int
    survived: Estimate
    erred: Estimate
    unaided: Estimate
    expected: float | None
    excess: Estimate
    p: float | None
    q: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class TeamTrust:
    """Everybody's, and automation bias: how much oftener all err with a wrong pre-label than unaided on such items."""

    survived: Estimate
    unaided: Estimate
    bias: Estimate
    people: tuple[Trust, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """By person: wrong pre-labels shown, survived and erred on, unaided answers and errors; errors expected."""

    shown: Floats
    survived: Floats
    erred: Floats
    unaided: Floats
    errors: Floats
    expected: Floats
    doubt: Floats
    spread: Floats


def trust(answers: pd.DataFrame) -> TeamTrust:
    """Judged answers with and without a pre-label, compared on items alike.

    answers: annotator, shown (1 where a pre-label was), survived (1: the answer is the pre-label), error, and the
    stratum: question, difficulty, predicted (what the model says, seen or not), model_wrong (1, 0, −1 unknown).
    The team's error rate of a stratum without help, drawn to its question's by five answers, is what is expected
    there; one shift of the log-odds by person, estimated from their own unaided errors with a normal prior, is their
    skill. Errors on wrong pre-labels are then tested against one's own expectation and against the others' middle
    (Huber's), so that neither hard items nor a team that trusts the model alike make a rubber stamp of anybody.
    Benjamini–Hochberg over people.
    """
    names, who = np.unique(answers["annotator"].to_numpy(str), return_inverse=True)
    shown = answers["shown"].to_numpy() > 0
    wrong = shown & (answers["model_wrong"].to_numpy() == 1)
    alone = ~shown
    survived_all = wilson(float(answers["survived"].to_numpy()[wrong].sum()), int(wrong.sum()), unit=UNIT)
    unaided_all = wilson(float(answers["error"].to_numpy()[alone].sum()), int(alone.sum()), unit="answers")
    if not wrong.any() or alone.sum() < FEWEST_UNAIDED:
        reason = NO_UNAIDED if wrong.any() else NO_WRONG
        none = undefined(reason, int(wrong.sum()), UNIT)
        return TeamTrust(survived_all if wrong.any() else none, unaided_all, none, ())
    sums, variance = _sums(answers, who, len(names), wrong, alone)
    p = _p_values(sums)
    tested = np.isfinite(p)
    q = np.full(len(p), np.nan)
    q[tested] = benjamini_hochberg(p[tested])
    people = tuple(_person(str(names[at]), sums, at, p[at], q[at]) for at in np.flatnonzero(sums.shown > 0).tolist())
    return TeamTrust(survived_all, unaided_all, _bias(sums, variance), people)


def _sums(
    answers: pd.DataFrame, who: np.ndarray, people: int, wrong: np.ndarray, alone: np.ndarray
) -> tuple[_Sums, float]:
    stratum = answers.groupby(STRATUM, sort=False, dropna=False).ngroup().to_numpy()
    question = answers.groupby("question", sort=False).ngroup().to_numpy()
    error = answers["error"].to_numpy(float)
    survived = answers["survived"].to_numpy(float)
    rate, heavy = _rates(stratum, question, error, alone)
    offset = logit(rate)
    shift, doubt = _skills(who, people, offset, error, alone)
    likely = expit(offset + shift[who])
    slope = likely * (1 - likely)

    def by(values: Floats, rows: np.ndarray) -> Floats:
        return np.bincount(who[rows], values[rows], minlength=people).astype(np.float64)

    ones = np.ones(len(who))
    unsure = by(slope, wrong) ** 2 * doubt
    # The team's strata are estimates, too: their variances, as many wrong pre-labels as rest on them.
    on = np.bincount(stratum[wrong], minlength=stratum.max() + 1)
    per = np.bincount(stratum, slope, minlength=len(on)) / np.maximum(np.bincount(stratum, minlength=len(on)), 1)
    team = float((on**2 * per / heavy).sum())
    sums = _Sums(
        by(ones, wrong),
        by(survived, wrong),
        by(error, wrong),
        by(ones, alone),
        by(error, alone),
        by(likely, wrong),
        unsure,
        by(slope, wrong) + unsure,
    )
    return sums, team


def _rates(stratum: np.ndarray, question: np.ndarray, error: Floats, alone: np.ndarray) -> tuple[Floats, Floats]:
    """Each answer's expected error rate without help, and the answers behind each stratum's."""
    overall = (error[alone].sum() + 0.5) / (alone.sum() + 1)
    asked = np.bincount(question[alone], minlength=question.max() + 1)
    parent = (np.bincount(question[alone], error[alone], minlength=len(asked)) + overall) / (asked + 1)
    n = np.bincount(stratum[alone], minlength=stratum.max() + 1)
    of = np.zeros(len(n), dtype=int)
    of[stratum] = question
    rate = (np.bincount(stratum[alone], error[alone], minlength=len(n)) + PRIOR * parent[of]) / (n + PRIOR)
    likely: Floats = np.clip(rate, 1e-4, 1 - 1e-4)
    return likely[stratum], (n + PRIOR).astype(np.float64)


def _skills(who: np.ndarray, people: int, offset: Floats, error: Floats, alone: np.ndarray) -> tuple[Floats, Floats]:
    """Everybody's shift of the log-odds of an error, and its variance: one logistic parameter each, by Newton."""
    shift: Floats = np.zeros(people)
    curve: Floats = np.full(people, 1 / SKILL)
    mine, base, wrong = who[alone], offset[alone], error[alone]
    for _ in range(25):
        p = expit(base + shift[mine])
        gradient = np.bincount(mine, wrong - p, minlength=people) - shift / SKILL
        curve = np.bincount(mine, p * (1 - p), minlength=people).astype(np.float64) + 1 / SKILL
        shift += np.clip(gradient / curve, -1, 1)
    doubt: Floats = np.reciprocal(curve, dtype=np.float64)
    return shift, doubt


def _p_values(sums: _Sums) -> Floats:
    """NaN where too little is known; the larger of the p-values against oneself and against the team."""
    p = np.full(len(sums.shown), np.nan)
    enough = sums.shown >= FEWEST_WRONG
    if enough.sum() < FEWEST_PEOPLE:
        return p
    x, m, e = sums.erred[enough], sums.shown[enough], sums.expected[enough]
    own = np.exp(log_ndtr(-(x - 0.5 - e) / np.sqrt(np.maximum(sums.spread[enough], 1e-9))))
    # Of the wrong pre-labels on which they would not err themselves, the share that makes them err.
    likely = (e + 0.5) / (m + 1)
    rate = (x + 0.5) / (m + 1)
    taken = (rate - likely) / (1 - likely)
    unsure = sums.doubt[enough] * ((1 - rate) / (1 - likely)) ** 2 / m**2
    variance = (rate * (1 - rate) / m + unsure) / (1 - likely) ** 2
    middle, between = centre(taken, variance)
    among = stdtr(float(len(taken) - 1), -(taken - middle) / np.sqrt(variance + between**2))
    # Whoever may be named is held against the others alone: an outlier widens what a small team seems to span.
    for at in np.flatnonzero(own <= FALSE_DISCOVERIES).tolist():
        among[at] = _beyond(taken, variance, at)
    p[enough] = np.maximum(own, among)
    return p


def _beyond(taken: Floats, variance: Floats, at: int) -> float:
    """One-sided p-value of one person among what the others vary like: t with one less than their number."""
    rest = np.arange(len(taken)) != at
    middle, between = centre(taken[rest], variance[rest])
    doubt = 1 / float((1 / (variance[rest] + between**2)).sum())
    distance = (taken[at] - middle) / sqrt(variance[at] + between**2 + doubt)
    return float(stdtr(float(rest.sum() - 1), -distance))


def _person(name: str, sums: _Sums, at: int, p: float, q: float) -> Trust:
    shown, expected = float(sums.shown[at]), float(sums.expected[at])
    known = bool(np.isfinite(p))
    erred = wilson(float(sums.erred[at]), shown, unit=UNIT)
    verdict = (RUBBER if q <= FALSE_DISCOVERIES else UNSEEN) if known else LITTLE
    share = expected / shown
    return Trust(
        name,
        int(shown),
        wilson(float(sums.survived[at]), shown, unit=UNIT),
        erred,
        wilson(float(sums.errors[at]), float(sums.unaided[at]), unit="answers"),
        share,
        _excess(erred, share, sqrt(float(sums.spread[at])) / shown),
        float(p) if known else None,
        float(q) if known else None,
        verdict,
    )


def _excess(erred: Estimate, expected: float, doubt: float) -> Estimate:
    """Square-and-add (Newcombe 1998) of Wilson's interval and the doubt about what is expected."""
    assert erred.value is not None
    assert erred.low is not None
    assert erred.high is not None
    value, half = erred.value - expected, float(ndtri(0.975)) * doubt
    low = value - sqrt((erred.value - erred.low) ** 2 + half**2)
    high = value + sqrt((erred.high - erred.value) ** 2 + half**2)
    method = "errors with a wrong pre-label less those expected unaided on such items, square-and-add, 95 %"
    return replace(erred, value=value, low=max(-1.0, low), high=min(1.0, high), method=method)


def _bias(sums: _Sums, team: float) -> Estimate:
    """Of all wrong pre-labels: errors minus those expected; people are the clusters, t with A − 1."""
    used = sums.shown > 0
    m, gap = sums.shown[used], (sums.erred - sums.expected)[used]
    people, total = int(used.sum()), float(m.sum())
    if people < FEWEST_PEOPLE:
        return undefined(
            f"{people} people saw a wrong pre-label; at least {FEWEST_PEOPLE} are needed", int(total), UNIT
        )
    value = float(gap.sum()) / total
    between = float(((gap - value * m) ** 2).sum()) * people / (people - 1)
    half = float(stdtrit(people - 1, 0.975)) * sqrt(between + team) / total
    method = "errors less those expected unaided on such items; people as clusters, t, 95 %"
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half), int(total), UNIT, method)
