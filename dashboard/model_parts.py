"""Parts of the page Models: one model's answers, where people must look, and whom its labels mislead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import data, show
from dashboard.item_view import show_item
from dashboard.routing_form import put_in_force
from qc.figures import MOST, calibration, dots, several
from qc.figures.routing import by_label, let_through
from qc.figures.sayings import bias_said, model_said, routing_said, stamped_said
from qc.workspace.proposed import Behind

KEYS: Final = {"Week": "week", "Site": "site", "Label": "label", "Tag": "tag", "Batch": "batch", "Question": "question"}
CURVES: Final = 6
ROWS: Final = 500
WEEKS: Final = "Weeks are those of people's answers."
RATES: Final = {"override_rate": "percent", "accuracy": "percent"}
THRESHOLD: Final[Mapping[str, Any]] = {
    "threshold": "plain",
    "passing": "percent",
    "error": "percent",
    "at_most": "percent",
}
WORDS: Final = {
    "at_target": "meets the target",
    "least_cost": "costs least",
    "customary": "customary",
    "in_force": "in force",
}


def headline(chosen: data.Selection, model: Mapping[str, Any]) -> None:
    """What people make of a model's answers, how right it is, and on request the answers behind that."""
    show.key_figures(
        ("Overridden", model["override_rate"], "percent"),
        ("Unchanged", model["accepted_unchanged"], "percent"),
        ("Edited", model["edited"], "percent"),
        ("Right", model["accuracy"], "percent"),
        ("Confidence is off by", model["calibration_error"], "percent"),
    )
    for sentence in model_said(model):
        st.text(sentence)
    if data.may(chosen, "answers") and st.toggle("Show the answers behind these figures", key="model-behind"):
        proposals(chosen, "Proposed and given", Behind(model["model"]), "model-answers")


def believed(chosen: data.Selection, models: Sequence[Mapping[str, Any]]) -> None:
    """The calibration of all models; a click on a point lists the answers at that confidence."""
    series = {entry["model"]: entry["calibration"] for entry in models[:CURVES] if entry["calibration"]}
    if not series:
        show.nothing(
            "No judged prediction carries a score.", "Export the model's confidence to see whether it can be believed."
        )
        return
    clicked = show.chart(
        "Can the confidence be believed?",
        calibration(series),
        [{"model": name, **row} for name, rows in series.items() for row in rows],
        key="calibration",
        alt="Curves with intervals: how often each model was right at each stated confidence",
        styles={"score": "plain", "accuracy": "percent"},
        note="On the dashed line a model is right as often as it says. Below it, it is too sure of itself."
        + _click(chosen),
    )
    if clicked:
        name, tenth = str(clicked[0]), min(int(10 * float(clicked[1])), 9)
        behind = Behind(name, low=tenth / 10, high=(tenth + 1) / 10 if tenth < 9 else None)
        proposals(
            chosen, f"Confidence {tenth / 10:.1f} to {(tenth + 1) / 10:.1f}: {name}", behind, "calibration-answers"
        )


def _click(chosen: data.Selection) -> str:
    return " Click a point to see the answers behind it." if data.may(chosen, "answers") else ""


def proposals(chosen: data.Selection, title: str, behind: Behind, key: str) -> None:
    """What a model proposed beside what people answered; a click on a row shows the item."""
    if data.may(chosen, "answers"):
        _listed(chosen, title, data.proposed(chosen, behind), key)


def _listed(chosen: data.Selection, title: str, rows: pd.DataFrame, key: str) -> None:
    if rows.empty:
        show.nothing("No answer matches.", "The filters beside the page may exclude them: clear the filters.")
        return
    first = "The first " if len(rows) == ROWS else ""
    note = f"{first}{several(len(rows), 'answer')}, first those that stand out. Click a row to see the item."
    picked = show.choice(title, rows, key=key, note=note, styles={"score": "plain"})
    if picked is not None:
        row = rows.iloc[picked]
        show_item(chosen, str(row["item_id"]), str(row["question"]), f"{key}-item")


def sources(model: Mapping[str, Any]) -> None:
    """The accuracy by who said what is right."""
    show.table(
        "How right, and who says so",
        model["by_source"],
        key="model-sources",
        styles={"accuracy": "percent"},
        note="“Review, label seen”: the answer that was reviewed started from a prediction. Such reviews favour the "
        "model and count in no other figure.",
    )


def labels(chosen: data.Selection, model: Mapping[str, Any]) -> None:
    """False positives and negatives of each label against the others; a click lists what was called so."""
    rows = model["by_label"]
    if not rows:
        show.nothing(
            "No answer of the model could be judged.", "Review answers, or add gold, to items that it answered."
        )
        return
    clicked = show.chart(
        "Wrong by label",
        by_label(rows[:MOST][::-1]),
        rows,
        key="model-labels",
        alt="Dots with intervals: false positives and false negatives of each label",
        styles=dict.fromkeys(("false_positive", "false_negative", "precision", "override_rate"), "percent"),
        note="Called so, and is not: share of what is something else. Is so, and called otherwise: share of what is so."
        + _click(chosen),
    )
    if clicked:
        _behind(chosen, model, "label", str(clicked[0]), "label-proposals")


