"""How things are shown: names as text, numbers with intervals, charts with a table twin, empty states that say why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import tables
from qc.figures import Style, counted, estimate, interval, number
from qc.model import QcError

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&^=])")
# Streamlit makes links of bare addresses even where Markdown is escaped; an invisible joiner breaks them.
_ADDRESS = re.compile(r"(?i)(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=@)(?=\w)")

# Word: icon and colour. The word is always shown, the colour never alone.
STATUS: Final[Mapping[str, tuple[str, str]]] = {
    "above target": (":material/error:", "red"),
    "rising": (":material/trending_up:", "red"),
    "critical": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "info": (":material/info:", "blue"),
    "within target": (":material/check_circle:", "green"),
    "flat": (":material/check_circle:", "green"),
    "falling": (":material/trending_down:", "green"),
    "faster only": (":material/speed:", "blue"),
    "slower only": (":material/speed:", "blue"),
    "not yet clear": (":material/help:", "gray"),
    "cannot separate from item": (":material/help:", "gray"),
    "too little data": (":material/hourglass_empty:", "gray"),
    "open": (":material/notifications_active:", "orange"),
    "acknowledged": (":material/visibility:", "blue"),
    "asleep": (":material/snooze:", "gray"),
    "resolved": (":material/check_circle:", "green"),
}


def plain(name: object) -> str:
    """A stranger's name as literal text inside Markdown.

    >>> plain("![x](y)")
    '\\\\!\\\\[x\\\\]\\\\(y\\\\)'
    """
    return inline(" ".join(str(name).split()))


def inline(text: str) -> str:
    """A stretch of a stranger's text inside Markdown, with the blanks at its ends; a line break is a blank."""
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub("\u2060", re.sub(r"\s", " ", text)))


def status(word: str) -> None:
    """A verdict or state: icon and word."""
    icon, colour = STATUS.get(word, (":material/circle:", "gray"))
    st.badge(word, icon=icon, color=colour)


def key_figure(label: str, e: Mapping[str, Any], style: Style = "plain", unit: str = "", note: str = "") -> None:
    """A headline number in a box: the value large, and below it the interval and what it rests on."""
    with st.container(border=True, height="stretch"):
        if e["value"] is None:
            st.metric(label, "–")
            st.caption(plain(e["reason"]))
            return
        st.metric(label, number(e["value"], style, unit), help=plain(e.get("method") or "") or None)
        between = interval(e, style, unit)
        st.caption(plain(f"{between} · {counted(e)}" if between else counted(e)))
        if e.get("warning"):
            st.caption(f":material/warning: {plain(e['warning'])}")
        if note:
            st.caption(plain(note))


def key_figures(*boxes: tuple[str, Mapping[str, Any], Style]) -> None:
    """Headline numbers beside each other: label, E, style."""
    for column, (label, e, style) in zip(st.columns(len(boxes)), boxes, strict=True):
        with column:
            key_figure(label, e, style)


def key_number(label: str, value: str, note: str = "") -> None:
    """A headline without an interval, because nothing was estimated; its value is Markdown."""
    with st.container(border=True, height="stretch"):
        st.metric(label, value)
        st.caption(plain(note) if note else " ")


def sentence(label: str, e: Mapping[str, Any], style: Style = "plain", unit: str = "") -> None:
    """An estimate in one line of text."""
    st.text(f"{label}: {estimate(e, style, unit)}")


def chart(
    title: str,
    figure: Any,
    rows: Sequence[Mapping[str, Any]] | pd.DataFrame,
    *,
    key: str,
    alt: str,
    styles: Mapping[str, Style] | None = None,
    note: str = "",
) -> list[Any] | None:
    """A figure in a box, its table twin and its download; returns the customdata of the point that was clicked."""
    frame = rows if isinstance(rows, pd.DataFrame) else tables.flat(rows)
    with st.container(border=True):
        view = _head(title, frame, key, views=("Chart", "Table"))
        if note:
            st.caption(plain(note))
        if view == "Table":
            st.dataframe(_ordered(frame, None), key=f"{key}-table", **_options(frame, styles or {}, alt))
            return None
        state = st.plotly_chart(
            figure,
            key=f"{key}-chart",
            on_select="rerun",
            selection_mode="points",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoom2d", "pan2d"]},
            alt=alt,
        )
    points = state.selection.points
    return list(points[0].get("customdata") or []) if points else None


