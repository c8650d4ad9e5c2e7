"""Shares by risk and by routing, second opinions, and the design that says what they bring (about 10 s)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qc.model import InputError, SamplingPolicy
from qc.sampling import (
    FACTORS,
    chances,
    design,
    detectable_rise,
    draw,
    half_width,
    population,
    rates_for_number,
    rates_to_notice,
    risks,
    scaled,
)

SHARES = SamplingPolicy()
RATES = {level: SHARES.rate(level) for level in ("reduced", "normal", "tightened", "full")}


def answers(size=2000, people=4, seed=1, **columns):
    """Answers with a risk from 1 to 17."""
    pick = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "annotation_id": [f"a{place}" for place in range(size)],
            "question": "label",
            "annotator": [f"p{place % people}" for place in range(size)],
            "label": np.where(np.arange(size) % 10 == 0, "rare", "common"),
            "level": "normal",
            "risk": 1 + 16 * pick.random(size) ** 3,
        }
    )
    return frame.assign(**columns)


def told(**columns):
    """The columns of the measure `risk`, by default of an answer for which nothing speaks."""
    unknown = {"score_milli": None, "others": 0, "differing": None, "pairs": 0, "differing_pairs": None, "hard": 0}
    ages = {"annotator_age": 99, "guideline_age": None}
    counts = {"label_answers": 50, "question_answers": 100, "question_labels": 2}
    return pd.DataFrame([unknown | ages | counts | columns])


@pytest.mark.parametrize(
    ("columns", "risk", "reasons"),
    [
        ({}, 1.0, ()),
        ({"score_milli": 350}, 1 + 4 * 0.65, ("low confidence",)),
        ({"score_milli": 1200}, 1.0, ()),
        ({"others": 2, "differing": 1}, 1 + 4 * 0.5, ("low agreement",)),
        ({"others": 1, "differing": 1}, 1 + 4, ("low agreement",)),
        ({"others": 0, "differing": 0, "pairs": 0, "differing_pairs": 0}, 1.0, ()),
        ({"hard": 1}, 1 + 2, ("hard item",)),
        ({"pairs": 1, "differing_pairs": 1, "hard": None}, 1 + 2, ("hard item",)),
        ({"pairs": 3, "differing_pairs": 2, "hard": None}, 1 + 2 * 2 / 3, ("hard item",)),
        ({"label_answers": 10}, 1 + 2 * 0.8, ("rare label",)),
        ({"label_answers": 90}, 1.0, ()),
        ({"guideline_age": 0, "annotator_age": 7}, 1 + 2 + 2 * 0.5, ("new guideline", "new annotator")),
        ({"guideline_age": 8}, 1 + 2 * 6 / 14, ()),
    ],
)
def test_what_speaks_for_a_look(columns, risk, reasons):
    """By hand: 1 + Σ weight · strength, and what is at half its strength is named."""
    found = risks(told(**columns)).iloc[0]
    assert found["risk"] == pytest.approx(risk)
    assert found["reasons"] == reasons


def test_every_factor_lies_between_0_and_1_and_unknown_is_none():
    extremes = pd.concat(
        [told(score_milli=-5, others=1, differing=1, annotator_age=0, guideline_age=0), told(question_answers=None)]
    )
    for factor in FACTORS:
        strength = factor.strength(extremes)
        assert ((strength >= 0) & (strength <= 1)).all(), factor.name
    assert risks(told().head(0)).empty


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2, 0.6])
def test_a_level_is_drawn_with_its_rate_in_all(rate):
    """The lot rounds up once per stratum; above it the mean probability is the rate."""
    frame = answers(4000, level="normal")
    known = population(frame, 0)
    found = chances(known, RATES | {"normal": rate}, 0.3)
    mean = (known.answers * found.pi).sum() / len(frame)
    assert rate - 1e-9 <= mean < rate + 4 / len(frame)
    assert found.pi == pytest.approx(1 - (1 - found.pi_random) * (1 - found.pi_risk))


def test_chances_by_risk_are_proportional_above_a_floor_and_never_above_one():
    frame = answers(1000, people=1, risk=[1.0] * 600 + [10.0] * 400)
    known = population(frame, 0)
    by_risk = chances(known, RATES, 0.3).pi_risk[known.of]
    # The mean risk is 4.6, and a risk counts for at least a quarter of it.
    assert by_risk[-1] / by_risk[0] == pytest.approx(10 / 1.15)
    assert by_risk.min() > by_risk.mean() / 5
    heavy = population(answers(1000, people=1, risk=[1.0] * 990 + [17.0] * 10), 0)
    found = chances(heavy, RATES | {"normal": 0.9}, 0.5).pi_risk
    assert found.max() == 1.0
    assert (heavy.answers * found).sum() / 1000 == pytest.approx(0.45 / 0.55)


def test_risks_are_told_apart_to_a_hundredth():
    known = population(answers(1000, people=1, risk=[1.25] * 600 + [1.5] * 395 + [1.504] * 5), 0)
    assert known.risk.tolist() == [1.25, 1.5]
    assert known.answers.tolist() == [600, 400]
    by_risk = chances(known, RATES, 0.3).pi_risk
    assert by_risk[1] / by_risk[0] == pytest.approx(1.5 / 1.25)


def test_without_a_risk_share_the_draw_is_by_lot_alone():
    frame = answers()
    sample = draw(frame, RATES, 5, seed=3)
    assert set(sample["share"]) == {"random"}
    assert (sample["pi"] == sample["pi_random"]).all()
    lot = draw(frame, RATES, 5, seed=3, by_risk=0.3)
    assert (sample["pi_risk"] == 0).all()
    assert (lot[lot["share"] == "random"]["pi"] > lot[lot["share"] == "random"]["pi_random"]).all()


def test_shares_of_a_draw():
    """What the lot takes is random, whatever else would take it; pi counts every way to be taken."""
    routed = np.arange(2000) % 50 == 0
    sample = draw(answers(routed=routed), RATES, 5, seed=3, by_risk=0.3)
    assert set(sample["share"]) == {"random", "risk", "routed"}
    taken = sample[sample["routed"]]
    assert len(taken) == routed.sum()
    assert set(taken["pi"]) == {1.0}
    assert set(taken["pi_risk"]) == {0.0}
    assert set(taken["share"]) <= {"random", "routed"}
    lot = sample[sample["share"] == "random"]
    assert lot.groupby("annotator").size().to_dict() == dict.fromkeys(["p0", "p1", "p2", "p3"], 18)
    assert set(sample.loc[sample["share"] == "risk", "routed"]) == {False}
    assert (sample["stratum_drawn"] == sample.groupby("stratum")["stratum"].transform("size")).all()


def test_full_is_every_answer_by_lot():
    sample = draw(answers(200, level="full"), RATES, 5, seed=3, by_risk=0.3)
    assert len(sample) == 200
    assert set(sample["share"]) == {"random"}
    assert set(sample["pi"]) == {1.0}


def test_labels_that_nobody_answered_are_in_no_random_share():
    frame = answers(20, people=1, unanswered=True, routed=True, level="full", annotator="model")
    sample = draw(frame, RATES, 5, seed=3, by_risk=0.3)
    assert set(sample["share"]) == {"routed"}
    assert set(sample["pi_random"]) == {0.0}
    assert set(sample["pi"]) == {1.0}


def test_what_the_lot_took_lately_counts_towards_the_least():
    frame = answers(40, people=2)
    assert len(draw(frame, RATES, 5, seed=3)) == 10
    assert len(draw(frame.assign(recent=4), RATES, 5, seed=3)) == 2
    # The lot is never without anybody: a rate above 0 takes at least one.
    assert len(draw(frame.assign(recent=99), RATES, 5, seed=3)) == 2


def test_same_answers_in_any_order_give_the_same_sample_in_all_shares():
    frame = answers(routed=np.arange(2000) % 50 == 0)
    shuffled = frame.sample(frac=1, random_state=1)
    one, other = (draw(rows, RATES, 5, seed=7, by_risk=0.3, twice=0.1) for rows in (frame, shuffled))
    pd.testing.assert_frame_equal(one, other)
    assert set(draw(frame, RATES, 5, seed=8, by_risk=0.3)["annotation_id"]) != set(one["annotation_id"])


@pytest.mark.parametrize(("by_risk", "twice"), [(-0.1, 0), (1.0, 0), (0.3, 1.1)])
def test_impossible_parts_are_refused(by_risk, twice):
    with pytest.raises(InputError, match="must lie"):
        draw(answers(10), RATES, 5, 1, by_risk, twice)


@pytest.mark.simulation
def test_every_answer_has_the_stated_inclusion_probability_in_every_share():
    """600 draws: how often each answer was taken, by lot, in all, and twice, against what is stored (4 errors)."""
    frame = answers(600, people=2)
    draws, taken, lot, twice = 600, np.zeros(600), np.zeros(600), 0
    known = population(frame, 5)
    found = chances(known, RATES | {"normal": 0.3}, 0.4)
    stored = pd.Series(found.pi[known.of], frame["annotation_id"])
    for seed in range(draws):
        sample = draw(frame, RATES | {"normal": 0.3}, 5, seed, by_risk=0.4, twice=0.2)
        place = sample["annotation_id"].str[1:].astype(int).to_numpy()
        taken[place] += 1
        lot[place[(sample["share"] == "random").to_numpy()]] += 1
        twice += (sample["reviews_wanted"] == 2).sum()
        assert np.allclose(sample["pi"], stored[sample["annotation_id"]])
    pi = stored.to_numpy()
    assert np.abs((taken / draws - pi) / np.sqrt(pi * (1 - pi) / draws)).max() < 4.5
    assert lot.mean() / draws == pytest.approx(found.pi_random[0], abs=1e-12)
    # Being taken by risk tells nothing of the lot: together they are as often as if independent.
    assert taken.mean() / draws == pytest.approx(pi.mean(), rel=0.01)
    assert twice / taken.sum() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / taken.sum()))


def test_the_design_of_a_plain_lot_is_that_of_simple_random_sampling():
    """Kish's n is n, and the half-width Cochran's but for N − 1 in place of N."""
    known = population(answers(2000, people=1), 5)
    found = design(known, RATES, 0.0, at_rate=0.05, from_rate=0.02)
    assert (found.by_lot, found.by_risk, found.routed, found.drawn) == pytest.approx((100, 0, 0, 100))
    assert found.effective == pytest.approx(100)
    assert found.half_width == pytest.approx(half_width(100, 2000, 0.05), rel=1e-3)
    assert found.detectable_rise == detectable_rise(100, 0.02)


@pytest.mark.simulation
def test_the_design_says_how_many_each_share_takes_and_what_the_interval_is_worth():
    """Against 300 draws: the mean number by share, and the spread of Hájek's rate of errors that follow no risk."""
    frame = answers(1500, people=3, routed=np.arange(1500) % 60 == 0)
    wrong = pd.Series(np.random.default_rng(5).random(1500) < 0.3, frame["annotation_id"])
    found = design(population(frame, 5), RATES | {"normal": 0.2}, 0.4, at_rate=0.3, from_rate=0.02)
    sizes, rates = [], []
    for seed in range(300):
        sample = draw(frame, RATES | {"normal": 0.2}, 5, seed, by_risk=0.4)
        sizes.append([(sample["share"] == share).sum() for share in ("random", "risk", "routed")])
        weight = 1 / sample["pi"].to_numpy()
        rates.append((weight * wrong[sample["annotation_id"]].to_numpy()).sum() / weight.sum())
    by_lot, by_risk, routed = np.mean(sizes, axis=0)
    assert by_lot == pytest.approx(found.by_lot)
    assert by_risk == pytest.approx(found.by_risk, rel=0.03)
    assert routed == pytest.approx(found.routed, rel=0.03)
    assert 1.96 * np.std(rates) == pytest.approx(found.half_width, rel=0.15)


