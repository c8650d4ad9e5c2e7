"""The answers behind a figure: where every click ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import several

_MOST = 500
_FIRST = ("item_id", "question", "annotator", "label", "truth", "judged", "source", "submitted_at", "seconds", "text")


def answers(chosen: Selection, title: str, *, key: str, who: tuple[str, ...] = (), **conditions: Any) -> None:
    """A table of the answers that meet the conditions, within the filters; at most 500 are read."""
    if who:
        chosen = replace(chosen, scope=replace(chosen.scope, annotators=who))
    found = data.answers(chosen, **conditions)
    if found.empty:
        show.nothing("No answer matches.", "The filters beside the page may exclude them: clear the filters.")
        return
    found = found.assign(error=found["error"].map({0: "right", 1: "wrong"})).rename(columns={"error": "judged"})
    order = [*(name for name in _FIRST if name in found), *(name for name in found if name not in _FIRST)]
    shown = found[[name for name in order if found[name].notna().any()]]
    note = f"The first {_MOST} answers." if len(found) >= _MOST else f"{several(len(found), 'answer')}."
    show.table(title, shown, key=key, note=note, styles={"seconds": "seconds"})


def annotator_page(name: str) -> None:
    """Leave for the page of one annotator."""
    from dashboard.navigation import page

    st.switch_page(page("annotator"), query_params={"who": name})
