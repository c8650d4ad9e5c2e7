"""What an import would bring: what is recognised, what is missing and what that costs, and a mapping to edit."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from qc.access import allowed
from qc.model import FACT_TABLES, InputError, Kind, Role
from qc.readers import MappingNeededError, ReadReport, stage
from qc.readers.bundle import label
from qc.readers.stage import looked_at, silent
from qc.store.imports import snapshot
from qc.workspace import gold as gold_answers
from qc.workspace.ingest import NO_ROLES, Asked, read_mapping, remembered, slug
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace

WIDTH: Final = 28
"""Characters of a cell of the preview."""
EXCERPT: Final = 80
"""Characters of a record that would be quarantined."""

_COLUMNS: Final = ("item_id", "annotator", "role", "question", "kind", "answer", "submitted_at", "seconds", "status")


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would bring; there is no report where the file can only be read with a mapping.

    `gold` are the lines on a gold file, `refused` those on records that would be quarantined, with one of each.
    """

    text: str
    report: ReadReport | None
    mapping: str | None
    rows: tuple[dict[str, str], ...]
    gold: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@allowed("import")
def dry_run(
    ws: Workspace,
    project: str,
    path: Path,
    *,
    reader: str | None = None,
    mapping: Path | None = None,
    timezone: str | None = None,
    annotator: str | None = None,
    roles: MappingType[str, str] = NO_ROLES,
    gold: Path | None = None,
) -> DryRun:
    """What would be read, what the gold would match, and the mapping of a sheet or records; nothing is written.

    A sheet whose columns say nothing gives a mapping to edit instead of a report.
    """
    slug(project)
    asked = Asked(reader, read_mapping(mapping), timezone, annotator, roles)
    with TemporaryDirectory() as name:
        folder, now, limits = Path(name) / "answers", datetime.now(UTC), ws.settings.limits
        saved = remembered(ws, project)
        try:
            report = stage(
                path,
                reader,
                asked.mapping,
                timezone,
                folder,
                now,
                silent,
                annotator=annotator,
                files=asked.files,
                limits=limits,
                saved=saved,
            )
        except MappingNeededError as error:
            return DryRun(f"{error}", None, f"# {label(path)}\n{error.skeleton}", ())
        seen = looked_at(folder, report)
        refused = _refused(folder, report)
        spelt, lines = _gold(ws, project, folder, gold, timezone) if gold or asked.files else ((), [])
    if gold is not None:
        report = replace(report, missing={name: cost for name, cost in report.missing.items() if name != "gold"})
    # Of what cannot be read nobody knows what it lacks.
    report = replace(report, notes=(*report.notes, *spelt), missing=report.missing if report.accepted else {})
    rows = tuple(_shown(row) for row in seen.rows)
    toml = f"# {report.file}, as it was understood.\n{seen.mapping.to_toml()}" if seen.mapping else None
    text = "\n".join([*_lines(report, refused), *lines, *_table(rows)])
    return DryRun(text, report, toml, rows, tuple(lines), refused)


def _gold(
    ws: Workspace, project: str, folder: Path, gold: Path | None, timezone: str | None
) -> tuple[tuple[str, ...], list[str]]:
    """Remarks on gold among the staged answers, and what a gold file would bring, line by line."""
    files = ws.lake.files("annotations", snapshot(ws.store).get("annotations"), project)
    people = gold_answers.known([*files, str(folder / "annotations.parquet")])
    spelt = gold_answers.matched(folder, people)
    if gold is None:
        return spelt, []
    beside, limits, saved = folder.with_name("gold"), ws.settings.limits, remembered(ws, project)
    asked = (gold, None, None, timezone, beside, datetime.now(UTC), silent, Role.GOLD)
    try:
        report = stage(*asked, limits=limits, saved=saved)
    except InputError as error:
        return spelt, [f"The gold answers could not be read: {error}"]
    notes = gold_answers.matched(beside, people)
    brought = counted(report.rows["annotations"], "gold answer")
    met = gold_answers.met(beside, people)
    return spelt, [
        _read(report),
        f"It would bring {brought}; {met}.",
        *_remarks(replace(report, notes=(*report.notes, *notes), missing={}), _refused(beside, report)),
    ]


