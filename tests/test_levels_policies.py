"""The policies `lots` and `manual`, what is in force after changes and undoing, and what a policy says before (2 s)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from qc.levels import APPROVED, OVERRIDE, POLICY, UNDO, Judged, draw_rate, in_force, level_before, plan_for, propose
from qc.levels.consequences import Volume, consequences
from qc.levels.lots import judged_lots
from qc.model import LEVEL_POLICIES, LEVELS, ErrorPolicy, InputError, LevelPolicy, Policy, SamplingPolicy
from qc.stats.charts import design

CHART = design(0.02, 0.06, 2000)
LOTS = Policy(levels=LevelPolicy("lots"))
DAY = datetime(2026, 3, 2, tzinfo=UTC)
RIGHT, WRONG = [0] * 50, [1] * 4 + [0] * 46


def judged(*lots: list[int]) -> Judged:
    return Judged(np.concatenate([np.zeros(0, bool), *(np.asarray(lot, bool) for lot in lots)]).astype(bool))


def lots(level: str, *samples: list[int], policy: Policy = LOTS) -> str:
    return propose(level, judged(*samples), CHART, policy).proposed


def test_lots_of_500_at_aql_2_5() -> None:
    """MIL-STD-105E, letter H: 50/3, tightened 50/2, reduced 20/1 with Re 4; at `full` all of the lot."""
    plans = [plan_for(500, level, LOTS.levels) for level in LEVELS]
    assert [(plan.n, plan.accept, plan.reject) for plan in plans] == [(20, 1, 4), (50, 3, 4), (50, 2, 3), (500, 0, 1)]
    by_lot = replace(LOTS, sampling=SamplingPolicy(by_risk=0.0))
    assert [draw_rate(by_lot, level) for level in LEVELS] == [0.04, 0.1, 0.1, 1.0]
    some_by_risk = replace(LOTS, sampling=SamplingPolicy(by_risk=0.5))
    assert [draw_rate(some_by_risk, level) for level in LEVELS] == [0.08, 0.2, 0.2, 1.0]
    assert [draw_rate(Policy(), level) for level in LEVELS] == [0.02, 0.05, 0.2, 1.0]


def test_two_rejected_of_five_lots_tighten() -> None:
    assert lots("normal", WRONG, RIGHT, RIGHT, WRONG) == "tightened"
    assert lots("normal", WRONG, RIGHT, RIGHT, RIGHT, RIGHT, WRONG) == "normal"
    assert lots("normal", WRONG, RIGHT, RIGHT, WRONG[:40]) == "normal"


def test_ten_good_lots_reduce_and_one_bad_lot_ends_it() -> None:
    assert lots("normal", *[RIGHT] * 9) == "normal"
    assert lots("normal", *[RIGHT] * 10) == "reduced"
    assert lots("reduced", [0] * 20, [1, 1] + [0] * 18) == "normal"
    assert lots("reduced", [0] * 20, [1] + [0] * 19) == "reduced"


def test_five_good_lots_end_tightened_inspection_and_five_bad_ones_lead_to_full() -> None:
    assert lots("tightened", *[RIGHT] * 5) == "normal"
    assert lots("tightened", *[WRONG] * 4) == "tightened"
    assert lots("tightened", *[WRONG, RIGHT] * 4, WRONG) == "full"
    assert lots("full", *[RIGHT] * 50) == "full"


def test_the_reason_of_a_lot_names_its_numbers() -> None:
    proposal = propose("normal", judged(RIGHT, WRONG), CHART, LOTS)
    assert proposal.reason == (
        "Of 2 lots under normal inspection (MIL-STD-105E, AQL 2.5 %) 1 was rejected; lot 2 was rejected with 4 errors "
        "in 50 answers, rejected from 4 on (switching score 0 of 30 after ISO 2859-1:1999): review stays normal."
    )
    assert (proposal.evidence.statistic, proposal.evidence.threshold, proposal.evidence.n) == (4, 4, 100)
    waiting = propose("normal", judged([0] * 30), CHART, LOTS)
    assert waiting.reason == "No lot is judged yet: 30 drawn answers of 50 so far."


def test_the_reason_names_the_level_that_lots_lead_to() -> None:
    better = propose("tightened", judged(*[RIGHT] * 5), CHART, LOTS)
    assert better.reason == (
        "Of 5 lots under tightened inspection (MIL-STD-105E, AQL 2.5 %) 0 were rejected; lot 5 was accepted with "
        "0 errors in 50 answers, rejected from 3 on: review goes from tightened to normal."
    )
    by_batch = replace(LOTS, levels=LevelPolicy("lots", lot="batch"))
    waiting = propose("normal", judged([0] * 30), CHART, by_batch)
    assert waiting.reason == "No lot is judged yet: 30 drawn answers so far."
    changed = propose("normal", replace(judged([0]), changed=True), CHART, by_batch)
    assert changed.reason == "No lot is judged since the level last changed: 1 drawn answer so far."
    one = propose("normal", judged([1, *RIGHT[1:]]), CHART, LOTS)
    assert one.reason.startswith("Of 1 lot under normal inspection")
    assert "lot 1 was accepted with 1 error in 50 answers" in one.reason


def test_each_lot_has_the_errors_of_its_own_sample() -> None:
    samples = ([1, *RIGHT[1:]], [1, 1, *RIGHT[2:]], RIGHT, [1] * 10)
    found = list(judged_lots("normal", judged(*samples), LOTS.levels))
    assert [(lot.name, lot.size, lot.errors) for lot in found] == [
        ("lot 1", 500, 1),
        ("lot 2", 500, 2),
        ("lot 3", 500, 0),
    ]


def test_each_batch_has_the_errors_of_its_first_answers() -> None:
    """Lots of 100 and of 25: letters F and C at 2.5 %, which an arrow leads to 20/1 and 5/0."""
    batches = np.array(["b"] * 4 + ["a"] * 19 + ["b"] * 2 + [None] + ["a"] * 4, object)
    drawn = np.array([1, 0, 0, 0] + [1, 1] + [0] * 17 + [0, 1] + [1] + [0, 1, 1, 1], bool)
    levels = LevelPolicy("lots", lot="batch")
    found = list(judged_lots("normal", Judged(drawn, batches=batches, lot_sizes={"a": 100, "b": 25}), levels))
    assert [(lot.name, lot.size, lot.plan.n, lot.errors) for lot in found] == [
        ("batch b", 25, 5, 1),
        ("batch a", 100, 20, 2),
    ]
    alone = list(judged_lots("normal", Judged(drawn, batches=batches), levels))
    assert [(lot.name, lot.size, lot.plan.n) for lot in alone] == [("batch a", 23, 5), ("batch b", 6, 5)]


def test_the_score_counts_lots_that_one_aql_tighter_accepts() -> None:
    """50/3 at 2.5 %, 50/2 at 1.5 %. Of 200,000 answers 125 (Ac 21) at 10 % and 200 at 6.5 %: no such plan, no score."""

    def score(*samples: list[int], policy: Policy = LOTS) -> str:
        return (
            propose("normal", judged(*samples), CHART, policy).reason.partition("switching score ")[2].partition(" ")[0]
        )

    two, three = [1, 1, *RIGHT[2:]], [1, 1, 1, *RIGHT[3:]]
    assert [score(two), score(two, two), score(two, three), score(three, two)] == ["3", "6", "0", "3"]
    large = replace(LOTS, levels=LevelPolicy("lots", lot_size=200_000, aql=10.0))
    assert plan_for(200_000, "normal", large.levels).n == 125
    assert score([0] * 125, policy=large) == "0"
    small = replace(LOTS, levels=LevelPolicy("lots", lot_size=500, aql=1.0))
    assert score(RIGHT, policy=small) == "2"


def test_a_batch_is_a_lot_once_its_sample_is_judged() -> None:
    """Batches of 100 answers: letter F, 20/1 at 2.5 %; the one judged in full first counts first."""
    policy = replace(LOTS, levels=LevelPolicy("lots", lot="batch"))
    assert plan_for(100, "normal", policy.levels).n == 20
    batches = np.array((["b"] * 5 + ["a"] * 20 + ["b"] * 15 + [None] * 3 + ["c"] * 19), object)
    drawn = np.isin(batches, ["a", "b"])
    sizes = {"a": 100, "b": 100, "c": 100}
    proposal = propose("normal", Judged(drawn, batches=batches, lot_sizes=sizes), CHART, policy)
    assert proposal.proposed == "tightened"
    assert "batch b was rejected with 20 errors in 20 answers" in proposal.reason


def test_manual_never_proposes_and_shows_the_chart() -> None:
    policy = Policy(levels=LevelPolicy("manual"))
    for level in LEVELS:
        proposal = propose(level, judged([1] * 20), CHART, policy)
        assert proposal.proposed == level
        assert proposal.evidence.statistic is not None
        assert "a lead decides" in proposal.reason


@pytest.mark.parametrize("policy", LEVEL_POLICIES)
@pytest.mark.parametrize("level", LEVELS)
def test_nothing_judged_changes_nothing(policy: str, level: str) -> None:
    assert propose(level, Judged(), CHART, Policy(levels=LevelPolicy(policy))).proposed == level


def changes(*steps: tuple[str, str]) -> list[dict[str, object]]:
    return [
        {"level": level, "origin": origin, "actor": "lead", "reason": "why", "at": DAY + timedelta(days=place)}
        for place, (level, origin) in enumerate(steps)
    ]


def test_a_change_counts_from_its_day() -> None:
    now = in_force(changes(("tightened", POLICY), ("full", APPROVED)))
    assert (now.level, now.origin, now.since, now.counts_from) == ("full", APPROVED, *[DAY + timedelta(days=1)] * 2)
    assert in_force([]).level == "normal"
    assert not in_force([]).undoable


def test_an_override_undone_leaves_no_trace_in_what_counts() -> None:
    """The judgements before the mistake still speak for the level that it replaced."""
    now = in_force(changes(("tightened", POLICY), ("full", OVERRIDE), ("tightened", UNDO)))
    assert (now.level, now.counts_from, now.since) == ("tightened", DAY, DAY + timedelta(days=2))
    assert in_force(changes(("full", OVERRIDE), ("normal", UNDO))).counts_from is None


def test_where_nothing_stands_nothing_is_undone() -> None:
    now = in_force(changes(("normal", UNDO)))
    assert (now.level, now.undoable, now.counts_from) == ("normal", False, DAY)
    assert in_force(changes(("tightened", POLICY))).undoable
    assert level_before(changes(("normal", UNDO), ("tightened", POLICY))) == "normal"
    assert level_before(changes(("normal", UNDO), ("normal", UNDO))) is None


def test_a_raise_undone_starts_the_chart_anew() -> None:
    """Otherwise the alarm that a lead has explained away would raise the level again at the next check."""
    now = in_force(changes(("tightened", POLICY), ("normal", UNDO)))
    assert (now.level, now.counts_from) == ("normal", DAY + timedelta(days=1))
    assert not now.undoable


def test_undoing_goes_back_one_change_at_a_time() -> None:
    history = changes(("tightened", POLICY), ("full", OVERRIDE))
    assert level_before(history) == "tightened"
    history += changes(("tightened", UNDO))
    assert level_before(history) == "normal"
    history += changes(("normal", UNDO))
    assert level_before(history) is None


def test_consequences_are_said_in_a_sentence() -> None:
    """Reynolds & Stoumbos 1999: 0.03 to 0.06 alarms after 2038 and 185 answers; 1600 a month are 0.8 false alarms."""
    policy = Policy(errors=ErrorPolicy(0.03, 0.06, false_alarms_per_month=0.8))
    found = consequences(policy, Volume(40, 1600, 1600))
    assert found.sentences[0] == (
        "About 0.8 false alarms a month for 40 annotators with 40 reviewed answers each; a rise from 3 to 6 % is "
        "noticed after about 185 reviewed answers, four to five months at this volume: review more or ask for less."
    )
    assert found.sentences[1].endswith("as in the busiest month so far.")
    assert found.chart.anos0 == pytest.approx(2038, abs=0.5)
    soon = consequences(policy, Volume(3, 900, 20)).sentences
    assert soon[0].endswith("two to three weeks at this volume.")
    assert "the busiest month so far had 20" in soon[1]


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (0.1, "less than a week at this volume"),
        (0.24, "about 1 week at this volume"),
        (0.9, "three to four weeks at this volume"),
        (1.02, "about 1 month at this volume: review more or ask for less"),
        (1.2, "one to two months at this volume: review more or ask for less"),
        (11.5, "eleven to twelve months at this volume: review more or ask for less"),
        (12.4, "about 12 months at this volume: review more or ask for less"),
        (2_000.0, "about 2,000 months at this volume: review more or ask for less"),
    ],
)
def test_how_long_a_rise_goes_unnoticed_is_said_in_words(months: float, said: str) -> None:
    """One annotator with anos1 / months answers a month; a month has 4.35 weeks."""
    after = design(0.03, 0.06, 2000).anos1
    judged = after / months
    policy = Policy(errors=ErrorPolicy(0.03, 0.06, false_alarms_per_month=judged / 2000))
    found = consequences(policy, Volume(1, judged, 0))
    assert found.chart.anos1 == after
    assert found.sentences[0].endswith(f"{after:.0f} reviewed answers, {said}.")


def test_little_work_and_nobody_yet_are_said() -> None:
    assert "for 10 annotators with 0.5 reviewed answers each" in consequences(Policy(), Volume(10, 5, 0)).sentences[0]
    assert "for 0 annotators with 50 reviewed answers each" in consequences(Policy(), Volume(0, 50, 0)).sentences[0]
    none = consequences(Policy(), Volume(2, 0, 0)).sentences[0]
    assert none.endswith(" reviewed answers, never without review: review more or ask for less.")


def test_each_kind_of_subject_has_charts_and_the_false_alarms_stay() -> None:
    policy = Policy(errors=ErrorPolicy(0.02, 0.06, 1.0), levels=LevelPolicy(subjects=("annotator", "site")))
    alone = consequences(Policy(errors=policy.errors), Volume(10, 2000, 0)).chart
    found = consequences(policy, Volume(10, 2000, 0))
    both = found.chart
    assert both == design(0.02, 0.06, 4000)
    assert found.sentences[0].startswith(
        "About 1.0 false alarm a month for 10 annotators with 200 reviewed answers each"
    )
    assert both.threshold > alone.threshold


def test_consequences_of_lots_are_their_curves() -> None:
    """n 50, c 3 at 6 %: binomial 0.6473; rejected lots of 500 checked whole leave 0.6473 · 0.06 · 450 / 500."""
    found = consequences(LOTS, Volume(10, 1000, 1000))
    at = {(row.level, row.rate): row for row in found.curve}
    assert at["normal", 0.06].accepted == pytest.approx(0.6473, abs=5e-5)
    assert at["normal", 0.06].outgoing == pytest.approx(0.6473 * 0.06 * 0.9, abs=5e-6)
    assert at["normal", 0.06].inspected == pytest.approx(50 + 0.3527 * 450, abs=0.05)
    assert at["reduced", 0.0].accepted == 1
    rates = [step / 200 for step in range(41)]
    assert list(at) == [(level, rate) for level in ("reduced", "normal", "tightened") for rate in rates]
    left = [rate * binom.cdf(3, 50, rate) * 450 / 500 for rate in rates]
    worst = rates[int(np.argmax(left))]
    assert f"at most {100 * max(left):.1f} % errors are left on average (at {100 * worst:g} %)" in found.sentences[2]
    assert "normal 50 answers, rejected from 4 errors on" in found.sentences[0]
    assert "in 64.7 %" in found.sentences[1]
    by_batch = consequences(replace(LOTS, levels=LevelPolicy("lots", lot="batch")), Volume(10, 1000, 1000))
    assert by_batch.sentences[0].startswith("Of each batch of 500 answers are checked: tightened 50 answers")
    assert "under normal of 50 5, of 500 50, of 5,000 200." in by_batch.sentences[0]


def test_who_decides_is_said() -> None:
    policy = Policy(errors=ErrorPolicy(automatic=False))
    assert consequences(policy, Volume(1, 500, 0)).sentences[-1] == "No level changes until a lead has approved it."
    assert (
        consequences(Policy(levels=LevelPolicy("manual")), Volume(1, 500, 0)).sentences[0].endswith("a lead decides.")
    )


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"policy": "hunch"}, "sequential, lots, manual"),
        ({"subjects": ("site",)}, "annotator"),
        ({"subjects": ("annotator", "weekday")}, "batch, site, question"),
        ({"lot": "month"}, "answers, batch"),
        ({"window": 0}, "window"),
        ({"lot_size": 1}, "lot_size"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(settings: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        Policy.from_json({"levels": settings})
