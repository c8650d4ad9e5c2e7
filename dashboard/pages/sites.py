"""Hubs and shifts side by side."""

import streamlit as st

from dashboard import data, filters, show
from qc.figures import Style, dots, hours_covered, ranged
from qc.figures.sayings import standard_said, width_said

FIGURES: dict[str, tuple[str, str, Style]] = {
    "error": ("Errors", "errors, %", "percent"),
    "agreement": ("Agreement", "agreement of two people, %", "percent"),
    "seconds": ("Seconds per answer", "median of seconds per answer", "seconds"),
    "cost": ("Cost per answer", "cost per answer", "money"),
    "fatigue": ("Fatigue", "errors per hour at work, points", "points"),
}
STYLES: dict[str, Style] = {name: style for name, (_, _, style) in FIGURES.items()}


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
    st.text(standard_said(row))
if why := width_said(rows):
    st.caption(show.plain(why))

known = [name for name in FIGURES if any(row[name]["value"] is not None for row in rows)]
others = [name for name in known if name != "error"]
show.table(
    "Side by side",
    [
        {
            "name": row["key"],
            "answers": row["answers"],
            **{FIGURES[name][0]: ranged(row[name], FIGURES[name][2], currency) for name in known},
            **{name: row[name] for name in known},
            "hours_covered": row["hours_covered"],
            "standard": row["standard"]["verdict"],
        }
        for row in rows
    ],
    key="sites",
    styles={**STYLES, "answers": "count"},
    order=("name", "answers", "Errors", "error_n", "standard", *(FIGURES[name][0] for name in others), "hours_covered"),
    note=f"Errors as judged by {rows[0]['source'] or 'nobody'}. Cost at the annotator's wage, {currency}. Hours "
    "covered: hours of the day in which answers came in on a fifth of the days or more.",
)

titles = {FIGURES[name][0]: name for name in known}
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
clocked = [{"name": row["key"], **row} for row in rows if row["by_hour"]]
if clocked:
    show.chart(
        "Coverage of the 24 hours",
        hours_covered(clocked),
        [
            {
                "name": row["name"],
                "days": row["days"],
                **{f"{part['hour']:02d}": part["share"] for part in row["by_hour"]},
            }
            for row in clocked
        ],
        key="sites-hours",
        alt="Heat map: on which share of its days each site or shift works in each hour",
        styles={"days": "count", **{f"{hour:02d}": "percent" for hour in range(24)}},
        note="The share of the days worked on which answers came in during that hour, in the project's zone.",
    )
