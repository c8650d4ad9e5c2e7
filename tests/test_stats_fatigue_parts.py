"""Fatigue beside the verdict: whose slope, weights, the order of all answers, pauses, runs, curve, model. 25 s."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from benchmarks.fatigue_scenarios import PLAIN, Team, answers, measures, work

from qc.model import CostPolicy, Estimate, FatiguePolicy, undefined
from qc.stats.fatigue import Fatigue, assess_fatigue, best_stretch, break_after_minutes, pause_plan
from qc.stats.fatigue.adjusted import adjusted_model, design_of, fitted
from qc.stats.fatigue.advice import advice
from qc.stats.fatigue.curve import adjusted_levels
from qc.stats.fatigue.evidence import gather
from qc.stats.fatigue.frames import apart, hours_per_hundred, judged_answers, judged_cells, mixed_sources
from qc.stats.fatigue.items import item_scores, recurring_answers, single_scores
from qc.stats.fatigue.monotony import KindRun, Monotony, monotony
from qc.stats.fatigue.pauses import day_limit, recovery
from qc.stats.fatigue.scores import HOURS, HUNDREDS, Scores, relative_weights, stratum_scores
from qc.stats.fatigue.slopes import few_errors, guarded_variance, team_slope
from qc.stats.fatigue.verdict import Verdict, pace_alone
from qc.stats.fatigue.work import Shares, by_work, items_by_work, shares

COST = CostPolicy()


def assessed(team: Team, seed: int = 5, **other: object) -> tuple[Fatigue, float]:
    frame, truth = work(team, np.random.default_rng(seed))
    order, done = answers(frame)
    frames = measures(frame)
    (fatigue,) = assess_fatigue(*frames, FatiguePolicy(), COST, answer_order=order, work=done, **other)  # type: ignore[arg-type]
    return fatigue, truth.per_hour


# --- whose slope ----------------------------------------------------------------------------------------------------


def test_the_slope_is_that_of_the_work_not_of_the_review() -> None:
    """Five of twenty tire and carry six times the review: pooled by information the slope is nearly theirs."""
    team = Team(annotators=20, sessions=25, tired=0.25, tiring=1.0, judged=0.1, judged_tired=0.6)
    frame, truth = work(team, np.random.default_rng(3))
    judged_time, _, _, _ = measures(frame)
    cells = judged_cells(judged_time, sorted(judged_time["annotator"].unique()))
    scores = stratum_scores(cells, HOURS)
    done = frame.groupby("annotator").size().to_numpy(float)
    target = shares(scores, done)
    assert target is not None
    slope = team_slope(by_work(scores, target), target.between)
    assert slope is not None
    assert scores.slope > 2 * truth.per_hour
    assert abs(slope.value - truth.per_hour) < slope.half_width
    assert abs(slope.value - truth.per_hour) < 0.4 * abs(scores.slope - truth.per_hour)


def test_shares_are_those_of_the_work_where_people_differ_and_of_the_information_where_they_do_not() -> None:
    """Precise slopes 0, 0, 0, 9 against work 1:1:1:3; equal slopes of unequal precision."""
    from qc.stats.fatigue.scores import Scores

    def scores(value: list[float], d: list[float]) -> Scores:
        n = np.full(len(d), 100.0)
        told = np.array(d)
        return Scores(np.arange(len(d)), np.array(value) * told, told, told, told, told * 0, n, n / 10)

    work_done = np.array([1.0, 1.0, 1.0, 3.0])
    differing = shares(scores([0, 0, 0, 9], [1e4] * 4), work_done)
    assert differing is not None
    np.testing.assert_allclose(differing.share, work_done / 6, atol=1e-3)
    many = np.repeat([1.0, 100.0], 200)
    alike = shares(scores(list(np.random.default_rng(1).normal(size=400) / np.sqrt(many)), list(many)), np.ones(400))
    assert alike is not None
    assert alike.share[-1] / alike.share[0] > 2
    assert alike.share.sum() == pytest.approx(1)


def test_with_items_in_common_each_annotator_has_their_share_exactly() -> None:
    """Dense least squares with a slope for every annotator beside items and sessions; ours mixes them without it."""
    team = Team(annotators=6, sessions=4, answers=50, tired=0.5, tiring=2.0, order="loose", hardening=1.0)
    frame, _ = work(team, np.random.default_rng(8))
    frame = frame.drop_duplicates(["item", "session"])
    judged_time, judged_rows, _, _ = measures(frame)
    names = sorted(judged_time["annotator"].unique())
    rows = recurring_answers(judged_answers(judged_rows, names), HOURS)
    assert rows is not None
    wanted = np.array([0.3, 0.1, 0.1, 0.1, 0.1, 0.3])
    mixed = items_by_work(rows, single_scores(rows), Shares(np.arange(6), wanted, 0.0))
    items = pd.get_dummies(rows.crossing.items).to_numpy(float)
    sessions = pd.get_dummies(rows.crossing.sessions).to_numpy(float)
    own = pd.get_dummies(rows.annotator).to_numpy(float) * rows.within[:, None]
    slopes = np.linalg.lstsq(np.hstack([own, items, sessions]), rows.error, rcond=None)[0][:6]
    assert mixed.slope == pytest.approx(float(wanted @ slopes), abs=0.02 * float(np.abs(slopes).max()))


def test_people_who_err_more_do_not_seem_to_tire_where_hard_items_come_late() -> None:
    """Poor annotators work longer and the queue hardens: as if errors followed alike, half a point an hour."""
    team = Team(order="loose", hardening=0.8, selection=0.8, sessions=8)
    additive, pulled = [], []
    for seed in range(6):
        frame, _ = work(team, np.random.default_rng(seed))
        judged_time, judged_rows, _, _ = measures(frame)
        names = sorted(judged_time["annotator"].unique())
        done = frame.groupby("annotator").size().reindex(names).to_numpy(float)
        cells, rows = judged_cells(judged_time, names), judged_answers(judged_rows, names)
        hours, _, _ = gather(cells, rows, None, done)
        pulled.append(hours.change.value)
        answers_on_items = recurring_answers(rows, HOURS)
        assert answers_on_items is not None
        single = single_scores(answers_on_items)
        target = shares(single, done)
        assert target is not None
        additive.append(items_by_work(answers_on_items, single, target).slope)
    assert np.mean(additive) > 0.003
    assert abs(np.mean(pulled)) < 0.6 * np.mean(additive)


# --- weights --------------------------------------------------------------------------------------------------------


def test_answers_weigh_by_one_over_pi_within_their_session() -> None:
    """Weighted least squares with a dummy for every session, by hand; equal pi within sessions change nothing."""
    rng = np.random.default_rng(4)
    session, x = np.repeat(np.arange(12), 30), rng.uniform(0, 2, 360)
    y, pi = (rng.random(360) < 0.3).astype(float), rng.choice([0.05, 0.5], 360)
    t = np.rint(x * 3600)
    cells = pd.DataFrame({"annotator": session // 3, "session": session, "n": 1.0, "st": t, "stt": t**2, "sty": t * y})
    cells = cells.assign(sy=y, syy=y)
    dummies = pd.get_dummies(session).to_numpy(float)
    root = np.sqrt(1 / pi / np.bincount(session, 1 / pi)[session])
    design = np.column_stack([t / 3600, dummies]) * root[:, None]
    scale = np.bincount(session, 1 / pi)[session] / 30
    root = np.sqrt(1 / pi / scale)
    design = np.column_stack([t / 3600, dummies]) * root[:, None]
    expected = np.linalg.lstsq(design, y * root, rcond=None)[0][0]
    assert stratum_scores(cells.assign(pi=pi), HOURS).slope == pytest.approx(expected)
    plain = stratum_scores(cells, HOURS).slope
    assert stratum_scores(cells.assign(pi=np.where(session % 2, 0.05, 0.5)), HOURS).slope == pytest.approx(plain)
    assert stratum_scores(cells.assign(pi=pi), HOURS).slope != pytest.approx(plain)


def test_a_draw_that_seeks_late_errors_makes_no_fatigue() -> None:
    """Late wrong answers are drawn five times as often: unweighted a steep rise, weighted none."""
    rng = np.random.default_rng(6)
    frame, _ = work(replace(PLAIN, sessions=12, votes=1), rng)
    late = (frame["t"] > 2400) & (frame["error"] == 1)
    pi = np.where(late, 1.0, 0.2)
    frame["judged"] = rng.random(len(frame)) < pi
    frame["pi"] = pi
    judged = frame[frame["judged"]].assign(n=1, sy=lambda rows: rows["error"], st=lambda rows: rows["t"])
    cells = judged.assign(stt=judged["t"] ** 2, sty=judged["t"] * judged["error"], syy=judged["error"])
    cells = cells.assign(annotator=pd.factorize(judged["annotator"])[0], stratum=0)
    weighted, naive = stratum_scores(cells, HOURS), stratum_scores(cells.drop(columns="pi"), HOURS)
    slope = team_slope(weighted)
    assert slope is not None
    assert abs(slope.value) < slope.half_width
    assert naive.slope > 0.05


# --- the order of the items -----------------------------------------------------------------------------------------


def test_sparse_review_of_a_shared_queue_cannot_be_separated() -> None:
    """A twentieth of the answers is reviewed, so that no judged item recurs: all answers show the order."""
    team = Team(annotators=12, sessions=10, answers=120, order="shared", hardening=1.0, judged=0.05)
    frame, _ = work(team, np.random.default_rng(2))
    judged_time, rows, pace, bins = measures(frame)
    first = rows.drop_duplicates("item")
    blind = assess_fatigue(judged_time, first, pace, bins, FatiguePolicy(), COST)[0]
    assert blind.overall.verdict != "cannot separate from item"
    order, done = answers(frame)
    (seen,) = assess_fatigue(judged_time, first, pace, bins, FatiguePolicy(), COST, answer_order=order, work=done)
    assert seen.overall.verdict == "cannot separate from item"
    assert "random order" in seen.advice[0]
    assert seen.overall.left is not None
    assert seen.overall.left < 0.1


def test_sparse_review_of_a_shuffled_queue_says_what_strata_may_leave() -> None:
    fatigue, _ = assessed(Team(annotators=12, sessions=10, answers=120, judged=0.05))
    assert fatigue.overall.left is not None
    assert fatigue.overall.left > 0.9
    assert fatigue.overall.residual is not None
    assert "may be left" in fatigue.overall.error_per_hour.warning


# --- pauses ---------------------------------------------------------------------------------------------------------


def around(before: float, after: float, seed: int = 1, people: int = 10, pauses: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = people * pauses
    frame = pd.DataFrame({"annotator": np.repeat([f"a{n}" for n in range(people)], pauses), "pause": np.arange(rows)})
    frame = frame.assign(stratum=-1, before=8, after=8)
    return frame.assign(before_errors=rng.binomial(8, before, rows), after_errors=rng.binomial(8, after, rows))


def test_recovery_is_the_difference_across_pauses() -> None:
    change = recovery(around(0.2, 0.1))
    assert change.low < -0.1 + 0.03
    assert change.high < 0
    assert recovery(around(0.1, 0.1)).high > 0
    assert recovery(around(0.2, 0.1)[:3]).reason.startswith("48 judged answers")
    assert recovery(around(0.2, 0.1)[:0]).value is None


def test_each_pause_of_each_person_is_held_against_itself() -> None:
    """Half err before and after odd pauses, nobody at even ones: 0, though in all 4 of 10 err before and 1 after."""
    odd = np.arange(120) % 2 == 1
    frame = pd.DataFrame(
        {"annotator": [f"p{at // 6}" for at in range(120)], "pause": np.arange(120) % 6, "stratum": -1}
    )
    frame = frame.assign(before=np.where(odd, 8, 2), after=np.where(odd, 2, 8))
    frame = frame.assign(before_errors=np.where(odd, 4, 0), after_errors=np.where(odd, 1, 0))
    assert recovery(frame).value == pytest.approx(0, abs=1e-12)
    rising = frame.assign(after_errors=np.where(odd, 2, 0))
    # Within pauses by least squares: weights 8 · 2 / 10 are equal, half of the pauses rise by a half.
    assert recovery(rising).value == pytest.approx(0.25)


def test_a_break_is_advised_only_where_breaks_are_seen_to_restore() -> None:
    team = Team(annotators=20, sessions=10, answers=150, tired=1.0, tiring=1.0)
    for after, advised in ((0.08, True), (0.2, False)):
        paused = around(0.2, after).assign(source="gold")
        fatigue, _ = assessed(team, pauses=paused)
        assert fatigue.overall.verdict == "rising"
        assert (fatigue.break_after_minutes is not None) == advised
        assert fatigue.advice[0].startswith(
            "A pause of ten minutes" if advised else "That a pause restores is not seen"
        )


def test_a_day_with_pauses_is_the_sum_of_its_stretches() -> None:
    """6 hours in stretches of 2: errors 3 · b·r·2²/2 instead of b·r·6²/2, two pauses of 15 minutes."""
    plan = pause_plan(0.02, 50.0, 6.0, 2.0, 0.25, CostPolicy(annotator_wage=20.0, escaped_error=3.0))
    assert plan.pauses == 2
    assert plan.errors_saved == pytest.approx(0.02 * 50 * (36 - 12) / 2)
    assert plan.net == pytest.approx(plan.errors_saved * 3 - 0.5 * 20)
    assert pause_plan(0.02, 50.0, 1.0, 8.0, 0.25, COST).pauses == 0
    assert best_stretch(0.02, 50.0, 1 / 6, COST) == break_after_minutes(0.02, 50.0, COST)
    assert best_stretch(0.0001, 50.0, 1 / 6, COST) is not None
    assert break_after_minutes(0.0001, 50.0, COST) is None


def test_a_day_is_limited_where_an_hours_extra_errors_cost_the_hour() -> None:
    slope = Estimate(0.01, 0.005, 0.015, 900)
    assert day_limit(slope, 50.0, CostPolicy(annotator_wage=20.0, escaped_error=10.0)) == pytest.approx(4.0)
    assert day_limit(replace(slope, low=-0.001), 50.0, COST) is None
    assert day_limit(replace(slope, low=0.0), 50.0, COST) is None
    assert day_limit(undefined("none"), 50.0, COST) is None


# --- runs, curve, clock ---------------------------------------------------------------------------------------------


def test_errors_along_runs_of_similar_items_are_found_with_their_kind() -> None:
    rng = np.random.default_rng(3)
    rows = 20_000
    kind, session = rng.integers(0, 2, rows), np.arange(rows) // 100
    run = rng.integers(0, 20, rows)
    chance = np.where(kind == 1, 0.3 + 0.01 * run, 0.05)
    frame = pd.DataFrame({"annotator": session // 20, "session": session, "kind": kind, "run": run, "stratum": -1.0})
    frame = frame.assign(error=(rng.random(rows) < chance).astype(float), pi=np.nan)
    found = monotony(frame, {0: "cat", 1: "dog"})
    assert found.error_per_10.low <= 0.05 <= found.error_per_10.high
    by_kind = {row.kind: row for row in found.by_kind}
    assert by_kind["dog"].q < 0.001
    assert by_kind["dog"].error_per_10.low <= 0.1 <= by_kind["dog"].error_per_10.high
    assert by_kind["cat"].error_per_10.low <= 0 <= by_kind["cat"].error_per_10.high


def test_adjusted_levels_are_dense_least_squares() -> None:
    rng = np.random.default_rng(5)
    rows = 600
    level, group = rng.integers(0, 5, rows), rng.integers(0, 30, rows)
    y = (rng.random(rows) < 0.2).astype(float)
    found = adjusted_levels(level, group, group // 3, y, float(y.mean()), "m")
    design = np.hstack([pd.get_dummies(level).to_numpy(float), pd.get_dummies(group).to_numpy(float)])
    effect = np.linalg.lstsq(design, y, rcond=None)[0][:5]
    expected = effect - np.bincount(level) @ effect / rows + y.mean()
    np.testing.assert_allclose([rate.value for rate in found.rate], expected, atol=1e-9)


def test_who_works_late_is_not_what_late_work_does() -> None:
    """Poor annotators work at night, and nobody errs more at night than by day."""
    rng = np.random.default_rng(7)
    rows = 40_000
    who = rng.integers(0, 20, rows)
    poor = who < 10
    night = rng.random(rows) < np.where(poor, 0.8, 0.2)
    y = (rng.random(rows) < np.where(poor, 0.3, 0.1)).astype(float)
    raw = y[night].mean() - y[~night].mean()
    found = adjusted_levels(night.astype(np.int64), who, who, y, float(y.mean()), "m")
    day, late = found.rate
    assert raw > 0.1
    assert late.value - day.value == pytest.approx(0.0, abs=0.015)
    assert late.low <= y.mean() <= late.high


def test_the_curve_rises_by_what_was_planted_and_not_by_the_queue() -> None:
    """A queue that hardens in loose order: raw rates rise with it, the adjusted ones do not."""
    fatigue, _ = assessed(Team(annotators=30, sessions=8, answers=120, order="loose", hardening=4.0))
    bins = [bin for bin in fatigue.by_hour if bin.n > 1000]
    raw = np.polyfit([bin.hour for bin in bins], [bin.rate.value for bin in bins], 1)[0]
    adjusted = np.polyfit([bin.hour for bin in bins], [bin.adjusted.value for bin in bins], 1)[0]
    assert raw > 0.03
    assert abs(adjusted) < 0.3 * raw
    assert all(bin.adjusted.low <= bin.adjusted.value <= bin.adjusted.high for bin in bins)


# --- the adjusted model ---------------------------------------------------------------------------------------------


def rows_of_work(seed: int = 1, rows: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "annotator": [f"a{code}" for code in rng.integers(0, 12, rows)],
            "day": rng.integers(20_500, 20_520, rows),
            "hour": rng.choice([9, 15, 23], rows),
            "site": rng.choice(["here", "there", None], rows),
            "label": rng.integers(0, 4, rows),
            "stratum": rng.integers(-1, 3, rows),
            "bin": rng.integers(0, 18, rows),
            "n": 1,
        }
    )
    logit = -2 + 0.25 * frame["bin"] / 6 + 0.3 * frame["stratum"] + 0.2 * (frame["hour"] == 23)
    return frame.assign(errors=(rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(int))


def test_cells_give_the_model_of_single_answers() -> None:
    """Coefficients and clustered standard errors of statsmodels' GLM on 0/1 rows and on cells, to 1e-8."""
    rows = rows_of_work()
    keys = ["annotator", "day", "hour", "site", "label", "stratum", "bin"]
    cells = rows.groupby(keys, as_index=False, dropna=False)[["n", "errors"]].sum()
    assert len(cells) < len(rows)
    by_rows, by_cells = adjusted_model(rows), adjusted_model(cells)
    for name in ("error_per_hour", "odds_per_hour"):
        for part in ("value", "low", "high"):
            assert getattr(getattr(by_rows, name), part) == pytest.approx(
                getattr(getattr(by_cells, name), part), abs=1e-8
            )
    one, other = (fitted(frame, design_of(frame, (6, 14, 22))[0]) for frame in (rows, cells))
    np.testing.assert_allclose(one.params, other.params, atol=1e-8)
    np.testing.assert_allclose(one.bse, other.bse, atol=1e-8)
    assert by_rows.covariates == ["annotator's mean hours", "day", "difficulty", "label", "shift", "site"]
    assert by_rows.odds_per_hour.low <= np.exp(0.25) <= by_rows.odds_per_hour.high


