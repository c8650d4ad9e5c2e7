"""Reports: an assessment in one of three views as a file that can be sent, with its tables beside it."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from qc import __version__
from qc.access import allowed, authorize
from qc.model import EVERYTHING, InputError, Role, Scope
from qc.reports import (
    VIEWS,
    Document,
    Material,
    Pseudonyms,
    Source,
    View,
    document,
    masked,
    pdf,
    printer,
    pseudonyms,
    render,
    view,
)
from qc.store.imports import imports, refused
from qc.store.levels import level_history
from qc.store.people import pseudonym_secret
from qc.store.samples import drawn_answers, draws
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace import browse
from qc.workspace.assess import assessment
from qc.workspace.assess import view as look
from qc.workspace.assess.plain import plain, plain_rows
from qc.workspace.few import days_of_teams, subjects_of_few
from qc.workspace.findings import top_findings
from qc.workspace.opening import Workspace
from qc.workspace.report_files import write_tables
from qc.workspace.sight import team_only

MOST_FINDINGS: Final = 7
MOST_CONFLICTS: Final = 50
# What the three views show decides who may write them.
NEEDS: Final = {"lead": "individuals", "qa": "answers", "manager": "report"}
# Who the record says acted where the policy did.
POLICY: Final = "policy"
NAMED: Final = Pseudonyms({}, b"")


@dataclass(frozen=True)
class Written:
    """What a report became: its file or files, and the tables beside it."""

    files: tuple[Path, ...]
    tables: tuple[Path, ...]

    @property
    def sentence(self) -> str:
        """What was written, for a person."""
        beside = f", and {len(self.tables):,} tables in {self.tables[0].parent}" if self.tables else ""
        return f"{' and '.join(map(str, self.files))} written{beside}."


@allowed("report")
def write(
    ws: Workspace,
    project: str,
    out: Path | Sequence[Path],
    view_name: str = "lead",
    *,
    scope: Scope = EVERYTHING,
    tables: Path | None = None,
    hide_names: bool = False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Written:
    """Write a report as HTML or PDF, and its tables into a folder if one is named; nothing partial is ever seen.

    InputError where a place cannot be written to, or the scope does not suit the view; UnavailableError for a PDF
    where there is no Chromium.
    """
    files = (out,) if isinstance(out, Path) else tuple(out)
    for file in files:
        suited(file)
    made = _compose(ws, project, view_name, scope, hide_names, progress)
    text = render(made)
    contents = {file: pdf(text) if _printed(file) else text.encode() for file in files}
    for file, content in contents.items():
        replace_file(file, content)
    written = Written(files, write_tables(tables, made) if tables else ())
    for file in files:
        _note(ws, project, f"file {file.name}", view_name, scope, hide_names)
    return written


def suited(file: Path) -> None:
    """InputError for a file that cannot become a report, UnavailableError for a PDF where there is no Chromium."""
    if file.suffix.lower() not in (".html", ".htm", ".pdf"):
        raise InputError(f"A report is an HTML or PDF file; name {file.name!r} so that it ends in .html or .pdf.")
    if _printed(file):
        printer()


def _printed(file: Path) -> bool:
    return file.suffix.lower() == ".pdf"


@allowed("report")
def html(ws: Workspace, project: str, view_name: str, scope: Scope = EVERYTHING, *, hide_names: bool = False) -> bytes:
    """The report as the bytes of its file."""
    content = render(_compose(ws, project, view_name, scope, hide_names, lambda _share: None)).encode()
    _note(ws, project, f"file {project}-{view_name}.html", view_name, scope, hide_names)
    return content


@allowed("team")
def views(ws: Workspace, project: str) -> dict[str, str]:
    """The views that the actor may write, with what each shows in words."""
    return {each.name: each.about for each in VIEWS if ws.actor.may(NEEDS[each.name], project)}


def _note(ws: Workspace, project: str, what: str, view_name: str, scope: Scope, hide_names: bool) -> None:
    about = {"view": view_name, "pseudonyms": hide_names, "scope": scope.to_json() if scope != EVERYTHING else None}
    ws.store.note(ws.actor.name, project, "report", what, after=about)


def _compose(
    ws: Workspace, project: str, view_name: str, scope: Scope, hide_names: bool, progress: Callable[[float], None]
) -> Document:
    chosen = view(view_name)
    authorize(ws.actor, NEEDS[chosen.name], project)
    if scope.annotators and not chosen.individuals:
        raise InputError(f"The view {chosen.name} speaks of the team: take the annotators out of the filters.")
    whole = assessment(ws, project, scope, progress)
    return document(_material(ws, project, scope, chosen, whole, hide_names), chosen)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place as a whole; InputError where that cannot be done."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another place.") from None
    finally:
        beside.unlink(missing_ok=True)


def _material(
    ws: Workspace, project: str, scope: Scope, chosen: View, whole: dict[str, Any], hide_names: bool
) -> Material:
    people = pseudonyms(_names(ws, project), pseudonym_secret(ws.store, project)) if hide_names else NAMED
    shown = whole if chosen.individuals else _of_teams(ws, project, scope, whole)
    shown = masked(shown, people, _written(ws, project)) if hide_names else shown
    return Material(
        assessment=shown,
        source=_source(ws, project, scope, chosen, whole, hide_names, people),
        findings=tuple(finding.sentence for finding in top_findings(shown, MOST_FINDINGS)),
        days=tuple(_days(ws, project, scope, chosen, people)),
        draws=tuple(_draws(ws, project)),
        quarantine=tuple(_quarantine(ws, project, people)),
        conflicts=tuple(_conflicts(ws, project, scope, people)) if chosen.name == "qa" else (),
    )


def _of_teams(ws: Workspace, project: str, scope: Scope, whole: dict[str, Any]) -> dict[str, Any]:
    """Without single people, and without sites and other parts of the work that few people are behind."""
    few = subjects_of_few(look(ws, project, scope))
    shown: dict[str, Any] = team_only(whole, frozenset(key for kind, key in few if kind == "site"), few)
    return shown


def _names(ws: Workspace, project: str) -> set[str]:
    """Everybody who appears in a project: who annotated, reviewed, settled or decided."""
    snapshot = ws.snapshot(project)
    given = snapshot.rows(
        lambda facts: (
            facts.annotations.filter(facts.annotations.role != Role.MODEL.value).select("annotator").distinct()
        )
    )
    judged = snapshot.rows(lambda facts: facts.reviews.select("reviewer").distinct())
    acting = {row["actor"] for row in (*settlements(ws.store, project), *level_history(ws.store, project))}
    return {str(name) for name in (*given["annotator"].dropna(), *judged["reviewer"].dropna(), *acting) if name} - {
        POLICY
    }


def _written(ws: Workspace, project: str) -> dict[tuple[str, str], str]:
    """The reasons of the levels in force that a person gave, by kind and key of the subject."""
    latest = {(row["subject_kind"], row["subject_key"]): row for row in level_history(ws.store, project)}
    return {subject: row["reason"] for subject, row in latest.items() if row["actor"] != POLICY}


def _source(
    ws: Workspace, project: str, scope: Scope, chosen: View, whole: dict[str, Any], hide_names: bool, people: Pseudonyms
) -> Source:
    taken = imports(ws.store, project)
    drawn = draws(ws.store, project)
    revisions = ws.store.revisions(project)
    inputs = {
        "tool": __version__,
        "policy": whole["policy"],
        "scope": whole["scope"],
        "imports": [{name: row[name] for name in ("source", "digest", "settings", "format")} for row in taken],
        "draws": plain(drawn),
        "drawn": plain(drawn_answers(ws.store, project)),
        "verdicts": plain(verdicts(ws.store, project)),
        "settlements": plain(settlements(ws.store, project)),
        "levels": plain(level_history(ws.store, project)),
        "alerts": whole["alerts"],
    }
    # The lake's versions after this project's last import: those of other projects change nothing here.
    lake = ".".join(f"{table} {version}" for table, version in sorted(taken[0]["versions"].items())) if taken else "–"
    record = ", ".join(f"{part} {number}" for part, number in revisions.items())
    names = [("--since", scope.since), ("--until", scope.until), ("--question", scope.question)]
    options = [f"{name} {shlex.quote(people.in_text(str(value)))}" for name, value in names if value is not None]
    options += ["--pseudonyms"] if hide_names else []
    return Source(
        project=project,
        name=people.in_text(ws.store.project(project).name),
        data_version=f"{lake.replace('.', ', ')}; record: {record}",
        as_of=whole["as_of"],
        tool=f"Annotation QC {__version__}",
        digest=sha256(orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        seeds=tuple(row["seed"] for row in drawn),
        command=" ".join(["qc report --project", project, "--view", chosen.name, *options, "--out report.html"]),
    )


def _days(ws: Workspace, project: str, scope: Scope, chosen: View, people: Pseudonyms) -> Iterator[dict[str, Any]]:
    lens = look(ws, project, scope)
    frame = lens.frame("days")
    if not chosen.individuals:
        frame = days_of_teams(lens, frame)
    for row in plain_rows(frame[frame["day"].notna()].to_dict("records")):
        site = row["site"]
        yield {"day": row["day"], "site": people.in_text(site) if site else None, "answers": row["answers"]}


def _draws(ws: Workspace, project: str) -> Iterator[dict[str, Any]]:
    """Each draw with how much of it was judged."""
    judged = {(row["annotation_id"], row["question"]) for row in verdicts(ws.store, project)}
    sizes: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for row in drawn_answers(ws.store, project):
        sizes[row["draw_id"]] += 1
        done[row["draw_id"]] += (row["annotation_id"], row["question"]) in judged
    for row in draws(ws.store, project):
        size, known = sizes[row["id"]], done[row["id"]]
        drawn_on = row["drawn_at"].date().isoformat()
        yield {"drawn_on": drawn_on, "seed": row["seed"], "answers": size, "judged": known, "waiting": size - known}


def _quarantine(ws: Workspace, project: str, people: Pseudonyms) -> Iterator[dict[str, Any]]:
    """Refused records by file and reason, the commonest first; what they held is left in the house."""
    counts = Counter((row["file"], row["reason"]) for row in refused(ws.store, project))
    for (file, reason), n in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        yield {"file": people.in_id(file, "file"), "reason": people.in_text(reason), "n": n}


def _conflicts(ws: Workspace, project: str, scope: Scope, people: Pseudonyms) -> Iterator[dict[str, Any]]:
    """The hardest items, with the answers in the order of the alphabet, so that nobody's place tells who gave which."""
    found = browse.conflicts(ws, project, scope, MOST_CONFLICTS).drop(columns="annotators")
    for row in plain_rows(found.to_dict("records")):
        answers = Counter(people.in_text(answer) for answer in row["answers"])
        said = [f"{answer} × {n}" for answer, n in sorted(answers.items(), key=lambda entry: (-entry[1], entry[0]))]
        words = {
            name: people.in_text(row[name]) if row[name] else None
            for name in ("question", "majority", "suggestion", "settled")
        }
        yield {**row, **words, "item_id": people.in_id(row["item_id"]), "answers": said}
