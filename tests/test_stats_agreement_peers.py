"""Coefficients equal independent packages on random answers, and do not depend on names, order or scale (about 15 s).

Peers: krippendorff (GPL-3, tests only), statsmodels, nltk and scipy; what none of them has is written out.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import krippendorff as peer
import numpy as np
import pandas as pd
import pytest
from agreement_data import Answers, from_rows, random_answers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from scipy.stats import friedmanchisquare, rankdata
from statsmodels.stats.inter_rater import cohens_kappa

from qc.stats.agreement import Ratings, agreement, agreement_of_people
from qc.stats.agreement.concordance import concordance, kendall_w
from qc.stats.agreement.icc import intraclass
from qc.stats.agreement.jackknife import Both
from qc.stats.agreement.people import conger, linear_conger, mean_cohen
from qc.stats.agreement.statistic import WEIGHTED
from qc.stats.kappa import pair_frame, pair_kappas, pair_tables
from qc.stats.weights import WEIGHTS

some = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
LEVELS = ("nominal", "ordinal", "interval", "ratio")

gappy = st.builds(
    random_answers,
    seed=st.integers(0, 10_000),
    items=st.integers(12, 40),
    annotators=st.integers(3, 6),
    labels=st.integers(2, 5),
    share=st.sampled_from([0.5, 0.8, 1.0]),
)
complete = st.builds(
    random_answers,
    seed=st.integers(0, 10_000),
    items=st.integers(5, 40),
    annotators=st.integers(2, 6),
    labels=st.integers(2, 5),
    share=st.just(1.0),
)


def ratings(answers: Answers) -> Ratings:
    return Ratings.of(answers.item, answers.annotator, answers.label, [float(name) for name in answers.names])


def value(both: Both) -> float:
    return np.nan if both.items.value is None else both.items.value


@some
@given(gappy, st.sampled_from(LEVELS))
def test_alpha_is_that_of_krippendorff(answers, level):
    found = agreement(answers.patterns, level).alpha.value
    if found is not None:
        matrix = answers.matrix + 1
        assert found == pytest.approx(peer.alpha(reliability_data=matrix, level_of_measurement=level), abs=1e-9)


@some
@given(complete)
def test_cohen_and_scott_of_pairs_are_those_of_nltk(answers):
    """nltk averages over pairs, which share all items here; its pi is Scott's for two, its S Bennett's."""
    if len(np.unique(answers.label)) < 2:
        return
    triples = list(zip(answers.annotator.tolist(), answers.item.tolist(), answers.label.tolist(), strict=True))
    task = AnnotationTask(triples)
    found = agreement(answers.patterns)
    assert found.alpha.value == pytest.approx(task.alpha(), abs=1e-9)
    assert found.percent.value == pytest.approx(task.avg_Ao(), abs=1e-9)
    assert agreement(answers.patterns).brennan_prediger.value == pytest.approx(task.S(), abs=1e-9)
    assert found.more["scott"].items.value == pytest.approx(task.pi(), abs=1e-9)
    if np.all(
        [len(np.unique(answers.label[answers.annotator == who])) > 1 for who in range(answers.annotator.max() + 1)]
    ):
        assert value(mean_cohen(ratings(answers))) == pytest.approx(task.kappa(), abs=1e-9)


@some
@given(gappy, st.sampled_from(["identity", "linear", "quadratic"]))
def test_kappas_of_all_pairs_are_those_of_statsmodels(answers, weights):
    """With standard errors; and their mean is the mean weighted by shared items."""
    found = ratings(answers)
    table = WEIGHTS[weights](np.arange(len(answers.names), dtype=float))
    tables = pair_tables(pair_frame(found.item, found.annotator, found.code), table)
    matrix = answers.matrix
    for a, b, n, kappa, error in zip(tables.a, tables.b, tables.n, tables.kappa, tables.error, strict=True):
        both = ~np.isnan(matrix[a]) & ~np.isnan(matrix[b])
        cells = np.zeros((len(answers.names),) * 2)
        np.add.at(cells, (matrix[a, both].astype(int), matrix[b, both].astype(int)), 1)
        assert n == both.sum()
        if not np.isnan(kappa):
            with np.errstate(divide="ignore", invalid="ignore"):
                expected = cohens_kappa(cells, wt=None if weights == "identity" else weights)
            assert kappa == pytest.approx(expected.kappa, abs=1e-9)
            assert error == pytest.approx(expected.std_kappa, abs=1e-9)
    known = ~np.isnan(tables.kappa)
    mean = np.average(tables.kappa[known], weights=tables.n[known])
    assert value(mean_cohen(found, table)) == pytest.approx(mean, abs=1e-9)


def test_identity_weights_are_no_weights():
    found = ratings(random_answers(3, items=50, annotators=4, labels=4, share=0.7))
    frame, eye = pair_frame(found.item, found.annotator, found.code), np.eye(4)
    assert [pair.kappa for pair in pair_kappas(frame, eye)] == [pair.kappa for pair in pair_kappas(frame)]
    assert conger(found, eye).team.low == pytest.approx(conger(found).team.low)
    assert mean_cohen(found, eye).team.low == pytest.approx(mean_cohen(found).team.low)


def test_pairs_of_answers_are_those_of_a_join(monkeypatch):
    answers = random_answers(8, items=60, annotators=6, labels=4, share=0.6)
    rows = pd.DataFrame({"item": answers.item, "who": answers.annotator, "code": answers.label})
    both = rows.merge(rows, on="item", suffixes=("_a", "_b"))
    both = both[both["who_a"] < both["who_b"]]
    joined = both.groupby(["who_a", "who_b", "code_a", "code_b"]).size().reset_index()
    shuffled = rows.sample(frac=1, random_state=1)
    for cells in (16_000_000, 10):
        monkeypatch.setattr("qc.stats.kappa._CELLS", cells)
        frame = pair_frame(*(shuffled[name].to_numpy() for name in rows))
        assert np.array_equal(frame.sort_values(["a", "b", "code_a", "code_b"]).to_numpy(), joined.to_numpy())


@some
@given(gappy)
def test_conger_by_definition(answers):
    """Agreement by chance is that of two different annotators, each with shares of all that he or she gave."""
    if agreement(answers.patterns).percent.value is None:
        return
    people, labels = answers.annotator.max() + 1, len(answers.names)
    shares = np.zeros((people, labels))
    np.add.at(shares, (answers.annotator, answers.label), 1)
    shares = shares[shares.sum(axis=1) > 0]
    shares /= shares.sum(axis=1, keepdims=True)
    chance = np.mean([one @ other for one, other in combinations(shares, 2)])
    percent = agreement(answers.patterns).percent.value
    if chance < 1 - 1e-9 and value(conger(ratings(answers))) == value(conger(ratings(answers))):
        assert value(conger(ratings(answers))) == pytest.approx((percent - chance) / (1 - chance), abs=1e-9)


def test_what_conger_owes_to_annotators_ratings_and_items():
    """Annotators exactly, by brute force; ratings and items to first order."""
    answers = random_answers(3, items=60, annotators=5, labels=4, share=0.7)
    found = linear_conger(ratings(answers))

    def without(gone):
        return linear_conger(ratings(answers.without(gone))).value

    assert found.without_annotators == pytest.approx([without(answers.annotator == who) for who in range(5)], abs=1e-12)
    order = np.lexsort((answers.annotator, answers.item))
    exact = np.array([without(np.arange(len(answers.item)) == row) for row in order])
    assert found.without_ratings == pytest.approx(exact, abs=2e-4)
    of_items = np.array([without(answers.item == item) for item in range(60)])
    assert found.value - found.by_items / 60 == pytest.approx(of_items, abs=2e-3)


@some
@given(complete)
def test_two_annotators_have_the_same_conger_and_cohen(answers):
    two = answers.without(answers.annotator > 1)
    found = ratings(two)
    assert value(conger(found)) == pytest.approx(value(mean_cohen(found)), abs=1e-9, nan_ok=True)


def test_where_all_items_are_alike_the_mean_kappa_has_the_limits_of_what_was_observed():
    """Wilson's limits of 10/10 and of 0/10 are 0.7225 and 0.2775; chance is 1/2, so kappa moves twice as far."""
    alike = mean_cohen(ratings(from_rows([[1, 1]] * 5 + [[2, 2]] * 5)))
    assert (alike.items.value, alike.items.low) == pytest.approx((1, 1 - 2 * 0.2775), abs=1e-4)
    never = mean_cohen(ratings(from_rows([[1, 2]] * 5 + [[2, 1]] * 5)))
    assert (never.items.value, never.items.low, never.items.high) == pytest.approx((-1, -1, -1 + 2 * 0.2775), abs=1e-4)


