"""The item as it is with the answer, and what is different in its correction or in what is known to be right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from dashboard import marked_text, show
from dashboard.item_view import NO_PICTURE, SHAPES
from qc.figures.changed import GIVEN, Change, changed_intervals, changed_shapes
from qc.workspace.desk import Case
from qc.workspace.differing import Difference, objects
from qc.workspace.media import Picture

LARGEST: Final = 40 << 20


def item(case: Case, recording: Path | None) -> None:
    """What the annotator saw, but for what is drawn on or marked in it."""
    if recording is not None and recording.stat().st_size <= LARGEST:
        (st.audio if case.media == "audio" else st.video)(str(recording))
    marked = case.region_kind == "spans" and case.text
    if not marked and case.text:
        st.text(case.text)
    elif not case.text and not _has_media(case):
        st.text("This item carries no text.")


def answer(case: Case, difference: Difference | None, title: str, picture: Picture | None, key: str) -> None:
    """The answer, and drawn over it what a correction or a reference changes."""
    if case.region_kind is not None or case.given.regions:
        changes: list[Change] = (
            [(GIVEN, parts, ()) for parts in objects(case.given.regions)]
            if difference is None
            else [(change.state.value, change.before, change.after) for change in difference.objects]
        )
        _regions(case, changes, title, picture, key)
    elif case.sides:
        _sides(case, difference)
    elif case.kind == "text":
        marked_text.words(difference.words if difference else [("kept", case.given.label or "")])
    elif difference is not None:
        marked_text.labels(difference.words)
    else:
        marked_text.labels([(GIVEN, label) for label in _labels(case)])
    if difference is not None:
        marked_text.legend(
            [*(change.state.value for change in difference.objects), *(state for state, _ in difference.words)]
        )


def listed(difference: Difference, title: str, key: str) -> None:
    """The table twin of a difference."""
    if not difference.rows:
        st.caption(f"{show.plain(title)}: no difference.")
        return
    note = f"{difference.kept} the same in both." if difference.kept else ""
    show.table(f"Differences: {title}", difference.rows, key=key, styles={"likeness": "percent"}, note=note)


def _labels(case: Case) -> Sequence[str]:
    return case.given.labels if case.kind in ("multi", "ranking") else (case.given.label or "–",)


def _has_media(case: Case) -> bool:
    return bool(case.uri) or bool(case.sides) or bool(case.given.regions)


def _regions(case: Case, changes: Sequence[Change], title: str, picture: Picture | None, key: str) -> None:
    kinds = {str(region.get("kind")) for _, before, after in changes for region in (*before, *after)}
    kinds = kinds or {str(case.region_kind)}
    if "intervals" in kinds and not kinds & SHAPES:
        _chart(changed_intervals([(title, changes)]), f"{key}-line", "A bar for each interval, by state")
    elif kinds & SHAPES:
        _shapes(case, changes, picture, key)
    elif case.text:
        marked_text.spans(case.text, changes)
    else:
        st.caption("The export holds no text of this item, so that spans stand in the table only.")


def _shapes(case: Case, changes: Sequence[Change], picture: Picture | None, key: str) -> None:
    frames = sorted({int(r["frame"]) for _, b, a in changes for r in (*b, *a) if r.get("track_id") and "frame" in r})
    if len(frames) > 1:
        frame = st.select_slider("Frame", frames, key=f"{key}-frame")
        changes = [(state, _at(frame, before), _at(frame, after)) for state, before, after in changes]
        changes = [change for change in changes if change[1] or change[2]]
    width, height = case.width, case.height
    if picture is not None and not (width and height):
        width, height = picture.width, picture.height
    figure = changed_shapes(changes, width, height, picture.jpeg if picture else None)
    _chart(figure, f"{key}-drawn", "The item with the shapes of the answer, and what is different, by state")
    if picture is None:
        st.caption(NO_PICTURE)


def _at(frame: int, regions: Sequence[Any]) -> list[Any]:
    return [region for region in regions if region.get("frame") == frame and not region.get("outside")]


def _chart(figure: Any, key: str, alt: str) -> None:
    buttons = ["select2d", "lasso2d"]
    st.plotly_chart(figure, key=key, config={"displaylogo": False, "modeBarButtonsToRemove": buttons}, alt=alt)


def _sides(case: Case, difference: Difference | None) -> None:
    """Both sides of a pair; which one was chosen, and which one is right."""
    states = {text: state for state, text in difference.words} if difference else {case.given.label: GIVEN}
    words = {GIVEN: "chosen", "kept": "chosen", "removed": "chosen", "added": "better"}
    for column, (name, text) in zip(st.columns(len(case.sides)), case.sides, strict=True):
        with column, st.container(border=True, height="stretch"):
            if state := states.get(name):
                marked_text.labels([(state, f"{name}: {words[state]}")])
            else:
                st.caption(show.plain(name))
            st.text(text or "The export holds no text of this side.")
    others = [(state, text) for state, text in (difference.words if difference else ())]
    beyond = [(state, text) for state, text in others if text not in dict(case.sides)]
    if beyond or (difference is None and case.given.label not in dict(case.sides)):
        marked_text.labels(beyond or [(GIVEN, case.given.label or "–")])
