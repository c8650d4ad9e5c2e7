"""How far the spot checks are: earlier draws, and what waits by share and by annotator."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from qc.access import allowed
from qc.sampling import SHARES
from qc.store.samples import AGAIN, SAMPLE, drawn_answers, draws
from qc.store.verdicts import verdicts
from qc.workspace.opening import Workspace

COUNTS: Final = ["drawn", "judged", "waiting", "overdue", "second_waiting"]


@allowed("draw")
def progress(ws: Workspace, project: str, now: datetime) -> dict[str, Any]:
    """drawn, judged, waiting, overdue and second_waiting: in all, `by_share`, and `by_annotator` for who may see it.

    Overdue is what waits for more days than the policy bears; second_waiting are judged by fewer people than wanted.
    `waiting_days` is how long the oldest waits, None where nothing does.
    """
    rows = _rows(ws, project, now)
    waiting = rows[rows["waiting"]]
    return {
        **{name: int(rows[name].sum()) for name in COUNTS},
        "due_days": ws.policy(project).alerts.review_days,
        "waiting_days": None if waiting.empty else (now - waiting["drawn_at"].min()) / timedelta(days=1),
        "by_share": _by(rows, "share", SHARES),
        "by_annotator": _by(rows, "annotator") if ws.actor.may("individuals", project) else [],
    }


@allowed("draw")
def earlier_draws(ws: Workspace, project: str, now: datetime) -> list[dict[str, Any]]:
    """Each draw, the newest first: id, drawn_at, actor, seed, rate of level normal, what it drew and what is judged.

    Without a seed and a rate: what somebody did earlier, drawn whole.
    """
    rows = _rows(ws, project, now)
    counts = {row["draw_id"]: row for row in _by(rows, "draw_id")}
    shares = rows.groupby(["draw_id", "share"]).size()
    return [
        {
            "draw_id": entry["id"],
            "drawn_at": entry["drawn_at"],
            "actor": entry["actor"],
            "seed": entry["seed"] if entry["origin"] == SAMPLE else None,
            "rate": entry["parameters"].get("rates", {}).get("normal"),
            **{share: int(shares.get((entry["id"], share), 0)) for share in SHARES},
            **{name: counts[entry["id"]][name] for name in COUNTS},
        }
        for entry in reversed(draws(ws.store, project, SAMPLE, AGAIN))
        if entry["id"] in counts
    ]


def _rows(ws: Workspace, project: str, now: datetime) -> pd.DataFrame:
    """One row per drawn answer: whether it is judged, waits, waits too long, or waits for another opinion."""
    by: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in verdicts(ws.store, project):
        by[row["annotation_id"], row["question"]].add(row["reviewer"])
    due = now - timedelta(days=ws.policy(project).alerts.review_days)
    rows = []
    for row in drawn_answers(ws.store, project):
        opinions = len(by.get((row["annotation_id"], row["question"]), ()))
        rows.append(
            {
                **{name: row[name] for name in ("draw_id", "drawn_at", "share", "annotator")},
                "drawn": True,
                "judged": opinions > 0,
                "waiting": opinions == 0,
                "overdue": opinions == 0 and row["drawn_at"] < due,
                "second_waiting": 0 < opinions < row["reviews_wanted"],
            }
        )
    return pd.DataFrame(rows, columns=["draw_id", "drawn_at", "share", "annotator", *COUNTS])


def _by(rows: pd.DataFrame, key: str, order: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    counted = rows.groupby(key, dropna=False)[COUNTS].sum().astype(int)
    names = [name for name in order if name in counted.index] or counted.index.tolist()
    return [{key: name, **counted.loc[name].to_dict()} for name in names]