def _refused(folder: Path, report: ReadReport) -> tuple[str, ...]:
    """Why records would be quarantined, how many for each reason, and the first of them."""
    first: dict[str, str] = {}
    if report.quarantined:
        rows = pq.read_table(folder / "quarantine.parquet", columns=["reason", "file", "line", "excerpt"])
        groups = (
            rows.append_column("place", pa.array(range(len(rows)))).group_by("reason").aggregate([("place", "min")])
        )
        for row in rows.take(groups["place_min"]).to_pylist():
            place = f"of {row['file']} " if row["file"] not in (None, report.file) else ""
            first[row["reason"]] = f"{place}at {row['line']:,}: {_cut(row['excerpt'] or '', EXCERPT)}"
    return tuple(f"{count:,} × {why}; the first {first[why]}" for why, count in report.reasons.items())


def write_mapping(tried: DryRun, path: Path) -> str:
    """Writes the mapping of a dry run to a file that is not there yet, and says where; empty where there is none."""
    if tried.mapping is None:
        return ""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(tried.mapping)
    except FileExistsError:
        return f"{path} is there already and was left as it is; remove it for a fresh one."
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    return f"Mapping written to {path}: edit it, and pass it with --map {path}."


def _lines(report: ReadReport, refused: Sequence[str]) -> list[str]:
    brought = [counted(report.rows[table], table.removesuffix("s")) for table in FACT_TABLES if report.rows[table]]
    return [
        _read(report),
        f"It would bring {', '.join(brought) or 'nothing'}.",
        *_remarks(report, refused),
    ]


def _remarks(report: ReadReport, refused: Sequence[str]) -> list[str]:
    lines = [
        *(f"  quarantined: {line}" for line in refused),
        *(f"  note: {note}" for note in report.notes),
        *(f"  missing: {cost}" for cost in report.missing.values()),
    ]
    if report.clock_errors:
        lines.append(f"  impossible times or durations: {report.clock_errors:,}")
    return lines


def _shown(row: MappingType[str, Any]) -> dict[str, str]:
    """The columns of an answer that a person looks at."""
    given = [row.get(name) for name in ("label", "labels", "number", "text")]
    answer = next((value for value in given if value is not None), "")
    if "regions" in row:
        answer = f"{row['regions']:,} {_one(row['kind']) if row['regions'] == 1 else row['kind']}"
    told = {**row, "answer": ", ".join(map(str, answer)) if isinstance(answer, list) else answer}
    if isinstance(row.get("submitted_at"), datetime):
        told["submitted_at"] = f"{row['submitted_at']:%Y-%m-%d %H:%M:%S}Z"
    return {name: _cut(str(told[name])) for name in _COLUMNS if name in told}


def _one(kind: str) -> str:
    return "box" if kind == Kind.BOXES else kind.removesuffix("s")


def _cut(text: str, width: int = WIDTH) -> str:
    printable = "".join(character if character.isprintable() else "·" for character in text)
    return printable if len(printable) <= width else f"{printable[: width - 1]}…"


def _table(rows: Sequence[dict[str, str]]) -> list[str]:
    names = [name for name in _COLUMNS if any(row.get(name) for row in rows)]
    if not names:
        return []
    widths = {name: max(len(name), *(len(row.get(name, "")) for row in rows)) for name in names}
    lines = [{name: name for name in names}, *rows]
    return [
        "First answers:",
        *("  " + "  ".join(row.get(name, "").ljust(widths[name]) for name in names).rstrip() for row in lines),
    ]


def _read(report: ReadReport) -> str:
    what = f"{report.file}: {report.format}, {counted(report.read, 'record')}"
    return f"{what}, {report.quarantined:,} would be quarantined."
