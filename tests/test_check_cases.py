"""What the check looks at: backlogs, days that pass, twice reviewed answers, and data that cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from qc.alerts import judge
from qc.model import InputError
from qc.stats.bursts import at_least, burst, overdispersion
from qc.stats.drift import LATELY, drift
from qc.stats.mix import compare, dispersion, p_values
from qc.workspace import Workspace, assess, check, open_workspace, sample
from qc.workspace.check.agreement import _twice, reviewer_cases
from qc.workspace.check.backlog import backlog_cases, data_cases
from qc.workspace.check.running import found_on
from qc.workspace.check.weeks import last_over, monday, today, week_of
from qc.workspace.ingest import ingest


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """40 items, two people; person b's clock runs backwards on two answers, and ten items are disputed."""
    folder = tmp_path_factory.mktemp("cases")
    rows = []
    for place in range(40):
        for who in "ab":
            begun = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=place)
            ended = begun - timedelta(minutes=5) if who == "b" and place < 2 else begun + timedelta(seconds=30)
            label = "y" if who == "b" and place < 10 else "x"
            rows.append((f"i{place}", who, label, begun.isoformat(), ended.isoformat()))
    frame = pd.DataFrame(rows, columns=["item_id", "annotator", "label", "started_at", "submitted_at"])
    frame.to_csv(folder / "answers.csv", index=False)
    opened = open_workspace(folder / "ws")
    ingest(opened, "tiny", folder / "answers.csv")
    yield opened
    opened.store.engine.dispose()


def test_conflicts_and_the_clock_are_counted(ws: Workspace) -> None:
    lens = assess.view(ws, "tiny")
    now = datetime.now(UTC)
    waiting = {(type(case).__name__, case.subject.key): case.waiting for case in backlog_cases(lens, now)}
    assert waiting["ConflictsCase", "the team"] == 10
    assert waiting["ReviewsCase", "the team"] == 0
    shares = {case.subject.key: case.share for case in data_cases(lens)}
    assert shares["clock"].value == pytest.approx(2 / 80)
    assert shares["times"].value == 0
    assert shares["duplicates"].value == 0
    assert {finding.subject.key for finding in judge(data_cases(lens)).findings} == {"clock"}


def test_drawn_answers_wait_from_the_day_of_their_draw(ws: Workspace) -> None:
    drawn = sample.draw(ws, "tiny", sample.Ask(rate=0.5, least=5), seed=1)
    lens = assess.view(ws, "tiny")
    now = datetime.now(UTC)
    at_once = {case.subject.key: case.waiting for case in backlog_cases(lens, now)}
    later = {case.subject.key: case for case in backlog_cases(lens, now + timedelta(days=9))}
    assert at_once["drawn answers"] == 0
    assert later["drawn answers"].waiting == 9
    assert later["new answers"].waiting == 0
    assert later["drawn answers"].items
    found = judge(backlog_cases(lens, now + timedelta(days=9))).findings
    assert [finding.rule for finding in found] == ["sample overdue"]
    assert found[0].message == "9 days since the oldest waiting answer was drawn, more than 7."
    assert drawn.size >= 20


def test_the_second_check_changes_nothing(ws: Workspace) -> None:
    check.run(ws, "tiny")
    again = check.run(ws, "tiny")
    assert (again.opened, again.resolved, again.changed_levels) == ((), (), ())
    with pytest.raises(InputError, match="Write what there is to say"):
        check.comment(ws, "tiny", "none", "  ", "lead")


def test_an_open_alert_says_of_which_day_its_figures_are(ws: Workspace) -> None:
    """What its rule only holds open keeps the sentence of the day on which it was last found."""
    found = check.run(ws, "tiny")
    (clock,) = [alert for alert in found.open if alert["rule"] == "data problems"]
    assert found_on(clock) == found.on.isoformat()
    assert "figures of" not in found.text
    later = replace(found, on=found.on + timedelta(days=3))
    assert f"more than 1.0 %. (figures of {found.on})" in later.text
    older = replace(later, open=({**clock, "evidence": {}},))
    assert "figures of" not in older.text


def test_two_reviewers_of_one_answer_are_compared_once() -> None:
    row = {"question": "q", "item_id": "i", "region_id": None}
    judged = [
        {**row, "annotation_id": "1", "reviewer": "r", "verdict": "accept"},
        {**row, "annotation_id": "1", "reviewer": "s", "verdict": "reject"},
        {**row, "annotation_id": "2", "reviewer": "r", "verdict": "minor"},
        {**row, "annotation_id": "2", "reviewer": "s", "verdict": "accept"},
        {**row, "annotation_id": "3", "reviewer": "r", "verdict": "reject"},
        {**row, "annotation_id": "4", "reviewer": "r", "verdict": "reject", "region_id": "box"},
        {**row, "annotation_id": "4", "reviewer": "s", "verdict": "accept"},
    ]
    found = _twice(judged)
    assert found[["annotation_id", "reviewer", "differs"]].to_numpy().tolist() == [
        ["1", "r", True],
        ["1", "s", True],
        ["2", "r", False],
        ["2", "s", False],
    ]


