"""Where the team disagrees, and whether its labels can be trusted."""

import streamlit as st

from dashboard import behind, data, filters, show
from qc.figures import confusion, dots, items_by_agreement, pairs, several

COEFFICIENTS = {
    "alpha": "alpha, such a team",
    "alpha_items": "alpha, this team",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
    "brennan_prediger": "Brennan and Prediger",
    "cohen_mean": "Cohen's kappa, mean of pairs",
}

chosen = filters.selected()
agreement = data.section(chosen, "agreement")

st.title("Agreement", anchor=False)
if not agreement:
    show.nothing(
        "No item was answered by two people, so there is nothing to compare.",
        "Give a share of the items to two annotators (a tenth is a good start), or widen the filters.",
    )
    st.stop()
names = [part["question"] for part in agreement]
asked = show.pick("Question", names, "agreement-question") if len(names) > 1 else names[0]
part = agreement[names.index(asked)]
st.text(part["sentence"] or "How far people who saw the same items gave the same answers, beyond what chance gives.")

show.key_figures(
    ("Krippendorff's alpha", part["alpha"], "plain"),
    ("Raw agreement", part["percent"], "percent"),
    ("Gwet's AC1", part["ac1"], "plain"),
    ("Cohen's kappa, mean", part["cohen_mean"], "plain"),
)
st.caption(
    f"{several(part['items_used'], 'item')} with two answers or more; {part['items_dropped']:,} with one left out. "
    "Alpha from 0.80 is reliable, from 0.67 good for tentative conclusions (Krippendorff 2004)."
)

left, right = st.columns(2)
with left:
    show.chart(
        "By coefficient",
        dots(
            [{"name": label, "estimate": part[name]} for name, label in COEFFICIENTS.items()],
            axis="agreement beyond chance",
            style="plain",
        ),
        [
            {"coefficient": label, "agreement": part[name], "method": part[name]["method"]}
            for name, label in COEFFICIENTS.items()
        ],
        key="coefficients",
        alt="Dots with intervals: six coefficients of agreement",
        styles={"agreement": "plain"},
        note="They differ in what they call chance. Alpha is Krippendorff's: for these people, or for such a team.",
    )
with right:
    clicked = show.chart(
        "By label",
        dots(
            [{"name": row["label"], "estimate": row["agreement"]} for row in part["by_label"]],
            axis="agreement on the label",
            style="plain",
        ),
        part["by_label"],
        key="labels",
        alt="Dots with intervals: agreement on each label",
        styles={"agreement": "plain"},
        note="Click a label to open its answers.",
    )
if clicked:
    behind.answers(chosen, f"Answers labelled {clicked[0]}", key="label-answers", label=clicked[0])

if part["pairs"]:
    both = show.chart(
        "Who agrees with whom",
        pairs(part["pairs"]),
        part["pairs"],
        key="pairs",
        alt="Heat map: Cohen's kappa of each two annotators",
        styles={"kappa": "plain", "percent": "percent"},
        note="Grey: fewer than 30 shared items. Click a cell to open what the two answered.",
    )
    if both:
        behind.answers(chosen, f"Answers of {both[0]} and {both[1]}", key="pair", who=(both[0], both[1]))

judged = data.most_judged(data.section(chosen, "errors"), "")
if judged and judged["confusion"]:
    cell = show.chart(
        "What is taken for what",
        confusion(judged["confusion"]),
        judged["confusion"],
        key="confusion",
        alt="Heat map: labels given against true labels",
        note=f"Against {judged['source']}; rows add up to 100 %. Click a cell to open its answers.",
    )
    if cell:
        behind.answers(chosen, f"{cell[1]} for {cell[0]}", key="cell", truth=cell[0], label=cell[1])

if part["items_by_agreement"]:
    show.chart(
        "How items are answered",
        items_by_agreement(part["items_by_agreement"]),
        part["items_by_agreement"],
        key="items-by-agreement",
        alt="Histogram: how many items reach which agreement",
        styles={"agreement": "percent", "items": "count"},
    )
if part["influence"]:
    show.table(
        "Alpha without each person",
        part["influence"],
        key="influence",
        note="Well above the team's alpha: this person's answers pull it down.",
    )
