"""What leaves a project: all its facts, as one file that can be read back."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from qc.access import allowed
from qc.model import KEYS, InputError
from qc.workspace.opening import Workspace
from qc.writers import canonical


@allowed("export")
def export_facts(ws: Workspace, project: str, path: Path) -> str:
    """Writes the current facts of a project as JSON Lines, and says what was written; nothing partial is left."""
    tables = facts(ws, project)
    beside = path.with_name(f".{path.name}.part")
    try:
        lines = canonical.write(beside, tables)
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    finally:
        beside.unlink(missing_ok=True)
    return f"{len(tables['annotations']):,} answers on {len(tables['items']):,} items written, {lines:,} lines."


def facts(ws: Workspace, project: str) -> dict[str, pa.Table]:
    """The facts of a project without the answers that were replaced, in an order that only their content decides."""
    session = ws.snapshot(project).session
    known = session.facts
    newest = known.annotations.filter(known.annotations.current.coalesce(True))
    kept = newest.select("annotation_id", "question", "revision").distinct()
    tables = {
        "annotations": newest,
        "regions": known.regions.semi_join(kept, ["annotation_id", "question", "revision"]),
        "items": known.items,
        "reviews": known.reviews.drop("recorded_in"),
    }
    return {name: session.arrow(table.order_by(KEYS[name])) for name, table in tables.items()}
