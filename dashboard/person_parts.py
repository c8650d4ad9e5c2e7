"""Parts of the page of one annotator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import behind, show
from dashboard.data import Selection
from qc.figures import confusion, rate_by_day


def mistakes(own: Selection, part: Mapping[str, Any], target: float) -> None:
    """When one person errs, and what is taken for what; a click on a cell opens its answers."""
    days, confused = st.columns(2)
    with days:
        show.chart(
            "Error rate by day",
            rate_by_day(part["by_day"], target=target),
            part["by_day"],
            key="one-days",
            alt="Line with band: this person's error rate by day",
            styles={"rate": "percent"},
        )
    with confused:
        if part["confusion"]:
            cell = show.chart(
                "What was taken for what",
                confusion(part["confusion"]),
                part["confusion"],
                key="one-confusion",
                alt="Heat map: labels given against true labels",
            )
            if cell:
                behind.answers(own, f"{cell[1]} for {cell[0]}", key="one-cell", truth=cell[0], label=cell[1])
