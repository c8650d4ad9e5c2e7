"""The parts of the page Agreement that every kind of question has: coefficients, labels, people, items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from dashboard.formulas import formula
from dashboard.item_view import show_item
from qc.figures import confusion, dots, items_by_agreement, pairs, several
from qc.figures.words import Style
from qc.workspace.assess.asked import COMPARABLE

Part = Mapping[str, Any]

LIKELY: Final = 0.05
# What stands beside alpha and raw agreement, by the level of measurement: on a scale near answers count as such.
BESIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "nominal": {"ac1": "Gwet's AC1", "cohen": "Cohen's kappa, mean"},
    "ordinal": {"ac2": "Gwet's AC2", "kappa_quadratic": "Weighted kappa, mean"},
    **{level: {"icc2": "ICC(2)", "ac2": "Gwet's AC2"} for level in ("interval", "ratio")},
}


def beside_alpha(part: Part) -> list[tuple[str, Mapping[str, Any]]]:
    """The two coefficients that are shown beside alpha, by name."""
    rows = {row["key"]: row["team"] for row in part["coefficients"]} | {"cohen": part["cohen_mean"]}
    return [(name, rows[key]) for key, name in BESIDE[part["level"]].items() if key in rows]


def coefficients(chosen: Selection, part: Part) -> None:
    """All coefficients beside each other, and one of them explained with its formula."""
    rows = part["coefficients"]
    show.chart(
        "By coefficient",
        dots([{"name": row["name"], "estimate": row["team"]} for row in rows], axis="agreement", style="plain"),
        [
            {
                "coefficient": row["name"],
                "such_a_team": row["team"],
                "these_annotators": row["items"],
                "method": row["team"]["method"],
                "source": row["source"],
            }
            for row in rows
        ],
        key="coefficients",
        alt="Dots with intervals: coefficients of agreement",
        styles={"such_a_team": "plain", "these_annotators": "plain"},
        note="For such a team: people and items are both a sample. The table has the intervals for these annotators, "
        "too. Coefficients differ in what they call chance.",
    )
    with st.expander("What a coefficient means, and its formula", icon=":material/functions:"):
        names = {row["name"]: row for row in rows}
        first = "Krippendorff's alpha"
        asked = st.selectbox(
            "Coefficient", list(names), index=list(names).index(first) if first in names else 0, key="coefficient"
        )
        row = names[asked]
        what, form = formula(row["key"])
        st.text(f"{what.sentence} {form}".strip())
        st.latex(what.latex)
        st.caption(show.plain(f"{what.letters}."))
        st.text(what.scale)
        show.sentence("Here, for such a team", row["team"])
        show.sentence("For these annotators", row["items"])
        helped = "Draw the items anew 2,000 times; exact by pattern."
        if part["kind"] in COMPARABLE and st.toggle("Bootstrap the items", key="bootstrap", help=helped):
            drawn = data.bootstrapped(chosen, part["question"], part["kind"]).get(row["key"])
            if drawn is None:
                st.text("This one needs to know who stood beside whom, and has no bootstrap.")
            else:
                show.sentence("For these annotators, by bootstrap", drawn)
        st.caption(show.plain(f"Source: {what.source}. {row['team']['method']}"))


def labels(chosen: Selection, part: Part, style: Style = "plain") -> None:
    """Agreement on each label; a click opens its answers."""
    if len(part["by_label"]) < 2:
        return
    clicked = show.chart(
        "By label",
        dots(
            [{"name": row["label"], "estimate": row["agreement"]} for row in part["by_label"]],
            axis="agreement on the label",
            style=style,
        ),
        part["by_label"],
        key="labels",
        alt="Dots with intervals: agreement on each label",
        styles={"agreement": style},
        note="Where one says this label, how often another says it too. Click a label to open its answers.",
    )
    if clicked:
        behind.answers(chosen, f"Answers labelled {clicked[0]}", key="label-answers", label=clicked[0])


def people(chosen: Selection, part: Part, figure_of: str = "kappa") -> None:
    """Who agrees with whom, and who pulls agreement down."""
    if part["pairs"]:
        both = show.chart(
            "Who agrees with whom",
            pairs(part["pairs"], figure_of=figure_of),
            part["pairs"],
            key="pairs",
            alt="Heat map: agreement of each two annotators",
            styles={"kappa": "plain", "percent": "percent"},
            note="Grey: fewer than 30 shared items. Click a cell to see what the two answered, side by side.",
        )
        if both:
            behind.side_by_side(chosen, part["question"], both[0], both[1], key="pair")
    leaning = [row for row in part.get("leanings", ()) if row["q"] is not None and row["q"] <= LIKELY]
    if leaning:
        show.table(
            "Who leans which way",
            leaning,
            key="leanings",
            styles={"share": "percent", "n": "count", "mirror": "count"},
            note="On n items this person says the one and another the other, on mirror items the other way round; "
            "shown where that is no chance (false discoveries 5 %).",
        )
    if part["influence"]:
        show.table(
            "Alpha without each person",
            part["influence"],
            key="influence",
            note="Well above the team's alpha: this person's answers pull it down.",
        )


def objects_of_people(part: Part) -> None:
    """Who misses, mislabels and moves objects."""
    if part.get("by_annotator"):
        shares = ("f1", "missed", "extra", "mislabelled", "mislocated")
        show.table(
            "Each person beside the others",
            part["by_annotator"],
            key="objects-people",
            styles={**dict.fromkeys(shares, "percent"), "iou": "plain", "n": "count"},
            note="Missed: of what the others marked; extra: of the person's own, what no other marked.",
        )


def confusions(part: Part) -> None:
    """Which labels stand for one another."""
    if part.get("confusions"):
        show.table(
            "Labels that people confuse",
            part["confusions"],
            key="confusions",
            styles={"share": "percent", "mirror": "percent", "items": "count"},
            note="Where one person says the label, how often another says the other one (share), and the other way "
            "round (mirror). Between people; nobody is taken to be right.",
        )


def against_truth(chosen: Selection) -> None:
    """What is taken for what, against what was judged."""
    judged = data.most_judged(data.section(chosen, "errors"), "")
    if not judged or not judged["confusion"]:
        return
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


def items(chosen: Selection, part: Part) -> None:
    """How items are spread over agreement, and the hardest ones with everybody's answer drawn."""
    if not part["items_by_agreement"]:
        st.caption("No item has two answers to compare.")
    if part["items_by_agreement"]:
        show.chart(
            "How items are answered",
            items_by_agreement(part["items_by_agreement"]),
            part["items_by_agreement"],
            key="items-by-agreement",
            alt="Histogram: how many items reach which agreement",
            styles={"agreement": "percent", "items": "count"},
        )
    hardest = part.get("hardest", [])
    if not hardest:
        return
    picked = show.choice(
        "Hardest items",
        [
            {
                "item_id": row["item_id"],
                "agreement": row["agreement"],
                "answers": "; ".join(f"{given['annotator']}: {given['label']}" for given in row["answers"]),
            }
            for row in hardest
        ],
        key="hardest",
        styles={"agreement": "percent"},
        note=f"Agreement: {_closeness(part)}. Click a row to see the item with everybody's answer.",
    )
    if picked is not None:
        show_item(chosen, hardest[picked]["item_id"], part["question"], "hardest-item")