def test_the_model_is_the_glm_of_statsmodels_with_a_dummy_for_every_level() -> None:
    """statsmodels' GLM on the same covariates, made by pandas' dummies."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    rows = rows_of_work(2)
    hours = (rows["bin"] + 0.5) / 6
    parts = [
        pd.get_dummies(rows[name].fillna("none"), drop_first=True) for name in ("stratum", "label", "hour", "site")
    ]
    mean = hours.groupby(rows["annotator"]).transform("mean")
    design = np.column_stack([np.ones(len(rows)), hours, mean, rows["day"] / 7, *parts]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = GLM(rows["errors"].to_numpy(), design, family=Binomial()).fit(
            cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["annotator"])[0], "use_correction": False}
        )
    found = adjusted_model(rows)
    assert np.log(found.odds_per_hour.value) == pytest.approx(fit.params[1], abs=1e-6)
    assert found.cells == len(rows)


def test_a_model_that_cannot_be_fitted_says_why() -> None:
    rows = rows_of_work()
    assert adjusted_model(rows.assign(errors=0)).error_per_hour.reason.startswith("all judged answers are right")
    assert adjusted_model(rows.assign(bin=3)).error_per_hour.reason == "no judged answers at different times at work"
    assert adjusted_model(rows[:0]).error_per_hour.value is None
    assert "annotators" in adjusted_model(rows.assign(annotator="a")).error_per_hour.reason


# --- sentences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_hour", "per_hundred", "said"),
    [
        (
            (-0.12, -0.13, -0.11),
            (-0.2, -0.3, -0.1),
            " People do get faster: 12 % less time an answer each hour (11 to 13 %).",
        ),
        ((0.2, 0.1, 0.3), (0.3, 0.2, 0.4), " People do slow down: 20 % more time an answer each hour (10 to 30 %)."),
        # A session of minutes: what an hour would bring is not told.
        (
            (-0.98, -0.99, -0.9),
            (-0.03, -0.041, -0.02),
            " People do get faster: 3 % less time an answer with every 100 answers (2 to 4 %).",
        ),
        ((4.0, 1.0, 9.0), (0.01, -0.01, 0.03), ""),
        ((-0.06, -0.08, -0.04), (-0.1, -0.2, -0.05), ""),
        ((0.0, -0.5, 0.5), (0.0, -0.5, 0.5), ""),
    ],
)
def test_pace_is_told_alone_where_it_surely_changes_by_more_than_the_margin(
    per_hour: tuple[float, ...], per_hundred: tuple[float, ...], said: str
) -> None:
    changes = [Estimate(value, low, high, 900, "answers", "") for value, low, high in (per_hour, per_hundred)]
    assert pace_alone(*changes, margin=0.05) == said
    assert pace_alone(undefined("no durations"), changes[1], margin=0.05) == ""


def test_every_annotator_has_a_sentence() -> None:
    fatigue, _ = assessed(Team(annotators=12, sessions=14, answers=150, tired=0.3, tiring=1.5))
    for person in fatigue.by_annotator:
        assert person.sentence
        if person.verdict == "rising":
            assert "more errors in 100 answers in the fourth hour" in person.sentence


def test_judgements_of_drawn_answers_stand_apart_from_others() -> None:
    frame, _ = work(Team(annotators=6, sessions=6, answers=80, votes=1), np.random.default_rng(1))
    judged_time, rows, pace, bins = measures(frame.assign(source="review"))
    half = judged_time["session"] % 2 == 0
    judged_time["pi"] = np.where(half, 0.1, np.nan)
    rows["pi"] = np.where(rows["session"] % 2 == 0, 0.1, np.nan)
    bins["pi"] = np.nan
    parts = assess_fatigue(judged_time, rows, pace, bins, FatiguePolicy(), COST, ["review"])
    assert [part.source for part in parts] == ["review", "review, not drawn"]
    assert sum(part.overall.error_per_hour.n for part in parts) == len(frame)


def two_lists(seed: int = 3) -> pd.DataFrame:
    """Forty people, half of whom meet the same 120 items in the opposite order; late items are harder, nobody tires."""
    rng = np.random.default_rng(seed)
    who, p = np.repeat(np.arange(40), 120), np.tile(np.arange(120), 40)
    item = np.where(who % 2 == 0, p, 119 - p)
    skill, own = rng.normal(0, 0.5, 40), rng.normal(0, 0.8, 120)
    chance = 1 / (1 + np.exp(1.8 - skill[who] - own[item] - 1.5 * (item / 60 - 1)))
    frame = pd.DataFrame({"source": "gold", "annotator": [f"a{code:02d}" for code in who], "item": item})
    frame["session"], frame["p"], frame["t"], frame["stratum"], frame["judged"] = who, p, 0, 0, True
    return frame.assign(error=(rng.random(len(frame)) < chance).astype(np.int64), v=10_000)


def test_two_lists_in_opposite_orders_tell_items_from_time() -> None:
    """Each list's own slope is not known apart from the items, only their mean is: it has a usual interval.

    4,800 answers at an error rate of about a quarter and a spread of 0.35 hundreds give a standard error of about
    0.43 / (0.35 · √4800) = 0.018, so a half-width of 0.036 or so.
    """
    frame = two_lists()
    order, done = answers(frame)
    (found,) = assess_fatigue(*measures(frame), FatiguePolicy(), CostPolicy(), answer_order=order, work=done)
    change = found.overall.error_per_100
    assert change.low is not None
    assert change.high is not None
    assert found.overall.adjusted_for == ["session", "item"]
    assert change.low <= 0 <= change.high
    assert (change.high - change.low) / 2 < 0.06


def test_positions_decide_where_few_answers_have_times() -> None:
    """Times of 3 of 12 people are no reason to judge by them; the pace is that of answers with both."""
    frame, _ = work(replace(PLAIN, annotators=12, tired=1.0, tiring=1.5), np.random.default_rng(2))
    timed = frame["annotator"] < "a003"
    judged_time, rows, pace, bins = measures(frame)
    few = judged_time["annotator"] < "a003"
    clock = ["st", "stt", "sty", "sh", "shh", "shy"]
    judged_time = judged_time.assign(**{name: judged_time[name].where(few) for name in clock})
    rows = rows.assign(t=rows["t"].where(timed), h=rows["h"].where(timed))
    order, done = answers(frame)
    order = order.assign(t=order["t"].where(timed))
    frames = (judged_time, rows, pace, bins)
    (found,) = assess_fatigue(*frames, FatiguePolicy(), CostPolicy(), answer_order=order, work=done)
    assert found.overall.verdict == "rising"
    assert "per 100 answers" in found.overall.sentence
    assert found.answers_per_hour == pytest.approx(60, rel=0.5)
    assert sum(person.verdict == "rising" for person in found.by_annotator) > 3


def test_milliseconds_taken_for_seconds_make_no_margin() -> None:
    """A mean of eight hours an answer is another clock: 100 answers count as an hour then."""
    frame, _ = work(replace(PLAIN, annotators=10, clocks=False, tired=1.0, tiring=2.0), np.random.default_rng(2))
    order, done = answers(frame)
    frames = measures(frame.assign(v=frame["v"] + 6908))
    (found,) = assess_fatigue(*frames, FatiguePolicy(), CostPolicy(), answer_order=order, work=done)
    assert found.answers_per_hour is None
    assert "fourth hundred answers" in found.overall.sentence


def test_what_is_wrong_with_the_times_is_said() -> None:
    (found,) = assess_fatigue(
        *(frame.iloc[:0] for frame in measures(work(PLAIN, np.random.default_rng(1))[0])),
        FatiguePolicy(),
        CostPolicy(),
        ["gold"],
        unusable="of 12 answers the time is that of an upload of many at once",
    )
    assert found.overall.verdict == "too little data"
    assert "upload" in (found.overall.reason or "")


def test_a_limit_under_an_hour_is_no_plan_for_a_day() -> None:
    unknown, steep = undefined("no pause", 0, "judged answers"), Estimate(0.2, 0.1, 0.3, 900, "judged answers", "")
    alike = monotony(pd.DataFrame({"run": [], "kind": []}), {})
    (said,) = advice(Verdict.FLAT, None, unknown, alike, day_limit(steep, 100, CostPolicy()))
    assert "short pieces" in said


# --- words and sums -------------------------------------------------------------------------------------------------

UNKNOWN = undefined("nobody paused", 0, "judged answers")
NO_RUNS = Monotony(undefined("no runs"), [])


def fell(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, 900, "judged answers")


@pytest.mark.parametrize(
    ("verdict", "pause", "across", "said"),
    [
        (
            *(Verdict.CONFOUNDED, 45.0, fell(-0.12, -0.04)),
            "Give the items in random order, another for each annotator: then tiredness can be told from items.",
        ),
        (
            *(Verdict.RISING, 45.0, fell(-0.12, -0.04)),
            "A pause of ten minutes after about 45 minutes of work costs least: in the half hour after a pause errors "
            "are 8.0 points (4.0 to 12.0) lower than in the half hour before.",
        ),
        (
            *(Verdict.RISING, None, fell(-0.01, 0.03)),
            "That a pause restores is not seen (errors change by −1.0 to +3.0 points across one): before pauses are "
            "ordered, try them with half of the team.",
        ),
        (
            *(Verdict.RISING, None, fell(-0.03, -0.01)),
            "No pause pays at these prices: errors change by −3.0 to −1.0 points across one, and its time costs more "
            "than they do.",
        ),
        (Verdict.RISING, None, UNKNOWN, "Whether a pause would help is not known: nobody paused."),
        (Verdict.FLAT, 45.0, fell(-0.12, -0.04), None),
    ],
)
def test_what_to_do_is_said_of_each_verdict(
    verdict: Verdict, pause: float | None, across: Estimate, said: str | None
) -> None:
    assert advice(verdict, pause, across, NO_RUNS, None) == ([said] if said else [])


def test_similar_items_in_a_row_are_advised_against_where_errors_rise_with_them() -> None:
    kinds = [
        KindRun(name, 500, fell(0.0, 0.1), q) for name, q in zip("dcbae", (0.01, 0.02, 0.05, 0.051, 0.9), strict=True)
    ]
    rising = Monotony(fell(0.01, 0.03), kinds)
    said = (
        "Errors rise by +2.0 points (+1.0 to +3.0) with every ten similar items in a row{}: mix the kinds, or change "
        "the task after about ten."
    )
    assert advice(Verdict.FLAT, None, UNKNOWN, rising, None) == [said.format(", above all with d and c and b")]
    assert advice(Verdict.FLAT, None, UNKNOWN, replace(rising, by_kind=kinds[3:]), None) == [said.format("")]
    assert advice(Verdict.FLAT, None, UNKNOWN, replace(rising, error_per_10=fell(0.0, 0.03)), None) == []
    assert len(advice(Verdict.CONFOUNDED, None, UNKNOWN, rising, None)) == 1
    assert len(advice(Verdict.RISING, None, UNKNOWN, rising, 4.0)) == 3


@pytest.mark.parametrize(
    ("limit", "begin"), [(0.99, "On a day's work"), (1.0, "After 1.0 hours"), (11.9, "After 11.9 hours"), (12.0, None)]
)
def test_a_limit_of_the_day_is_said_between_one_hour_and_twelve(limit: float, begin: str | None) -> None:
    said = advice(Verdict.FLAT, None, UNKNOWN, NO_RUNS, limit)
    assert [sentence.startswith(str(begin)) for sentence in said] == ([True] if begin else [])


def test_the_last_stretch_of_a_day_may_be_short() -> None:
    """7 hours in stretches of 2: three and one hour, three pauses; 6 in stretches of 2: two pauses, none at the end."""
    cost = CostPolicy(annotator_wage=20.0, escaped_error=3.0)
    plan = pause_plan(0.02, 50.0, 7.0, 2.0, 0.25, cost)
    assert (plan.pauses, plan.minutes_lost, plan.money_lost) == (3, 45, 15)
    assert plan.errors_saved == pytest.approx(0.02 * 50 * (49 - 12 - 1) / 2)
    assert plan.money_saved == pytest.approx(3 * plan.errors_saved)
    assert pause_plan(0.02, 50.0, 6.0, 0.1, 0.25, cost).pauses == 59
    assert pause_plan(0.02, 50.0, 6.0, 0.0, 0.25, cost).pauses == 359


def test_hours_of_a_hundred_answers_are_the_mean_of_log_normal_durations() -> None:
    """exp(μ + σ²/2) of sums of 1000·ln(seconds); rows without durations are left out, an hour an answer is none."""
    logs = np.log([10.0, 20.0, 40.0, 40.0])
    v = np.round(1000 * logs)
    pace = pd.DataFrame(
        {"n": [3, 1, 5], "sv": [v[:3].sum(), v[3], np.nan], "svv": [(v[:3] ** 2).sum(), v[3] ** 2, np.nan]}
    )
    expected = 100 * np.exp(logs.mean() + logs.var() / 2) / 3600
    assert hours_per_hundred(pace) == pytest.approx(expected, rel=1e-3)
    assert hours_per_hundred(pace[2:]) is None
    slow = pd.DataFrame({"n": [1], "sv": [1000 * np.log(3700.0)], "svv": [(1000 * np.log(3700.0)) ** 2]})
    assert hours_per_hundred(slow) is None


def test_weights_are_relative_to_their_session() -> None:
    """1/π of 1, 2 and 4 of two, one and one answers: over their mean 2; a session that nobody drew weighs 1."""
    pi, group = np.array([1.0, 0.5, 0.25, np.nan, np.nan]), np.array([0, 0, 0, 1, 1])
    found = relative_weights(pi, group, np.array([2.0, 1.0, 1.0, 3.0, 1.0]))
    assert found.tolist() == [0.5, 1, 2, 1, 1]
    assert relative_weights(pi[3:], group[3:], np.ones(2)).tolist() == [1, 1]


def test_rows_without_a_known_item_tell_nothing_of_items() -> None:
    """Two answers to no item are not two answers to one; nobody else's count, and none without a session."""
    rows = pd.DataFrame(
        {
            "annotator": ["ann", "ann", "ann", "bo", "ann"],
            "session": [1, 1, 2, 3, None],
            "item": ["x", None, None, "x", "y"],
            "error": [1.0, 0, 1, 0, 1],
        }
    )
    found = judged_answers(rows, ["ann"])
    assert found["error"].tolist() == [1.0]


