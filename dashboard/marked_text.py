"""Text with what changed in it, as HTML: a ground, a line below and a tag for each state; all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import streamlit as st

from qc.figures.changed import GIVEN, STROKES, Change, written
from qc.figures.marked import excerpts

_DOTTED: Final = "dotted"
_STRUCK: Final = ";text-decoration:line-through"
_BLOCK: Final = "line-height:2.1;white-space:pre-wrap;overflow-wrap:anywhere"
_SMALL: Final = "font-size:0.72em;font-weight:600;margin:0 0.15em;white-space:nowrap;unicode-bidi:isolate"


def spans(text: str, changes: Sequence[Change]) -> None:
    """A text with its spans before and after; of a long text what lies near a span."""
    marks = [mark for mark in written(changes) if mark[0] <= mark[1]]
    (pieces,) = excerpts(text, [[(begin, end, str(at)) for at, (begin, end, *_) in enumerate(marks)]])
    begun: set[str] = set()
    found = []
    for piece in pieces:
        tags = [_tag(marks[int(at)][2], marks[int(at)][4]) for at in piece.labels if at not in begun]
        begun |= set(piece.labels)
        styles = [_style(state, now) for _, _, state, now, _ in (marks[int(at)] for at in piece.labels)]
        found.append("".join(tags) + _nested(escape(piece.text), styles))
    st.html(f'<div style="{_BLOCK}">{"".join(found)}</div>')


def words(stretches: Iterable[tuple[str, str]]) -> None:
    """A text or labels with what was removed and added."""
    found = [_nested(escape(text), [_style(state, True)] if state != "kept" else []) for state, text in stretches]
    st.html(f'<div style="{_BLOCK};font-size:1.05em">{"".join(found)}</div>')


def labels(stretches: Iterable[tuple[str, str]]) -> None:
    """Labels beside each other, each with the sign of its state."""
    chips = [_chip(state, text) for state, text in stretches]
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0.5em;align-items:center">{"".join(chips)}</div>')


def legend(states: Iterable[str]) -> None:
    """What the signs and strokes mean, of the states that are there."""
    shown = [state for state in STROKES if state in set(states) and state != GIVEN]
    parts = [
        f"<span>{_nested(escape(f'{STROKES[state].sign} {state}'), [_style(state, True).removesuffix(_STRUCK)])}"
        f"<span style='opacity:0.75;margin-left:0.4em'>{escape(STROKES[state].says)}</span></span>"
        for state in shown
    ]
    if parts:
        st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0.3em 1.2em;font-size:0.85em">{"".join(parts)}</div>')


def _chip(state: str, text: str) -> str:
    stroke = STROKES[state]
    struck = _STRUCK if state == "removed" else ""
    style = f"border:2px {stroke.css} {stroke.colour};border-radius:0.5em;padding:0.2em 0.7em;overflow-wrap:anywhere"
    sign = f'<span style="color:{stroke.colour};font-weight:700">{escape(stroke.sign)}</span> ' if stroke.sign else ""
    said = f'<span style="font-weight:600{struck}">{escape(text) or "–"}</span>'
    return f'<span style="{style};font-size:1.25em">{sign}{said}</span>'


def _tag(state: str, label: str) -> str:
    stroke = STROKES[state]
    said = f"{stroke.sign} {label}".strip()
    return f'<span style="{_SMALL};color:{stroke.colour}">{escape(said)}</span>' if label else ""


def _style(state: str, now: bool) -> str:
    stroke = STROKES[state]
    if not now:
        return f"border-bottom:3px {_DOTTED} {stroke.colour}"
    struck = _STRUCK if state == "removed" else ""
    return f"background:{stroke.colour}2e;border-bottom:3px {stroke.css} {stroke.colour};border-radius:0.2em{struck}"


def _nested(text: str, styles: Sequence[str]) -> str:
    for style in styles:
        text = f'<span style="{style}">{text}</span>'
    return text
