"""Accuracy, calibration, thresholds and rubber-stamping of models on planted data. About 15 s."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import beta, norm
from scipy.stats import t as student

from qc.stats.care.prelabels import centre
from qc.stats.intervals import clopper_pearson, wilson, wilson_bounds
from qc.stats.models import next as next_items
from qc.stats.models import routing
from qc.stats.models.calibration import bin_of, calibration, calibration_error
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


def test_weighted_pairs_differ_by_their_weights() -> None:
    """By hand: 30 items of weight 1 and 10 of weight 4, of which 3 and 2 gain; one gain and one loss of mean weight."""
    first, weight = np.zeros(40), np.array([1.0] * 30 + [4.0] * 10)
    second = np.array([1] * 3 + [0] * 27 + [1] * 2 + [0] * 8)
    found = paired_difference(first, second, weight)
    gaps, w = np.append(second, [1, -1]), np.append(weight, [1.75, 1.75])
    middle = (3 + 8) / 73.5
    half = norm.ppf(0.975) * np.sqrt((w**2 * (gaps - middle) ** 2).sum()) / 73.5
    assert found.value == pytest.approx(11 / 70)
    assert (found.low, found.high) == (pytest.approx(middle - half), pytest.approx(middle + half))
    assert paired_difference(np.zeros(20), np.ones(20), np.ones(20)).high == 1
    assert paired_difference(np.zeros(19), np.ones(19), np.ones(19)).value is None


def test_a_weighted_share_is_worth_its_linearised_variance() -> None:
    """Kish 1965: p(1 − p)/Σ(w/Σw)²(y − p)², in Wilson's interval; all hits are worth (Σw)²/Σw²."""
    hits, weight = np.array([1, 1, 0, 0, 1]), np.array([1.0, 2.0, 3.0, 1.0, 5.0])
    share = 8 / 12
    size = share * (1 - share) / (((weight / 12) * (hits - share)) ** 2).sum()
    assert worth(hits, weight) == pytest.approx(size)
    assert worth(np.ones(5), weight) == pytest.approx(144 / 40)
    found = weighted_share(hits, weight)
    assert (found.low, found.high) == pytest.approx(tuple(map(float, wilson_bounds(share, size))))
    assert (found.n, found.value) == (5, pytest.approx(share))


def test_labels_that_are_always_or_never_so_say_why() -> None:
    judged = pd.DataFrame({"question": "q", "truth": list("aab"), "predicted": list("aaa"), "weight": [1.0, 2.0, 4.0]})
    a, b = label_errors(judged)
    assert (a.false_positive.value, a.precision.value) == (1, pytest.approx(3 / 7))
    assert b.precision.reason == "the model never says b"
    (only_a,) = label_errors(judged[:2])
    assert only_a.false_positive.reason == "every judged answer is a"
    assert label_errors(judged.assign(truth=["c", "c", "c"]))[-1].false_negative.reason == "no judged answer is a"


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


@pytest.mark.parametrize("power", [1.3, 1.7])
def test_the_calibration_error_is_less_its_bias_in_closed_form(power: float) -> None:
    """Leone, Nelson & Nottingham 1961, folded normal: E|N(m, s)| = s√(2/π)e^(−m²/2s²) + m(1 − 2Φ(−m/s))."""
    rng = np.random.default_rng(3)
    score, weight = rng.random(400), rng.choice([1.0, 2.0, 4.0], 400)
    right = (rng.random(400) < score**power).astype(float)
    place = np.minimum((score * 10).astype(int), 9)
    gaps = [weight[place == at] * (score - right)[place == at] for at in range(10)]
    m = np.array([gap.sum() for gap in gaps])
    s = np.array(
        [
            np.sqrt(((gap - weight[place == at] * gap.sum() / weight[place == at].sum()) ** 2).sum())
            for at, gap in enumerate(gaps)
        ]
    )
    total = weight.sum()
    folded = s * np.sqrt(2 / np.pi) * np.exp(-(m**2) / (2 * s**2)) + m * (1 - 2 * norm.cdf(-m / s))
    plain = np.abs(m).sum() / total
    bias = folded.sum() / total - plain
    again = np.abs(m + s * rng.standard_normal((100_000, 10))).sum(axis=1) / total
    low, high = np.quantile(again, [0.025, 0.975]) - 2 * bias
    found = calibration_error(score, right, weight)
    assert found.n == 400
    assert found.value == pytest.approx(plain - bias, abs=0.002)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))