def test_a_mean_kappa_of_pairs_that_share_few_items_warns():
    few = random_answers(2, items=20, annotators=6, labels=3, share=0.5)
    assert "too low on average" in mean_cohen(ratings(few)).team.warning
    many = mean_cohen(ratings(random_answers(2, items=200, annotators=3, labels=3, share=0.9)))
    assert many.team.warning is None


@some
@given(st.integers(0, 10_000), st.integers(3, 12), st.integers(3, 6), st.integers(2, 8))
def test_kendalls_w_is_friedmans_statistic(seed, items, people, values):
    """W = χ² / (m (n - 1)), with scipy's correction for ties."""
    table = np.random.default_rng(seed).integers(0, values, (items, people)).astype(float)
    found = kendall_w(table)
    if np.isnan(found):
        return
    chi_square = friedmanchisquare(*table).statistic
    assert found == pytest.approx(chi_square / (people * (items - 1)), abs=1e-9)
    assert found == pytest.approx(kendall_w(np.exp(table)), abs=1e-12)
    assert found == pytest.approx(kendall_w(table[::-1, ::-1]), abs=1e-12)


@some
@given(
    st.integers(0, 10_000),
    st.integers(3, 12),
    st.integers(2, 6),
    st.floats(-50, 50),
    st.sampled_from([0.01, -3.0, 7.0]),
)
def test_icc_by_least_squares(seed, items, people, shift, scale):
    """Mean squares of two-way and one-way analyses of variance, as residuals of fits; any origin and unit."""
    generator = np.random.default_rng(seed)
    table = generator.normal(size=(items, people)) + generator.normal(size=(items, 1))
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    between = people * ((rows - table.mean()) ** 2).sum() / (items - 1)
    within = ((table - rows) ** 2).sum() / (items * (people - 1))
    others = items * ((columns - table.mean()) ** 2).sum() / (people - 1)
    rest = ((table - rows - columns + table.mean()) ** 2).sum() / ((items - 1) * (people - 1))
    found = intraclass(table * scale + shift)
    assert value(found["icc1"]) == pytest.approx((between - within) / (between + (people - 1) * within), abs=1e-6)
    icc2 = (between - rest) / (between + (people - 1) * rest + people * (others - rest) / items)
    assert value(found["icc2"]) == pytest.approx(icc2, abs=1e-6)
    assert value(found["icc3"]) == pytest.approx((between - rest) / (between + (people - 1) * rest), abs=1e-6)
    for name in ("icc1", "icc2", "icc3"):
        single = value(found[name])
        assert value(found[f"{name}k"]) == pytest.approx(people * single / (1 + (people - 1) * single), abs=1e-6)


