"""Whether long sessions cost errors: the team's verdict, its curve, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.figures import dots, rate_by_clock, rate_by_time_on_task
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, Table, chart, headline, table
from qc.reports.material import Material
from qc.reports.sections.errors import most_judged, slug

METHOD: Final = (
    "Slopes compare answers within a session with each other, with difficulty taken out item by item where items "
    "recur, else by strata of how much others disagree on the item; intervals are sandwiches over annotators. A slope "
    "within the policy's margin counts as flat. For one annotator: Mantel's trend test within sessions, false "
    "discoveries held by Benjamini–Hochberg, the slope drawn towards the team's; nobody is named on fewer than 50 "
    "judged answers of their own. Where time cannot be told from the items that came late, the verdict says so."
)


def fatigue(material: Material) -> Section:
    """The source with most judgements; each person with enough of their own, where the view speaks of them."""
    part = most_judged(material.part("fatigue"), "error_per_hour")
    if part is None:
        return Section("Fatigue", (Sentences(("Fatigue cannot be told from this export: it has no judged answers.",)),))
    overall = part["overall"]
    by = "" if part["source"] == "none" else f", judged by {part['source']}"
    verdict = f"Verdict for the team{by}: {overall['verdict']}. {overall['sentence']}"
    blocks: list[Block] = [
        Sentences((verdict, *part["advice"])),
        Headlines(
            (
                headline("Errors: change per hour", overall["error_per_hour"], "points"),
                headline("Errors: change per 100 answers", overall["error_per_100"], "points"),
                headline("Time per answer: change per hour", overall["seconds_per_hour"], "change"),
                headline("Errors after a pause", part["recovery"], "points", note="half an hour after against before"),
            )
        ),
    ]
    blocks += _curve(part)
    if part["by_shift"]:
        columns = (Column("key", "shift"), Column("rate", "error rate", "percent"))
        shifts = table(f"fatigue-by-shift-{slug(part)}", "Error rate by shift", columns, part["by_shift"])
        known = any(row["rate"]["value"] is not None for row in part["by_shift"])
        figure = rate_by_clock(part["by_shift"])
        blocks.append(chart(figure, "Dots with intervals: the error rate by shift", shifts) if known else shifts)
    people = [row for row in part["by_annotator"] if row["error_per_hour"]["value"] is not None]
    if people:
        blocks.append(_people(part, people))
    if overall["adjusted_for"]:
        blocks.append(Sentences((f"Adjusted for {', '.join(overall['adjusted_for'])}.",)))
    return Section("Fatigue", tuple(blocks), METHOD)


def _curve(part: Mapping[str, Any]) -> list[Block]:
    rows, at = (part["by_hour"], "hour") if part["by_hour"] else (part["by_position"], "position")
    if not rows:
        return []
    columns = (
        Column(at, "hours since the session began" if at == "hour" else "answers since the session began"),
        Column("n", "judged", "count"),
        Column("adjusted", "adjusted error rate", "percent"),
        Column("rate", "error rate as judged", "percent"),
    )
    note = "As if every session and item had its answers spread alike over time; crosses are the rates as judged."
    below = table(f"fatigue-curve-{slug(part)}", "Error rate within a session", columns, rows, note)
    figure = rate_by_time_on_task(rows, at=at, break_after_minutes=part["break_after_minutes"])
    return [chart(figure, "Line with band: the error rate since the session began, with counts below", below)]


def _people(part: Mapping[str, Any], people: list[Mapping[str, Any]]) -> Table:
    columns = (
        Column("annotator", "annotator"),
        Column("verdict", "verdict"),
        Column("error_per_hour", "change per hour", "points"),
        Column("error_per_100", "change per 100 answers", "points"),
        Column("q", "q", "p"),
        Column("sessions", "sessions", "count"),
    )
    left_out = len(part["by_annotator"]) - len(people)
    note = f"Left out for too few judged answers: {left_out:,}." if left_out else ""
    ordered = sorted(people, key=lambda row: (-row["error_per_hour"]["value"], row["annotator"]))
    below = table(f"fatigue-by-annotator-{slug(part)}", "Fatigue by annotator", columns, ordered, note)
    figure = dots(
        [{"name": row["annotator"], "estimate": row["error_per_hour"], "status": row["verdict"]} for row in ordered],
        axis="change of the error rate, points per hour",
        style="points",
        target=0.0,
        target_name="no change",
    )
    return chart(figure, "Dots with intervals: the change of each annotator's error rate per hour", below)
