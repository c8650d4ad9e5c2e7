"""Jackknives on patterns are those on answers, and coefficients do not depend on names, order or scale (about 8 s)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from agreement_data import Answers, random_answers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc.stats.agreement import agreement
from qc.stats.agreement.alpha import ALPHA
from qc.stats.agreement.deletions import (
    Deletion,
    each_annotator,
    each_item,
    each_rating,
    jackknife_variance,
    nothing,
    team_variance,
)
from qc.stats.agreement.jackknife import effective_number
from qc.stats.agreement.nominal import FLEISS, PERCENT, Chance, brennan_prediger, coefficient, gwet, sums
from qc.stats.agreement.statistic import WEIGHTED, Labels, statistic
from qc.stats.patterns import Floats, Patterns

Statistic = Callable[[Patterns, Deletion], Floats]


def chance_corrected(chance: Chance) -> Statistic:
    return lambda patterns, deletion: coefficient(chance, sums(patterns, deletion))


def specific_agreement(answers: Answers) -> np.ndarray:
    """By definition: of the other labels on items with a label, the share that are the same."""
    table = np.zeros((answers.item.max() + 1, len(answers.names)))
    np.add.at(table, (answers.item, answers.label), 1)
    table = table[table.sum(axis=1) >= 2]
    return (table * (table - 1) / (table.sum(axis=1, keepdims=True) - 1)).sum(axis=0) / table.sum(axis=0)


STATISTICS: dict[str, Statistic] = {
    **ALPHA,
    "percent": chance_corrected(PERCENT),
    "fleiss": chance_corrected(FLEISS),
    "ac1": chance_corrected(gwet(4)),
    "brennan_prediger": chance_corrected(brennan_prediger(4)),
    **{name: statistic(name, Labels(4, np.arange(4.0), "interval")) for name in WEIGHTED},
}
SMALL = [random_answers(seed, items=14, annotators=4, labels=4, share=share) for seed, share in ((1, 0.55), (2, 0.8))]


def pairable_where_needed(name: str, answers: Answers) -> Patterns:
    patterns = answers.patterns
    return patterns.pairable() if name in ALPHA else patterns


def value_without(name: str, answers: Answers, gone: np.ndarray) -> float:
    return float(STATISTICS[name](pairable_where_needed(name, answers.without(gone)), nothing())[0])


def one_by_one(name: str, answers: Answers, by: np.ndarray) -> np.ndarray:
    """The statistic of what is left of the answers without each value of `by`."""
    return np.array([value_without(name, answers, by == one) for one in np.unique(by)])


def paired_answers(answers: Answers) -> np.ndarray:
    return np.bincount(answers.item)[answers.item] >= 2


@pytest.mark.parametrize("answers", SMALL, ids=["sparse", "dense"])
@pytest.mark.parametrize("name", STATISTICS)
def test_item_jackknife_is_brute_force(name, answers):
    used = answers.without(~paired_answers(answers)) if name in ALPHA else answers
    patterns = used.patterns
    deletion = each_item(patterns)
    found = np.repeat(STATISTICS[name](patterns, deletion), deletion.repeats)
    assert sorted(found) == pytest.approx(sorted(one_by_one(name, used, used.item)), abs=1e-12)


@pytest.mark.parametrize("answers", SMALL, ids=["sparse", "dense"])
@pytest.mark.parametrize("name", STATISTICS)
def test_rating_jackknife_is_brute_force(name, answers):
    used = answers.without(~paired_answers(answers)) if name in ALPHA else answers
    patterns = used.patterns
    deletion = each_rating(patterns)
    found = np.repeat(STATISTICS[name](patterns, deletion), deletion.repeats)
    assert sorted(found) == pytest.approx(sorted(one_by_one(name, used, np.arange(len(used.item)))), abs=1e-12)


@pytest.mark.parametrize("answers", SMALL, ids=["sparse", "dense"])
@pytest.mark.parametrize("name", STATISTICS)
def test_annotator_jackknife_is_brute_force(name, answers):
    patterns = pairable_where_needed(name, answers)
    found = STATISTICS[name](patterns, each_annotator(patterns))
    assert found == pytest.approx(one_by_one(name, answers, answers.annotator), abs=1e-12)


def test_variance_from_repeats_is_that_of_all_replicates():
    values, repeats = np.array([0.2, 0.5, 0.9]), np.array([3, 1, 2])
    each = np.repeat(values, repeats)
    assert jackknife_variance(values, repeats) == pytest.approx(5 / 6 * ((each - each.mean()) ** 2).sum())
    assert np.isnan(jackknife_variance(np.array([0.1, np.nan]), np.array([1, 1])))
    assert jackknife_variance(np.array([0.1, 0.2, np.nan]), np.array([1, 1, 0])) == pytest.approx(0.0025)


def test_team_variance_takes_the_noise_of_ratings_off_once():
    assert team_variance(4.0, 9.0, 3.0) == 10.0
    assert team_variance(4.0, 2.0, 3.0) == 4.0
    assert team_variance(1.0, 9.0, 3.0) == 7.0
    assert np.isnan(team_variance(1.0, float("nan"), 3.0))


def test_effective_number_of_annotators():
    assert effective_number(np.array([5.0, 5.0, 5.0])) == pytest.approx(3)
    assert effective_number(np.array([90.0, 1.0, 1.0])) == pytest.approx(92**2 / 8102)


def test_team_interval_is_made_of_the_three_variances():
    """By brute force, on 60 items where all is defined; the t quantile of Student's table for 4 degrees: 2.776."""
    answers = random_answers(7, items=60, annotators=5, labels=3, share=1.0)
    parts = []
    for by in (answers.item, answers.annotator, np.arange(len(answers.item))):
        values = one_by_one("nominal", answers, by)
        parts.append(jackknife_variance(values, np.ones(len(values), dtype=np.int64)))
    items, annotators, ratings = parts
    found = agreement(answers.patterns).alpha
    expected = 2.7764 * max(items + annotators - ratings, items) ** 0.5
    assert found.high - found.value == pytest.approx(expected, rel=1e-4)
    assert found.value - found.low == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("by", ["item", "annotator", "rating"])
