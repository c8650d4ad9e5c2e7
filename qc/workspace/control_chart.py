"""The control chart of a subject's judged answers, with every change of its review level."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.access import allowed
from qc.levels import Judged, in_force
from qc.levels.lots import judged_lots
from qc.model import LEVEL_SUBJECTS, LEVELS
from qc.stats.charts import CusumDesign, path
from qc.workspace.assess import view
from qc.workspace.assess.lens import Lens
from qc.workspace.levels import chart_of, charted, histories
from qc.workspace.opening import Workspace

# Each source has a path of its own: gold items are no random sample of the work.
PATHS: Final = {"review": "randomly drawn", "gold": "gold"}
MOST_DRAWN: Final = 2_000


@allowed("individuals")
def history(ws: Workspace, project: str, kind: str, key: str) -> list[dict[str, Any]]:
    """Every change of a subject's review level, oldest first: at, before, level, origin, actor, reason, evidence."""
    rows = histories(ws, project).get((kind, key), [])
    before = ["normal", *(row["level"] for row in rows)]
    return [
        {"before": old, **{name: row[name] for name in ("at", "level", "origin", "actor", "reason", "evidence")}}
        for old, row in zip(before, rows, strict=False)
    ]


@allowed("individuals")
def control_chart(ws: Workspace, project: str, kind: str, key: str) -> dict[str, Any]:
    """policy, threshold, p0, p1, answers_to_false_alarm, answers_to_notice, changes[], paths {name: rows}, lots[].

    A row of a path is one judged answer in the order of judging: n, at (project time), item_id, question, error, value
    (the statistic, in errors), alarm, level. The statistic begins anew where judgements no longer counted after a
    change of level. Of a long path the last 2,000 answers are given; a change says in `after` how many answers of each
    path came before it. Under the policy of lots: lot, errors, n, rejected_from and outcome of each lot judged since
    the level last changed.
    """
    lens = view(ws, project)
    sequence = lens.frame("judged_sequence")
    sequence = sequence[sequence["at_ms"].notna()]
    design = chart_of(lens, sequence)
    own = sequence.iloc[:0]
    if kind in LEVEL_SUBJECTS:
        seen = charted(lens, sequence, kind)
        own = seen[seen[kind] == key]
    changes = history(ws, project, kind, key)
    moments = np.array([change["at"].timestamp() * 1000 for change in changes])
    paths = {}
    for source, name in PATHS.items():
        rows = own[own["source"] == source]
        if len(rows):
            paths[name] = _path(lens, rows, moments, changes, design)
        at = rows["at_ms"].to_numpy(np.float64)
        for change, moment in zip(changes, moments, strict=True):
            change.setdefault("after", {})[name] = int((at <= moment).sum())
    return {
        "policy": lens.policy.levels.policy,
        "threshold": design.h,
        "p0": design.p0,
        "p1": design.p1,
        "answers_to_false_alarm": design.anos0,
        "answers_to_notice": design.anos1,
        "changes": changes,
        "paths": paths,
        "lots": _lots(lens, kind, key, own[own["source"] == "review"], changes),
    }


@allowed("individuals")
def nearness(ws: Workspace, project: str, kind: str) -> list[dict[str, Any]]:
    """How near each subject of a kind is to an alarm now: name, statistic, threshold, n.

    By the randomly drawn answers that count since the level last changed: where the chart alarmed, the height of its
    first alarm. Subjects without any have no row.
    """
    lens = view(ws, project)
    sequence = lens.frame("judged_sequence")
    sequence = sequence[sequence["at_ms"].notna()]
    design = chart_of(lens, sequence)
    changes = histories(ws, project)
    rows = []
    sequence = charted(lens, sequence, kind)
    for key, own in sequence[sequence["source"] == "review"].groupby(kind, sort=True):
        since = in_force(changes.get((kind, str(key)), ())).counts_from
        counted = slice(None) if since is None else (own["at_ms"] > since.timestamp() * 1000).to_numpy()
        wrong = own["error"].to_numpy(bool)[counted]
        if wrong.size:
            trace = path(wrong, design)
            height = float(trace.values[trace.alarms[0] if trace.alarms.size else -1])
            rows.append({"name": str(key), "statistic": height, "threshold": design.h, "n": wrong.size})
    return rows


def _lots(lens: Lens, kind: str, key: str, drawn: pd.DataFrame, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    policy = lens.policy.levels
    now = in_force(changes)
    if policy.policy != "lots" or now.level == LEVELS[-1]:
        return []
    if now.counts_from is not None:
        drawn = drawn[drawn["at_ms"] > now.counts_from.timestamp() * 1000]
    work = lens.frame("workload")
    answers = work[(work[kind] == key) & work["batch"].notna()].groupby("batch")["answers"].sum()
    batches = drawn["batch"].astype(object).where(drawn["batch"].notna(), None).to_numpy(object)
    sizes = {str(batch): int(n) for batch, n in answers.items()}
    judged = Judged(drawn=drawn["error"].to_numpy(bool), batches=batches, lot_sizes=sizes)
    return [
        {
            "lot": lot.name,
            "errors": lot.errors,
            "n": lot.plan.n,
            "rejected_from": lot.plan.reject,
            "outcome": lot.outcome,
        }
        for lot in judged_lots(now.level, judged, policy)
    ]


def _path(
    lens: Lens, rows: pd.DataFrame, moments: NDArray[np.float64], changes: list[dict[str, Any]], design: CusumDesign
) -> list[dict[str, Any]]:
    at = rows["at_ms"].to_numpy(np.float64)
    wrong = rows["error"].to_numpy(bool)
    stretch = np.searchsorted(moments, at, side="left")
    values, alarms = np.zeros(len(rows)), np.zeros(len(rows), bool)
    for place in np.unique(stretch):
        since = in_force(changes[:place]).counts_from
        counted = stretch <= place
        if since is not None:
            counted &= at > since.timestamp() * 1000
        trace = path(wrong[counted], design)
        here = stretch[counted] == place
        values[stretch == place] = trace.values[here]
        alarms[np.flatnonzero(counted)[trace.alarms]] |= here[trace.alarms]
    levels = ["normal", *(change["level"] for change in changes)]
    zone = ZoneInfo(lens.policy.timezone)
    shown = slice(max(0, len(rows) - MOST_DRAWN), None)
    columns = zip(
        range(1, len(rows) + 1),
        at.tolist(),
        rows["item_id"],
        rows["question"],
        wrong.tolist(),
        values.tolist(),
        alarms.tolist(),
        stretch.tolist(),
        strict=True,
    )
    return [
        {
            "n": n,
            "at": datetime.fromtimestamp(moment / 1000, zone).isoformat(timespec="minutes"),
            "item_id": str(item),
            "question": str(question),
            "error": error,
            "value": value,
            "alarm": alarm,
            "level": levels[place],
        }
        for n, moment, item, question, error, value, alarm, place in list(columns)[shown]
    ]
