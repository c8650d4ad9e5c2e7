"""Gwet's standard errors against those that the R package irrCAC prints (about 2 s).

Sources: the pairs [estimate, standard error] of tests/data/agreement_tables.json (irrCAC's `*.raw` for Krippendorff
2011, `*.table` for the 3x3 table, which divides by n where `*.raw` divides by n - 1), and irrCAC's vignette
"Computing Agreement Coefficients" where it is named.
"""

from __future__ import annotations

from math import isnan, nan, sqrt

import numpy as np
import pytest
from agreement_data import SIX_RATERS, TABLES, Answers, from_contingency, from_rows, random_answers
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.model import Estimate, undefined
from qc.stats.agreement import agreement
from qc.stats.agreement.linearised import alpha_standard_error, standard_error, stated
from qc.stats.agreement.nominal import FLEISS, PERCENT, brennan_prediger, gwet
from qc.stats.patterns import Patterns

NAMES = ("percent", "ac1", "fleiss", "brennan_prediger", "alpha")
KRIPPENDORFF = from_rows(TABLES["krippendorff_2011_C"]["data"])
ABSTRACTORS = from_contingency(TABLES["gwet_3x3"]["data"])


def errors(patterns: Patterns, labels: int) -> dict[str, float]:
    chances = {"percent": PERCENT, "ac1": gwet(labels), "fleiss": FLEISS, "brennan_prediger": brennan_prediger(labels)}
    return {name: standard_error(patterns, chance) for name, chance in chances.items()} | {
        "alpha": alpha_standard_error(patterns)
    }


def digits(number: float) -> float:
    """Half a unit in the last of the printed digits, and a trace for rounding."""
    return 0.501 * 10.0 ** -len(str(number).split(".")[1])


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("percent_agreement", "percent"),
        ("gwet_ac1", "ac1"),
        ("fleiss_kappa", "fleiss"),
        ("brennan_prediger", "brennan_prediger"),
        ("alpha", "alpha"),
    ],
)
def test_raw_ratings_with_gaps(printed, name):
    """irrCAC's `*.raw` on Krippendorff 2011, example C: one item of the twelve has one label only."""
    value, error = TABLES["krippendorff_2011_C"]["expected"]["unweighted_irrCAC_R"][printed]
    assert errors(KRIPPENDORFF.patterns, 5)[name] == pytest.approx(error, abs=digits(error))
    found = agreement(KRIPPENDORFF.patterns)
    for estimate in (getattr(found, name), getattr(found, f"{name}_items")):
        assert estimate.value == pytest.approx(value, abs=digits(value))
        assert estimate.method.endswith(f"; Gwet's standard error over items {error:.5f} (R irrCAC)")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ac1", TABLES["gwet_3x3"]["expected"]["gwet_ac1"][1]),
        pytest.param("ac1", 0.04321747, id="ac1 in full"),
        ("fleiss", 0.05905473),
        ("brennan_prediger", 0.04693346),
        ("alpha", 0.05905473),
        ("percent", 0.03128898),
    ],
)
def test_contingency_table(name, error):
    """`gwet.ac1.table`, `scott2.table` … on cont3x3abstractors (irrCAC's vignette)."""
    raw = errors(ABSTRACTORS.patterns, 3)[name]
    assert raw * sqrt(99 / 100) == pytest.approx(error, abs=digits(error))


def test_contingency_table_as_raw_ratings():
    """`gwet.ac1.raw` .04343519 and `fleiss.kappa.raw` .05935224 on the same subjects."""
    found = errors(ABSTRACTORS.patterns, 3)
    assert found["ac1"] == pytest.approx(0.04343519, abs=5e-9)
    assert found["fleiss"] == pytest.approx(0.05935224, abs=5e-9)


@pytest.mark.parametrize(
    ("name", "error"), [("ac1", 0.08418757), ("fleiss", 0.08119291), ("brennan_prediger", 0.08312142)]
)
def test_distribution_of_six_raters(name, error):
    """`gwet.ac1.dist`, `fleiss.kappa.dist` and `bp.coeff.dist` on distrib.6raters (irrCAC's vignette)."""
    assert errors(SIX_RATERS.patterns, 5)[name] == pytest.approx(error, abs=5e-9)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shuffle=st.integers(0, 10_000))
