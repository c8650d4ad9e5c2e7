"""The policy `lots`: a subject's answers are judged lot by lot, and the switching rules of the standard decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from qc.levels.proposal import Evidence, Judged, LevelProposal, counted
from qc.model import LEVELS, LevelPolicy, Policy
from qc.stats.acceptance import (
    AQLS,
    DISCONTINUED,
    NORMAL,
    REDUCED,
    TIGHTENED,
    Inspection,
    LotPlan,
    after,
    lot_plan,
)
from qc.stats.charts import CusumDesign
from qc.stats.shrinkage import Beta

SEVERITY: Final = dict(zip(LEVELS, (REDUCED, NORMAL, TIGHTENED, DISCONTINUED), strict=True))
LEVEL: Final = {severity: level for level, severity in SEVERITY.items()}


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot whose sample was judged: its name, size, plan, and the errors found."""

    name: str
    size: int
    plan: LotPlan
    errors: int

    @property
    def outcome(self) -> str:
        """accepted, or rejected; between the numbers of reduced inspection it is accepted."""
        return "accepted" if self.errors < self.plan.reject else "rejected"


def plan_for(lot: int, level: str, policy: LevelPolicy) -> LotPlan:
    """How many answers of a lot to draw at a review level, and how many errors pass; all of it at `full`.

    lot: answers of the lot, from 1.
    """
    if level == LEVELS[-1]:
        return LotPlan(lot, 0, 1, None, DISCONTINUED)
    return lot_plan(lot, policy.aql, policy.inspection, SEVERITY[level])


def draw_rate(policy: Policy, level: str) -> float:
    """The share of new answers to draw at a level: that of the sampling policy, or what the plan takes of a lot.

    Only answers drawn by lot count towards a plan, so what goes by risk comes on top.
    """
    if policy.levels.policy != "lots":
        return policy.sampling.rate(level)
    by_lot = plan_for(policy.levels.lot_size, level, policy.levels).n / policy.levels.lot_size
    return min(1.0, by_lot / (1 - policy.sampling.by_risk))


def lots(level: str, judged: Judged, chart: CusumDesign, policy: Policy, prior: Beta) -> LevelProposal:
    """The level that the lots judged since the last change ask for.

    Of each lot the first answers drawn are its sample, as many as the plan of the level asks for; further ones count
    in rates only. A lot of which fewer are judged waits. At `full` inspection is discontinued: a lead resumes it.
    """
    n = judged.drawn.size
    if level == LEVELS[-1]:
        reason = (
            "Inspection is discontinued and everything is checked: a lead sets tightened once the cause is dealt with."
        )
        return LevelProposal(level, level, reason, Evidence(None, None, n))
    state, seen = Inspection(SEVERITY[level]), []
    for lot in judged_lots(level, judged, policy.levels):
        seen.append(lot)
        state = after(state, lot.errors, lot.plan.accept, lot.plan.reject, _tighter(lot, level, policy.levels))
        if LEVEL[state.severity] != level:
            break
    plan = plan_for(policy.levels.lot_size, level, policy.levels)
    if not seen:
        when = "since the level last changed" if judged.changed else "yet"
        of = f"of {plan.n} " if policy.levels.lot == "answers" else ""
        reason = f"No lot is judged {when}: {counted(n, 'drawn answer')} {of}so far."
        return LevelProposal(level, level, reason, Evidence(None, None, n))
    last, proposed = seen[-1], LEVEL[state.severity]
    rejected = sum(lot.outcome == "rejected" for lot in seen)
    change = f"review goes from {level} to {proposed}" if proposed != level else f"review stays {level}"
    return LevelProposal(
        level,
        proposed,
        f"Of {counted(len(seen), 'lot')} under {SEVERITY[level]} inspection (MIL-STD-105E, AQL "
        f"{policy.levels.aql:g} %) {rejected} {'was' if rejected == 1 else 'were'} rejected; {last.name} was "
        f"{last.outcome} with "
        f"{counted(last.errors, 'error')} in {counted(last.plan.n, 'answer')}, rejected from {last.plan.reject} on"
        f"{_why(state, seen, level)}: {change}.",
        Evidence(float(last.errors), float(last.plan.reject), n),
    )


def judged_lots(level: str, judged: Judged, policy: LevelPolicy) -> Iterator[Lot]:
    """The lots whose samples are complete, in the order in which they became so."""
    if policy.lot == "answers":
        plan = plan_for(policy.lot_size, level, policy)
        for number in range(judged.drawn.size // plan.n):
            sample = judged.drawn[number * plan.n : (number + 1) * plan.n]
            yield Lot(f"lot {number + 1}", policy.lot_size, plan, int(sample.sum()))
        return
    complete = []
    for batch in dict.fromkeys(name for name in judged.batches.tolist() if name is not None):
        places = np.flatnonzero(judged.batches == batch)
        size = max(judged.lot_sizes.get(batch, 0), places.size)
        plan = plan_for(size, level, policy)
        if places.size >= plan.n:
            lot = Lot(f"batch {batch}", size, plan, int(judged.drawn[places[: plan.n]].sum()))
            complete.append((int(places[plan.n - 1]), lot))
    yield from (lot for _, lot in sorted(complete, key=lambda each: each[0]))


def _tighter(lot: Lot, level: str, policy: LevelPolicy) -> int | None:
    """Errors that the same sample may have at the next lower AQL, where its plan has the same n."""
    step = AQLS.index(policy.aql) - 1
    if step < 0:
        return None
    plan = lot_plan(lot.size, AQLS[step], policy.inspection, SEVERITY[level])
    return plan.accept if plan.n == lot.plan.n else None


def _why(state: Inspection, seen: list[Lot], level: str) -> str:
    if level == LEVEL[NORMAL] and state.severity == NORMAL:
        return f" (switching score {state.score} of 30 after ISO 2859-1:1999)"
    return ""
