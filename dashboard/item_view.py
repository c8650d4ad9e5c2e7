"""One item with every answer to it: shapes over the picture, spans in the text, intervals along the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.figures import several
from qc.figures.drawn import drawn
from qc.figures.marked import Piece, excerpts
from qc.figures.timeline import timeline
from qc.model import NotFoundError, QcError
from qc.workspace import queue
from qc.workspace.item import Answer, Item

SHAPES: Final = frozenset({"boxes", "polygons", "polylines", "keypoints", "masks", "tracks"})
NO_PICTURE: Final = (
    "The picture is not to be had: it is looked for, by its name, below the folder named as media in qc.toml."
)
# The colours that Streamlit knows by name.
COLOURS: Final = ("blue", "orange", "green", "violet", "red", "gray")


def show_item(chosen: Selection, item_id: str, question: str, key: str) -> None:
    """Everybody's answer to one item, side by side."""
    try:
        item = data.item(chosen, item_id, question)
    except NotFoundError as error:
        show.failed(error)
        return
    kinds = {region["kind"] for answer in item.answers for region in answer.regions}
    if kinds & SHAPES:
        _drawn(item, key)
    elif any("sec_start" in region for answer in item.answers for region in answer.regions):
        _intervals(item, key)
    elif kinds:
        _spans(item)
    elif item.text:
        st.text(item.text)
    show.table(
        f"Answers to {item.item_id}",
        [_row(answer) for answer in item.answers],
        key=f"{key}-answers",
        note=f"{several(len(item.answers), 'answer')} as they are now.",
    )
    if data.may(chosen, "review"):
        _doubt(chosen, item, question, key)


def _doubt(chosen: Selection, item: Item, question: str, key: str) -> None:
    """A way to put an answer on the queue."""
    people = [answer for answer in item.answers if answer.role == "annotator"]
    if not people:
        return
    with st.popover("Doubt an answer", icon=":material/flag:"):
        with st.form(f"{key}-doubt", border=False):
            at = st.selectbox(
                "Answer", range(len(people)), format_func=lambda place: _doubted(people[place]), key=f"{key}-doubted"
            )
            why = st.text_input("Why", key=f"{key}-doubt-why", placeholder="Stands in the record")
            asked = st.form_submit_button("Put it on the queue", type="primary")
        if asked:
            try:
                st.text(
                    queue.flag(data.workspace(), chosen.project, people[at].annotation_id, question, why),
                )
            except QcError as error:
                show.failed(error)


def _doubted(answer: Answer) -> str:
    return show.plain(f"{answer.annotator}: {answer.label or several(len(answer.regions), 'object')}")


def _named(answer: Answer) -> str:
    return answer.annotator if answer.role in ("annotator", answer.annotator) else f"{answer.annotator} ({answer.role})"


def _row(answer: Answer) -> dict[str, Any]:
    said = ", ".join(filter(None, (_said(region) for region in answer.regions[:20])))
    given = {"annotator": answer.annotator, "role": answer.role, "answer": said or answer.label}
    if answer.first:
        given["at first"] = answer.first
    return {**given, "objects": len(answer.regions)} if answer.regions else given


def _said(region: Mapping[str, Any]) -> str:
    label, quote = str(region.get("label") or ""), str(region.get("quote") or "")
    return f"{label} “{quote}”" if quote else label


def _drawn(item: Item, key: str) -> None:
    lines: list[tuple[str, Sequence[Mapping[str, Any]]]] = [(_named(answer), answer.regions) for answer in item.answers]
    frames = sorted({region["frame"] for _, regions in lines for region in regions if "frame" in region})
    if len(frames) > 1:
        frame = st.select_slider("Frame", frames, key=f"{key}-frame")
        lines = [(name, _at(frame, regions)) for name, regions in lines]
    picture = item.picture
    width, height = item.width, item.height
    if picture is not None and not (width and height):
        width, height = picture.width, picture.height
    show.chart(
        f"What people drew on {item.item_id}",
        drawn(lines, width, height, picture.jpeg if picture else None),
        [{"annotator": name, **_extent(region)} for name, regions in lines for region in regions],
        key=f"{key}-drawn",
        alt="The item with the shapes of each person in a colour",
        note="" if picture else NO_PICTURE,
    )


def _at(frame: int, regions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [region for region in regions if region.get("frame") == frame and not region.get("outside")]


def _extent(region: Mapping[str, Any]) -> dict[str, Any]:
    return {name: region.get(name) for name in ("label", "kind", "x", "y", "w", "h", "frame")}


def _intervals(item: Item, key: str) -> None:
    lines = [(_named(answer), answer.regions) for answer in item.answers]
    show.chart(
        f"What people marked in {item.item_id}",
        timeline(lines),
        [
            {"annotator": name, "label": r.get("label"), "from": r.get("sec_start"), "to": r.get("sec_end")}
            for name, regions in lines
            for r in regions
        ],
        key=f"{key}-timeline",
        alt="A row for each person, a bar for each interval",
    )


def _spans(item: Item) -> None:
    """The text once for each answer; what lies far from any span is left out."""
    if not item.text:
        st.caption("The export holds no text of this item, so that spans stand in the table only.")
        return
    labels = sorted({str(r.get("label") or "") for answer in item.answers for r in answer.regions})
    colours = {label: COLOURS[place % len(COLOURS)] for place, label in enumerate(labels)}
    st.markdown(" ".join(f":{colours[label]}-background[{show.plain(label) or '–'}]" for label in labels))
    shown = excerpts(item.text, [[_ends(r) for r in answer.regions] for answer in item.answers])
    for answer, pieces in zip(item.answers, shown, strict=True):
        with st.container(border=True):
            st.caption(show.plain(_named(answer)))
            st.markdown(_markdown(pieces, colours))


def _ends(region: Mapping[str, Any]) -> tuple[int, int, str]:
    return int(region.get("t_start") or 0), int(region.get("t_end") or 0), str(region.get("label") or "")


def _markdown(pieces: Sequence[Piece], colours: Mapping[str, str]) -> str:
    return "".join(_coloured(piece, colours) for piece in pieces)


def _coloured(piece: Piece, colours: Mapping[str, str]) -> str:
    text = show.inline(piece.text)
    return f":{colours[piece.labels[0]]}-background[{text}]" if piece.labels else text
