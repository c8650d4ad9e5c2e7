"""What people make of the models' answers, how right those are, and where people must look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qc.figures import MOST, calibration, dots
from qc.figures.routing import by_label, let_through
from qc.figures.sayings import model_said, routing_said
from qc.reports.blocks import Block, Column, Section, Sentences, chart, table
from qc.reports.material import Material

METHOD: Final = (
    "Overridden: people gave another answer than the model, of those that started from the model's where the export "
    "says which did. Right: weighted by how the answers were drawn, and only against judgements that the model did not "
    "suggest. The calibration error is how far the stated confidence is off on average, less its bias (ten bins, "
    "bootstrap). The threshold in question is that confidence from which on nobody looks; the error is that of what "
    "would pass it. The one for the target is such that the upper 95 % bound of that error stays within it "
    "(fixed-sequence test at 99 %)."
)
PASSED: Final = (
    ("at_target", "meets the target"),
    ("least_cost", "of least cost"),
    ("in_force", "in force"),
    ("customary", "customary"),
)
_MOST_CURVES: Final = 6

Model = Mapping[str, Any]


def models(material: Material) -> Section:
    """Override rates, accuracy and calibration by model, errors by label, and what each threshold would let through."""
    found = material.part("models")
    if not found:
        return Section("Models", (Sentences(("No model answered in this project.",)),))
    columns = (
        Column("model", "model"),
        Column("n", "answers", "count"),
        Column("override_rate", "overridden", "percent"),
        Column("accepted_unchanged", "accepted unchanged", "percent"),
        Column("accuracy", "right", "percent"),
        Column("calibration_error", "calibration error", "percent"),
    )
    below = table("models", "Models", columns, found)
    known = [{"name": row["model"], "estimate": row["accuracy"]} for row in found]
    drawn = any(row["estimate"]["value"] is not None for row in known)
    first = chart(dots(known, axis="answers that are right, %"), "Dots: how right each model is", below)
    said = [line for row in found for line in model_said(row)]
    blocks: list[Block] = [Sentences(tuple(said))] if said else []
    blocks += [first if drawn else below, *_believed(found), *_by_label(found), *_by_week(found)]
    return Section("Models", (*blocks, *_thresholds(found)), METHOD)


def _believed(found: Sequence[Model]) -> Iterator[Block]:
    series = {row["model"]: row["calibration"] for row in found[:_MOST_CURVES] if row["calibration"]}
    if not series:
        return
    columns = (
        Column("model", "model"),
        Column("score", "stated confidence"),
        Column("accuracy", "right", "percent"),
    )
    rows = [{"model": name, **row} for name, own in series.items() for row in own]
    note = "On the dashed line a model is right as often as it says. Below it, it is too sure of itself."
    below = table("calibration", "Can the confidence be believed?", columns, rows, note)
    yield chart(calibration(series), "Curves with intervals: how often each model is right at each confidence", below)


def _by_label(found: Sequence[Model]) -> Iterator[Block]:
    columns = (
        Column("question", "question"),
        Column("label", "label"),
        Column("false_positive", "called so, and is not", "percent"),
        Column("false_negative", "is so, and called otherwise", "percent"),
        Column("override_rate", "overridden", "percent"),
    )
    for place, row in enumerate(found, 1):
        if row["by_label"]:
            end, about = _of(row, place, found)
            below = table(f"models-labels{end}", f"Wrong by label{about}", columns, row["by_label"])
            alt = "Dots with intervals: false positives and false negatives of each label"
            yield chart(by_label(row["by_label"][:MOST][::-1]), alt, below)


def _by_week(found: Sequence[Model]) -> Iterator[Block]:
    """Over time: weeks are those of people's answers."""
    columns = (
        Column("key", "week from"),
        Column("override_rate", "overridden", "percent"),
        Column("accuracy", "right", "percent"),
    )
    for place, row in enumerate(found, 1):
        if len(row["by_week"]) > 1:
            end, about = _of(row, place, found)
            weeks = [
                {"name": week["key"], "estimate": week["override_rate"], "place": -at}
                for at, week in enumerate(row["by_week"])
            ]
            below = table(f"models-weeks{end}", f"Week by week{about}", columns, row["by_week"])
            yield chart(dots(weeks, axis="overridden, %"), "Dots with intervals: overridden answers by week", below)


def _thresholds(found: Sequence[Model]) -> Iterator[Block]:
    columns = (
        Column("kind", "threshold"),
        Column("threshold", "people look below"),
        Column("passing", "passes unseen", "percent"),
        Column("error", "error of what passes", "percent"),
        Column("at_most", "at most", "percent"),
    )
    for place, row in enumerate(found, 1):
        routing, (end, about) = row["routing"], _of(row, place, found)
        if not routing["n"]:
            continue
        told = [{"kind": words, **routing[name]} for name, words in PASSED if routing[name]]
        marked = {
            str(entry["kind"]): float(entry["threshold"])
            for entry in told
            if entry["kind"] != "in force" and 0 <= entry["threshold"] <= 1
        }
        yield Sentences(tuple(routing_said(routing)))
        note = "At most: the upper 95 % bound of the error."
        below = table(f"thresholds{end}", f"Below which confidence people must look{about}", columns, told, note)
        alt = (
            "Curves with a band: the share wrong among the answers that pass each threshold, and the share that passes"
        )
        yield chart(let_through(routing["curve"], target=routing["target"], marked=marked), alt, below)


def _of(row: Model, place: int, found: Sequence[Model]) -> tuple[str, str]:
    """The end of a table's name and of its title where there are several models."""
    return (f"-{place}", f": {row['model']}") if len(found) > 1 else ("", "")
