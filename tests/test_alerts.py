"""Alert rules fire, hold and resolve; one episode is one alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qc.alerts import (
    COOL_DOWN,
    CRITICAL,
    INFO,
    RESOLVED,
    RULES,
    WARNING,
    Alert,
    Evidence,
    Subject,
    judge,
    update,
)
from qc.alerts.rules import (
    AgreementCase,
    ConflictsCase,
    DataCase,
    DriftCase,
    FatigueCase,
    GuessingCase,
    LevelCase,
    OverdueCase,
    PatternCase,
    PrelabelCase,
    RateCase,
    ReviewersCase,
    ReviewsCase,
    RunCase,
    SkipCase,
    TeamMixCase,
    WeekMixCase,
)
from qc.model import Estimate, undefined
from qc.stats.drift import drift
from qc.stats.intervals import wilson
from qc.stats.rates import AnnotatorRate

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA = Subject("annotator", "anna")
TOPIC = Subject("question", "topic")


def level(now, proposed, subject=ANNA):
    return LevelCase(subject, now, proposed, "Because.", Evidence(3.1, 2.9, 80, items=("i1", "i2")))


def rate(errors, n, p, verdict):
    row = AnnotatorRate("anna", n, errors, wilson(errors, n), wilson(errors, n), p, verdict)
    return RateCase(ANNA, row, "gold", 0.02, 0.06, ("i1",))


def agreement(change, half=0.05, q=0.01):
    return AgreementCase(TOPIC, Estimate(change, change - half, change + half, 400, "items"), q, 0.10)


def mixed(make, moved, q):
    labels = ({"name": "billing", "value": 90, "expected": 60.0}, {"name": "praise", "value": 10, "expected": 40.0})
    return make(ANNA, moved, q, 100, 900, 0.10, labels)


def drifted(after, recent=True):
    """200 right answers, then one error in `after`, or too few answers to say anything."""
    errors = [0] * 200 + ([int(place % after == 0) for place in range(400)] if after else [])
    return DriftCase(Subject("team", "the team"), drift(errors, 0.02, 3.0, 2000), recent)


def skipped(rate, q):
    return SkipCase(ANNA, wilson(round(200 * rate), 200, unit="items"), 0.02, q, 0.05)


def reviewers(differs, n, q):
    rate = wilson(differs, n, unit="answers") if n else undefined("too few", 0, "answers")
    return ReviewersCase(Subject("reviewer", "rita"), rate, q, 0.10)


def data(found, n=1000):
    share = wilson(found, n, unit="rows") if n else undefined("nothing was read", 0, "rows")
    return DataCase(Subject("data", "clock"), share, 0.01, "have a time that cannot be right, says clock")


def fatigue(verdict, value):
    slope = undefined("no times") if value is None else Estimate(value, value - 0.01, value + 0.01, 900, "answers")
    return FatigueCase(ANNA, verdict, slope)


CARE = {
    "too fast": GuessingCase,
    "rubber-stamping of pre-labels": PrelabelCase,
    "same answer over and over": RunCase,
}
TEAM = Subject("team", "the team")
WAITING = {"conflict backlog": ConflictsCase, "review backlog": ReviewsCase, "sample overdue": OverdueCase}
MIXES = {"label mix unlike the team": TeamMixCase, "label mix unlike last week": WeekMixCase}
PATTERN = Subject("error type", "wrong label")
FIRES = {
    "raise review level": level("normal", "tightened"),
    "lower review level": level("tightened", "normal"),
    "error rate above target": rate(12, 120, 0.999, "above target"),
    "error drift": drifted(6),
    "recurring pattern": PatternCase(PATTERN, 12, 3.0, 400, 3000, 0.01),
    "agreement drop": agreement(-0.18),
    "fatigue rising": fatigue("rising", 0.03),
    "skip rate": skipped(0.15, 0.001),
    "reviewer disagreement": reviewers(30, 100, 0.001),
    "data problems": data(40),
    **{rule: mixed(case, 0.3, 0.01) for rule, case in MIXES.items()},
    **{rule: case(TEAM, 250, 200, "the team waits") for rule, case in WAITING.items()},
    **{rule: case(ANNA, "did what nobody should", 80, 0.01) for rule, case in CARE.items()},
}
HOLDS = {
    "raise review level": level("tightened", "tightened"),
    "error rate above target": rate(7, 150, 0.9, "not yet clear"),
    "error drift": drifted(6, recent=False),
    "recurring pattern": PatternCase(PATTERN, 9, 5.0, 400, 3000, 0.12),
    "agreement drop": agreement(-0.07),
    "skip rate": skipped(0.05, 0.2),
    "reviewer disagreement": reviewers(12, 100, 0.3),
    "data problems": data(9),
    **{rule: mixed(case, 0.06, 0.4) for rule, case in MIXES.items()},
    **{rule: case(TEAM, 190, 200, "the team waits") for rule, case in WAITING.items() if rule != "sample overdue"},
    "fatigue rising": fatigue("too little data", 0.008),
    **{rule: case(ANNA, None, 80, 0.15) for rule, case in CARE.items()},
}
CLEARS = {
    "raise review level": level("normal", "normal"),
    "lower review level": level("normal", "normal"),
    "error rate above target": rate(2, 200, 0.3, "within target"),
    "error drift": drifted(400, recent=False),
    "recurring pattern": PatternCase(PATTERN, 3, 3.0, 400, 3000, 0.8),
    "agreement drop": agreement(-0.02),
    "skip rate": skipped(0.02, 0.9),
    "reviewer disagreement": reviewers(5, 100, 0.9),
    "data problems": data(2),
    **{rule: mixed(case, 0.02, 0.9) for rule, case in MIXES.items()},
    **{rule: case(TEAM, 20, 200, "the team waits") for rule, case in WAITING.items()},
    "fatigue rising": fatigue("flat", 0.001),
    **{rule: case(ANNA, None, 80, 0.6) for rule, case in CARE.items()},
}
UNKNOWN = {
    "error rate above target": rate(3, 10, 0.999, "too little data"),
    "error drift": drifted(0),
    "recurring pattern": PatternCase(PATTERN, 1, 0.0, 10, 0, None),
    "agreement drop": AgreementCase(TOPIC, undefined("no overlap"), None, 0.10),
    "skip rate": skipped(0.02, None),
    "reviewer disagreement": reviewers(0, 0, None),
    "data problems": data(0, 0),
    **{rule: mixed(case, 0.0, None) for rule, case in MIXES.items()},
    "fatigue rising": fatigue("too little data", None),
    **{rule: case(ANNA, None, 0, None) for rule, case in CARE.items()},
}


def opened(rule):
    (finding,) = [finding for finding in judge([FIRES[rule]]).findings if finding.rule == rule]
    return finding, Alert("1", finding.key, finding.rule, finding.subject, "open")


def test_every_rule_is_tried_here():
    assert {rule.name for rule in RULES} == set(FIRES) == set(CLEARS)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_fires_with_its_evidence_and_says_how_often_it_errs(rule):
    finding, _ = opened(rule.name)
    assert finding.severity in (INFO, WARNING, CRITICAL)
    assert finding.evidence.value is not None
    assert finding.evidence.threshold is not None
    assert finding.evidence.n > 0
    assert finding.subject.key in finding.message
    assert finding.message.endswith(".")
    assert rule.false_alarms


@pytest.mark.parametrize("rule", sorted(FIRES))
def test_a_new_finding_opens_one_alert_and_then_keeps_it(rule):
    finding, alert = opened(rule)
    judged = judge([FIRES[rule]])
    assert finding in update([], judged, NOW).opened
    again = update([alert], judged, NOW)
    assert finding not in again.opened
    assert again.kept == ((alert, finding),)
    assert again.resolved == ()


@pytest.mark.parametrize("state", ["open", "acknowledged"])
@pytest.mark.parametrize("rule", sorted(HOLDS))
def test_an_open_alert_holds_where_it_would_not_have_fired(rule, state):
    _, alert = opened(rule)
    alert = replace(alert, state=state)
    judged = judge([HOLDS[rule]])
    assert all(finding.rule != rule for finding in judged.findings)
    assert update([alert], judged, NOW).kept == ((alert, None),)


@pytest.mark.parametrize("rule", sorted(CLEARS))
def test_an_alert_resolves_when_its_reason_is_gone(rule):
    _, alert = opened(rule)
    changes = update([alert], judge([CLEARS[rule]]), NOW)
    assert changes.resolved == (alert,)
    assert changes.kept == ()


@pytest.mark.parametrize("rule", sorted(UNKNOWN))
def test_an_alert_stays_where_nobody_can_tell(rule):
    _, alert = opened(rule)
    judged = judge([UNKNOWN[rule]])
    assert judged.findings == ()
    assert update([alert], judged, NOW).kept == ((alert, None),)


def test_an_alert_stays_where_its_subject_was_not_looked_at():
    _, alert = opened("error rate above target")
    assert update([alert], judge([]), NOW).kept == ((alert, None),)


def test_a_resolved_alert_stays_quiet_during_its_cool_down():
    finding, alert = opened("error rate above target")
    judged = judge([FIRES["error rate above target"]])
    done = replace(alert, state=RESOLVED, resolved_at=NOW)
    soon = update([done], judged, NOW + COOL_DOWN - timedelta(seconds=1))
    assert (soon.opened, soon.quiet) == ((), (finding,))
    later = update([done], judged, NOW + COOL_DOWN)
    assert (later.opened, later.quiet) == ((finding,), ())


def test_a_second_raise_is_an_episode_of_its_own_and_the_first_stays():
    _, first = opened("raise review level")
    changes = update([first], judge([level("tightened", "full")]), NOW)
    assert [(finding.severity, finding.message) for finding in changes.opened] == [(CRITICAL, "anna: Because.")]
    assert changes.kept == ((first, None),)


def test_a_rate_above_the_limit_is_critical():
    assert judge([rate(60, 200, 1.0, "above target")]).findings[0].severity == CRITICAL
    assert judge([rate(12, 120, 0.999, "above target")]).findings[0].severity == WARNING


def test_messages():
    assert opened("error rate above target")[0].message == (
        "anna errs in 12 of 120 answers judged by gold; drawn towards the team, that is 10.0 % (5.8–16.7 %) "
        "against a target of 2.0 %."
    )
    assert opened("agreement drop")[0].message == (
        "Agreement on topic fell by 0.18 (0.13 to 0.23) since the week before, 400 items."
    )


def test_no_drop_is_announced_while_its_interval_holds_zero():
    assert judge([agreement(-0.12, half=0.15)]).findings == ()
    assert judge([agreement(-0.12, q=0.06)]).findings == ()


def test_hostile_names_cannot_share_an_episode():
    one, other = Subject("annotator", "a|b"), Subject("annotator|a", "b")
    keys = {finding.key for finding in judge([level("normal", "full", one), level("normal", "full", other)]).findings}
    assert len(keys) == 2
    assert len({finding.key for finding in judge([level("normal", "full")] * 2).findings}) == 1


def test_the_same_finding_twice_opens_one_alert():
    judged = judge([FIRES["fatigue rising"], FIRES["fatigue rising"]])
    assert len(update([], judged, NOW).opened) == 1


def test_an_alert_names_a_bounded_number_of_items():
    case = replace(FIRES["fatigue rising"], items=tuple(f"i{index}" for index in range(5000)))
    assert len(judge([case]).findings[0].evidence.items) == 100


def test_fatigue_known_by_position_alone_is_told_per_hundred_answers():
    slope = Estimate(0.02, 0.01, 0.03, 900, "answers")
    (finding,) = judge([FatigueCase(ANNA, "rising", slope, "per 100 answers")]).findings
    assert finding.message == (
        "Errors of anna rise within sessions by 2.0 points per 100 answers (1.0 to 3.0), 900 answers."
    )
