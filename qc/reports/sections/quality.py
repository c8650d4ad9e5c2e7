"""What the people who check need: samples, gold, conflicts, and the state of the data."""

from __future__ import annotations

from typing import Final

from qc.figures import several
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, count, table
from qc.reports.material import Material

GOLD_METHOD: Final = (
    "The accuracy of a consensus is cross-fitted in ten folds: the known answers of a fold are hidden from the fit. "
    "Intervals are Wilson's."
)


def samples(material: Material) -> Section:
    """What was drawn, what was judged of it, and what waits."""
    volume = material.assessment["volume"]
    boxes = (
        count("Reviewed", f"{volume['reviewed']:,}", f"of {several(volume['annotations'], 'answer')}"),
        count("Drawn", f"{sum(row['answers'] for row in material.draws):,}", several(len(material.draws), "draw")),
        count("Waiting", f"{sum(row['waiting'] for row in material.draws):,}", "drawn and not yet judged"),
    )
    blocks: list[Block] = [Headlines(boxes)]
    if material.draws:
        columns = (
            Column("drawn_on", "drawn on"),
            Column("seed", "seed"),
            Column("answers", "answers", "count"),
            Column("judged", "judged", "count"),
            Column("waiting", "waiting", "count"),
        )
        rows = [{**row, "seed": str(row["seed"])} for row in material.draws]
        blocks.append(table("samples", "Samples drawn", columns, rows))
    else:
        blocks.append(Sentences(("No sample was drawn here yet: run qc sample, or use the page Spot checks.",)))
    return Section("Samples and reviews", tuple(blocks))


def gold(material: Material) -> Section:
    """How the majority and Dawid–Skene fare against known answers."""
    consensus = material.assessment["consensus"]
    rows = [{**row, **row["accuracy_vs_gold"]} for row in consensus.get("questions", ())]
    if not any(row["majority"]["value"] is not None for row in rows):
        return Section("Gold", (Sentences(("No item has both a known answer and answers of people.",)),))
    columns = (
        Column("question", "question"),
        Column("items", "items", "count"),
        Column("majority", "majority right", "percent"),
        Column("dawid_skene", "Dawid–Skene right", "percent"),
        Column("favoured", "which to trust"),
    )
    return Section("Gold", (table("consensus", "Consensus against gold", columns, rows),), GOLD_METHOD)


def conflicts(material: Material) -> Section:
    """The items that people answer most differently, and which of them are settled."""
    if not material.conflicts:
        return Section("Conflicts", (Sentences(("No item without a known answer was answered differently.",)),))
    columns = (
        Column("item_id", "item"),
        Column("question", "question"),
        Column("answers", "answers"),
        Column("majority", "majority"),
        Column("majority_share", "its share", "percent"),
        Column("suggestion", "suggestion"),
        Column("settled", "settled as"),
    )
    return Section("Conflicts", (table("conflicts", "The hardest items", columns, material.conflicts),))


def data(material: Material) -> Section:
    """What was refused, dropped or missing, and what that costs."""
    quality = material.assessment["data_quality"]
    boxes = (
        count("Quarantined", f"{quality['quarantined']:,}", "records that could not be read"),
        count("Duplicates", f"{quality['duplicates']:,}", "dropped and counted"),
        count("Clock errors", f"{quality['clock_errors']:,}", "answers with impossible times"),
    )
    lines = [f"Missing, {column}: {reason}." for column, reason in quality["missing_columns"].items()]
    lines += quality["notes"]
    if quality["unknown_labels"]:
        lines.append(f"Labels that the policy does not declare: {', '.join(quality['unknown_labels'])}.")
    blocks: list[Block] = [Headlines(boxes)]
    if lines:
        blocks.append(Sentences(tuple(lines), listed=True))
    if material.quarantine:
        refused = (Column("file", "file"), Column("reason", "reason"), Column("n", "records", "count"))
        blocks.append(table("quarantine", "Quarantine", refused, material.quarantine))
    broken = [row for row in material.part("rules") if row["violations"]]
    if broken:
        columns = (
            Column("name", "rule"),
            Column("question", "question"),
            Column("sentence", "what it asks"),
            Column("n", "answers", "count"),
            Column("violations", "broken when first submitted", "count"),
            Column("standing", "still broken", "count"),
        )
        blocks.append(table("rules", "Rules that answers break", columns, broken))
    return Section("Data quality", tuple(blocks))
