"""Fatigue: closed forms against dense least squares, verdicts in their order, odd inputs. About 5 s."""

import json
from dataclasses import asdict, replace
from itertools import permutations
from math import sqrt
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from benchmarks.fatigue_scenarios import PLAIN, Team, measures, work
from numpy.testing import assert_allclose
from scipy.stats import norm

from qc.model import CostPolicy, Estimate, FatiguePolicy, undefined
from qc.stats.fatigue import Fatigue, Verdict, assess_fatigue, break_after_minutes
from qc.stats.fatigue.frames import hours_per_hundred, judged_answers, judged_cells
from qc.stats.fatigue.items import item_scores, recurring_answers, single_scores
from qc.stats.fatigue.scores import HOURS, HUNDREDS, stratum_scores
from qc.stats.fatigue.slopes import FEWEST_SESSIONS, shrink, single_slopes, team_slope, with_few_errors
from qc.stats.fatigue.verdict import Trend, decide, points, sentence, too_wide

SCHEMA = Path(__file__).parent.parent / "qc" / "workspace" / "assessment.schema.json"
SMALL = Team(annotators=8, sessions=3, answers=40, tired=0.5, tiring=0.5)
Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def frames_of(team: Team, seed: int = 7) -> Frames:
    return measures(work(team, np.random.default_rng(seed))[0])


def assess(frames: Frames) -> Fatigue:
    (fatigue,) = assess_fatigue(*frames, FatiguePolicy(), CostPolicy())
    return fatigue


def close(a: object, b: object) -> None:
    """The same shape and words, and numbers that differ by rounding only."""
    if isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys()
        for key in a:
            close(a[key], b[key])
    elif isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            close(x, y)
    elif isinstance(a, float):
        assert a == pytest.approx(b, rel=1e-6, abs=1e-9)
    else:
        assert a == b


# --- closed forms ---------------------------------------------------------------------------------------------------


def rows_and_cells(team: Team = SMALL) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    frame, _ = work(team, np.random.default_rng(3))
    frame = frame.drop_duplicates(["item", "session"])
    judged_time, judged_rows, _, _ = measures(frame)
    names = sorted(judged_time["annotator"].unique())
    return frame, judged_cells(judged_time, names), judged_answers(judged_rows, names)


def dummies(*columns: pd.Series) -> np.ndarray:
    return np.hstack([pd.get_dummies(column).to_numpy(np.float64) for column in columns])


def residual_maker(dummy: np.ndarray) -> np.ndarray:
    return np.eye(len(dummy)) - dummy @ np.linalg.pinv(dummy)


def test_the_sums_give_the_slope_of_dense_least_squares_with_a_dummy_for_every_session_and_stratum() -> None:
    frame, cells, _ = rows_and_cells()
    cell = frame["session"].astype(str) + "/" + frame["stratum"].astype(str)
    design = np.column_stack([frame["t"] / 3600, dummies(cell)])
    expected = np.linalg.lstsq(design, frame["error"].to_numpy(np.float64), rcond=None)[0][0]
    assert stratum_scores(cells, HOURS).slope == pytest.approx(expected, rel=1e-9)


