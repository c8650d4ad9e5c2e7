"""Whether people still look at what a model proposes: automation bias of the team, and who leaves wrong pre-labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures import dots
from qc.figures.sayings import bias_said, stamped_said
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, Table, chart, headline, table
from qc.reports.material import Material

TITLE: Final = "Do people still look?"
METHOD: Final = (
    "How often people err when shown a wrong pre-label, less how often they would unaided on items alike (question, "
    "declared difficulty, what the model says). For one person this is compared with their own errors and with the "
    "others'; false discoveries are held at 5 % over all people (Benjamini–Hochberg). Somebody who errs as often "
    "unaided is not named, however many wrong pre-labels they leave."
)


def prelabels(material: Material) -> Section:
    """Wrong pre-labels that survive, of the team and of each person where the view speaks of them."""
    found = material.part("prelabels")
    if not found or (found["bias"]["value"] is None and not found["by_annotator"]):
        said = bias_said(found) if found else "No answer is known to have started from a prediction."
        return Section(TITLE, (Sentences((said,)),))
    blocks: list[Block] = [
        Sentences((bias_said(found), *stamped_said(found))),
        Headlines(
            (
                headline("Wrong pre-labels that survive", found["survived"], "percent"),
                headline("Errors without a pre-label", found["unaided"], "percent"),
                headline("Automation bias", found["bias"], "points"),
            )
        ),
    ]
    if found["by_annotator"]:
        blocks.append(_people(found["by_annotator"]))
    return Section(TITLE, tuple(blocks), METHOD)


def _people(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column("annotator", "annotator"),
        Column("survived", "left as they were", "percent"),
        Column("unaided", "errs unaided", "percent"),
        Column("expected", "expected on such items", "percent"),
        Column("excess", "errs more than expected", "points"),
        Column("p", "p", "p"),
        Column("q", "q", "p"),
        Column("verdict", "verdict"),
    )
    ordered = sorted(rows, key=lambda row: (row["p"] is None, row["p"] or 0.0, row["annotator"]))
    below = table("prelabels", "Wrong pre-labels that mislead, by annotator", columns, ordered)
    known = [
        {"name": row["annotator"], "estimate": row["excess"]} for row in rows if row["excess"]["value"] is not None
    ]
    if not known:
        return below
    figure = dots(known, axis="errors beyond those expected unaided, points", style="points")
    alt = "Dots with intervals: how much oftener each annotator errs with a wrong pre-label than unaided"
    return chart(figure, alt, below)
