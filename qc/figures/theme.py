"""What all figures share: ten colours that colour-blind readers can tell apart, and a frame that fits any theme."""

from __future__ import annotations

from typing import Any, Final

from plotly import graph_objects as go

# Petroff's ten (arXiv:2107.02270).
COLOURS: Final = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
MAIN, SECOND, ALARM, MUTED = COLOURS[0], COLOURS[1], COLOURS[6], COLOURS[8]
# More rows than this make a figure that nobody reads; the table beside it has all.
MOST: Final = 40
BAND = "rgba(63,144,218,0.18)"
GRID = "rgba(128,136,148,0.22)"
CLEAR = "rgba(0,0,0,0)"

# From pale to deep of one hue, opaque, so that the numbers in the cells read the same in a light and a dark theme.
SEQUENTIAL: Final = ((0.0, "#e3edf7"), (0.5, "#8db9e3"), (1.0, "#1f5f9e"))
ON_PALE, ON_DEEP = "#1b2430", "#ffffff"


def framed(figure: Any, *, x: str, y: str, height: int = 320) -> Any:
    """The figure with named axes, a transparent ground and no decoration."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 16, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        colorway=list(COLOURS),
        hoverlabel={"align": "left"},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0.0},
        dragmode=False,
    )
    figure.update_xaxes(title_text=x, gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(title_text=y, gridcolor=GRID, zeroline=False, automargin=True)
    return figure


def empty() -> Any:
    """A figure to draw on."""
    return go.Figure()


def vertical(figure: Any, x: float, text: str, position: str = "top right") -> None:
    """A labelled reference line across the figure."""
    figure.add_vline(
        x=x,
        line_dash="dash",
        line_width=1.5,
        line_color=MUTED,
        annotation_text=text,
        annotation_position=position,
        annotation_xshift=-3 if "left" in position else 3,
    )


def horizontal(figure: Any, y: float, text: str, position: str = "top right") -> None:
    """A labelled reference line along the figure."""
    figure.add_hline(
        y=y, line_dash="dash", line_width=1.5, line_color=MUTED, annotation_text=text, annotation_position=position
    )


def error_bars(rows: list[dict[str, Any]], scale: float) -> dict[str, Any]:
    """Plotly's asymmetric error bars from E objects; no bar where an E has no interval."""
    upper = [((e["high"] if e["high"] is not None else e["value"]) - e["value"]) * scale for e in rows]
    lower = [(e["value"] - (e["low"] if e["low"] is not None else e["value"])) * scale for e in rows]
    return {"type": "data", "symmetric": False, "array": upper, "arrayminus": lower, "thickness": 1.6, "width": 0}