def test_an_item_that_comes_again_in_the_same_session_is_met_again() -> None:
    """A stimulus shown at three places of a session is three rows, two questions at one of them are one."""
    places = [0, 7, 7, 30]
    rows = pd.DataFrame({"annotator": "ann", "session": 1, "item": "left", "error": [0.0, 1, 0, 1], "p": places})
    found = judged_answers(rows, ["ann"])
    assert found[["p", "error", "n"]].to_numpy().tolist() == [[0, 0, 1], [7, 0.5, 2], [30, 1, 1]]


def test_few_stimuli_shown_over_and_over_tell_of_time_all_the_same() -> None:
    """Ten people, four stimuli, 400 trials each, of which errors rise from 5 to 25 %: planted, 5 points per 100."""
    chance = np.random.default_rng(5)
    trial = np.tile(np.arange(400), 10)
    rows = pd.DataFrame({"annotator": np.repeat([f"s{n}" for n in range(10)], 400), "session": 1, "p": trial})
    rows = rows.assign(item=chance.integers(4, size=4000), error=(chance.random(4000) < 0.05 + trial / 2000) * 1.0)
    found = recurring_answers(judged_answers(rows, sorted(set(rows["annotator"]))), HUNDREDS)
    assert found is not None
    slope = team_slope(item_scores(found, found.free))
    assert slope is not None
    assert abs(slope.value - 0.05) < 3 * slope.error < 0.02


