"""Which answers a person checks: seeded draws with known inclusion probabilities, and how many are needed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from math import ceil, isfinite, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtrc, betaincinv, ndtri

from qc.model import LEVELS, InputError

RANDOM = "random"
DRAWN = (
    "annotation_id",
    "question",
    "share",
    "pi",
    "pi_random",
    "pi_risk",
    "reasons",
    "reviews_wanted",
    "stratum",
    "stratum_size",
    "stratum_drawn",
    "level",
)
# Above this no plan is worth searching for: nobody checks a million answers of one person.
MOST_JUDGED = 1_000_000


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


def draw(answers: pd.DataFrame, rates: Mapping[str, float], min_per_annotator: int, seed: int) -> pd.DataFrame:
    """The random share: a fixed number of each stratum (annotator and level), every answer with pi = drawn / size.

    answers: one row per answer not offered before, with `annotation_id`, `question`, `annotator`, `label`, `level`
    (and others, which are kept). rates: the share of each level. Of N answers max(min_per_annotator, rate·N) are
    drawn, all of them at rate 1. Labels are spread: each gets its proportional number, rounded at random so that no
    answer is favoured, and within a label the lowest digests of (seed, annotation, question) are taken. The same
    answers in any order give the same sample. Rows come in the order of the digest, so that a partly checked sample
    is again a random one. Adds `share`, `pi`, `stratum`, `stratum_size`, `stratum_drawn`.

    A risk share drawn independently with pi2 makes the stored pi 1 − (1 − pi)(1 − pi2).
    """
    _check(rates, min_per_annotator)
    columns = list(dict.fromkeys([*answers.columns, *DRAWN]))
    if answers.empty:
        return answers.reindex(columns=columns)
    key = blake2b(str(seed).encode()).digest()
    names = answers["annotator"].fillna("").astype(str)
    stratum, strata = pd.factorize(names + "|" + answers["level"], sort=True)
    size = np.bincount(stratum)
    rate = np.array([rates[name.rpartition("|")[2]] for name in strata])
    # The small constant undoes 0.07 · 100 = 7.000000000000001.
    drawn = np.minimum(size, np.maximum(min_per_annotator, np.ceil(rate * size - 1e-9).astype(np.int64)))

    question = answers["question"].fillna("").astype(str)
    digest = _digests(answers["annotation_id"], question, key)
    spread = pd.factorize(question + "\x1f" + answers["label"].fillna("").astype(str), sort=True)[0]
    order = np.lexsort((digest, spread, stratum))
    block_starts = np.r_[True, (np.diff(stratum[order]) != 0) | (np.diff(spread[order]) != 0)]
    first = np.flatnonzero(block_starts)
    block = np.cumsum(block_starts) - 1
    block_stratum = stratum[order][first]
    start = first - (np.cumsum(size) - size)[block_stratum]
    end = start + np.diff(np.r_[first, len(answers)])
    # A comb with drawn teeth and a random offset lies over the stratum, sorted by label: a label gets as many as
    # there are teeth over it, on average its exact share.
    offset = _digests(pd.Series(strata), pd.Series([""] * len(strata)), key) / 2.0**64
    teeth = [
        np.ceil(edge * drawn[block_stratum] / size[block_stratum] - offset[block_stratum]) for edge in (start, end)
    ]
    taken = np.arange(len(answers)) - first[block] < (teeth[1] - teeth[0])[block]
    chosen = order[taken]
    chosen = chosen[np.argsort(digest[chosen], kind="stable")]
    sample = answers.iloc[chosen].reset_index(drop=True)
    within = stratum[chosen]
    return sample.assign(
        share=RANDOM,
        pi=drawn[within] / size[within],
        pi_random=drawn[within] / size[within],
        pi_risk=0.0,
        reasons=[[] for _ in range(len(sample))],
        reviews_wanted=1,
        stratum=np.asarray(strata, object)[within],
        stratum_size=size[within],
        stratum_drawn=drawn[within],
    )[columns]


def half_width(n: int, size: int, rate: float, level: float = 0.95) -> float | None:
    """Half the width of the interval to expect from n of `size` answers at an error rate; None when n is 0.

    Normal approximation with finite-population correction: 5 of 100 at 5 % give 0.187.
    """
    if n < 1 or size < 2:
        return None
    z = float(ndtri((1 + level) / 2))
    return z * sqrt(rate * (1 - rate) / n * max(0, size - n) / (size - 1))


def needed_for_width(half: float, rate: float, size: int | None = None, level: float = 0.95) -> int:
    """How many answers (of `size`, if finite) give an interval of ± half at an error rate.

    Cochran: n0 = z²p(1 − p)/half², n = n0 / (1 + (n0 − 1)/size); 0.05 ± 0.02 gives 457, of 1000 answers 314.
    """
    if not half > 0:
        raise InputError("The wished half-width must be above 0.")
    z = float(ndtri((1 + level) / 2))
    unlimited = z**2 * rate * (1 - rate) / half**2
    return ceil(unlimited if size is None else min(size, unlimited / (1 + (unlimited - 1) / max(size, 1))))


def detectable_rise(n: int, base: float, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest error rate that n judged answers tell from `base` with this power; None if no count of errors does.

    One-sided exact binomial test at alpha: 249 answers notice a rise from 0.02 to 0.05.
    """
    if n < 1:
        return None
    accept = _acceptance_numbers(np.array([n]), base, alpha)[0]
    return float(betaincinv(accept + 1, n - accept, power)) if accept < n else None


