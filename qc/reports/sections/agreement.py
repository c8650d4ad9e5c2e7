"""Whether people who saw the same items gave the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from qc.figures import dots, items_by_agreement, pairs, rate_by_clock, several
from qc.reports.blocks import Block, Column, Section, Sentences, Table, chart, table
from qc.reports.material import Material

COEFFICIENTS: Final = {
    "percent": "raw agreement",
    "alpha": "alpha, for such a team",
    "alpha_items": "alpha, for these people",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
    "brennan_prediger": "Brennan and Prediger",
    "cohen_mean": "Cohen's kappa, mean of pairs",
    "f1": "F1 of what two people marked",
    "iou": "overlap of what both marked",
    "label_alpha": "alpha of the labels of what is matched",
    "frame_f1": "F1 by frame",
    "idf1": "F1 of identities",
    "concordance": "concordance of rankings",
}
_MOST_WITHOUT: Final = 12
_ENOUGH: Final = 30
METHOD: Final = (
    "Alpha is Krippendorff's, with the difference that suits the question (nominal, ordinal, interval, ratio). "
    "Coefficients differ in what they call chance. Two intervals are given for alpha: one for such a team, which "
    "samples items and annotators, and one for these annotators, which samples items alone. Alpha from 0.80 is "
    "reliable, from 0.67 good for tentative conclusions (Krippendorff 2004)."
)


def agreement(material: Material) -> Section:
    """Coefficients, labels, pairs and time, question by question."""
    parts = material.part("agreement")
    if not parts:
        why = "No item was answered by two people, so there is nothing to compare: give a share of the items to two."
        return Section("Agreement", (Sentences((why,)),))
    blocks = [block for place, part in enumerate(parts, 1) for block in _question(part, place, len(parts) > 1)]
    return Section("Agreement", tuple(blocks), METHOD)


def _question(part: Mapping[str, Any], place: int, several_questions: bool) -> list[Block]:
    about = f": {part['question']}" if several_questions else ""
    end = f"-{place}" if several_questions else ""
    used = (
        f"{several(part['items_used'], 'item')} with two answers or more; {part['items_dropped']:,} with one left out."
    )
    blocks: list[Block] = [Sentences(tuple(line for line in (part["sentence"], used) if line))]
    headline = part["headline"]
    of_distance = [{"coefficient": headline["name"], "agreement": headline["team"]}] if part.get("distances") else []
    known = of_distance + [
        {"coefficient": words, "agreement": part[name]} for name, words in COEFFICIENTS.items() if part.get(name)
    ]
    blocks.append(
        chart(
            dots(
                [{"name": row["coefficient"], "estimate": row["agreement"]} for row in known],
                axis="agreement, 1 is full",
                style="plain",
            ),
            "Dots with intervals: coefficients of agreement",
            table(
                f"coefficients{end}",
                f"Agreement by coefficient{about}",
                (Column("coefficient", "coefficient"), Column("agreement", "agreement")),
                known,
            ),
        )
    )
    if part["by_label"]:
        blocks.append(
            chart(
                dots(
                    [{"name": row["label"], "estimate": row["agreement"]} for row in part["by_label"]],
                    axis="agreement on the label",
                    style="plain",
                ),
                "Dots with intervals: agreement on each label",
                table(
                    f"agreement-by-label{end}",
                    f"Agreement by label{about}",
                    (Column("label", "label"), Column("n", "answers", "count"), Column("agreement", "agreement")),
                    part["by_label"],
                ),
            )
        )
    blocks += _over_time(part, end, about)
    if part["items_by_agreement"]:
        spread = table(
            f"items-by-agreement{end}",
            f"How items are answered{about}",
            (Column("agreement", "agreement on the item", "percent"), Column("items", "items", "count")),
            part["items_by_agreement"],
        )
        shown = items_by_agreement(part["items_by_agreement"])
        blocks.append(chart(shown, "Histogram: how many items reach which agreement", spread))
    if part["pairs"]:
        blocks.append(_pairs(part["pairs"], end, about))
    if part["influence"]:
        blocks.append(_without(part["influence"], end, about))
    return blocks


def _over_time(part: Mapping[str, Any], end: str, about: str) -> list[Block]:
    periods = [{"key": row["period"], "rate": row["percent"]} for row in part["by_period"]]
    if len(periods) < 2:
        return []
    columns = (
        Column("period", "period from"),
        Column("n", "items", "count"),
        Column("alpha", "alpha"),
        Column("percent", "raw agreement", "percent"),
    )
    below = table(f"agreement-by-period{end}", f"Agreement over time{about}", columns, part["by_period"])
    figure = rate_by_clock(periods)
    figure.update_xaxes(title_text="period from (project time)").update_yaxes(title_text="raw agreement, %")
    return [chart(figure, "Dots with intervals: raw agreement by period", below)]


def _pairs(rows: Sequence[Mapping[str, Any]], end: str, about: str) -> Table:
    """Everybody with everybody else, those with most in common first."""
    columns = (
        Column("a", "one"),
        Column("b", "other"),
        Column("n", "shared items", "count"),
        Column("percent", "raw agreement", "percent"),
        Column("kappa", "Cohen's kappa"),
    )
    ordered = sorted(rows, key=lambda row: (-row["n"], row["a"], row["b"]))
    below = table(f"pairs{end}", f"Who agrees with whom{about}", columns, ordered)
    if not any(row["kappa"]["value"] is not None and row["n"] >= _ENOUGH for row in rows):
        return below
    note = f"Grey: under {_ENOUGH} shared items."
    return chart(
        pairs(rows, least=_ENOUGH), "Heat map: Cohen's kappa of each two annotators", replace(below, note=note)
    )


def _without(rows: Sequence[Mapping[str, Any]], end: str, about: str) -> Table:
    columns = (
        Column("annotator", "without"),
        Column("ratings", "answers of this person", "count"),
        Column("alpha_without", "alpha of the others"),
    )
    note = f"The {_MOST_WITHOUT} whose absence raises it most. Well above the team's alpha: they pull it down."
    ordered = sorted(rows, key=lambda row: (-(row["alpha_without"] or -1.0), row["annotator"]))
    title = f"Alpha without each person{about}"
    return table(f"influence{end}", title, columns, ordered[:_MOST_WITHOUT], note if len(rows) > _MOST_WITHOUT else "")