def test_sources_in_which_nobody_drew_stay_as_they_are() -> None:
    frame = pd.DataFrame({"source": ["review", "review", "gold", "gold"], "pi": [0.1, np.nan, np.nan, np.nan]})
    mixed = mixed_sources(frame)
    assert mixed == {"review"}
    assert apart(frame, mixed)["source"].tolist() == ["review", "review, not drawn", "gold", "gold"]
    assert mixed_sources(frame.assign(pi=0.1)) == frozenset()


def test_variances_are_no_smaller_than_between_ten_sessions_and_than_a_few_errors_leave() -> None:
    """By hand: ten scores of 2 vary by 40 · 10/9 between them, less an excess of 9 by 31 · 10/9; nine are not asked."""
    score, v = np.full(19, 2.0), np.full(19, 0.5)
    group = np.array([0] * 10 + [1] * 9)
    assert guarded_variance(score, v, group) == pytest.approx([400 / 9, 4.5])
    assert guarded_variance(score, v, group, 9.0)[0] == pytest.approx(310 / 9)
    assert guarded_variance(score, v * 100, group)[0] == pytest.approx(500)
    rate = 9.5 / 101
    binomial = rate * (1 - rate) * 7
    errors, n, q = np.array([9.0, 91.0, 10.0, 50.0]), np.full(4, 100.0), np.full(4, 7.0)
    assert few_errors(np.full(4, 0.1), errors, n, q) == pytest.approx([binomial, binomial, 0.1, 0.1])
    assert few_errors(np.full(4, 9.0), errors, n, q) == pytest.approx([9.0] * 4)
    assert few_errors(np.zeros(4), errors, n, q)[3] == pytest.approx(50.5 / 101 * 50.5 / 101 * 7)


