"""Rates from risk-weighted draws are true, on small runs of tests/benchmarks/sample_unbiased.py (about 25 s).

Bounds: of the mean three Monte-Carlo errors, of the share of intervals that cover 93 to 97 % and three binomial ones.
"""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.sample_unbiased import SCENARIOS, Found, answers, run

DRAWS, SIZE = 80, 10_000


@pytest.fixture(scope="module")
def known():
    return answers(SIZE)


@pytest.mark.simulation
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", [0, 1_000])
def test_rates_of_risk_weighted_draws_are_true(known, scenario, seed):
    found: Found = run(known, scenario, range(seed, seed + DRAWS))
    assert abs(found.mean - found.truth) < 3 * found.deviation / np.sqrt(DRAWS)
    slack = 3 * np.sqrt(0.05 * 0.95 / DRAWS)
    assert 0.93 - slack <= found.coverage <= 1.0
    # What the weights are for: errors are found more often than they occur.
    assert found.naive > found.truth + 3 * found.deviation / np.sqrt(DRAWS)
