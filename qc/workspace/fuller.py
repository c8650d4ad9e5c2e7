"""Exports that leave out what another format of the same tool has: they must not make answers poorer unseen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from qc.model import InputError
from qc.store import Store
from qc.store.imports import imports
from qc.workspace.ingested import counted

FULLER: Final = {"label_studio_min": "label_studio", "label_studio_csv": "label_studio"}
"""Formats, and those of the same submissions that have skips, gold, predictions, reviews and drafts beside them."""


def refuse_poorer(store: Store, project: str, file: str, format_: str, staging: Path, files: Sequence[str]) -> None:
    """InputError where an import holds submissions that came in a fuller format; `files` are the lake's answers."""
    fuller = FULLER.get(format_)
    known = {entry["id"]: entry["file"] for entry in imports(store, project) if entry["format"] == fuller}
    if not files or not known:
        return
    with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as con:
        staged = con.read_parquet(str(staging / "annotations.parquet")).select("annotation_id").distinct()
        held = con.read_parquet(list(files), hive_partitioning=False).filter("current")
        shared = held.select("annotation_id, import_id").join(staged, "annotation_id").set_alias("shared")
        found = (
            shared.aggregate("import_id, count(DISTINCT annotation_id) AS n", "import_id").order("n DESC").fetchall()
        )
    came = [(known[import_id], n) for import_id, n in found if import_id in known]
    if came:
        raise InputError(
            f"{file} holds {counted(sum(n for _, n in came), 'submission')} that {came[0][0]} brought as Label Studio "
            "JSON, which has more (skips, gold, predictions, reviews): keep that and export JSON again for what is "
            "new, or import this file into another project."
        )
