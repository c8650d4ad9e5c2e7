"""Whether people prefer what they are shown first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, effective_number, items_estimate, team_estimate
from qc.stats.patterns import Floats

FEW_ANSWERS: Final = 50
NOT_KNOWN: Final = "the export does not say which side was shown first, or every answer is a tie"


def position_bias(item: NDArray[Any], annotator: NDArray[Any], first: NDArray[Any]) -> Estimate:
    """P(the side shown first wins) of answers that prefer one; 0.5 where order does not matter and sides were shuffled.

    first: 1 where the side shown first won, else 0; one row per answer, integer codes. The interval is for such a team.
    Undefined without an answer whose order is known.
    """
    if not len(first):
        return undefined(NOT_KNOWN, 0, "answers")
    first = np.asarray(first, dtype=np.float64)
    who, items = (np.unique(codes, return_inverse=True)[1] for codes in (annotator, item))
    ratings = np.bincount(who).astype(np.float64)
    few = (f"fewer than {FEW_ANSWERS} answers",) if len(first) < FEW_ANSWERS else ()
    value = float(first.mean())
    ground = Ground(len(first), effective_number(ratings), value, 1.0, 0.0, few)
    of = Replicated(value, *(_variance(first, code) for code in (items, np.arange(len(first)), who)))
    found = team_estimate(of, ground) if len(ratings) > 1 else items_estimate(of, ground)
    return Estimate(found.value, found.low, found.high, len(first), "answers", found.method, found.warning)


def _variance(first: Floats, code: NDArray[Any]) -> float:
    """The jackknife variance of the mean without each code's answers."""
    left = len(first) - np.bincount(code)
    total = first.sum() - np.bincount(code, first)
    values = np.divide(total, left, out=np.full(len(left), np.nan), where=left > 0)
    return jackknife_variance(values, np.ones(len(values), dtype=np.int64))
