"""An interval as a small picture for the cell of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from qc.figures.theme import ALARM, MAIN, MUTED

_WIDTH: Final = 160
_HEIGHT: Final = 24
_PAD: Final = 6


def interval_bar(e: Mapping[str, Any], *, top: float, target: float | None = None) -> str | None:
    """An SVG as a data address: the interval as a line, the value as a dot, the target as a stroke; None without one.

    top: where the axis ends, the same for all rows of a table; it begins at 0. A value whose interval lies above the
    target is a diamond in the colour of alarms. Texts sort as their values do, since tables sort the texts of pictures.
    """
    if e["value"] is None:
        return None
    low = e["low"] if e["low"] is not None else e["value"]
    high = e["high"] if e["high"] is not None else e["value"]
    above = target is not None and low > target
    colour = ALARM if above else MAIN
    middle = _HEIGHT / 2
    x = _place(e["value"], top)
    dot = (
        f"<path d='M{x - 5:.1f} {middle}L{x:.1f} {middle - 5}L{x + 5:.1f} {middle}L{x:.1f} {middle + 5}Z' "
        f"fill='{colour}'/>"
        if above
        else f"<circle cx='{x:.1f}' cy='{middle}' r='4.2' fill='{colour}'/>"
    )
    stroke = ""
    if target is not None:
        at = _place(target, top)
        stroke = (
            f"<line x1='{at:.1f}' x2='{at:.1f}' y1='2' y2='{_HEIGHT - 2}' stroke='{MUTED}' stroke-width='1.3' "
            "stroke-dasharray='3 2'/>"
        )
    drawing = (
        f"<svg data-value='{e['value']:.6f}' xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{_HEIGHT}'>"
        f"{stroke}<line x1='{_place(low, top):.1f}' x2='{_place(high, top):.1f}' y1='{middle}' y2='{middle}' "
        f"stroke='{colour}' stroke-width='2'/>{dot}</svg>"
    )
    return f"data:image/svg+xml;utf8,{quote(drawing)}"


def _place(value: float, top: float) -> float:
    return _PAD + (_WIDTH - 2 * _PAD) * min(max(value / top, 0.0), 1.0)
