"""How long an item usually takes, how fast a person usually is, and what is left of each answer's time."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import ndtr

from qc.stats.care.answers import Answers, Flags, Floats, Ints, counted
from qc.stats.multiple import benjamini_hochberg

# Times further than this many standard deviations from what is usual count as if they were not further.
FARTHEST = 2.5
ROUNDS = 2
# From the median of sizes to a standard deviation, and from the error of a mean to that of a median (normal).
TO_DEVIATION = 1.4826
OF_MEDIAN = 1.2533
FEWEST_OF_ITEM = 3
SURE = 0.05
LEVEL_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class Speed:
    """Log-seconds as person + item + rest, one row per person and item with a time.

    row: for each answer its row, −1 without a time; first: for each row its first answer. from_item: log of the time
    against what the item takes the team. from_own: against what the item takes this person. Both leave the answer
    itself out of the item's time. usual: each person's log-seconds on a usual item (NaN without a time); timed:
    their rows.
    """

    row: Ints
    first: Ints
    annotator: Ints
    from_item: Floats
    from_own: Floats
    usual: Floats
    timed: Ints
    team: float
    items: Items

    @property
    def people(self) -> int:
        """How many have any time."""
        return int((self.timed > 0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Medians of log-seconds by item code, against a usual item: rows, median, standard error, p-values.

    The p-values (one-sided: takes longer than usual) are NaN under three rows.
    """

    n: Ints
    middle: Floats
    error: Floats
    p: Floats

    def slow(self, most: int) -> tuple[Ints, Floats]:
        """The slowest items that are slow beyond doubt (false discovery rate 5 % over items), and their q."""
        tested = np.flatnonzero(~np.isnan(self.p))
        q = benjamini_hochberg(self.p[tested])
        sure = q <= SURE
        found, q = tested[sure], q[sure]
        first = np.lexsort((found, -self.middle[found]))[:most]
        return found[first], q[first]


def speed_of(answers: Answers) -> Speed:
    """A two-way fit that a few wild times do not move: medians for people, winsorised and shrunken means for items.

    The effect of an item is the best linear prediction, with the variance between items taken from how times of
    different people on the same item go together. Where items have one answer each they have no effect. Source: the
    log-normal response time model (van der Linden 2006, J Educ Behav Stat 31:181), fitted by moments.
    """
    timed = np.isfinite(answers.log_seconds)
    # All questions of a submission share its time.
    items = int(answers.item.max(initial=0)) + 1
    key = answers.annotator[timed] * items + answers.item[timed]
    if (answers.question == answers.question[:1]).all():
        first, row_of = np.arange(len(key)), np.arange(len(key))
    else:
        _, first, row_of = np.unique(key, return_index=True, return_inverse=True)
    row = np.full(len(answers.item), -1, dtype=np.int64)
    row[timed] = row_of
    annotator, item = answers.annotator[timed][first], answers.item[timed][first]
    y = answers.log_seconds[timed][first]
    people = int(answers.annotator.max(initial=-1)) + 1
    n = np.bincount(item, minlength=items)
    usual, effect = np.full(people, np.nan), np.zeros(items)
    if not len(y):
        none = Items(n, effect, effect, np.full(items, np.nan))
        return Speed(row, first, annotator, y, y, usual, np.zeros(people, dtype=np.int64), 0.0, none)
    total, left, shrink = effect, y, 1.0
    usual = medians(annotator, y, people)
    effect = np.where(n >= FEWEST_OF_ITEM, np.nan_to_num(medians(item, y - usual[annotator], items)), 0.0)
    for _ in range(ROUNDS):
        usual = medians(annotator, y - effect[item], people)
        left = effect[item] + winsorised(y - usual[annotator] - effect[item])
        total = counted(item, items, left)
        shrink = _noise_ratio(item, left, total, n)
        effect = total / (n + shrink)
    others = (total[item] - left) / (n[item] - 1 + shrink)
    usual = medians(annotator, y - others, people)
    team = float(np.nanmedian(usual))
    against = y - others
    found = _items(item, y - usual[annotator], effect, n)
    timed_of = np.bincount(annotator, minlength=people)
    whence = np.flatnonzero(timed)[first]
    return Speed(row, whence, annotator, against - team, against - usual[annotator], usual, timed_of, team, found)


def medians(groups: Ints, values: Floats, size: int) -> Floats:
    """The median of each group 0 … size − 1 to a thousandth; NaN for an empty one."""
    milli = np.rint(values * 1000).astype(np.int64)
    low = int(milli.min())
    span = int(milli.max()) - low + 1
    ordered = np.sort(groups * span + (milli - low)) % span + low
    counts = np.bincount(groups, minlength=size)
    begins = np.cumsum(counts) - counts
    some = counts > 0
    result = np.full(size, np.nan)
    lower, upper = begins[some] + (counts[some] - 1) // 2, begins[some] + counts[some] // 2
    result[some] = (ordered[lower] + ordered[upper]) / 2000
    return result


def winsorised(left: Floats) -> Floats:
    """Residuals drawn in to two and a half standard deviations, as the median of their sizes tells these."""
    size = np.abs(left)
    middle = len(size) // 2
    limit = FARTHEST * TO_DEVIATION * float(np.partition(size, middle)[middle])
    return np.clip(left, -limit, limit) if limit > 0 else left


def fast(distance: Floats, factor: float) -> Flags:
    """Whether a time is under the factor of what is usual."""
    result: Flags = distance < np.log(factor)
    return result


def _items(item: Ints, left: Floats, effect: Floats, n: Ints) -> Items:
    """Medians of items: two broken times of eight do not make an item slow."""
    deviation = TO_DEVIATION * float(np.median(np.abs(left - effect[item])))
    error = OF_MEDIAN * max(deviation, 1e-6) / np.sqrt(np.maximum(n, 1))
    middle = medians(item, left, len(n))
    return Items(n, middle, error, np.where(n >= FEWEST_OF_ITEM, ndtr(-middle / error), np.nan))


def _noise_ratio(item: Ints, left: Floats, total: Floats, n: Ints) -> float:
    """The variance within items over that between them; ∞ where none is seen between them."""
    pairs = float((n * (n - 1.0)).sum())
    variance = float(left @ left) / len(left)
    if not pairs:
        return inf
    squares = counted(item, len(n), left**2)
    several = n > 1
    between = float((total[several] ** 2 - squares[several]).sum()) / pairs
    if between <= 0:
        return inf
    return max(variance - between, 1e-12) / between
