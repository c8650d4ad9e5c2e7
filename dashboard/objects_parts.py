"""The parts of the page Agreement that drawn objects, spans and intervals have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import show
from qc.figures import by_threshold, dots, number

# From which overlap on two of them are one, by the level of the question.
GATE: Final = {"objects": 0.5, "spans": 1.0, "intervals": 1.0}
METHOD: Final = (
    "Two objects are one where they overlap enough: shapes from an intersection over union of 0.5 on, spans and "
    "intervals where both ends are the same. Of all ways to match, each object at most once, the one with the largest "
    "overlap in all is taken. F1 = 2·matched / (all of the one + all of the other), pooled over items and pairs.",
    "Alpha takes each object that anybody marked as a unit, its label or “no object” as the answer of each person who "
    "saw the item (Tschirschwitz et al. 2022); alpha of labels counts only objects that two or more marked.",
    "Intervals are for such a team: items and people are both left out one by one, and the noise of single answers is "
    "counted once.",
)
WORDS: Final = {
    "missed": "one marked it, another did not",
    "mislabelled": "the same object, another label",
    "mislocated": "one label, nearest to each other, but too far apart to be one object",
}


def disagreement(part: Mapping[str, Any]) -> None:
    """What the disagreement is made of."""
    rows = [{**row, "meaning": WORDS.get(row["type"], "")} for row in part["disagreement"]]
    if rows:
        show.chart(
            "What differs",
            dots([{"name": row["type"], "estimate": row["share"]} for row in rows], axis="share of the objects, %"),
            rows,
            key="disagreement",
            alt="Dots with intervals: objects missed, mislabelled and mislocated",
            styles={"share": "percent", "n": "count"},
            note="; ".join(f"{name}: {said}" for name, said in WORDS.items()) + ".",
        )


def thresholds(part: Mapping[str, Any]) -> None:
    """F1 by how strictly objects are matched."""
    if part["f1_at"]:
        show.chart(
            "How strict the match is",
            by_threshold(part["f1_at"], at=GATE[part["level"]]),
            part["f1_at"],
            key="thresholds",
            alt="Line with band: F1 by least overlap",
            styles={"f1": "plain"},
        )


def chance(part: Mapping[str, Any]) -> None:
    """What two people would reach who mark at random."""
    if part.get("chance") is not None:
        st.text(f"By chance: {number(part['chance'], 'plain')}.")
    if part.get("chance_note"):
        st.caption(show.plain(part["chance_note"]))


def gold(part: Mapping[str, Any]) -> None:
    """Against gold, where there is any."""
    found = part.get("against_gold")
    if found:
        st.subheader("Against gold", anchor=False)
        show.key_figures(
            ("Precision", found["precision"], "percent"),
            ("Recall", found["recall"], "percent"),
            ("Overlap of what is matched", found["iou"], "plain"),
        )


def method() -> None:
    """How this is computed."""
    with st.expander("How this is computed", icon=":material/functions:"):
        for line in METHOD:
            st.text(line)
