"""The rate of true errors behind what reviewers report, when how well they see is itself only estimated."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

from scipy.special import ndtri

from qc.model import Estimate, undefined
from qc.stats.rates import true_rate
from qc.stats.reviewers import Accuracy

METHOD: Final = (
    "Rogan–Gladen with estimated sensitivity and specificity ({source}), interval of Lang & Reiczigel 2014, 95 %"
)
NOT_IDENTIFIED: Final = (
    "not identified: it is not known how well the reviewers see; settle double reviews, or review answers with gold"
)
BLIND: Final = "the reviewers cannot be told from people who guess: sensitivity + specificity may be 1 or less"
SENSITIVITIES: Final = (0.7, 0.85, 1.0)
SPECIFICITIES: Final = (0.95, 0.98, 1.0)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the rate would be if reviewers had this sensitivity and specificity."""

    sensitivity: float
    specificity: float
    rate: Estimate


def rogan_gladen_error(
    rate: float, n: float, sensitivity: float, n_wrong: float, specificity: float, n_right: float
) -> float:
    """The standard error of Rogan and Gladen's rate when sensitivity and specificity are estimates, too.

    rate: as reported, of n answers; n_wrong, n_right: what sensitivity and specificity were estimated from.
    Source: Rogan & Gladen 1978; 60/500 with 0.9 and 0.95 of 100 each gives 0.0292.

    >>> round(rogan_gladen_error(0.12, 500, 0.9, 100, 0.95, 100), 4)
    0.0292
    """
    discernment = sensitivity + specificity - 1
    true = (rate + specificity - 1) / discernment
    variance = (
        rate * (1 - rate) / n
        + true**2 * sensitivity * (1 - sensitivity) / n_wrong
        + (1 - true) ** 2 * specificity * (1 - specificity) / n_right
    )
    return sqrt(variance) / discernment


def lang_reiczigel(
    rate: float,
    n: float,
    sensitivity: float,
    n_wrong: float,
    specificity: float,
    n_right: float,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """The adjusted true rate and its interval, not yet cut to 0 to 1, when all three are estimates.

    rate: as reported, of n answers (an effective n need not be whole, an infinite one is exact); sensitivity of n_wrong
    and specificity of n_right answers. sensitivity + specificity > 1 after one answer of each kind is added.
    Source: Lang & Reiczigel 2014; 60/500 with 0.9 and 0.95 of 100 each gives 0.0769 (0.0122 to 0.1350).

    >>> print(*(round(each, 4) for each in lang_reiczigel(0.12, 500, 0.9, 100, 0.95, 100)))
    0.0769 0.0122 0.135
    """
    z = float(ndtri((1 + level) / 2))
    seen = (n_wrong * sensitivity + 1) / (n_wrong + 2)
    passed = (n_right * specificity + 1) / (n_right + 2)
    of_seen, of_passed = seen * (1 - seen) / (n_wrong + 2), passed * (1 - passed) / (n_right + 2)
    reported = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    of_reported = reported * (1 - reported) / n / (1 + z**2 / n)
    discernment = seen + passed - 1
    true = (reported + passed - 1) / discernment
    shift = 2 * z**2 * (true * of_seen - (1 - true) * of_passed)
    half = z * sqrt(of_reported + true**2 * of_seen + (1 - true) ** 2 * of_passed) / discernment
    return true, true + shift - half, true + shift + half


def corrected_rate(reported: Estimate, worth: float, reviewers: Accuracy | None, source: str) -> Estimate:
    """The rate of true errors behind a reported one, given how well the reviewers see; 0 to 1.

    worth: the effective n behind `reported` (infinite where everything was reviewed). Undefined where the reviewers'
    accuracy is not known ("not identified"), where they may not see better than chance, and where fewer errors are
    reported than false flags alone would make. The value is Rogan and Gladen's, the interval Lang and Reiczigel's,
    widened to hold it. source: what the reviewers were measured by.
    """
    if reported.value is None:
        return reported
    if reviewers is None or not reviewers.known:
        return undefined(NOT_IDENTIFIED, reported.n, reported.unit)
    seen, passed = reviewers.sensitivity, reviewers.specificity
    assert seen.value is not None
    assert passed.value is not None
    low, high = (end if end is not None else 0.0 for end in (seen.low, passed.low))
    if low + high <= 1:
        return undefined(BLIND, reported.n, reported.unit)
    sizes = reviewers.sensitivity_size, reviewers.specificity_size
    _, bottom, top = lang_reiczigel(reported.value, worth, seen.value, sizes[0], passed.value, sizes[1])
    bottom, top = max(0.0, min(bottom, 1.0)), max(0.0, min(top, 1.0))
    found = true_rate(reported, seen.value, passed.value)
    if found.value is None:
        return undefined(
            f"fewer errors are reported than false flags alone would make at a specificity of {passed.value:.3g}; "
            f"the true rate is at most {top:.2%}",
            reported.n,
            reported.unit,
        )
    return Estimate(
        found.value,
        min(bottom, found.value),
        max(top, found.value),
        reported.n,
        reported.unit,
        METHOD.format(source=source),
        reported.warning,
    )


def over_a_range(reported: Estimate) -> tuple[Assumed, ...]:
    """The true rate if the reviewers saw so well, for some sensitivities and specificities; empty without a rate."""
    if reported.value is None:
        return ()
    return tuple(Assumed(se, sp, true_rate(reported, se, sp)) for se in SENSITIVITIES for sp in SPECIFICITIES)