def test_fifty_answers_are_needed_for_a_calibration_error() -> None:
    rng = np.random.default_rng(1)
    score, right = rng.random(50), rng.random(50) < 0.5
    assert calibration_error(score, right, np.ones(50)).value is not None
    assert calibration_error(score[1:], right[1:], np.ones(49)).reason == (
        "49 judged answers with a confidence; at least 50 are needed"
    )
    assert bin_of([0.0, 0.09, 0.1, 0.95, 1.0]).tolist() == [0, 0, 1, 9, 9]
    heavy = calibration([0.31, 0.39], [1, 0], [3.0, 1.0])
    assert (heavy[0].score, heavy[0].accuracy.value) == (pytest.approx(0.33), 0.75)


def doubts(**columns: Any) -> pd.DataFrame:
    """A hundred items that nothing speaks for, in one batch."""
    plain = {"question": "q", "batch": "a", "label": "cat", "score_milli": 900, "other": 0, "labels": 1, "models": 1}
    frame = pd.DataFrame({"item_id": [f"i{place:03}" for place in range(100)], **plain})
    return frame.assign(**columns)


def marked(**columns: Any) -> dict[str, str]:
    found = next_items.ranked(doubts(**columns), 0.7, 100)
    return dict(zip(found["item_id"], found["why"], strict=True))


def only(place: int, value: Any, otherwise: Any) -> list[Any]:
    return [value if at == place else otherwise for at in range(100)]


def test_each_reason_to_look_by_hand() -> None:
    assert marked() == {}
    assert marked(score_milli=only(3, 699, 700)) == {"i003": "uncertain"}
    assert marked(score_milli=only(3, None, 700)) == {}
    for column, value in (("other", 1), ("labels", 2), ("models", 2)):
        assert marked(**{column: only(3, value, int(column != "other"))}) == {"i003": "disagreeing"}
    assert marked(label=only(3, "dog", "cat")) == {"i003": "rare"}
    assert marked(label=["dog", "dog"] + ["cat"] * 98) == {}
    assert marked(label=only(3, None, "cat")) == {"i003": "rare"}
    both = marked(label=only(3, "dog", "cat"), score_milli=only(3, 100, 900), other=only(3, 2, 0))
    assert both == {"i003": "uncertain, disagreeing, rare"}


def drifting(dogs: int, size: int = 40) -> set[str]:
    """Of 200 items 20 are dogs; so many of them in a batch of `size`, the others in the other batch."""
    label = ["dog"] * dogs + ["cat"] * (size - dogs) + ["dog"] * (20 - dogs) + ["cat"] * (180 - size + dogs)
    frame = pd.concat([doubts(), doubts()]).assign(
        label=label, batch=["new"] * size + [None] * (200 - size), item_id=range(200)
    )
    found = next_items.ranked(frame, 0.0, 200)
    assert set(found["why"]) <= {"drifting"}
    return set(zip(found["batch"].fillna(""), found["label"], strict=True))


def test_a_batch_drifts_by_its_adjusted_residual() -> None:
    """Haberman 1973: 4 dogs expected, (8 − 4)/√(4 · 0.8 · 0.9) = 2.36; of four cells 2.24 is beyond chance."""
    assert drifting(8) == {("new", "dog"), ("", "cat")}
    assert drifting(7) == set()
    assert ("new", "dog") in drifting(12, size=30)
    assert ("new", "dog") not in drifting(12, size=29)


