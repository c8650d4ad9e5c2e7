"""What can be drawn now: the answers that no draw could choose from yet, each with its level and its risk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from qc.model import EVERYTHING
from qc.sampling import RANDOM, answer_levels, risks
from qc.store.imports import imports
from qc.store.levels import level_history
from qc.store.samples import drawn_answers, draws
from qc.workspace import lookup, lots
from qc.workspace.opening import Workspace

COLUMNS: Final = ["kind", "key", "level", "since", "reason", "actor", "evidence"]
UNSURE: Final = ("low confidence",)


def levels_in_force(ws: Workspace, project: str) -> pd.DataFrame:
    """kind, key, level, since, reason, actor, evidence of every subject whose level was ever set."""
    latest = {(row["subject_kind"], row["subject_key"]): row for row in level_history(ws.store, project)}
    rows = [{**row, "kind": kind, "key": key, "since": row["at"]} for (kind, key), row in latest.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def offered(ws: Workspace, project: str) -> pd.DataFrame:
    """The answers to draw from, as `qc.sampling.draw` reads them; what was reviewed in an export needs no draw.

    With them come the labels of models that no person has answered and that are to be routed.
    """
    return ws.snapshot(project).kept("offered", lambda: _offered(ws, project))


def _offered(ws: Workspace, project: str) -> pd.DataFrame:
    from qc.measures import measure

    policy = ws.policy(project)
    snapshot = ws.snapshot(project)
    earlier = draws(ws.store, project)
    last = earlier[-1]["drawn_at"] if earlier else None
    seen = [entry["id"] for entry in imports(ws.store, project) if last is not None and entry["at"] <= last]
    told = measure("risk").make(snapshot.base(policy), EVERYTHING, ())
    answers = snapshot.rows(lambda facts: lookup.drawable(facts, seen, told))
    risk, named = risks(answers), {*policy.sampling.route}
    answers = answers.assign(
        risk=risk["risk"],
        reasons=risk["reasons"],
        routed=(answers["routed"] == 1) | risk["reasons"].map(lambda reasons: not named.isdisjoint(reasons)),
        unanswered=False,
        recent=answers["annotator"].map(_recent(ws, project)).fillna(0).astype(np.int64),
        level=answer_levels(answers, levels_in_force(ws, project)),
    )
    if lots.by_batch(policy):
        answers = answers.join(lots.planned(ws, project, answers))
    labels = snapshot.rows(lambda facts: lookup.unanswered_labels(facts, policy.sampling.route_below))
    if labels.empty:
        return answers
    labels = labels.assign(risk=1.0, routed=True, unanswered=True, recent=0, level="full")
    labels["reasons"] = [UNSURE] * len(labels)
    return pd.concat([answers, labels[[name for name in labels if name in answers]]], ignore_index=True)


def _recent(ws: Workspace, project: str) -> Mapping[str, int]:
    """How many answers of each annotator the lot took within the window that ends with the data version."""
    end = ws.store.as_of(project)
    if end is None:
        return Counter()
    begin = end - timedelta(days=ws.policy(project).sampling.window_days)
    rows = [row for row in drawn_answers(ws.store, project) if row["share"] == RANDOM and row["drawn_at"] > begin]
    return Counter(row["annotator"] for row in rows)
