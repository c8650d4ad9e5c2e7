"""What the page Comparisons is made of: forest plots of differences, groups beside the rest, batches that drift."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import Style, dots, forest, ranged
from qc.figures.sayings import KEYS, drift_said, groups_said, moved_by_batch, new_said

FIGURES: Final[dict[str, tuple[str, str, Style]]] = {
    "error": ("Errors", "difference in errors, points", "points"),
    "agreement": ("Agreement", "difference in agreement, points", "points"),
    "seconds": ("Seconds per answer", "difference in the median of seconds", "seconds"),
    "cost": ("Cost per answer", "difference in cost per answer", "money"),
}
PARTS: Final[tuple[tuple[str, str, Style], ...]] = (
    ("errors", "rate", "percent"),
    ("rest", "rest", "percent"),
    ("gap", "gap", "points"),
)
MINIMUM: Final = "Judge a random sample on the page Spot checks; sites, versions and tags come with the export."


def rows_of(comparisons: list[dict[str, Any]], figure: str, currency: str) -> list[dict[str, Any]]:
    """One figure of every comparison, as a table: first as it reads, then the numbers."""
    apart = FIGURES[figure][2]
    each: Style = "percent" if apart == "points" else apart
    return [
        {
            "by": row["by"],
            "first": row["first"],
            "second": row["second"],
            "Of the first": ranged(row[figure]["first"], each, currency),
            "Of the second": ranged(row[figure]["second"], each, currency),
            "Difference": ranged(row[figure]["difference"], apart, currency),
            "p": row[figure]["p"],
            "p_adjusted": row[figure]["p_adjusted"],
            "verdict": row["standard"]["verdict"] if figure == "error" else None,
            "value_first": row[figure]["first"],
            "value_second": row[figure]["second"],
            "difference": row[figure]["difference"],
        }
        for row in comparisons
    ]


def named(row: dict[str, Any]) -> str:
    """What a comparison is called beside its interval."""
    return str(row["second"]) if row["by"] == "period" else f"{row['second']} less {row['first']}"


def drawn(chosen: Selection, comparisons: list[dict[str, Any]], key: str, about_p: str) -> None:
    """The forest plot and table of the figure that is picked."""
    known = [name for name in FIGURES if any(row[name]["difference"]["value"] is not None for row in comparisons)]
    if not known:
        show.nothing("None of these can be compared yet.", MINIMUM)
        return
    titles = {FIGURES[name][0]: name for name in known}
    figure = titles[show.pick("Figure", list(titles), f"{key}-figure")]
    title, axis, style = FIGURES[figure]
    currency = data.current_policy(chosen).cost.currency
    shown = [row for row in comparisons if row[figure]["difference"]["value"] is not None]
    show.chart(
        title,
        forest(
            [{"name": named(row), "estimate": row[figure]["difference"]} for row in shown],
            axis=f"{axis}, {currency}" if figure == "cost" else axis,
            style=style,
            margin=shown[0]["standard"]["margin"] if figure == "error" else None,
        ),
        rows_of(shown, figure, currency),
        key=f"{key}-{figure}",
        alt=f"Differences with intervals: {title.lower()}, the second less the first",
        styles={"difference": style, "value_first": style, "value_second": style, "p": "p", "p_adjusted": "p"},
        note=f"Right of 0 the second has more. {about_p}",
    )


def groups(fairness: list[dict[str, Any]]) -> None:
    """Groups of items beside the rest."""
    if fairness:
        names = {KEYS[part["by"]]: part for part in fairness}
        part = names[show.pick("Groups by", list(names), "fairness-by")]
        told = [row for row in part["groups"] if row["error"] is not None]
        st.text(groups_said(part))
        table = [
            {
                "group": row["key"],
                "answers": row["answers"],
                **(
                    {word.capitalize(): ranged(row["error"][name], style) for word, name, style in PARTS}
                    if row["error"]
                    else {}
                ),
                "p_adjusted": row["error"] and row["error"]["p_adjusted"],
                "verdict": row["error"]["verdict"] if row["error"] else "too little data",
                **({word: row["error"][name] for word, name, _ in PARTS} if row["error"] else {}),
                "agreement": row["agreement"]["rate"],
                "agreement_gap": row["agreement"]["gap"],
                "agreement_verdict": row["agreement"]["verdict"],
            }
            for row in part["groups"]
        ]
        points: dict[str, Style] = {
            "p_adjusted": "p",
            "errors": "percent",
            "rest": "percent",
            "gap": "points",
            "agreement": "percent",
            "agreement_gap": "points",
        }
        note = (
            f"Groups with fewer than {part['least']} judged answers are not held against the rest. Of the groups "
            "flagged at most 5 % are expected to be noise."
        )
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


def drifting(chosen: Selection, drift: list[dict[str, Any]]) -> None:
    """Batches beside those before them, and what is new or moved in one of them."""
    if drift:
        told = [
            row
            for row in drift
            if row["labels"]["drifted"] or row["new"] or any(part["drifted"] for part in row["lengths"])
        ]
        st.text(drift_said(drift))
        show.chart(
            "Each batch beside those before it",
            dots(moved_by_batch(drift), axis="labels that moved, %"),
            [
                {
                    "batch": row["batch"],
                    "items": row["items"],
                    "labels_moved": row["labels"]["moved"],
                    "p_adjusted": row["labels"]["p_adjusted"],
                    "label_mix": "drifted" if row["labels"]["drifted"] else "like before",
                    "new": new_said(row),
                    "unusual_lengths": [part["field"] for part in row["lengths"] if part["drifted"]],
                }
                for row in drift
            ],
            key="drift",
            alt="Dots: how far the labels of each batch moved from those before it",
            styles={"labels_moved": "percent", "p_adjusted": "p"},
            note="Moved: the share of answers that would have to change to be as before. New: values that no earlier "
            "batch had.",
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
