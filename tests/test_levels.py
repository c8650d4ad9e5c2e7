"""Review levels rise by the control chart and fall by the posterior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from qc.levels import Judged, LevelProposal, propose
from qc.model import LEVELS, Policy
from qc.stats.charts import design
from qc.stats.shrinkage import Beta

DEFAULT = Policy()
POLICY = DEFAULT.errors
REMEMBERED = DEFAULT.levels.window
CHART = design(POLICY.target, POLICY.limit, 2000)
TEAM = Beta(2, 98)
BAD = [0, 1, 1, 0, 1, 1]
NOTHING: list[int] = []


def proposed(level: str, drawn: list[int], gold: list[int] = NOTHING, policy: Policy = DEFAULT) -> LevelProposal:
    return propose(level, Judged(np.asarray(drawn, bool), np.asarray(gold, bool)), CHART, policy, TEAM)


@pytest.mark.parametrize(
    ("level", "to"),
    [("reduced", "normal"), ("normal", "tightened"), ("tightened", "full")],
)
def test_an_alarm_raises_by_one_step(level, to):
    proposal = proposed(level, BAD)
    assert proposal.proposed == to
    assert proposal.evidence.statistic >= proposal.evidence.threshold == CHART.h
    assert proposal.evidence.n == len(BAD)


def test_the_reason_names_numbers_threshold_and_n():
    """By hand, in 27ths: 0, 26, 52, 51, 77, 103 = 3.81, over 79/27 = 2.93."""
    assert proposed("normal", BAD).reason == (
        "4 errors in 6 randomly drawn answers took the control chart to 3.81, and it alarms from 2.93 on: "
        "review goes from normal to tightened."
    )


def test_one_of_anything_is_in_the_singular():
    """A threshold of one error: m = 2, so that a single error takes the chart to 1/2."""
    low = design(0.3, 0.7, 1.0)
    assert propose("normal", Judged(np.array([1, 1], bool)), low, Policy()).reason.startswith("2 errors in 2 randomly")
    assert propose("normal", Judged(np.array([0, 1], bool)), low, Policy()).reason.startswith(
        "The control chart stands at 0.50 of 1.00 after 2 drawn answers"
    )
    assert proposed("normal", [1]).reason.startswith("The control chart stands at 0.96 of 2.93 after 1 drawn answer;")
    assert "After 1 error in the last 150 drawn answers" in proposed("normal", [0] * 149 + [1]).reason


def test_an_old_alarm_is_not_forgotten_by_good_work_after_it():
    """The level should have been raised when the chart alarmed; only a change of level starts a new sequence."""
    assert proposed("normal", BAD + [0] * 500).proposed == "tightened"


def test_whoever_improves_at_full_comes_down_again():
    """At `full` an alarm has nothing to raise, and must not stand in the way for ever."""
    assert proposed("full", BAD, BAD).proposed == "full"
    assert proposed("full", BAD * 5 + [0] * REMEMBERED).proposed == "tightened"


def test_gold_has_a_chart_of_its_own():
    """Two errors on either path are no alarm, though four on one would be."""
    assert proposed("normal", [1, 1], [1, 1]).proposed == "normal"
    raised = proposed("normal", [0] * 100, BAD)
    assert raised.proposed == "tightened"
    assert "gold answers" in raised.reason


@pytest.mark.parametrize(
    ("level", "to"),
    [("full", "tightened"), ("tightened", "normal"), ("normal", "reduced"), ("reduced", "reduced")],
)
def test_good_work_lowers_by_one_step(level, to):
    """No error in 200: P(rate > 0.02) = 0.0169 under Beta(2, 298), R pbeta(0.02, 2, 298, lower = FALSE)."""
    proposal = proposed(level, [0] * 200)
    assert proposal.proposed == to


def test_lowering_needs_a_minimum_of_answers():
    proposal = proposed("tightened", [0] * (POLICY.min_to_lower - 1))
    assert proposal.proposed == "tightened"
    assert f"at least {POLICY.min_to_lower}" in proposal.reason


def test_between_the_two_thresholds_the_level_stays():
    """4 errors in 200 are too many to lower from normal and too few to alarm."""
    spread = np.zeros(200, int)
    spread[::50] = 1
    proposal = proposed("normal", spread)
    assert proposal.proposed == "normal"
    assert proposal.reason.endswith("review stays normal.")
    assert proposal.evidence.statistic >= proposal.evidence.threshold == POLICY.lower_below


def test_lowering_from_tightened_asks_for_less_than_from_normal():
    """3 errors in 150: likely above 2 % (no `reduced`), hardly above 4 % (`normal` again)."""
    spread = np.zeros(150, int)
    spread[::50] = 1
    assert proposed("tightened", spread).proposed == "normal"
    assert proposed("normal", spread).proposed == "normal"


@pytest.mark.parametrize(("level", "rate"), [("normal", 0.02), ("tightened", 0.04), ("full", 0.04)])
def test_the_number_that_lowers_is_the_posterior_above_a_rate(level, rate):
    """scipy's beta: 3 errors in 150 after Beta(2, 98) is Beta(5, 245); above p0, and above (p0 + p1)/2."""
    spread = np.zeros(150, int)
    spread[::50] = 1
    proposal = proposed(level, spread)
    assert (POLICY.target, POLICY.limit) == (0.02, 0.06)
    assert proposal.evidence.statistic == pytest.approx(beta.sf(rate, 5, 245))
    lower = {"tightened": "normal", "full": "tightened"}.get(level)
    assert proposal.reason.endswith(f"review goes from {level} to {lower}." if lower else f"review stays {level}.")


