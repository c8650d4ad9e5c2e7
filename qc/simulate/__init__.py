"""Simulated exports with planted errors, fatigue and drift, and the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from qc.simulate.answers import answer, review
from qc.simulate.label_studio import tasks
from qc.simulate.plan import CHARACTERS, SUPPORT_TICKETS, Annotator, Plan, Site, crew
from qc.simulate.truth import truth
from qc.simulate.work import clock, deal, make_items

__all__ = [
    "CHARACTERS",
    "SUPPORT_TICKETS",
    "Annotator",
    "Plan",
    "Simulated",
    "Simulation",
    "Site",
    "crew",
    "play",
    "simulate",
]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A project that was played through: Label Studio's tasks and the truth behind them."""

    tasks: list[dict[str, Any]]
    truth: dict[str, Any]

    def export_bytes(self) -> bytes:
        """The export as one line of JSON; the same plan gives the same bytes (checked with the pinned NumPy)."""
        return orjson.dumps(self.tasks)

    def truth_bytes(self) -> bytes:
        """The truth as indented JSON."""
        return orjson.dumps(self.truth, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True)
class Simulated:
    """The files that were written, and the truth that one of them holds."""

    export: Path
    truth_file: Path
    truth: dict[str, Any]


def play(plan: Plan) -> Simulation:
    """Everything that happens in a plan, without writing anything; InputError where the work does not fit the days."""
    people = crew(plan)
    items = make_items(plan)
    rows = answer(plan, people, items, clock(plan, people, items, deal(plan, people, items)))
    reviews = review(plan, people, rows)
    return Simulation(tasks(plan, people, items, rows, reviews), truth(plan, people, items, rows, reviews))


def simulate(plan: Plan, folder: Path) -> Simulated:
    """Write `export.json` (Label Studio's JSON) and `truth.json` into a folder, made where it is missing."""
    simulation = play(plan)
    folder.mkdir(parents=True, exist_ok=True)
    export, truth_file = folder / "export.json", folder / "truth.json"
    export.write_bytes(simulation.export_bytes())
    truth_file.write_bytes(simulation.truth_bytes())
    return Simulated(export, truth_file, simulation.truth)
