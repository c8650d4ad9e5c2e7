"""What to label or check next, as a list and as a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qc.access import allowed
from qc.model import EVERYTHING, InputError, Scope
from qc.stats.models.next import ranked
from qc.workspace.assess import view
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.sheet_files import defused

if TYPE_CHECKING:
    import pandas as pd

MOST: Final = 500
COLUMNS: Final = ("item_id", "question", "why", "model", "label", "score", "answers", "batch", "reasons")


@allowed("team")
def next_items(ws: Workspace, project: str, scope: Scope = EVERYTHING, limit: int = MOST) -> pd.DataFrame:
    """Items that a model answered and nobody decided, with the reasons to look at them, the best reasons first.

    Unsure is a score below the policy's `sampling.route_below`.
    """
    lens = view(ws, project, scope)
    found = ranked(lens.frame("doubts"), lens.policy.sampling.route_below, limit)
    return found[list(COLUMNS)]


@allowed("export")
def save(ws: Workspace, project: str, path: Path, limit: int = MOST) -> str:
    """The list as CSV, whole or not at all, and a sentence on it; same state, same bytes."""
    rows = next_items(ws, project, EVERYTHING, limit)
    if not len(rows):
        raise InputError("There is nothing to look at next: no model answered items that nobody has decided.")
    safe = rows.apply(lambda column: column if column.dtype.kind in "if" else column.map(defused))
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(safe.to_csv(index=False).encode("utf-8-sig"))
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    finally:
        beside.unlink(missing_ok=True)
    about = {"what": "next", "form": "csv", "items": len(rows), "data_version": ws.data_version(project)}
    ws.store.note(ws.actor.name, project, "export", "file of next", after=about)
    return f"{counted(len(rows), 'item')} to look at next written."