def test_a_number_is_met_in_proportion():
    frame = answers(4000, level=np.where(np.arange(4000) % 4 == 0, "tightened", "normal"))
    rates = rates_for_number(population(frame, 5), RATES, 0.3, 300)
    assert rates["tightened"] / rates["normal"] == pytest.approx(RATES["tightened"] / RATES["normal"])
    assert rates["full"] == 1.0
    assert design(population(frame, 5), rates, 0.3, 0.05, 0.02).drawn == pytest.approx(300, abs=5)


def test_a_rise_is_noticed_by_the_smallest_rate_that_does():
    """0.05 against 0.10 takes 191 answers of a plain lot (exact binomial, one-sided 5 %, power 0.8)."""
    known = population(answers(4000, people=1), 5)
    rates = rates_to_notice(known, RATES, 0.0, 0.05, 0.10)
    assert design(known, rates, 0.0, 0.05, 0.05).effective == pytest.approx(191, abs=1)
    weighted = rates_to_notice(known, RATES, 0.3, 0.05, 0.10)
    assert design(known, weighted, 0.3, 0.05, 0.05).effective >= 191 - 1e-9
    assert design(known, weighted, 0.3, 0.05, 0.05).detectable_rise <= 0.10
    assert weighted["normal"] >= rates["normal"]