def test_weighted_kappa_with_quadratic_weights_is_near_icc():
    """Fleiss & Cohen 1973: of two annotators, quadratic kappa is ICC(2) but for a term in 1 / n."""
    answers = random_answers(1, items=4_000, annotators=2, labels=5, share=1.0)
    found = agreement_of_people(ratings(answers), "interval")
    assert value(found["kappa_quadratic"]) == pytest.approx(value(found["icc2"]), abs=1e-3)


@some
@given(gappy, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(answers, random):
    rows = np.array(random.sample(range(len(answers.item)), len(answers.item)))
    items, people = np.array(random.sample(range(100), 40)), np.array(random.sample(range(100), 6))
    other = Answers(items[answers.item[rows]], people[answers.annotator[rows]], answers.label[rows], answers.names)
    assert everything(other, "interval") == pytest.approx(everything(answers, "interval"), abs=1e-8)
    new = np.array(random.sample(range(len(answers.names)), len(answers.names)))
    renamed = replace(answers, label=new[answers.label])
    assert everything(renamed, "nominal") == pytest.approx(everything(answers, "nominal"), abs=1e-8)


@some
@given(gappy, st.floats(0, 50), st.sampled_from([0.01, 7.0]))
def test_an_affine_map_moves_no_interval_coefficient_and_a_rising_one_no_ordinal(answers, shift, scale):
    affine = replace(answers, names=tuple(name * scale + shift for name in answers.names))
    assert everything(affine, "interval") == pytest.approx(everything(answers, "interval"), abs=1e-6)
    rising = replace(answers, names=tuple(float(np.exp(name)) for name in answers.names))
    for name in ("fleiss_weighted", "ac2", "scott"):
        found = (agreement(one.patterns, "ordinal").more[name].team.value for one in (answers, rising))
        assert next(found) == pytest.approx(next(found), abs=1e-9, nan_ok=True)


def everything(answers: Answers, level: str) -> dict[str, float]:
    """All values and limits that are defined."""
    found = agreement(answers.patterns, level, ratings=ratings(answers)).more
    numbers = {}
    for name, both in found.items():
        for which, one in (("team", both.team), ("items", both.items)):
            parts = zip(("value", "low", "high"), (one.value, one.low, one.high), strict=True)
            numbers.update({f"{name} {which} {part}": number for part, number in parts if number is not None})
    return numbers


@some
@given(gappy, st.sampled_from(["ordinal", "interval", "ratio"]))
def test_everything_twice_moves_no_weighted_coefficient(answers, level):
    patterns = answers.patterns
    once, twice = (agreement(one, level).more for one in (patterns, replace(patterns, items=2 * patterns.items)))
    for name in ("scott", *WEIGHTED):
        if once[name].items.value is not None:
            assert twice[name].items.value == pytest.approx(once[name].items.value, abs=1e-9)


EDGES = {
    "nothing": ([], "no answers"),
    "one annotator": ([[1], [2]], "only one annotator"),
    "no overlap": ([[1, None], [None, 2]], "no item has labels from two annotators"),
    "one item": ([[1, 2]], "only one item"),
    "one label": ([[1, 1], [1, 1], [1, 1]], "one label only"),
}


@pytest.mark.parametrize("case", EDGES)
def test_undefined_says_why(case):
    rows, reason = EDGES[case]
    found = agreement_of_people(ratings(from_rows(rows)), "interval")
    for name in ("conger", "cohen", "kappa_linear", "kappa_quadratic"):
        for one in (found[name].team, found[name].items):
            assert one.value is None
            assert reason in one.reason or "only one label" in one.reason
    for name in ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k", "kendall_w"):
        assert found[name].team.value is None
        assert found[name].team.reason


def test_items_that_somebody_skipped_are_not_crossed():
    """ICC and Kendall's W use the items that everybody answered, and say how many."""
    answers = random_answers(5, items=40, annotators=3, labels=5, share=0.8)
    full = np.bincount(answers.item)[answers.item] == 3
    kept = answers.without(~full)
    found, alone = (agreement_of_people(ratings(one), "interval") for one in (answers, kept))
    for name in ("icc1", "icc2k", "kendall_w"):
        assert found[name].team == alone[name].team
    assert found["icc1"].team.n == len(np.unique(kept.item))


def test_items_beyond_a_hundred_are_left_out_in_groups():
    """Ranks of 300 items by 5 people: nearly the interval of leaving out one by one."""
    generator = np.random.default_rng(2)
    table = generator.normal(size=(300, 1)) + generator.normal(size=(300, 5))
    found = concordance(table).items
    without = np.array([kendall_w(np.delete(table, row, axis=0)) for row in range(300)])
    error = (299 / 300 * ((without - without.mean()) ** 2).sum()) ** 0.5
    assert (found.high - found.value) / 1.984 == pytest.approx(error, rel=0.2)
    assert found.value == pytest.approx(kendall_w(rankdata(table, axis=0)), abs=1e-12)


def test_the_steps_of_the_benchmark_agree():
    """Ours beside krippendorff on 20,000 answers; too few for statsmodels, which divides by zero on pairs of few."""
    from benchmarks.agreement_speed import OURS, run

    found, expected = (run(name, 20_000, 1) for name in (OURS, "krippendorff, bare value"))
    assert found["value"] == pytest.approx(expected["value"], abs=1e-9)
    assert min(found["peak_mb"], found["calc"]) > 0