def needed_to_notice(base: float, raised: float, power: float = 0.8, alpha: float = 0.05) -> tuple[int, int]:
    """The smallest n that notices a rise with this power, and the number of errors that is still accepted.

    One-sided exact binomial test at alpha; n is the smallest from which on every n has the power: 0.02 against 0.05
    gives (249, 9). InputError unless 0 < base < raised < 1, or where a million do not suffice.
    """
    if not 0 < base < raised < 1:
        raise InputError("The rate to notice must lie above the usual one, both between 0 and 1.")
    most = 256
    while most <= MOST_JUDGED:
        n = np.arange(1, most + 1)
        accept = _acceptance_numbers(n, base, alpha)
        weak = np.flatnonzero(bdtrc(accept, n, raised) < power)
        enough = int(n[weak[-1]]) + 1 if weak.size else 1
        # The power is a sawtooth whose teeth shrink: no weak n up to twice as many means none at all.
        if 2 * enough <= most:
            return enough, int(accept[enough - 1])
        most *= 4
    raise InputError("More than a million answers would be needed; ask for a larger difference.")


def _acceptance_numbers(n: NDArray[np.int64], rate: float, alpha: float) -> NDArray[np.int64]:
    """Per n the smallest c with P(errors > c) <= alpha at the rate."""
    low, high = np.full(n.shape, -1), n.copy()
    while (high - low > 1).any():
        middle = (low + high + 1) // 2
        small = bdtrc(middle, n, rate) <= alpha
        low, high = np.where(small, low, middle), np.where(small, middle, high)
    return high


def _digests(texts: pd.Series, groups: pd.Series, key: bytes) -> NDArray[np.uint64]:
    """64 bits per text and group, the same on every platform and in every version."""
    prefixes = {
        group: blake2b(group.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest()
        for group in groups.unique().tolist()
    }
    pairs = zip(texts.tolist(), groups.map(prefixes).tolist(), strict=True)
    digests = [
        blake2b(prefix + text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text, prefix in pairs
    ]
    return np.frombuffer(b"".join(digests), "<u8")


def _check(rates: Mapping[str, float], min_per_annotator: int) -> None:
    for level, rate in rates.items():
        if not (isfinite(rate) and 0 <= rate <= 1):
            raise InputError(f"The share to check at level {level} is {rate}; it must lie between 0 and 1.")
    if min_per_annotator < 0:
        raise InputError("The least number per annotator cannot be negative.")