def test_specific_agreement_is_jackknifed_exactly(by):
    """The replicated ratio of each label against brute force."""
    from qc.stats.agreement.labels import _variances

    answers = random_answers(11, items=60, annotators=5, labels=3, share=0.8)
    answers = answers.without(~paired_answers(answers))
    patterns = answers.patterns
    deletion = {"item": each_item, "annotator": each_annotator, "rating": each_rating}[by](patterns)
    pairs = patterns.counts.toarray() * (patterns.counts.toarray() - 1)
    agreeing = (patterns.items / (patterns.sizes - 1)) @ pairs
    found = _variances(patterns, deletion, agreeing, np.asarray(patterns.counts.T @ patterns.items, dtype=float))
    keys = {"item": answers.item, "annotator": answers.annotator, "rating": np.arange(len(answers.item))}[by]
    values = np.array([specific_agreement(answers.without(keys == one)) for one in np.unique(keys)])
    for code in range(3):
        expected = jackknife_variance(values[:, code], np.ones(len(values), dtype=np.int64))
        assert found[code] == pytest.approx(expected, rel=1e-9)
    assert [one.agreement.value for one in agreement(patterns).by_label] == pytest.approx(specific_agreement(answers))


def test_influence_is_alpha_without_the_annotator():
    answers = random_answers(9, items=50, annotators=6, labels=3, share=0.6)
    found = {one.annotator: one.alpha_without for one in agreement(answers.patterns).influence}
    expected = one_by_one("nominal", answers, answers.annotator)
    assert [found[who] for who in range(6)] == pytest.approx(expected, abs=1e-12)
    ranked = [one.alpha_without for one in agreement(answers.patterns).influence]
    assert ranked == sorted(ranked, reverse=True)


def numbers(patterns: Patterns, level: str) -> list[float]:
    found = agreement(patterns, level)
    estimates = (found.percent, found.alpha, found.fleiss, found.ac1, found.brennan_prediger, found.alpha_items)
    return [number for e in estimates for number in (e.value, e.low, e.high) if number is not None]


