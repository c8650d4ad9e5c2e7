"""Speed and care against brute force, published forms and planted truth. Takes about ten seconds."""

from __future__ import annotations

import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from dataclasses import replace

from care_scenarios import ALL, NO_GOLD, PLAIN, Team, found, work

from qc.stats.care import assess_care, flags
from qc.stats.care.answers import answers_of, others_of
from qc.stats.care.changes import Prior, Series, crossings, fitted, largest_jump, prior_of
from qc.stats.care.prelabels import centre
from qc.stats.care.runs import chance_of_run
from qc.stats.care.speed import medians, speed_of

COLUMNS = ["annotator", "item", "question", "code", "suggested", "v", "session", "p", "ms"]


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The measure `paced` of a few answers: label 0, no time, no order, unless told."""
    blank = {"question": 0, "code": 0, "suggested": 0, "v": np.nan, "session": np.nan, "p": np.nan, "ms": np.nan}
    return pd.DataFrame([blank | row for row in rows], columns=COLUMNS)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=25))
def test_the_reference_is_the_plurality_of_the_others(votes: list[tuple[int, int]]) -> None:
    """By counting the others one answer at a time; a tie of the others is no reference."""
    rows = [{"annotator": place, "item": item, "code": code} for place, (item, code) in enumerate(votes)]
    others = others_of(answers_of(frame(rows), [0]), NO_GOLD)
    for place, (item, code) in enumerate(votes):
        rest = [c for n, (i, c) in enumerate(votes) if i == item and n != place]
        counts = sorted(((rest.count(c), c) for c in set(rest)), reverse=True)
        alone = counts and (len(counts) == 1 or counts[0][0] > counts[1][0])
        assert others.reference[place] == (counts[0][1] if alone else -1)
        assert np.isnan(others.right[place]) == (not alone)
        if rest:
            assert others.share[place] == pytest.approx(rest.count(code) / len(rest))
        else:
            assert np.isnan(others.share[place])


def test_gold_goes_before_the_others_and_may_accept_several() -> None:
    rows = [{"annotator": who, "item": 0, "code": code} for who, code in enumerate([1, 1, 2])]
    gold = pd.DataFrame({"item": [0, 0], "question": [0, 0], "code": [2, 5]})
    others = others_of(answers_of(frame(rows), [0]), gold)
    assert others.right.tolist() == [0.0, 0.0, 1.0]


def test_answers_that_are_not_compared_have_no_reference() -> None:
    rows = [{"annotator": who, "item": 0, "code": 0, "question": 4} for who in range(3)]
    assert np.isnan(others_of(answers_of(frame(rows), [0]), NO_GOLD).right).all()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-3000, 3000)), min_size=1, max_size=40))
def test_medians_of_groups(rows: list[tuple[int, int]]) -> None:
    groups, values = np.array([g for g, _ in rows]), np.array([v for _, v in rows]) / 1000
    found_medians = medians(groups, values, 6)
    for group in range(6):
        mine = values[groups == group]
        expected = np.median(mine) if len(mine) else np.nan
        assert found_medians[group] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("of_label", "n", "run"), [(3, 7, 2), (4, 8, 3), (5, 7, 4), (2, 6, 2), (6, 6, 6), (1, 4, 1)])
def test_the_chance_of_a_run_is_exact_where_small(of_label: int, n: int, run: int) -> None:
    """Every order of n things, of_label of them alike, looked through; where the first term exceeds 1, 1."""
    orders = set(permutations([1] * of_label + [0] * (n - of_label)))
    held = sum("1" * run in "".join(map(str, order)) for order in orders) / len(orders)
    told = float(chance_of_run(np.array([float(of_label)]), np.array([float(n)]), np.array([float(run)]))[0])
    assert told == pytest.approx(held) or (told == 1.0 and held > 0.5)


def test_item_effects_are_found_and_slow_items_listed() -> None:
    """Ten of 400 items take four times as long; a twentieth of the times are broken (a hundred times too long)."""
    rng = np.random.default_rng(3)
    who, item = np.tile(np.arange(8), 400), np.repeat(np.arange(400), 8)
    speed = rng.normal(0, 0.6, 8)
    log = 3 + speed[who] + np.log(4) * (item < 10) + rng.normal(0, 0.4, len(who))
    log += np.log(100) * (rng.random(len(who)) < 0.05)
    paced = pd.DataFrame({"annotator": who, "item": item, "v": np.rint(1000 * log)})
    paced = paced.assign(question=0, code=0, suggested=0, session=np.nan, p=np.nan, ms=np.nan)
    care = assess_care(paced, NO_GOLD, [0])
    slow = {entry.item: entry.ratio for entry in care.slow}
    assert set(range(10)) <= set(slow)
    assert len(slow) <= 11
    assert all(slow[item].low > 2 and slow[item].high < 7 for item in range(10))
    fit = speed_of(answers_of(paced, [0]))
    assert fit.usual - fit.usual.mean() == pytest.approx(speed - speed.mean(), abs=0.1)


def test_an_item_is_no_judge_of_its_only_answer() -> None:
    """Where nobody shares an item, the rest of a time is its distance from the person's median."""
    rows = [{"annotator": 0, "item": n, "v": v} for n, v in enumerate([1000, 2000, 4000])]
    assert speed_of(answers_of(frame(rows), [0])).from_own.tolist() == [-1.0, 0.0, 2.0]


