"""Agreement coefficients against published tables and independent packages (about 5 s).

Sources of the published values stand with the data in tests/data/agreement_tables.json; the others are named where
they are used.
"""

from __future__ import annotations

from math import sqrt

import krippendorff
import numpy as np
import pandas as pd
import pytest
from agreement_data import (
    DATA,
    SAMPLES,
    TABLES,
    Answers,
    from_contingency,
    from_rows,
    random_answers,
    real,
)
from scipy.sparse import csr_array
from scipy.special import stdtrit
from statsmodels.stats.inter_rater import fleiss_kappa

from qc.stats.agreement import agreement
from qc.stats.agreement.alpha import ALPHA
from qc.stats.agreement.bootstrap import bootstrap_items
from qc.stats.agreement.deletions import nothing
from qc.stats.agreement.nominal import FLEISS, brennan_prediger, coefficient, sums
from qc.stats.agreement.statistic import WEIGHTED
from qc.stats.patterns import Patterns, patterns_from_frame


def alpha(answers: Answers, level: str) -> float:
    return agreement(answers.patterns, level).alpha.value


def coders(rows: list[str]) -> Answers:
    cells = [[None if cell == "*" else int(cell) for cell in row.split()] for row in rows]
    return from_rows([list(unit) for unit in zip(*cells, strict=True)])


KRIPPENDORFF = TABLES["krippendorff_2011_C"]
THREE_CODERS = TABLES["alpha_3_coders_15_units"]
ANXIETY = TABLES["anxiety_20x3"]


PUBLISHED = {
    "Krippendorff 2011": (from_rows(KRIPPENDORFF["data"]), KRIPPENDORFF["expected"]["alpha"]),
    "three coders": (coders(THREE_CODERS["data"]), THREE_CODERS["expected"]["alpha"]),
    "anxiety": (from_rows(ANXIETY["data"]), ANXIETY["expected"]["alpha"]),
}


@pytest.mark.parametrize(
    ("name", "level"), [(name, level) for name, (_, expected) in PUBLISHED.items() for level in expected]
)
def test_alpha_of_published_tables(name, level):
    answers, expected = PUBLISHED[name]
    digits = len(str(expected[level]).split(".")[1])
    assert alpha(answers, level) == pytest.approx(expected[level], abs=0.51 * 10**-digits)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)],
)
def test_alpha_to_six_digits(level, expected):
    """Krippendorff 2011, example C, as R and Python packages print it with more digits."""
    assert alpha(from_rows(KRIPPENDORFF["data"]), level) == pytest.approx(expected, abs=5e-7)


def test_chance_corrected_coefficients_with_missing_ratings():
    """Krippendorff 2011, example C, by the R package irrCAC (Gwet's Handbook)."""
    expected = KRIPPENDORFF["expected"]["unweighted_irrCAC_R"]
    found = agreement(from_rows(KRIPPENDORFF["data"]).patterns)
    assert found.percent.value == pytest.approx(expected["percent_agreement"][0], abs=5e-8)
    assert found.ac1.value == pytest.approx(expected["gwet_ac1"][0], abs=5e-6)
    assert found.fleiss.value == pytest.approx(expected["fleiss_kappa"][0], abs=5e-6)
    assert found.alpha.value == pytest.approx(expected["alpha"][0], abs=5e-6)
    assert found.brennan_prediger.value == pytest.approx(expected["brennan_prediger"][0], abs=5e-6)
    assert (found.items_used, found.items_dropped) == (11, 1)


def test_two_annotators():
    """100 subjects of the irrCAC documentation; Fleiss' kappa of two annotators is Scott's pi."""
    expected = TABLES["gwet_3x3"]["expected"]
    found = agreement(from_contingency(TABLES["gwet_3x3"]["data"]).patterns)
    assert found.percent.value == pytest.approx(expected["percent"], abs=1e-12)
    assert found.fleiss.value == pytest.approx(expected["scott"], abs=5e-8)
    assert found.ac1.value == pytest.approx(expected["gwet_ac1"][0], abs=5e-8)
    assert found.brennan_prediger.value == pytest.approx(expected["brennan_prediger"], abs=1e-12)
    assert found.alpha.value == pytest.approx(expected["alpha"], abs=5e-8)


