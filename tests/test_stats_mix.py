"""Label mixes and bursts against scipy, statsmodels and sums written out; two seconds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, binom, chi2, f
from statsmodels.stats.contingency_tables import StratifiedTable

from qc.stats.bursts import at_least, burst, overdispersion
from qc.stats.mix import ENOUGH_SUBJECTS, Compared, compare, dispersion, p_values

ONE = np.array([0])
TESTED = np.array([True])


def test_two_labels_in_strata_are_cochrans_and_mantel_and_haenszels() -> None:
    """statsmodels' StratifiedTable without correction, two subjects apart; an empty stratum tells nothing."""
    own = np.array([[20, 30], [40, 15], [9, 22], [33, 31], [0, 0]])
    other = np.array([[35, 25], [60, 44], [31, 18], [30, 52], [40, 60]])
    subject = np.array([0, 0, 1, 1, 1])
    found = compare(subject, own, other, 2)
    for who, rows in ((0, [0, 1]), (1, [2, 3])):
        tables = [np.array([own[row], other[row]]) for row in rows]
        assert found.statistic[who] == pytest.approx(StratifiedTable(tables).test_null_odds().statistic)
    assert found.freedom.tolist() == [1, 1]


def test_three_labels_in_strata_by_sums_written_out() -> None:
    """Landis, Heyman & Koch 1978: d'V⁻¹d over all labels but one, V the sum of nm/(N − 1)·(diag p − pp')."""
    own, other = np.array([[20, 30, 50], [40, 15, 9]]), np.array([[35, 25, 45], [60, 44, 20]])
    gap, spread, wanted = np.zeros(3), np.zeros((3, 3)), np.zeros(3)
    for mine, theirs in zip(own, other, strict=True):
        n, m = mine.sum(), theirs.sum()
        p = (mine + theirs) / (n + m)
        gap += mine - n * p
        spread += n * m / (n + m - 1) * (np.diag(p) - np.outer(p, p))
        wanted += n * theirs / m
    found = compare(np.array([0, 0]), own, other, 1)
    assert found.statistic[0] == pytest.approx(gap[:2] @ np.linalg.solve(spread[:2, :2], gap[:2]))
    assert found.freedom.tolist() == [2]
    assert found.expected[0] == pytest.approx(wanted)
    assert found.moved[0] == pytest.approx(np.abs(own.sum(axis=0) - wanted).sum() / 2 / own.sum())


@pytest.mark.parametrize(
    ("own", "other", "merged"),
    [
        # 4 and 3 expected, together 7: a label of their own.
        ([50, 43, 5, 2], [50, 43, 3, 4], ([0], [1], [2, 3])),
        # 2 and 1 expected, together 3: with the most frequent one.
        ([57, 40, 2, 1], [50, 47, 2, 1], ([0, 2, 3], [1])),
        # One alone with 4 expected goes with the most frequent one.
        ([46, 50, 4], [40, 56, 4], ([0], [1, 2])),
        # Much of one's own, little of the others': 3 expected of theirs.
        ([500, 400, 100], [14, 12, 4], ([0, 2], [1])),
    ],
)
def test_labels_that_are_too_rare_are_taken_together(
    own: list[int], other: list[int], merged: tuple[list[int], ...]
) -> None:
    mine, theirs = (np.array([[sum(counts[at] for at in part) for part in merged]]) for counts in (own, other))
    found, plain = compare(ONE, np.array([own]), np.array([other]), 1), compare(ONE, mine, theirs, 1)
    assert found.statistic[0] == pytest.approx(plain.statistic[0])
    assert found.freedom.tolist() == plain.freedom.tolist() == [len(merged) - 1]


def test_labels_that_vary_in_groups_are_pooled() -> None:
    """Pearson's statistic of each group's days, over the sum of its degrees of freedom times N/(N − 1)."""
    group = np.array([3, 3, 3, 5, 5, 8])
    counts = np.array([[9, 1, 0], [2, 7, 1], [5, 5, 0], [4, 0, 6], [0, 0, 10], [7, 2, 1]])
    idle = np.zeros((1, 3), int)
    terms, mean, freedom = 0.0, 0.0, 0
    for rows in (counts[:3], counts[3:5]):
        expected = np.outer(rows.sum(axis=1), rows.sum(axis=0)) / rows.sum()
        kept = expected > 0
        terms += ((rows - expected)[kept] ** 2 / expected[kept]).sum()
        own = (len(rows) - 1) * (int((rows.sum(axis=0) > 0).sum()) - 1)
        mean, freedom = mean + own * rows.sum() / (rows.sum() - 1), freedom + own
    assert dispersion(group, counts) == (pytest.approx(terms / mean), freedom)
    assert dispersion(np.r_[group, 8], np.r_[counts, idle]) == (pytest.approx(terms / mean), freedom)
    assert dispersion(np.array([1, 1]), np.array([[5, 5], [5, 5]])) == (1.0, 1)