def test_session_scores_give_the_clustered_standard_error_of_statsmodels() -> None:
    """Uncorrected sandwich over annotators of a Gaussian GLM on the dummies (statsmodels)."""
    from statsmodels.genmod.generalized_linear_model import GLM

    frame, cells, _ = rows_and_cells()
    cell = frame["session"].astype(str) + "/" + frame["stratum"].astype(str)
    design = np.column_stack([frame["t"] / 3600, dummies(cell)])
    groups = pd.factorize(frame["annotator"])[0]
    fit = GLM(frame["error"].to_numpy(np.float64), design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    scores = stratum_scores(cells, HOURS)
    each = np.bincount(scores.annotator, scores.score)
    assert sqrt(each @ each) / scores.d.sum() == pytest.approx(fit.bse[0], rel=1e-6)


def test_the_team_interval_is_the_bias_reduced_sandwich_of_bell_and_mccaffrey() -> None:
    """CR2 and its degrees of freedom from their matrix definition (Bell & McCaffrey 2002)."""
    frame, cells, _ = rows_and_cells(replace(SMALL, selection=0.3, tired=1.0, tiring=2.0, votes=1))
    maker = residual_maker(dummies(frame["session"]))
    x, y = maker @ (frame["t"] / 3600), maker @ frame["error"].to_numpy(np.float64)
    annotator = pd.factorize(frame["annotator"], sort=True)[0]
    total = x @ x
    hat = np.eye(len(x)) - np.outer(x, x) / total
    residual = hat @ y
    meat, spread = 0.0, []
    for code in range(8):
        own = annotator == code
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - np.outer(x[own], x[own]) / total)
        weight = vectors @ np.diag(values**-0.5) @ vectors.T @ x[own]
        meat += float(weight @ residual[own]) ** 2
        spread.append(hat[:, own] @ weight)
    gram = np.array(spread) @ np.array(spread).T
    freedom = np.trace(gram) ** 2 / np.trace(gram @ gram)

    cells = cells.groupby(["annotator", "session"], as_index=False).sum()
    slope = team_slope(stratum_scores(cells, HOURS))
    assert slope is not None
    assert slope.method == "over annotators, 95 %"
    assert slope.freedom == pytest.approx(freedom, rel=1e-9)
    assert slope.error == pytest.approx(sqrt(meat) / total, rel=1e-9)
    assert slope.value == pytest.approx(x @ y / total, rel=1e-9)


def test_equal_annotators_give_one_degree_of_freedom_less_than_there_are() -> None:
    cells = pd.DataFrame({"annotator": range(9), "session": range(9), "n": 20, "stratum": 0})
    cells = cells.assign(st=3600 * 10, stt=3600**2 * 10, sy=[3, 4, 5, 6, 7, 3, 2, 5, 4], sty=3600 * 3)
    slope = team_slope(stratum_scores(cells.assign(syy=cells["sy"]), HOURS))
    assert slope is not None
    assert slope.freedom == pytest.approx(8)


def test_the_trend_variance_is_that_of_all_permutations() -> None:
    """u and its variance over all 720 orders of the errors within one session."""
    x, y = np.array([0.0, 0.2, 0.3, 0.7, 1.1, 1.6]), np.array([0, 0, 1, 0, 1, 1])
    sums = {"n": 6, "st": x.sum(), "stt": x @ x, "sy": y.sum(), "sty": x @ y, "syy": y.sum()}
    cells = pd.DataFrame({"annotator": [0], "session": [0], **{name: [value] for name, value in sums.items()}})
    for column in ("st", "sty"):
        cells[column] *= 3600
    cells["stt"] *= 3600**2
    scores = stratum_scores(cells, HOURS)
    every = [(x - x.mean()) @ np.array(order) for order in permutations(y)]
    assert scores.u[0] == pytest.approx((x - x.mean()) @ y)
    assert scores.v[0] == pytest.approx(np.var(every))


def test_one_session_gives_the_trend_test_of_statsmodels() -> None:
    """Linear-by-linear association of a 2 × 4 table (statsmodels), errors 4, 6, 9, 13 among 40 in each hour."""
    from statsmodels.stats.contingency_tables import Table

    errors, hours = np.array([4, 6, 9, 13]), np.arange(4)
    expected = Table(np.array([40 - errors, errors])).test_ordinal_association()
    sums = {"n": 160, "st": 40 * hours.sum(), "stt": 40 * hours @ hours, "sy": errors.sum(), "sty": hours @ errors}
    cells = pd.DataFrame({"annotator": [0], "session": [0], **{name: [float(value)] for name, value in sums.items()}})
    cells = cells.assign(st=cells["st"] * 3600, stt=cells["stt"] * 3600**2, sty=cells["sty"] * 3600, syy=cells["sy"])
    single = single_slopes(stratum_scores(cells, HOURS))
    assert single.rising[0] == pytest.approx(norm.sf(expected.zscore), rel=1e-9)


