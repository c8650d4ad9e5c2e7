"""Planted exports: errors, fatigue and drift that are known, to see whether they are found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qc.simulate import Plan, simulate


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the export and its truth were written."""

    sentence: str
    export: Path
    truth: Path


def plant(folder: Path, seed: int, items: int, annotators: int, days: int) -> Planted:
    """Write a Label Studio export with planted truth; the same seed gives the same bytes."""
    done = simulate(Plan(seed=seed, n_items=items, n_annotators=annotators, days=days), folder)
    return Planted(
        f"{done.export} holds the planted export, {done.truth_file} what is true of it. "
        f"Try: qc ingest {done.export} --project planted",
        done.export,
        done.truth_file,
    )