def test_the_items_with_most_reasons_come_first_then_the_least_sure() -> None:
    """An item without a confidence comes last of those with as many reasons."""
    score = [900] * 100
    score[:5] = [300, 200, None, 650, 200]  # type: ignore[call-overload]
    found = next_items.ranked(doubts(score_milli=score, other=[0, 0, 1, 1, 0] + [0] * 95), 0.7, 4)
    assert found["item_id"].tolist() == ["i003", "i001", "i004", "i000"]
    assert (found["reasons"].tolist(), found["score"].tolist()) == ([2, 1, 1, 1], [0.65, 0.2, 0.2, 0.3])
    everything = next_items.ranked(doubts(score_milli=score, other=[0, 0, 1, 1, 0] + [0] * 95), 0.7, 100)
    assert everything["item_id"].tolist()[4:] == ["i002"]
    two = pd.concat([doubts(question="r", score_milli=100), doubts(score_milli=100)], ignore_index=True)
    alike = next_items.ranked(two, 0.7, 200)
    assert list(zip(alike["question"], alike["item_id"], strict=True)) == [
        (question, f"i{place:03}") for question in "qr" for place in range(100)
    ]


def test_costs_are_summed_answer_by_answer() -> None:
    """Reviews below the threshold and the errors that reviewers miss there, and all errors from it on."""
    score, wrong = np.array([0.9, 0.7, 0.7, 0.5, 0.2]), np.array([0.0, 1, 0, 1, 1])
    weight = np.array([1.0, 2, 1, 3, 1])
    grid = np.array([0.0, 0.5, 0.7, 0.71, 1.01])
    found = routing.costs(routing.Ordered.of(score, wrong, weight), 1.0, 10.0, 0.8, grid)
    for at, cost in zip(grid, found, strict=True):
        each = [1 + 10 * 0.2 * bad if sure < at else 10 * bad for sure, bad in zip(score, wrong, strict=True)]
        assert cost == pytest.approx(np.array(each) @ weight / weight.sum())


def test_the_upper_bound_is_clopper_and_pearsons() -> None:
    assert routing.upper(0.05, 60, 0.99) == pytest.approx(beta.ppf(0.99, 4, 57))
    assert routing.upper(0.0, 90, 0.99) == pytest.approx(1 - 0.01 ** (1 / 90))
    assert routing.upper(1.0, 20, 0.99) == 1


def test_the_first_threshold_of_little_work_is_where_no_error_would_do() -> None:
    """0.01^(1/90) is above 0.95, 0.01^(1/89) below; one error in 100 leaves 6.5 % open, in 108 (20 % more) 6.0 %."""
    score = np.round(1 - np.arange(128) / 1000, 3)

    def chosen(n: int, *bad: int) -> float | None:
        return routing.for_target(routing.Ordered.of(score[:n], np.isin(np.arange(n), bad), np.ones(n)), 0.05)

    assert chosen(89) is None
    assert chosen(90) == score[89]
    assert chosen(100) == score[99]
    assert chosen(100, 95) == score[89]
    assert chosen(108, 107) == score[89]
    assert chosen(128, 110) == score[107]
    assert chosen(100, 3) is None


def test_much_work_begins_where_half_the_target_would_do() -> None:
    """At 10 %: the first size n at which 5 % errors leave 10 % open at most; no smaller threshold is looked at."""
    score = 1 - np.arange(3000) / 10_000
    right = routing.for_target(routing.Ordered.of(score, np.zeros(3000), np.ones(3000)), 0.1)
    assert right == score[-1]
    late = np.arange(3000) >= 200
    found = routing.for_target(routing.Ordered.of(score, late, np.ones(3000)), 0.1)
    assert found is not None
    n = int((score >= found).sum())
    assert beta.ppf(0.99, 0.05 * n + 1, 0.95 * n) <= 0.1
    assert 200 < n < 222


