"""The assessment: one function per section, computed once per data version, scope and policy."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson

from qc import __version__
from qc.access import allowed
from qc.model import EVERYTHING, InputError, Scope
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain
from qc.workspace.kept import KEPT
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, seen

SCHEMA: Final = "annotation-qc/assessment/1"
# Of each section, by when they were last asked for: versions, filters and policies make one each.
MOST_CACHED: Final = 24
_ANSWERS: Final = ("lake",)
_JUDGED: Final = ("lake", "reviews", "draws")
_COMPARED: Final = ("agreement", "compare", "cost", "errors", "fatigue")


@dataclass(frozen=True)
class Section:
    """A part of the assessment: `reads` names the parts of the record, `settings` those of the policy, behind it.

    `made_by` names the function that computes it, as module.function of this package: what is read back from the cache
    does not load the statistics.
    """

    name: str
    made_by: str
    reads: tuple[str, ...]
    settings: tuple[str, ...]

    def compute(self, lens: Lens) -> Any:
        """The section, in the types that it was made of."""
        module, function = self.made_by.split(".")
        return getattr(import_module(f"qc.workspace.assess.{module}"), function)(lens)


REGISTRY: Final[tuple[Section, ...]] = (
    Section("volume", "volume.section", _JUDGED, ("errors", "fatigue")),
    Section("agreement", "agreement.section", _ANSWERS, ("agreement", "fatigue")),
    Section("errors", "errors.section", _JUDGED, ("errors", "fatigue")),
    Section("reviewers", "reviewers.section", _JUDGED, ("errors",)),
    Section("missed", "reviewers.missed", _JUDGED, ("agreement", "errors", "fatigue")),
    Section("fatigue", "fatigue.section", _JUDGED, ("errors", "fatigue", "cost")),
    Section("consensus", "consensus.section", _ANSWERS, ("fatigue",)),
    Section("annotators", "annotators.section", _ANSWERS, ("fatigue",)),
    Section("care", "care.section", _ANSWERS, ("fatigue",)),
    Section("time", "time_at_work.section", _ANSWERS, ("fatigue",)),
    Section("models", "models.section", _JUDGED, ("errors", "sampling", "cost")),
    Section("prelabels", "prelabels.section", _JUDGED, ("errors",)),
    Section("levels", "standing.levels", (*_JUDGED, "levels"), ("errors", "fatigue", "levels", "sampling")),
    Section("alerts", "standing.alerts", ("alerts",), ()),
    Section("cost", "cost.section", _JUDGED, ("agreement", "errors", "fatigue", "cost", "sampling")),
    Section("comparisons", "comparisons.section", _JUDGED, _COMPARED),
    Section("fairness", "comparisons.fairness", _JUDGED, _COMPARED),
    Section("sites", "sites.section", _JUDGED, _COMPARED),
    Section("drift", "drift.section", _ANSWERS, ("agreement", "alerts", "compare", "fatigue")),
    Section("data_quality", "quality.section", _ANSWERS, ("agreement",)),
    Section("rules", "rules.section", _ANSWERS, ("validation",)),
    # Beside the sections of judged answers, so that no figure of theirs can count it.
    Section("format_errors", "rules.census", _ANSWERS, ("validation",)),
)
SECTIONS: Final = tuple(section.name for section in REGISTRY)
# What a check reads in the place of large sections; no part of the assessment.
BEHIND: Final = (
    Section("weekly_agreement", "behind.weekly_agreement", _ANSWERS, ("agreement", "fatigue")),
    Section("careless", "behind.careless", _ANSWERS, ("fatigue",)),
)
_BY_NAME: Final = {section.name: section for section in (*REGISTRY, *BEHIND)}


@allowed("team")
def section(ws: Workspace, project: str, name: str, scope: Scope = EVERYTHING) -> Any:
    """One section of the assessment, as plain data; without the rows about people for who may not see them."""
    lens = _allowed_view(ws, project, scope)
    return seen(lens, through(lens, name))


@allowed("team")
def adjusted_fatigue(ws: Workspace, project: str, scope: Scope, source: str) -> dict[str, Any]:
    """The adjusted model of errors against time at work, by one source of judgement."""
    from qc.workspace.assess import fatigue

    return fatigue.adjusted(_allowed_view(ws, project, scope), source)


@allowed("team")
def comparable(ws: Workspace, project: str, scope: Scope) -> dict[str, list[str]]:
    """What can be compared by choice: the parts of the work by each key that has several."""
    from qc.workspace.assess import comparisons

    return comparisons.names(_allowed_view(ws, project, scope))


@allowed("team")
def compare(ws: Workspace, project: str, scope: Scope, by: str, first: str, second: str) -> list[dict[str, Any]]:
    """Two parts of the work beside each other; nothing where the actor may not see so few people."""
    from qc.workspace.assess import comparisons

    lens = _allowed_view(ws, project, scope)
    rows: list[dict[str, Any]] = seen(lens, [comparisons.pair(lens, by, first, second)])
    return rows


@allowed("answers")
def drifting(ws: Workspace, project: str, scope: Scope, batch: str) -> list[dict[str, Any]]:
    """The items that make a batch differ from those before it: item_id and why."""
    from qc.workspace.assess import drift

    return drift.drifting(_allowed_view(ws, project, scope), batch)


@allowed("team")
def add_adjusted(ws: Workspace, project: str, scope: Scope, document: dict[str, Any]) -> None:
    """The adjusted model put into the fatigue of an assessment of that scope."""
    from qc.workspace.assess import fatigue

    fatigue.fit(_allowed_view(ws, project, scope), document["fatigue"])


@allowed("team")
def bootstrapped_coefficients(
    ws: Workspace, project: str, scope: Scope, question: str, kind: str
) -> list[dict[str, Any]]:
    """The bootstrap of items of each coefficient of one question: key, estimate E."""
    from qc.workspace.assess import bootstrapped

    return bootstrapped.coefficients(_allowed_view(ws, project, scope), question, kind)


@allowed("team")
def add_bootstrap(ws: Workspace, project: str, scope: Scope, document: dict[str, Any]) -> None:
    """The bootstrap of items put into the agreement of an assessment of that scope."""
    from qc.workspace.assess import bootstrapped

    bootstrapped.fit(_allowed_view(ws, project, scope), document["agreement"])


@allowed("team")
def assessment(
    ws: Workspace, project: str, scope: Scope = EVERYTHING, progress: Callable[[float], None] = lambda _share: None
) -> dict[str, Any]:
    """All sections, with what they speak of: project, scope, data version, its time, policy."""
    lens = _allowed_view(ws, project, scope)
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "project": project,
        "scope": scope.to_json(),
        "data_version": lens.snapshot.version,
        "as_of": plain(ws.store.as_of(project)),
        "policy": plain(lens.policy.to_json()),
    }
    for place, part in enumerate(REGISTRY, 1):
        whole[part.name] = through(lens, part.name)
        progress(place / len(REGISTRY))
    whole["errors"] += whole.pop("format_errors")
    return {**whole, **seen(lens, {name: part for name, part in whole.items() if name in SECTIONS})}


def as_json(document: dict[str, Any]) -> str:
    """One JSON document; equal assessments are equal texts."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def scope_of(
    since: datetime | None = None, until: datetime | None = None, question: str | None = None, **_other: Any
) -> Scope:
    """The scope that a command names; an empty stretch of time is an InputError."""
    first, last = _day(since), _day(until)
    if first and last and first >= last:
        raise InputError("--since must lie before --until, which is exclusive.")
    return Scope(question, first, last)


