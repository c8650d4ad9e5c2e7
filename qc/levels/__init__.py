"""How much of a subject's work is reviewed, and what moves it: three policies, one registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qc.levels.history import APPROVED, ORIGINS, OVERRIDE, POLICY, UNDO, InForce, in_force, level_before
from qc.levels.lots import draw_rate, lots, plan_for
from qc.levels.manual import manual
from qc.levels.proposal import Evidence, Judged, LevelProposal
from qc.levels.sequential import sequential
from qc.model import Policy
from qc.stats.charts import CusumDesign
from qc.stats.shrinkage import FALLBACK, Beta

Propose = Callable[[str, Judged, CusumDesign, Policy, Beta], LevelProposal]
POLICIES: Final[dict[str, Propose]] = {"sequential": sequential, "lots": lots, "manual": manual}


def propose(level: str, judged: Judged, chart: CusumDesign, policy: Policy, prior: Beta = FALLBACK) -> LevelProposal:
    """The level that the policy in force asks for after a subject's judgements."""
    return POLICIES[policy.levels.policy](level, judged, chart, policy, prior)


__all__ = [
    "APPROVED",
    "ORIGINS",
    "OVERRIDE",
    "POLICIES",
    "POLICY",
    "UNDO",
    "Evidence",
    "InForce",
    "Judged",
    "LevelProposal",
    "draw_rate",
    "in_force",
    "level_before",
    "plan_for",
    "propose",
]
