"""Cohen's kappa of all pairs against published tables and statsmodels (about 2 s)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from agreement_data import TABLES, Answers, random_answers
from statsmodels.stats.inter_rater import cohens_kappa

from qc.stats.kappa import mean_kappa, pair_kappas, pair_tables

COLUMNS = ["a", "b", "code_a", "code_b", "items"]


def from_contingency(table: list[list[int]]) -> pd.DataFrame:
    cells = [("ann", "bob", i, j, n) for i, row in enumerate(table) for j, n in enumerate(row) if n]
    return pd.DataFrame(cells, columns=COLUMNS)


def pair_votes(answers: Answers) -> pd.DataFrame:
    """The measure, by a join of the answers with themselves."""
    rows = pd.DataFrame({"item": answers.item, "who": answers.annotator, "code": answers.label})
    both = rows.merge(rows, on="item", suffixes=("_a", "_b"))
    both = both[both["who_a"] < both["who_b"]]
    frame = both.groupby(["who_a", "who_b", "code_a", "code_b"]).size().reset_index()
    return frame.set_axis(COLUMNS, axis=1)


@pytest.mark.parametrize(
    ("table", "kappa", "error"),
    [
        pytest.param([[20, 5], [10, 15]], 0.4, 0.126996, id="Cohen, R psych"),
        pytest.param([[45, 15], [25, 15]], 0.130435, None, id="60 and 70 against 40 and 30"),
        pytest.param([[25, 35], [5, 35]], 0.259259, None, id="60 and 30 against 40 and 70"),
        pytest.param(TABLES["gwet_3x3"]["data"], *TABLES["gwet_3x3"]["expected"]["cohen"], id="irrCAC"),
        pytest.param(TABLES["cohen_sas"]["data"], 0.4842, 0.1380, id="SAS"),
        pytest.param([[118, 5], [2, 0]], -0.023, None, id="Feinstein and Cicchetti 1990"),
        pytest.param([[44, 5, 1], [7, 20, 3], [9, 5, 6]], 0.49, None, id="R psych"),
    ],
)
def test_published_tables(table, kappa, error):
    """Values of R psych, SAS and irrCAC, and the two tables of Wikipedia's article with equal percent agreement."""
    (pair,) = pair_kappas(from_contingency(table))
    digits = len(str(kappa).split(".")[1])
    assert pair.kappa.value == pytest.approx(kappa, abs=0.51 * 10**-digits)
    assert (pair.a, pair.b, pair.n) == ("ann", "bob", np.sum(table))
    if error:
        found = pair_tables(from_contingency(table)).error[0]
        assert found == pytest.approx(error, abs=0.51 * 10 ** -(len(f"{error:.7g}") - 2))


def test_limits_of_sas():
    low, high = TABLES["cohen_sas"]["expected"]["ci95"]
    (pair,) = pair_kappas(from_contingency(TABLES["cohen_sas"]["data"]))
    assert (pair.kappa.low, pair.kappa.high) == pytest.approx((low, high), abs=5.1e-5)
    assert pair.kappa.warning == "fewer than 30 shared items"


def test_anxiety_raters_one_and_two():
    rows = np.array(TABLES["anxiety_20x3"]["data"])
    frame = pd.DataFrame({"a": 1, "b": 2, "code_a": rows[:, 0], "code_b": rows[:, 1], "items": 1})
    frame = frame.groupby(COLUMNS[:4]).size().rename("items").reset_index()
    expected = TABLES["anxiety_20x3"]["expected"]["cohen_rater1_rater2"]["unweighted"]
    assert pair_kappas(frame)[0].kappa.value == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_all_pairs_equal_statsmodels(seed):
    answers = random_answers(seed, items=80, annotators=6, labels=2 + seed % 4, share=0.6)
    frame = pair_votes(answers)
    matrix = answers.matrix
    for pair in pair_kappas(frame):
        both = ~np.isnan(matrix[pair.a]) & ~np.isnan(matrix[pair.b])
        table = np.zeros((len(answers.names), len(answers.names)))
        np.add.at(table, (matrix[pair.a, both].astype(int), matrix[pair.b, both].astype(int)), 1)
        expected = cohens_kappa(table)
        assert pair.n == both.sum()
        assert pair.percent.value == pytest.approx(np.trace(table) / both.sum())
        assert pair.kappa.value == pytest.approx(expected.kappa, abs=1e-9)
        assert pair.kappa.high == pytest.approx(min(expected.kappa_upp, 1), abs=1e-6)
        assert pair.kappa.low == pytest.approx(max(expected.kappa_low, -1), abs=1e-6)


