"""Looking again at old work: all that somebody answered since a day, and that no draw took when it was new."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from qc.access import allowed, authorize
from qc.figures.words import several
from qc.model import EVERYTHING, InputError, NotFoundError, Policy
from qc.sampling import ROUTED
from qc.stats.charts import path
from qc.store.samples import AGAIN, drawn_answers, save_draw
from qc.workspace import lookup
from qc.workspace.assess import view
from qc.workspace.levels import chart_of
from qc.workspace.offer import offered
from qc.workspace.opening import Workspace
from qc.workspace.sample import KEPT, Draw

REASON: Final = "asked for again"


@allowed("individuals")
def begins(ws: Workspace, project: str, annotator: str) -> date | None:
    """The first day of the judged answers since somebody's control chart last stood at 0 before its latest alarm.

    That of the randomly drawn answers; that of gold where only this one alarmed. Without an alarm, before the highest
    point; None where no error was found, or times are unknown.
    """
    lens = view(ws, project)
    sequence = lens.frame("judged_sequence")
    sequence = sequence[sequence["at_ms"].notna()]
    design = chart_of(lens, sequence)
    own = sequence[sequence["annotator"] == annotator]
    charted = [(rows, path(rows["error"].to_numpy(bool), design)) for rows in _by_source(own) if rows["error"].any()]
    if not charted:
        return None
    rows, trace = next((each for each in charted if each[1].alarms.size), charted[0])
    top = int(trace.alarms[-1] if trace.alarms.size else np.argmax(trace.values))
    quiet = np.flatnonzero(trace.values[:top] == 0)
    climb = rows.iloc[int(quiet[-1]) + 1 if quiet.size else 0 : top + 1]
    found = ws.snapshot(project).rows(lambda facts: lookup.by_ids(facts, climb["annotation_id"].tolist()))
    given = found["submitted_at"].dropna()
    return None if given.empty else pd.Timestamp(given.min()).astimezone(ZoneInfo(lens.policy.timezone)).date()


@allowed("draw")
def waiting(ws: Workspace, project: str, annotator: str, since: date | None = None) -> int:
    """How many answers of a person since a day (all without one) were offered before, and neither drawn nor judged."""
    return len(_passed_over(ws, project, annotator, since))


@allowed("draw")
def draw_again(ws: Workspace, project: str, annotator: str, since: date | None = None, actor: str = "cli") -> Draw:
    """Queue every answer of a person since a day (all without one) that was offered before and never looked at.

    What came since the last draw is left to the next one. From now on all of that work is taken with certainty, so
    what earlier draws took of it stands for itself alone, and rates stay true; control charts see none of it.
    InputError where there is nothing of the kind, NotFoundError for somebody who answered nothing here.
    """
    found = _passed_over(ws, project, annotator, since)
    when = f" since {since}" if since else ""
    if found.empty:
        if annotator not in set(view(ws, project).frame("annotator_names")["name"]):
            raise NotFoundError(f"There is no annotator {annotator!r} in this project.")
        raise InputError(
            f"Nothing of {annotator}{when} is left to look at again; what is new is drawn by the next sample."
        )
    taken = [row for row in drawn_answers(ws.store, project) if row["annotator"] == annotator]
    whole = _since(ws, project, [row["annotation_id"] for row in taken], since)
    parameters = {
        "again": annotator,
        "since": None if since is None else since.isoformat(),
        "whole": [[row["annotation_id"], row["question"]] for row in taken if row["annotation_id"] in whole],
    }
    certain = {"share": ROUTED, "pi": 1.0, "pi_random": 0.0, "pi_risk": 0.0, "reviews_wanted": 1, "level": "full"}
    stratum = {"stratum": REASON, "stratum_size": len(found), "stratum_drawn": len(found)}
    sample = found.assign(**certain, **stratum, reasons=[[REASON] for _ in range(len(found))])
    kept = sample[list(KEPT)].astype(object)
    rows: list[dict[str, Any]] = kept.where(kept.notna(), None).to_dict("records")
    draw_id = save_draw(ws.store, project, 0, parameters, ws.data_version(project), rows, actor, AGAIN)
    sentence = (
        f"Sample {draw_id}: {several(len(sample), 'answer')} of {annotator}{when} that no draw took; "
        "everything of that time now waits or is judged."
    )
    return Draw(draw_id, len(sample), sentence, sample, {ROUTED: len(sample)})


def _by_source(own: pd.DataFrame) -> list[pd.DataFrame]:
    """The randomly drawn answers, and gold."""
    return [own[own["source"] == source] for source in ("review", "gold")]


def _passed_over(ws: Workspace, project: str, annotator: str, since: date | None) -> pd.DataFrame:
    """The answers in the order of their times, so that a queue that is worked off in part goes forward in time."""
    from qc.measures import measure

    # Reviewers draw samples, but see nobody's name.
    authorize(ws.actor, "individuals", project)
    policy, snapshot = ws.policy(project), ws.snapshot(project)
    told = measure("risk").make(snapshot.base(policy), EVERYTHING, ())
    rows = snapshot.rows(lambda facts: lookup.drawable(facts, [], told).filter(lambda row: row.annotator == annotator))
    rows = rows[_late(rows["submitted_at"], since, policy)]
    new = offered(ws, project)[["annotation_id", "question"]].assign(new=True)
    rows = rows.merge(new, on=["annotation_id", "question"], how="left")
    rows = rows[rows["new"].isna()].drop(columns="new")
    return rows.sort_values(["submitted_at", "annotation_id", "question"], kind="stable").reset_index(drop=True)


def _since(ws: Workspace, project: str, ids: list[str], since: date | None) -> set[str]:
    """Which of these answers were given since a day."""
    found = ws.snapshot(project).rows(lambda facts: lookup.by_ids(facts, ids))
    return set(found.loc[_late(found["submitted_at"], since, ws.policy(project)), "annotation_id"])


def _late(submitted: pd.Series, since: date | None, policy: Policy) -> pd.Series:
    if since is None:
        return pd.Series(True, submitted.index)
    midnight = datetime.combine(since, time.min, ZoneInfo(policy.timezone)).astimezone(UTC)
    return (pd.to_datetime(submitted, utc=True) >= midnight).fillna(False)
