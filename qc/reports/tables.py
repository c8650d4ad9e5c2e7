"""The tables of a report as frames and as plain data, for spreadsheets and programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qc.reports.blocks import Table, is_estimate
from qc.reports.views import Document


def frames(document: Document) -> dict[str, pd.DataFrame]:
    """A frame for each table; an E becomes value, low, high, n, unit, and its reason where it is undefined."""
    return {table.name: _frame(table) for table in document.tables()}


def tables_json(document: Document) -> dict[str, Any]:
    """The report as plain data: where it comes from, its policy, and every table with its E objects."""
    return {
        "schema": "annotation-qc/report/1",
        "title": document.title,
        "about": dict(document.about),
        "policy": dict(document.policy),
        "tables": {table.name: {"title": table.title, "rows": list(table.rows)} for table in document.tables()},
    }


def _frame(table: Table) -> pd.DataFrame:
    rows = [_cells(row) for row in table.rows]
    names = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame(rows, columns=list(names), dtype=object)


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if is_estimate(value):
            cells |= {name: value["value"], f"{name}_low": value["low"], f"{name}_high": value["high"]}
            cells |= {f"{name}_n": value["n"], f"{name}_unit": value["unit"], f"{name}_reason": value["reason"]}
        elif isinstance(value, list | tuple):
            cells[name] = "; ".join(map(str, value))
        else:
            cells[name] = value
    return cells
