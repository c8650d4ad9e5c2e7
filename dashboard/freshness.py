"""How fresh the figures on the page are, and new ones without a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from dashboard import data
from qc.model import QcError
from qc.workspace import Workspace
from qc.workspace.fresh import Fresh, fresh

LOOK_SECONDS: Final = 20
# Pages on which somebody may be in the middle of a form, that a new run of the page could take from them.
_AT_WORK: Final = frozenset({"review", "conflicts", "checks", "settings", "validation", "people", "gold", "rulebook"})


def now(ws: Workspace, project: str) -> Fresh:
    """The state that the page is about to show."""
    return fresh(ws, project)


def told(project: str, drawn: Fresh, page: str) -> None:
    """Say beside the page how fresh it is, and look now and then whether there is something newer."""
    with st.sidebar:
        _state(project, drawn, page in _AT_WORK)


@st.fragment(run_every=LOOK_SECONDS)
def _state(project: str, drawn: Fresh, at_work: bool) -> None:
    try:
        latest = fresh(data.workspace(), project)
    except QcError:
        # The project or the role is gone: the next run of the page says so.
        return
    newer = latest.mark != drawn.mark
    if newer and not at_work:
        st.rerun()
    read = f"Data as of {drawn.since(datetime.now(UTC))}" if drawn.read_at else "No data yet"
    st.caption(f"{read} · version {drawn.version}", help=_details(drawn))
    if newer and st.button("Show what is new", icon=":material/refresh:", width="stretch"):
        st.rerun()


def _details(drawn: Fresh) -> str:
    times = (("Last export read", drawn.read_at), ("last decision or change", drawn.changed_at))
    known = [f"{what} {at:%Y-%m-%d %H:%M} UTC" for what, at in times if at]
    return "; ".join((*known, "the version names the tables of the lake and the parts of the record")) + "."