def test_what_cannot_be_had_is_said():
    known = population(answers(100), 5)
    with pytest.raises(InputError, match="500 answers are more than there are"):
        rates_for_number(known, RATES, 0.3, 500)
    with pytest.raises(InputError, match="already take about"):
        rates_for_number(known, RATES, 0.3, 3)
    with pytest.raises(InputError, match="takes 930 judged answers, more than there are"):
        rates_to_notice(known, RATES, 0.3, 0.05, 0.07)
    with pytest.raises(InputError, match="above the usual"):
        rates_to_notice(known, RATES, 0.3, 0.05, 0.05)
    assert scaled(RATES | {"normal": 0.0}, 0.1)["tightened"] == 0.2


def test_where_some_are_never_drawn_the_others_are_counted_all_the_same():
    """1,000 answers at 10 %, of which 7 % go by lot; of 1,000 others none, so that nothing is said of all."""
    frame = answers(2000, people=1, level=np.where(np.arange(2000) % 2 == 0, "reduced", "normal"))
    found = design(population(frame, 0), RATES | {"reduced": 0.0, "normal": 0.1}, 0.3, 0.05, 0.02)
    assert (found.by_lot, found.by_risk, found.routed) == pytest.approx((70, 30, 0))
    assert (found.effective, found.half_width, found.detectable_rise) == (0, None, None)


