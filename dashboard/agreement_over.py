"""The parts of the page Agreement on its weeks and groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import show
from qc.figures import agreement_by_week, dots, estimate, number
from qc.figures.words import Style

Part = Mapping[str, Any]

BY: Final = {"batch": "batch", "guideline": "guideline version", "site": "site", "tag": "tag", "week": "week"}


def over_time(part: Part) -> None:
    """The trend by week, with what changed."""
    figure_of, axis, style = _followed(part)
    weeks = [week for week in part["by_period"] if week[figure_of]["value"] is not None]
    if not weeks:
        st.caption("No trend: the export has no times, or no week has items that two people answered.")
        return
    changes = part.get("changes", [])
    show.chart(
        "Week by week",
        agreement_by_week(part["by_period"], changes, figure_of=figure_of, axis=axis, style=style),
        part["by_period"],
        key="weeks",
        alt="Line with band: agreement by week",
        styles={"percent": "percent"},
        note="An item counts in the week in which it was first answered. Shaded: the weeks in which agreement may "
        "have changed."
        if changes
        else "An item counts in the week in which it was first answered.",
    )
    step = part.get("changes_by", "week")
    since = "the week of " if step == "week" else ""
    for change in changes:
        st.text(f"From {since}{change['period']} on: {_moved(axis, style, change)}.")
    for alone in part.get("outliers", ()):
        st.text(f"Alone among the others, {since}{alone['period']}: {_moved(axis, style, alone)}.")
    if part.get("changes_note"):
        st.caption(show.plain(f"Changes: {part['changes_note']}."))
    if part.get("drift") and part["drift"]["value"] is not None:
        show.sentence(f"Drift of {axis} a {step}, on a straight line", part["drift"], _of_difference(style))


def _followed(part: Part) -> tuple[str, str, Style]:
    """What is followed over weeks, which is what changes are looked for in: its name in a row, in words, its style."""
    if "f1" in part:
        return "f1", "F1", "plain"
    return ("percent", "words in common", "percent") if part["kind"] == "text" else ("alpha", "alpha", "plain")


def _of_difference(style: Style) -> Style:
    return "points" if style == "percent" else style


def _moved(axis: str, style: Style, by: Mapping[str, Any]) -> str:
    change, style = by["alpha"], _of_difference(style)
    direction = "up" if (change["value"] or 0) > 0 else "down"
    size = number(abs(change["value"] or 0), style).lstrip("+")
    said = number(by["p"], "p")
    p = said if said.startswith("<") else f"= {said}"
    return f"{axis} {direction} by {size}, {estimate(change, style)} (p {p})"


def _chance_of_groups(part: Part, figure_of: str) -> str:
    if figure_of != "alpha":
        return ""
    if part.get("distances"):
        return " Chance is that of all answers, so that groups of little variety compare with the others."
    return " Chance is reckoned within each group: where nearly all answers have one label, alpha is low."


def groups(part: Part, figure_of: str = "alpha") -> None:
    """Agreement within batches, sites, guideline versions and tags, and whether two of them differ."""
    splits = part.get("splits", [])
    known = [row[figure_of] for split in splits for row in split["groups"] if row[figure_of]["value"] is not None]
    # One axis for all, so that a small gap does not look large.
    lowest = min((e["value"] if e["low"] is None else e["low"] for e in known), default=0.0)
    for split in splits:
        rows = split["groups"]
        if rows:
            show.chart(
                f"By {BY[split['by']]}",
                dots(
                    [{"name": f"{row['key']} · {row['items']:,}", "estimate": row[figure_of]} for row in rows],
                    axis="alpha" if figure_of == "alpha" else "agreement of two people",
                    style="plain",
                    limits=(min(lowest, 0.9) - 0.02, 1.02),
                ),
                rows,
                key=f"split-{split['by']}",
                alt=f"Dots with intervals: agreement by {BY[split['by']]}",
                styles={"percent": "percent", "items": "count"},
                note=f"With the number of items that two people answered.{_chance_of_groups(part, figure_of)}",
            )
        if split["left_out"]:
            st.caption(show.plain(f"{split['left_out'][:1].upper()}{split['left_out'][1:]}."))
    differing = part.get("differences", [])
    of_alpha = any(row["alpha"]["value"] is not None for row in differing)
    if differing:
        show.table(
            "Do they differ?",
            [
                {
                    "by": BY[row["by"]],
                    "first": row["first"],
                    "second": row["second"],
                    **({"alpha": row["alpha"], "p": row["p"]} if of_alpha else {}),
                    "percent": row["percent"],
                    "p_percent": row["p_percent"],
                    "shared_items": row["shared_items"],
                    "shared_annotators": row["shared_annotators"],
                }
                for row in differing
            ],
            key="differences",
            styles={"alpha": "plain", "percent": "points"},
            note="Second less first, for such a team; items and people whom both share are paired.",
        )
