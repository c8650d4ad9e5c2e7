"""Section `fatigue`: whether errors rise with time at work, by source of judgement."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from qc.model import undefined
from qc.stats.fatigue import assess_fatigue, pace_only
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows, text_or_none

NOBODY_JUDGED = "no answer has been judged, by gold or by review"
# Kinds of items are question · 1,000,000 + label, as in the measure judged_rows.
PER_QUESTION: Final = 1_000_000
# Columns of the measure left_out, as they are said.
CLOCKS: Final = {
    "upload": "the time is that of an upload of many at once, or of a day without its hour",
    "unset_clock": "the time is before the year 2000",
    "future": "the time is after the export",
    "too_long": "the session would last more than a week",
}


def section(lens: Lens) -> list[dict[str, Any]]:
    """One entry per source; a single entry `none` with the reason where nothing was judged at all."""
    sources = sorted(set(lens.frame("judged_counts", by=())["source"]))
    if not sources:
        return [_nothing(lens)]
    people = lens.frame("durations")
    found = assess_fatigue(
        lens.frame("judged_time"),
        lens.frame("judged_rows"),
        lens.frame("pace"),
        lens.frame("time_bins"),
        lens.policy.fatigue,
        lens.policy.cost,
        sources,
        answer_order=lens.frame("answer_order"),
        pauses=lens.frame("pauses"),
        work=dict(zip(people["annotator"], people["n"].astype(float), strict=True)),
        sites={
            name: str(site)
            for name, site in zip(people["annotator"], people["site"], strict=True)
            if text_or_none(site)
        },
        kinds=_kinds(lens),
        unusable=_unusable(lens),
    )
    return plain_rows(found)


def adjusted(lens: Lens, source: str) -> dict[str, Any]:
    """The adjusted model of one source, fitted when it is asked for: plain data of `qc.stats.fatigue.adjusted`."""
    from qc.stats.fatigue.adjusted import adjusted_model

    cells = lens.frame("judged_cells")
    return plain_rows(
        [asdict(adjusted_model(cells[cells["source"] == source.split(",")[0]], lens.policy.fatigue.shifts))]
    )[0]


def fit(lens: Lens, parts: list[dict[str, Any]]) -> None:
    """The adjusted model put into each part of the section."""
    for part in parts:
        if part["source"] != "none":
            part["adjusted"] = adjusted(lens, part["source"])


def _unusable(lens: Lens) -> str | None:
    """What most of the times that cannot be used suffer from; None where there are none."""
    left_out = lens.frame("left_out")
    counts = {name: int(left_out[name].sum()) for name in CLOCKS}
    worst = max(CLOCKS, key=lambda name: counts[name])
    return f"of {counts[worst]:,} answers {CLOCKS[worst]}" if counts[worst] else None


def _kinds(lens: Lens) -> dict[int, str]:
    """The label behind each kind of item; with its question where there are several."""
    questions, labels = lens.frame("questions"), lens.frame("labels")
    number = dict(zip(questions["question"], questions["code"], strict=True))
    several = len(number) > 1
    names: dict[int, str] = {}
    for question, code, label in labels[["question", "code", "label"]].itertuples(index=False):
        if question in number and pd.notna(code):
            names[int(number[question]) * PER_QUESTION + int(code)] = f"{question}: {label}" if several else str(label)
    return names


def _nothing(lens: Lens) -> dict[str, Any]:
    blank = undefined(NOBODY_JUDGED, unit="answers").to_json()
    slopes = ("error_per_hour", "error_per_100", "error_per_day_hour")
    seconds, alone = pace_only(lens.frame("pace"), lens.policy.fatigue)
    paces = zip(
        ("seconds_per_hour", "seconds_per_100", "seconds_per_day_hour"),
        (change.to_json() for change in seconds),
        strict=True,
    )
    overall: dict[str, Any] = {
        "verdict": "too little data",
        "sentence": f"Whether errors rise with time at work cannot be told: {NOBODY_JUDGED}.{alone}",
        **dict.fromkeys(slopes, blank),
        **dict(paces),
        "adjusted_for": [],
        "left": None,
        "residual": None,
        "reason": NOBODY_JUDGED,
    }
    lists = ("by_annotator", "by_hour", "by_position", "by_shift", "by_clock", "by_site", "advice")
    unknown = ("answers_per_hour", "day_hours", "day_limit_hours", "break_after_minutes", "adjusted")
    return {
        "source": "none",
        "overall": overall,
        "recovery": blank,
        "monotony": {"error_per_10": blank, "by_kind": []},
        **{name: [] for name in lists},
        **dict.fromkeys(unknown),
    }
