"""The health of a workspace: versions, configuration, record, lake, quarantine; and a check of the engine's alphas."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from qc import __version__
from qc.access import allowed
from qc.model import FACT_TABLES, QcError, UnavailableError
from qc.store.audit import checked, trails
from qc.store.imports import refused, snapshot
from qc.workspace import assess
from qc.workspace.assess.asked import COMPARABLE, Asked
from qc.workspace.audit import pinned, told
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.staging import abandoned

GOOD, NOTE, BAD = "ok", "note", "bad"
PACKAGES: Final = ("duckdb", "ibis-framework", "deltalake", "pandas", "pyarrow", "sqlalchemy", "streamlit", "plotly")
# The WAL-reset corruption of SQLite is mended from here on.
SAFE_SQLITE: Final = (3, 51, 3)
SAME: Final = 1e-9
_COUNTED: Final = {
    "row": (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".parquet"),
    "line": (".jsonl", ".ndjson", ".manifest", ".txt", ".ann"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and whether it is ok, worth a note, or bad."""

    area: str
    what: str
    state: str
    detail: str

    @property
    def line(self) -> str:
        """As the command prints it."""
        return f"{self.state:>4}  {self.area}: {self.what} {self.detail}".rstrip()


@allowed("workspace")
def examine(ws: Workspace, kept: Sequence[str] = ()) -> list[Finding]:
    """Everything that can be looked at without changing anything; `kept` are digests of audit trails from earlier."""
    return [
        *_versions(),
        *_configuration(ws),
        *_record(ws),
        *_audit(ws, kept),
        *_lake(ws),
        *_staging(ws),
        *_quarantine(ws),
    ]


@allowed("workspace")
def verify(ws: Workspace) -> Iterator[Finding]:
    """Krippendorff's alpha of every question again, by the package krippendorff, from the single answers."""
    try:
        import krippendorff
    except ImportError as error:
        raise UnavailableError(
            "The package krippendorff is not installed; pip install 'annotation-qc[crosscheck]' and ask again."
        ) from error
    for project in ws.projects():
        lens = assess.view(ws, project.slug)
        parts = {part["question"]: part for part in assess.section(ws, project.slug, "agreement")}
        for row in lens.frame("questions").itertuples():
            if row.kind in COMPARABLE:
                yield _verified(lens, row, parts[row.question]["alpha"]["value"], krippendorff.alpha)


def _verified(lens: Any, row: Any, ours: float | None, alpha: Any) -> Finding:
    asked = Asked(lens, row.question, row.kind)
    level, scale = asked.level, asked.scale
    codes = lens.frame("codes")
    codes = codes[codes["question"] == row.code]
    values = codes["code"].map(lambda code: scale[code]) if scale is not None else codes["code"].astype(float)
    what = f"alpha ({level}) of {row.question!r} in {lens.project}:"
    matrix = codes.assign(value=values).pivot(index="annotator", columns="item", values="value").to_numpy(float)
    try:
        theirs = float(alpha(reliability_data=matrix, level_of_measurement=level)) if matrix.size else None
    except ValueError:
        theirs = None
    if ours is None or theirs is None or np.isnan(theirs):
        agree = ours is None and (theirs is None or np.isnan(theirs))
        return Finding("verify", what, GOOD if agree else BAD, f"{ours} here, {theirs} by krippendorff (undefined)")
    difference = abs(ours - theirs)
    state = GOOD if difference <= SAME else BAD
    return Finding(
        "verify", what, state, f"{ours:.12f} here, {theirs:.12f} by krippendorff, difference {difference:.1e}"
    )


def _versions() -> Iterator[Finding]:
    yield Finding("versions", "annotation-qc", GOOD, __version__)
    yield Finding("versions", "Python", GOOD, platform.python_version())
    safe = sqlite3.sqlite_version_info >= SAFE_SQLITE
    advice = (
        "" if safe else "(before 3.51.3 a rare race can damage a record with many writers; PostgreSQL is not affected)"
    )
    yield Finding("versions", "SQLite", GOOD if safe else NOTE, f"{sqlite3.sqlite_version} {advice}")
    for package in PACKAGES:
        yield Finding("versions", package, GOOD, importlib.metadata.version(package))