def test_the_error_of_least_cost_is_told_from_the_other_half() -> None:
    """By hand: at 0.1 an answer and 1 an error, each half of eight lets its surest pass, which is wrong in one half."""
    score = np.array([0.9, 0.9, 0.5, 0.5, 0.4, 0.4, 0.3, 0.3])
    wrong = np.array([0.0, 0, 1, 0, 1, 1, 1, 1])
    threshold, found = routing.at_least_cost(routing.Ordered.of(score, wrong, np.ones(8)), 0.1, 1.0, 1.0)
    whole = routing.passed(routing.Ordered.of(score, wrong, np.ones(8)), threshold)
    # All: 0.9 passes alone. The first half has 0 1 1 1 (0.9 alone), the second 0 0 1 1 (0.9 and 0.5).
    assert threshold == 0.9
    assert found.passing == whole.passing
    assert found.error.n == 2 + 1
    assert found.error.value == pytest.approx(1 / 3)
    assert "the other" in found.error.method


def small_team() -> pd.DataFrame:
    """Eight people on two questions and two difficulties, some of whose answers nothing was suggested for."""
    rng = np.random.default_rng(21)
    rows = 8 * 90
    who, shown = np.repeat(np.arange(8), 90), rng.random(rows) < 0.5
    frame = pd.DataFrame(
        {
            "annotator": [f"p{n}" for n in who],
            "question": rng.choice(["q", "r"], rows),
            "difficulty": rng.choice(["easy", "hard"], rows, p=[0.7, 0.3]),
            "predicted": "cat",
            "model_wrong": rng.choice([0, 1, -1], rows, p=[0.5, 0.4, 0.1]),
            "shown": shown.astype(int),
        }
    )
    chance = 0.1 + 0.15 * (frame["difficulty"] == "hard") + 0.05 * who / 8 + 0.2 * (shown & (frame["model_wrong"] == 1))
    frame["error"] = (rng.random(rows) < chance).astype(int)
    frame["survived"] = np.where(frame["model_wrong"] == 1, frame["error"], 1 - frame["error"])
    return frame


def p_of(x: np.ndarray, m: np.ndarray, e: np.ndarray, slope: np.ndarray, unsure: np.ndarray) -> list[float]:
    """The larger of two: against oneself (normal, continuity), and what was taken over against the others' middle."""
    own = norm.cdf(-(x - 0.5 - e) / np.sqrt(slope + unsure))
    likely, rate = (e + 0.5) / (m + 1), (x + 0.5) / (m + 1)
    taken = (rate - likely) / (1 - likely)
    variance = (rate * (1 - rate) / m + unsure * ((1 - rate) / (1 - likely)) ** 2 / m**2) / (1 - likely) ** 2
    found = []
    for at in range(len(x)):
        rest = np.arange(len(x)) != at if own[at] <= 0.05 else np.ones(len(x), bool)
        middle, between = centre(taken[rest], variance[rest])
        doubt = 1 / (1 / (variance[rest] + between**2)).sum() if own[at] <= 0.05 else 0.0
        distance = (taken[at] - middle) / np.sqrt(variance[at] + between**2 + doubt)
        found.append(max(own[at], student.sf(distance, rest.sum() - 1)))
    return found


