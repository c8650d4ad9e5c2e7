"""What leaves a project as decided, as files that models are trained on."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from qc.access import allowed
from qc.model import InputError
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.training.forms import FORMS
from qc.workspace.training.selected import SELECTIONS

MOST_HARD: Final = 200
# What makes a kind of export hold something.
FIRST: Final = {
    "gold": ": read known answers in with --gold, or promote settled items on the page Gold",
    "corrections": ": no reviewer has put an answer right yet",
    "consensus": ": nobody has answered anything yet",
    "reviewed": ": draw a sample and record what was found",
    "hard": ": every item is decided, or people agree on it",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that leaves, and a sentence on what is in it."""

    content: bytes
    sentence: str


@allowed("export")
def take(ws: Workspace, project: str, what: str, form: str, limit: int = MOST_HARD) -> Taken:
    """The decided answers of a project as a file; same state, same bytes.

    what: one of SELECTIONS; form: one of FORMS; limit: how many hard items. Answers that the form cannot hold are left
    out and counted.
    """
    if what not in SELECTIONS:
        raise InputError(f"There is nothing called {what!r} to export; use one of {', '.join(SELECTIONS)}.")
    if form not in FORMS:
        raise InputError(f"There is no form {form!r}; use one of {', '.join(FORMS)}.")
    rows, left = SELECTIONS[what](ws, project)
    rows = rows[:limit] if what == "hard" else rows
    version = ws.data_version(project)
    written = FORMS[form]([replace(row, data_version=version) for row in rows])
    missing = left | dict(written.left_out)
    if not written.answers:
        why = f" ({'; '.join(missing)})" if missing else ""
        raise InputError(f"There is nothing to export as {what} in the form {form}{why}{'' if why else FIRST[what]}.")
    about = {"what": what, "form": form, "answers": written.answers, "data_version": version}
    ws.store.note(ws.actor.name, project, "export", f"file of {what}", after=about)
    parts = [f"{counted(written.answers, 'answer')} written ({what}, {form})."]
    parts += [f"{counted(n, 'answer')} left out: {reason}." for reason, n in missing.items()]
    return Taken(written.content, " ".join(parts))


@allowed("export")
def save(ws: Workspace, project: str, what: str, form: str, path: Path, limit: int = MOST_HARD) -> str:
    """`take` into a file, whole or not at all."""
    taken = take(ws, project, what, form, limit)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(taken.content)
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    finally:
        beside.unlink(missing_ok=True)
    return taken.sentence


def form_of(path: Path) -> str:
    """The form that a file's name asks for; InputError where it could be several."""
    known = {".csv": "csv", ".jsonl": "jsonl"}
    if path.suffix.lower() not in known:
        raise InputError(f"Say in which form {path.name} is to be written: --format {', '.join(FORMS)}.")
    return known[path.suffix.lower()]
