"""Whether review is worth what it costs, and how sites compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures import costs, dots, number
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, chart, count, headline, table
from qc.reports.material import Material
from qc.reports.sections.errors import most_judged, slug

BEST: Final = {
    "none": "At these prices review costs more than the errors that it finds",
    "estimate": "A small random sample is cheapest: it tells when to step in, at little cost",
    "ranked": "Reviewing the riskiest answers first is cheapest",
    "all": "Reviewing every answer is cheapest: errors cost more than finding them",
}
WAYS: Final = {
    "random": "review a random share",
    "estimate": "estimate, then all or none",
    "ranked": "review the riskiest share",
}
METHOD: Final = (
    "Total cost is the hours of review plus the cost of the errors that escape. Error rates are corrected for what "
    "reviewers miss and flag in vain, at the sensitivity and specificity of the policy. The choice is the one of least "
    "expected cost over the posterior of the error rate; its probability is that of being the cheapest."
)


def cost(material: Material) -> Section:
    """What review cost and bought, errors before and after, and the cheapest way to go on."""
    spent = material.assessment["cost"]
    currency, best = spent["currency"], spent["best"]
    blocks: list[Block] = [
        Sentences(tuple(_said(spent))),
        Headlines(
            (
                headline("Errors before review", spent["error_before"], "percent"),
                headline("Errors after review", spent["error_after"], "percent"),
                headline("Errors that escaped", spent["errors_escaped"], "count"),
                headline("Cost per error found", spent["cost_per_error_found"], "money", currency),
            )
        ),
        Headlines(
            (
                count("Hours of review", _number(spent["review_hours"], "plain", "h"), spent["review_hours_from"]),
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
        figure = costs(curve, cheapest=_cheapest(curve, best["choice"]), currency=currency)
        blocks.append(chart(figure, "Curves: total cost by share of answers reviewed", below))
    return Section("Cost and impact", tuple(blocks), METHOD)


def sites(material: Material) -> Section:
    """Error rate, slope and speed of each site."""
    judged = most_judged(material.part("errors"), "")
    tired = most_judged(material.part("fatigue"), "error_per_hour")
    paced = (material.assessment.get("time") or {}).get("throughput", {}).get("by_site", ())
    rows: dict[str, dict[str, Any]] = {}
    for row in judged["by_site"] if judged else ():
        rows.setdefault(row["key"], {}).update(errors=row["rate"])
    for row in tired["by_site"] if tired else ():
        rows.setdefault(row["site"], {}).update(slope=row["error_per_hour"])
    for row in paced:
        if row["key"]:
            rows.setdefault(row["key"], {}).update(
                seconds=row["seconds_per_answer"], people=row["people"], answers=row["answers"]
            )
    if not rows:
        return Section("Sites", (Sentences(("This export names no sites, so they cannot be compared.",)),))
    columns = (
        Column("site", "site"),
        Column("people", "people", "count"),
        Column("answers", "answers", "count"),
        Column("errors", "error rate", "percent"),
        Column("slope", "errors: change per hour", "points"),
        Column("seconds", "seconds per answer", "seconds"),
    )
    below = table("sites", "Sites side by side", columns, [{"site": site, **row} for site, row in sorted(rows.items())])
    known = [{"name": site, "estimate": row["errors"]} for site, row in sorted(rows.items()) if "errors" in row]
    if not any(row["estimate"]["value"] is not None for row in known):
        return Section("Sites", (below,))
    figure = dots(known, axis=f"error rate, judged by {slug(judged or {'source': ''})}, %")
    return Section("Sites", (chart(figure, "Dots with intervals: the error rate of each site", below),))


def _said(spent: Mapping[str, Any]) -> Sequence[str]:
    best = spent["best"]
    if best["choice"] is None:
        yet = best["reason"] or "judge a random sample first"
        return [f"What review is worth cannot be told yet: {yet}."]
    sentences = [f"{BEST[best['choice']]} (probability that this is the cheapest: {100 * best['probability']:.0f} %)."]
    if best["rate_low"] is not None and best["rate_high"] is not None and best["rate_low"] < best["rate_high"]:
        sentences.append(
            f"Shares from {number(best['rate_low'], 'percent')} to {number(best['rate_high'], 'percent')} cost within "
            "2 % of the least."
        )
    return sentences


def _cheapest(curve: Sequence[Mapping[str, Any]], choice: str | None) -> Mapping[str, Any] | None:
    rows = {"none": [row for row in curve if row["rate"] == 0], "all": [row for row in curve if row["rate"] == 1]}.get(
        choice or "", [row for row in curve if row["policy"] == WAYS.get(choice or "")]
    )
    return min(rows, key=lambda row: row["cost"], default=None)


def _number(value: float | None, style: Any, unit: str = "") -> str:
    if value is None:
        return "–"
    return f"{number(value, style, unit)} {unit}" if style == "plain" else number(value, style, unit)
