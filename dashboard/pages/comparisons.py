"""Versions, sites, periods, models and groups beside each other, and batches that are not like those before."""

from typing import Any

import streamlit as st

from dashboard import data, filters, show
from qc.figures import Style, forest

FIGURES: dict[str, tuple[str, str, Style]] = {
    "error": ("Errors", "difference in errors, points", "points"),
    "agreement": ("Agreement", "difference in agreement, points", "points"),
    "seconds": ("Seconds per answer", "difference in the median of seconds", "seconds"),
    "cost": ("Cost per answer", "difference in cost per answer", "money"),
}
WORDS = {
    "period": "Periods",
    "guideline": "Guideline versions",
    "site": "Sites",
    "shift": "Shifts",
    "batch": "Batches",
    "tag": "Tags",
}
PARTS = (("errors", "rate"), ("rest", "rest"), ("gap", "gap"))
MINIMUM = "Judge a random sample on the page Spot checks; sites, versions and tags come with the export."


def rows_of(comparisons: list[dict[str, Any]], figure: str) -> list[dict[str, Any]]:
    """One figure of every comparison, as a table."""
    return [
        {
            "by": row["by"],
            "first": row["first"],
            "second": row["second"],
            "value_first": row[figure]["first"],
            "value_second": row[figure]["second"],
            "difference": row[figure]["difference"],
            "p": row[figure]["p"],
            "p_adjusted": row[figure]["p_adjusted"],
            "verdict": row["standard"]["verdict"] if figure == "error" else None,
        }
        for row in comparisons
    ]


def named(row: dict[str, Any]) -> str:
    """What a comparison is called beside its interval."""
    return str(row["second"]) if row["by"] == "period" else f"{row['second']} less {row['first']}"


def drawn(comparisons: list[dict[str, Any]], key: str) -> None:
    """The forest plot and table of the figure that is picked."""
    known = [name for name in FIGURES if any(row[name]["difference"]["value"] is not None for row in comparisons)]
    if not known:
        show.nothing("None of these can be compared yet.", MINIMUM)
        return
    titles = {FIGURES[name][0]: name for name in known}
    figure = titles[show.pick("Figure", list(titles), f"{key}-figure")]
    title, axis, style = FIGURES[figure]
    shown = [row for row in comparisons if row[figure]["difference"]["value"] is not None]
    show.chart(
        title,
        forest(
            [{"name": named(row), "estimate": row[figure]["difference"]} for row in shown],
            axis=axis,
            style=style,
            margin=shown[0]["standard"]["margin"] if figure == "error" else None,
        ),
        rows_of(shown, figure),
        key=f"{key}-{figure}",
        alt=f"Differences with intervals: {title.lower()}, the second less the first",
        styles={"difference": style, "value_first": style, "value_second": style},
        note="Right of 0 the second has more. p is adjusted for all comparisons shown (Holm).",
    )


chosen = filters.selected()
comparisons = data.section(chosen, "comparisons")

st.title("Comparisons", anchor=False)
st.text("What differs by more than chance, with people as clusters: somebody's own manner is no property of a site.")
if comparisons:
    for row in comparisons[:8]:
        st.text(row["sentence"])
    drawn(comparisons, "comparisons")
else:
    show.nothing("This project has no two periods, versions, sites or models to compare.", MINIMUM)

known = data.comparable(chosen)
if known:
    st.subheader("Of your choice", anchor=False)
    by_word = {WORDS[key]: key for key in known}
    by = by_word[show.pick("Compare", list(by_word), "comparisons-by")]
    left, right = st.columns(2)
    with left:
        first = st.selectbox("First (the standard)", known[by], key=f"comparisons-first-{by}")
    with right:
        others = [name for name in known[by] if name != first]
        second = st.selectbox("Second", others, key=f"comparisons-second-{by}")
    found = data.compared(chosen, by, first, second)
    if found:
        st.text(found[0]["sentence"])
        drawn(found, "choice")
    else:
        show.nothing("So few people worked there that the figures would tell about each of them.", "Ask a lead.")

st.subheader("Groups beside the rest", anchor=False)
fairness = data.section(chosen, "fairness")
if fairness:
    names = {WORDS[part["by"]]: part for part in fairness}
    part = names[show.pick("Groups by", list(names), "fairness-by")]
    told = [row for row in part["groups"] if row["error"] is not None]
    flagged = [row["key"] for row in told if row["error"]["verdict"] == "worse than the rest"]
    st.text(
        f"More errors than the rest, by more than noise: {', '.join(flagged)}."
        if flagged
        else "No group has more errors than the rest by more than noise."
    )
    table = [
        {
            "group": row["key"],
            "answers": row["answers"],
            **({word: row["error"][part] for word, part in PARTS} if row["error"] else {}),
            "p_adjusted": row["error"] and row["error"]["p_adjusted"],
            "verdict": row["error"]["verdict"] if row["error"] else "too little data",
            "agreement": row["agreement"]["rate"],
            "agreement_gap": row["agreement"]["gap"],
            "agreement_verdict": row["agreement"]["verdict"],
        }
        for row in part["groups"]
    ]
    points: dict[str, Style] = {
        "errors": "percent",
        "rest": "percent",
        "gap": "points",
        "agreement": "percent",
        "agreement_gap": "points",
    }
    note = f"Not judged: groups with fewer than {part['least']} judged answers. False flags: at most 5 % expected."
    if told:
        show.chart(
            "Errors of groups, less those of the rest",
            forest(
                [{"name": row["key"], "estimate": row["error"]["gap"]} for row in told],
                axis="difference in errors, points",
            ),
            table,
            key="fairness",
            alt="Differences with intervals: errors of each group less those of all others",
            styles=points,
            note=note,
        )
    else:
        show.table("Groups", table, key="fairness", styles=points, note=note)
else:
    show.nothing("Nothing tells groups of items apart.", "Export tags, batches or sites together with the items.")

st.subheader("New and drifting data", anchor=False)
drift = data.section(chosen, "drift")
if drift:
    told = [
        row
        for row in drift
        if row["labels"]["drifted"] or row["new"] or any(part["drifted"] for part in row["lengths"])
    ]
    names = [row["batch"] for row in drift if row["labels"]["drifted"]]
    st.text(
        f"The label mix moved in: {', '.join(names)}."
        if names
        else f"None of {len(drift)} batches has a label mix that moved by more than noise."
    )
    show.table(
        "Each batch beside those before it",
        [
            {
                "batch": row["batch"],
                "items": row["items"],
                "labels_moved": row["labels"]["moved"],
                "p_adjusted": row["labels"]["p_adjusted"],
                "label_mix": "drifted" if row["labels"]["drifted"] else "like before",
                "new": [f"{value['field']} {value['value']} ({value['items']})" for value in row["new"][:5]],
                "unusual_lengths": [part["field"] for part in row["lengths"] if part["drifted"]],
            }
            for row in drift
        ],
        key="drift",
        styles={"labels_moved": "percent"},
        note="Moved: the share of answers that would have to change to be as before. New: values no earlier batch had.",
    )
    if told:
        batch = st.selectbox("Batch", [row["batch"] for row in told], key="drift-batch")
        own = next(row for row in told if row["batch"] == batch)
        show.table(
            f"Labels of {batch}",
            own["labels"]["shares"],
            key="drift-labels",
            styles={"share": "percent", "before": "percent"},
        )
        if data.may(chosen, "answers"):
            items = data.drifting(chosen, batch)
            if items:
                show.table("Items that drift", items, key="drift-items")
else:
    show.nothing("There is one batch, or none, so nothing came before.", "Import the next batch.")
