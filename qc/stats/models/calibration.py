"""Whether a model is right as often as it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qc.model import Estimate, undefined
from qc.stats.models.shares import Floats, weighted_share

BINS = 10
FEWEST = 50
DRAWS = 2000
SEED = 7
METHOD = "expected calibration error, ten bins, less its bias; parametric bootstrap of each bin, 95 %"


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of one tenth of the confidence: how sure the model was, how often it was right."""

    score: float
    accuracy: Estimate
    n: int


def bin_of(score: ArrayLike) -> np.ndarray:
    """The tenth of each score in 0 to 1."""
    found: np.ndarray = np.minimum((np.asarray(score, float) * BINS).astype(int), BINS - 1)
    return found


def calibration(score: ArrayLike, right: ArrayLike, weight: ArrayLike) -> tuple[Bin, ...]:
    """The accuracy at each tenth of the confidence; tenths without a judged answer are left out."""
    s, y, w = (np.asarray(values, float) for values in (score, right, weight))
    at = bin_of(s)
    found = []
    for place in np.unique(at):
        rows = at == place
        mean = float(w[rows] @ s[rows] / w[rows].sum())
        found.append(Bin(mean, weighted_share(y[rows], w[rows]), int(rows.sum())))
    return tuple(found)


def calibration_error(score: ArrayLike, right: ArrayLike, weight: ArrayLike, unit: str = "answers") -> Estimate:
    """The mean distance between confidence and accuracy over tenths of the confidence, weighted by their answers.

    Noise alone makes such a distance, so the bootstrap's bias is taken off. Undefined under 50 answers.
    Source: Naeini, Cooper & Hauskrecht 2015 (ECE); Bröcker 2012 on its bias.
    """
    s, y, w = (np.asarray(values, float) for values in (score, right, weight))
    if len(s) < FEWEST:
        return undefined(f"{len(s)} judged answers with a confidence; at least {FEWEST} are needed", len(s), unit)
    at = bin_of(s)
    total = np.bincount(at, w, minlength=BINS)
    surplus = np.bincount(at, w * (s - y), minlength=BINS)
    mean = surplus / np.maximum(total, 1e-12)
    spread = np.sqrt(np.bincount(at, (w * (s - y - mean[at])) ** 2, minlength=BINS))
    plain = float(np.abs(surplus).sum() / total.sum())
    noise = np.random.default_rng(SEED).standard_normal((DRAWS, BINS))
    again: Floats = np.abs(surplus + spread * noise).sum(axis=1) / total.sum()
    bias = float(again.mean()) - plain
    value = max(0.0, plain - bias)
    low, high = np.quantile(again, [0.025, 0.975]) - 2 * bias
    # Near 0 the bias is not constant: what a model without error shows in one of 40 cases is no evidence of one.
    if plain <= np.quantile(np.abs(spread * noise).sum(axis=1) / total.sum(), 0.975):
        low = 0.0
    return Estimate(value, max(0.0, min(float(low), value)), max(float(high), value), len(s), unit, METHOD)