def test_the_questions_of_a_submission_share_one_time() -> None:
    rows = [{"annotator": 0, "item": n, "question": q, "v": 1000 * n} for n in range(3) for q in range(2)]
    fit = speed_of(answers_of(frame(rows), [0, 1]))
    assert fit.timed.tolist() == [3]
    assert fit.row.tolist() == [0, 0, 1, 1, 2, 2]


def series(mean: np.ndarray, n: float = 50.0) -> Series:
    place = np.arange(len(mean))
    return Series(mean, np.full(len(mean), n), place * int(n), place, place * 1.0, 0.25, 0.01, True)


def test_the_jump_is_that_of_least_squares() -> None:
    """t by numpy's lstsq on level, line, logarithm and step, weights equal; the place is where t is largest."""
    rng = np.random.default_rng(5)
    m = 20
    mean = rng.normal(0, 0.1, m) - 0.8 * (np.arange(m) >= 12)
    done = np.arange(m) * 50 + 25.0
    t = {}
    for place in range(2, m - 1):
        design = np.column_stack([np.ones(m), done, np.log1p(done), np.arange(m) >= place])
        beta, rest, *_ = np.linalg.lstsq(design, mean, rcond=None)
        t[place] = beta[3] / np.sqrt(rest[0] / (m - 4) * np.linalg.inv(design.T @ design)[3, 3])
    fit = fitted(series(mean))
    jump = largest_jump(fit)
    place = max(t, key=lambda at: abs(t[at]))
    assert jump.place == place == 12
    assert jump.size / jump.error * np.sqrt((1 + fit.alike) / (1 - fit.alike)) == pytest.approx(t[place])
    assert jump.p < 1e-4


def test_the_bound_over_places_is_between_one_test_and_all() -> None:
    """The p-value is more than that of the best place alone, less than Bonferroni's over all places."""
    from scipy.stats import t as student

    rng = np.random.default_rng(6)
    for _ in range(20):
        fit = fitted(series(rng.normal(0, 0.1, 30)))
        jump = largest_jump(fit)
        single = 2 * student.sf(abs(jump.size / jump.error), jump.freedom)
        assert single <= jump.p <= min(single * len(fit.places), 1.0) + 1e-9


def test_crossings_of_neighbours() -> None:
    """P(Z1 ≤ z < Z2) of a bivariate normal, by scipy's integration."""
    from scipy.stats import multivariate_normal, norm

    for z, rho in ((1.0, 0.3), (2.0, 0.9), (2.5, 0.99)):
        both = multivariate_normal.cdf([-z, -z], cov=[[1, rho], [rho, 1]])
        assert crossings(z, np.array([rho])) == pytest.approx(norm.sf(z) - both, abs=1e-6)


def test_a_team_tells_how_much_variances_are_alike() -> None:
    """Equal variances are worth very much; with an F prior of 4 degrees of freedom planted, about that."""
    rng = np.random.default_rng(7)
    fits = [fitted(series(rng.normal(0, np.sqrt(0.015), 40))) for _ in range(300)]
    assert prior_of(fits).freedom > 60
    scale = 4 / rng.chisquare(4, 300)
    fits = [fitted(series(rng.normal(0, np.sqrt(0.015 * each), 40))) for each in scale]
    assert 2 < prior_of(fits).freedom < 8
    assert prior_of(fits[:4]) == Prior(0.0, 0.0)


def test_the_centre_of_estimates_withstands_outliers() -> None:
    """Of 1,000 normal estimates with spread 0.5 and known errors 0.3, and a tenth far out: the planted values."""
    rng = np.random.default_rng(8)
    values = rng.normal(2, 0.5, 1000) + rng.normal(0, 0.3, 1000)
    middle, between = centre(values, np.full(1000, 0.09))
    assert middle == pytest.approx(2, abs=0.06)
    assert between == pytest.approx(0.5, abs=0.05)
    values[:100] += 20
    middle, between = centre(values, np.full(1000, 0.09))
    assert middle == pytest.approx(2, abs=0.2)
    assert between < 0.8
    assert centre(np.array([1.0, 1.1, 0.9, 1.0, 1.0]), np.full(5, 1.0))[1] == 0.0


