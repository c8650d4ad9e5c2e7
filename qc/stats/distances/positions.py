"""Whether people prefer what they are shown first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.patterns import Integers

NOT_KNOWN = "the export does not say which side was shown first, or every answer is a tie"


def position_bias(item: Integers, annotator: Integers, first: Integers) -> Estimate:
    """P(the side shown first wins) of answers that prefer one; 0.5 where order does not matter and sides were shuffled.

    first: 1 where the side shown first won, else 0; one row per answer, integer codes. The interval is for such a team.
    Undefined without an answer whose order is known.
    """
    sums = PairSums(item, annotator, None, first.astype(np.float64), np.ones(len(first)))
    found, _ = pooled(sums, NOT_KNOWN)
    if found.value is None:
        return undefined(NOT_KNOWN, 0, "answers")
    return replace(found, n=len(first), unit="answers")