def test_without_double_reviews_nothing_is_said_of_reviewers(ws: Workspace) -> None:
    (team,) = reviewer_cases(assess.view(ws, "tiny"))
    assert team.rate.reason == "too few answers were reviewed twice"
    assert judge([team]).findings == ()


def test_weeks_begin_on_monday_and_count_when_they_are_over() -> None:
    """2 March 2026 is a Monday, the 20,514th day after 1 January 1970."""
    weeks = week_of(pd.Series([20513, 20514, 20520, 20521]))
    assert np.diff(weeks).tolist() == [1, 0, 1]
    assert monday(int(weeks[1])) == "2026-03-02"
    assert last_over(weeks, 20520) == weeks[0]
    assert last_over(weeks, 20521) == weeks[1]
    assert last_over(weeks[2:], 20514) is None
    # 22:00 in UTC is the next day in Manila.
    assert today(datetime(2026, 3, 1, 22, tzinfo=UTC), "Asia/Manila") == 20514


def test_one_stratum_is_pearson_less_one_of_n() -> None:
    """For two groups in one stratum the statistic is (N − 1)/N times Pearson's (Landis, Heyman & Koch 1978).

    [20 30 50] against [40 30 30] of 100 each: column totals 60, 60, 80, X² = 2·(100/30 + 0 + 100/40) = 35/3.
    """
    found = compare(np.array([0]), np.array([[20, 30, 50]]), np.array([[40, 30, 30]]), 1)
    assert found.statistic[0] == pytest.approx(35 / 3 * 199 / 200)
    assert found.freedom.tolist() == [2]
    assert found.moved[0] == pytest.approx(0.2)
    assert found.expected[0].tolist() == [40, 30, 30]
    # chi2.sf(35/3 * 199/200, 2) = exp(-x/2)
    assert p_values(found, np.array([True]), (1.0, 0))[0] == pytest.approx(np.exp(-35 / 6 * 199 / 200))


def test_strata_that_explain_the_difference_leave_nothing() -> None:
    """Simpson: in each batch the same shares, in the sum not."""
    own, other = np.array([[90, 10], [2, 18]]), np.array([[18, 2], [10, 90]])
    apart = compare(np.array([0, 0]), own, other, 1)
    assert apart.statistic[0] == pytest.approx(0, abs=1e-9)
    assert apart.moved[0] == pytest.approx(0)
    together = compare(np.array([0]), own.sum(axis=0, keepdims=True), other.sum(axis=0, keepdims=True), 1)
    assert together.statistic[0] > 50


def test_nothing_to_compare_with_is_not_tested() -> None:
    found = compare(np.array([0]), np.array([[60, 40]]), np.array([[0, 0]]), 1)
    assert found.freedom.tolist() == [0]
    assert np.isnan(p_values(found, np.array([True]), (1.0, 0)))[0]
    assert dispersion(np.zeros(0), np.zeros((0, 2), int)) == (1.0, 0)


def test_dispersion_of_a_small_table_by_hand() -> None:
    """Two days [9 1] and [1 9]: X² = 12.8 with one degree of freedom, mean 20/19 given the margins."""
    factor, freedom = dispersion(np.array([0, 0]), np.array([[9, 1], [1, 9]]))
    assert (round(factor, 6), freedom) == (round(12.8 * 19 / 20, 6), 1)
    # Counts 8 and 0 in as many answers: X² = 8, one degree of freedom.
    assert overdispersion([[8, 0]], [[10, 10]]) == 8.0


def test_tails_by_hand() -> None:
    """P(Bin(3, 1/2) >= 2) = 1/2; 4 of 4 in a tenth of the answers: 10^-4; more variance never makes it smaller."""
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert burst([4], [0], [10], [90])[0] == pytest.approx(1e-4)
    assert burst([4], [4], [10], [90], 2.0)[0] > burst([4], [4], [10], [90])[0]
    assert burst([0], [0], [10], [90])[0] == 1.0


def test_drift_needs_a_beginning_and_room_above_it() -> None:
    assert drift([0] * 200, 0.02, 3.0, 500) is None
    assert drift([1] * 300, 0.02, 3.0, 500) is None
    found = drift([0] * 200 + [1] * 10, 0.02, 3.0, 500)
    assert found is not None
    # Of no error in 200 the upper 95 % limit is 1 - 0.05**(1/200) = 1.49 %, below the target.
    assert found.chart.p0 == pytest.approx(0.02)
    assert found.lately == (10, 10)


def test_drift_is_told_with_enough_answers_before_its_alarm() -> None:
    """Fifty right answers and then wrong ones: an alarm after a few, told with the fifty; after 150 with a hundred."""
    for right, told in ((50, 50), (150, LATELY)):
        found = drift([0] * (200 + right) + [1] * 4, 0.02, 3.0, 500)
        assert found is not None
        wrong = int(found.alarms[-1]) + 1 - right
        assert found.lately == (wrong, wrong + right if right < LATELY else told)
