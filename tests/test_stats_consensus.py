"""Consensus against published values, real answers with gold, and the invariants of EM (about 5 s)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from agreement_data import DATA, SAMPLES, TABLES, real

from qc.model import InputError
from qc.stats.consensus import (
    MAXIMUM_LIKELIHOOD,
    Priors,
    Votes,
    cross_fitted_accuracy,
    dawid_skene,
    known,
    majority,
)

SKENE = TABLES["dawid_skene_1979"]
REAL = {
    "weather_sentiment_amt": SAMPLES / "weather_sentiment_amt.csv",
    "sentence_polarity_amt": SAMPLES / "sentence_polarity_amt.csv",
    "bluebird": DATA / "bluebird.csv",
    "dog": DATA / "dog.csv",
}


def anaesthetists() -> Votes:
    patient, observer, grade = np.array(SKENE["data"]).T - 1
    return Votes(patient, observer, grade, 45, 5, 4)


def real_votes(name: str) -> tuple[Votes, np.ndarray]:
    answers, gold = real(REAL[name])
    n_annotators = answers.annotator.max() + 1
    return Votes(answers.item, answers.annotator, answers.label, len(gold), n_annotators, len(answers.names)), gold


def simulated(seed: int, items: int = 300, annotators: int = 12, labels: int = 4) -> tuple[Votes, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, labels, items)
    skill = generator.beta(6, 3, annotators)
    item, annotator = np.nonzero(generator.random((items, annotators)) < 0.35)
    right = generator.random(len(item)) < skill[annotator]
    label = np.where(right, truth[item], generator.integers(0, labels, len(item)))
    return Votes(item, annotator, label, items, annotators, labels), truth


def accuracy(probabilities: np.ndarray, gold: np.ndarray) -> float:
    """With ties shared."""
    top = np.isclose(probabilities, probabilities.max(axis=1, keepdims=True))
    share = top / top.sum(axis=1, keepdims=True)
    return float(share[gold >= 0, gold[gold >= 0]].mean())


def test_dawid_and_skene_1979():
    """The copy of the R package rater: priors, two observers, the two doubtful patients and the log likelihood."""
    expected = SKENE["expected"]
    fit = dawid_skene(anaesthetists(), priors=MAXIMUM_LIKELIHOOD, tolerance=1e-12)
    assert fit.converged
    assert fit.trace[-1] == pytest.approx(expected["log_likelihood"], abs=5e-7)
    assert fit.classes == pytest.approx(expected["class_priors"], abs=5.1e-4)
    assert fit.confusion[0] == pytest.approx(np.array(expected["observer_1"]), abs=5.1e-4)
    assert fit.confusion[2] == pytest.approx(np.array(expected["observer_3"]), abs=5.1e-4)
    for patient, probability in expected["uncertain_patients"].items():
        assert fit.probabilities[int(patient) - 1].max() == pytest.approx(probability, abs=5.1e-4)


@pytest.mark.parametrize("name", REAL)
def test_majority_on_real_answers(name):
    votes, gold = real_votes(name)
    assert accuracy(majority(votes), gold) == pytest.approx(
        TABLES["real_samples"]["expected"][name]["majority"], abs=5.1e-4
    )


@pytest.mark.parametrize("name", REAL)
def test_maximum_likelihood_on_real_answers(name):
    """As two independent implementations give it; their stopping rules move one item."""
    votes, gold = real_votes(name)
    fit = dawid_skene(votes, priors=MAXIMUM_LIKELIHOOD)
    expected = TABLES["real_samples"]["expected"][name]["dawid_skene"]
    assert accuracy(fit.probabilities, gold) == pytest.approx(expected, abs=5.1e-4 + 1 / (gold >= 0).sum())


def test_priors_bring_the_weather_to_the_majority():
    """The note of the reference figures: 0.840 without priors, about 0.853 with them."""
    votes, gold = real_votes("weather_sentiment_amt")
    assert accuracy(dawid_skene(votes).probabilities, gold) == pytest.approx(0.853, abs=5.1e-4)


@pytest.mark.parametrize("name", REAL)
def test_cross_fitted_accuracy_on_real_answers(name):
    votes, gold = real_votes(name)
    found = cross_fitted_accuracy(votes, known(gold, votes.n_labels), np.random.default_rng(1))
    expected = TABLES["real_samples"]["expected"][name]
    assert found.majority.value == pytest.approx(expected["majority"], abs=5.1e-4)
    assert found.dawid_skene.value == pytest.approx(expected["dawid_skene"], abs=0.015)
    assert found.dawid_skene.low < found.dawid_skene.value < found.dawid_skene.high
    assert found.dawid_skene.n == (gold >= 0).sum()
    assert found.dawid_skene.method == "10-fold cross-fitted, Wilson, 95 %"


def test_clamped_gold_would_flatter():
    """Weather, half of the gold clamped: 0.917 on all gold, 0.848 on the half held out (reference figures)."""
    votes, gold = real_votes("weather_sentiment_amt")
    clamped = np.where(np.random.default_rng(0).random(len(gold)) < 0.5, gold, -1)
    fit = dawid_skene(votes, known(clamped, votes.n_labels))
    flattered = accuracy(fit.probabilities, gold)
    honest = accuracy(fit.probabilities, np.where(clamped < 0, gold, -1))
    assert flattered == pytest.approx(0.917, abs=0.02)
    assert honest == pytest.approx(0.848, abs=0.03)


def test_a_hidden_fold_does_not_see_its_own_gold():
    """Gold that contradicts everybody, on all items: a fit that saw it would be right, one that did not is wrong."""
    votes, truth = simulated(3)
    wrong = (truth + 1) % votes.n_labels
    alone = np.where(np.arange(len(truth)) < 10, wrong, -1)
    found = cross_fitted_accuracy(votes, known(alone, votes.n_labels), np.random.default_rng(0))
    assert found.dawid_skene.value < 0.3
    assert found.dawid_skene.warning == "fewer than 30 gold items"
    assert accuracy(dawid_skene(votes, known(alone, votes.n_labels)).probabilities, alone) == 1.0


@pytest.mark.parametrize("priors", [Priors(), MAXIMUM_LIKELIHOOD, Priors(1.0, 1.0, 0.0)])
@pytest.mark.parametrize("clamped", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_log_posterior_never_falls(seed, clamped, priors):
    votes, truth = simulated(seed)
    gold = np.where(np.arange(len(truth)) % 5 == 0, truth, -1) if clamped else np.full(len(truth), -1)
    fit = dawid_skene(votes, known(gold, votes.n_labels), priors, tolerance=0.0, max_iterations=60)
    steps = np.diff(fit.trace)
    assert len(steps)
    assert steps.min() > -1e-7


def test_the_optimum_has_no_slope():
    """At the maximum a posteriori the log posterior, computed here from scratch, falls in every random direction."""
    votes, _ = simulated(5, items=60, annotators=4, labels=3)
    fit = dawid_skene(votes, tolerance=1e-14, max_iterations=5_000)

    def log_posterior(confusion, classes):
        by_item = np.log(np.tile(classes, (votes.n_items, 1)))
        np.add.at(by_item, votes.item, np.log(confusion[votes.annotator, :, votes.label]))
        pseudo = np.where(np.eye(3, dtype=bool), 2.0, 0.25)
        prior = (pseudo * np.log(confusion)).sum() + np.log(classes).sum()
        return np.log(np.exp(by_item).sum(axis=1)).sum() + prior

    best = log_posterior(fit.confusion, fit.classes)
    assert best == pytest.approx(fit.trace[-1], abs=1e-6)
    generator = np.random.default_rng(0)
    for _ in range(50):
        confusion = fit.confusion * np.exp(0.01 * generator.normal(size=fit.confusion.shape))
        classes = fit.classes * np.exp(0.01 * generator.normal(size=3))
        moved = log_posterior(confusion / confusion.sum(axis=2, keepdims=True), classes / classes.sum())
        assert moved < best


def test_error_rates_are_those_planted():
    """3,000 items by 10 annotators: the mean error of Dawid–Skene is within half a point of the planted one."""
    votes, truth = simulated(8, items=3_000, annotators=10)
    fit = dawid_skene(votes)
    right = votes.label == truth[votes.item]
    observed = np.bincount(votes.annotator, right) / np.bincount(votes.annotator)
    estimated = np.einsum("att,t->a", fit.confusion, fit.classes)
    assert np.mean(estimated - observed) == pytest.approx(0, abs=0.005)
    assert np.abs(estimated - observed).max() < 0.03


def test_ties_are_shared():
    votes = Votes(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2]), np.array([0, 1, 2, 2, 0]), 3, 3, 3)
    assert majority(votes).tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    found = cross_fitted_accuracy(votes, known(np.array([0, 2, 1]), 3), np.random.default_rng(0))
    # The third item has gold but no votes: nothing to be right about.
    assert (found.majority.value, found.majority.n) == (0.75, 2)


def test_several_accepted_labels():
    votes, truth = simulated(2)
    accepted = known(truth, votes.n_labels)
    accepted[:, 0] = True
    found = cross_fitted_accuracy(votes, accepted, np.random.default_rng(0))
    strict = cross_fitted_accuracy(votes, known(truth, votes.n_labels), np.random.default_rng(0))
    assert found.majority.value > strict.majority.value
    fit = dawid_skene(votes, accepted)
    assert fit.probabilities[~accepted].max() == 0.0
    assert fit.probabilities.sum(axis=1) == pytest.approx(1.0)


def test_gold_that_nobody_chose():
    votes = Votes(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), 2, 2, 3)
    for priors in (Priors(), MAXIMUM_LIKELIHOOD):
        fit = dawid_skene(votes, known(np.array([2, -1]), 3), priors)
        assert fit.probabilities[0].tolist() == [0.0, 0.0, 1.0]
        assert np.isfinite(fit.trace).all()


def test_nothing_known_is_said():
    votes, _ = simulated(1)
    nobody = known(np.full(votes.n_items, -1), votes.n_labels)
    found = cross_fitted_accuracy(votes, nobody, np.random.default_rng(0))
    assert found.majority.reason == found.dawid_skene.reason == "no item with votes has a known answer"


def test_no_votes_at_all():
    none = np.zeros(0, dtype=np.int64)
    empty = Votes(none, none, none, 0, 0, 2)
    assert majority(empty).shape == (0, 2)
    assert dawid_skene(empty).probabilities.shape == (0, 2)
    silent = Votes(none, none, none, 3, 1, 2)
    assert dawid_skene(silent).probabilities == pytest.approx(0.5)
    assert dawid_skene(silent).entropy == pytest.approx(1.0)


def test_entropy_is_in_bits():
    """A fair coin is one bit; patient 35 of Dawid & Skene (.948 and .052) has 0.295."""
    fit = dawid_skene(anaesthetists(), priors=MAXIMUM_LIKELIHOOD, tolerance=1e-12)
    assert fit.entropy[34] == pytest.approx(-(0.9482 * np.log2(0.9482) + 0.0518 * np.log2(0.0518)), abs=1e-3)
    assert fit.entropy.min() >= 0
    assert fit.entropy.argmax() == 34


def test_order_of_votes_items_and_annotators_does_not_matter():
    votes, _ = simulated(6)
    generator = np.random.default_rng(1)
    rows = generator.permutation(len(votes.item))
    items, people = generator.permutation(votes.n_items), generator.permutation(votes.n_annotators)
    labels = generator.permutation(votes.n_labels)
    other = replace(
        votes,
        item=items[votes.item[rows]],
        annotator=people[votes.annotator[rows]],
        label=labels[votes.label[rows]],
    )
    one, two = dawid_skene(votes), dawid_skene(other)
    assert two.probabilities[items][:, labels] == pytest.approx(one.probabilities, abs=1e-9)
    assert two.confusion[people][:, labels][:, :, labels] == pytest.approx(one.confusion, abs=1e-9)


def test_the_same_generator_gives_the_same_folds():
    votes, truth = simulated(4)
    accepted = known(np.where(np.arange(len(truth)) % 3 == 0, truth, -1), votes.n_labels)
    once, again = (cross_fitted_accuracy(votes, accepted, np.random.default_rng(7)) for _ in range(2))
    assert once == again


def test_tables_that_do_not_fit_are_refused():
    votes = Votes(np.zeros(1, int), np.zeros(1, int), np.zeros(1, int), 1, 2_000, 2_000)
    with pytest.raises(InputError, match="use the majority"):
        dawid_skene(votes)


@pytest.mark.parametrize("data", [*REAL, 1, 2, 3])
def test_the_folds_stop_no_earlier_than_their_labels_stand(data):
    """The accuracy is that of fits ten thousand times as close."""
    votes, gold = real_votes(data) if isinstance(data, str) else simulated(data, items=2000)
    loose, tight = (
        cross_fitted_accuracy(votes, known(gold, votes.n_labels), np.random.default_rng(5), tolerance=tolerance)
        for tolerance in (1e-6, 1e-10)
    )
    assert loose == tight
