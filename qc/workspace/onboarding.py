"""Known answers for newcomers: a seeded choice, as tasks without the answers, and the key apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from qc.access import allowed
from qc.model import InputError, Role
from qc.sampling.onboarding import Candidate, onboarding
from qc.stats.gold_suspects import SUSPECT
from qc.workspace import gold_use, sheet_files
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.training.selected import given_answers
from qc.writers import label_studio
from qc.writers.decided import Decided

MOST: Final = 1_000
# Shares of failures from which an item is taken to be harder, where its difficulty is not stated.
HARDER: Final = ((0.3, "hard"), (0.1, "medium"), (0.0, "easy"))
FEWEST_USES: Final = 5


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The chosen known answers in their order, and what a newcomer and a lead get of them."""

    rows: tuple[dict[str, Any], ...]
    answers: tuple[Decided, ...]

    @property
    def sentence(self) -> str:
        """What is in it."""
        answers = counted(len({(row["question"], row["accepted"]) for row in self.rows}), "answer")
        degrees = counted(len({row["difficulty"] for row in self.rows}), "degree")
        return f"{counted(len(self.rows), 'item')}, {answers}, {degrees} of difficulty."


@allowed("gold")
def choose(ws: Workspace, project: str, size: int, seed: int = 0) -> Onboarding:
    """A set of gold items for newcomers, spread over answers and difficulty, without suspects and retired ones."""
    if not 1 <= size <= MOST:
        raise InputError(f"A set holds 1 to {MOST:,} items.")
    known = {(row["item_id"], row["question"]): row for row in gold_use.listed(ws, project)}
    given: dict[tuple[str, str], Decided] = {}
    for answer in given_answers(ws, project, Role.GOLD):
        given.setdefault((str(answer.item["item_id"]), answer.question), answer)
    offered = [
        Candidate(*key, str(row["accepted"]).split(" | ")[0], difficulty(row))
        for key, row in known.items()
        if key in given and row["state"] != SUSPECT
    ]
    chosen = onboarding(offered, size, seed)
    if not chosen:
        raise InputError("There is no gold to choose from: promote settled items, or read known answers (--gold).")
    keys = [(one.item_id, one.question) for one in chosen]
    rows = [
        {
            **{name: known[key][name] for name in ("item_id", "question", "accepted", "uses", "failed", "text")},
            "difficulty": one.difficulty,
        }
        for key, one in zip(keys, chosen, strict=True)
    ]
    return Onboarding(tuple(rows), tuple(given[key] for key in keys))


@allowed("gold")
def take(ws: Workspace, project: str, form: str, size: int, seed: int = 0) -> bytes:
    """The set as a file: `sheet` or `tasks` without the answers, or `key` with them."""
    if form not in FORMS:
        raise InputError(f"There is no form {form!r}; use one of {', '.join(FORMS)}.")
    chosen = choose(ws, project, size, seed)
    about = {"form": form, "items": len(chosen.rows), "seed": seed}
    ws.store.note(ws.actor.name, project, "export", "onboarding set", after=about)
    return FORMS[form](chosen)


def difficulty(row: Mapping[str, Any]) -> str:
    """As the item states it, else by how many failed it."""
    if row["difficulty"]:
        return str(row["difficulty"])
    if row["uses"] < FEWEST_USES:
        return "not known"
    return next(name for least, name in HARDER if row["failed"] >= least * row["uses"])


def _sheet(chosen: Onboarding) -> bytes:
    return _table(chosen.rows, ("item_id", "question", "text"), label="")


def _key(chosen: Onboarding) -> bytes:
    return _table(chosen.rows, ("item_id", "question", "accepted", "difficulty", "uses", "failed", "text"))


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str], **blank: str) -> bytes:
    frame = pd.DataFrame([{name: row[name] for name in names} | blank for row in rows])
    return sheet_files.written(frame, ".csv")


def _tasks(chosen: Onboarding) -> bytes:
    return label_studio.write(chosen.answers, label_studio.BLANK).content


FORMS: Final[Mapping[str, Callable[[Onboarding], bytes]]] = {"sheet": _sheet, "tasks": _tasks, "key": _key}
