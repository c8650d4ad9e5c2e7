"""The review level of each annotator: what is in force, and what the judged answers since then ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.levels import LevelProposal, assess_level
from qc.stats.charts import CusumDesign, from_false_alarms
from qc.stats.shrinkage import FALLBACK
from qc.store.levels import set_level
from qc.workspace.assess.cost import best_rates
from qc.workspace.assess.lens import Lens
from qc.workspace.opening import Workspace
from qc.workspace.sample import levels_in_force

MONTH_MS: Final = 365.25 / 12 * 86_400_000


@dataclass(frozen=True, slots=True)
class Standing:
    """One annotator's level: since when and why (None before any change), and the proposal."""

    annotator: str
    since: datetime | None
    reason: str | None
    proposal: LevelProposal


def proposals(lens: Lens) -> list[Standing]:
    """The standing of every annotator, by name."""
    sequence = lens.frame("judged_sequence")
    # Without a time nobody knows the order, and a chart of arbitrary order says nothing.
    sequence = sequence[sequence["at_ms"].notna()]
    in_force = levels_in_force(lens.ws, lens.project)
    in_force = in_force[in_force["kind"] == "annotator"].set_index("key")
    chart = chart_of(lens, sequence)
    rates = best_rates(lens)
    prior = rates.team.beta if rates else FALLBACK
    names = sorted({*lens.frame("durations")["annotator"], *in_force.index})
    by_name = dict(tuple(sequence.groupby("annotator", sort=False)))
    found = []
    for name in names:
        row = in_force.loc[name] if name in in_force.index else None
        own = by_name.get(name, sequence.iloc[:0])
        since = None if row is None else row["since"].to_pydatetime()
        if since is not None:
            own = own[own["at_ms"] > since.timestamp() * 1000]
        drawn, gold = (own[own["source"] == source]["error"].to_numpy() for source in ("review", "gold"))
        level = "normal" if row is None else str(row["level"])
        proposal = assess_level(level, drawn, gold, chart, lens.policy.errors, prior)
        found.append(Standing(str(name), since, None if row is None else str(row["reason"]), proposal))
    return found


def chart_of(lens: Lens, sequence: pd.DataFrame) -> CusumDesign:
    """The control chart that keeps the false alarms a month at what the policy allows.

    The volume is that of the busiest month so far, so that a quiet time does not lower the threshold after the fact.
    """
    errors = lens.policy.errors
    volume = max(errors.judged_per_month, busiest_month(sequence["at_ms"].to_numpy(np.int64)))
    return from_false_alarms(errors.target, errors.limit, errors.false_alarms_per_month, volume)


def busiest_month(at_ms: NDArray[np.int64]) -> int:
    """The most judgements in any month, that is 30.4 days from one of them on."""
    times = np.sort(at_ms)
    return int((np.searchsorted(times, times + MONTH_MS) - np.arange(len(times))).max(initial=0))


def override(ws: Workspace, project: str, annotator: str, level: str, reason: str, actor: str) -> None:
    """A lead's decision; from now on only later judgements count."""
    set_level(
        ws.store, project, "annotator", annotator, level, reason, {"statistic": None, "threshold": None, "n": 0}, actor
    )


def apply(lens: Lens, standing: Standing, actor: str) -> None:
    """Put a proposed level in force."""
    evidence: dict[str, Any] = {
        "statistic": standing.proposal.evidence.statistic,
        "threshold": standing.proposal.evidence.threshold,
        "n": standing.proposal.evidence.n,
    }
    set_level(
        lens.ws.store,
        lens.project,
        "annotator",
        standing.annotator,
        standing.proposal.proposed,
        standing.proposal.reason,
        evidence,
        actor,
    )