def test_what_is_expected_unaided_is_worked_out_answer_by_answer() -> None:
    """Rates drawn to the question's by five answers, one shift of the log-odds by person with a standard normal prior.

    The shift by scipy's minimiser; excess by square-and-add (Newcombe 1998), bias with people as clusters, t.
    """
    frame = small_team()
    alone, wrong = frame["shown"] == 0, (frame["shown"] == 1) & (frame["model_wrong"] == 1)
    overall = (frame["error"][alone].sum() + 0.5) / (alone.sum() + 1)
    strata = frame.groupby(["question", "difficulty", "predicted", "model_wrong"]).ngroup()
    rates, heavy = {}, {}
    for stratum in strata.unique():
        question = frame["question"][strata == stratum].iloc[0]
        of_question = frame["error"][alone & (frame["question"] == question)]
        parent = (of_question.sum() + overall) / (len(of_question) + 1)
        own = frame["error"][alone & (strata == stratum)]
        heavy[stratum] = len(own) + 5
        rates[stratum] = (own.sum() + 5 * parent) / heavy[stratum]
    base = np.log(strata.map(rates) / (1 - strata.map(rates)))
    found, likely = trust(frame), pd.Series(0.0, frame.index)
    gaps, counts, seen = [], [], []
    for person in found.people:
        mine = frame["annotator"] == person.annotator
        x, y = base[mine & alone], frame["error"][mine & alone]
        shift = minimize_scalar(lambda s, x=x, y=y: (np.log1p(np.exp(x + s)) - y * (x + s)).sum() + s**2 / 2).x
        doubt = 1 / (1 + (expit(x + shift) * (1 - expit(x + shift))).sum())
        likely[mine] = expit(base[mine] + shift)
        here = mine & wrong
        expected, m, erred = likely[here].sum(), int(here.sum()), int(frame["error"][here].sum())
        slope = (likely[here] * (1 - likely[here])).sum()
        half = norm.ppf(0.975) * np.sqrt(slope + slope**2 * doubt) / m
        around = wilson(erred, m)
        value = erred / m - expected / m
        assert (person.shown_wrong, person.erred.value) == (m, erred / m)
        assert person.survived.value == frame["survived"][here].mean()
        assert (person.unaided.value, person.unaided.n) == (y.mean(), len(y))
        assert person.expected == pytest.approx(expected / m, abs=1e-6)
        assert person.excess.value == pytest.approx(value, abs=1e-6)
        assert around.low is not None
        assert around.high is not None
        assert person.excess.low == pytest.approx(value - np.hypot(erred / m - around.low, half), abs=1e-6)
        assert person.excess.high == pytest.approx(value + np.hypot(around.high - erred / m, half), abs=1e-6)
        gaps.append(erred - expected)
        counts.append(m)
        seen.append((erred, m, expected, slope, slope**2 * doubt))
    assert [person.p for person in found.people] == pytest.approx(p_of(*np.array(seen).T), abs=1e-5)
    total, each = sum(counts), np.array(gaps)
    bias = each.sum() / total
    between = ((each - bias * np.array(counts)) ** 2).sum() * 8 / 7
    per = (likely * (1 - likely)).groupby(strata).mean()
    team = sum(((strata == stratum) & wrong).sum() ** 2 * per[stratum] / heavy[stratum] for stratum in rates)
    half = student.ppf(0.975, 7) * np.sqrt(between + team) / total
    assert len(found.people) == 8
    assert found.bias.value == pytest.approx(bias, abs=1e-6)
    assert (found.bias.low, found.bias.high) == (
        pytest.approx(bias - half, abs=1e-5),
        pytest.approx(bias + half, abs=1e-5),
    )
    assert found.unaided.value == frame["error"][alone].mean()
    assert found.survived.value == frame["survived"][wrong].mean()


def test_nobody_is_judged_on_nine_wrong_prelabels() -> None:
    frame = small_team()
    wrong = (frame["shown"] == 1) & (frame["model_wrong"] == 1) & (frame["annotator"] == "p3")
    for kept, judged in ((10, True), (9, False)):
        (person,) = [one for one in trust(frame.drop(frame.index[wrong][kept:])).people if one.annotator == "p3"]
        assert (person.shown_wrong, person.p is not None) == (kept, judged)
        assert (person.verdict == "too little data") is not judged
    fifty = frame[frame["shown"] == 1]
    unaided = frame[frame["shown"] == 0]
    assert trust(pd.concat([fifty, unaided[:50]])).bias.value is not None
    assert "fewer than 50" in str(trust(pd.concat([fifty, unaided[:49]])).bias.reason)
