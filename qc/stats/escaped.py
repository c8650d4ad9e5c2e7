"""How many errors are left in the work after review, when reviewers miss some errors and flag some right answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qc.model import Estimate, undefined
from qc.stats.intervals import wilson_bounds

METHOD: Final = (
    "errors in all answers less those that reviews found, corrected for reviewers (sensitivity {:.3g}, specificity "
    "{:.3g}), Wilson at the effective n, 95 %"
)
BLIND: Final = "such reviewers cannot tell right from wrong"


@dataclass(frozen=True, slots=True)
class Eyes:
    """How well reviewers see, and the binomial n behind each of the two; infinite where they are taken as known."""

    sensitivity: float
    specificity: float
    sensitivity_size: float = float("inf")
    specificity_size: float = float("inf")

    @property
    def discernment(self) -> float:
        """Youden's J; at 0 or below a review says nothing."""
        return self.sensitivity + self.specificity - 1

    def noise(self, rate: float) -> float:
        """The variance that the reviewers' own errors add to one report, at a true error rate."""
        return rate * self.sensitivity * (1 - self.sensitivity) + (1 - rate) * self.specificity * (1 - self.specificity)


def escaped_errors(answers: int, reviewed: int, flagged: int, reported: Estimate, worth: float, eyes: Eyes) -> Estimate:
    """True errors left: those that reviews missed, and those in answers that nobody reviewed.

    reported: the rate of all answers as reviewers report it, worth: the effective n behind it, finite populations
    allowed for (infinite where everything was reviewed). flagged of `reviewed` answers were rejected. Errors left are
    N·p̂ − Se·(flagged − n·(1 − Sp))/J with Rogan and Gladen's p̂; the variance is that of the sample, plus what the
    reviewers' own errors do, which no census takes away, plus that of Se and Sp where they are estimates. Undefined
    where fewer errors are reported than false flags alone would make.
    """
    if reported.value is None:
        return reported
    clear, discernment = 1 - eyes.specificity, eyes.discernment
    if discernment <= 0:
        return undefined(BLIND, reported.n, reported.unit)
    rate = (reported.value - clear) / discernment
    if rate < 0:
        return undefined("fewer errors are reported than false flags alone would make", reported.n, reported.unit)
    removed = max(0.0, eyes.sensitivity * (flagged - reviewed * clear) / discernment)
    left = max(0.0, answers * rate - removed)
    # What one more reported error in a hundred says of the errors left.
    lever = (answers - eyes.sensitivity * reviewed) / discernment
    method = METHOD.format(eyes.sensitivity, eyes.specificity)
    if lever <= 0:
        return Estimate(left, left, left, reported.n, reported.unit, method, reported.warning)
    if reported.low is None:
        return Estimate(left, None, None, reported.n, reported.unit, method, reported.warning)
    variance = _variance(answers, reviewed, reported.value, worth, rate, eyes) / lever**2
    spread = reported.value * (1 - reported.value)
    low, high = wilson_bounds(reported.value, spread / variance if spread and variance > 0 else worth)
    ends = (left + lever * (float(end) - reported.value) for end in (low, high))
    bottom, top = (min(max(end, 0.0), float(answers)) for end in ends)
    return Estimate(left, min(bottom, left), max(top, left), reported.n, reported.unit, method, reported.warning)


def _variance(answers: int, reviewed: int, reported: float, worth: float, rate: float, eyes: Eyes) -> float:
    """Of the estimate less the errors truly left, from the variance of the reported rate as if reviewers never erred.

    The finite population shrinks the variance of who was chosen, not that of how they were judged; both count each
    flagged error once as found and once as evidence for others.
    """
    n, seen, discernment = max(reviewed, 1), eyes.sensitivity, eyes.discernment
    noise, caught = eyes.noise(rate), rate * eyes.sensitivity * (1 - eyes.sensitivity)
    sample = answers**2 * reported * (1 - reported) / worth / discernment**2
    share = min(reviewed / answers, 1.0)
    each = (answers / n - seen) / discernment
    judged = n * (each**2 * noise + (1 + 2 * each) * caught)
    judged -= answers**2 * (1 - share) * noise / (n * discernment**2)
    lever = (answers - seen * reviewed) / discernment
    of_seen = (rate * (lever + n)) ** 2 * seen * (1 - seen) / eyes.sensitivity_size
    of_passed = ((1 - rate) * lever) ** 2 * eyes.specificity * (1 - eyes.specificity) / eyes.specificity_size
    return max(sample + judged, 0.0) + of_seen + of_passed
