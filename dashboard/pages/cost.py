"""Whether review is worth what it costs, and how much of it to buy."""

from typing import Any

import streamlit as st

from dashboard import data, filters, show
from qc.figures import costs, number

BEST = {
    "none": "At these prices review costs more than the errors that it finds.",
    "estimate": "A small random sample is cheapest: it tells when to step in, at little cost.",
    "ranked": "Reviewing the riskiest answers first is cheapest.",
    "all": "Reviewing every answer is cheapest: errors cost more than finding them.",
}

WAYS = {
    "random": "review a random share",
    "estimate": "estimate, then all or none",
    "ranked": "review the riskiest share",
}


def cheapest(curve: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of the curve that the choice names."""
    rows = {
        "none": [row for row in curve if row["rate"] == 0],
        "all": [row for row in curve if row["rate"] == 1],
    }.get(best["choice"], [row for row in curve if row["policy"] == WAYS.get(best["choice"])])
    return min(rows, key=lambda row: row["cost"], default=None)


chosen = filters.selected()
cost = data.section(chosen, "cost")
currency = cost["currency"]
best = cost["best"]

st.title("Cost & impact", anchor=False)
if best["choice"] is None:
    show.nothing(
        "What review is worth cannot be told yet.",
        best.get("reason") or "Judge a random sample on the page Spot checks.",
    )
else:
    st.text(f"{BEST[best['choice']]} Probability that this choice is the cheapest: {best['probability']:.0%}.")

before, after, escaped, each = st.columns(4)
with before:
    show.key_figure("Errors before review", cost["error_before"], "percent")
with after:
    show.key_figure("Errors after review", cost["error_after"], "percent")
with escaped:
    show.key_figure("Errors that escaped", cost["errors_escaped"], "count")
with each:
    show.key_figure("Cost per error found", cost["cost_per_error_found"], "money", currency)

hours, spent, found, even = st.columns(4)
with hours:
    known = cost["review_hours"] is not None
    show.key_number(
        "Hours of review", f"{cost['review_hours']:,.1f} h" if known else "–", cost.get("review_hours_from", "")
    )
with spent:
    known = cost["review_cost"] is not None
    show.key_number(
        "Spent on review", f"{cost['review_cost']:,.2f} {currency}" if known else "–", "at the reviewer's wage"
    )
with found:
    show.key_number("Errors found", f"{cost['errors_found']:,}", "by review so far")
with even:
    known = cost["break_even_rate"] is not None
    show.key_number(
        "Break-even error rate",
        number(cost["break_even_rate"], "percent") if known else "–",
        "review pays above this rate",
    )

if cost["curve"]:
    curve = [{**row, "policy": WAYS.get(row["policy"], row["policy"])} for row in cost["curve"]]
    show.chart(
        "What each way of reviewing costs",
        costs(curve, cheapest=cheapest(curve), currency=currency),
        curve,
        key="costs",
        alt="Curves: total cost by share of answers reviewed, one curve per way of reviewing",
        styles={"rate": "percent", "cost": "money", "escaped": "count"},
        note="Review hours plus the cost of the errors that escape. Prices stand on the page Settings.",
    )
show.sentence("Annotators who answer the same item disagree in", cost["disagreement_rate"], "percent")
