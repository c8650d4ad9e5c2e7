"""Draws with known inclusion probabilities, and the arithmetic of their size."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import binom

from qc.model import InputError, SamplingPolicy
from qc.sampling import answer_levels, detectable_rise, draw, half_width, needed_for_width, needed_to_notice

RATES = {level: asdict(SamplingPolicy())[level] for level in ("reduced", "normal", "tightened", "full")}


def answers(**counts):
    """So many answers per annotator; every tenth is labelled rare."""
    rows = [
        (f"{annotator}-{index}", "label", annotator, "rare" if index % 10 == 0 else "common", "normal", f"i{index}")
        for annotator, count in counts.items()
        for index in range(count)
    ]
    return pd.DataFrame(rows, columns=["annotation_id", "question", "annotator", "label", "level", "item_id"])


def test_number_per_annotator_is_fixed_with_a_floor():
    """5 % of 400 is 20; 5 % of 40 is 2, so the floor of 5; of 3 there are only 3."""
    sample = draw(answers(anna=400, ben=40, cy=3), RATES, 5, seed=1)
    assert sample.groupby("annotator").size().to_dict() == {"anna": 20, "ben": 5, "cy": 3}
    anna = sample[sample["annotator"] == "anna"].iloc[0]
    assert (anna["pi"], anna["stratum_size"], anna["stratum_drawn"], anna["share"]) == (0.05, 400, 20, "random")
    assert set(sample.loc[sample["annotator"] == "cy", "pi"]) == {1.0}


def test_rounding_never_asks_for_one_too_many():
    """0.07 · 100 is 7.000000000000001 in floating point."""
    assert len(draw(answers(anna=100), RATES | {"normal": 0.07}, 0, seed=1)) == 7


def test_labels_are_spread():
    """2 of 40 answers of 400 are rare: each draw of 20 has exactly that."""
    for seed in range(20):
        assert (draw(answers(anna=400), RATES, 5, seed)["label"] == "rare").sum() == 2


def test_full_takes_everything():
    frame = answers(anna=50).assign(level="full")
    sample = draw(frame, RATES, 5, seed=3)
    assert sorted(sample["annotation_id"]) == sorted(frame["annotation_id"])
    assert set(sample["pi"]) == {1.0}


def test_levels_of_one_annotator_are_strata():
    frame = answers(anna=100)
    frame.loc[:49, "level"] = "tightened"
    sample = draw(frame, RATES, 0, seed=3)
    assert sample.groupby("level")["pi"].agg(["size", "first"]).T.to_dict() == {
        "normal": {"size": 3, "first": 0.06},
        "tightened": {"size": 10, "first": 0.2},
    }
    assert set(sample["stratum"]) == {"anna|normal", "anna|tightened"}


def test_same_answers_in_any_order_give_the_same_sample():
    frame = answers(anna=400, ben=70)
    frame["question"] = np.where(np.arange(len(frame)) % 3 == 0, "colour", "shape")
    sample = draw(frame, RATES, 5, seed=7)
    shuffled = draw(frame.sample(frac=1, random_state=1), RATES, 5, seed=7)
    pd.testing.assert_frame_equal(sample, shuffled)
    assert set(draw(frame, RATES, 5, seed=8)["annotation_id"]) != set(sample["annotation_id"])


def test_the_lowest_digests_are_taken_and_mean_the_same_on_every_machine():
    """The digest written out: BLAKE2b of the question, then of the annotation, mixed with the seed by SplitMix64."""
    frame = answers(anna=40).assign(label="common")
    prefix = blake2b(b"label", digest_size=16).digest()
    seed = int.from_bytes(blake2b(b"42", digest_size=8).digest(), "little")
    digests = {}
    for name in frame["annotation_id"]:
        bits = int.from_bytes(blake2b(prefix + name.encode(), digest_size=8).digest(), "little") ^ seed
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % 2**64
        digests[name] = bits ^ bits >> 31
    lowest = sorted(digests, key=digests.__getitem__)
    assert draw(frame, RATES, 3, seed=42)["annotation_id"].tolist() == lowest[:3]
    assert draw(frame, RATES, 9, seed=42)["annotation_id"].tolist() == lowest[:9]


def test_rows_come_in_the_order_of_the_digest_and_not_of_the_annotators():
    sample = draw(answers(anna=400, ben=400, cy=400), RATES, 5, seed=1)
    assert sample["annotator"].head(20).nunique() == 3


def test_missing_labels_annotators_and_hostile_names_are_drawn_like_others():
    frame = answers(anna=30)
    frame.loc[:9, "annotator"] = None
    frame.loc[10:19, "annotator"] = "x|full"
    frame["label"] = None
    sample = draw(frame, RATES, 2, seed=1)
    assert len(sample) == 6
    assert set(sample["stratum"]) == {"|normal", "x|full|normal", "anna|normal"}


def test_nothing_to_draw_from():
    empty = draw(answers(), RATES, 5, seed=1)
    assert empty.empty
    assert {"pi", "stratum", "stratum_size", "stratum_drawn", "share", "level"} <= set(empty.columns)


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(InputError, match="between 0 and 1"):
        draw(answers(anna=10), RATES | {"normal": rate}, 5, seed=1)


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_answer_has_the_stated_inclusion_probability(seed):
    """4,000 annotators with labels of 1, 4 and 26 answers: each of the 31 is drawn 7 times in 31, within 4 errors."""
    people, labels = 4000, ["solo"] + ["few"] * 4 + ["many"] * 26
    person = np.repeat(np.arange(people), len(labels)).astype(str)
    place = np.tile(np.arange(len(labels)), people)
    frame = pd.DataFrame({"annotation_id": person + pd.Series(place).astype(str).radd("-"), "annotator": person})
    frame = frame.assign(question="label", label=labels * people, level="normal", place=place)
    sample = draw(frame, RATES | {"normal": 0.2}, 5, seed)
    assert set(sample.groupby("annotator").size()) == {7}
    expected = 7 / 31
    assert set(sample["pi"]) == {expected}
    share = sample["place"].value_counts() / people
    assert (share - expected).abs().max() < 4 * np.sqrt(expected * (1 - expected) / people)


def test_an_answer_takes_the_highest_level_of_its_subjects():
    frame = pd.DataFrame(
        {"annotator": ["anna", "ben", "cy", None], "batch": ["b1", "b2", "b1", "b1"], "site": [None, "s", "s", "s"]}
    )
    levels = pd.DataFrame(
        [("annotator", "anna", "reduced"), ("annotator", "cy", "full"), ("batch", "b2", "tightened")],
        columns=["kind", "key", "level"],
    )
    assert answer_levels(frame, levels).tolist() == ["reduced", "tightened", "full", "normal"]
    assert answer_levels(frame, levels.head(0)).tolist() == ["normal"] * 4
    named = pd.DataFrame([("batch", "b1", "reduced")], columns=["kind", "key", "level"])
    assert answer_levels(frame, named).tolist() == ["normal"] * 4


@pytest.mark.parametrize(
    ("size", "at_5", "at_10"), [(100, 0.187, 0.129), (500, 0.083, 0.057), (2000, 0.042, 0.029), (10_000, 0.019, 0.013)]
)
def test_half_width_to_expect(size, at_5, at_10):
    """Cochran 1977, 95 % at an error rate of 5 % with finite-population correction."""
    assert round(half_width(size // 20, size, 0.05), 3) == at_5
    assert round(half_width(size // 10, size, 0.05), 3) == at_10
    assert half_width(0, size, 0.05) is None
    assert half_width(size, size, 0.05) == 0


@pytest.mark.parametrize(
    ("half", "rate", "size", "n"),
    [(0.02, 0.05, None, 457), (0.02, 0.05, 1000, 314), (0.05, 0.5, None, 385), (0.05, 0.5, 1000, 278)],
)
def test_sample_size_for_a_width(half, rate, size, n):
    """Cochran 1977, 4.2: n0 = z²pq/d² and n0/(1 + (n0 − 1)/N)."""
    assert needed_for_width(half, rate, size) == n


@pytest.mark.parametrize(
    ("base", "raised", "n", "accept"), [(0.02, 0.05, 249, 9), (0.05, 0.10, 191, 15), (0.05, 0.08, 456, 31)]
)
def test_sample_size_to_notice_a_rise(base, raised, n, accept):
    """Exact one-sided binomial test at 5 % with power 0.8; rejects above 9, 15 and 31 errors."""
    assert needed_to_notice(base, raised) == (n, accept)
    assert detectable_rise(n, base) <= raised
    assert detectable_rise(n - 1, base) > raised


def test_few_answers_notice_what_one_error_tells():
    """One error is too many at 2 % in up to 2 answers (1 − 0.98² < 5 %): noticed from 1 − 0.2^(1/n) on; 3 bear one."""
    assert detectable_rise(1, 0.02) == pytest.approx(0.8)
    assert detectable_rise(2, 0.02) == pytest.approx(1 - 0.2**0.5)
    assert detectable_rise(3, 0.02) == pytest.approx(rate_noticed(3, 1))


def rate_noticed(n, accept):
    """The rate at which more than `accept` errors among n have a chance of 0.8."""
    return brentq(lambda rate: binom.sf(accept, n, rate) - 0.8, 1e-6, 1 - 1e-6)


def test_arithmetic_of_nothing():
    assert detectable_rise(0, 0.02) is None
    assert detectable_rise(1, 0.2) is None
    assert needed_for_width(0.05, 0.5, 0) == 0
    with pytest.raises(InputError, match="above the usual"):
        needed_to_notice(0.05, 0.05)
    with pytest.raises(InputError, match="half-width"):
        needed_for_width(0, 0.05)
