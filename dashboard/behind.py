"""The answers behind a figure: where every click ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from dashboard.item_view import show_item
from qc.figures import several

_MOST = 500
_FIRST = ("item_id", "question", "annotator", "label", "truth", "judged", "source", "submitted_at", "seconds", "text")


def answers(chosen: Selection, title: str, *, key: str, who: tuple[str, ...] = (), **conditions: Any) -> None:
    """A table of the answers that meet the conditions, within the filters; at most 500 are read."""
    if not data.may(chosen, "answers"):
        show.nothing("You may not see single answers.", "Ask a lead or an admin; the figures above are the team's.")
        return
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


def items(chosen: Selection, title: str, item_ids: list[str], *, key: str, who: tuple[str, ...] = ()) -> None:
    """The answers to some items in a table, the wrong ones first; a click shows the item with everybody's answer."""
    if not data.may(chosen, "answers"):
        return
    if who:
        chosen = replace(chosen, scope=replace(chosen.scope, annotators=who))
    found = data.answers(chosen, item_ids=item_ids)
    if found.empty:
        show.nothing("No answer to these items matches.", "The filters beside the page may exclude them.")
        return
    found = found.sort_values("error", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    told = found.assign(error=found["error"].map({0: "right", 1: "wrong"})).rename(columns={"error": "judged"})
    shown = told[[name for name in _FIRST if name in told and told[name].notna().any()]]
    picked = show.choice(
        title, shown, key=key, styles={"seconds": "seconds"}, note="Click a row to see the item with every answer."
    )
    if picked is not None:
        row = found.iloc[picked]
        show_item(chosen, str(row["item_id"]), str(row["question"]), f"{key}-item")


def side_by_side(chosen: Selection, question: str, one: str, other: str, *, key: str) -> None:
    """What two people answered to the items that both saw, those first on which they differ; a click shows the item."""
    narrowed = replace(chosen, scope=replace(chosen.scope, annotators=(one, other), question=question))
    found = data.answers(narrowed)
    drawn = bool(found["label"].isna().all())
    found = found.assign(label=found["label"].fillna("drawn" if drawn else "(no label)"))
    each = found.drop_duplicates(["item_id", "annotator"]).pivot(index="item_id", columns="annotator", values="label")
    if not {one, other} <= set(each.columns):
        show.nothing("No item was answered by both.", "The filters beside the page may exclude them.")
        return
    both = each.dropna().rename_axis(columns=None).reset_index()
    both = both.assign(same=(both[one] == both[other]).map({True: "yes", False: "no"}))
    both = both.sort_values(["same", "item_id"], kind="stable")[["item_id", one, other, "same"]].reset_index(drop=True)
    differing = int((both["same"] == "no").sum())
    counted = "" if drawn else f", {differing:,} answered differently"
    picked = show.choice(
        f"{one} and {other}",
        both.drop(columns="same") if drawn else both,
        key=key,
        note=f"{several(len(both), 'shared item')} here{counted}. Click one to see it.",
    )
    if picked is not None:
        show_item(chosen, str(both["item_id"][picked]), question, f"{key}-item")


def annotator_page(name: str) -> None:
    """Leave for the page of one annotator."""
    from dashboard.navigation import page

    st.switch_page(page("annotator"), query_params={"who": name})