def test_undefined_says_why():
    (pair,) = pair_kappas(from_contingency([[10]]))
    assert pair.kappa.value is None
    assert "one label only" in pair.kappa.reason
    assert pair.percent.value == 1.0
    assert 0.7 < pair.percent.low < 0.75  # Wilson's lower limit of 10/10 is 0.722
    assert "one label only" in mean_kappa(from_contingency([[10]])).reason
    nobody = pd.DataFrame([], columns=COLUMNS)
    assert pair_kappas(nobody) == ()
    assert mean_kappa(nobody).reason == "no two annotators share an item"


def test_perfect_agreement_is_not_certain():
    """Wilson's lower limit of 10/10 is 0.7225; chance is 1/2, so kappa may be as low as 1 - 0.2775/0.5."""
    frame = from_contingency([[5, 0], [0, 5]])
    (pair,) = pair_kappas(frame)
    assert (pair.kappa.value, pair.kappa.high) == (1.0, 1.0)
    assert pair.kappa.low == pytest.approx(1 - 0.2775 / 0.5, abs=1e-3)
    assert mean_kappa(frame).low == pytest.approx(pair.kappa.low)


def test_mean_is_weighted_by_shared_items_and_its_interval_leaves_annotators_out():
    answers = random_answers(4, items=120, annotators=5, labels=3, share=0.7)
    frame = pair_votes(answers)
    pairs = pair_kappas(frame)

    def mean(keep):
        kept = [pair for pair in pairs if keep(pair)]
        return sum(p.n * p.kappa.value for p in kept) / sum(p.n for p in kept)

    found = mean_kappa(frame)
    assert found.value == pytest.approx(mean(lambda pair: True))
    without = np.array([mean(lambda pair, who=who: who not in (pair.a, pair.b)) for who in range(5)])
    spread = 4 / 5 * ((without - without.mean()) ** 2).sum()
    # Student's t for 4 degrees of freedom is 2.776; the five shared out nearly, not quite, the same number of items.
    assert found.high - found.value == pytest.approx(2.776 * spread**0.5, rel=0.02)
    assert found.method == "annotators, jackknife, 95 %"
    assert found.n == sum(pair.n for pair in pairs)


def test_mean_where_everybody_shares_with_one_person_only():
    frame = pd.DataFrame(
        [(0, who, i, j, n) for who in (1, 2, 3) for i, j, n in ((0, 0, 20), (1, 1, 15), (0, 1, 5), (1, 0, 10))],
        columns=COLUMNS,
    )
    found = mean_kappa(frame)
    assert found.value == pytest.approx(0.4)
    assert "these pairs only" in found.warning
    # Three independent pairs: the standard error .126996 over √3.
    assert found.high == pytest.approx(0.4 + 1.96 * 0.126996 / 3**0.5, abs=1e-4)


def test_mean_of_pairs_that_share_few_items_warns():
    """Kappa's own estimate of chance is too high on a few items, so that their mean is too low."""
    few = mean_kappa(pair_votes(random_answers(2, items=20, annotators=6, labels=3, share=0.5)))
    assert "too low on average" in few.warning
    assert mean_kappa(pair_votes(random_answers(2, items=80, annotators=6, labels=3, share=0.5))).warning is None


def test_order_and_names_do_not_matter():
    answers = random_answers(6, items=60, annotators=4, labels=3, share=0.8)
    frame = pair_votes(answers)
    new = {0: 2, 1: 0, 2: 1}
    other = frame.sample(frac=1, random_state=2)
    other = other.assign(code_a=other["code_a"].map(new), code_b=other["code_b"].map(new))
    before, after = pair_kappas(frame), pair_kappas(other)
    assert [(p.a, p.b, p.n) for p in before] == [(p.a, p.b, p.n) for p in after]
    assert [p.kappa.low for p in before] == pytest.approx([p.kappa.low for p in after])
    assert mean_kappa(other).low == pytest.approx(mean_kappa(frame).low)
