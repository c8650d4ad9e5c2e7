"""How often answers are wrong, apart by who judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures import MOST, dots, number, rate_by_day
from qc.figures import confusion as confusion_of
from qc.reports.blocks import Block, Column, Section, Sentences, Table, chart, table
from qc.reports.material import Material

Part = Mapping[str, Any]
METHOD: Final = (
    "Figures are kept apart by who judged, because gold items and flagged answers are no random sample of the work. "
    "Rates of drawn reviews are Hájek estimates, weighted by 1/π, the probability with which an answer was drawn; "
    "intervals are Wilson's on the effective n (Jeffreys' below 40 unweighted judgements). Reviewers err, too: where "
    "gold or settled double reviews tell how well they see, the rate is corrected (Rogan–Gladen, interval of Lang and "
    "Reiczigel). Objects are counted over the known and the extra ones, clustered by item. A person's rate is drawn "
    "towards the team's (beta-binomial), the more the less of their work was judged, and the verdict follows that "
    "rate: above or within the target only where its interval leaves no doubt."
)
NOTHING: Final = (
    "No answer has been judged, so there are no error rates: draw a sample (qc sample), or read gold answers."
)


def most_judged(parts: Sequence[Part], figure: str) -> Part | None:
    """Of a section's parts by source, the one whose figure rests on most judgements; None without any."""

    def judged(part: Part) -> int:
        e = part["overall"][figure] if figure else part["overall"]
        return int(e["n"]) if e["value"] is not None else -1

    people = [part for part in parts if part["source"] != "rules"]
    return max(people, key=judged, default=None)


def rates(material: Material) -> Section:
    """The error rate of the team, and of each person where the view speaks of them, by every source."""
    parts = material.part("errors")
    if not parts:
        return Section("Error rates", (Sentences((NOTHING,)),))
    blocks: list[Block] = [_overall(parts), *_beside(parts), *_reviewers(material), *_missed(material)]
    target = float(material.assessment["policy"]["errors"]["target"])
    blocks += [_by_annotator(part, target) for part in parts if part["by_annotator"]]
    blocks += [_by(part, "label", "Error rate by label", "Labels") for part in parts if part["by_label"]]
    return Section("Error rates", tuple(blocks), METHOD)


def trend(material: Material) -> Section:
    """The error rate by day, and by site and batch where there are several."""
    parts = material.part("errors")
    if not parts:
        return Section("Over time", (Sentences((NOTHING,)),))
    target = float(material.assessment["policy"]["errors"]["target"])
    blocks: list[Block] = []
    for part in parts:
        if len(part["by_day"]) > 1:
            columns = (Column("day", "day"), Column("rate", "error rate", "percent"))
            days = table(
                f"errors-by-day-{slug(part)}", f"Error rate by day, judged by {part['source']}", columns, part["by_day"]
            )
            figure = rate_by_day(part["by_day"], target=target)
            blocks.append(chart(figure, "Line with band: the error rate by day against the target", days))
        for split in ("site", "batch", "guideline"):
            if len(part[f"by_{split}"]) > 1:
                blocks.append(_by(part, split, f"Error rate by {split}", f"{split.title()}s"))
    if not blocks:
        blocks.append(Sentences(("Judged answers carry no days, sites or batches, so nothing can be said over time.",)))
    return Section("Over time, by site and batch", tuple(blocks), METHOD)


def error_types(material: Material) -> Section:
    """What kinds of errors were found."""
    blocks: list[Block] = []
    for part in material.part("errors"):
        if part["by_type"]:
            columns = (Column("key", "error type"), Column("n", "errors", "count"), Column("rule", "rule"))
            title = f"Error types, judged by {part['source']}"
            blocks.append(table(f"error-types-{slug(part)}", title, columns, part["by_type"]))
    if not blocks:
        blocks.append(Sentences(("No error was given a type so far.",)))
    return Section("Error types", tuple(blocks))


def confusion(material: Material) -> Section:
    """Which label is taken for which."""
    blocks: list[Block] = []
    for part in material.part("errors"):
        if part["confusion"]:
            columns = (Column("truth", "true label"), Column("given", "label given"), Column("n", "answers", "count"))
            title = f"What is taken for what, judged by {part['source']}"
            below = table(
                f"confusion-{slug(part)}", title, columns, part["confusion"], "Rows of the figure add up to 100 %."
            )
            blocks.append(chart(confusion_of(part["confusion"]), "Heat map: labels given against true labels", below))
    if not blocks:
        blocks.append(Sentences(("No judged answer has a known truth, so it cannot be told what is taken for what.",)))
    return Section("Confusion", tuple(blocks))