def test_a_design_of_nothing():
    found = design(population(answers(0), 5), RATES, 0.3, 0.05, 0.02)
    assert (found.drawn, found.half_width, found.detectable_rise) == (0, None, None)
    nobody = design(population(answers(100), 0), dict.fromkeys(RATES, 0.0), 0.3, 0.05, 0.02)
    assert (nobody.drawn, nobody.half_width, nobody.detectable_rise) == (0, None, None)


def lots_of(sizes: dict[str, int], planned: dict[str, float], **columns) -> pd.DataFrame:
    frame = answers(sum(sizes.values()), people=1)
    lot = [name for name, size in sizes.items() for _ in range(size)]
    return frame.assign(lot=lot, planned=[planned[name] for name in lot], **columns)


def test_a_lot_is_drawn_by_its_own_plan_and_never_left_out():
    """MIL-STD-105E, level II, normal: 8 of 50, 50 of 500; `planned` is in units of the rate of its level by lot."""
    usual = RATES["normal"] * 0.7
    frame = lots_of({"b1": 50, "b2": 500, "b3": 90}, {"b1": 8 / 50 / usual, "b2": 50 / 500 / usual, "b3": 0.0})
    drawn = draw(frame, RATES, 0, 3, by_risk=0.3)
    by_lot = drawn[drawn["share"] == "random"]
    assert by_lot.groupby("lot").size().to_dict() == {"b1": 8, "b2": 50, "b3": 1}
    assert by_lot["stratum_size"].groupby(by_lot["lot"]).first().to_dict() == {"b1": 50, "b2": 500, "b3": 90}
    assert (drawn["pi_random"] == drawn["lot"].map({"b1": 8 / 50, "b2": 0.1, "b3": 1 / 90})).all()


def test_plans_of_lots_are_kept_in_proportion_and_a_lot_can_be_whole():
    """At twice the rate twice the plan; what is more than the lot is the lot."""
    usual = RATES["normal"] * 0.7
    frame = lots_of({"b1": 50, "b2": 500}, {"b1": 0.8 / usual, "b2": 50 / 500 / usual})
    drawn = draw(frame, RATES | {"normal": 2 * RATES["normal"]}, 0, 3, by_risk=0.3)
    assert drawn[drawn["share"] == "random"].groupby("lot").size().to_dict() == {"b1": 50, "b2": 100}


def test_the_floor_of_an_annotator_is_shared_by_their_lots():
    frame = lots_of({"b1": 30, "b2": 60}, {"b1": 0.0, "b2": 0.0})
    assert population(frame, 9).least.tolist() == [3, 6]
    assert draw(frame, RATES, 9, 1).groupby("lot").size().to_dict() == {"b1": 3, "b2": 6}


def test_answers_without_a_lot_are_drawn_at_the_rate_of_their_level():
    frame = lots_of({"b1": 100, "": 200}, {"b1": 0.2 / RATES["normal"], "": np.nan})
    frame = frame.assign(lot=frame["lot"].replace("", None))
    drawn = draw(frame, RATES, 0, 1)
    assert drawn["stratum_drawn"].groupby(drawn["lot"].fillna("none")).first().to_dict() == {
        "b1": 20,
        "none": round(200 * RATES["normal"]),
    }
