"""Where the team disagrees, and whether its labels can be trusted."""

import streamlit as st

from dashboard import agreement_over as over
from dashboard import agreement_parts as parts
from dashboard import data, filters, objects_parts, show
from qc.figures import several

KAPPA = "Alpha from 0.80 is reliable, from 0.67 good for tentative conclusions (Krippendorff 2004)."
NOBODY = (
    "No item was answered by two people, so there is nothing to compare.",
    "Give a share of the items to two annotators (a tenth is a good start), or widen the filters.",
)

chosen = filters.selected()
agreement = data.section(chosen, "agreement")

st.title("Agreement", anchor=False)
if not agreement:
    show.nothing(*NOBODY)
    st.stop()
names = [part["question"] for part in agreement]
asked = show.pick("Question", names, "agreement-question") if len(names) > 1 else names[0]
part = agreement[names.index(asked)]
objects = "f1" in part
st.text(part["sentence"] or "How far people who saw the same items gave the same answers, beyond what chance gives.")

if objects:
    show.key_figures(
        ("F1 of two people", part["f1"], "plain"),
        ("Mean overlap", part["iou"], "plain"),
        ("Krippendorff's alpha", part["alpha"], "plain"),
        ("Alpha of the labels", part["label_alpha"], "plain"),
    )
elif part["kind"] == "text":
    show.key_figures(("Words in common", part["percent"], "percent"), ("Alpha of that", part["alpha"], "plain"))
else:
    headline = part["headline"]
    name = "Krippendorff's alpha" if headline["name"] == "alpha" else f"A{headline['name'][1:]}"
    show.key_figures(
        (name, headline["team"], "plain"),
        ("Raw agreement", part["percent"], "percent"),
        *((said, estimate, "plain") for said, estimate in parts.beside_alpha(part)),
    )
used = f"{several(part['items_used'], 'item')} with two answers or more; {part['items_dropped']:,} with one left out."
st.caption(f"{used} {KAPPA}")

match show.pick("Show", ["What", "People", "Time and groups", "Items"], "agreement-view"):
    case "People":
        parts.objects_of_people(part)
        parts.people(chosen, part, "percent" if objects else "kappa")
        parts.repeated(part)
        parts.models(part)
    case "Time and groups":
        over.over_time(part)
        over.groups(part, "percent" if objects or part["kind"] == "text" else "alpha")
    case "Items":
        parts.items(chosen, part)
    case _:
        left, right = st.columns(2)
        with left:
            if part.get("coefficients") and not part["items_used"]:
                show.nothing(*NOBODY)
            elif part.get("coefficients"):
                parts.coefficients(chosen, part)
            if objects:
                objects_parts.disagreement(part)
        with right:
            parts.labels(chosen, part)
            if objects:
                objects_parts.thresholds(part)
        parts.confusions(part)
        parts.distances(part)
        objects_parts.chance(part)
        if objects:
            objects_parts.gold(part)
            objects_parts.method()
        else:
            parts.against_truth(chosen)
