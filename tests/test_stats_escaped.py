"""Errors left after review: by hand, and the coverage of the interval with reviewers who err (about 8 s)."""

from __future__ import annotations

import numpy as np
import pytest

from qc.model import Estimate, undefined
from qc.stats.escaped import Eyes, escaped_errors

RUNS = 500


def sampled(answers, reviewed, flagged, eyes):
    """What a simple random sample shows."""
    rate = Estimate(flagged / reviewed, 0.0, 1.0, reviewed, "answers", "Wilson")
    worth = np.inf if reviewed == answers else reviewed / (1 - reviewed / answers)
    return escaped_errors(answers, reviewed, flagged, rate, worth, eyes)


def test_by_hand():
    """5,000 answers, 250 reviewed by perfect eyes, 15 found: 300 in all, 285 left; all reviewed: none left.

    Wilson at 250 / 0.95 puts 6 % between 3.74 and 9.59 %, of 5,000 less the 15 that were found.
    """
    perfect = Eyes(1.0, 1.0)
    left = sampled(5000, 250, 15, perfect)
    assert left.value == pytest.approx(285)
    assert left.low < 285 < left.high
    assert (left.low, left.high) == pytest.approx((172, 464), abs=1)
    everything = sampled(250, 250, 15, perfect)
    assert (everything.value, everything.low, everything.high) == (0, 0, 0)


def test_what_reviewers_miss_is_left_after_full_review():
    """All 300 reviewed, 40 reported at 0.9 and 0.99: p = (40/300 − 0.01)/0.89, of which a tenth is missed."""
    left = sampled(300, 300, 40, Eyes(0.9, 0.99))
    assert left.value == pytest.approx(0.1 * 300 * (40 / 300 - 0.01) / 0.89)
    assert left.low < left.value < left.high


def test_estimated_reviewers_widen_the_interval():
    known, estimated = (sampled(5000, 500, 40, eyes) for eyes in (Eyes(0.9, 0.98), Eyes(0.9, 0.98, 50, 200)))
    assert known.value == estimated.value
    assert estimated.high - estimated.low > 1.1 * (known.high - known.low)


def test_undefined():
    assert "false flags" in sampled(5000, 250, 1, Eyes(0.9, 0.99)).reason
    assert "cannot tell" in sampled(5000, 250, 15, Eyes(0.4, 0.5)).reason
    assert escaped_errors(10, 0, 0, undefined("nothing judged"), 0.0, Eyes(1, 1)).reason == "nothing judged"


def covered(answers, reviewed, rate, eyes, seed, runs=RUNS):
    """The share of runs whose interval holds the errors truly left."""
    rng = np.random.default_rng(seed)
    hits = []
    for _ in range(runs):
        wrong = rng.binomial(answers, rate)
        seen = rng.hypergeometric(wrong, answers - wrong, reviewed)
        caught = rng.binomial(seen, eyes.sensitivity)
        false = rng.binomial(reviewed - seen, 1 - eyes.specificity)
        left = sampled(answers, reviewed, int(caught + false), eyes)
        if left.value is not None:
            hits.append(left.low <= wrong - caught <= left.high)
    return float(np.mean(hits))


@pytest.mark.simulation
@pytest.mark.parametrize("eyes", [Eyes(0.9, 0.99), Eyes(0.8, 0.95), Eyes(0.7, 0.98)])
@pytest.mark.parametrize(
    ("answers", "reviewed", "rate"), [(5000, 250, 0.06), (2000, 1000, 0.05), (1000, 1000, 0.08), (20_000, 1000, 0.03)]
)
def test_intervals_cover_what_is_left(answers, reviewed, rate, eyes):
    """Reviewers of known sensitivity and specificity: 93 to 97 % over three seeds of 500 runs (each ± 1 point)."""
    share = np.mean([covered(answers, reviewed, rate, eyes, seed) for seed in (1, 2, 3)])
    assert 0.93 <= share <= 0.97
