"""Fatigue in sheets as studies write them, from the file to the verdict; truths are planted here. About 30 s."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd

from qc.reports import Material
from qc.reports.blocks import Sentences
from qc.reports.sections.fatigue import fatigue as reported
from qc.workspace import assess, open_workspace
from qc.workspace.ingest import ingest

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))


def trials(people: int, blocks: int, length: int, rise: float) -> pd.DataFrame:
    """One row per trial: block and trial begin anew, four stimuli come over and over, 5 % errors and `rise` a block."""
    chance = np.random.default_rng(11)
    places = pd.MultiIndex.from_product(
        [range(people), range(1, blocks + 1), range(1, length + 1)], names=["subject", "block", "trial"]
    )
    table = places.to_frame(index=False)
    wrong = chance.random(len(table)) < 0.05 + rise * (table["block"] - 1)
    stimulus = chance.integers(4, size=len(table))
    return table.assign(
        stimulus=stimulus, response=np.where(wrong, stimulus ^ 1, stimulus), correct=(~wrong).astype(int), rt=800
    )


def fatigue(folder: Path, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The section of a project that holds the table alone; it keeps to the schema."""
    table.to_csv(folder / "study.csv", index=False)
    opened = open_workspace(folder / "ws")
    ingest(opened, "study", folder / "study.csv")
    found = assess.section(opened, "study", "fatigue")
    jsonschema.validate(found, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["fatigue"]})
    return list(found)


def test_four_stimuli_in_blocks_of_trials_show_a_team_that_tires(tmp_path: Path) -> None:
    """Five blocks of 60, 4 points more errors in each: 6.7 points per 100 answers, where only `correct` tells."""
    (part,) = fatigue(tmp_path, trials(people=16, blocks=5, length=60, rise=0.04))
    assert part["source"] == "review"
    assert part["overall"]["verdict"] == "rising"
    assert part["overall"]["error_per_100"]["low"] < 0.04 / 0.6 < part["overall"]["error_per_100"]["high"]
    assert part["overall"]["error_per_100"]["high"] - part["overall"]["error_per_100"]["low"] < 0.05
    assert [row["position"] for row in part["by_position"]] == list(range(0, 300, 25))


def test_where_nothing_was_judged_the_pace_is_told_all_the_same(tmp_path: Path) -> None:
    """A tenth less time with each 20 minutes: 27 % less an hour, and nothing of errors."""
    chance = np.random.default_rng(12)
    table = trials(people=10, blocks=1, length=120, rise=0.0).drop(columns=["correct", "rt", "block"])
    minutes = table["trial"] * 0.5
    table["seconds"] = (25 * 0.9 ** (minutes / 20) * np.exp(chance.normal(0, 0.3, len(table)))).round(1)
    table["item"] = chance.integers(50, size=len(table))
    start = pd.Timestamp("2026-03-02T08:00:00Z")
    table["submitted_at"] = (start + pd.to_timedelta(minutes, "min")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    (part,) = fatigue(tmp_path, table.drop(columns=["stimulus", "trial"]))
    assert (part["source"], part["overall"]["verdict"]) == ("none", "too little data")
    pace = part["overall"]["seconds_per_hour"]
    assert pace["low"] < 0.9**3 - 1 < pace["high"]
    assert part["overall"]["error_per_hour"]["value"] is None
    assert part["overall"]["sentence"].startswith(
        "Whether errors rise with time at work cannot be told: no answer has been judged, by gold or by review. "
        "People do get faster: "
    )
    told = reported(Material({"fatigue": [part]}, source=None))  # type: ignore[arg-type]
    assert told.blocks[0] == Sentences((f"Verdict for the team: too little data. {part['overall']['sentence']}",))
