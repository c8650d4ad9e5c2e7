"""What several people marked along one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.figures.theme import COLOURS, empty, framed
from qc.figures.words import plain

ROW: Final = 34


def timeline(answers: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> Any:
    """A row for each named answer, a bar for each interval, a colour for each label; seconds."""
    labels = sorted({str(region.get("label") or "") for _, regions in answers for region in regions})
    figure = empty()
    for place, label in enumerate(labels):
        rows = [
            (name, region)
            for name, regions in answers
            for region in regions
            if str(region.get("label") or "") == label and region.get("sec_start") is not None
        ]
        begins = [float(region["sec_start"]) for _, region in rows]
        ends = [float(region.get("sec_end") or region["sec_start"]) for _, region in rows]
        figure.add_bar(
            orientation="h",
            y=[plain(name) for name, _ in rows],
            x=[end - begin for begin, end in zip(begins, ends, strict=True)],
            base=begins,
            customdata=[[end] for end in ends],
            marker={"color": COLOURS[place % len(COLOURS)]},
            name=plain(label) or "no label",
            hovertemplate="%{base:.2f}–%{customdata[0]:.2f} s<extra>%{fullData.name}</extra>",
        )
    framed(figure, x="seconds", y="", height=120 + ROW * len(answers))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=[plain(name) for name, _ in reversed(answers)]
    )
    return figure
