"""Whether review is worth what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from qc.figures import CHOICES, WAYS, before_after, costs, labels_or_review, number
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, chart, count, headline, table
from qc.reports.material import Material

METHOD: Final = (
    "Total cost is the hours of review, the errors that escape and the right answers flagged in vain. Errors left are "
    "those in all answers (weighted) less those that reviews found, corrected for what reviewers miss and flag in vain "
    "at their sensitivity and specificity, measured where it can be, else as the policy says; the interval knows how "
    "they err. The choice is the one of least expected cost over the posterior of the error rate and of how it differs "
    "by risk; its probability is that of being the cheapest."
)


def cost(material: Material) -> Section:
    """What review cost and bought, errors before and after, and the cheapest way to go on."""
    spent = material.assessment["cost"]
    currency = spent["currency"]
    blocks: list[Block] = [
        Sentences(tuple(spent["sentences"]), listed=True),
        Headlines(
            (
                headline("Errors before review", spent["error_before"], "percent"),
                headline("Errors after review", spent["error_after"], "percent"),
                headline("Errors that escaped", spent["errors_escaped"], "count"),
                headline("Cost of errors that escaped", spent["escaped_cost"], "money", currency),
            )
        ),
        Headlines(
            (
                headline("Cost per error found", spent["cost_per_error_found"], "money", currency),
                headline("Per next error, at random", spent["cost_per_error_next"], "money", currency),
                headline("Per next error, the riskiest", spent["cost_per_error_riskiest"], "money", currency),
                headline("Annotators who disagree", spent["disagreement_rate"], "percent"),
            )
        ),
        Headlines(
            (
                count("Hours of review", f"{spent['review_hours']:,.2f} h", spent["review_hours_from"]),
                count("Spent on review", _number(spent["review_cost"], "money", currency), "at the reviewer's wage"),
                count("Errors found", f"{spent['errors_found']:,}", "by review so far"),
                count("Break-even error rate", _number(spent["break_even_rate"], "percent"), "review pays above it"),
            )
        ),
    ]
    if spent["curve"]:
        curve = [{**row, "policy": WAYS.get(row["policy"], row["policy"])} for row in spent["curve"]]
        columns = (
            Column("policy", "way of reviewing"),
            Column("rate", "share reviewed", "percent"),
            Column("cost", "total cost", "money", currency),
            Column("escaped", "errors that escape", "count"),
        )
        below = table("cost-curve", "What each way of reviewing costs", columns, curve)
        figure = costs(curve, cheapest=_cheapest(spent), currency=currency)
        blocks.append(chart(figure, "Curves: total cost by share of answers reviewed", below))
    return Section("Cost and impact", (*blocks, *_ways(spent), *_breakdown(spent), *_votes(spent)), METHOD)


def _ways(spent: Mapping[str, Any]) -> Iterator[Block]:
    if not spent["options"]:
        return
    currency = spent["currency"]
    columns = (
        Column("choice", "way of reviewing"),
        Column("rate", "share reviewed", "percent"),
        Column("cost", "total cost", "money", currency),
        Column("cost_low", "95 % from", "money", currency),
        Column("cost_high", "to", "money", currency),
        Column("escaped", "errors that escape", "count"),
    )
    rows = [{**row, "choice": CHOICES.get(row["choice"], row["choice"])} for row in spent["options"]]
    yield table("cost-options", "Each way of reviewing at its best", columns, rows)


def _breakdown(spent: Mapping[str, Any]) -> Iterator[Block]:
    """What is left by month with its picture, by label, site and batch, and by severity."""
    currency = spent["currency"]

    def columns(key: str) -> tuple[Column, ...]:
        return (
            Column("key", key),
            Column("answers", "answers", "count"),
            Column("reviewed", "reviewed", "count"),
            Column("found", "errors found", "count"),
            Column("before", "before review", "percent"),
            Column("after", "after review", "percent"),
            Column("escaped", "errors left", "count"),
            Column("cost", "their cost", "money", currency),
            Column("review_cost", "cost of review", "money", currency),
        )

    if spent["by_month"]:
        below = table("cost-months", "Errors before and after review, by month", columns("month"), spent["by_month"])
        yield chart(before_after(spent["by_month"]), "Lines: error rate before and after review by month", below)
    for key in ("label", "site", "batch"):
        if spent[f"by_{key}"]:
            yield table(f"cost-{key}", f"Errors left by {key}", columns(key), spent[f"by_{key}"])
    if spent["by_severity"]:
        severity = (
            Column("severity", "severity"),
            Column("n", "errors found", "count"),
            Column("price", "price of one", "money", currency),
            Column("escaped", "errors left", "count"),
            Column("cost", "their cost", "money", currency),
        )
        yield table("cost-severity", "Cost of escaped errors by severity", severity, spent["by_severity"])


def _votes(spent: Mapping[str, Any]) -> Iterator[Block]:
    if len(spent["by_votes"]) < 2:
        return
    columns = (
        Column("labels", "labels an item", "count"),
        Column("paid", "paid an item", "money", spent["currency"]),
        Column("error", "majority wrong", "percent"),
        Column("review_share", "or single labels, reviewed", "percent"),
        Column("reviewed_error", "then wrong", "percent"),
    )
    below = table("cost-votes", "More labels an item, or review at the same price", columns, spent["by_votes"])
    yield chart(labels_or_review(spent["by_votes"]), "Lines: errors by labels an item, and with review instead", below)


def _cheapest(spent: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((row for row in spent["options"] if row["choice"] == spent["best"]["choice"]), None)


def _number(value: float | None, style: Any, unit: str = "") -> str:
    if value is None:
        return "–"
    return number(value, style, unit)
