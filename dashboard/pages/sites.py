"""Hubs and shifts side by side."""

from typing import Any

import streamlit as st

from dashboard import data, filters, show
from qc.figures import Style, dots

FIGURES: dict[str, tuple[str, str, Style]] = {
    "error": ("Errors", "errors, %", "percent"),
    "agreement": ("Agreement", "agreement of two people, %", "percent"),
    "seconds": ("Seconds per answer", "median of seconds per answer", "seconds"),
    "cost": ("Cost per answer", "cost per answer", "money"),
    "fatigue": ("Fatigue", "errors per hour at work, points", "points"),
}
STYLES: dict[str, Style] = {name: style for name, (_, _, style) in FIGURES.items()}


def told(row: dict[str, Any]) -> str:
    """Whether a site or shift holds the standard of the others."""
    margin = f"{row['standard']['margin'] * 100:g} point{'' if row['standard']['margin'] == 0.01 else 's'}"
    return {
        "holds the standard": f"{row['key']} holds the standard of the others within {margin}.",
        "does not hold the standard": f"{row['key']} does not hold the standard of the others within {margin}.",
    }.get(row["standard"]["verdict"], f"Whether {row['key']} holds the standard of the others is not yet clear.")


chosen = filters.selected()
sites = data.section(chosen, "sites")
currency = data.current_policy(chosen).cost.currency

st.title("Sites & shifts", anchor=False)
if not sites:
    show.nothing(
        "This project names no sites, and has no times that would tell shifts apart.",
        "Export a site with each answer or item, and the time at which it was submitted.",
    )
    st.stop()
kinds = {
    word: [row for row in sites if row["by"] == kind]
    for word, kind in (("Sites", "site"), ("Shifts", "shift"))
    if any(row["by"] == kind for row in sites)
}
rows = kinds[show.pick("Side by side", list(kinds), "sites-kind")]
for row in rows:
    st.text(told(row))

show.table(
    "Side by side",
    [
        {
            "name": row["key"],
            "answers": row["answers"],
            **{name: row[name] for name in FIGURES},
            "hours_covered": row["hours_covered"],
            "standard": row["standard"]["verdict"],
        }
        for row in rows
    ],
    key="sites",
    styles={**STYLES, "answers": "count"},
    note=f"Errors by {rows[0]['source'] or 'no'} judgements. Cost at the annotator's wage, {currency}. Hours covered: "
    "hours of the day in which work came in on a fifth of the days or more.",
)

titles = {FIGURES[name][0]: name for name in FIGURES if any(row[name]["value"] is not None for row in rows)}
if titles:
    figure = titles[show.pick("Figure", list(titles), "sites-figure")]
    title, axis, style = FIGURES[figure]
    show.chart(
        title,
        dots(
            [{"name": row["key"], "estimate": row[figure]} for row in rows],
            axis=f"{axis}, {currency}" if figure == "cost" else axis,
            style=style,
        ),
        [{"name": row["key"], figure: row[figure]} for row in rows],
        key=f"sites-{figure}",
        alt=f"Dots with intervals: {title.lower()} side by side",
        styles={figure: style},
        note="Intervals hold for such people, not only for these.",
    )
if any(row["by_hour"] for row in rows):
    table = [
        {"name": row["key"], **{f"{part['hour']:02d}": part["share"] for part in row["by_hour"]}}
        for row in rows
        if row["by_hour"]
    ]
    show.table(
        "Coverage of the 24 hours",
        table,
        key="sites-hours",
        styles={f"{hour:02d}": "percent" for hour in range(24)},
        note="The share of the days worked on which something was submitted in that hour, in the project's zone.",
    )