cases = st.builds(
    random_answers,
    seed=st.integers(0, 10_000),
    items=st.integers(12, 40),
    annotators=st.integers(3, 6),
    labels=st.integers(2, 5),
    share=st.sampled_from([0.5, 0.8, 1.0]),
)
quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(cases, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]), st.randoms(use_true_random=False))
def test_order_of_rows_items_and_annotators_does_not_matter(answers, level, random):
    rows = np.array(random.sample(range(len(answers.item)), len(answers.item)))
    items = np.array(random.sample(range(100), 40))
    people = np.array(random.sample(range(100), 6))
    other = Answers(items[answers.item[rows]], people[answers.annotator[rows]], answers.label[rows], answers.names)
    assert numbers(other.patterns, level) == pytest.approx(numbers(answers.patterns, level), abs=1e-9)


@quick
@given(cases, st.randoms(use_true_random=False))
def test_names_of_labels_do_not_matter(answers, random):
    new = np.array(random.sample(range(len(answers.names)), len(answers.names)))
    other = replace(answers, label=new[answers.label])
    assert numbers(other.patterns, "nominal") == pytest.approx(numbers(answers.patterns, "nominal"), abs=1e-9)


@quick
@given(cases, st.floats(-50, 50), st.sampled_from([-3.0, 0.01, 7.0]))
def test_interval_alpha_does_not_depend_on_origin_and_unit(answers, shift, scale):
    patterns = answers.patterns
    other = replace(patterns, values=patterns.values * scale + shift)
    assert numbers(other, "interval") == pytest.approx(numbers(patterns, "interval"), abs=1e-6)


@quick
@given(cases)
def test_ordinal_alpha_depends_on_the_order_only(answers):
    patterns = answers.patterns
    other = replace(patterns, values=np.exp(patterns.values) - 100)
    assert numbers(other, "ordinal") == pytest.approx(numbers(patterns, "ordinal"), abs=1e-9)


@quick
@given(cases, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_a_data_set_twice_moves_alpha_by_its_small_sample_term_only(answers, level):
    """With n ratings, 1 - alpha is proportional to n - 1."""
    patterns = answers.patterns
    once, twice = agreement(patterns, level), agreement(replace(patterns, items=2 * patterns.items), level)
    if once.alpha.value is None:
        return
    n = int((patterns.pairable().items * patterns.pairable().sizes).sum())
    expected = 1 - (1 - once.alpha.value) * (2 * n - 1) / (2 * n - 2)
    assert twice.alpha.value == pytest.approx(expected, abs=1e-9)
    assert twice.fleiss.value == pytest.approx(once.fleiss.value, abs=1e-9)
    assert twice.percent.value == pytest.approx(once.percent.value, abs=1e-12)


@quick
@given(cases)
def test_adding_an_item_with_one_label_leaves_alpha_alone(answers):
    more = Answers(
        np.append(answers.item, 1_000), np.append(answers.annotator, 0), np.append(answers.label, 0), answers.names
    )
    before, after = agreement(answers.patterns), agreement(more.patterns)
    assert after.alpha == before.alpha
    assert after.items_dropped == before.items_dropped + 1


def test_more_values_than_ranks_are_recomputed_for(monkeypatch):
    """Beyond MAX_SCALE values the ranks are held fixed: same alpha, an interval within a few percent."""
    answers = random_answers(3, items=200, annotators=4, labels=30, share=1.0)
    exact = agreement(answers.patterns, "ordinal")
    monkeypatch.setattr("qc.stats.agreement.alpha.MAX_SCALE", 10)
    fixed = agreement(answers.patterns, "ordinal")
    assert fixed.alpha.value == pytest.approx(exact.alpha.value, abs=1e-12)
    assert fixed.alpha.low == pytest.approx(exact.alpha.low, rel=0.05)


def test_tables_are_cut_into_parts(monkeypatch):
    answers = random_answers(3, items=60, annotators=4, labels=6, share=0.8)
    whole = [numbers(answers.patterns, level) for level in ("ordinal", "ratio")]
    monkeypatch.setattr("qc.stats.agreement.alpha._CELLS", 20)
    assert [numbers(answers.patterns, level) for level in ("ordinal", "ratio")] == whole
