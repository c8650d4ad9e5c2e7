"""How agreement is spread over items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.figures.theme import MAIN, empty, framed

_BINS = 10


def items_by_agreement(rows: Sequence[Mapping[str, Any]]) -> Any:
    """How many items reach which agreement, in ten equal bins; full agreement belongs to the last bin.

    rows: agreement (fraction), items.
    """
    counts = [0] * _BINS
    for row in rows:
        # Halves and fifths are not exact in binary: 0.3 * 10 must still be bin 3.
        counts[min(int(round(row["agreement"] * _BINS, 6)), _BINS - 1)] += row["items"]
    figure = empty()
    figure.add_bar(
        x=[(at + 0.5) * 100 / _BINS for at in range(_BINS)],
        y=counts,
        marker={"color": MAIN},
        customdata=[[f"{100 * at // _BINS}–{100 * (at + 1) // _BINS} %"] for at in range(_BINS)],
        hovertemplate="agreement %{customdata[0]}<br>n = %{y:,} items<extra></extra>",
    )
    framed(figure, x="agreement on the item, %", y="items", height=260)
    figure.update_layout(bargap=0.06)
    figure.update_xaxes(range=[0, 100])
    return figure
