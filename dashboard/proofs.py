"""The proof behind an alert, as a chart: a control chart, rates with intervals, a trend, or counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dashboard import data, show
from dashboard.care import show_person
from dashboard.data import Selection
from dashboard.person_parts import level_chart
from qc.figures import Style, dots, found_and_expected, number, proof_path, trend
from qc.workspace.explained import explained

ON_LEVELS: Final = ("raise review level", "lower review level")
# What one person's speed and care shows is on the page of that person already, with a chart of the pace.
ON_CARE: Final = ("too fast", "rubber-stamping of pre-labels", "same answer over and over")
# How the number behind a rule is said; others are plain.
STYLES: Final[Mapping[str, Style]] = {
    "error rate above target": "percent",
    "skip rate": "percent",
    "data problems": "percent",
    "label mix unlike the team": "percent",
    "label mix unlike last week": "percent",
    "reviewer disagreement": "percent",
    "fatigue rising": "points",
    "review backlog": "count",
    "conflict backlog": "count",
    "sample overdue": "count",
}


def proof(chosen: Selection, alert: Mapping[str, Any]) -> None:
    """The chart of one alert; the review level of a subject has its whole path, others what was kept with the alert."""
    found = alert["evidence"].get("proof")
    subject = alert["subject"]
    if alert["rule"] in ON_LEVELS and data.may(chosen, "individuals"):
        level_chart(chosen, subject["kind"], subject["key"])
    elif alert["rule"] in ON_CARE and data.may(chosen, "individuals"):
        show_person(chosen, subject["key"])
    elif found is not None:
        _CHARTS[found["chart"]](alert, found)
    else:
        show.nothing(
            f"This rule compares a single number, so there is no chart: {_compared(alert)}.",
            "The items behind it stand below, where the rule names any.",
        )


def reason(alert: Mapping[str, Any]) -> str:
    """What the rule looks for, the number it saw, and how often it is wrong."""
    words = explained(alert["rule"])
    wrong = f"How often such an alert comes without cause: {words.false_alarms}." if words.false_alarms else ""
    return " ".join(part for part in (words.what, f"Here: {_compared(alert)}.", wrong) if part)


def _compared(alert: Mapping[str, Any]) -> str:
    evidence, style = alert["evidence"], STYLES.get(alert["rule"], "plain")
    if evidence["value"] is None:
        return f"{evidence['n']:,} answers were looked at"
    if alert["rule"] in (*ON_CARE, "recurring pattern"):
        chance = number(evidence["value"], "percent")
        return f"of what is as striking as this, {chance} is chance on average, n = {evidence['n']:,}"
    value = number(evidence["value"], style)
    between = ""
    if evidence.get("low") is not None and evidence.get("high") is not None:
        between = f" ({number(evidence['low'], style)} to {number(evidence['high'], style)})"
    against = "" if evidence["threshold"] is None else f", compared with {number(evidence['threshold'], style)}"
    rests = "" if style == "count" else f", n = {evidence['n']:,}"
    return f"{value}{between}{against}{rests}"


def _path(alert: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    values, first = found["values"], found["first"]
    show.chart(
        "The proof: control chart",
        proof_path(values, first=first, threshold=found["threshold"]),
        [{"answer": first + at, "evidence": value} for at, value in enumerate(values)],
        key=f"proof-{alert['id']}",
        alt="Steps: the control chart's statistic after each judged answer, with its threshold",
        note="As it was when the alert was last brought up to date. The evidence rises with each answer judged wrong "
        f"and sinks a little with each right one; at {found['threshold']:.2f} it alarms and begins anew.",
    )


def _rates(alert: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    style = STYLES.get(alert["rule"], "percent")
    rows = [
        {"name": row["name"], "estimate": {**row, "unit": "", "reason": None}, "place": -place}
        for place, row in enumerate(found["rows"])
    ]
    show.chart(
        "The proof: the rate and what it was compared with",
        dots(
            rows,
            axis="points an hour" if style == "points" else "share, %",
            style=style,
            target=found["threshold"],
            target_name="compared with",
        ),
        found["rows"],
        key=f"proof-{alert['id']}",
        alt="Dots with intervals: the rate behind the alert against its threshold",
        styles={"value": style, "low": style, "high": style},
        note="Intervals of 95 %, as they were when the alert was last brought up to date.",
    )


def _trend(alert: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    style = STYLES.get(alert["rule"], "plain")
    axis = {"points": "points an hour", "percent": "share, %"}.get(style, "agreement")
    show.chart(
        "The proof: from period to period",
        trend(found["rows"], threshold=found["threshold"], style=style, axis=axis),
        found["rows"],
        key=f"proof-{alert['id']}",
        alt="Line with band: the number behind the alert from period to period",
        styles={"value": style, "low": style, "high": style},
        note="The band is the 95 % interval.",
    )


def _counts(alert: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    show.chart(
        "The proof: found and expected",
        found_and_expected(found["rows"], n=found["n"]),
        found["rows"],
        key=f"proof-{alert['id']}",
        alt="Bars: how often each was found, beside how often it was expected",
        styles={"value": "count"},
        note=f"Found in {found['n']:,} answers; the strokes say how many {found['expected_n']:,} others let expect.",
    )


_CHARTS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], None]]] = {
    "cusum": _path,
    "rate": _rates,
    "trend": _trend,
    "counts": _counts,
}
