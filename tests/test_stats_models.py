"""Accuracy, calibration, thresholds and rubber-stamping of models on planted data. About 15 s."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qc.stats.intervals import clopper_pearson, wilson
from qc.stats.models import routing
from qc.stats.models.calibration import calibration, calibration_error
from qc.stats.models.labels import label_errors
from qc.stats.models.shares import paired_difference, weighted_share, weights, worth
from qc.stats.models.trust import RUBBER, trust

PEOPLE, STAMPS, LABELS = 30, 3, 4


def work(rng: np.random.Generator, stamps: int = STAMPS, team_trust: float = 0.1) -> pd.DataFrame:
    """Thirty people, 120 pre-labelled and 120 unaided judged answers each; the model is right in three of four.

    Wrong pre-labels lie on harder items. The first `stamps` people take over four of five wrong pre-labels that they
    would not have made themselves; the others `team_trust` of them, more or less.
    """
    who = np.repeat(np.arange(PEOPLE), 240)
    shown = np.tile(np.arange(240) < 120, PEOPLE)
    hard = rng.integers(0, 3, len(who))
    model_wrong = rng.random(len(who)) < np.array([0.1, 0.25, 0.4])[hard]
    skill = rng.normal(0, 0.4, PEOPLE)[who]
    own = rng.random(len(who)) < 1 / (1 + np.exp(-(np.array([-3.0, -2.2, -1.4])[hard] + 0.5 * model_wrong + skill)))
    keen = np.clip(rng.normal(team_trust, team_trust / 3, PEOPLE), 0, 1)
    keen[:stamps] = 0.8
    adopts = rng.random(len(who)) < keen[who]
    truth = rng.integers(0, LABELS, len(who))
    predicted = np.where(model_wrong, (truth + rng.integers(1, LABELS, len(who))) % LABELS, truth)
    given = np.where(own, (truth + rng.integers(1, LABELS, len(who))) % LABELS, truth)
    given = np.where(shown & adopts, predicted, given)
    return pd.DataFrame(
        {
            "annotator": [f"p{n:02}" for n in who],
            "question": "q",
            "difficulty": hard.astype(str),
            "predicted": predicted.astype(str),
            "model_wrong": model_wrong.astype(int),
            "shown": shown.astype(int),
            "survived": (given == predicted).astype(int),
            "error": (given != truth).astype(int),
        }
    )


def found(frame: pd.DataFrame) -> set[str]:
    return {person.annotator for person in trust(frame).people if person.verdict == RUBBER}


@pytest.mark.parametrize(("team_trust", "power"), [(0.0, 0.95), (0.1, 0.95), (0.3, 0.1)])
def test_three_rubber_stamps_of_thirty_are_found_without_others(team_trust: float, power: float) -> None:
    """Of those named at most 5 % (and two standard errors) did nothing.

    Where everybody takes over three of ten, more or less, some forty wrong pre-labels rarely tell three from them.
    """
    planted = {f"p{n:02}" for n in range(STAMPS)}
    shares, hits = [], []
    for seed in range(40):
        named = found(work(np.random.default_rng(seed), team_trust=team_trust))
        shares.append(len(named - planted) / max(len(named), 1))
        hits.append(len(named & planted) / STAMPS)
    assert np.mean(shares) <= 0.05 + 2 * np.std(shares) / np.sqrt(len(shares))
    assert np.mean(hits) >= power


def test_nobody_is_named_where_nobody_stamps() -> None:
    named = [len(found(work(np.random.default_rng(seed), 0))) > 0 for seed in range(40)]
    assert np.mean(named) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 40)


@pytest.mark.parametrize("team_trust", [0.0, 0.3])
def test_automation_bias_is_what_was_planted(team_trust: float) -> None:
    """Who takes over a share t of wrong pre-labels errs on t·(1 − own error rate) more of them than unaided."""
    inside = []
    for seed in range(40):
        frame = work(np.random.default_rng(seed), 0, team_trust)
        own = frame.loc[(frame["shown"] == 0) & (frame["model_wrong"] == 1), "error"].mean()
        bias = trust(frame).bias
        assert bias.low is not None
        assert bias.high is not None
        inside.append(bias.low <= team_trust * (1 - own) <= bias.high)
    assert np.mean(inside) >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 40)


def test_without_wrong_prelabels_or_unaided_answers_it_says_so() -> None:
    frame = work(np.random.default_rng(0))
    assert trust(frame[frame["shown"] == 1]).bias.reason is not None
    assert trust(frame[frame["shown"] == 0]).bias.reason is not None
    assert trust(frame[frame["annotator"] < "p03"]).people[0].q is None


def test_shares_are_weighted_as_they_were_drawn() -> None:
    """Half of the answers drawn with π 1 and 90 % right, half with π 1/4 and 50 % right: (9 + 4·5)/(10 + 40)."""
    hits, pi = np.array([1] * 9 + [0] + [1] * 5 + [0] * 5), np.array([1.0] * 10 + [0.25] * 10)
    found = weighted_share(hits, weights(pi))
    assert found.value == pytest.approx(29 / 50)
    assert (found.low or 1) < 29 / 50 < (found.high or 0)
    plain = weighted_share(np.arange(100) < 90, weights(np.full(100, np.nan)))
    assert plain == wilson(90, 100, unit="answers")
    assert worth(np.arange(100) < 90, np.ones(100)) == pytest.approx(100)
    assert weighted_share([], []).value is None


def test_the_difference_of_two_models_is_paired() -> None:
    """4 and 14 discordant pairs of 60, by the formula of Agresti & Min 2005: one is added to each."""
    first = np.array([1] * 40 + [1] * 4 + [0] * 14 + [0] * 2)
    second = np.array([1] * 40 + [0] * 4 + [1] * 14 + [0] * 2)
    found = paired_difference(first, second, np.ones(60))
    middle = 10 / 62
    half = 1.959964 * np.sqrt((20 - 100 / 62) / 62**2)
    assert found.value == pytest.approx(10 / 60)
    assert (found.low, found.high) == (pytest.approx(middle - half, abs=1e-6), pytest.approx(middle + half, abs=1e-6))
    assert paired_difference([1], [0], [1]).value is None


def test_every_label_is_held_against_the_others() -> None:
    judged = pd.DataFrame({"question": "q", "truth": [*"aaab", None], "predicted": list("aabba"), "weight": 1.0})
    a, b = label_errors(judged)
    assert (a.label, a.n, a.false_negative.value, a.false_positive.value, a.precision.value) == ("a", 3, 1 / 3, 0, 1)
    assert (b.label, b.n, b.false_negative.value, b.false_positive.value, b.precision.value) == ("b", 1, 0, 1 / 3, 0.5)


def test_the_calibration_error_covers_what_was_planted() -> None:
    """One is right 0.1 less often than it says (its interval covers that in 91 %), one as often as it says."""
    inside, at_zero = [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        score = 0.5 + 0.5 * rng.random(600)
        found = calibration_error(score, rng.random(600) < score - 0.1, np.ones(600))
        inside.append((found.low or 0) <= 0.1 <= (found.high or 0))
        at_zero.append(calibration_error(score, rng.random(600) < score, np.ones(600)).low == 0)
    assert np.mean(inside) >= 0.90
    assert np.mean(at_zero) >= 0.95
    bins = calibration([0.05, 0.95, 1.0], [0, 1, 1], np.ones(3))
    assert [(part.n, part.accuracy.value) for part in bins] == [(1, 0), (2, 1)]
    assert bins[1].score == pytest.approx(0.975)


def scored(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores that crowd near 1, of a model that is right 3 points less often than it says."""
    score = np.round(1 - 0.65 * rng.random(n) ** 3, 4)
    return score, (rng.random(n) > score - 0.03).astype(float)


