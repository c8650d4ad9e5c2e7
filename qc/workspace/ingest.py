"""Taking an export into a project: read in a child process, compared, committed, and only then named in the record."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pyarrow.parquet as pq

from qc.access import allowed
from qc.lake import Changes
from qc.model import InputError, Role
from qc.readers import Mapping, ReadReport, stage
from qc.readers.bundle import bundle_digest, check, label
from qc.store.imports import Import, imported_before, publish, snapshot
from qc.store.locks import lock
from qc.store.mappings import save_mapping, saved_mappings
from qc.store.record import dumps
from qc.workspace import gold as gold_answers
from qc.workspace.opening import Workspace

READING: Final = 0.6
WRITING: Final = 0.9
MOST_REFUSED: Final = 10_000
NOTES_SHOWN: Final = 4
# A date, a time of day and the digest that some tools add to it, and a browser's counter.
_DATED: Final = re.compile(
    r"([\s._-]+at|[\s._-]*(\d{4}[-_]?\d{2}[-_]?\d{2}([-_T]\d{2}[-_]\d{2}([-_]\d{2})?)?(-[0-9a-f]{8})?|\(\d+\)"
    r"|\d{2}-\d{2}(-\d{2})?))(?=\W|_|$)"
)
_CALLED: Final = {
    Role.ANNOTATOR: "answer",
    Role.REVIEWER: "reviewer's answer",
    Role.ADJUDICATOR: "settled answer",
    Role.GOLD: "gold answer",
    Role.MODEL: "model answer",
    Role.CONSENSUS: "merged answer",
}
NO_ROLES: Final[MappingType[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an import brought, in one closing line; there is no report where nothing had changed."""

    sentence: str
    report: ReadReport | None = None