def test_without_a_change_the_chart_says_where_it_stands():
    """By hand, in 27ths: 26, 25, 24 = 0.89, over 79/27 = 2.93; at `reduced` there is nothing to lower."""
    for level, more in (
        ("reduced", ""),
        ("normal", f"; at least {POLICY.min_to_lower} are needed before review is lowered"),
    ):
        proposal = proposed(level, [1, 0, 0])
        assert proposal.reason == f"The control chart stands at 0.89 of 2.93 after 3 drawn answers{more}."
        assert proposal.evidence.statistic == pytest.approx(24 / 27)
        assert (proposal.evidence.threshold, proposal.evidence.n) == (CHART.h, 3)


def test_as_many_answers_as_are_needed_lower():
    assert proposed("tightened", [0] * POLICY.min_to_lower).proposed == "normal"


def test_errors_before_the_window_are_forgotten():
    spread = np.zeros(400 + REMEMBERED, int)
    spread[:400:40] = 1
    proposal = proposed("normal", spread)
    assert proposal.proposed == "reduced"
    assert proposal.evidence.n == REMEMBERED


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_judged_changes_nothing_and_says_so(level):
    proposal = proposed(level, NOTHING)
    assert proposal.proposed == level
    assert proposal.evidence.statistic is None
    assert proposal.reason.startswith("No randomly drawn answer was judged yet. Reviews that came with an export")
    changed = propose(level, Judged(changed=True), CHART, Policy())
    assert changed.reason.startswith("No randomly drawn answer was judged since the level last changed. Reviews that")


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_good_annotators_come_to_reduced_and_bad_ones_to_full(seed):
    """30 of each, 1 % and 12 % errors, assessed every 50 answers from `normal` for 1,500 answers."""
    rng = np.random.default_rng(seed)

    def ends_at(rate):
        level, since = "normal", NOTHING
        for _ in range(30):
            since = [*since, *(rng.random(50) < rate).astype(int)]
            proposal = proposed(level, since)
            if proposal.proposed != level:
                level, since = proposal.proposed, NOTHING
        return level

    assert sum(ends_at(0.01) == "reduced" for _ in range(30)) >= 24
    assert sum(ends_at(0.12) == "full" for _ in range(30)) >= 29
