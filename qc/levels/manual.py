"""The policy `manual`: the evidence is shown, and a lead decides."""

from __future__ import annotations

from qc.levels.proposal import Judged, LevelProposal
from qc.levels.sequential import steady
from qc.model import Policy
from qc.stats.charts import CusumDesign
from qc.stats.shrinkage import Beta


def manual(level: str, judged: Judged, chart: CusumDesign, policy: Policy, prior: Beta) -> LevelProposal:
    """The level in force, whatever the answers say."""
    return steady(level, judged, chart, "; the policy is manual, so a lead decides")
