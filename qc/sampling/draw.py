"""The draw: by lot, by risk and by routing, each answer with the probability with which it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import InputError
from qc.sampling.chances import Floats, Population, chances, population

Bits = NDArray[np.uint64]

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


@dataclass(frozen=True, eq=False)
class Drawable:
    """Answers ready to be drawn from, with any seed.

    spread: the number of each answer's label within the labels of all questions, in the order of their names. digest:
    64 bits of each answer's annotation and question.
    """

    answers: pd.DataFrame
    known: Population
    spread: NDArray[np.int64]
    digest: Bits


def drawable(answers: pd.DataFrame, min_per_annotator: int) -> Drawable:
    """What every draw from the same answers shares; `draw` says what the columns are."""
    question = answers["question"].fillna("").astype(str)
    spread = pd.factorize(question + "\x1f" + answers["label"].fillna("").astype(str), sort=True)[0]
    return Drawable(
        answers, population(answers, min_per_annotator), spread, _digests(answers["annotation_id"], question)
    )


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
    return drawn_from(drawable(answers, min_per_annotator), rates, seed, by_risk, twice)


def drawn_from(
    ready: Drawable, rates: Mapping[str, float], seed: int, by_risk: float = 0.0, twice: float = 0.0
) -> pd.DataFrame:
    """`draw` from answers that are ready for it."""
    if not 0 <= twice <= 1:
        raise InputError(f"The part judged by two people is {twice}; it must lie between 0 and 1.")
    answers, known = ready.answers, ready.known
    found = chances(known, rates, by_risk)
    columns = list(dict.fromkeys([*answers.columns, *DRAWN]))
    if answers.empty:
        return answers.reindex(columns=columns)
    digest = _seeded(ready.digest, seed)
    stratum = known.stratum[known.of]
    offsets = _uniform(_seeded(_digests(pd.Series(known.strata), pd.Series([""] * len(known.strata))), seed))
    lot = _by_lot(stratum, ready.spread, known.sizes, found.drawn, offsets, digest)
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
    stratum: NDArray[np.int64],
    spread: NDArray[np.int64],
    size: NDArray[np.int64],
    drawn: NDArray[np.int64],
    offset: Floats,
    digest: Bits,
) -> NDArray[np.bool_]:
    """Which answers the random share takes: a comb with drawn teeth lies over each stratum, sorted by label.

    Its offset is random, so a label gets as many as there are teeth over it, on average its exact share.
    """
    order = np.lexsort((digest, spread, stratum))
    starts = np.r_[True, (np.diff(stratum[order]) != 0) | (np.diff(spread[order]) != 0)]
    first = np.flatnonzero(starts)
    block = np.cumsum(starts) - 1
    within = stratum[order][first]
    start = first - (np.cumsum(size) - size)[within]
    end = start + np.diff(np.r_[first, len(order)])
    teeth = [np.ceil(edge * drawn[within] / size[within] - offset[within]) for edge in (start, end)]
    taken = np.zeros(len(order), bool)
    taken[order] = np.arange(len(order)) - first[block] < (teeth[1] - teeth[0])[block]
    return taken


def _digests(texts: pd.Series, groups: pd.Series) -> Bits:
    """64 bits per text and group, the same on every platform and in every version."""
    prefixes = {
        group: blake2b(group.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for group in groups.unique().tolist()
    }
    pairs = zip(texts.tolist(), groups.map(prefixes).tolist(), strict=True)
    digests = [
        blake2b(prefix + text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text, prefix in pairs
    ]
    return np.frombuffer(b"".join(digests), "<u8")


def _seeded(digest: Bits, seed: int) -> Bits:
    """Other 64 bits for each seed, as far from those of another one as chance has it."""
    return _mixed(digest ^ np.frombuffer(blake2b(str(seed).encode(), digest_size=8).digest(), "<u8"))


def _mixed(bits: Bits) -> Bits:
    """Bits that tell nothing of those they come from: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    mixed = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _uniform(bits: Bits) -> Floats:
    """Numbers in [0, 1), of which those from `bits ^ constant` tell nothing of the order of the bits."""
    uniform: Floats = (_mixed(bits) >> np.uint64(11)) / 2.0**53
    return uniform
