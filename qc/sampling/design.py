"""How many answers to check: what a number of them shows, and the number that shows what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, betaincinv, ndtri

from qc.model import InputError
from qc.sampling.chances import Chances, Population, chances

# Above this no plan is worth searching for: nobody checks a million answers of one person.
MOST_JUDGED: Final = 1_000_000
# Rates are looked for in steps of a hundredth of a point.
RATE_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Design:
    """What a draw is expected to bring.

    rate: that of level `normal`. new: answers to draw from. by_lot, by_risk, routed: answers expected by share (each
    answer in one of them). effective: how many drawn by lot alone would tell as much (Kish). half_width: of the
    team's rate at 95 %; None where nothing is drawn. detectable_rise: the smallest rate told from `from_rate`.
    """

    rate: float
    new: int
    by_lot: float
    by_risk: float
    routed: float
    effective: float
    half_width: float | None
    detectable_rise: float | None

    @property
    def drawn(self) -> float:
        """The number expected."""
        return self.by_lot + self.by_risk + self.routed


def design(
    known: Population,
    rates: Mapping[str, float],
    by_risk: float,
    at_rate: float,
    from_rate: float,
    power: float = 0.8,
) -> Design:
    """What a draw at these rates would bring, before any seed is chosen.

    The variance to expect of Hájek's rate at an error rate p is p(1 − p) Σ(1/π − 1)/N² (Poisson; for one stratum by
    lot it is that of simple random sampling, 1/N for 1/(N − 1) apart); Kish's effective n is N²/Σ(1/π).
    """
    found = chances(known, rates, by_risk)
    size = float(known.answers.sum())
    by_lot = float((known.answers * found.pi_random).sum())
    routed = float((known.answers * (1 - found.pi_random))[known.routed].sum())
    total = float((known.answers * found.pi).sum())
    effective = _effective(known, found)
    numbers = rates["normal"], int(size), by_lot, total - by_lot - routed, routed, effective
    if effective == 0:
        return Design(*numbers, None, None)
    spread = at_rate * (1 - at_rate) * max(0.0, 1 / effective - 1 / size)
    half = float(ndtri(0.975)) * sqrt(spread)
    return Design(*numbers, half, detectable_rise(int(effective + 1e-9), from_rate, power))


def scaled(rates: Mapping[str, float], normal: float) -> dict[str, float]:
    """The rates with that of level `normal` as asked and the others in proportion; what is at 1 stays at 1."""
    factor = normal / rates["normal"] if rates["normal"] else 1.0
    return {
        level: normal if level == "normal" else rate if rate >= 1 else min(1.0, rate * factor)
        for level, rate in rates.items()
    }


def rates_for_number(known: Population, rates: Mapping[str, float], by_risk: float, number: int) -> dict[str, float]:
    """The rates, in proportion, at which about so many answers are expected by lot and by risk.

    Routed answers come on top. InputError where there are not so many, or where the floors and level `full` already
    take more.
    """

    def expected(found: Chances) -> float:
        return float((known.answers * np.where(known.routed, found.pi_random, found.pi)).sum())

    lowest = expected(chances(known, scaled(rates, 1 / RATE_STEPS), by_risk))
    if number + 0.5 < lowest:
        raise InputError(
            f"The least number per annotator and level full already take about {lowest:,.0f} answers; ask for as many, "
            "or lower the least number per annotator."
        )
    missing = f"{number:,} answers are more than there are"
    return _smallest(known, rates, by_risk, lambda found: expected(found) >= number - 0.5, missing)


def rates_to_notice(
    known: Population, rates: Mapping[str, float], by_risk: float, base: float, raised: float, power: float = 0.8
) -> dict[str, float]:
    """The rates, in proportion, at which a rise of the team's error rate is noticed with this power.

    InputError where all new answers together would not show it.
    """
    n, _ = needed_to_notice(base, raised, power)
    missing = f"A rise from {100 * base:g} to {100 * raised:g} % takes {n:,} judged answers, more than there are"
    return _smallest(known, rates, by_risk, lambda found: _effective(known, found) >= n - 1e-9, missing)


def _smallest(
    known: Population, rates: Mapping[str, float], by_risk: float, enough: Callable[[Chances], bool], missing: str
) -> dict[str, float]:
    everything = dict.fromkeys(rates, 1.0)
    if not enough(chances(known, everything, by_risk)):
        size = int(known.answers.sum())
        raise InputError(f"{missing} ({size:,} were not offered yet); wait for more, or ask for less.")
    low, high = 0, RATE_STEPS
    while high - low > 1:
        middle = (low + high) // 2
        if enough(chances(known, scaled(rates, middle / RATE_STEPS), by_risk)):
            high = middle
        else:
            low = middle
    return scaled(rates, high / RATE_STEPS)


def _effective(known: Population, found: Chances) -> float:
    """Kish's effective n of a draw; 0 where an answer could never be drawn."""
    if not len(found.pi) or (found.pi <= 0).any():
        return 0.0
    return float(known.answers.sum()) ** 2 / float((known.answers / found.pi).sum())


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
