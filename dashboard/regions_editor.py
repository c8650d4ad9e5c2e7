"""The regions of an answer as a table that can be put right: relabelled, removed, moved, added.

What is outlined has its corners in one cell: `60 103, 105 80, 150 103`, and ` | ` between the parts of an object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from qc.workspace.corrected import OUTLINED, PLACE
from qc.workspace.desk import Case, Region
from qc.workspace.differing import objects

_WORDS: Final = {
    **{"t_start": "from", "t_end": "to", "sec_start": "from, s", "sec_end": "to, s"},
    "points": "corners: x y, x y …",
    **{"x": "left", "y": "top", "w": "width", "h": "height", "rotation": "turned, °"},
}
_WHOLE: Final = ("t_start", "t_end")
_POINTS: Final = "points"
_PART: Final = " | "
_NUMBERS: Final = re.compile(r"[-+.\d]+")
CORNERS: Final = "Corners in their order. Point at a corner in the picture to read where it lies."
_NOT_HERE: Final = {
    "masks": "a mask cannot be drawn here: say in the comment what is missing",
    "tracks": "the frames of a track cannot be moved here: say in the comment what is wrong",
}


def table(case: Case) -> pd.DataFrame:
    """One row per object: its label, and where it lies as far as numbers in a table can say it."""
    rows = [_row(case, parts) for parts in objects(case.given.regions)]
    names = _columns(case)
    return pd.DataFrame(rows, columns=names).astype(
        {name: object if name in ("label", _POINTS) else float for name in names}
    )


def edited(case: Case, edits: Mapping[str, Any] | None) -> list[Region] | None:
    """The regions after what was edited in the table; None where nothing was."""
    if not edits or not any(edits.get(part) for part in ("edited_rows", "added_rows", "deleted_rows")):
        return None
    kept: list[Region] = []
    gone = set(edits.get("deleted_rows") or ())
    changed = {int(at): values for at, values in (edits.get("edited_rows") or {}).items()}
    for at, parts in enumerate(objects(case.given.regions)):
        if at not in gone:
            values = dict(changed.get(at, {}))
            outlines = _outlines(values, len(parts))
            values.pop(_POINTS, None)
            kept += [{**region, **values, **outline} for region, outline in zip(parts, outlines, strict=True)]
    filled = [row for row in edits.get("added_rows") or () if any(value is not None for value in row.values())]
    new = [{name: value for name, value in row.items() if not name.startswith("_")} for row in filled]
    new = [{**row, **_outlines(row, 1)[0]} for row in new]
    return [*kept, *({**row, "region_id": f"new-{at}", "kind": case.region_kind} for at, row in enumerate(new))]


def offer(case: Case) -> str:
    """What can be done in the table."""
    if len(_columns(case)) > 1:
        return "change a label or a place, remove or add a row."
    fixed = _NOT_HERE["tracks"] if _tracked(case) else _NOT_HERE.get(str(case.region_kind))
    return "; ".join(filter(None, ("change a label, remove a row", fixed))) + "."


def show(case: Case, key: str) -> None:
    """The table; its edits are in the session state under the key."""
    choices = list(dict.fromkeys((*case.choices, *(str(r["label"]) for r in case.given.regions if r.get("label")))))
    columns: dict[str, Any] = {"label": st.column_config.SelectboxColumn("label", options=choices, width="small")}
    for name in _columns(case)[1:]:
        if name == _POINTS:
            columns[name] = st.column_config.TextColumn(_WORDS[name], help=CORNERS)
            continue
        columns[name] = st.column_config.NumberColumn(
            _WORDS[name],
            format="%d" if name in _WHOLE else "%.1f",
            step=1 if name in _WHOLE else 0.1,
            width=64 if case.region_kind == "boxes" else None,
        )
    st.data_editor(
        table(case),
        key=key,
        num_rows="dynamic" if len(columns) > 1 else "delete",
        column_config=columns,
        hide_index=True,
        height="content" if len(case.given.regions) <= 8 else 320,
    )


def _tracked(case: Case) -> bool:
    return any(region.get("track_id") is not None for region in case.given.regions)


def _columns(case: Case) -> list[str]:
    if _tracked(case):
        return ["label"]
    return ["label", *((_POINTS,) if case.region_kind in OUTLINED else PLACE.get(str(case.region_kind), ()))]


def _row(case: Case, parts: Sequence[Region]) -> dict[str, Any]:
    written = _PART.join(_corners(region.get(_POINTS) or ()) for region in parts)
    return {name: written if name == _POINTS else parts[0].get(name) for name in _columns(case)}


def _corners(points: Sequence[float]) -> str:
    """The points of a region as people write them."""
    numbers = [f"{round(number, 2):.10g}" for number in points]
    return ", ".join(" ".join(numbers[at : at + 2]) for at in range(0, len(numbers), 2))


def _outlines(row: Mapping[str, Any], parts: int) -> list[dict[str, list[float]]]:
    """The points of each part as they were written; none where that are no numbers, or not as many parts."""
    if _POINTS not in row:
        return [{}] * parts
    texts = str(row[_POINTS] or "").split(_PART.strip())
    read = [_numbers(text) for text in texts] if len(texts) == parts else [[]] * parts
    return [{_POINTS: points} for points in read]


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in _NUMBERS.findall(text)] if not re.search(r"[^-+.\d,;\s]", text) else []
    except ValueError:
        return []
