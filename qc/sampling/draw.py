"""The draw: by lot, by risk and by routing, each answer with the probability with which it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import InputError
from qc.sampling.chances import Floats, chances, population

RANDOM: Final = "random"
RISK: Final = "risk"
ROUTED: Final = "routed"
SHARES: Final = (RANDOM, RISK, ROUTED)
DRAWN: Final = (
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
# What keeps the chances of one answer apart: to be taken by risk, and to be judged twice.
_BY_RISK: Final = np.uint64(0x9E3779B97F4A7C15)
_TWICE: Final = np.uint64(0xD1B54A32D192ED03)


def draw(
    answers: pd.DataFrame,
    rates: Mapping[str, float],
    min_per_annotator: int,
    seed: int,
    by_risk: float = 0.0,
    twice: float = 0.0,
) -> pd.DataFrame:
    """A sample of answers not offered before, in up to three shares.

    answers: one row each, with `annotation_id`, `question`, `annotator`, `label`, `level`, what `population` reads,
    and where they are known `reasons` (tuples) and `unanswered` (a model's label that no person has answered: it is
    routed, and in no random share); other columns are kept. rates: the share of each level.

    - random: of N answers of an annotator and level a fixed number, all at rate 1. Labels are spread: each gets its
      proportional number, rounded at random so that no answer is favoured, and within a label the lowest digests of
      (seed, annotation, question) are taken.
    - risk: each answer on its own (Poisson), with a probability proportional to its risk, above a floor.
    - routed: all that is marked so.

    An answer that several shares take is of the first of them. A part `twice` is to be judged by two people. The same
    answers in any order give the same sample. Rows come in the order of the digest, so that a partly checked sample
    is again a random one. Adds the columns of DRAWN; `pi` is 1 − (1 − pi_random)(1 − pi_risk), 1 where routed.
    """
    if not 0 <= twice <= 1:
        raise InputError(f"The part judged by two people is {twice}; it must lie between 0 and 1.")
    columns = list(dict.fromkeys([*answers.columns, *DRAWN]))
    known = population(answers, min_per_annotator)
    found = chances(known, rates, by_risk)
    if answers.empty:
        return answers.reindex(columns=columns)
    digest = _digests(answers["annotation_id"], answers["question"].fillna("").astype(str), _key(seed))
    stratum = known.stratum[known.of]
    lot = _by_lot(answers, stratum, known.sizes, found.drawn, known.strata, digest, seed)
    risk = _uniform(digest ^ _BY_RISK) < found.pi_risk[known.of]
    routed = known.routed[known.of]
    chosen = np.flatnonzero(lot | risk | routed)
    chosen = chosen[np.argsort(digest[chosen], kind="stable")]

    sample = answers.iloc[chosen].reset_index(drop=True)
    within, cell = stratum[chosen], known.of[chosen]
    unanswered = sample["unanswered"].to_numpy(bool) if "unanswered" in sample else np.zeros(len(sample), bool)
    shares = np.select([lot[chosen] & ~unanswered, risk[chosen] & ~unanswered], [RANDOM, RISK], ROUTED)
    return sample.assign(
        share=shares.astype(object),
        pi=found.pi[cell],
        pi_random=np.where(unanswered, 0.0, found.pi_random[cell]),
        pi_risk=found.pi_risk[cell],
        reasons=[list(reasons) for reasons in sample["reasons"]] if "reasons" in sample else [[] for _ in chosen],
        reviews_wanted=np.where(_uniform(digest[chosen] ^ _TWICE) < twice, 2, 1),
        stratum=known.strata[within],
        stratum_size=known.sizes[within],
        stratum_drawn=np.bincount(stratum[chosen], minlength=len(known.strata))[within],
    )[columns]


def _by_lot(
    answers: pd.DataFrame,
    stratum: NDArray[np.int64],
    size: NDArray[np.int64],
    drawn: NDArray[np.int64],
    strata: NDArray[np.object_],
    digest: NDArray[np.uint64],
    seed: int,
) -> NDArray[np.bool_]:
    """Which answers the random share takes: a comb with drawn teeth lies over each stratum, sorted by label.

    Its offset is random, so a label gets as many as there are teeth over it, on average its exact share.
    """
    question = answers["question"].fillna("").astype(str)
    spread = pd.factorize(question + "\x1f" + answers["label"].fillna("").astype(str), sort=True)[0]
    order = np.lexsort((digest, spread, stratum))
    block_starts = np.r_[True, (np.diff(stratum[order]) != 0) | (np.diff(spread[order]) != 0)]
    first = np.flatnonzero(block_starts)
    block = np.cumsum(block_starts) - 1
    block_stratum = stratum[order][first]
    start = first - (np.cumsum(size) - size)[block_stratum]
    end = start + np.diff(np.r_[first, len(answers)])
    offset = _digests(pd.Series(strata), pd.Series([""] * len(strata)), _key(seed)) / 2.0**64
    teeth = [
        np.ceil(edge * drawn[block_stratum] / size[block_stratum] - offset[block_stratum]) for edge in (start, end)
    ]
    taken = np.zeros(len(answers), bool)
    taken[order] = np.arange(len(answers)) - first[block] < (teeth[1] - teeth[0])[block]
    return taken


def _key(seed: int) -> bytes:
    return blake2b(str(seed).encode()).digest()


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


def _uniform(bits: NDArray[np.uint64]) -> Floats:
    """Numbers in [0, 1) that tell nothing of the order of the bits they come from.

    The finaliser of SplitMix64 (Steele, Lea & Flood 2014).
    """
    mixed = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    uniform: Floats = (mixed >> np.uint64(11)) / 2.0**53
    return uniform