def test_item_effects_give_the_slope_of_dense_least_squares_with_a_dummy_for_every_item_and_session() -> None:
    frame, _, rows = rows_and_cells(replace(SMALL, order="loose", hardening=1.0))
    design = np.column_stack([frame["t"] / 3600, dummies(frame["item"], frame["session"])])
    expected = np.linalg.lstsq(design, frame["error"].to_numpy(np.float64), rcond=None)[0][0]
    answers = recurring_answers(rows, HOURS)
    assert answers is not None
    assert item_scores(answers, answers.free).slope == pytest.approx(expected, rel=1e-6)


def test_each_annotators_slope_with_item_effects_is_near_that_of_separate_slopes() -> None:
    """Dense least squares with one slope per annotator; ours takes the others' slopes as the common one."""
    team = Team(annotators=10, sessions=4, answers=60, tired=0.5, tiring=1.5, order="loose", hardening=0.5)
    frame, _, rows = rows_and_cells(team)
    own = dummies(frame["annotator"]) * (frame["t"] / 3600).to_numpy()[:, None]
    design = np.column_stack([own, dummies(frame["item"], frame["session"])])
    expected = np.linalg.lstsq(design, frame["error"].to_numpy(np.float64), rcond=None)[0][:10]
    answers = recurring_answers(rows, HOURS)
    assert answers is not None
    single = single_slopes(single_scores(answers))
    assert np.corrcoef(single.value, expected)[0, 1] > 0.98
    assert np.abs(single.value - expected).max() < single.error.min()


def test_shrinkage_uses_the_variance_of_paule_and_mandel() -> None:
    """The between-annotator variance of statsmodels' iterated (Paule–Mandel) meta-analysis; value by its definition."""
    from statsmodels.stats.meta_analysis import combine_effects

    rng = np.random.default_rng(2)
    error = rng.uniform(0.5, 2.0, 12)
    value = rng.normal(1.0, 2.0, 12) + rng.normal(size=12) * error
    between = combine_effects(value, error**2, method_re="iterated", atol=1e-10, maxiter=500).tau2
    weight = 1 / (error**2 + between)
    mean = weight @ value / weight.sum()
    drawn, posterior = shrink(value, error)
    assert between > 0
    assert_allclose(drawn, mean + between / (error**2 + between) * (value - mean), rtol=1e-5)
    assert np.all(posterior <= error)


def test_slopes_that_differ_by_noise_alone_become_one() -> None:
    drawn, _ = shrink(np.array([0.9, 1.0, 1.1, 1.05, 0.95]), np.full(5, 1.0))
    assert_allclose(drawn, 1.0)


def test_few_annotators_keep_their_own_slopes() -> None:
    value, error = np.array([1.0, 5.0]), np.array([1.0, 1.0])
    assert shrink(value, error) == (value, error)


