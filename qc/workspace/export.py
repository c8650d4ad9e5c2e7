"""What leaves a project: all its facts, as one file that can be read back."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qc.access import allowed
from qc.model import KEYS, InputError
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.writers import canonical


@allowed("export")
def export_facts(ws: Workspace, project: str, path: Path) -> str:
    """Writes the facts of a project as JSON Lines, and says what was written; nothing partial is left."""
    tables = facts(ws, project)
    beside = path.with_name(f".{path.name}.part")
    try:
        lines = canonical.write(beside, tables)
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    finally:
        beside.unlink(missing_ok=True)
    ws.store.note(ws.actor.name, project, "export", f"file {path.name}", after={"what": "facts", "lines": lines})
    answers = tables["annotations"]
    past = int(pc.sum(pc.equal(answers["current"], False)).as_py() or 0)
    more = f" and {counted(past, 'earlier revision')} of them" if past else ""
    on = counted(len(tables["items"]), "item")
    return f"{counted(len(answers) - past, 'answer')} on {on}{more} written, {lines:,} lines."


def facts(ws: Workspace, project: str) -> dict[str, pa.Table]:
    """The facts of a project with all revisions of its answers, in an order that only their content decides."""
    session = ws.snapshot(project).session
    known = session.facts
    tables = {
        "annotations": known.annotations,
        "regions": known.regions,
        "items": known.items,
        "reviews": known.reviews.drop("recorded_in"),
    }
    return {name: session.arrow(table.order_by(KEYS[name])) for name, table in tables.items()}