@allowed("import")
def ingest(
    ws: Workspace,
    project: str,
    path: Path,
    *,
    reader: str | None = None,
    mapping: Path | None = None,
    gold: Path | None = None,
    timezone: str | None = None,
    annotator: str | None = None,
    roles: MappingType[str, str] = NO_ROLES,
    replace: bool = False,
    name: str | None = None,
    actor: str = "cli",
    source: str | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Ingested:
    """Take one export into a project, and its gold file with it; the same file twice changes nothing.

    An export is a file, a folder, an archive, or a pattern of files. `roles` say by pattern what its files hold (see
    `qc.readers.roles`), before those of the mapping; `annotator` gave the answers of files that do not say. All or
    nothing: an InputError leaves the project as it was. `source` names what the export comes from (its name without
    version or date by default), for `replace`.
    """
    slug(project)
    asked = Asked(reader, read_mapping(mapping), timezone, annotator, roles)
    wish = _Wish(project, name, replace, actor, gold is not None)
    said = _take_in(ws, wish, path, Role.ANNOTATOR, asked, source, progress)
    if gold is not None:
        try:
            known = _take_in(ws, wish, gold, Role.GOLD, Asked(timezone=timezone), None, progress)
        except InputError as error:
            raise InputError(f"The answers were taken in, the gold answers were not: {error}") from None
        said = Ingested(f"{said.sentence}\n{known.sentence}", said.report or known.report)
    broken = _broken_rules(ws, project) if said.report else ""
    return Ingested(f"{said.sentence}\n{broken}", said.report) if broken else said


@dataclass(frozen=True, slots=True)
class Asked:
    """How the user wants an export to be read."""

    reader: str | None = None
    mapping: Mapping | None = None
    timezone: str | None = None
    annotator: str | None = None
    roles: MappingType[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """The roles of files by pattern: the first that matches counts."""
        mapped = self.mapping.files if self.mapping else NO_ROLES
        return {**self.roles, **{pattern: role for pattern, role in mapped.items() if pattern not in self.roles}}

    def settings(self, role: Role, replace: bool, origin: str) -> str:
        """All that the outcome depends on, beside the file."""
        mapping = self.mapping.to_json() if self.mapping else None
        files = list(self.files.items())
        return dumps([role, self.reader, mapping, self.timezone, self.annotator, files, replace, origin])


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the user asked for, whatever the file."""

    project: str
    name: str | None
    replace: bool
    actor: str
    gold_follows: bool


def _take_in(
    ws: Workspace,
    wish: _Wish,
    path: Path,
    role: Role,
    asked: Asked,
    source: str | None,
    progress: Callable[[float], None],
) -> Ingested:
    limits = ws.settings.limits
    check(path, limits)
    digest, origin = bundle_digest(path), source or source_of(path)
    settings = asked.settings(role, wish.replace, origin)
    if imported_before(ws.store, wish.project, digest, settings):
        return Ingested(f"{label(path)} is already in {wish.project}: nothing has changed.")
    with tempfile.TemporaryDirectory(prefix="staging-", dir=ws.root) as folder:
        report = stage(
            path,
            asked.reader,
            asked.mapping,
            asked.timezone,
            Path(folder),
            datetime.now(UTC),
            lambda reached: progress(READING * reached),
            role,
            asked.annotator,
            asked.files,
            limits,
            digest,
            remembered(ws, wish.project),
        )
        if report.read and not report.accepted:
            reason, count = next(iter(report.reasons.items()))
            raise InputError(f"{report.file}: none of its {report.read:,} records can be taken ({count:,} × {reason}).")
        import_id = uuid4().hex[:12]
        with lock(ws.store, "lake"):
            read = _answers_read(Path(folder))
            base = snapshot(ws.store)
            if role is Role.GOLD or asked.files:
                report = replace(report, notes=(*report.notes, *_matched(ws, Path(folder), wish.project, base)))
            changes = ws.lake.absorb(Path(folder), wish.project, origin, import_id, base, wish.replace)
            progress(WRITING)
            # Unlike read_table, this loads neither datasets nor pandas.
            refused = pq.ParquetFile(Path(folder) / "quarantine.parquet").read().slice(0, MOST_REFUSED).to_pylist()
            done = _record(wish, origin, settings, import_id, report, changes)
            ws.store.add_project(wish.project, wish.name, wish.actor)
            publish(ws.store, done, base, refused, wish.actor)
    if asked.mapping:
        save_mapping(ws.store, wish.project, report.format, asked.mapping.to_json(), wish.actor)
    progress(1.0)
    if wish.gold_follows:
        report = replace(report, missing={name: cost for name, cost in report.missing.items() if name != "gold"})
    return Ingested(_sentence(report, changes, read, role), report)


def remembered(ws: Workspace, project: str) -> list[tuple[str, dict[str, Any]]]:
    """The mappings with which the project's exports were read before, by format, the latest first."""
    known = any(found.slug == project for found in ws.store.projects())
    return saved_mappings(ws.store, project) if known else []


def _broken_rules(ws: Workspace, project: str) -> str:
    if not ws.policy(project).validation:
        return ""
    # Imported here: a project without rules does not pay for what shows them.
    from qc.workspace.validation import violated

    return violated(ws, project)


def _matched(ws: Workspace, staging: Path, project: str, base: MappingType[str, int]) -> tuple[str, ...]:
    """Spells the gold answers of an import as people do, in the lake or beside them in the import."""
    files = ws.lake.files("annotations", base.get("annotations"), project)
    return gold_answers.matched(staging, gold_answers.known([*files, str(staging / "annotations.parquet")]))


def _record(wish: _Wish, source: str, settings: str, import_id: str, report: ReadReport, changes: Changes) -> Import:
    answers = changes.answers
    return Import(
        id=import_id,
        project=wish.project,
        source=source,
        file=report.file,
        digest=report.digest,
        settings=settings,
        format=report.format,
        read=report.read,
        accepted=report.accepted,
        quarantined=report.quarantined,
        new=answers.new,
        changed=answers.changed,
        unchanged=answers.unchanged,
        removed=answers.removed,
        duplicates=answers.duplicates,
        report=report.to_json(),
        versions=changes.versions,
    )


def _answers_read(staging: Path) -> dict[Role, int]:
    """The staged answers by role."""
    roles = pq.ParquetFile(staging / "annotations.parquet").read(columns=["role"])["role"]
    return {Role(count["values"]): count["counts"] for count in roles.value_counts().to_pylist()}


def _sentence(report: ReadReport, changes: Changes, read: MappingType[Role, int], role: Role) -> str:
    """The closing line: what was read, what was refused, what is missing and what that costs.

    Answers of models, reviewers and gold are told where people's are none.
    """
    answers = changes.answers
    shown = {role: read.get(role, 0)} if read.get(role) or not read else read
    told = " and ".join(_counted(count, _CALLED[whose]) for whose, count in shown.items())
    parts = [f"{told} read"]
    if answers.changed or answers.unchanged or answers.removed:
        parts.append(f"{answers.new:,} new, {answers.changed:,} changed, {answers.unchanged:,} unchanged")
    if answers.removed:
        parts.append(f"{answers.removed:,} removed")
    if answers.duplicates:
        parts.append(f"{_counted(answers.duplicates, 'exact duplicate')} dropped")
    if report.quarantined:
        parts.append(f"{_counted(report.quarantined, 'record')} quarantined (see qc doctor)")
    if report.clock_errors:
        parts.append(f"{report.clock_errors:,} with impossible times or durations")
    if role is Role.GOLD:
        return "; ".join([", ".join(parts), *report.notes]) + "."
    if report.missing:
        missing = "; ".join(cost.split(":")[0] for cost in report.missing.values())
        parts.append(f"{_counted(len(report.missing), 'column')} missing: {missing}")
    notes = [f"  note: {note}." for note in report.notes[:NOTES_SHOWN]]
    if len(report.notes) > NOTES_SHOWN:
        notes.append(f"  and {len(report.notes) - NOTES_SHOWN} more, on the page Data.")
    return "\n".join([", ".join(parts) + ".", *notes])


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def read_mapping(path: Path | None) -> Mapping | None:
    """The mapping in a MAP.toml, None where none is named; an InputError says what is wrong with it."""
    if path is None:
        return None
    try:
        return Mapping.from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The mapping {path} cannot be read: {error}.") from error


def slug(project: str) -> str:
    """The project's short name, or an InputError that says what one may look like."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", project):
        raise InputError(
            f"{project!r} cannot name a project; use small letters, digits, - and _, beginning with a letter."
        )
    return project


def source_of(path: Path) -> str:
    """The stable name of what an export comes from: its name without dates, counters and suffix.

    >>> source_of(Path("tickets-2026-03-02 (1).json"))
    'tickets'
    >>> source_of(Path("project-7-at-2026-03-02-09-30-5f3c2a1b.zip"))
    'project-7'
    """
    name = label(path)
    stem = name if path.is_dir() else re.sub(r"(\.(tar\.gz|[\w]+\.gz|\w+))$", "", name)
    return _DATED.sub("", stem).strip(" -_.") or stem