def slug(part: Part) -> str:
    """A source as a part of a name."""
    return str(part["source"]).replace(", ", "-").replace(" ", "-")


def _overall(parts: Sequence[Part]) -> Table:
    columns = (
        Column("source", "judged by"),
        Column("unit", "unit"),
        Column("overall", "error rate", "percent"),
        Column("p_above_target", "P(above target)", "percent"),
        Column("verdict", "verdict"),
        Column("most", "at most", "percent"),
        Column("true", "corrected for reviewers", "percent"),
    )
    rows = [
        {
            **part,
            "most": part["at_most"]["value"],
            "true": part["corrected"] if part["source"].startswith("review") else None,
        }
        for part in parts
    ]
    note = "At most: with 95 % confidence, Clopper–Pearson, one-sided."
    return table("errors-overall", "The team's error rate by who judged", columns, rows, note)


def _beside(parts: Sequence[Part]) -> list[Block]:
    """Whether who errs most may be chance, and what the rate would be with reviewers of whom nothing is known."""
    told = [f"Judged by {part['source']}: {part['ranking']}" for part in parts if part["ranking"]]
    blocks: list[Block] = [Sentences(tuple(told))] if told else []
    columns = (
        Column("sensitivity", "if an error is seen in", "percent"),
        Column("specificity", "and a right answer let pass in", "percent"),
        Column("rate", "true error rate", "percent"),
    )
    title = "True error rate if reviewers saw so well, judged by {}"
    return blocks + [
        table(f"errors-range-{slug(part)}", title.format(part["source"]), columns, part["corrected_range"])
        for part in parts
        if part["corrected_range"]
    ]


def _reviewers(material: Material) -> list[Block]:
    rows = material.part("reviewers")
    columns = (
        Column("reviewer", "reviewer"),
        Column("source", "held against"),
        Column("sensitivity", "sees an error", "percent"),
        Column("specificity", "lets a right answer pass", "percent"),
    )
    return [table("reviewers", "How well reviewers see", columns, rows)] if rows else []


def _missed(material: Material) -> list[Block]:
    rows = material.part("missed")
    columns = (
        Column("question", "question"),
        Column("by", "by"),
        Column("found", "found", "count"),
        Column("unseen", "neither found, at least", "percent"),
        Column("missed", "one alone misses", "percent"),
    )
    note = "Capture and recapture: a lower bound, because what is easy is found by both."
    return [table("missed", "What two people missed", columns, rows, note)] if rows else []


def _by_annotator(part: Part, target: float) -> Table:
    people = [{**row, "p": row["p_above_target"]} for row in part["by_annotator"]]
    columns = (
        Column("annotator", "annotator"),
        Column("errors", "errors", "count"),
        Column("rate", "error rate", "percent"),
        Column("shrunk", "drawn towards the team", "percent"),
        Column("p", "P(above target)", "percent"),
        Column("verdict", "verdict"),
    )
    ordered = sorted(people, key=lambda row: (-(row["shrunk"]["value"] or 0.0), row["annotator"]))
    title = f"Error rate by annotator, judged by {part['source']}"
    note = f"The figure has the {MOST} highest of {len(people):,} people." if len(people) > MOST else ""
    below = table(f"errors-by-annotator-{slug(part)}", title, columns, ordered, note)
    if not any(row["shrunk"]["value"] is not None for row in people):
        return below
    figure = dots(
        [{"name": row["annotator"], "estimate": row["shrunk"], "status": row["verdict"]} for row in people],
        axis="error rate, drawn towards the team, %",
        target=target,
        target_name=f"target {number(target, 'percent')}",
    )
    return chart(figure, "Dots with intervals: each annotator's error rate against the target", below)


def _by(part: Part, split: str, title: str, many: str) -> Table:
    rows = sorted(part[f"by_{split}"], key=lambda row: (-(row["rate"]["value"] or 0.0), row["key"]))
    columns = (
        Column("key", split),
        Column("errors", "errors", "count"),
        Column("rate", "error rate", "percent"),
    )
    below = table(f"errors-by-{split}-{slug(part)}", f"{title}, judged by {part['source']}", columns, rows)
    figure = dots([{"name": row["key"], "estimate": row["rate"]} for row in rows], axis="error rate, %")
    return chart(figure, f"{many}: dots with intervals of the error rate", below)
