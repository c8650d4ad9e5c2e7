"""Taking an export into a project: read in a child process, compared, committed, and only then named in the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pyarrow.parquet as pq

from qc.access import allowed
from qc.lake import Changes
from qc.model import InputError, QcError, Role
from qc.readers import Mapping, ReadReport, stage
from qc.readers.bundle import bundle_digest, check, label
from qc.store.imports import Import, imported_before, publish, snapshot
from qc.store.locks import lock
from qc.store.mappings import save_mapping, saved_mappings
from qc.store.record import dumps
from qc.workspace import gold as gold_answers
from qc.workspace import repeats, revisions, sources
from qc.workspace.fuller import refuse_poorer
from qc.workspace.ingested import GoldRefusedError, Ingested, closing, counted, stopped
from qc.workspace.opening import Workspace
from qc.workspace.sources import source_of
from qc.workspace.staging import staging_folder

READING: Final = 0.6
WRITING: Final = 0.9
MOST_REFUSED: Final = 10_000
NO_ROLES: Final[MappingType[str, str]] = MappingProxyType({})


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
    nothing: an InputError leaves the project as it was, but a GoldRefusedError only says so of the gold. `source` names
    what the export comes from (its name without date by default): a newer file of a source updates it, and with
    `replace` takes its place.
    """
    slug(project)
    asked = Asked(reader, read_mapping(mapping), timezone, annotator, roles)
    wish = _Wish(project, name, replace, actor, gold is not None)
    said = _take_in(ws, wish, path, Role.ANNOTATOR, asked, source, progress)
    if gold is not None:
        try:
            known = _take_in(ws, wish, gold, Role.GOLD, Asked(timezone=timezone), None, progress)
        except InputError as error:
            raise GoldRefusedError(said, project, label(gold), f"{error}") from None
        said = Ingested(f"{said.sentence}\n{known.sentence}", said.report or known.report)
    broken = _broken_rules(ws, project) if said.report else ""
    return Ingested(f"{said.sentence}\n{broken}", said.report) if broken else said


@allowed("import")
def ingest_files(
    ws: Workspace,
    project: str,
    files: Sequence[Path],
    *,
    reading: Callable[[str], AbstractContextManager[Callable[[float], None]]],
    gold: Path | None = None,
    **options: Any,
) -> Iterator[Ingested]:
    """Take in one export after the other, and gold with the last: it is matched to what people answered in any of them.

    `reading` shows progress under a title; `options` are those of `ingest`. Where one cannot be read the InputError
    says what was kept and what was not tried.
    """
    for place, file in enumerate(files):
        last = place == len(files) - 1
        title = f"{file}: " if len(files) > 1 else ""
        try:
            with reading(f"Reading {file.name}") as progress:
                done = ingest(ws, project, file, gold=gold if last else None, progress=progress, **options)
        except GoldRefusedError as error:
            yield replace(error.taken, sentence=f"{title}{error.taken.sentence}")
            raise
        except QcError as error:
            raise InputError(stopped(f"{error}", file, files[:place], files[place + 1 :])) from None
        yield replace(done, sentence=f"{title}{done.sentence}")


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
    with staging_folder(ws.root) as folder:
        report = stage(
            path,
            asked.reader,
            asked.mapping,
            asked.timezone,
            folder,
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
            none = "its only record cannot" if report.read == 1 else f"none of its {report.read:,} records can"
            raise InputError(f"{report.file}: {none} be taken ({count:,} × {reason}).")
        import_id = uuid4().hex[:12]
        with lock(ws.store, "lake"):
            base = snapshot(ws.store)
            files = ws.lake.files("annotations", base.get("annotations"), wish.project)
            refuse_poorer(ws.store, wish.project, report.file, report.format, folder, files)
            if role is Role.GOLD or asked.files or not gold_answers.own_words(folder):
                report = replace(report, notes=(*report.notes, *_matched(ws, folder, wish.project, base, role)))
            changes, told = _commit(ws, wish, folder, origin, import_id, base, digest)
            read = _answers_read(folder)
            told += () if read or not report.read else (sources.empty(report),)
            report = replace(report, notes=(*told, *report.notes), missing=_missing(report, read))
            progress(WRITING)
            # Unlike read_table, this loads neither datasets nor pandas.
            refused = pq.ParquetFile(folder / "quarantine.parquet").read().slice(0, MOST_REFUSED).to_pylist()
            done = _record(wish, origin, settings, import_id, report, changes)
            ws.store.add_project(wish.project, wish.name, wish.actor)
            publish(ws.store, done, base, refused, wish.actor)
    if asked.mapping:
        save_mapping(ws.store, wish.project, report.format, asked.mapping.to_json(), wish.actor)
    progress(1.0)
    if wish.gold_follows:
        report = replace(report, missing={name: cost for name, cost in report.missing.items() if name != "gold"})
    return Ingested(closing(report, changes, read, role, told), report)


def _commit(
    ws: Workspace,
    wish: _Wish,
    staging: Path,
    origin: str,
    import_id: str,
    base: MappingType[str, int],
    digest: str,
) -> tuple[Changes, tuple[str, ...]]:
    """Commits what is staged, and says what became of the answers that were there before."""
    same, kin = sources.other_names(ws.store, wish.project, origin, digest)
    files = ws.lake.files("annotations", base.get("annotations"), wish.project)
    before = sources.answers_by_source(files)
    again = repeats.tell_apart(staging, files, (origin, *same, *kin))
    changes, past = revisions.absorb(ws.lake, staging, wish.project, origin, import_id, base, wish.replace)
    told = [sources.repeated(again.answers, again.sources)] if again.answers else []
    for name in (*same, *kin) if wish.replace else same:
        # All that the file says stands by now, so what goes is what only that name held.
        left = ws.lake.absorb(staging, wish.project, name, import_id, changes.versions, replace=True)
        told += [sources.joined(left.answers.removed, name, origin)] if left.answers.removed else []
        changes = replace(changes, versions=left.versions)
    if past:
        told.append(f"{counted(past, 'earlier revision')} of answers came with them")
    told.append(sources.replaced(origin, before, changes) if wish.replace else sources.left(origin, before, changes))
    return changes, tuple(sentence for sentence in told if sentence)


def _missing(report: ReadReport, read: MappingType[Role, int]) -> dict[str, str]:
    """What the export lacks; gold and models may be its only rows of their role, whatever its columns are called."""
    found = {role.value for role in (Role.GOLD, Role.MODEL) if read.get(role)}
    return {name: cost for name, cost in report.missing.items() if name not in found}


def remembered(ws: Workspace, project: str) -> list[tuple[str, dict[str, Any]]]:
    """The mappings with which the project's exports were read before, by format, the latest first."""
    known = any(found.slug == project for found in ws.store.projects())
    return saved_mappings(ws.store, project) if known else []


def _broken_rules(ws: Workspace, project: str) -> str:
    if not ws.policy(project).validation:
        return ""
    # Imported here: a project without rules does not pay for what shows them.
    from qc.workspace.validation import unanswered, violated

    return "\n".join([violated(ws, project), *unanswered(ws, project)])


def _matched(ws: Workspace, staging: Path, project: str, base: MappingType[str, int], role: Role) -> tuple[str, ...]:
    """Spells the gold answers of an import as people do, in the lake or beside them in the import."""
    files = ws.lake.files("annotations", base.get("annotations"), project)
    people = gold_answers.known([*files, str(staging / "annotations.parquet")])
    notes = gold_answers.matched(staging, people)
    return (gold_answers.met(staging, people), *notes) if role is Role.GOLD else notes


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
