"""Parts of the page of one annotator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from dashboard.item_view import show_item
from qc.figures import beside, confusion, control_chart, dots, lots_judged, number, rate_by_period, several

SURE: Final = 0.05
CHART_NOTE: Final = (
    "The evidence rises by almost one with each answer judged wrong and sinks a little with each right one; at the "
    "dashed line review is raised. Squares mark changes of the review level, after which it begins anew."
)


def level_chart(chosen: Selection, kind: str, key: str) -> None:
    """The control chart of a subject, with every change of level and who made it; a click shows the item."""
    found = data.control_chart(chosen, kind, key)
    st.subheader("Control chart and review level", anchor=False)
    if found["policy"] == "lots":
        _lots(found["lots"], f"{kind}-chart")
    if not found["paths"]:
        show.nothing(
            "There is no control chart: no randomly drawn answer and no gold answer with a time has been judged.",
            "Draw a sample on the page Spot checks and review it.",
        )
    else:
        _path(chosen, found, f"{kind}-chart")
    changes(found["changes"])


def _lots(lots: Sequence[Mapping[str, Any]], key: str) -> None:
    """The lots that decide on the level under the policy of lots."""
    if not lots:
        show.nothing(
            "No lot has been judged since the level last changed.",
            "A lot is judged once as many of its drawn answers are reviewed as its plan asks for.",
        )
        return
    show.chart(
        "Lots judged since the level last changed",
        lots_judged(lots),
        lots,
        key=f"{key}-lots",
        alt="Bars: errors in the sample of each lot, with the number from which it is rejected",
        note=f"{several(len(lots), 'lot')}, the latest on top. Rejected lots raise review, accepted ones lower it, "
        "by the switching rules of the standard.",
    )


def _path(chosen: Selection, found: Mapping[str, Any], key: str) -> None:
    names = sorted(found["paths"], key=lambda name: _telling(found["paths"][name]), reverse=True)
    name = show.pick("Judged answers", names, f"{key}-path") if len(names) > 1 else names[0]
    path = found["paths"][name]
    marks = [{**change, "after": change["after"][name], "at": str(change["at"])[:10]} for change in found["changes"]]
    alarms = sum(row["alarm"] for row in path)
    decides = "" if found["policy"] == "sequential" else f" The policy {found['policy']} does not decide by this chart."
    standing = f"It stands at {path[-1]['value']:.2f} of {found['threshold']:.2f}"
    clicked = show.chart(
        f"Evidence of errors above target: {name} answers",
        control_chart(path, marks, threshold=found["threshold"]),
        path,
        key=f"{key}-cusum",
        alt=f"Steps: the control chart's statistic after each of {several(len(path), 'judged answer')}, with its "
        "threshold, alarms and changes of the review level",
        note=f"{CHART_NOTE} {standing} after {several(len(path), 'judged answer')}; {several(alarms, 'alarm')}. "
        f"A rate that stays at {number(found['p0'], 'percent')} alarms falsely once in "
        f"{found['answers_to_false_alarm']:,.0f} answers on average; one of "
        f"{number(found['p1'], 'percent')} is noticed after {found['answers_to_notice']:,.0f}. "
        f"Click a point to see the item.{decides}",
    )
    if clicked:
        show_item(chosen, clicked[0], clicked[1], f"{key}-item")


def _telling(path: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """The path that alarmed last says most, and where none did the longest."""
    return max((row["at"] for row in path if row["alarm"]), default=""), len(path)


def changes(rows: Sequence[Mapping[str, Any]]) -> None:
    """Every change of a review level: when, from what to what, who, why."""
    if not rows:
        st.text("The review level never changed: it is normal, where everybody begins.")
        return
    show.table(
        "Changes of the review level",
        [
            {
                "when": f"{row['at']:%Y-%m-%d %H:%M} UTC",
                "from": row["before"],
                "to": row["level"],
                "by": row["actor"],
                "why": row["reason"],
                "judged": row["evidence"].get("n"),
            }
            for row in reversed(rows)
        ],
        key="level-changes",
        note=f"The latest first: {rows[-1]['reason']}",
    )


def rates(chosen: Selection, who: str, part: Mapping[str, Any], period: str, target: float) -> None:
    """The error rate by week or month beside that of the others."""
    rows = data.beside(chosen, "rates", who, part["source"], period)
    if not rows:
        show.nothing(
            "The judged answers have no times, so there is no course of the error rate.",
            "Export the times of submission with the answers, where the tool knows them.",
        )
        return
    show.chart(
        f"Error rate by {period}",
        rate_by_period(rows, period=period, target=target),
        rows,
        key=f"one-rates-{period}",
        alt=f"Dots with intervals: this person's error rate by {period}, over the band of the others",
        styles={"rate": "percent", "others": "percent"},
        note=f"By the day of the answer, as judged by {part['source']}. The shaded band is the 95 % interval of the "
        "others' rate; where it overlaps the person's interval, the difference may be chance.",
    )


def mistakes(chosen: Selection, own: Selection, who: str, part: Mapping[str, Any]) -> None:
    """What is taken for what, beside the others, and types of error; a click opens the answers."""
    confused = [row for row in part["confusion"] if row["n"]]
    rows = [_named(row) for row in data.beside(chosen, "mistaken", who, part["source"])]
    left, right = st.columns(2)
    with left:
        cell = None
        if confused:
            cell = show.chart(
                "What was taken for what",
                confusion(confused),
                confused,
                key="one-confusion",
                alt="Heat map: labels given against true labels",
                note="Shares of each true label. Click a cell to see its answers.",
            )
    with right:
        point = None
        if rows:
            point = show.chart(
                "Mistakes beside the others",
                beside(rows, axis="share of the answers, %"),
                [{name: value for name, value in row.items() if name != "key"} for row in rows],
                key="one-beside",
                alt="Dots with intervals: how often this person takes one label for another, and the others do",
                styles={"rate": "percent", "others": "percent", "q": "plain"},
                note=_surely(rows),
            )
    _error_types(chosen, who)
    if chose := cell or point:
        truth, given = chose[0], chose[1]
        behind.answers(
            own, f"{given} for {truth}", key="one-cell", truth=None if truth[:1] == "(" else truth, label=given
        )


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    stated = not row["truth"].startswith("(")
    name = f"{row['given']} for {row['truth']}" if stated else f"{row['given']} rejected"
    return {**row, "name": name, "key": [row["truth"], row["given"]]}


def _surely(rows: Sequence[Mapping[str, Any]]) -> str:
    sure = [row["name"] for row in rows if row["q"] <= SURE]
    if not sure:
        return "The surest first; none is more often than chance would have it."
    return (
        f"The surest first. Beyond chance more often: {', '.join(sure[:3])}. Of what is named so at most 5 % is chance."
    )


def _error_types(chosen: Selection, who: str) -> None:
    rows = [{"name": row["error_type"], **row} for row in data.beside(chosen, "error types", who)]
    if not rows:
        return
    show.chart(
        "Types of error",
        beside(rows, axis="share of the errors that reviewers named, %"),
        rows,
        key="one-types",
        alt="Dots with intervals: the types of this person's errors, and of the others'",
        styles={"rate": "percent", "others": "percent", "q": "plain"},
        note=_surely(rows),
    )


def examples(own: Selection) -> None:
    """Answers judged wrong, one of which is shown with everybody's answer to it."""
    found = data.answers(own, error=True)
    if found.empty:
        return
    found = found[found["error"] == 1].drop_duplicates(["annotation_id", "question"]).reset_index(drop=True)
    columns = ["item_id", "question", "label", "truth", "source", "submitted_at", "seconds", "text"]
    picked = show.choice(
        "Examples: answers judged wrong",
        found[[name for name in columns if found[name].notna().any()]],
        key="one-wrong",
        styles={"seconds": "seconds"},
        note=f"{several(len(found), 'answer')}. Click a row to see the item with everybody's answer.",
    )
    if picked is not None:
        row = found.iloc[picked]
        show_item(own, str(row["item_id"]), str(row["question"]), "one-example")


def by_source(verdicts: Sequence[tuple[str, Mapping[str, Any]]], target: float) -> None:
    """The error rate by who judged: gold and flagged items are no random sample, so sources stay apart."""
    show.chart(
        "Error rate by who judged",
        dots(
            [{"name": source, "estimate": row["shrunk"], "status": row["verdict"]} for source, row in verdicts],
            axis="error rate, drawn towards the team, %",
            target=target,
        ),
        [{"source": source, **row} for source, row in verdicts],
        key="one-sources",
        alt="Dots with intervals: this person's error rate by source of judgement",
        styles={"rate": "percent", "shrunk": "percent", "p_above_target": "percent"},
        note="Each source chose its answers in its own way, so they are never added up.",
    )