def test_nothing_is_said_of_nothing() -> None:
    care = assess_care(frame([]), NO_GOLD, [])
    assert (care.people, care.slow, care.tests) == ([], [], 0)


def test_without_durations_or_order_the_reasons_say_so() -> None:
    rows = [{"annotator": n % 3, "item": n // 3, "code": n % 2} for n in range(300)]
    care = assess_care(frame(rows), NO_GOLD, [0])
    assert care.tests == 0
    for person in care.people:
        assert person.fast.reason == person.guessing.reason == person.course.reason == "this export has no durations"
        assert "order" in person.longest.reason
        assert "pre-label" in person.prelabels.reason
        assert flags(person, str, str) == {}


def test_sessions_without_times_have_no_order_among_them() -> None:
    rows = [
        {"annotator": 0, "item": n, "v": 3000 + n % 7, "session": n // 60, "p": n % 60, "code": n % 3}
        for n in range(240)
    ]
    person = assess_care(frame(rows), NO_GOLD, [0]).people[0]
    assert "cannot be put in order" in person.course.reason
    one = [row | {"session": 0, "p": n} for n, row in enumerate(rows)]
    person = assess_care(frame(one), NO_GOLD, [0]).people[0]
    assert person.course.reason is None
    assert person.course.units[0].at_ms is None


def test_few_answers_are_never_judged() -> None:
    """Under the least numbers nobody is tested, however it looks: nineteen blind clicks, nine kept pre-labels."""
    rows = [
        {"annotator": who, "item": n, "v": 0 if who == 0 else 4000, "code": 0, "suggested": 2, "session": 0, "p": n}
        for who in range(6)
        for n in range(19)
    ]
    assert assess_care(frame(rows), NO_GOLD, [0]).tests == 0


def test_whoever_answers_once_in_a_sorted_queue_is_not_blamed() -> None:
    """One class after the other and nobody else's answers: the run is told, with its chance; no test of care."""
    rows = [{"annotator": 0, "item": n, "code": n // 100, "session": 0, "p": n} for n in range(300)]
    person = assess_care(frame(rows), NO_GOLD, [0]).people[0]
    assert person.longest.length == 100
    assert person.longest.p_random_order < 1e-20
    assert person.unlike.p is None
    assert "sorted" in person.unlike.reason


def test_flags_do_not_hang_on_codes_units_or_order_of_people() -> None:
    """Other codes of people, items and labels, times in minutes instead of seconds: the same people are found."""
    rng = np.random.default_rng(21)
    paced, careless = work(replace(PLAIN, items=10_000, **ALL), rng)
    before = found(assess_care(paced, NO_GOLD, [0]))
    people, items, labels = rng.permutation(20), rng.permutation(10_000), rng.permutation(4)
    other = paced.assign(
        annotator=people[paced["annotator"]],
        item=items[paced["item"]],
        code=labels[paced["code"]],
        v=paced["v"] - 4094,
        question=3,
    )
    other = other.sort_values(["annotator", "session", "ms", "p", "item"], kind="stable")
    after = found(assess_care(other, NO_GOLD, [3]))
    assert {kind: {int(people[who]) for who in found_before} for kind, found_before in before.items()} == after
    assert all(before.values())
    assert all(before[kind] <= set().union(*careless.values()) for kind in before)


def test_the_sentences_name_their_evidence() -> None:
    rng = np.random.default_rng(22)
    team: Team = replace(PLAIN, items=10_000, **ALL)
    paced, careless = work(team, rng)
    care = assess_care(paced, NO_GOLD, [0])
    said = {
        person.annotator: " ".join(flags(person, lambda code: f"label {code}", lambda ms: f"day {ms}").values())
        for person in care.people
    }
    for kind, words in {
        "guessing": ("guesses when fast: of", "where guessing gives", "their other answers"),
        "repeating": ("times in a row", "others gave"),
        "trusting": ("pre-labels as shown", "most of the others changed"),
        "hurrying": ("became faster all at once on day", "on a usual item"),
    }.items():
        assert any(all(word in said[who] for word in words) for who in careless[kind]), kind


def test_slow_is_never_flagged() -> None:
    """Half of the team takes ten times as long and slows down to a half all at once: nobody is flagged."""
    paced, _ = work(replace(PLAIN, items=6800), np.random.default_rng(23))
    slow = paced["annotator"] < 10
    half = paced.groupby("annotator")["v"].cumcount() > 500
    paced["v"] += 2303 * slow + 693 * (slow & half)
    care = assess_care(paced, NO_GOLD, [0])
    assert not any(found(care).values())
    slowed = [p for p in care.people if p.annotator < 10 and any(c.ratio.value > 1.5 for c in p.course.changes)]
    assert len(slowed) >= 5
