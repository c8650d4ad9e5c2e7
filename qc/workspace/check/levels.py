"""Cases of the rules on review levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.alerts import Evidence, Subject
from qc.alerts.finding import cusum
from qc.alerts.rules import LevelCase
from qc.measures.sources import GOLD, REVIEW
from qc.model import LEVEL_SUBJECTS, LEVELS
from qc.stats.charts import CusumDesign, path
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import Latest
from qc.workspace.levels import Standing, chart_of, charted

# The sources that charts see, the one that decides first first.
CHARTED: Final = (REVIEW, GOLD)


def level_cases(lens: Lens, standings: Iterable[Standing]) -> Iterator[LevelCase]:
    """One per standing; where a chart decides, the path that asked for a change is its proof."""
    sequence = lens.frame("judged_sequence")
    sequence = sequence[sequence["at_ms"].notna()]
    kinds = lens.policy.levels.subjects
    items = Latest.of(sequence[sequence["error"] == 1], LEVEL_SUBJECTS)
    judged = {kind: [_of_source(charted(lens, sequence, kind), kind, source) for source in CHARTED] for kind in kinds}
    chart = chart_of(lens, sequence)
    for standing in standings:
        proposal, who = standing.proposal, (standing.kind, standing.key)
        proof = None
        if lens.policy.levels.policy == "sequential" and proposal.proposed != proposal.level:
            own = [
                rows.iloc[places[standing.key]] if standing.key in places else rows.iloc[:0]
                for rows, places in judged[standing.kind]
            ]
            proof = _proof(own, standing, chart)
        evidence = Evidence(
            proposal.evidence.statistic,
            proposal.evidence.threshold,
            proposal.evidence.n,
            items=items.behind(*who),
            proof=proof,
        )
        yield LevelCase(Subject(*who), proposal.level, proposal.proposed, proposal.reason, evidence)


def _of_source(sequence: pd.DataFrame, kind: str, source: str) -> tuple[pd.DataFrame, Mapping[Any, NDArray[np.int64]]]:
    """The judgements of one source, and where those of each subject stand among them."""
    rows = sequence[sequence["source"] == source]
    return rows, rows.groupby(kind, sort=False).indices


def _proof(own: list[pd.DataFrame], standing: Standing, chart: CusumDesign) -> Any:
    """The path that alarmed, of drawn answers or of gold; the drawn answers' where none did."""
    since = standing.now.counts_from
    counted = own if since is None else [rows[rows["at_ms"] > since.timestamp() * 1000] for rows in own]
    paths = [path(rows["error"].to_numpy(), chart) for rows in counted]
    raised = LEVELS.index(standing.proposal.proposed) > LEVELS.index(standing.proposal.level)
    shown = next((trace for trace in paths if raised and trace.alarms.size), paths[0])
    return cusum(shown.values, chart.h) if shown.values.size else None
