"""Parts of the page Models: one model's answers, where people must look, and whom its labels mislead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from qc.figures import MOST, dots, estimate, number
from qc.figures.routing import by_label, let_through

KEYS: Final = {"Week": "week", "Site": "site", "Label": "label", "Tag": "tag", "Batch": "batch", "Question": "question"}
RATES: Final = {"override_rate": "percent", "accuracy": "percent"}
THRESHOLD: Final[Mapping[str, Any]] = {"passing": "percent", "error": "percent", "at_most": "percent"}
WORDS: Final = {
    "at_target": "meets the target",
    "least_cost": "costs least",
    "customary": "customary",
    "in_force": "in force (Settings)",
}


def headline(model: Mapping[str, Any]) -> None:
    """What people make of a model's answers, and how right it is."""
    show.key_figures(
        ("Overridden", model["override_rate"], "percent"),
        ("Unchanged", model["accepted_unchanged"], "percent"),
        ("Edited", model["edited"], "percent"),
        ("Right", model["accuracy"], "percent"),
        ("Miscalibrated by", model["calibration_error"], "points"),
    )
    told = model["accuracy"]
    if told["value"] is not None and model["mean_score"] is not None:
        st.text(
            f"{model['model']} is right in {estimate(told, 'percent')}; it says "
            f"{number(model['mean_score'], 'percent')} on average."
        )
    before, gain = model["retrained"]["before"], model["retrained"]["difference"]
    if before is not None:
        if gain["value"] is None:
            st.text(f"Whether it is better than {before} is not known: {gain['reason']}.")
        else:
            sure = gain["low"] > 0 or gain["high"] < 0
            word = ("better" if gain["value"] > 0 else "worse") if sure else "not clearly different"
            st.text(f"On the same held-out items it is {word} than {before}: {estimate(gain, 'change')}.")


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


def labels(model: Mapping[str, Any]) -> None:
    """False positives and negatives of each label against the others."""
    rows = model["by_label"]
    if not rows:
        show.nothing(
            "No answer of the model could be judged.", "Review answers, or add gold, to items that it answered."
        )
        return
    show.chart(
        "Wrong by label",
        by_label(rows[:MOST][::-1]),
        rows,
        key="model-labels",
        alt="Dots with intervals: false positives and false negatives of each label",
        styles=dict.fromkeys(("false_positive", "false_negative", "precision", "override_rate"), "percent"),
    )


def splits(model: Mapping[str, Any]) -> None:
    """Override rate and accuracy by what the reader picks."""
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
    show.chart(
        f"{figure} by {key}",
        dots(named, axis=f"{figure.lower()}, %"),
        rows,
        key=f"model-by-{key}",
        alt=f"Dots with intervals: {figure.lower()} by {key}",
        styles={**RATES, "precision": "percent"},
        note="Weeks are those of people's answers." if key == "week" else "",
    )


def threshold(model: Mapping[str, Any]) -> None:
    """The confidence below which people must look: for the target, at least cost, beside the customary one."""
    routing = model["routing"]
    st.subheader("Where people must look", anchor=False)
    if not routing["n"]:
        show.nothing(f"No threshold can be chosen: {routing['reason']}.", "Export the model's confidence.")
        return
    for sentence in sentences(routing):
        st.text(sentence)
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
        "(fixed-sequence test at 99 %). at most: the upper 95 % bound.",
    )


def sentences(routing: Mapping[str, Any]) -> list[str]:
    """What the thresholds do, in words."""
    found = routing["at_target"]
    goal = number(routing["target"], "percent")
    if found is None:
        told = [
            f"For a target of {goal} people must look at everything: {routing['reason']} ({routing['n']:,} judged)."
        ]
    else:
        told = [
            f"To let at most {goal} of errors through, look at what is less sure than {found['threshold']:.3f}: "
            f"{_does(found)}."
        ]
    told.append(f"The customary 0.70: {_does(routing['customary'])}.")
    least = routing["least_cost"]
    if least["threshold"] > 1:
        return [*told, "At the prices in Settings a look at every answer costs least."]
    return [*told, f"At the prices in Settings {least['threshold']:.2f} costs least: {_does(least)}."]


def _does(found: Mapping[str, Any]) -> str:
    passing = number(found["passing"]["value"], "percent")
    if found["error"]["value"] is None:
        return f"{passing} pass unseen"
    return f"{passing} pass unseen, and of these {estimate(found['error'], 'percent')} are wrong"


def misled(found: Mapping[str, Any], individuals: bool) -> None:
    """Automation bias of the team, and whose wrong pre-labels survive."""
    st.subheader("Do people still look?", anchor=False)
    bias = found["bias"]
    if bias["value"] is None and not found["by_annotator"]:
        show.nothing(
            f"Whether pre-labels mislead people is not known: {bias['reason']}.",
            "It takes judged answers (gold, reviews) both with a pre-label and without.",
        )
        return
    show.key_figures(
        ("Wrong pre-labels that survive", found["survived"], "percent"),
        ("Errors without a pre-label", found["unaided"], "percent"),
        ("Automation bias", bias, "points"),
    )
    if bias["value"] is not None:
        word = "Wrong pre-labels mislead the team" if bias["low"] > 0 else "No clear automation bias"
        st.text(f"{word}: errors with one, less those expected unaided on such items: {estimate(bias, 'points')}.")
    if not individuals or not found["by_annotator"]:
        return
    rows: Sequence[Mapping[str, Any]] = found["by_annotator"]
    named = [row for row in rows if row["verdict"] == "rubber-stamping"]
    for row in named:
        st.text(
            f"{row['annotator']} leaves {estimate(row['survived'], 'percent')} as they are and errs "
            f"{estimate(row['excess'], 'points')} more than unaided: look at this work together."
        )
    show.chart(
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
            "excess": "points",
        },
        note="Compared on items alike (question, declared difficulty, what the model says, whether it is right) with "
        "one's own errors and with the others; false discovery rate 5 %.",
    )


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
        "models disagree, the label is rare, or the batch has more of it than others. "
        "qc export --what next writes the same list.",
    )
