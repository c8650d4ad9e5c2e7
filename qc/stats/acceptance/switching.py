"""When inspection changes between normal, tightened and reduced, and when it is discontinued.

Normal, tightened and discontinued after MIL-STD-105E (two of five lots, five lots, five rejected on tightened). From
normal to reduced by the switching score of ISO 2859-1:1999, because it asks for no further table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from qc.stats.acceptance.standard import DISCONTINUED, NORMAL, REDUCED, TIGHTENED

WATCHED: Final = 5
TOO_MANY: Final = 2
RECOVERED: Final = 5
HOPELESS: Final = 5
# ISO 2859-1:1999, 9.3.3: reduced from 30 points on; 3 a lot that passes one AQL tighter too, 2 where Ac is 0 or 1.
ENOUGH_SCORE: Final = 30


@dataclass(frozen=True, slots=True)
class Inspection:
    """Where the inspection of a subject's lots stands: severity, and what counts towards the next change.

    `lots`: those of this severity, newest last, at most five, True = accepted; `score` under normal inspection;
    `rejected`: lots rejected since inspection was tightened.
    """

    severity: str = NORMAL
    lots: tuple[bool, ...] = ()
    score: int = 0
    rejected: int = 0


def after(state: Inspection, errors: int, accept: int, reject: int, tighter: int | None = None) -> Inspection:
    """The state after one more lot with so many errors in its sample.

    accept, reject: numbers of the plan in force. tighter: errors up to which the same sample would have been accepted
    one AQL step tighter, None where there is no such plan (then nothing is scored). Once discontinued nothing changes:
    a person resumes, at tightened inspection.
    """
    accepted = errors < reject
    lots = (*state.lots, accepted)[-WATCHED:]
    if state.severity == NORMAL:
        if lots.count(False) >= TOO_MANY:
            return Inspection(TIGHTENED)
        points = 2 if accept <= 1 and accepted else 3 if tighter is not None and errors <= tighter else 0
        score = state.score + points if points else 0
        return Inspection(REDUCED) if score >= ENOUGH_SCORE else replace(state, lots=lots, score=score)
    if state.severity == TIGHTENED:
        rejected = state.rejected + (not accepted)
        if rejected >= HOPELESS:
            return Inspection(DISCONTINUED)
        if len(lots) == RECOVERED and all(lots):
            return Inspection(NORMAL)
        return replace(state, lots=lots, rejected=rejected)
    if state.severity == REDUCED:
        # In the gap between the two numbers the lot passes, and the calm is over all the same.
        return Inspection(NORMAL) if errors > accept else replace(state, lots=lots)
    return state