def subjects(*statistics: float, freedom: int = 2) -> Compared:
    size = len(statistics)
    return Compared(np.array(statistics), np.full(size, freedom), np.zeros(size), np.zeros((size, freedom + 1)))


def test_p_is_of_chi_square_or_with_a_dispersion_of_f() -> None:
    assert p_values(subjects(9.0), TESTED, (1.0, 0))[0] == pytest.approx(chi2.sf(9, 2))
    assert p_values(subjects(9.0), TESTED, (2.5, 30))[0] == pytest.approx(f.sf(9 / 2.5 / 2, 2, 30))
    assert np.isnan(p_values(subjects(9.0), np.array([False]), (1.0, 0))[0])


def test_what_the_median_subject_exceeds_names_nobody() -> None:
    """Devlin & Roeder 1999: divided by the median over chi-square's, with ten subjects or more, where it is above 1."""
    high = np.linspace(4.0, 20.0, ENOUGH_SUBJECTS)
    everybody = np.ones(ENOUGH_SUBJECTS, bool)
    scaled = high / (np.median(high) / chi2.median(2))
    assert p_values(subjects(*high), everybody, (1.0, 0)) == pytest.approx(chi2.sf(scaled, 2))
    assert p_values(subjects(*high[1:]), everybody[1:], (1.0, 0)) == pytest.approx(chi2.sf(high[1:], 2))
    low = high / 20
    assert p_values(subjects(*low), everybody, (1.0, 0)) == pytest.approx(chi2.sf(low, 2))


def test_overdispersion_is_pooled_over_things() -> None:
    """By hand: 4 of 10, 20 and 30 answers expect 2/3, 4/3 and 2; 3 of 10 and 10 expect 1.5; the third tells nothing."""
    found = overdispersion([[3, 0, 1], [3, 0, 0], [0, 0, 0]], [[10, 20, 30], [10, 10, 0], [5, 5, 5]])
    first = (3 - 2 / 3) ** 2 / (2 / 3) + 4 / 3 + 1 / 2
    assert found == pytest.approx((first + 2 * 1.5**2 / 1.5) / 3)
    assert overdispersion([[1, 1]], [[10, 10]]) == 1.0
    assert overdispersion([[0, 0]], [[10, 10]]) == 1.0


def test_a_tail_is_binomials() -> None:
    least, n = np.arange(9), np.full(9, 8)
    assert at_least(least, n, 0.3) == pytest.approx(binom.sf(least - 1, 8, 0.3))


@pytest.mark.parametrize(("now", "before", "factor"), [(4, 4, 2.0), (2, 6, 2.0), (3, 0, 1.5), (5, 15, 3.0)])
def test_a_burst_of_what_varies_is_beta_binomial(now: int, before: int, factor: float) -> None:
    """A tenth of the answers are new; n − φ over φ − 1 gives φ times the binomial's variance (φ at most n/2)."""
    n = now + before
    size = (n - factor) / (factor - 1)
    loose = betabinom(n, 0.1 * size, 0.9 * size)
    assert loose.var() == pytest.approx(factor * binom(n, 0.1).var())
    wanted = max(loose.sf(now - 1), binom.sf(now - 1, n, 0.1))
    asked = 5.0 if now == 3 else factor
    assert burst([now], [before], [100], [900], asked)[0] == pytest.approx(wanted)
    both = burst([now, 1], [before, 0], [100, 10], [900, 90], asked)
    assert both == pytest.approx([wanted, 0.1])


def test_a_burst_without_anything_before_proves_nothing() -> None:
    assert burst([3, 0], [0, 0], [10, 0], [0, 0], 2.0).tolist() == [1.0, 1.0]
    assert burst([0, 4], [4, 4], [0, 10], [100, 90], 2.0)[0] == 1.0
