"""Alert rules fire, hold and resolve; one episode is one alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
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
from qc.stats.care import LIKELY
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
    **{rule: mixed(case, 0.06, 0.15) for rule, case in MIXES.items()},
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
        "anna errs in 10.0 % (5.8–16.7 %), 120 answers judged by gold, 12 of them wrong; drawn towards the team, that "
        "is 10.0 % (5.8–16.7 %) against a target of 2.0 %."
    )
    assert opened("agreement drop")[0].message == (
        "Agreement on topic fell by 0.18 (0.13 to 0.23) since the week before, 400 items."
    )


def test_whoever_has_got_better_is_left_alone():
    """The verdict is on all that was judged; the last answers say whether it still holds."""
    (rule,) = [one for one in RULES if one.name == "error rate above target"]
    bad = rate(12, 120, 0.999, "above target")
    fires = {lately: rule.evaluate(replace(bad, lately=lately)) is not None for lately in (None, 0.6, 0.49, 0.1)}
    stays = {lately: rule.holds(replace(bad, lately=lately)) != () for lately in (None, 0.6, 0.21, 0.19)}
    assert fires == {None: True, 0.6: True, 0.49: False, 0.1: False}
    assert stays == {None: True, 0.6: True, 0.21: True, 0.19: False}


def test_a_mix_that_chance_explains_holds_no_alert_open():
    """Of 140 answers with four labels chance moves 6 in a hundred: more than half of the share that matters."""
    (rule,) = [one for one in RULES if one.name == "label mix unlike the team"]
    assert rule.holds(mixed(TeamMixCase, 0.06, 0.2)) != ()
    assert rule.holds(mixed(TeamMixCase, 0.06, 0.21)) == ()


def test_the_rate_that_is_named_is_the_weighted_one():
    """4 of 53 drawn answers are 7.5 %; weighted by how they were drawn it is 12 %, and that is drawn to the team."""
    weighted, shrunk = Estimate(0.12, 0.046, 0.277, 53, "answers"), Estimate(0.087, 0.028, 0.176, 53, "answers")
    row = AnnotatorRate("anna", 53, 4, weighted, shrunk, 0.99, "above target")
    assert judge([RateCase(ANNA, row, "review", 0.02, 0.06)]).findings[0].message == (
        "anna errs in 12.0 % (4.6–27.7 %), 53 answers judged by review, 4 of them wrong; drawn towards the team, that "
        "is 8.7 % (2.8–17.6 %) against a target of 2.0 %."
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


SITE = Subject("site", "north")
NO_ENDS = Estimate(0.3, None, None, 100, "answers")
BLIND = replace(FIRES["label mix unlike the team"], labels=())
UNSHRUNK = replace(FIRES["error rate above target"].row, shrunk=replace(NO_ENDS, value=0.1))
# On the left each rule fires for the last time, on the right no more.
EDGES = {
    "a drop as large as what matters": (agreement(-0.1), agreement(-0.0999)),
    "a drop that is hardly sure": (agreement(-0.18, q=0.0499), agreement(-0.18, q=0.05)),
    "a drop that was not tested": (agreement(-0.18), agreement(-0.18, q=None)),
    "a drop without an upper end": (
        replace(agreement(-0.18), change=Estimate(-0.18, None, -0.1, 400, "items")),
        replace(agreement(-0.18), change=Estimate(-0.18, -0.2, None, 400, "items")),
    ),
    "reviewers above their limit": (reviewers(11, 100, 0.01), reviewers(10, 100, 0.01)),
    "reviewers beyond doubt": (reviewers(30, 100, 0.0499), reviewers(30, 100, 0.05)),
    "waiting": (ReviewsCase(TEAM, 201, 200, "wait"), ReviewsCase(TEAM, 200, 200, "wait")),
    "problems of data": (data(11), data(10)),
    "a pattern found five times": (
        PatternCase(PATTERN, 5, 2.0, 400, 3000, 0.01),
        PatternCase(PATTERN, 4, 1.0, 400, 9, 0.01),
    ),
    "a pattern twice as frequent": (
        PatternCase(PATTERN, 6, 3.0, 400, 9, 0.01),
        PatternCase(PATTERN, 6, 3.1, 400, 9, 0.01),
    ),
    "a pattern beyond chance": (PatternCase(PATTERN, 12, 3.0, 4, 9, 0.0499), PatternCase(PATTERN, 12, 3.0, 4, 9, 0.05)),
    "labels that moved": (mixed(TeamMixCase, 0.1, 0.01), mixed(TeamMixCase, 0.0999, 0.01)),
    "labels that moved for sure": (mixed(WeekMixCase, 0.3, 0.0499), mixed(WeekMixCase, 0.3, 0.05)),
    "labels that nobody gave": (mixed(TeamMixCase, 0.3, 0.01), BLIND),
    "skips above the others'": (skipped(0.075, 0.01), skipped(0.065, 0.01)),
    "skips for sure": (skipped(0.15, 0.0499), skipped(0.15, 0.05)),
    "errors with an interval": (
        FIRES["error rate above target"],
        replace(FIRES["error rate above target"], row=UNSHRUNK),
    ),
    "fatigue with a slope": (fatigue("rising", 0.03), fatigue("rising", None)),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_rule_fires_up_to_its_edge(edge):
    last, beyond = (len(judge([case]).findings) for case in EDGES[edge])
    assert (last, beyond) == (1, 0)


def settled(share):
    """The last step of the chart stands at so much of its threshold."""
    case = drifted(6, recent=False)
    return replace(case, drift=replace(case.drift, values=np.array([0.0, share * case.drift.chart.h])))


# On the left an open alert stays for the last time, on the right no more.
STAYS = {
    "error drift": (settled(0.51), settled(0.49)),
    "agreement drop": (agreement(-0.051), agreement(-0.049)),
    "recurring pattern": (PatternCase(PATTERN, 9, 5.0, 4, 9, 0.2), PatternCase(PATTERN, 9, 5.0, 4, 9, 0.21)),
    "skip rate": (skipped(0.05, 0.5), skipped(0.04, 0.5)),
    "review backlog": (ReviewsCase(TEAM, 161, 200, "wait"), ReviewsCase(TEAM, 160, 200, "wait")),
    "sample overdue": (OverdueCase(TEAM, 201, 200, "wait"), OverdueCase(TEAM, 200, 200, "wait")),
    "data problems": (data(9), data(7)),
    "too fast": (GuessingCase(ANNA, None, 80, 0.2), GuessingCase(ANNA, None, 80, 0.21)),
    "label mix unlike the team": (mixed(TeamMixCase, 0.05, 0.2), mixed(TeamMixCase, 0.049, 0.2)),
    "fatigue rising": (fatigue("too little data", 0.0001), fatigue("too little data", 0.0)),
    "reviewer disagreement": (reviewers(11, 100, 0.9), reviewers(10, 100, 0.9)),
    "error rate above target": (rate(7, 150, 0.81, "not yet clear"), rate(7, 150, 0.8, "not yet clear")),
}


@pytest.mark.parametrize("rule", STAYS)
def test_an_alert_stays_up_to_its_edge(rule):
    (judged,) = [one for one in RULES if one.name == rule]
    last, beyond = STAYS[rule]
    assert len(judged.holds(last)) == 1
    assert judged.holds(beyond) == ()


@pytest.mark.parametrize(
    ("level_now", "stages"),
    [("reduced", []), ("normal", []), ("tightened", ["tightened"]), ("full", ["tightened", "full"])],
)
def test_raises_stay_while_their_level_or_a_higher_one_is_in_force(level_now, stages):
    (judged,) = [one for one in RULES if one.name == "raise review level"]
    held = judged.holds(level(level_now, level_now))
    assert [key.rpartition("|")[2] for key in held] == stages


SAID = {
    "raise review level": ("anna: Because.", 3.1, 2.9, 80),
    "recurring pattern": (
        "wrong label was found 12 times in 400 judged answers of the last week, each person's by their share of the "
        "work; the weeks before let expect 3.0.",
        *(0.01, 0.05, 400),
    ),
    "agreement drop": (
        "Agreement on topic fell by 0.18 (0.13 to 0.23) since the week before, 400 items.",
        *(-0.18, -0.10, 400),
    ),
    "fatigue rising": (
        "Errors of anna rise within sessions by 3.0 points an hour (2.0 to 4.0), 900 answers.",
        *(0.03, 0.0, 900),
    ),
    "skip rate": (
        "anna skipped 15.0 % (10.7–20.6 %) of 200 items of the last week; the others skipped 2.0 %.",
        *(0.15, 0.07, 200),
    ),
    "reviewer disagreement": (
        "rita and a second reviewer judged the same answer differently in 30.0 % (21.9–39.6 %) of 100 answers that "
        "were reviewed twice, against a limit of 10 %.",
        *(0.3, 0.1, 100),
    ),
    "data problems": (
        "4.0 % (3.0–5.4 %) of 1,000 rows have a time that cannot be right, says clock, more than 1.0 %.",
        *(0.04, 0.01, 1000),
    ),
    "label mix unlike the team": (
        "Labels of anna differ from those of the others in 30 of 100 answers: billing 90 times in 100, where 60 were "
        "expected.",
        *(0.3, 0.1, 100),
    ),
    "review backlog": ("250 the team waits, more than 200.", 250, 200, 250),
    "too fast": ("anna did what nobody should.", 0.01, LIKELY, 80),
}


@pytest.mark.parametrize("rule", SAID)
def test_what_a_rule_says_and_the_numbers_behind_it(rule):
    """Wilson's intervals of 30 of 200, 30 of 100 and 40 of 1,000."""
    finding, _ = opened(rule)
    evidence = finding.evidence
    assert finding.message == SAID[rule][0]
    assert (evidence.value, evidence.threshold, evidence.n) == pytest.approx(SAID[rule][1:])
    proof = evidence.proof or {}
    if proof.get("chart") == "rate":
        limit = 0.02 if rule == "skip rate" else evidence.threshold
        assert proof["threshold"] == limit


