"""Whether people prefer what they are shown first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qc.model import Estimate
from qc.stats.agreement.ratios import ratio
from qc.stats.patterns import Integers

NOT_KNOWN = "the export does not say which side was shown first, or every answer is a tie"


def position_bias(item: Integers, annotator: Integers, first: Integers) -> Estimate:
    """P(the side shown first wins) of answers that prefer one; 0.5 where order does not matter and sides were shuffled.

    first: 1 where the side shown first won, else 0; one row per answer, integer codes. The interval is for such a team.
    Undefined without an answer whose order is known.
    """
    found = ratio(item, annotator, first.astype(np.float64), np.ones(len(first)), NOT_KNOWN)
    return replace(found, n=len(first), unit="answers")
