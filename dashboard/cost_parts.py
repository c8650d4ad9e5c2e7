"""The parts of the page Cost & impact: what was found and is left, what a change saves, and what to review next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import CHOICES, WAYS, Style, before_after, costs, labels_or_review, number, ranged
from qc.workspace.assess.cost_words import swap_sentence
from qc.workspace.impact import Asked

# What a reader of the list of work looks for first.
WORK: Final = ("item_id", "annotator", "label", "p_error", "benefit", "reasons")
READ: Final = {
    "share": "Share of errors",
    "before": "Before review",
    "after": "After review",
    "escaped": "Errors left",
    "cost": "Their cost",
}
BY_LABEL: Final = " Answers are counted by the label given, errors by the right one."
LATE: Final = ("price", "review_cost")
STYLES: Final[Mapping[str, Style]] = {
    "before": "percent",
    "after": "percent",
    "escaped": "count",
    "price": "money",
    "cost": "money",
    "review_cost": "money",
    "share": "percent",
}


def key_figures(cost: Mapping[str, Any]) -> None:
    """What review cost and found, and what is left, as boxes."""
    currency = cost["currency"]
    show.key_figures(
        ("Errors before review", cost["error_before"], "percent"),
        ("Errors after review", cost["error_after"], "percent"),
        ("Errors that escaped", cost["errors_escaped"], "count"),
        ("Annotators who disagree", cost["disagreement_rate"], "percent"),
    )
    boxes = st.columns(4)
    with boxes[0]:
        show.key_number("Hours of review", f"{cost['review_hours']:,.2f} h", cost["review_hours_from"])
    with boxes[1]:
        show.key_number("Spent on review", number(cost["review_cost"], "money", currency), "at the reviewer's wage")
    with boxes[2]:
        note = "none with a correction on record"
        if cost["errors_corrected"]:
            note = f"{cost['errors_corrected']:,} with a correction on record"
        show.key_number("Errors found", f"{cost['errors_found']:,}", note)
    with boxes[3]:
        show.key_figure("Cost of errors that escaped", cost["escaped_cost"], "money", currency)
    boxes = st.columns(4)
    for box, (label, name) in zip(
        boxes,
        (
            ("Cost per error found", "cost_per_error_found"),
            ("Per next error, at random", "cost_per_error_next"),
            ("Per next error, the riskiest", "cost_per_error_riskiest"),
        ),
        strict=False,
    ):
        with box:
            show.key_figure(label, cost[name], "money", currency)
    with boxes[3]:
        even = cost["break_even_rate"]
        seen = cost["reviewers"]
        show.key_number(
            "Break-even error rate",
            "–" if even is None else number(even, "percent"),
            f"review pays above it; reviewers see {number(seen['sensitivity'], 'percent')} of errors and pass "
            f"{number(seen['specificity'], 'percent')} of right answers, by {seen['source']}",
        )


def suppose(chosen: Selection, cost: Mapping[str, Any]) -> Asked:
    """Sliders for prices and people, and two shares to compare; at first as things are."""
    seen = cost["reviewers"]
    with st.container(border=True):
        st.subheader("What if?", anchor=False)
        st.caption("At first as the project says and as was measured. Nothing here is saved: prices stand on Settings.")
        first = st.columns(3)
        policy = data.current_policy(chosen).cost
        hourly = cost["review_cost"] / cost["review_hours"] if cost["review_hours"] else policy.reviewer_wage
        minutes = policy.review_minutes
        if cost["review_hours"] and cost["cost_per_error_found"]["n"]:
            minutes = 60 * cost["review_hours"] / cost["cost_per_error_found"]["n"]
        each, sees, passes = float(cost["escaped_price"]), 100 * seen["sensitivity"], 100 * seen["specificity"]
        # Sliders begin anew where they would begin elsewhere: what was moved belongs to what it was moved from.
        key = sha256(f"{chosen.project} {hourly} {minutes} {each} {seen}".encode()).hexdigest()[:12]
        wage = first[0].slider(
            f"Reviewer, {policy.currency} per hour", 0.0, _top(hourly), float(hourly), 0.5, key=f"wage-{key}"
        )
        took = first[1].slider("Minutes per review", 0.0, _top(minutes), float(minutes), 0.05, key=f"minutes-{key}")
        escaped = first[2].slider(
            f"An error that escapes, {policy.currency}", 0.0, _top(each), each, 0.5, key=f"escaped-{key}"
        )
        second = st.columns(4)
        sharp = second[0].slider("Errors seen, %", min(50.0, sees), 100.0, sees, 0.5, key=f"seen-{key}")
        fair = second[1].slider("Right ones passed, %", min(80.0, passes), 100.0, passes, 0.1, key=f"passed-{key}")
        share = second[2].number_input("The riskiest, %", 0.0, 100.0, 6.0, 0.5, key="if-share")
        random = second[3].number_input("Instead of, at random, %", 0.0, 100.0, 10.0, 0.5, key="if-random")
    return Asked(
        reviewer_wage=_moved(wage, hourly),
        review_minutes=_moved(took, minutes),
        escaped_error=_moved(escaped, each),
        sensitivity=_moved(sharp / 100, seen["sensitivity"]),
        specificity=_moved(fair / 100, seen["specificity"]),
        share=share / 100,
        random=random / 100,
    )


def _moved(value: float, before: float) -> float | None:
    """What a slider was moved to; None while it stands where it stood."""
    return None if abs(value - before) < 1e-9 else value


def _top(value: float) -> float:
    return float(max(1.0, 4 * value))


def decision(cost: Mapping[str, Any]) -> None:
    """What to do at these prices, in sentences, a picture and a table."""
    currency = cost["currency"]
    if cost["swap"] is not None:
        with st.container(border=True):
            st.subheader("The riskiest instead of a random share", anchor=False)
            st.text(swap_sentence(cost, cost["swap"]))
            st.caption(
                "Keep a small random share beside it: without one nobody can tell how many errors there are, or that "
                "the risk still tells where they lie."
            )
    if cost["not_ranked"] is not None:
        show.nothing("What the riskiest answers would find cannot be told yet.", f"{cost['not_ranked'].capitalize()}.")
    if not cost["curve"]:
        return
    curve = [{**row, "policy": WAYS.get(row["policy"], row["policy"])} for row in cost["curve"]]
    show.chart(
        "What each way of reviewing costs",
        costs(curve, cheapest=_cheapest(cost), currency=currency),
        curve,
        key="costs",
        alt="Curves: total cost by share of answers reviewed, one curve per way of reviewing",
        styles={"rate": "percent", "cost": "money", "escaped": "count"},
        note="For as many answers again: hours of review, errors that escape, and right answers flagged in vain.",
    )
    rows = [{**row, "choice": CHOICES[row["choice"]]} for row in cost["options"]]
    show.table(
        "Each way of reviewing at its best",
        rows,
        key="options",
        styles={"rate": "percent", "cost": "money", "cost_low": "money", "cost_high": "money", "escaped": "count"},
        note=f"Money in {currency}; low and high: 95 % of what it may cost, as the error rate is not known exactly. "
        "A sample to decide by is left out where what it would tell is known already.",
    )


def _cheapest(cost: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((row for row in cost["options"] if row["choice"] == cost["best"]["choice"]), None)


def breakdown(cost: Mapping[str, Any]) -> None:
    """What is left by month, label, site, batch and severity."""
    if cost["by_month"]:
        show.chart(
            "Errors before and after review, by month",
            before_after(cost["by_month"]),
            cost["by_month"],
            key="cost-months",
            alt="Lines with intervals: the error rate before and after review in each month",
            styles=STYLES,
            note="By the month in which answers were submitted.",
        )
    names = {"label": "label", "site": "site", "batch": "batch"}
    there = [name for name in names if cost[f"by_{name}"]]
    if there:
        chosen = show.pick("Errors left by", there, "cost-by")
        show.table(
            f"Errors left by {chosen}",
            _read(cost[f"by_{chosen}"], cost["currency"]),
            key=f"cost-{chosen}",
            styles=STYLES,
            note=f"Money in {cost['currency']}.{BY_LABEL if chosen == 'label' else ''}",
        )
    if cost["by_severity"]:
        show.table(
            "Cost of escaped errors by severity",
            _read(cost["by_severity"], cost["currency"]),
            key="cost-severity",
            styles=STYLES,
            note=f"Errors left, divided as those that were found. Money in {cost['currency']}.",
        )


def _read(rows: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """The rows with their estimates first as they read, then as numbers."""
    return [
        {
            **{name: value for name, value in row.items() if name not in READ and name not in LATE},
            **{words: _said(row[name], name, currency) for name, words in READ.items() if name in row},
            **{name: row[name] for name in (*LATE, *READ) if name in row},
        }
        for row in rows
    ]


def _said(e: Mapping[str, Any], name: str, currency: str) -> str:
    return ranged(e, STYLES[name], currency if STYLES[name] == "money" else "")


def votes(cost: Mapping[str, Any]) -> None:
    """More labels an item, or review at the same price."""
    if len(cost["by_votes"]) < 2:
        return
    show.chart(
        "More labels an item, or review at the same price",
        labels_or_review(cost["by_votes"]),
        cost["by_votes"],
        key="cost-votes",
        alt="Lines: errors left by number of labels an item, and with review at the same price",
        styles={"error": "percent", "reviewed_error": "percent", "review_share": "percent", "paid": "money"},
        note="Every choice of so many of the labels given, against gold; nothing is smoothed. A label costs the "
        "annotators' median time at their wage; what a reviewer flags is taken to be changed.",
    )


def worklist(chosen: Selection, cost: Mapping[str, Any], asked: Asked) -> None:
    """The answers that a week's hours go furthest on, for who may see single answers."""
    if cost["week"] is None:
        return
    with st.container(border=True):
        st.subheader("With the hours of a week, review these", anchor=False)
        hours = st.number_input("Hours a week", 0.0, 10_000.0, float(cost["week"]["hours"]), 1.0, key="if-hours")
        at = data.supposed(chosen, asked, hours)
        st.text(at["sentences"][-1])
    if not data.may(chosen, "answers"):
        return
    rows = data.worklist(chosen, asked, hours)
    if len(rows):
        show.table(
            "The answers, the most worth first",
            rows,
            key="worklist",
            styles={"p_error": "percent", "benefit": "money", "risk": "plain"},
            order=(*WORK, *(name for name in rows if name not in WORK)),
            note=f"p error: how likely each is wrong; benefit: what its review saves, in {cost['currency']}. The "
            "button CSV takes the list along.",
        )