def test_sessions_that_vary_more_than_chance_widen_the_interval() -> None:
    """Ten sessions whose errors all fall in their first or all in their second half: far from independent."""
    cells = pd.DataFrame({"annotator": 0, "session": range(FEWEST_SESSIONS), "n": 20, "sy": 10, "syy": 10})
    cells = cells.assign(st=20 * 1800, stt=20 * (1800**2 + 1000**2), sty=[10 * 800, 10 * 2800] * (FEWEST_SESSIONS // 2))
    guarded = single_slopes(stratum_scores(cells, HOURS)).error[0]
    unguarded = single_slopes(stratum_scores(cells[:-2], HOURS)).error[0]
    assert guarded > 3 * unguarded


def test_no_error_at_all_does_not_prove_a_slope_of_zero() -> None:
    cells = pd.DataFrame({"annotator": range(6), "session": range(6), "n": 50, "sy": 0, "syy": 0, "sty": 0})
    scores = stratum_scores(cells.assign(st=50 * 1800, stt=50 * (1800**2 + 1000**2)), HOURS)
    slope = team_slope(scores)
    assert slope is not None
    assert slope.error == 0.0
    binomial = sqrt(0.5 / 301 * 300.5 / 301 / (300 * (1000 / 3600) ** 2))
    assert with_few_errors(slope, scores).error == pytest.approx(binomial)


# --- verdicts -------------------------------------------------------------------------------------------------------

NO_SECONDS = undefined("no durations")


def change(low: float, high: float) -> Trend:
    return Trend(Estimate((low + high) / 2, low, high, 900, "judged answers"), 0.01, "an hour", "hour")


def seconds(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, 900, "answers")


@pytest.mark.parametrize(
    ("low", "high", "pace", "left", "expected"),
    [
        (0.005, 0.02, NO_SECONDS, 0.05, Verdict.CONFOUNDED),
        (0.005, 0.02, NO_SECONDS, 0.9, Verdict.RISING),
        (0.001, 0.002, seconds(-0.3, -0.2), None, Verdict.RISING),
        (-0.02, -0.005, NO_SECONDS, None, Verdict.FALLING),
        (-0.005, 0.009, seconds(-0.3, -0.2), None, Verdict.FASTER),
        (-0.005, 0.009, seconds(0.06, 0.2), None, Verdict.SLOWER),
        (-0.005, 0.009, seconds(0.04, 0.2), None, Verdict.FLAT),
        (-0.005, 0.009, NO_SECONDS, None, Verdict.FLAT),
        (-0.005, 0.02, seconds(-0.3, -0.2), None, Verdict.TOO_LITTLE),
    ],
)
def test_verdicts_fall_in_their_order(
    low: float, high: float, pace: Estimate, left: float | None, expected: str
) -> None:
    assert decide(change(low, high), pace, 0.05, left) == expected


def test_too_wide_says_how_many_times_the_answers_would_decide() -> None:
    """Half-width 1.5 points around 1.0: (1.5 / 1.0)² = 2.25, so three times."""
    assert (
        too_wide(change(-0.005, 0.025))
        == "too wide: −0.5 to +2.5 points an hour; about three times the answers would decide"
    )
    assert too_wide(change(-0.09, 0.11)).endswith("more than 10 times the answers would decide")


def test_sentences_name_the_fourth_hour() -> None:
    rising = sentence(Verdict.RISING, change(0.01, 0.03), NO_SECONDS, None, None)
    assert rising == (
        "Errors rise with time at work, by 2.0 points an hour (1.0 to 3.0): "
        "about 6.0 more errors in 100 answers in the fourth hour than in the first."
    )
    short = sentence(Verdict.RISING, replace(change(0.01, 0.03), reach=0.6), NO_SECONDS, None, None)
    assert short.endswith("in the fourth hour than in the first, were sessions to last that long.")
    flat = sentence(Verdict.FLAT, replace(change(-0.004, 0.008), reach=2.9), NO_SECONDS, None, None)
    ahead = "were sessions to last that long"
    assert flat.endswith(f"(at most 2.4 more errors in 100 answers in the fourth hour, {ahead}).")
    assert "a rise of more than 0.8 points an hour is ruled out" in flat
    assert "12 % less time" in sentence(Verdict.FASTER, change(-0.004, 0.008), seconds(-0.14, -0.10), None, None)


@pytest.mark.parametrize(
    ("low", "high", "times"),
    [(0.0105, 0.0105, "twice"), (0.02, 0.02, "four times"), (0.0274, 0.0274, "8 times"), (0.0316, 0.0316, "10 times")],
)
def test_an_interval_around_zero_narrows_with_the_root_of_the_answers(low: float, high: float, times: str) -> None:
    """Within a margin of 1 point: (1.05)², 2², 2.74² and 3.16², rounded up."""
    assert f"; about {times} the answers" in too_wide(change(-low, high))


@pytest.mark.parametrize(
    ("low", "high", "pace", "left", "expected"),
    [
        (0.005, 0.02, NO_SECONDS, 0.1, Verdict.RISING),
        (0.0, 0.009, NO_SECONDS, None, Verdict.FLAT),
        (-0.009, 0.0, NO_SECONDS, None, Verdict.FLAT),
        (-0.01, 0.01, NO_SECONDS, None, Verdict.FLAT),
        (-0.0101, 0.01, NO_SECONDS, None, Verdict.TOO_LITTLE),
        (-0.01, 0.0101, NO_SECONDS, None, Verdict.TOO_LITTLE),
        (-0.005, 0.009, seconds(-0.3, -0.05), None, Verdict.FLAT),
        (-0.005, 0.009, seconds(0.05, 0.3), None, Verdict.FLAT),
    ],
)
def test_verdicts_change_at_their_edges(
    low: float, high: float, pace: Estimate, left: float | None, expected: str
) -> None:
    assert decide(change(low, high), pace, 0.05, left) == expected


def test_every_verdict_is_said() -> None:
    bound = (
        "a rise of more than 0.8 points an hour is ruled out "
        "(at most 2.4 more errors in 100 answers in the fourth hour)"
    )
    near, unknown = change(-0.004, 0.008), undefined("no durations")

    def said(verdict: Verdict, trend: Trend | None, pace: Estimate = unknown, caveat: str | None = None) -> str:
        return sentence(verdict, trend, pace, "too few", caveat)

    assert said(Verdict.FALLING, change(-0.03, -0.01)) == (
        "Errors fall with time at work, by 2.0 points an hour (1.0 to 3.0): people warm up, they do not tire."
    )
    assert said(Verdict.FLAT, near) == f"No sign of fatigue: {bound}."
    assert said(Verdict.SLOWER, near, seconds(0.06, 0.2)) == (
        f"People slow down, 13 % more time an answer each hour, but not worse: {bound}."
    )
    assert said(Verdict.FASTER, near, seconds(-0.2, -0.06)) == (
        f"People get faster, 13 % less time an answer each hour, and not worse: {bound}."
    )
    assert said(Verdict.RISING, change(0.3, 0.5), caveat="items differ") == (
        "Errors rise with time at work, by 40.0 points an hour (30.0 to 50.0): "
        "too steep to last until the fourth hour. But items differ."
    )
    none = "Not enough to tell whether errors rise with time at work (too few)."
    assert said(Verdict.TOO_LITTLE, near) == said(Verdict.FLAT, None) == none
    assert "the same order" in said(Verdict.CONFOUNDED, near)


def test_points_carry_a_sign() -> None:
    assert [points(x) for x in (0.025, -0.005, 0.0002, 0.0)] == ["+2.5", "−0.5", "+0.02", "0"]


def test_the_break_is_the_cheapest_stretch_on_a_grid() -> None:
    """Cost an hour of stretches of m hours: d·w/m for pausing, slope·r·c·m/2 for errors."""
    slope, rate, cost = 0.02, 60.0, CostPolicy(annotator_wage=20, escaped_error=10)
    m = np.linspace(0.05, 4, 100_000)
    best = m[np.argmin(10 / 60 * 20 / m + slope * rate * 10 * m / 2)]
    assert break_after_minutes(slope, rate, cost) == pytest.approx(60 * best, abs=0.5)
    assert break_after_minutes(slope, rate, CostPolicy(escaped_error=0)) is None
    assert break_after_minutes(slope, 0.0, cost) is None


# --- the whole section ----------------------------------------------------------------------------------------------


def test_json_has_the_shape_of_the_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    section = {"$defs": schema["$defs"], **schema["properties"]["fatigue"]}
    for team in (SMALL, replace(SMALL, order="same"), replace(SMALL, clocks=False), replace(SMALL, tired=1, tiring=3)):
        fatigue = asdict(assess(frames_of(team)))
        jsonschema.validate([json.loads(json.dumps(fatigue, allow_nan=False))], section)


def test_planted_fatigue_is_found_and_told_from_none() -> None:
    team = Team(annotators=20, sessions=10, answers=150, tired=0.5, tiring=1.0)
    frame, truth = work(team, np.random.default_rng(1))
    fatigue = assess(measures(frame))
    assert fatigue.overall.verdict == "rising"
    assert fatigue.overall.adjusted_for == ["session", "item"]
    assert fatigue.overall.error_per_hour.low <= truth.per_hour <= fatigue.overall.error_per_hour.high
    assert fatigue.overall.error_per_100.low > 0
    assert fatigue.break_after_minutes is None
    assert fatigue.advice[0].startswith("Whether a pause would help is not known")
    rising = {person.annotator for person in fatigue.by_annotator if person.verdict == "rising"}
    assert len(rising & truth.tired) >= 7
    assert all(person.q <= 0.05 for person in fatigue.by_annotator if person.verdict == "rising")
    assert [bin.hour for bin in fatigue.by_hour][:4] == [0.0, 0.25, 0.5, 0.75]
    assert sum(bin.n for bin in fatigue.by_hour) == len(frame)


def test_the_same_queue_for_all_cannot_be_separated() -> None:
    fatigue = assess(frames_of(Team(annotators=10, sessions=4, answers=80, order="same", hardening=1.0)))
    assert fatigue.overall.verdict == "cannot separate from item"
    assert "random order" in fatigue.overall.sentence
    assert fatigue.break_after_minutes is None
    assert {person.verdict for person in fatigue.by_annotator} == {"cannot separate from item"}
    for estimate in (fatigue.overall.error_per_hour, fatigue.by_annotator[0].error_per_100):
        assert estimate.reason == "time at work and the order of the items cannot be told apart"


def test_items_judged_once_use_strata_and_say_what_that_leaves() -> None:
    team = Team(annotators=10, sessions=4, answers=80, votes=1, tired=1, tiring=1.5)
    judged_time, rows, pace, bins = frames_of(team)
    judged_time["stratum"] = judged_time["session"] % 2
    fatigue = assess((judged_time, rows, pace, bins))
    assert fatigue.overall.adjusted_for == ["session", "difficulty strata"]
    assert fatigue.overall.verdict == "rising"
    assert (
        "But few items recur, so part of it may be harder items coming later (strata took" in fatigue.overall.sentence
    )
    assert fatigue.overall.error_per_hour.warning.startswith("few items recur, so part of it may be harder items")


def test_only_one_stratum_is_no_adjustment_for_difficulty() -> None:
    fatigue = assess(frames_of(replace(SMALL, votes=1)))
    assert fatigue.overall.adjusted_for == ["session"]


def test_positions_decide_where_there_are_no_times() -> None:
    team = Team(annotators=10, sessions=5, answers=100, tired=1, tiring=1.5, clocks=False)
    fatigue = assess(frames_of(team))
    assert fatigue.overall.verdict == "rising"
    assert fatigue.overall.error_per_hour.reason == "no times"
    assert "per 100 answers" in fatigue.overall.sentence
    assert "in the fourth hour than" in fatigue.overall.sentence
    judged_time, rows, pace, bins = frames_of(team)
    assert "fourth hundred answers" in assess((judged_time, rows, pace[:0], bins)).overall.sentence
    assert fatigue.break_after_minutes is None
    assert any(person.q is not None for person in fatigue.by_annotator)


def test_the_margin_of_positions_is_the_time_that_100_answers_take() -> None:
    """Log-normal durations: 100 answers of mean exp(mu + sigma²/2) seconds."""
    v = np.rint(1000 * np.log(np.random.default_rng(1).lognormal(3, 0.8, 200_000)))
    pace = pd.DataFrame({"n": [len(v)], "sv": [v.sum()], "svv": [v @ v]})
    assert hours_per_hundred(pace) == pytest.approx(100 * np.exp(3 + 0.8**2 / 2) / 3600, rel=0.01)
    assert hours_per_hundred(pace[:0]) is None


def test_row_order_and_names_do_not_matter() -> None:
    frames = frames_of(SMALL)
    plain = asdict(assess(frames))
    shuffled = tuple(frame.sample(frac=1, random_state=1) for frame in frames)
    close(asdict(assess(shuffled)), plain)
    renamed = tuple(
        frame.assign(annotator=frame["annotator"] + "!", session=frame["session"] * 7 + 1000)
        if "annotator" in frame
        else frame
        for frame in frames
    )
    for person in plain["by_annotator"]:
        person["annotator"] += "!"
    close(asdict(assess(renamed)), plain)


def test_a_session_key_may_be_each_annotators_own() -> None:
    frames = frames_of(SMALL)
    own = tuple(
        frame.assign(session=frame["session"] % SMALL.sessions) if "session" in frame else frame for frame in frames
    )
    close(asdict(assess(own)), asdict(assess(frames)))


def test_the_unit_of_time_does_not_change_the_verdict_on_positions() -> None:
    """Positions a hundred times as far apart give a hundredth of the slope."""
    _, cells, _ = rows_and_cells()
    wide = cells.assign(sp=cells["sp"] * 100, spp=cells["spp"] * 10_000, spy=cells["spy"] * 100)
    assert stratum_scores(wide, HUNDREDS).slope == pytest.approx(stratum_scores(cells, HUNDREDS).slope / 100)


# --- odd inputs -----------------------------------------------------------------------------------------------------


def test_nothing_judged_gives_no_entry() -> None:
    assert assess_fatigue(*(frame[:0] for frame in frames_of(SMALL)), FatiguePolicy(), CostPolicy()) == []


def test_a_source_without_sessions_says_so() -> None:
    empty = (frame[:0] for frame in frames_of(SMALL))
    (fatigue,) = assess_fatigue(*empty, FatiguePolicy(), CostPolicy(), sources=["review"])
    assert fatigue.source == "review"
    assert fatigue.overall.verdict == "too little data"
    assert fatigue.overall.reason == "no times and no positions"
    assert fatigue.overall.error_per_hour.reason == "no times"
    assert fatigue.overall.error_per_100.reason == "no positions"


def test_sources_are_kept_apart() -> None:
    gold = frames_of(SMALL)
    review = tuple(frame.assign(source="review") if "source" in frame else frame for frame in frames_of(SMALL, seed=8))
    both = tuple(pd.concat(pair) if "source" in pair[0] else pair[0] for pair in zip(gold, review, strict=True))
    first, second = assess_fatigue(*both, FatiguePolicy(), CostPolicy())
    assert (first.source, second.source) == ("gold", "review")
    close(asdict(first), asdict(assess(gold)))


def test_too_few_judged_is_said_before_anything_else() -> None:
    fatigue = assess(frames_of(Team(annotators=3, sessions=2, answers=20, votes=1)))
    assert fatigue.overall.verdict == "too little data"
    assert fatigue.overall.reason == "120 judged answers tell of time at work; at least 200 are needed"
    assert {person.verdict for person in fatigue.by_annotator} == {"too little data"}


def test_one_annotator_and_one_session() -> None:
    fatigue = assess(frames_of(Team(annotators=1, sessions=1, answers=300, votes=1, tired=1, tiring=2.0)))
    assert fatigue.overall.verdict == "rising"
    assert fatigue.overall.error_per_hour.method == "mean over the team's work, within session, these annotators, 95 %"
    assert [person.verdict for person in fatigue.by_annotator] == ["rising"]
    assert fatigue.by_annotator[0].error_per_hour.value == pytest.approx(fatigue.overall.error_per_hour.value)


def test_times_that_are_all_the_same_are_no_times() -> None:
    judged_time, rows, pace, bins = frames_of(replace(SMALL, clocks=False))
    still = judged_time.assign(st=judged_time["n"] * 500, stt=judged_time["n"] * 500**2, sty=judged_time["sy"] * 500)
    still = still.assign(sp=0, spp=0, spy=0)
    fatigue = assess((still, rows.assign(t=500, p=0), pace, bins))
    assert fatigue.overall.verdict == "too little data"
    assert fatigue.overall.reason == "no session has judged answers at different times"


def test_unknown_times_are_not_zero() -> None:
    judged_time, rows, pace, bins = frames_of(SMALL)
    for frame in (judged_time, rows, pace):
        for column in {"t", "st", "stt", "sty", "stv"} & set(frame.columns):
            frame[column] = pd.array([None] * len(frame), dtype="Int64")
    fatigue = assess((judged_time, rows, pace, bins))
    assert fatigue.overall.error_per_hour.reason == "no times"
    assert fatigue.overall.error_per_100.value is not None


def test_a_broken_clock_is_left_out_and_counted() -> None:
    judged_time, _, pace, bins = frames_of(replace(SMALL, votes=1))
    work = dict.fromkeys(judged_time["annotator"], 1.0)
    (sound,) = assess_fatigue(judged_time, _, pace, bins, FatiguePolicy(), CostPolicy(), work=work)
    broken = judged_time.iloc[:1].assign(session=999, st=10**9, stt=10**18, sty=10**9, n=5, sy=1)
    both = pd.concat([judged_time, broken])
    (fatigue,) = assess_fatigue(both, _, pace, bins, FatiguePolicy(), CostPolicy(), work=work)
    assert fatigue.overall.error_per_hour.value == pytest.approx(sound.overall.error_per_hour.value)
    assert "5 answers with impossible times left out" in fatigue.overall.error_per_hour.warning


def test_an_annotator_with_few_answers_gets_no_number() -> None:
    judged_time, rows, pace, bins = frames_of(SMALL)
    few = judged_time[judged_time["annotator"] == "a000"].head(2).assign(annotator="zoe", session=900)
    fatigue = assess((pd.concat([judged_time, few]), rows, pace, bins))
    zoe = fatigue.by_annotator[-1]
    assert (zoe.annotator, zoe.verdict, zoe.q) == ("zoe", "too little data", None)
    assert zoe.error_per_hour.reason == "fewer than 50 judged answers tell of time at work"


def test_no_durations_leave_the_rest_alone() -> None:
    judged_time, rows, pace, bins = frames_of(SMALL)
    fatigue = assess((judged_time, rows, pace[:0], bins))
    assert fatigue.overall.seconds_per_hour.reason == "no session has durations at different times"
    assert fatigue.overall.error_per_hour.value is not None


def test_speeding_up_alone_is_faster_only() -> None:
    team = replace(PLAIN, annotators=30, sessions=20, answers=200, base=-4.5, seconds=40, speed_up=0.2)
    fatigue = assess(frames_of(team))
    assert fatigue.overall.verdict == "faster only"
    assert fatigue.overall.seconds_per_hour.value == pytest.approx(np.expm1(-0.2), abs=0.03)


def test_several_questions_about_an_item_are_not_the_item_again() -> None:
    """Items judged once with three questions each recur nowhere; with three people each they do."""
    for votes, adjusted_for in ((1, ["session"]), (3, ["session", "item"])):
        judged_time, rows, pace, bins = frames_of(replace(SMALL, votes=votes))
        judged_time = judged_time.assign(stratum=0)
        tripled = (pd.concat([judged_time] * 3), pd.concat([rows] * 3), pace, bins)
        fatigue = assess(tripled)
        assert fatigue.overall.adjusted_for == adjusted_for
        assert fatigue.overall.error_per_hour.n == 3 * assess((judged_time, rows, pace, bins)).overall.error_per_hour.n


def test_sessions_all_right_or_all_wrong_prove_nothing() -> None:
    judged_time, rows, pace, bins = frames_of(replace(SMALL, votes=1, sessions=10))
    wrong = judged_time["session"] % 2
    pure = judged_time.assign(sy=judged_time["n"] * wrong, sty=judged_time["st"] * wrong, spy=judged_time["sp"] * wrong)
    fatigue = assess((pure, rows, pace, bins))
    assert fatigue.overall.verdict == "too little data"
    assert fatigue.overall.error_per_hour.high > 0.01
    assert {person.verdict for person in fatigue.by_annotator} == {"too little data"}


def test_an_annotator_whose_sessions_stand_still_is_left_out() -> None:
    judged_time, rows, pace, bins = frames_of(SMALL)
    first = rows["annotator"] == "a000"
    still = rows.assign(t=rows["t"].where(~first, 500), p=rows["p"].where(~first, 3))
    fatigue = assess((judged_time, still, pace, bins))
    assert fatigue.overall.adjusted_for == ["session", "item"]
    assert fatigue.by_annotator[0].error_per_hour.value is None
    assert fatigue.by_annotator[1].error_per_hour.value is not None
