"""Figures of `qc.figures` as static SVG: no script, the same bytes each time, sharp on paper."""

from qc.reports.drawing.draw import svg

__all__ = ["svg"]
