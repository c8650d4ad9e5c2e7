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
    AgreementCase,
    Alert,
    Evidence,
    FatigueCase,
    GuessingCase,
    LevelCase,
    PrelabelCase,
    RateCase,
    RunCase,
    Subject,
    judge,
    update,
)
from qc.model import Estimate, undefined
from qc.stats.intervals import wilson
from qc.stats.rates import AnnotatorRate

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA = Subject("annotator", "anna")
TOPIC = Subject("question", "topic")


def level(now, proposed, subject=ANNA):
    return LevelCase(subject, now, proposed, "Because.", Evidence(3.1, 2.9, 80, items=("i1", "i2")))


def rate(errors, n, p, verdict):
    row = AnnotatorRate("anna", n, errors, wilson(errors, n), wilson(errors, n), p, verdict)
    return RateCase(ANNA, row, 0.02, 0.06, ("i1",))


def agreement(before, after):
    return AgreementCase(TOPIC, before, after, 0.10)


def alpha(value, half=0.03):
    return Estimate(value, value - half, value + half, 400, "items")


def fatigue(verdict, value):
    slope = undefined("no times") if value is None else Estimate(value, value - 0.01, value + 0.01, 900, "answers")
    return FatigueCase(ANNA, verdict, slope)


CARE = {
    "too fast": GuessingCase,
    "rubber-stamping of pre-labels": PrelabelCase,
    "same answer over and over": RunCase,
}
FIRES = {
    "raise review level": level("normal", "tightened"),
    "lower review level": level("tightened", "normal"),
    "error rate above target": rate(12, 120, 0.999, "above target"),
    "agreement drop": agreement(alpha(0.82), alpha(0.64)),
    "fatigue rising": fatigue("rising", 0.03),
    **{rule: case(ANNA, "did what nobody should", 80, 0.01) for rule, case in CARE.items()},
}
HOLDS = {
    "raise review level": level("tightened", "tightened"),
    "error rate above target": rate(7, 150, 0.9, "not yet clear"),
    "agreement drop": agreement(alpha(0.82), alpha(0.76)),
    "fatigue rising": fatigue("too little data", 0.008),
    **{rule: case(ANNA, None, 80, 0.15) for rule, case in CARE.items()},
}
CLEARS = {
    "raise review level": level("normal", "normal"),
    "lower review level": level("normal", "normal"),
    "error rate above target": rate(2, 200, 0.3, "within target"),
    "agreement drop": agreement(alpha(0.82), alpha(0.80)),
    "fatigue rising": fatigue("flat", 0.001),
    **{rule: case(ANNA, None, 80, 0.6) for rule, case in CARE.items()},
}
UNKNOWN = {
    "error rate above target": rate(3, 10, 0.999, "too little data"),
    "agreement drop": agreement(alpha(0.82), undefined("no overlap")),
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
        "anna errs in 12 of 120 judged answers; drawn towards the team, that is 10.0 % (5.8–16.7 %) "
        "against a target of 2.0 %."
    )
    assert opened("agreement drop")[0].message == (
        "Agreement on topic fell by 0.18 (0.14 to 0.22), from 0.82 to 0.64 (400 items in the last period)."
    )


def test_no_drop_is_announced_while_its_interval_holds_zero():
    assert judge([agreement(alpha(0.8, 0.1), alpha(0.68, 0.1))]).findings == ()


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
