"""The design of a sample in words, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qc.figures.words import number, several


def sentences(plan: Mapping[str, Any], currency: str) -> tuple[str, ...]:
    """What a plan of `qc.workspace.sample.plan` takes, shows and costs."""
    if not plan["total"]:
        return (f"Nothing to draw from {several(plan['new_answers'], 'new answer')}.",)
    second = plan["reviews"] - plan["total"]
    taken = (
        f"About {several(plan['total'], 'answer')} of {plan['new_answers']:,} new ones: {plan['by_lot']:,.0f} by lot, "
        f"{plan['by_risk']:,.0f} by risk, {plan['routed']:,.0f} routed. {shares(plan)}"
    )
    told = f"They tell as much as {several(round(plan['effective']), 'answer')} of a plain lot."
    if plan["half_width"] is not None:
        told += (
            f" The team's error rate will be known within ± {100 * plan['half_width']:.1f} points "
            f"(95 %, if it is near {number(plan['at_rate'], 'percent')})."
        )
    rise = plan["detectable_rise"]
    noticed = (
        f"A rise from {number(plan['from_rate'], 'percent')} is noticed from {number(rise, 'percent')} on, with "
        f"probability {100 * plan['power']:.0f} %."
        if rise is not None
        else f"No rise from {number(plan['from_rate'], 'percent')} can be noticed with so few."
    )
    work = (
        f"{several(plan['reviews'], 'review')}, {second:,} of them second opinions: {plan['hours']:,.1f} hours, about "
        f"{number(plan['money'], 'money', currency)}."
    )
    return taken, told, noticed, work


def shares(plan: Mapping[str, Any]) -> str:
    """What decides how much is drawn: the rate of level normal, the plans of lots, or a number asked for."""
    lots = plan["lots"]
    if lots is None:
        rate = "less than 0.1 %" if plan["rate"] < 0.001 else number(plan["rate"], "percent")
        said = f"Of level normal {rate} are checked."
    else:
        each = f"{lots['least']:,}" if lots["least"] == lots["most"] else f"{lots['least']:,} to {lots['most']:,}"
        said = (
            f"What a person has of a batch is a lot, drawn by its own plan: {several(lots['lots'], 'lot')}, {each} "
            "answers of each by lot."
        )
    if plan["number"] is not None and plan["routed"]:
        said += f" {plan['number']:,} were asked for by lot and by risk; what is routed comes on top."
    return said


def by_annotator(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """A line per annotator and level."""
    return tuple(
        f"  {row['annotator']}: {row['to_draw']:,} of {row['new_answers']:,}, level {row['level']} "
        f"({number(row['rate'], 'percent')})"
        for row in plan["rows"]
    )