def _closeness(part: Part) -> str:
    """What the agreement on an item is."""
    if "f1" in part:
        return "F1 of pairs of answers"
    if part.get("distances"):
        by = part["headline"]["name"].removeprefix("alpha (").removesuffix(")")
        return f"how near pairs of answers are, 100 % less their distance by {by}"
    return "the share of equal pairs of answers"


def repeated(part: Part) -> None:
    """People beside themselves."""
    repeats = part.get("repeats")
    if not repeats or repeats["overall"]["value"] is None:
        return
    show.sentence("The same person on the same item again, the same answer", repeats["overall"], "percent")
    if repeats["by_annotator"]:
        show.table("Consistency with oneself", repeats["by_annotator"], key="repeats", styles={"agreement": "percent"})


def models(part: Part) -> None:
    """People beside models."""
    for row in part.get("models", ()):
        st.subheader(show.plain(f"People and {row['model']}"), anchor=False)
        show.sentence("The majority of people says what the model says", row["majority"], "percent")
        show.sentence("Kappa of the majority and the model", row["kappa"])
        show.sentence("Single answers", row["answers"], "percent")
        if row["shown"]:
            st.caption(f"{several(row['shown'], 'answer')} left out, because they began with the prediction.")
        if row["by_annotator"]:
            show.table(
                "Each person and the model",
                row["by_annotator"],
                key=f"model-{row['model']}",
                styles={"percent": "percent", "kappa": "plain"},
            )


def distances(part: Part) -> None:
    """Alpha by what two answers have in common, where equality is too strict; order and place."""
    if part.get("distances"):
        show.table(
            "How far answers are apart",
            part["distances"],
            key="distances",
            styles={"alpha": "plain", "alpha_items": "plain"},
            note="Alpha of a distance: one less the distance of two people's answers to an item over that of answers "
            "to any two items (observed over expected); sigma is the share of the observed distances that are below "
            "nearly all of the expected ones. Alphas of different distances do not compare.",
        )
    if part.get("concordance"):
        show.sentence("Kendall's W, the mean over items", part["concordance"])
    if part.get("position_bias"):
        show.sentence("The one shown first is chosen", part["position_bias"], "percent")