def test_order_and_names_do_not_matter(seed, shuffle):
    answers = random_answers(seed, items=30, annotators=4, labels=4, share=0.6)
    generator = np.random.default_rng(shuffle)
    order = generator.permutation(len(answers.item))
    items, annotators, labels = (generator.permutation(size) for size in (30, 4, 4))
    renamed = Answers(
        items[answers.item[order]], annotators[answers.annotator[order]], labels[answers.label[order]], answers.names
    )
    assert errors(renamed.patterns, 4) == pytest.approx(errors(answers.patterns, 4), rel=1e-9)


@pytest.mark.parametrize("share", [0.4, 1.0])
def test_twice_the_data_have_the_error_over_the_root_of_two(share):
    """But for the divisor n (n - 1): exactly (n - 1) / (2n - 1) of the variance."""
    answers = random_answers(7, items=200, annotators=4, labels=3, share=share)
    twice = Answers(
        np.concatenate([answers.item, answers.item + 200]),
        np.tile(answers.annotator, 2),
        np.tile(answers.label, 2),
        answers.names,
    )
    once, doubled = errors(answers.patterns, 3), errors(twice.patterns, 3)
    n = {name: answers.patterns.items.sum() for name in NAMES} | {"alpha": answers.patterns.pairable().items.sum()}
    for name in NAMES:
        assert doubled[name] == pytest.approx(once[name] / sqrt(2), rel=0.01)
        assert doubled[name] == pytest.approx(once[name] * sqrt((n[name] - 1) / (2 * n[name] - 1)), rel=1e-9)


def test_the_jackknife_of_items_is_close_on_many_complete_items():
    """Both estimate the same variance where every item has as many labels."""
    patterns = random_answers(8, items=2_000, annotators=3, labels=4, share=1.0).patterns
    found, expected = agreement(patterns), errors(patterns, 4)
    for name in NAMES:
        estimate = getattr(found, f"{name}_items")
        assert (estimate.high - estimate.low) / (2 * 1.9612) == pytest.approx(expected[name], rel=2e-3)


EDGES = {
    "nothing": [],
    "one annotator": [["a"], ["b"]],
    "no overlap": [["a", None], [None, "b"]],
    "one item": [["a", "b"]],
    "one label": [["a", "a"], ["a", "a"]],
    "perfect": [["a", "a"], ["b", "b"], ["c", "c"]],
    "one shared": [["a", "b"], ["a", None]],
}


@pytest.mark.parametrize("case", EDGES)
def test_edges_state_no_error_that_is_not_there(case):
    patterns = from_rows(EDGES[case]).patterns
    for error in errors(patterns, 3).values():
        assert isnan(error) or error >= 0
    found = agreement(patterns)
    for name in NAMES:
        for estimate in (getattr(found, name), getattr(found, f"{name}_items")):
            assert "nan" not in estimate.method
            assert "0.00000" not in estimate.method
            assert estimate.value is not None or "standard error" not in estimate.method
    undefined_for = {"nothing": NAMES, "no overlap": NAMES, "one annotator": NAMES, "one item": NAMES}
    for name in undefined_for.get(case, ()):
        assert isnan(errors(patterns, 3)[name])


def test_a_single_label_that_was_declared_alone_has_no_error():
    patterns = from_rows([["a", "a"]] * 10).patterns
    assert isnan(standard_error(patterns, gwet(1)))
    assert isnan(standard_error(patterns, brennan_prediger(1)))
    assert isnan(standard_error(patterns, FLEISS))
    assert isnan(alpha_standard_error(patterns))


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_alpha_of_labels_on_a_scale_states_none(level):
    found = agreement(KRIPPENDORFF.patterns, level)
    assert found.alpha.method == "items and annotators, 95 %"
    assert "standard error" in found.ac1.method


def test_stated_leaves_what_it_cannot_add_to():
    estimate = Estimate(0.5, 0.4, 0.6, 10, "items", "items, 95 %")
    assert stated(estimate, nan) == stated(estimate, 0.0) == estimate
    assert stated(undefined("no answers"), 0.1) == undefined("no answers")
