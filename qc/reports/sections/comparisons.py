"""Two parts of the work held against each other, and groups of items beside the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qc.figures import Style, forest
from qc.figures.sayings import KEYS, groups_said
from qc.reports.blocks import Block, Column, Section, Sentences, Table, chart, table
from qc.reports.material import Material

METHOD: Final = (
    "A difference is that of the second less the first, with people as clusters: what belongs to single people is no "
    "property of a site or a version. p is adjusted for all comparisons of the chapter (Holm). One part holds the "
    "standard of the other where its errors exceed the other's by less than the margin of the policy, beyond "
    "reasonable doubt (test of non-inferiority at 5 %, adjusted likewise); models are compared on the same known items."
)
GROUPS_METHOD: Final = (
    "Each group is held against all other work; p is adjusted within a key so that of the groups flagged at most 5 % "
    "are expected to be noise (Benjamini–Hochberg). A gap is flagged only where it is also as large as the policy "
    "names, and groups with too few judged answers are not held against the rest at all."
)
FIGURES: Final[tuple[tuple[str, str, str, Style], ...]] = (
    ("error", "Errors", "difference in errors, points", "percent"),
    ("agreement", "Agreement", "difference in agreement, points", "percent"),
    ("seconds", "Seconds per answer", "difference in the median of seconds", "seconds"),
    ("cost", "Cost per answer", "difference in cost per answer", "money"),
)


def comparisons(material: Material) -> Section:
    """Periods, guideline versions, sites and models by twos: errors, agreement, speed and cost."""
    rows = material.part("comparisons")
    if not rows:
        nothing = "There are no two periods, versions, sites or models to compare."
        return Section("Comparisons", (Sentences((nothing,)),))
    currency = material.assessment["cost"]["currency"]
    said = Sentences(tuple(row["sentence"] for row in rows), listed=True)
    tables = (_differences(rows, *figure, currency) for figure in FIGURES)
    return Section("Comparisons", (said, *(each for each in tables if each), *_holding(rows)), METHOD)


def groups(material: Material) -> Section:
    """Sites, shifts, versions, batches and tags, each group beside all others: errors and agreement."""
    parts = material.part("fairness")
    if not parts:
        nothing = "Nothing tells groups of items apart: the export names no tags, batches, sites or versions."
        return Section("Groups beside the rest", (Sentences((nothing,)),))
    blocks = [block for part in parts for block in _beside_the_rest(part)]
    return Section("Groups beside the rest", tuple(blocks), GROUPS_METHOD)


def _differences(
    rows: Sequence[Mapping[str, Any]], figure: str, title: str, axis: str, style: Style, currency: str
) -> Table | None:
    shown = [row for row in rows if row[figure]["difference"]["value"] is not None]
    if not shown:
        return None
    apart: Style = "points" if style == "percent" else style
    unit = currency if style == "money" else ""
    columns = (
        Column("by", "by"),
        Column("first", "first"),
        Column("second", "second"),
        Column("of_first", "of the first", style, unit),
        Column("of_second", "of the second", style, unit),
        Column("difference", "difference", apart, unit),
        Column("p", "p", "p"),
        Column("p_adjusted", "p, adjusted", "p"),
    )
    below = table(
        f"comparisons-{figure}",
        title,
        columns,
        [
            {
                **{name: row[name] for name in ("by", "first", "second")},
                "of_first": row[figure]["first"],
                "of_second": row[figure]["second"],
                "difference": row[figure]["difference"],
                **{name: row[figure][name] for name in ("p", "p_adjusted")},
            }
            for row in shown
        ],
    )
    drawn = forest(
        [{"name": _named(row), "estimate": row[figure]["difference"]} for row in shown],
        axis=f"{axis}, {currency}" if unit else axis,
        style=apart,
        margin=shown[0]["standard"]["margin"] if figure == "error" else None,
    )
    return chart(drawn, f"Dots with intervals: {axis}, the second less the first", below)


def _holding(rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Whether the second of two holds the standard of the first."""
    columns = (
        Column("second", "does"),
        Column("first", "hold the standard of"),
        Column("margin", "margin", "points"),
        Column("at_most", "more errors, at most", "points"),
        Column("p", "p", "p"),
        Column("p_adjusted", "p, adjusted", "p"),
        Column("verdict", "verdict"),
    )
    proofs = [
        {
            **{name: row[name] for name in ("first", "second")},
            **{name: row["standard"][name] for name in ("margin", "at_most", "p", "p_adjusted", "verdict")},
        }
        for row in rows
    ]
    note = "More errors, at most: the upper 95 % bound of the difference, one-sided."
    yield table("holding-the-standard", "Who holds the standard", columns, proofs, note)


def _beside_the_rest(part: Mapping[str, Any]) -> Iterator[Block]:
    key, word = part["by"], KEYS[part["by"]]
    said = groups_said(part)
    yield Sentences((f"{word}: {said[0].lower()}{said[1:]}",))
    rows = [
        {"key": row["key"], "answers": row["answers"], **(row["error"] or {"verdict": "too little data"})}
        for row in part["groups"]
    ]
    columns = (
        Column("key", key),
        Column("answers", "answers", "count"),
        Column("rate", "errors", "percent"),
        Column("rest", "errors of the rest", "percent"),
        Column("gap", "gap", "points"),
        Column("p_adjusted", "p, adjusted", "p"),
        Column("verdict", "verdict"),
    )
    note = f"Not held against the rest: groups with fewer than {part['least']:,} judged answers."
    below = table(f"groups-{key}", f"{word} beside the rest: errors", columns, rows, note)
    told = [{"name": row["key"], "estimate": row["gap"]} for row in rows if "gap" in row]
    if any(row["estimate"]["value"] is not None for row in told):
        figure = forest(told, axis="errors less those of all other work, points")
        below = chart(figure, f"Dots with intervals: errors less those of the rest, by {key}", below)
    yield below
    if any(row["agreement"]["p"] is not None for row in part["groups"]):
        yield _agreement(part, key, word)


def _agreement(part: Mapping[str, Any], key: str, word: str) -> Table:
    columns = (
        Column("key", key),
        Column("rate", "agreement", "percent"),
        Column("rest", "agreement of the rest", "percent"),
        Column("gap", "gap", "points"),
        Column("p_adjusted", "p, adjusted", "p"),
        Column("verdict", "verdict"),
    )
    rows = [{"key": row["key"], **row["agreement"]} for row in part["groups"] if row["agreement"]["p"] is not None]
    return table(f"groups-{key}-agreement", f"{word} beside the rest: agreement", columns, rows)


def _named(row: Mapping[str, Any]) -> str:
    return str(row["second"]) if row["by"] == "period" else f"{row['second']} less {row['first']}"
