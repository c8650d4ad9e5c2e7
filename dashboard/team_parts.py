"""Parts of the page Annotators: rates with intervals in a chosen order, and everybody in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from qc.figures import MOST, Style, counted, dots, interval, interval_bar, number

FIGURES: Final = {
    "error rate": ("shrunk", "error rate, drawn towards the team, %"),
    "skipped": ("skip_rate", "share of submissions skipped, %"),
    "agreement with self": ("self_agreement", "same answer when asked again, %"),
}
ORDERS: Final = ("highest first", "surest above target", "most judged", "by name")
STYLES: Final[Mapping[str, Style]] = {
    "rate": "percent",
    "shrunk": "percent",
    "above_target": "percent",
    "skip_rate": "percent",
    "self_agreement": "percent",
    "median_seconds": "seconds",
    "answers": "count",
    "judged": "count",
}
ORDER: Final = (
    "annotator",
    "verdict",
    "level",
    "interval",
    "rate",
    "rate_between",
    "shrunk",
    "shrunk_between",
    "above_target",
    "judged",
    "errors",
    "skip_rate",
    "skip_rate_between",
    "self_agreement",
    "self_agreement_between",
    "median_seconds",
    "active_hours",
    "answers",
    "site",
    "flags",
)


def everybody(
    people: Sequence[Mapping[str, Any]],
    part: Mapping[str, Any] | None,
    levels: Sequence[Mapping[str, Any]],
    target: float,
) -> list[dict[str, Any]]:
    """One row per person: what is known of error rate, level, skipping, consistency and pace; by name."""
    judged = {row["annotator"]: row for row in part["by_annotator"]} if part else {}
    level = {row["subject"]["key"]: row["level"] for row in levels if row["subject"]["kind"] == "annotator"}
    top = max((_end(row["shrunk"]) for row in judged.values()), default=0.0)
    rows = []
    for person in people:
        errors = judged.get(person["annotator"])
        row = {
            "annotator": person["annotator"],
            "level": level.get(person["annotator"], "normal"),
            "answers": person["n"],
            **{name: person[name] for name in ("skip_rate", "self_agreement", "median_seconds")},
            **{name: person[name] for name in ("active_hours", "site", "flags")},
            "skip_rate_between": interval(person["skip_rate"], "percent") or None,
            "self_agreement_between": interval(person["self_agreement"], "percent") or None,
            "verdict": "not judged",
        }
        if errors:
            row |= {
                "verdict": errors["verdict"],
                "interval": interval_bar(errors["shrunk"], top=max(top, target) * 1.02, target=target),
                "rate": errors["rate"],
                "rate_between": interval(errors["rate"], "percent") or None,
                "shrunk": errors["shrunk"],
                "shrunk_between": interval(errors["shrunk"], "percent") or None,
                "above_target": errors["p_above_target"],
                "judged": errors["n"],
                "errors": errors["errors"],
            }
        rows.append(row)
    return sorted(rows, key=lambda row: row["annotator"])


def ordered(rows: Sequence[dict[str, Any]], figure: str, order: str) -> list[dict[str, Any]]:
    """People by a figure in one of ORDERS, whoever has none of it last; ties go by the figure, then by name."""
    if order == "by name":
        return sorted(rows, key=lambda row: row["annotator"])
    name = FIGURES[figure][0]
    first = {
        "highest first": lambda row: _value(row, name),
        "surest above target": lambda row: row.get("above_target") or 0.0,
        "most judged": lambda row: float(row.get("judged") or 0),
    }[order]
    return sorted(rows, key=lambda row: (-first(row), -_value(row, name), row["annotator"]))


def _value(row: Mapping[str, Any], name: str) -> float:
    known = row.get(name)
    return -inf if known is None or known["value"] is None else float(known["value"])


def rates(rows: Sequence[Mapping[str, Any]], part: Mapping[str, Any] | None, figure: str, target: float) -> None:
    """Dots with intervals of one figure, in the order of the rows; a click opens the person."""
    name, axis = FIGURES[figure]
    known = [row for row in rows if _value(row, name) > -inf]
    if not known:
        show.nothing(*_missing(figure, rows))
        return
    of_errors = figure == "error rate"
    note = "Click a point to open the person."
    if of_errors and part:
        note = (
            "Drawn towards the team, the more the less of a person's work was judged; the table has the raw rates too. "
            f"Team: {counted(part['overall'])} judged. {note}"
        )
    if len(known) > MOST:
        note = f"The first {MOST} of {len(known):,} people in this order; the table has all. {note}"
    clicked = show.chart(
        {"error rate": "Error rate by annotator"}.get(figure, f"{figure[:1].upper()}{figure[1:]}, by annotator"),
        dots(
            [{**_dot(row, figure), "place": -place} for place, row in enumerate(known)],
            axis=axis,
            target=target if of_errors else None,
            target_name=f"target {number(target, 'percent')}",
        ),
        [{key: value for key, value in row.items() if key != "interval"} for row in known],
        key=f"team-{name}",
        alt=f"Dots with intervals: {figure} of each annotator",
        styles=STYLES,
        note=note,
    )
    if clicked:
        behind.annotator_page(clicked[0])


def table(rows: Sequence[Mapping[str, Any]], source: str | None, target: float) -> None:
    """Everybody with everything; a click on a row opens the person."""
    judged = (
        f"Error rates as judged by {source}. The bar is the interval of the rate drawn towards the team, the dashed "
        f"stroke the target of {number(target, 'percent')}, a diamond lies surely above it; “above target” is the "
        "probability of that. "
        if source
        else ""
    )
    opened = show.choice(
        "Everybody",
        rows,
        key="annotators",
        styles=STYLES,
        note=f"{judged}In the order chosen above; click the head of a column to sort by it, a row to open the person.",
        order=ORDER,
    )
    if opened is not None:
        behind.annotator_page(rows[opened]["annotator"])


def ranking(part: Mapping[str, Any]) -> None:
    """Whether the order of people can be trusted, and how surely each belongs on top."""
    if not part.get("ranking"):
        return
    st.text(part["ranking"])
    surest = sorted(part["top"], key=lambda row: -row["p_top"])
    told = ", ".join(
        f"{row['annotator']} {number(row['p_top'], 'percent')} (place {row['rank_low']} to {row['rank_high']})"
        for row in surest
    )
    if told:
        st.caption(show.plain(f"Probability of being among the {len(surest)} highest: {told}."))


def sources(chosen: Selection) -> tuple[list[dict[str, Any]], str | None]:
    """The parts of the errors by source, and the source that judged most."""
    errors = data.section(chosen, "errors")
    most = data.most_judged(errors, "")
    return errors, most["source"] if most else None


def _dot(row: Mapping[str, Any], figure: str) -> dict[str, Any]:
    """The estimate, and the verdict where it follows that very interval."""
    if figure == "error rate":
        return {"name": row["annotator"], "estimate": row["shrunk"], "status": row["verdict"]}
    return {"name": row["annotator"], "estimate": row[FIGURES[figure][0]]}


def _missing(figure: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    if figure == "error rate":
        return (
            "No answer has been judged, so there are no error rates.",
            "Draw a sample on the page Spot checks, or read gold answers: qc ingest answers.csv --gold gold.csv.",
        )
    reason = next((row[FIGURES[figure][0]]["reason"] for row in rows), None) or "nothing to compare"
    return (
        f"There is no figure of {figure}: {reason}.",
        "It needs an export that tells it; the other figures do not depend on it.",
    )


def _end(e: Mapping[str, Any]) -> float:
    return float(e["high"] if e["high"] is not None else e["value"] or 0.0)