@pytest.mark.parametrize("between", [0.0, 0.05])
def test_the_team_interval_by_matrices_where_slopes_differ(between: float) -> None:
    """Residuals are M = I − share·1' times weighted slopes of variances V: squares are set against diag(MVM').

    Satterthwaite's freedom is tr² over the squares of A·MVM' (Bell & McCaffrey 2002, with another working V).
    """
    rng = np.random.default_rng(13)
    d, q = rng.uniform(1, 4, 12), rng.uniform(1, 3, 12)
    u = 0.3 * d + rng.normal(0, 3, 12)
    score = u - u.sum() / d.sum() * d
    scores = Scores(np.arange(12), u, d, np.full(12, 1e-6), q, score, np.full(12, 80.0), np.full(12, 20.0))
    share, total = d / d.sum(), d.sum()
    own = q / total**2 + between * share**2
    m = np.eye(12) - np.outer(share, np.ones(12))
    c = m @ np.diag(own) @ m.T
    a = own / np.diag(c)
    found = team_slope(scores, between)
    assert found is not None
    assert found.value == pytest.approx(u.sum() / total)
    assert found.error == pytest.approx(np.sqrt((a * (score / total) ** 2).sum()))
    assert found.freedom == pytest.approx((a * np.diag(c)).sum() ** 2 / (np.outer(a, a) * c**2).sum())
    assert found.n == 960
