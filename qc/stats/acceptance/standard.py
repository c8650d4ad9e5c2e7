"""Single sampling plans of MIL-STD-105E (1989): code letters, and normal, tightened and reduced inspection.

The tables are made from their structure: acceptance numbers are constant where the place of the code letter and the
place of the AQL add up to the same number. Only AQLs up to 10 % are kept, above which the standard counts faults per
hundred units, and answers are right or wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import inf
from typing import Final

from qc.model import InputError

NORMAL, TIGHTENED, REDUCED, DISCONTINUED = "normal", "tightened", "reduced", "discontinued"
SEVERITIES: Final = (NORMAL, TIGHTENED, REDUCED)

# Acceptable quality levels in percent wrong.
AQLS: Final = (
    *(0.010, 0.015, 0.025, 0.040, 0.065, 0.10, 0.15, 0.25),
    *(0.40, 0.65, 1.0, 1.5, 2.5, 4.0, 6.5, 10.0),
)
# S stands for a plan of tightened inspection that only an arrow reaches.
LETTERS: Final = "ABCDEFGHJKLMNPQRS"
SIZES: Final = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)

# Table I: the code letters of lots up to each size, by inspection level.
UP_TO: Final = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, inf)
INSPECTIONS: Final = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}

# Tables II-A to II-C: acceptance and rejection numbers by the sum of places; other sums are arrows.
NUMBERS: Final = {
    NORMAL: {
        14: (0, 1),
        17: (1, 2),
        18: (2, 3),
        19: (3, 4),
        20: (5, 6),
        21: (7, 8),
        22: (10, 11),
        23: (14, 15),
        24: (21, 22),
    },
    TIGHTENED: {
        15: (0, 1),
        18: (1, 2),
        19: (2, 3),
        20: (3, 4),
        21: (5, 6),
        22: (8, 9),
        23: (12, 13),
        24: (18, 19),
    },
    REDUCED: {
        14: (0, 1),
        17: (0, 2),
        18: (1, 3),
        19: (1, 4),
        20: (2, 5),
        21: (3, 6),
        22: (5, 8),
        23: (7, 10),
        24: (10, 13),
    },
}
# The arrows that point at smaller samples; all others point at larger ones, as far as there are any.
UPWARD: Final = {NORMAL: 15, TIGHTENED: None, REDUCED: 15}
# No plan accepts on zero errors above this AQL.
LAST_ZERO: Final = AQLS.index(6.5)


@dataclass(frozen=True, slots=True)
class LotPlan:
    """Check n answers of a lot: up to `accept` errors pass it, from `reject` on they fail it.

    Under reduced inspection there is a gap between the two: the lot passes, and inspection goes back to normal.
    `letter` is the code letter whose n it is, None where the whole lot is checked.
    """

    n: int
    accept: int
    reject: int
    letter: str | None
    severity: str


def code_letter(lot: int, inspection: str) -> str:
    """The code letter of a lot of so many answers at an inspection level (Table I); lots begin at two answers."""
    if inspection not in INSPECTIONS:
        raise InputError(f"There is no inspection level {inspection!r}; use one of {', '.join(INSPECTIONS)}.")
    if lot < 2:
        raise InputError("A lot has at least two answers.")
    return INSPECTIONS[inspection][bisect_left(UP_TO, lot)]


def letter_plan(letter: str, aql: float, severity: str) -> LotPlan:
    """The plan of a code letter at an AQL; an arrow leads to the next plan, which brings its own n.

    >>> letter_plan("H", 1.0, "tightened")
    LotPlan(n=80, accept=1, reject=2, letter='J', severity='tightened')
    """
    if aql not in AQLS:
        raise InputError(f"There is no AQL of {aql:g} %; use one of {', '.join(f'{known:g}' for known in AQLS)}.")
    column, row = AQLS.index(aql), LETTERS.index(letter)
    numbers = NUMBERS[severity]
    last = len(LETTERS) if severity == TIGHTENED else len(LETTERS) - 1
    rows = [at for at in range(last) if _stands(numbers, at, column)]
    above, below = [at for at in rows if at <= row], [at for at in rows if at >= row]
    upward = row + column == UPWARD[severity]
    found = (above[-1:] or below[:1]) if upward else (below[:1] or above[-1:])
    accept, reject = numbers[found[0] + column]
    size = SIZES[max(0, found[0] - 2)] if severity == REDUCED else SIZES[found[0]]
    return LotPlan(size, accept, reject, LETTERS[found[0]], severity)


def lot_plan(lot: int, aql: float, inspection: str, severity: str) -> LotPlan:
    """The plan of a lot; where its n reaches the lot, all of the lot is checked.

    >>> lot_plan(500, 2.5, "II", "normal")
    LotPlan(n=50, accept=3, reject=4, letter='H', severity='normal')
    """
    plan = letter_plan(code_letter(max(lot, 2), inspection), aql, severity)
    return plan if plan.n < lot else LotPlan(lot, plan.accept, plan.reject, None, severity)


def _stands(numbers: dict[int, tuple[int, int]], row: int, column: int) -> bool:
    place = row + column
    return place in numbers and (numbers[place][1] > 1 or column <= LAST_ZERO)