@pytest.mark.parametrize(("n", "target"), [(2_000, 0.05), (4_000, 0.10), (2_000, 0.15)])
def test_the_threshold_for_a_target_holds_on_the_other_half(n: int, target: float) -> None:
    """500 random halves: chosen on one, the error let through of the other meets the target in at least 93 %.

    Where nothing passes, people look at everything and no error is let through.
    """
    score, wrong = scored(np.random.default_rng(11), 2 * n)
    rng = np.random.default_rng(12)
    holds = []
    for _ in range(500):
        mixed = rng.permutation(2 * n)
        here, there = mixed[:n], mixed[n:]
        ordered = routing.Ordered.of(score[here], wrong[here], np.ones(n))
        threshold = routing.for_target(ordered, target)
        if threshold is None:
            holds.append(True)
            continue
        error = routing.passed(ordered, threshold).error
        assert error.value is not None
        assert routing.upper(error.value, error.n, 0.95) <= target
        passing = score[there] >= threshold
        holds.append(bool(wrong[there][passing].mean() <= target))
    assert np.mean(holds) >= 0.93


def test_a_threshold_lets_through_what_was_counted() -> None:
    score, wrong = np.array([0.9] * 60 + [0.4] * 40), np.array([1.0] * 3 + [0.0] * 57 + [1.0] * 20 + [0.0] * 20)
    ordered = routing.Ordered.of(score, wrong, np.ones(100))
    found = routing.passed(ordered, 0.7)
    assert (found.passing.value, found.error.value, found.error.n) == (0.6, 0.05, 60)
    exact = clopper_pearson(3, 60)
    assert (found.error.low, found.error.high) == (pytest.approx(exact.low), pytest.approx(exact.high))
    assert routing.passed(ordered, 0.95).error.value is None
    assert routing.for_target(routing.Ordered.of([], [], []), 0.05) is None


def test_the_threshold_of_least_cost_looks_where_looking_pays() -> None:
    """A review at 1 pays where an error costs 10 and more than one in ten is wrong; at 0.1 nothing is worth a look."""
    rng = np.random.default_rng(5)
    score = rng.random(20_000)
    ordered = routing.Ordered.of(score, rng.random(20_000) > score, np.ones(20_000))
    threshold, found = routing.at_least_cost(ordered, review=1.0, escaped=10.0, sensitivity=1.0)
    assert threshold == pytest.approx(0.9, abs=0.05)
    assert found.error.value == pytest.approx(0.05, abs=0.02)
    assert routing.at_least_cost(ordered, review=1.0, escaped=0.1, sensitivity=1.0)[0] == pytest.approx(0.0, abs=0.01)