@allowed("team")
def leave_ready(ws: Workspace, project: str, progress: Callable[[float], None] = lambda _share: None) -> None:
    """Leave every section computed, and what a check reads; those that are cached are not even opened."""
    lens = view(ws, project)
    parts = (*REGISTRY, *BEHIND)
    for place, part in enumerate(parts, 1):
        if not _cached(lens, part).exists():
            through(lens, part.name)
        progress(place / len(parts))
    for name, by in sorted(KEPT):
        lens.frame(name, by)


def through(lens: Lens, name: str) -> Any:
    """A section seen through a lens, from the workspace's cache where it is unchanged."""
    part = _BY_NAME[name]
    path = _cached(lens, part)
    with suppress(FileNotFoundError):
        known = path.read_bytes()
        os.utime(path)
        return orjson.loads(known)
    computed = plain(part.compute(lens))
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_bytes(orjson.dumps(computed, option=orjson.OPT_SERIALIZE_NUMPY))
    scratch.replace(path)
    for unused in sorted(path.parent.glob(f"{name}-*.json"), key=_last_used)[:-MOST_CACHED]:
        unused.unlink(missing_ok=True)
    return computed


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def view(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> Lens:
    """What the sections of a project look through at its latest data version."""
    snapshot = ws.snapshot(project)
    return Lens(ws, project, scope, ws.policy(project), snapshot)


def _allowed_view(ws: Workspace, project: str, scope: Scope) -> Lens:
    lens = view(ws, project, scope)
    check_scope(lens)
    return lens


def _cached(lens: Lens, part: Section) -> Path:
    revisions = lens.ws.store.revisions(lens.project)
    policy = lens.policy.to_json()
    key = [
        __version__,
        _shape(),
        part.name,
        lens.scope.to_json(),
        {name: revisions[name] for name in part.reads},
        {name: policy[name] for name in (*part.settings, "timezone")},
    ]
    digest = blake2b(orjson.dumps(key, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()
    return lens.ws.root / "cache" / lens.project / f"{part.name}-{digest}.json"


@cache
def _shape() -> str:
    """The digest of the JSON Schema: sections of another shape are not those that are asked for."""
    schema = Path(__file__).parent.parent / "assessment.schema.json"
    return blake2b(schema.read_bytes(), digest_size=8).hexdigest()


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
