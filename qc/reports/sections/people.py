"""What concerns single people: speed and care, review levels, alerts. Only the lead's view has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.figures import statistics_against_threshold
from qc.reports.blocks import Block, Column, Section, Sentences, chart, table
from qc.reports.material import Material

CARE_METHOD: Final = (
    "Speed is compared with what others took on the same items. What is noted of somebody stands at a false discovery "
    "rate of 5 % over all people and tests together. A note is a question to ask, not a judgement."
)
LEVELS_METHOD: Final = (
    "Levels rise when a Bernoulli CUSUM over randomly drawn answers alarms, at the number of false alarms a month that "
    "the policy allows, and fall when the posterior of the error rate leaves little doubt. They see the random share "
    "of the checks only."
)
ALERTS_NOW: Final = "Alerts that are open or acknowledged now, whatever the period"
_SEVERITIES: Final = ("critical", "warning", "info")


def care(material: Material) -> Section:
    """Everybody's speed and consistency, and what was noted."""
    people = {row["annotator"]: row for row in material.part("annotators")}
    checked = {row["annotator"]: row for row in (material.assessment.get("care") or {}).get("by_annotator", ())}
    if not people:
        return Section("Speed and care", (Sentences(("No answer of a person is in this scope.",)),))
    rows = [{**row, **_careful(checked.get(name))} for name, row in sorted(people.items())]
    columns = (
        Column("annotator", "annotator"),
        Column("site", "site"),
        Column("n", "answers", "count"),
        Column("median_seconds", "median seconds", "seconds"),
        Column("active_hours", "hours at work"),
        Column("skip_rate", "skipped", "percent"),
        Column("self_agreement", "agrees with own repeats", "percent"),
        Column("fast", "share of answers fast for the item", "percent"),
        Column("kept", "pre-labels kept", "percent"),
        Column("flags", "noted"),
    )
    noted = sum(bool(row["flags"]) for row in rows)
    opening = f"Something is noted of {noted:,} of {len(rows):,} people."
    return Section("Speed and care", (Sentences((opening,)), table("people", "Everybody", columns, rows)), CARE_METHOD)


def levels(material: Material) -> Section:
    """The level in force of everybody, what the evidence asks for, and why."""
    rows = [{"name": row["subject"]["key"], **row, **row["evidence"]} for row in material.part("levels")]
    if not rows:
        return Section("Review levels", (Sentences(("No level is set yet: no answer was judged at random.",)),))
    columns = (
        Column("name", "annotator"),
        Column("level", "level"),
        Column("rate", "share checked", "percent"),
        Column("proposed", "proposed"),
        Column("statistic", "statistic"),
        Column("threshold", "alarm at"),
        Column("n", "judged", "count"),
        Column("reason", "why"),
        Column("since", "since"),
    )
    dated = [{**row, "since": row["since"][:10] if row["since"] else None} for row in rows]
    below = table("levels", "Levels in force", columns, dated)
    figured = any(row["statistic"] is not None and row["threshold"] for row in rows)
    alt = "Bars: each annotator's control chart statistic as a share of its alarm threshold"
    blocks: tuple[Block, ...] = (chart(statistics_against_threshold(rows), alt, below) if figured else below,)
    return Section("Review levels", blocks, LEVELS_METHOD)


def alerts(material: Material) -> Section:
    """What is open or acknowledged, the critical first."""
    live = [row for row in material.part("alerts") if row["state"] != "resolved"]
    if not live:
        return Section("Alerts", (Sentences(("No alert is open.",)),))
    columns = (
        Column("severity", "severity"),
        Column("state", "state"),
        Column("rule", "rule"),
        Column("message", "what it says"),
        Column("number", "number"),
        Column("threshold", "threshold"),
        Column("n", "n", "count"),
        Column("since", "since"),
    )
    ordered = sorted(live, key=_urgency)
    return Section("Alerts", (table("alerts", ALERTS_NOW, columns, [_alert(row) for row in ordered]),))


def _urgency(row: Mapping[str, Any]) -> tuple[int, str, str, str]:
    return _SEVERITIES.index(row["severity"]), row["rule"], row["subject"]["key"], row["opened_at"]


def _alert(row: Mapping[str, Any]) -> dict[str, Any]:
    evidence = row["evidence"]
    low, high = evidence.get("low"), evidence.get("high")
    between = "" if low is None or high is None else f" ({low:.3g} to {high:.3g})"
    value = evidence["value"]
    return {
        **row,
        "number": None if value is None else f"{value:.3g}{between}",
        "threshold": evidence["threshold"],
        "n": evidence["n"],
        "since": row["opened_at"][:10],
    }


def _careful(person: Mapping[str, Any] | None) -> dict[str, Any]:
    if person is None:
        return {}
    return {"fast": person["fast"], "kept": person["unchanged_prelabel"]["unchanged"]}