@pytest.mark.parametrize(
    ("table", "ac1", "fleiss"),
    [
        pytest.param([[8, 1], [0, 1]], 0.8658, 0.6078, id="Gwet 2008"),
        pytest.param([[80, 7], [8, 5]], 0.808, None, id="paradox of prevalence"),
        pytest.param([[20, 5, 1, 0], [4, 15, 6, 1], [0, 5, 18, 4], [0, 1, 3, 12]], 0.58046, None, id="Likert"),
        pytest.param([[118, 5], [2, 0]], 0.941, None, id="Feinstein and Cicchetti 1990"),
    ],
)
def test_gwet_on_two_by_two_tables(table, ac1, fleiss):
    """Fixtures of DKPro Statistics (Gwet 2008) and Feinstein & Cicchetti 1990."""
    found = agreement(from_contingency(table).patterns)
    assert found.ac1.value == pytest.approx(ac1, abs=0.51 * 10 ** -(len(str(ac1)) - 2))
    if fleiss:
        assert found.fleiss.value == pytest.approx(fleiss, abs=5e-5)


def test_fleiss_1971():
    """Observed and expected agreement, kappa, and kappa by category (from specific agreement) of Fleiss' paper."""
    expected = TABLES["fleiss_1971"]["expected"]
    answers = from_rows(TABLES["fleiss_1971"]["data"])
    found = agreement(answers.patterns)
    assert found.fleiss.value == pytest.approx(expected["fleiss_kappa"], abs=5e-6)
    assert found.percent.value == pytest.approx(expected["observed"], abs=5e-6)
    assert found.alpha.value == pytest.approx(expected["alpha_nominal"], abs=5e-6)
    chance = (found.percent.value - found.fleiss.value) / (1 - found.fleiss.value)
    assert chance == pytest.approx(expected["chance"], abs=5e-6)
    share = np.bincount(answers.label) / len(answers.label)
    by_category = [(one.agreement.value - share[one.label]) / (1 - share[one.label]) for one in found.by_label]
    assert sorted(by_category) == pytest.approx(expected["by_category_sorted"], abs=5e-4)


@pytest.mark.parametrize("case", TABLES["randolph"]["cases"])
def test_free_marginal_kappa(case):
    """Randolph's two cases; the second has counts that are not whole, which only the sums take."""
    counts = np.array(case["data"])
    none = np.zeros(0, dtype=np.int64)
    patterns = Patterns(csr_array(counts), np.ones(2, dtype=np.int64), none, none, none, none, none, none, none)
    of = sums(patterns, nothing())
    assert coefficient(FLEISS, of)[0] == pytest.approx(case["fleiss"], abs=5e-7)
    assert coefficient(brennan_prediger(2), of)[0] == pytest.approx(case["free"], abs=5e-7)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (SAMPLES / "weather_sentiment_amt.csv", "weather_sentiment_amt"),
        (SAMPLES / "sentence_polarity_amt.csv", "sentence_polarity_amt"),
        (DATA / "bluebird.csv", "bluebird"),
        (DATA / "dog.csv", "dog"),
    ],
)
def test_alpha_of_real_answers(path, name):
    expected = TABLES["real_samples"]["expected"][name]
    answers, _ = real(path)
    found = agreement(answers.patterns)
    assert found.alpha.value == pytest.approx(expected["alpha"], abs=5.1e-4)
    assert found.items_used == expected["items"]
    assert len(found.influence) == expected["annotators"]


@pytest.mark.parametrize("style", ["g1", "g2", "g3"])
def test_fleiss_of_real_answers(style):
    frame = pd.read_csv(DATA / f"paradigms_{style}_wide.csv").set_index("id")
    expected = TABLES["real_samples"]["expected"]["paradigms_wide"][f"{style}_fleiss"]
    found = agreement(from_rows(frame.to_numpy().tolist()).patterns)
    assert found.fleiss.value == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("seed", range(15))
def test_alpha_equals_the_krippendorff_package(level, seed):
    answers = random_answers(seed, items=40, annotators=2 + seed % 6, labels=2 + seed % 5, share=0.6)
    matrix = answers.matrix + 1
    expected = krippendorff.alpha(reliability_data=matrix, level_of_measurement=level)
    assert alpha(answers, level) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(15))
def test_fleiss_equals_statsmodels(seed):
    """Complete items only: all that statsmodels takes."""
    answers = random_answers(seed, items=30, annotators=2 + seed % 5, labels=2 + seed % 4, share=1.0)
    table = np.zeros((30, len(answers.names)))
    np.add.at(table, (answers.item, answers.label), 1)
    found = agreement(answers.patterns, declared=len(answers.names))
    assert found.fleiss.value == pytest.approx(fleiss_kappa(table, "fleiss"), abs=1e-9)
    assert found.brennan_prediger.value == pytest.approx(fleiss_kappa(table, "randolph"), abs=1e-9)