def table(
    title: str,
    rows: Sequence[Mapping[str, Any]] | pd.DataFrame,
    *,
    key: str,
    styles: Mapping[str, Style] | None = None,
    note: str = "",
    order: Sequence[str] | None = None,
) -> None:
    """A table in a box with its download."""
    frame = rows if isinstance(rows, pd.DataFrame) else tables.flat(rows)
    with _table_box(title, frame, key, note):
        st.dataframe(_ordered(frame, order), key=f"{key}-table", **_options(frame, styles or {}, title))


def choice(
    title: str,
    rows: Sequence[Mapping[str, Any]] | pd.DataFrame,
    *,
    key: str,
    styles: Mapping[str, Style] | None = None,
    note: str = "",
    order: Sequence[str] | None = None,
) -> int | None:
    """A table in a box with its download; returns the position of the row that was clicked."""
    frame = rows if isinstance(rows, pd.DataFrame) else tables.flat(rows)
    with _table_box(title, frame, key, note):
        state = st.dataframe(
            _ordered(frame, order),
            key=f"{key}-table",
            on_select="rerun",
            selection_mode=["single-row", "single-cell"],
            **_options(frame, styles or {}, title),
        )
    if state.selection.rows:
        return int(state.selection.rows[0])
    return int(state.selection.cells[0][0]) if state.selection.cells else None


@contextmanager
def _table_box(title: str, frame: pd.DataFrame, key: str, note: str) -> Iterator[None]:
    with st.container(border=True):
        _head(title, frame, key, views=())
        if note:
            st.caption(plain(note))
        yield


def _ordered(frame: pd.DataFrame, order: Sequence[str] | None) -> pd.DataFrame:
    """The columns asked for; without a wish, those that hold something."""
    names = [name for name in order if name in frame] if order else list(frame)
    return frame[[name for name in names if frame[name].notna().any()]]


def _options(frame: pd.DataFrame, styles: Mapping[str, Style], alt: str) -> dict[str, Any]:
    return {"hide_index": True, "column_config": tables.columns(frame, styles), "alt": alt, "placeholder": "–"}


def _head(title: str, frame: pd.DataFrame, key: str, views: tuple[str, ...]) -> str | None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(title), anchor=False)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            view = None
            if views:
                view = st.segmented_control(
                    "View",
                    views,
                    default=views[0],
                    required=True,
                    key=f"{key}-view",
                    label_visibility="collapsed",
                )
            st.download_button(
                "CSV",
                data=lambda: tables.csv(frame),
                file_name=f"{key}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"{key}-csv",
                help="Download the table",
            )
    return view


def pick(label: str, options: Sequence[str], key: str, first: str | None = None) -> str:
    """One of a few options, at first `first`; what was picked under other filters and is gone falls back to it."""
    first = first or options[0]
    picked = st.segmented_control(label, options, default=first, required=True, key=key)
    return picked if picked in options else first


def nothing(why: str, what_next: str) -> None:
    """An empty state: why it is empty, and what to do about it."""
    with st.container(border=True):
        st.text(why)
        st.caption(plain(what_next))


def no_project() -> None:
    """The empty state of a workspace without a project."""
    st.title("Annotation QC", anchor=False)
    nothing(
        "This workspace has no project yet.",
        "Upload an export of your annotation tool on the page Data, or run: qc ingest export.json --project tickets. "
        "To look around first, run: qc demo.",
    )


def failed(error: QcError) -> None:
    """One sentence: what is wrong and what to do next."""
    st.error(plain(str(error)), icon=":material/error:")
