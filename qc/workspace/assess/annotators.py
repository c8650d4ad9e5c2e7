"""Section `annotators`: how much each person did, how fast, and how consistently."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.intervals import wilson
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows, text_or_none
from qc.workspace.assess.time_at_work import own_hours
from qc.workspace.ingested import counted


def section(lens: Lens) -> list[dict[str, Any]]:
    """One row per annotator, by name."""
    durations = lens.frame("durations").sort_values("annotator", kind="stable")
    repeats = lens.frame("repeats").groupby("annotator")[["pairs", "same"]].sum()
    clock = lens.frame("clock").set_index("annotator")
    care = {person["annotator"]: person["flags"] for person in lens.section("care")["by_annotator"]}
    hours = own_hours(lens)
    return plain_rows([_row(row, repeats, clock, care, hours) for row in durations.itertuples()])


def _row(
    row: Any,
    repeats: pd.DataFrame,
    clock: pd.DataFrame,
    care: dict[str, list[str]],
    hours: dict[str, tuple[float, str]],
) -> dict[str, Any]:
    active, kind = hours.get(row.annotator, (None, None))
    answered, skipped = int(row.n), int(row.skipped)
    known = row.median_seconds == row.median_seconds and row.median_seconds is not None
    median = (
        Estimate(float(row.median_seconds), None, None, answered, "answers", "median")
        if known
        else undefined("this export has no durations", answered, "answers")
    )
    return {
        "annotator": row.annotator,
        "site": text_or_none(row.site),
        "n": answered,
        "median_seconds": median,
        "active_hours": active,
        "active_hours_kind": kind,
        "skip_rate": wilson(skipped, answered + skipped, unit="submissions"),
        "self_agreement": _self_agreement(row.annotator, repeats),
        "flags": [
            *care.get(row.annotator, []),
            *_clock_flags(row.annotator, clock),
        ],
    }


def _clock_flags(annotator: str, clock: pd.DataFrame) -> list[str]:
    if annotator not in clock.index:
        return []
    seen = clock.loc[annotator]
    shared, backwards = int(seen["same_timestamp"]), int(seen["negative"])
    return [
        *([f"{counted(shared, 'submission')} at one time with others: time at work unknown"] if shared else []),
        *([f"{counted(backwards, 'submission')} with an end before the beginning"] if backwards else []),
    ]


def _self_agreement(annotator: str, repeats: pd.DataFrame) -> Estimate:
    if annotator not in repeats.index:
        return undefined("nothing was answered twice", unit="repeats")
    pairs, same = repeats.loc[annotator]
    return wilson(int(same), int(pairs), unit="repeats")