def _behind(chosen: data.Selection, model: Mapping[str, Any], key: str, value: str, name: str) -> None:
    proposals(chosen, f"Proposed and given: {value}", Behind(model["model"], key, value), name)


def splits(chosen: data.Selection, model: Mapping[str, Any]) -> None:
    """Override rate and accuracy by what the reader picks; a click lists the answers."""
    there = [name for name, key in KEYS.items() if model[f"by_{key}"]]
    if not there:
        return
    key = KEYS[show.pick("By", there, key="model-by")]
    rows = model[f"by_{key}"]
    figure = show.pick("Share", ("Overridden", "Right"), key="model-share")
    name = {"Overridden": "override_rate", "Right": "precision" if key == "label" else "accuracy"}[figure]
    named = [{"name": row.get("key", row.get("label")), "estimate": row[name]} for row in rows]
    if key == "week":
        named = [{**row, "place": -at} for at, row in enumerate(named)]
    clicked = show.chart(
        f"{figure} by {key}",
        dots(named, axis=f"{figure.lower()}, %"),
        rows,
        key=f"model-by-{key}",
        alt=f"Dots with intervals: {figure.lower()} by {key}",
        styles={**RATES, "precision": "percent"},
        note=f"{WEEKS if key == 'week' else ''}{_click(chosen)}",
    )
    if clicked:
        _behind(chosen, model, key, str(clicked[0]), "split-proposals")


def threshold(chosen: data.Selection, model: Mapping[str, Any]) -> None:
    """The confidence below which people must look: for the target, at least cost, in force; a form to change it."""
    routing = model["routing"]
    st.subheader("Where people must look", anchor=False)
    if not routing["n"]:
        show.nothing(f"No threshold can be chosen: {routing['reason']}.", "Export the model's confidence.")
        return
    for sentence in routing_said(routing):
        st.text(sentence)
    put_in_force(chosen, routing)
    told = {name: routing[name] for name in WORDS if routing[name] is not None}
    marked: dict[str, float] = {}
    for name, found in told.items():
        if name != "in_force" and 0 <= found["threshold"] <= 1:
            marked[WORDS[name]] = found["threshold"]
    show.chart(
        "What passes, and how much of it is wrong",
        let_through(routing["curve"], target=routing["target"], marked=marked),
        [
            *({"what": WORDS[name], **found} for name, found in told.items()),
            *({"what": "", **row} for row in routing["curve"]),
        ],
        key="model-routing",
        alt="Curves with a band: the share of wrong answers among those that pass, and the share that passes",
        styles=THRESHOLD,
        note="The threshold for the target is one whose error is shown to stay within it, also in as much work again "
        "(fixed-sequence test at 99 %). At most: the upper 95 % bound.",
    )


def misled(chosen: data.Selection, found: Mapping[str, Any]) -> None:
    """Automation bias of the team, and whose wrong pre-labels survive; a click on a person lists them."""
    st.subheader("Do people still look?", anchor=False)
    if found["bias"]["value"] is None and not found["by_annotator"]:
        show.nothing(bias_said(found), "It takes judged answers (gold, reviews) both with a pre-label and without.")
        return
    show.key_figures(
        ("Wrong pre-labels that survive", found["survived"], "percent"),
        ("Errors without a pre-label", found["unaided"], "percent"),
        ("Automation bias", found["bias"], "points"),
    )
    st.text(bias_said(found))
    if not data.may(chosen, "individuals") or not found["by_annotator"]:
        return
    rows: Sequence[Mapping[str, Any]] = found["by_annotator"]
    for sentence in stamped_said(found):
        st.text(sentence)
    clicked = show.chart(
        "Wrong pre-labels that mislead, by annotator",
        dots(
            [{"name": row["annotator"], "estimate": row["excess"]} for row in rows],
            axis="errors beyond those expected unaided, points",
            style="points",
        ),
        rows,
        key="prelabels",
        alt="Dots with intervals: how much oftener each annotator errs with a wrong pre-label than unaided",
        styles={
            **dict.fromkeys(("survived", "erred", "unaided", "expected"), "percent"),
            **dict.fromkeys(("p", "q"), "p"),
            "excess": "points",
        },
        note="Compared on items alike (question, declared difficulty, what the model says, whether it is right) with "
        "one's own errors and with the others; false discovery rate 5 %. Click a person to see these answers.",
    )
    if clicked:
        who = str(clicked[0])
        _listed(chosen, f"Wrong pre-labels before {who}", data.misled(chosen, who), "misled-answers")


def next_items(chosen: data.Selection) -> None:
    """What to label or check next."""
    rows = data.next_items(chosen)
    if rows.empty:
        show.nothing(
            "Nothing stands out to be looked at next.", "Every item that a model answered is decided, or clear."
        )
        return
    show.table(
        "What to label or check next",
        rows,
        key="next-items",
        styles={"score": "plain"},
        note="Items that nobody decided: the model is unsure (below the routing threshold of Settings), people or "
        "models disagree, the label is rare, or the batch has more of it than others. The button CSV takes the list "
        "along (at most 500); qc export --what next --limit 500 writes the same.",
    )
