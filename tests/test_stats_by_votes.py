"""The majority of k labels on real answers with gold, and by hand (about 3 s)."""

from __future__ import annotations

import numpy as np
import pytest
from agreement_data import DATA, SAMPLES, TABLES, real

from qc.stats.by_votes import majority_by_k

REAL = {
    "weather_sentiment_amt": SAMPLES / "weather_sentiment_amt.csv",
    "sentence_polarity_amt": SAMPLES / "sentence_polarity_amt.csv",
    "bluebird": DATA / "bluebird.csv",
}
# The tables were computed by simulation and printed to three digits.
SIMULATED = 0.006


def curve(name):
    answers, gold = real(REAL[name])
    counts = np.zeros((len(gold), len(answers.names)), int)
    np.add.at(counts, (answers.item, answers.label), 1)
    known = gold >= 0
    return majority_by_k(counts[known], gold[known])


@pytest.mark.parametrize("name", ["weather_sentiment_amt", "sentence_polarity_amt"])
def test_real_answers_by_number_of_labels(name):
    """The accuracies of `majority_by_k`, computed once with independent code on the same files."""
    rows = {row.labels: row.error for row in curve(name)}
    for k, accuracy in TABLES["real_samples"]["expected"][name]["majority_by_k"].items():
        assert 1 - rows[int(k)].value == pytest.approx(accuracy, abs=SIMULATED)
        assert rows[int(k)].low < rows[int(k)].value < rows[int(k)].high


def test_the_end_of_bluebird_is_not_smoothed():
    """All 39 labels give the majority of the tables; it is best at about 21, falls from there on, and rises at last."""
    accuracy = np.array([1 - row.error.value for row in curve("bluebird")])
    assert len(accuracy) == 39
    assert accuracy[-1] == pytest.approx(TABLES["real_samples"]["expected"]["bluebird"]["majority"], abs=5.1e-4)
    odd = accuracy[::2]
    best = int(odd.argmax())
    assert 2 * best + 1 in range(19, 26)
    assert (np.diff(odd[: best + 1]) > 0).all()
    assert (np.diff(odd[best:-1]) < 0).all()
    assert odd[-1] > odd[-2]


def test_by_hand():
    """Two right labels and one wrong: one label errs in 1 of 3, of two one pair is right and two tie, three are right.

    An item with one label fewer than the others is left out; three labels that all differ tie.
    """
    rows = majority_by_k([[2, 1, 0]], [0])
    assert [row.error.value for row in rows] == pytest.approx([1 / 3, 1 / 3, 0])
    assert majority_by_k([[1, 1, 1]], [0])[2].error.value == pytest.approx(2 / 3)
    assert majority_by_k([[0, 3]], [0])[2].error.value == pytest.approx(1)
    assert majority_by_k(np.zeros((0, 2)), []) == ()


def test_as_drawn_at_random():
    """5,000 draws of 4 of 11 labels within 4 Monte-Carlo errors of the exact figure."""
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2], [5, 4, 2])
    hits = np.zeros(5000)
    for run in range(len(hits)):
        votes = np.bincount(rng.permutation(labels)[:4], minlength=3)
        hits[run] = (votes[0] == votes.max()) / (votes == votes.max()).sum()
    exact = 1 - majority_by_k([[5, 4, 2]], [0])[3].error.value
    assert exact == pytest.approx(hits.mean(), abs=4 * hits.std() / np.sqrt(len(hits)))
