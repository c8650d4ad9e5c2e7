"""What one person does more often than the others."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from qc.stats.beside import more_often


def test_the_lady_tasting_tea():
    """Fisher 1935: 3 of 4 against 1 of 4 has a one-sided p of 17/70."""
    (row,) = more_often([3], [4], [1], [4])
    assert row.q == pytest.approx(17 / 70)
    assert (row.rate.value, row.others.value) == (0.75, 0.25)


def test_each_row_is_fishers_test_and_all_are_held_together():
    """SciPy's own exact test, and Benjamini & Hochberg's step-up rule by hand."""
    k, n, others, m = [9, 2, 0], [20, 30, 10], [5, 20, 3], [100, 300, 80]
    p = np.array(
        [
            fisher_exact([[a, b - a], [c, d - c]], alternative="greater").pvalue
            for a, b, c, d in zip(k, n, others, m, strict=True)
        ]
    )
    order = np.argsort(p)
    by_hand = np.empty(3)
    by_hand[order] = np.minimum.accumulate((p[order] * 3 / [1, 2, 3])[::-1])[::-1]
    assert [row.q for row in more_often(k, n, others, m)] == pytest.approx(by_hand.tolist())


def test_without_others_nothing_is_more_often():
    (row,) = more_often([3], [10], [0], [0])
    assert row.q == 1.0
    assert row.others.value is None
    assert row.others.reason == "nothing judged"


def test_chance_is_seldom_named():
    """Of 400 people who are as the others, at most 5 % have anything named (mean 3 %, exact tests are cautious)."""
    draw = np.random.default_rng(5)
    named = 0
    for _ in range(400):
        n, m = draw.integers(10, 60, 6), draw.integers(200, 400, 6)
        k, others = draw.binomial(n, 0.1), draw.binomial(m, 0.1)
        named += any(row.q <= 0.05 for row in more_often(k, n, others, m))
    assert named / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