def numbers(estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def half_width(estimate) -> float:
    return estimate.value - estimate.low


def test_items_interval_of_alpha_on_krippendorffs_data():
    """The item jackknife: SE .14633, t(10). The delta method of irrCAC says .14548, half a hundredth less."""
    found = agreement(from_rows(KRIPPENDORFF["data"]).patterns).alpha_items
    error = half_width(found) / stdtrit(10, 0.975)
    assert error == pytest.approx(0.14633, abs=5e-6)
    assert error == pytest.approx(KRIPPENDORFF["expected"]["unweighted_irrCAC_R"]["alpha"][1], rel=0.01)
    assert found.method.startswith("items, 95 %; ")


def test_items_intervals_on_complete_data():
    """irrCAC's `raw` standard errors for the 3x3 table: AC1 .04343519, Scott .05935224; percent has the exact one."""
    found = agreement(from_contingency(TABLES["gwet_3x3"]["data"]).patterns)
    t = stdtrit(99, 0.975)
    assert half_width(found.percent_items) / t == pytest.approx(sqrt(0.89 * 0.11 / 99), rel=1e-9)
    assert half_width(found.brennan_prediger_items) / t == pytest.approx(sqrt(0.89 * 0.11 / 99) * 1.5, rel=1e-9)
    assert half_width(found.ac1_items) / t == pytest.approx(0.04343519, rel=0.01)
    assert half_width(found.fleiss_items) / t == pytest.approx(0.05935224, rel=0.01)


def test_items_with_one_label_do_not_widen_the_interval_of_percent_agreement():
    """They say nothing of it. (Gwet's linearisation takes the number of shared items as fixed, and widens.)"""
    answers = random_answers(3, items=100, annotators=3, labels=3, share=1.0)
    lone = Answers(
        np.concatenate([answers.item, 100 + np.arange(900)]),
        np.concatenate([answers.annotator, np.arange(900) % 3]),
        np.concatenate([answers.label, np.arange(900) % 3]),
        answers.names,
    )
    few, many = agreement(answers.patterns), agreement(lone.patterns)
    assert many.percent_items.value == few.percent_items.value
    assert half_width(many.percent_items) == pytest.approx(half_width(few.percent_items), rel=0.01)
    assert many.alpha == few.alpha
    assert (many.items_used, many.items_dropped) == (100, 900)


def test_patterns_from_the_measure_and_from_answers_are_the_same():
    answers = random_answers(5, items=60, annotators=5, labels=4, share=0.5)
    rows = pd.DataFrame({"item": answers.item, "annotator": answers.annotator, "code": answers.label})
    texts = rows.sort_values("code").groupby("item")["code"].agg(lambda codes: ",".join(map(str, codes)))
    rows["pattern"] = rows["item"].map(texts)
    frame = rows.groupby(["pattern", "annotator", "code"]).size().rename("votes").reset_index()
    frame = frame.sample(frac=1, random_state=1)
    found = patterns_from_frame(frame, values=answers.names)
    for level in ("nominal", "ordinal", "interval"):
        assert numbers(agreement(found, level).alpha) == pytest.approx(
            numbers(agreement(answers.patterns, level).alpha)
        )


def test_a_frame_whose_votes_do_not_make_items_is_refused():
    frame = pd.DataFrame({"pattern": ["0,1"], "annotator": [0], "code": [0], "votes": [3]})
    with pytest.raises(ValueError, match="'0,1'"):
        patterns_from_frame(frame)


EDGES = {
    "nothing": ([], "no answers", "no answers"),
    "one annotator": ([["a"], ["b"]], "only one annotator", "only one annotator"),
    "no overlap": ([["a", None], [None, "b"]], "no item has labels from two annotators", None),
    "one item": ([["a", "b"]], None, "only one item has two labels or more"),
    "one label": ([["a", "a"], ["a", "a"], ["a", "a"]], None, "only one label was given"),
}


@pytest.mark.parametrize("case", EDGES)
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_undefined_says_why(case, level):
    rows, no_percent, no_alpha = EDGES[case]
    answers = from_rows(rows)
    patterns = answers.patterns
    found = agreement(patterns, level)
    if no_percent:
        assert found.percent.reason == found.percent_items.reason == no_percent
        assert found.by_label == found.influence == ()
    else:
        assert found.percent.value is not None
        assert found.percent.low < found.percent.high
    for estimate in (found.alpha, found.alpha_items, found.fleiss, found.ac1, found.brennan_prediger):
        assert estimate.value is None
        assert (no_alpha or no_percent) in estimate.reason


def test_one_label_of_several_declared_leaves_gwet_and_brennan_prediger_defined():
    found = agreement(from_rows([["a", "a"]] * 20).patterns, declared=3)
    assert found.alpha.value is None
    assert found.fleiss.value is None
    assert found.ac1.value == found.brennan_prediger.value == 1.0
    # Twenty agreements do not prove perfection: Wilson's lower limit of 20/20 is 0.839, carried over by 1/(1 - 1/3).
    assert found.percent.low == pytest.approx(0.8389, abs=5e-5)
    assert found.brennan_prediger.low == pytest.approx(1 - (1 - 0.83887) * 1.5, abs=5e-5)


def test_perfect_agreement_is_not_certain():
    found = agreement(from_rows([["a"] * 3, ["b"] * 3] * 15).patterns)
    assert found.alpha.value == 1.0
    assert 0.7 < found.alpha.low < 0.9
    assert found.alpha.high == 1.0
    assert found.alpha.method == "items, Wilson, 95 %"


def test_where_nothing_agrees_alpha_may_lie_as_far_below_chance_as_it_can():
    """Wilson's upper limit of 0/30 is 0.1135, and chance agrees in half of the pairs."""
    found = agreement(from_rows([["a", "b"], ["b", "a"]] * 15).patterns)
    assert (found.percent.value, found.percent.low, found.alpha_items.low) == (0, 0, -1)
    assert found.alpha_items.high == pytest.approx(found.alpha_items.value + 0.1135 / 0.5, abs=1e-4)


def test_two_annotators_cannot_show_how_annotators_differ():
    found = agreement(from_contingency(TABLES["gwet_3x3"]["data"]).patterns)
    assert (found.alpha.low, found.alpha.high) == (found.alpha_items.low, found.alpha_items.high)
    assert "these annotators only" in found.alpha.warning
    assert found.alpha_items.warning is None


def test_few_items_and_rare_labels_warn():
    found = agreement(from_rows(KRIPPENDORFF["data"]).patterns)
    assert "fewer than 50 items" in found.alpha.warning
    assert "fewer than 5 times" in found.alpha.warning
    assert "fewer than 5 times" not in found.percent.warning
    many = agreement(random_answers(1, items=200, annotators=4, labels=3, share=0.8).patterns)
    assert many.alpha.warning is None


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_values_of_measurements_are_rare_without_a_warning(level):
    """Forty different amounts, each given twice: near ones stand for each other, and none is a label."""
    found = agreement(from_rows([[one, one + 1.0] for one in range(40)]).patterns, level)
    assert found.by_label == ()
    assert "labels given" not in (found.alpha.warning or "")
    assert "labels given" in found.ac1.warning
    few = agreement(from_rows([[one % 5, one % 5 + one % 2] for one in range(40)]).patterns, level)
    assert len(few.by_label) == 6


def test_one_item_that_decides_leaves_the_whole_range():
    """Without the one item that holds a second label, alpha would be undefined."""
    found = agreement(from_rows([["a", "a", "a"]] * 9 + [["a", "b", "a"]]).patterns)
    assert (found.alpha.low, found.alpha.high) == (-1.0, 1.0)
    assert "one item decides this value" in found.alpha.warning


def test_ratio_alpha_refuses_amounts_below_zero():
    patterns = from_rows([[-1, 2], [2, 2], [-1, -1]]).patterns
    found = agreement(patterns, "ratio")
    assert "0 or more" in found.alpha.reason
    for name in WEIGHTED:
        assert found.more[name].team.reason == "ratios are for amounts of 0 or more"
        assert bootstrap_items(patterns, name, "ratio").reason == "ratios are for amounts of 0 or more"


def test_of_more_labels_than_weights_are_made_of_the_bootstrap_says_so_too():
    many = from_rows([[one, one + 1.0] for one in range(3_000)]).patterns
    assert bootstrap_items(many, "ac2", "interval").reason == agreement(many, "interval").more["ac2"].items.reason
    assert "no weights" in bootstrap_items(many, "ac2", "interval").reason


def test_many_labels_stay_sparse():
    """5,000 labels on 20,000 items: a dense table would take 800 MB."""
    answers = random_answers(2, items=400, annotators=3, labels=5, share=1.0)
    wide = Answers(answers.item, answers.annotator, answers.label * 1_000, tuple(range(5_000)))
    assert agreement(wide.patterns).alpha.value == agreement(answers.patterns).alpha.value
    assert len(agreement(wide.patterns).by_label) == 5


@pytest.mark.parametrize("level", ALPHA)
def test_estimates_name_what_they_are(level):
    found = agreement(random_answers(4, items=80, annotators=5, labels=3, share=0.7).patterns, level)
    assert found.alpha.method.split("; ")[0] == "items and annotators, 95 %"
    assert found.alpha_items.method.split("; ")[0] == "items, 95 %"
    assert found.alpha.unit == found.alpha_items.unit == "items"
    assert found.alpha.n == found.items_used
    assert found.alpha.high - found.alpha.low >= found.alpha_items.high - found.alpha_items.low
    assert sum(one.n for one in found.by_label) == sum(one.ratings for one in found.influence)