def _configuration(ws: Workspace) -> Iterator[Finding]:
    yield Finding("configuration", "workspace", GOOD, str(ws.root))
    yield Finding("configuration", "record", GOOD, ws.store.engine.url.render_as_string(hide_password=True))
    yield Finding("configuration", "lake", GOOD, ws.settings.lake)
    yield Finding("configuration", "engine", GOOD, f"{ws.settings.engine}, {ws.settings.threads} threads")


def _record(ws: Workspace) -> Iterator[Finding]:
    projects = ws.projects()
    yield Finding("record", "projects:", GOOD, ", ".join(project.slug for project in projects) or "none yet")
    if ws.store.engine.dialect.name == "sqlite":
        with ws.store.engine.begin() as connection:
            verdict = str(connection.execute(sa.text("PRAGMA integrity_check")).scalar())
        yield Finding("record", "integrity check:", GOOD if verdict == "ok" else BAD, verdict)


def _audit(ws: Workspace, kept: Sequence[str]) -> Iterator[Finding]:
    """Each trail by its digests; a kept digest without the name of its trail must be that of an entry in any."""
    pins = [pinned(text) for text in kept]
    names = trails(ws.store)
    for name in dict.fromkeys([*names, *(of for of, _ in pins if of is not None)]):
        found = told(checked(ws.store, name, [pin for of, pin in pins if of == name]))
        detail = f"last entry {found.head}" if found.whole else "restore the record from a backup"
        yield Finding("audit", found.sentence, GOOD if found.whole else BAD, detail)
    for text, (of, pin) in zip(kept, pins, strict=True):
        if of is None and all(checked(ws.store, name, [pin]).fault is not None for name in names):
            yield Finding("audit", "no trail has an entry with the digest", BAD, text)


def _lake(ws: Workspace) -> Iterator[Finding]:
    named = snapshot(ws.store)
    try:
        latest = ws.lake.versions()
    except (QcError, OSError) as error:
        yield Finding("lake", "tables", BAD, f"cannot be read ({error})")
        return
    for table in FACT_TABLES:
        if table not in named:
            yield Finding("lake", table, GOOD, "holds nothing yet")
        elif table not in latest or latest[table] < named[table]:
            yield Finding(
                "lake", table, BAD, f"version {named[table]} is in the record but not in the lake: restore it"
            )
        else:
            orphan = latest[table] - named[table]
            note = f"version {named[table]}" + (
                f", {orphan} unpublished (the next import undoes them)" if orphan else ""
            )
            yield Finding("lake", table, NOTE if orphan else GOOD, note)


def _staging(ws: Workspace) -> Iterator[Finding]:
    if left := abandoned(ws.root):
        told = f"left by imports that were killed; the next qc ingest removes {'it' if len(left) == 1 else 'them'}"
        yield Finding("imports", counted(len(left), "folder"), NOTE, told)


def _quarantine(ws: Workspace) -> Iterator[Finding]:
    for project in ws.projects():
        rows = refused(ws.store, project.slug)
        reasons: dict[tuple[str, str], int] = {}
        for row in rows:
            reasons[(row["file"], row["reason"])] = reasons.get((row["file"], row["reason"]), 0) + 1
        if not rows:
            yield Finding("quarantine", project.slug, GOOD, "empty")
        for (file, reason), count in reasons.items():
            first = next(row for row in rows if (row["file"], row["reason"]) == (file, reason))
            where = f"{file}, {_counted(file)} {first['line']}"
            yield Finding("quarantine", project.slug, NOTE, f"{where}: {reason} ({counted(count, 'record')})")


def _counted(file: str) -> str:
    """What the number of a record in quarantine counts, by the file's name."""
    suffix = PurePosixPath(file.removesuffix(".gz")).suffix.lower()
    return next((word for word, suffixes in _COUNTED.items() if suffix in suffixes), "record")
