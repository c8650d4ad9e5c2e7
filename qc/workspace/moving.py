"""The record of a workspace moved to another database."""

from __future__ import annotations

from qc.access import allowed
from qc.settings import FILE
from qc.store.copying import copy_record
from qc.store.people import EVERYWHERE
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace


@allowed("workspace")
def copy(ws: Workspace, to: str) -> str:
    """Copy the record to the empty database at an SQLAlchemy URL; returns what was copied and what to do next.

    The facts stay where they are: a record is only as good as its lake, and both records name the same one.
    """
    done = copy_record(ws.store, to, ws.actor.name, EVERYWHERE)
    tables = sum(1 for rows in done.rows.values() if rows)
    return (
        f"{counted(done.total, 'row')} of {counted(tables, 'table')} copied and compared, the audit trail checked. "
        f"Set record in {FILE} to the new database before anybody goes on: the old one is not kept up to date."
    )
