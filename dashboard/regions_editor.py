"""The regions of an answer as a table that can be put right: relabelled, removed, moved, added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from qc.workspace.corrected import PLACE
from qc.workspace.desk import Case, Region
from qc.workspace.differing import objects

_WORDS: Final = {
    **{"t_start": "from", "t_end": "to", "sec_start": "from, s", "sec_end": "to, s"},
    **{"x": "left", "y": "top", "w": "width", "h": "height", "rotation": "turned, °"},
}
_WHOLE: Final = ("t_start", "t_end")


def table(case: Case) -> pd.DataFrame:
    """One row per object: its label, and where it lies as far as numbers in a table can say it."""
    rows = [_row(case, parts) for parts in objects(case.given.regions)]
    names = _columns(case)
    return pd.DataFrame(rows, columns=names).astype({"label": object, **dict.fromkeys(names[1:], float)})


def edited(case: Case, edits: Mapping[str, Any] | None) -> list[Region] | None:
    """The regions after what was edited in the table; None where nothing was."""
    if not edits or not any(edits.get(part) for part in ("edited_rows", "added_rows", "deleted_rows")):
        return None
    kept: list[Region] = []
    gone = set(edits.get("deleted_rows") or ())
    changed = {int(at): values for at, values in (edits.get("edited_rows") or {}).items()}
    for at, parts in enumerate(objects(case.given.regions)):
        if at not in gone:
            kept += [{**region, **changed.get(at, {})} for region in parts]
    filled = [row for row in edits.get("added_rows") or () if any(value is not None for value in row.values())]
    new = [{name: value for name, value in row.items() if not name.startswith("_")} for row in filled]
    return [*kept, *({**row, "region_id": f"new-{at}", "kind": case.region_kind} for at, row in enumerate(new))]


def offer(case: Case) -> str:
    """What can be done in the table."""
    return (
        "change a label or a place, remove or add a row" if len(_columns(case)) > 1 else "change a label, remove a row"
    )


def show(case: Case, key: str) -> None:
    """The table; its edits are in the session state under the key."""
    choices = list(dict.fromkeys((*case.choices, *(str(r["label"]) for r in case.given.regions if r.get("label")))))
    columns: dict[str, Any] = {"label": st.column_config.SelectboxColumn("label", options=choices, width="small")}
    for name in _columns(case)[1:]:
        columns[name] = st.column_config.NumberColumn(
            _WORDS[name], format="%d" if name in _WHOLE else "%.1f", step=1 if name in _WHOLE else 0.1
        )
    st.data_editor(
        table(case),
        key=key,
        num_rows="dynamic" if len(columns) > 1 else "delete",
        column_config=columns,
        hide_index=True,
        height="content" if len(case.given.regions) <= 8 else 320,
    )


def _columns(case: Case) -> list[str]:
    tracked = any(region.get("track_id") is not None for region in case.given.regions)
    return ["label", *(() if tracked else PLACE.get(str(case.region_kind), ()))]


def _row(case: Case, parts: Sequence[Region]) -> dict[str, Any]:
    return {name: parts[0].get(name) for name in _columns(case)}
