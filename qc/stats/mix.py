"""Whether one's labels are shared out as others' are, or as they were before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, gammaincinv

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

# The false discovery rate at which something is named.
NOTED: Final = 0.05
# A label that is expected less often is counted with others.
FEWEST: Final = 5.0
# Below so many subjects their median says nothing of what all have in common.
ENOUGH_SUBJECTS: Final = 10
RANK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Compared:
    """Per subject: its statistic and degrees of freedom (0: nothing to compare), the share that moved, expectations.

    moved: half of the absolute differences from `expected` (subjects by labels; what the others' shares would give),
    over all answers of the subject.
    """

    statistic: Floats
    freedom: Counts
    moved: Floats
    expected: Floats


def compare(subject: NDArray[Any], own: Counts, other: Counts, subjects: int) -> Compared:
    """Cochran–Mantel–Haenszel statistics of own labels against others', over the strata of each subject.

    own, other: label counts, one row per subject and stratum (batch; all in one where there are none), `subject` the
    place of each row's subject. Given the counts of a stratum the statistic is about chi-square; labels expected
    under FEWEST times are taken together. Source: Landis, Heyman & Koch 1978.
    """
    both = (own + other).astype(float)
    n, m = own.sum(axis=1).astype(float), other.sum(axis=1).astype(float)
    total = n + m
    used = (n > 0) & (m > 0)
    share = np.divide(both, total[:, None], out=np.zeros_like(both), where=total[:, None] > 0)
    weight = np.where(used, n * m / np.maximum(total - 1, 1), 0.0)
    labels = own.shape[1]
    expected, found, matched, wanted = (np.zeros((subjects, labels)) for _ in range(4))
    spread = np.zeros((subjects, labels, labels))
    np.add.at(expected, subject, np.where(used[:, None], n[:, None] * share, 0.0))
    np.add.at(matched, subject, np.where(used[:, None], m[:, None] * share, 0.0))
    np.add.at(found, subject, np.where(used[:, None], own, 0))
    np.add.at(wanted, subject, np.where(used[:, None], n[:, None] * other / np.maximum(m, 1)[:, None], 0.0))
    covariance = -share[:, :, None] * share[:, None, :]
    covariance[:, np.arange(labels), np.arange(labels)] += share
    np.add.at(spread, subject, weight[:, None, None] * covariance)
    size = found.sum(axis=1)
    moved = np.divide(np.abs(found - wanted).sum(axis=1) / 2, size, out=np.zeros(subjects), where=size > 0)
    merge = _merging(np.minimum(expected, matched))
    gap = np.einsum("skl,sl->sk", merge, found - expected)
    spread = np.einsum("ska,sab,slb->skl", merge, spread, merge)
    values, vectors = np.linalg.eigh(spread)
    kept = values > RANK * np.maximum(values.max(axis=1, keepdims=True, initial=0), 1.0)
    turned = np.einsum("skl,sk->sl", vectors, gap)
    terms = np.divide(turned**2, values, out=np.zeros_like(values), where=kept)
    return Compared(terms.sum(axis=1), kept.sum(axis=1).astype(np.int64), moved, wanted)


def _merging(expected: Floats) -> Floats:
    """Per subject the matrix that adds labels expected too rarely to the most frequent one.

    Deviations add up to 0, so this is the table without them beside all the others.
    """
    subjects, labels = expected.shape
    rare = expected < FEWEST
    merge = np.zeros((subjects, labels, labels))
    # Those taken together stand at the first of them, unless they are too rare even so.
    together = np.where(rare, expected, 0.0).sum(axis=1)
    largest = expected.argmax(axis=1)
    target = np.where(together >= FEWEST, np.where(rare.any(axis=1), rare.argmax(axis=1), 0), largest)
    place = np.where(rare, target[:, None], np.arange(labels))
    rows, columns = np.nonzero(np.ones((subjects, labels), bool))
    merge[rows, place[rows, columns], columns] = 1.0
    return merge


def dispersion(group: NDArray[Any], counts: Counts) -> tuple[float, int]:
    """How much more labels vary within groups than by chance (at least 1), and its degrees of freedom.

    counts: labels of one row per group and day, sorted by `group` (a subject in a week). Pearson's statistic over its
    degrees of freedom, pooled; given the margins its mean is exact, however small the counts. Work that comes in
    blocks of like items makes it large.
    """
    if not len(counts):
        return 1.0, 0
    begins = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    sizes = np.diff(np.append(begins, len(group)))
    per_label = np.add.reduceat(counts, begins, axis=0).astype(float)
    per_group = per_label.sum(axis=1)
    rows = counts.sum(axis=1).astype(float)
    expected = rows[:, None] * np.repeat(per_label / np.maximum(per_group, 1)[:, None], sizes, axis=0)
    terms = np.divide((counts - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    freedom = (np.add.reduceat(rows > 0, begins, dtype=np.int64) - 1) * ((per_label > 0).sum(axis=1) - 1)
    freedom = freedom.clip(0)
    mean = float((freedom * per_group / np.maximum(per_group - 1, 1)).sum())
    return (max(1.0, float(terms.sum()) / mean), int(freedom.sum())) if mean > 0 else (1.0, 0)


def p_values(compared: Compared, tested: NDArray[np.bool_], spread: tuple[float, int]) -> Floats:
    """p of each tested subject; NaN for the others.

    spread: the dispersion and its degrees of freedom, as `dispersion` gives it: the statistic over it is compared with
    F. With ENOUGH_SUBJECTS it is also divided by what the median subject exceeds a chi-square by, so that what all
    have in common names nobody. Sources: McCullagh & Nelder 1989 (quasi-likelihood); Devlin & Roeder 1999.
    """
    tested = tested & (compared.freedom > 0)
    freedom = np.maximum(compared.freedom, 1)
    factor, known = spread
    scaled = compared.statistic / factor
    if tested.sum() >= ENOUGH_SUBJECTS:
        inflation = np.median((scaled / (2 * gammaincinv(freedom / 2, 0.5)))[tested])
        scaled = scaled / max(1.0, float(inflation))
    p = fdtrc(freedom, known, scaled / freedom) if factor > 1 else chdtrc(freedom, scaled)
    return np.where(tested, p, np.nan)
