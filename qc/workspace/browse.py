"""The rows that a person looks at: answers behind a figure, conflicts, imports, quarantine, the trail of verdicts."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from ibis import _

from qc.access import allowed, authorize
from qc.measures.base import Base
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.model import EVERYTHING, Scope
from qc.store.imports import imports as import_log
from qc.store.imports import refused
from qc.store.verdicts import verdicts
from qc.workspace import disputed, lookup
from qc.workspace.assess import view
from qc.workspace.few import days_seen
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, with_shown_names

MOST: Final = 500
SHORT: Final = 12
COLUMNS: Final = (
    "item_id",
    "question",
    "annotation_id",
    "annotator",
    "label",
    "truth",
    "source",
    "error",
    "submitted_at",
    "seconds",
    "batch",
    "site",
    "text",
)


@allowed("answers")
def answers(
    ws: Workspace,
    project: str,
    scope: Scope = EVERYTHING,
    *,
    item_ids: list[str] | None = None,
    annotation_ids: list[str] | None = None,
    annotator: str | None = None,
    label: str | None = None,
    truth: str | None = None,
    source: str | None = None,
    error: bool | None = None,
    limit: int = MOST,
) -> pd.DataFrame:
    """People's answers with what judged them, by item; an answer judged by two sources has two rows."""
    snapshot = ws.snapshot(project)
    if annotator is not None:
        authorize(ws.actor, "individuals", project)
    check_scope(view(ws, project, scope))
    base = snapshot.base(ws.policy(project))
    rows = _answers(base, scope)
    if item_ids is not None:
        rows = rows.filter(_.item_id.isin(list(item_ids)))
    if annotation_ids is not None:
        rows = rows.filter(_.annotation_id.isin(list(annotation_ids)))
    for column, wanted in (("annotator", annotator), ("label", label), ("truth", truth), ("source", source)):
        if wanted is not None:
            rows = rows.filter(rows[column] == wanted)
    if error is not None:
        rows = rows.filter(_.error == int(error))
    found = snapshot.rows(
        lambda facts: (
            lookup.with_text(rows, facts)
            .order_by("item_id", "question", "annotator", "annotation_id", "source")
            .select(*COLUMNS)
            .limit(limit)
        )
    )
    return with_shown_names(ws, project, found, "annotator")


@allowed("answers")
def conflicts(ws: Workspace, project: str, scope: Scope = EVERYTHING, limit: int = 200) -> pd.DataFrame:
    """Items without gold whose labels people chose differently, the most uncertain first, with two suggestions.

    As `disputed.conflicts` has them among all others; `settled` is the final call, if any.
    """
    found = disputed.conflicts(ws, project, scope, (disputed.PEOPLE,), limit)
    return found[found["majority"].notna()].drop(columns=["between", "uncertainty"]).reset_index(drop=True)


@allowed("team")
def options(ws: Workspace, project: str) -> dict[str, Any]:
    """What the filters of a project can be set to; all of it is left behind by `ingest`, since every page asks."""
    lens = view(ws, project)
    work = lens.frame("workload")
    known = sorted(day for day in lens.frame("days")["day"].dropna())
    return {
        "question": sorted(lens.frame("questions")["question"]),
        "batch": sorted(set(work["batch"].dropna())),
        "site": sorted(set(work["site"].dropna())),
        "annotator": sorted(lens.frame("durations")["annotator"]) if ws.actor.may("individuals", project) else [],
        "first_day": known[0] if known else None,
        "last_day": known[-1] if known else None,
    }


@allowed("team")
def days(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> pd.DataFrame:
    """Answers by local day and site where the time is known; of teams only, for who may not see single people."""
    lens = view(ws, project, scope)
    check_scope(lens)
    frame = lens.frame("days")
    return days_seen(lens, frame[frame["day"].notna()].reset_index(drop=True))


@allowed("import")
def imports(ws: Workspace, project: str) -> pd.DataFrame:
    """The import log, newest first; a digest by its first characters."""
    columns = ["at", "file", "digest", "format", "read", "new", "changed", "unchanged", "removed", "duplicates"]
    rows = [{**row, "digest": row["digest"][:SHORT]} for row in import_log(ws.store, project)]
    return pd.DataFrame(rows, columns=[*columns, "quarantined", "source", "actor"])


@allowed("import")
def quarantine(ws: Workspace, project: str) -> pd.DataFrame:
    """Records that could not be taken: file, line, reason, excerpt."""
    return pd.DataFrame(refused(ws.store, project), columns=["at", "file", "line", "reason", "excerpt"])


@allowed("review")
def verdict_log(ws: Workspace, project: str) -> pd.DataFrame:
    """Verdicts in force, newest first."""
    columns = ["decided_at", "reviewer", "item_id", "question", "verdict", "error_type", "severity", "corrected_label"]
    rows = list(reversed(verdicts(ws.store, project)))
    found = pd.DataFrame(rows, columns=[*columns, "comment", "seconds", "annotation_id", "draw_id", "review_id"])
    return with_shown_names(ws, project, found, "reviewer")


def _answers(base: Base, scope: Scope) -> Any:
    given = scoped(base.answers, base, scope)
    found = base.judged.select("source", "truth", "error", of="annotation_id", of_q="q")
    rows = given.left_join(found, [("annotation_id", "of"), ("q", "of_q")]).drop("of", "of_q")
    spent = base.submissions.select("spent_ms", by="annotation_id")
    rows = rows.left_join(spent, [("annotation_id", "by")]).drop("by")
    rows = rows.join(base.items.select("item_id", its="item"), [("item", "its")]).drop("its")
    rows = with_label(with_question(with_annotator(rows, base), base), base, "code", "label")
    rows = with_label(rows.rename(truth_code="truth"), base, "truth_code", "truth")
    return rows.mutate(
        submitted_at=(_.ms // 1000).as_timestamp("s"),
        seconds=_.spent_ms / 1000,
    )
