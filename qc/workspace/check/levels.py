"""Cases of the rules on review levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qc.alerts import Evidence, Subject
from qc.alerts.finding import cusum
from qc.alerts.rules import LevelCase
from qc.stats.charts import path
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import Latest
from qc.workspace.levels import Standing, chart_of


def level_cases(lens: Lens, standings: Iterable[Standing]) -> Iterator[LevelCase]:
    """One per standing; where a chart decides, its path over the randomly drawn answers is the proof of a change."""
    sequence = lens.frame("judged_sequence")
    sequence = sequence[sequence["at_ms"].notna()]
    wrong, lot = sequence[sequence["error"] == 1], sequence[sequence["source"] == "review"]
    kinds = lens.policy.levels.subjects
    items = Latest.of(wrong, kinds)
    drawn = {kind: lot.groupby(kind, sort=False).indices for kind in kinds}
    chart = chart_of(lens, sequence)
    for standing in standings:
        proposal, who = standing.proposal, (standing.kind, standing.key)
        proof = None
        charted = lens.policy.levels.policy == "sequential" and proposal.proposed != proposal.level
        if charted and standing.key in drawn[standing.kind]:
            own = lot.iloc[drawn[standing.kind][standing.key]]
            if standing.now.counts_from is not None:
                own = own[own["at_ms"] > standing.now.counts_from.timestamp() * 1000]
            proof = cusum(path(own["error"].to_numpy(), chart).values, chart.h)
        evidence = Evidence(
            proposal.evidence.statistic,
            proposal.evidence.threshold,
            proposal.evidence.n,
            items=items.behind(*who),
            proof=proof,
        )
        yield LevelCase(Subject(*who), proposal.level, proposal.proposed, proposal.reason, evidence)