def test_whom_a_message_names():
    assert judge([level("normal", "tightened", SITE)]).findings[0].message == "site north: Because."
    assert judge([level("normal", "tightened")]).findings[0].severity == WARNING
    both = replace(reviewers(30, 100, 0.001), subject=TEAM)
    assert judge([both]).findings[0].message.startswith("Two reviewers judged the same answer differently")
    assert judge([drifted(6)]).findings[0].message.startswith("Errors of the team became more frequent")
    label = replace(drifted(6), subject=Subject("label", "cat"))
    assert judge([label]).findings[0].message.startswith("Errors of label cat became more frequent")


def test_the_label_that_is_named_is_the_one_given_too_often():
    labels = ({"name": "a", "value": 80, "expected": 95.0}, {"name": "b", "value": 20, "expected": 5.0})
    (finding,) = judge([replace(FIRES["label mix unlike last week"], labels=labels)]).findings
    assert "b 20 times in 100, where 5 were expected" in finding.message


def test_what_has_no_interval_is_said_without():
    fell = replace(agreement(-0.18), change=Estimate(-0.18, None, -0.13, 400, "items"))
    assert judge([fell]).findings[0].message == "Agreement on topic fell by 0.18 since the week before, 400 items."
    for low, high in ((None, 0.04), (0.02, None), (None, None)):
        rises = FatigueCase(ANNA, "rising", Estimate(0.03, low, high, 900, "answers"))
        assert (
            judge([rises]).findings[0].message
            == "Errors of anna rise within sessions by 3.0 points an hour, 900 answers."
        )
        bare = replace(data(40), share=Estimate(0.04, low, high, 1000, "rows"))
        assert judge([bare]).findings[0].message.startswith("4.0 % of 1,000 rows")
