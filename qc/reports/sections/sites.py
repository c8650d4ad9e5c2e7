"""Hubs and shifts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qc.figures import dots, hours_covered
from qc.figures.sayings import standard_said, width_said
from qc.reports.blocks import Block, Column, Section, Sentences, chart, table
from qc.reports.material import Material

METHOD: Final = (
    "Intervals hold for such people, not only for those who work there: people are the clusters, so that a site of few "
    "people has wide ones. A site holds the standard where its errors exceed those of all others by less than the "
    "margin of the policy, beyond reasonable doubt. Cost is the median time at the annotator's wage. An hour of the "
    "day is covered where answers came in on a fifth of the days or more."
)
KINDS: Final = {"site": "Sites", "shift": "Shifts"}


def sites(material: Material) -> Section:
    """Errors, agreement, speed, fatigue, cost and coverage of the 24 hours, by site and by shift."""
    found = material.part("sites")
    blocks: list[Block] = []
    for kind, title in KINDS.items():
        rows = [row for row in found if row["by"] == kind]
        if rows:
            blocks += _beside(rows, kind, title, material.assessment["cost"]["currency"])
    if not blocks:
        nothing = "This export names no sites, and has no times that would tell shifts apart."
        return Section("Sites and shifts", (Sentences((nothing,)),))
    return Section("Sites and shifts", tuple(blocks), METHOD)


def _beside(rows: Sequence[Mapping[str, Any]], kind: str, title: str, currency: str) -> Iterator[Block]:
    told = (*(standard_said(row) for row in rows), width_said(rows))
    yield Sentences(tuple(line for line in told if line))
    columns = (
        Column("key", kind),
        Column("answers", "answers", "count"),
        Column("error", "errors", "percent"),
        Column("agreement", "agreement", "percent"),
        Column("seconds", "seconds per answer", "seconds"),
        Column("cost", "cost per answer", "money", currency),
        *((Column("fatigue", "errors: change per hour", "points"),) if kind == "site" else ()),
        Column("hours_covered", "hours covered", "count"),
        Column("standard", "standard of the others"),
    )
    named = [{**row, "standard": row["standard"]["verdict"]} for row in rows]
    note = f"Errors by {rows[0]['source'] or 'no'} judgements."
    below = table(f"{kind}s", f"{title} side by side", columns, named, note)
    known = [{"name": row["key"], "estimate": row["error"]} for row in rows if row["error"]["value"] is not None]
    alt = f"Dots with intervals: the errors of each {kind}"
    yield chart(dots(known, axis="errors, %"), alt, below) if known else below
    clocked = [{"name": row["key"], **row} for row in rows if row["by_hour"]]
    if clocked:
        yield _coverage(clocked, kind, title)


def _coverage(rows: Sequence[Mapping[str, Any]], kind: str, title: str) -> Block:
    columns = (Column("name", kind), Column("hour", "hour"), Column("share", "days with work", "percent"))
    hours = [
        {"name": row["name"], "hour": f"{part['hour']:02d}:00", "share": part["share"]}
        for row in rows
        for part in row["by_hour"]
        if part["share"]
    ]
    note = "The share of the days worked on which answers came in during that hour, in the project's zone."
    below = table(f"{kind}s-hours", f"Coverage of the 24 hours: {title.lower()}", columns, hours, note)
    return chart(hours_covered(rows), f"Heat map: hours of the day in which each {kind} works", below)
