"""The coefficients for which it matters who answered: Conger, Cohen, weighted kappa, ICC and Kendall's W."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qc.stats.agreement.concordance import concordance
from qc.stats.agreement.icc import intraclass
from qc.stats.agreement.jackknife import Both
from qc.stats.agreement.people import conger, mean_cohen
from qc.stats.agreement.ratings import Ratings
from qc.stats.weights import MAX_LABELS, WEIGHTS

WEIGHTED_KAPPAS: Final = ("linear", "quadratic")


def agreement_of_people(ratings: Ratings, level: str = "nominal") -> dict[str, Both]:
    """By name: `conger`, `cohen` (mean over pairs), and what the level of measurement lets apply.

    On a scale `kappa_linear` and `kappa_quadratic` (weighted kappa, mean over pairs) and `kendall_w`; for numbers
    `icc1`, `icc2`, `icc3`, `icc1k`, `icc2k` and `icc3k`. ICC and Kendall's W use the items that everybody answered.
    """
    applying = OF_NAMES if level == "nominal" else {**OF_NAMES, **OF_SCALE}
    found = {name: coefficient(ratings) for name, coefficient in applying.items()}
    return found if level in ("nominal", "ordinal") else {**found, **intraclass(ratings.crossed)}


def weighted_kappa(ratings: Ratings, weights: str) -> Both:
    """Weighted kappa of every two annotators (Cohen 1968), averaged by shared items; weights: a key of WEIGHTS."""
    if len(ratings.values) > MAX_LABELS:
        return Both.undefined(f"no weights are made for more than {MAX_LABELS:,} labels")
    return mean_cohen(ratings, WEIGHTS[weights](ratings.values))


OF_NAMES: Final[Mapping[str, Callable[[Ratings], Both]]] = {"conger": conger, "cohen": mean_cohen}
OF_SCALE: Final[Mapping[str, Callable[[Ratings], Both]]] = {
    "kappa_linear": lambda ratings: weighted_kappa(ratings, "linear"),
    "kappa_quadratic": lambda ratings: weighted_kappa(ratings, "quadratic"),
    "kendall_w": lambda ratings: concordance(ratings.crossed),
}
