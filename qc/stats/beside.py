"""What one person does more often than the others, many kinds of thing at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qc.model import Estimate
from qc.stats.intervals import wilson
from qc.stats.multiple import benjamini_hochberg


@dataclass(frozen=True, slots=True)
class Beside:
    """How often one person does something and the others do; q is the false discovery rate of "more often"."""

    rate: Estimate
    others: Estimate
    q: float


def more_often(found: ArrayLike, of: ArrayLike, found_others: ArrayLike, of_others: ArrayLike) -> list[Beside]:
    """Shares of one person beside those of the others, in the order given, with one-sided exact tests held together.

    Whole numbers, 0 <= found <= of and 0 <= found_others <= of_others; answers count as independent. Sources: Fisher
    1935 (his tea: 3 of 4 against 1 of 4 has p = 17/70), Benjamini & Hochberg 1995.

    >>> [(round(row.rate.value, 2), round(row.others.value, 2), round(row.q, 4)) for row in more_often(3, 4, 1, 4)]
    [(0.75, 0.25, 0.2429)]
    """
    from scipy.stats import hypergeom

    k, n, others, m = (np.atleast_1d(np.asarray(counts, np.int64)) for counts in (found, of, found_others, of_others))
    q = benjamini_hochberg(np.clip(hypergeom.sf(k - 1, n + m, k + others, n), 0, 1))
    return [
        Beside(wilson(int(a), int(b), unit="answers"), wilson(int(c), int(d), unit="answers"), float(sure))
        for a, b, c, d, sure in zip(k, n, others, m, q, strict=True)
    ]
