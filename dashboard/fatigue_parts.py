"""The parts of the page Fatigue: breaks, time of day, sites, runs, individuals, the adjusted model, the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from qc.figures import dots, estimate, number, pauses_saved, rate_by_clock, several
from qc.model import CostPolicy
from qc.workspace.pause_days import PauseDays, pause_days

Part = Mapping[str, Any]
AXIS: Final = "change of the error rate, points per hour"
METHOD: Final = (
    "Slope = Σ w·x̃·y / Σ w·x̃². y is 1 for an error, x the hours since the session began, x̃ what is left of x once the "
    "mean of the session and, where items recur, the effect of the item are taken out (least squares, by alternating "
    "projections over the answers); else sessions are cut into strata by how much the others disagree on the item. w "
    "makes each annotator count by their share of the team's answers, less where their own slope is hardly known; "
    "within a session answers weigh by 1/π, the probability with which they were drawn. The interval is a sandwich "
    "over annotators (Student's t, Satterthwaite's degrees of freedom).",
    "For one annotator: Mantel's trend test within sessions, false discoveries held by Benjamini–Hochberg, the slope "
    "drawn towards the team's (Paule–Mandel).",
    "Cannot separate from item: of all answers, judged or not, under a tenth of the variance of time within sessions "
    "is left once items are taken out.",
    "The cheapest stretch between pauses: m* = √(2·d·w / (b·r·c)) hours, with pauses of d hours at wage w, slope b, r "
    "answers an hour, and cost c of an escaped error; advised only where errors are seen to be lower after pauses.",
)


def pace(overall: Part) -> None:
    """How the time per answer changes along the session and the day."""
    show.key_figures(
        ("Change per hour of the session", overall["seconds_per_hour"], "change"),
        ("Change per 100 answers", overall["seconds_per_100"], "change"),
        ("Change per hour worked that day", overall["seconds_per_day_hour"], "change"),
    )


def nobody_judged(overall: Part) -> None:
    """What can be said without judgements, the time per answer, and how errors come to be known."""
    show.status(overall["verdict"])
    st.text(overall["sentence"])
    st.subheader("Time per answer", anchor=False)
    pace(overall)
    st.caption("Draw a sample on the page Spot checks, or read gold answers on the page Data, and errors will tell.")


def breaks(part: Part, cost: CostPolicy) -> None:
    """Whether pauses restore, and what they would save and cost in a day."""
    st.subheader("Breaks", anchor=False)
    show.sentence("Errors in the half hour after a pause against before", part["recovery"], "points")
    slope = part["overall"]["error_per_hour"]["value"]
    if slope is None or slope <= 0 or not part["answers_per_hour"]:
        return
    left, right = st.columns(2)
    with left:
        length = st.slider("Length of a pause, minutes", 5, 30, 10, 5, key="fatigue-pause")
    with right:
        price = st.number_input(
            f"Cost of an escaped error, {cost.currency}",
            min_value=0.01,
            value=max(cost.escaped_error, 0.01),
            key="fatigue-price",
        )
    days = pause_days(part, cost, float(length), float(price))
    if days is None:
        return
    st.text(_what_if(days, cost.currency))
    show.chart(
        "What pauses would save",
        pauses_saved(days.rows, chosen=days.minutes, n=part["overall"]["error_per_hour"]["n"], currency=cost.currency),
        days.rows,
        key="fatigue-pauses",
        alt="Lines: money saved and lost per day and person, by minutes of work between pauses",
        styles={"saved": "money", "lost": "money", "net": "money"},
        note=f"At {part['answers_per_hour']:.0f} answers an hour and the team's slope; pauses come on top of work.",
    )


def _what_if(days: PauseDays, currency: str) -> str:
    lost, saved, net, low, high = (
        number(value, "money", currency)
        for value in (days.plan.money_lost, days.plan.money_saved, days.plan.net, days.low, days.high)
    )
    if not days.plan.pauses:
        return f"No pause pays at these prices in a day of {days.hours:.1f} hours: its time costs more than it saves."
    return (
        f"If a pause restores, one every {days.minutes:.0f} minutes costs least. A day of {days.hours:.1f} hours then "
        f"has {several(days.plan.pauses, 'pause')}: {days.plan.minutes_lost:.0f} minutes lost ({lost}), "
        f"{days.plan.errors_saved:.1f} errors saved ({saved}). That is {net} a day and person, {low} to {high} over "
        "the interval of the slope."
    )


def clock(part: Part) -> None:
    """Error rates by shift and hour, apart from time on task."""
    if not part["by_shift"]:
        return
    view = show.pick("Time of day", ["by shift", "by hour"], "fatigue-clock")
    rates = part["by_shift"] if view == "by shift" else part["by_clock"]
    if all(row["rate"]["value"] is None for row in rates):
        st.text(f"Error rate {view}: – ({rates[0]['rate']['reason']})")
        return
    show.chart(
        "Error rate by time of day",
        rate_by_clock(rates),
        rates,
        key=f"fatigue-{view.replace(' ', '-')}",
        alt="Dots with intervals: the error rate by time of day, apart from time on task",
        styles={"rate": "percent"},
        note="Within annotators, with time on task and difficulty taken out: what the hour itself does.",
    )


def sites(part: Part) -> None:
    """The slope at each site."""
    if not part["by_site"]:
        return
    rows = [{"name": row["site"], "estimate": row["error_per_hour"]} for row in part["by_site"]]
    show.chart(
        "By site",
        dots(rows, axis=AXIS, style="points", target=0.0, target_name="no change"),
        part["by_site"],
        key="fatigue-sites",
        alt="Dots with intervals: the change of the error rate per hour at each site",
        styles={"error_per_hour": "points"},
    )


def runs(part: Part) -> None:
    """What many similar items in a row do."""
    alike = part["monotony"]
    if alike["error_per_10"]["value"] is None:
        return
    show.sentence("Errors with ten more similar items in a row", alike["error_per_10"], "points")
    if alike["by_kind"]:
        styles = {"error_per_10": "points", "q": "plain"}
        show.table("Runs of similar items, by kind", alike["by_kind"], key="fatigue-kinds", styles=styles)


def individuals(part: Part) -> None:
    """Each annotator's slope, behind an expander: the page speaks of the team."""
    people = part["by_annotator"]
    rows = [{"name": row["annotator"], "estimate": row["error_per_hour"], "status": row["verdict"]} for row in people]
    if not any(row["estimate"]["value"] is not None for row in rows):
        if rows:
            show.nothing(
                "No single annotator has enough judged answers for a slope of their own.",
                f"For example {rows[0]['name']}: {estimate(rows[0]['estimate'], 'points')}",
            )
        return
    with st.expander("Individuals", icon=":material/group:"):
        clicked = show.chart(
            "By annotator",
            dots(rows, axis=AXIS, style="points", target=0.0, target_name="no change"),
            people,
            key="fatigue-people",
            alt="Dots with intervals: the change of each annotator's error rate per hour",
            styles={"error_per_hour": "points", "error_per_100": "points", "q": "plain"},
            note="Drawn towards the team; nobody is shown on fewer than 50 judged answers of their own. "
            "Click a point to open the person.",
        )
        if clicked:
            behind.annotator_page(clicked[0])


def model(chosen: Selection, source: str) -> None:
    """The model with covariates, fitted when it is asked for."""
    if source == "none" or not st.button(
        "Fit the adjusted model", icon=":material/functions:", help="Label, difficulty, day, shift, site beside time."
    ):
        return
    found = data.adjusted_fatigue(chosen, source)
    with st.container(border=True):
        show.sentence("Beside its covariates an hour changes the error rate by", found["error_per_hour"], "points")
        show.sentence("and the odds of an error by the factor", found["odds_per_hour"])
        beside = ", ".join(found["covariates"]) or "nothing varies"
        st.caption(show.plain(f"{found['formula']}. Beside time: {beside}."))


def method() -> None:
    """How the figures of the page are made."""
    with st.expander("How this is computed", icon=":material/functions:"):
        for paragraph in METHOD:
            st.text(paragraph)
