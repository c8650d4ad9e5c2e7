"""Rows of an assessment as tables: on the screen, and as files that a spreadsheet opens safely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from qc.figures import Style
from qc.workspace.sheet_files import defused

_FORMATS: Mapping[str, str] = {
    "percent": "percent",
    "points": "percent",
    "change": "percent",
    "plain": "%.3f",
    "seconds": "%.1f s",
    "money": "%,.2f",
    # Not %d, which cuts estimates off instead of rounding them.
    "count": "%,.0f",
    "p": "%.3f",
}


# How a picture in a cell begins.
PICTURE = r"data:image/svg\+xml"
# How a time in a cell begins, and the pixels that all of it needs.
TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d"
TIME_WIDTH = 160


def flat(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame of rows in which every E has become value, low, high, n and (where undefined) its reason."""
    return pd.DataFrame([_flat_row(row) for row in rows])


def _flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and {"value", "low", "high", "n"} <= set(value):
            cells |= {name: value["value"], f"{name}_low": value["low"], f"{name}_high": value["high"]}
            if "n" not in row:
                cells[f"{name}_n"] = value["n"]
            if value.get("reason"):
                cells[f"{name}_reason"] = value["reason"]
        elif isinstance(value, Mapping):
            cells |= {f"{name}_{part}": inner for part, inner in value.items()}
        elif isinstance(value, list | tuple):
            cells[name] = ", ".join(map(str, value))
        else:
            cells[name] = value
    return cells


def csv(frame: pd.DataFrame) -> bytes:
    """The frame as UTF-8 CSV without pictures; text that a spreadsheet would run as a formula gets an apostrophe."""
    safe = {
        defused(name): column.map(defused) if not pd.api.types.is_numeric_dtype(column) else column
        for name, column in frame.items()
        if not _drawn(column)
    }
    return pd.DataFrame(safe).to_csv(index=False).encode("utf-8-sig")


def columns(frame: pd.DataFrame, styles: Mapping[str, Style]) -> dict[str, Any]:
    """How each column is shown: its name in words, numbers in the style of their figure."""
    shown: dict[str, Any] = {}
    for name, column in frame.items():
        words = str(name).replace("_", " ")
        if _drawn(column):
            shown[str(name)] = st.column_config.ImageColumn(words, width="medium")
            continue
        style = next((styles[stem] for stem in _stems(str(name)) if stem in styles), None)
        if style is not None and pd.api.types.is_numeric_dtype(column):
            shown[str(name)] = st.column_config.NumberColumn(words, format=_FORMATS[style])
        elif pd.api.types.is_float_dtype(column):
            shown[str(name)] = st.column_config.NumberColumn(words, format="%.3g")
        elif pd.api.types.is_datetime64_any_dtype(column):
            shown[str(name)] = st.column_config.DatetimeColumn(words, format="YYYY-MM-DD HH:mm:ss", width=TIME_WIDTH)
        elif _begins(column, TIME):
            shown[str(name)] = st.column_config.Column(words, width=TIME_WIDTH)
        else:
            shown[str(name)] = st.column_config.Column(words)
    return shown


def _drawn(column: pd.Series) -> bool:
    return _begins(column, PICTURE)


def _begins(column: pd.Series, pattern: str) -> bool:
    """Whether the first known cell is a text that begins so."""
    known = column.dropna()
    return not known.empty and isinstance(known.iloc[0], str) and bool(re.match(pattern, known.iloc[0]))


def _stems(name: str) -> tuple[str, ...]:
    return (name, name.removesuffix("_low").removesuffix("_high"))
