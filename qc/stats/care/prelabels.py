"""Always the pre-label: who keeps what a model suggests where others change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtr

from qc.model import Estimate, undefined
from qc.stats.care.answers import Answers, Floats, counted
from qc.stats.intervals import wilson

FEWEST = 30
FEWEST_CONTESTED = 10
FEWEST_PEOPLE = 5
# Codes of the measure: 2 is a suggestion that was kept as it was, 1 one that was edited.
KEPT = 2
# Huber's proposal 2: people further than this from the middle count as if they were not further.
FARTHEST = 1.5
EXPECTED = 0.7784655
UNIT = "pre-labels"
NEVER_SHOWN = "no answer that is known to have started from a pre-label"


@dataclass(frozen=True, slots=True)
class Prelabels:
    """The share of pre-labels kept as shown, and what others kept of the same ones.

    contested: the same of pre-labels that most of the others changed, and what the team's middle keeps of such.
    p: one-sided, for somebody who trusts the model as the team's members variously do; q over all annotators and
    tests. `compared` says on what p rests.
    """

    unchanged: Estimate
    team: float | None
    contested: Estimate
    team_contested: float | None
    compared: str | None
    p: float | None
    q: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """By person: pre-labels seen, kept, and the share that others kept of the same (NaN: nobody else saw them)."""

    n: Floats
    kept: Floats
    team: Floats


def prelabels(answers: Answers, people: int) -> list[Prelabels]:
    """One entry per annotator code.

    Whoever trusts blindly keeps what others change, so people are compared on the pre-labels that most of the others
    changed: an error of one's own is a change, too, and says nothing here. Where too few people have ten such, all
    pre-labels count. People differ honestly in trust: each log-odds is held against the spread between all,
    estimated so that outliers weigh little, t with A − 1. Source: Huber 1981, Robust Statistics, 6.4.
    """
    shown = answers.among(answers.suggested > 0)
    kept = (shown.suggested == KEPT).astype(np.float64)
    cells = int(shown.cell.max(initial=-1)) + 1
    seen, all_kept = counted(shown.cell, cells)[shown.cell], counted(shown.cell, cells, kept)[shown.cell]
    others = np.divide(all_kept - kept, seen - 1, out=np.full(len(kept), np.nan), where=seen > 1)
    contested = others < 0.5
    whole, some = (
        _kept(shown, kept, others, people),
        _kept(shown.among(contested), kept[contested], others[contested], people),
    )
    enough = (whole.n >= FEWEST) & (some.n >= FEWEST_CONTESTED)
    if enough.sum() >= FEWEST_PEOPLE:
        compared, (p, middle) = "pre-labels that most of the others changed", _tested(some, enough)
    else:
        enough = whole.n >= FEWEST
        compared, (p, middle) = "all pre-labels", _tested(whole, enough)
    return [_entry(whole, some, who, compared, float(p[who]), middle) for who in range(people)]


def centre(values: Floats, variances: Floats) -> tuple[float, float]:
    """The middle of several estimates and the standard deviation between what they estimate (0 where none is seen).

    Huber's proposal 2 with known variances: standardised distances are drawn in to 1.5.
    """

    def middle(between: float) -> float:
        weight = 1 / (variances + between**2)
        at = float(np.median(values))
        for _ in range(50):
            z = (values - at) * np.sqrt(weight)
            pulled = weight * np.minimum(1.0, FARTHEST / np.maximum(np.abs(z), 1e-12))
            moved = float(pulled @ values / pulled.sum())
            if abs(moved - at) < 1e-10:
                break
            at = moved
        return at

    def surplus(between: float) -> float:
        z2 = (values - middle(between)) ** 2 / (variances + between**2)
        return float(np.minimum(z2, FARTHEST**2).sum()) - EXPECTED * (len(values) - 1)

    widest = 10 * float(np.ptp(values)) + 1e-6
    between = float(brentq(surplus, 0.0, widest)) if surplus(0.0) > 0 else 0.0
    return middle(between), between


def _tested(kept: _Kept, enough: np.ndarray) -> tuple[Floats, float | None]:
    """One-sided p-values (NaN where not tested), and the share kept in the middle of the team."""
    p = np.full(len(kept.n), np.nan)
    changed = kept.n - kept.kept
    if enough.sum() < FEWEST_PEOPLE or not changed[enough].any() or not kept.kept[enough].any():
        return p, None
    # A half on either side keeps the log-odds of 0 and of all finite (Haldane 1956).
    yes, no = kept.kept[enough] + 0.5, changed[enough] + 0.5
    log_odds, variance = np.log(yes / no), 1 / yes + 1 / no
    middle, between = centre(log_odds, variance)
    error = np.sqrt(variance + between**2)
    p[enough] = stdtr(float(enough.sum() - 1), -(log_odds - middle) / error)
    return p, float(1 / (1 + np.exp(-middle)))


def _kept(shown: Answers, kept: Floats, others: Floats, people: int) -> _Kept:
    known = ~np.isnan(others)
    who = shown.annotator[known]
    total = counted(who, people)
    team = np.divide(counted(who, people, others[known]), total, out=np.full(people, np.nan), where=total > 0)
    return _Kept(counted(shown.annotator, people), counted(shown.annotator, people, kept), team)


def _entry(whole: _Kept, some: _Kept, who: int, compared: str, p: float, middle: float | None) -> Prelabels:
    n, fewer = int(whole.n[who]), int(some.n[who])
    reason = _lack(n, fewer, compared, p)
    blank = undefined(reason or NEVER_SHOWN, n, UNIT)
    little = undefined(f"{fewer} pre-labels that most of the others changed", fewer, UNIT)
    on_contested = compared.startswith("pre-labels")
    return Prelabels(
        wilson(float(whole.kept[who]), n, unit=UNIT) if n >= FEWEST else blank,
        None if n < FEWEST or np.isnan(whole.team[who]) else float(whole.team[who]),
        wilson(float(some.kept[who]), fewer, unit=UNIT) if fewer >= FEWEST_CONTESTED else little,
        middle if on_contested else None,
        compared if reason is None else None,
        p if reason is None else None,
        None,
        reason,
    )


def _lack(n: int, contested: int, compared: str, p: float) -> str | None:
    if not n:
        return NEVER_SHOWN
    if n < FEWEST:
        return f"{n} pre-labels seen; at least {FEWEST} are needed"
    if np.isfinite(p):
        return None
    if compared.startswith("pre-labels") and contested < FEWEST_CONTESTED:
        return f"{contested} pre-labels that most of the others changed; at least {FEWEST_CONTESTED} are needed"
    return f"fewer than {FEWEST_PEOPLE} people whose pre-labels can be compared, or nobody changed any"
