"""Reading an export in the browser: try it, see what it would bring, correct its mapping, read it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final
from zoneinfo import available_timezones

import streamlit as st

from dashboard import data, filters, show
from qc.model import QcError
from qc.workspace import dry_run, ingest
from qc.workspace.ingested import GoldRefusedError

STATED: Final = "as the export states, else UTC"
MAPPING: Final = "upload-mapping"
MORE: Final = "Gold answers, time zone, annotator"


def form(project: str) -> None:
    """The box with the upload, its options and its two buttons; then what was found, and the mapping to correct."""
    with st.container(border=True):
        st.subheader("Read an export", anchor=False)
        st.caption(
            "To 200 MB here; larger ones, folders and patterns by qc ingest. The same export twice changes nothing; "
            "a newer one updates."
        )
        file, into = st.columns([3, 2])
        uploaded = file.file_uploader(
            "Export of your annotation tool, or a ZIP of several", key="upload", on_change=_forget
        )
        wanted = into.text_input("Into project", value=project, key="upload-project", placeholder="tickets").strip()
        with st.expander(MORE):
            _options()
        with into.container(horizontal=True):
            ready = uploaded is not None and bool(wanted)
            st.button("Try it", on_click=_try, args=(wanted,), disabled=not ready, help="Tells what would be read")
            st.button("Read it", on_click=_read, args=(wanted,), disabled=not ready, type="primary")
        if error := st.session_state.pop("read-error", None):
            show.failed(error)
        if message := st.session_state.pop("read", None):
            st.text(here(message))
        if tried := st.session_state.get("tried"):
            _found(tried)


def _options() -> None:
    left, right = st.columns(2)
    left.file_uploader("Gold answers: any export, or a table of item and answer", key="upload-gold")
    right.selectbox("Times without a zone are in", [STATED, *sorted(available_timezones())], key="upload-zone")
    right.text_input("Who gave the answers, where the export does not say", key="upload-annotator")


def _found(tried: dry_run.DryRun) -> None:
    """What the last try found, with its mapping to edit."""
    if tried.report is None:
        st.text(here(tried.text))
    else:
        _report(tried)
    if tried.mapping is None:
        return
    st.text_area(
        "Mapping: which column means what. Edit it, and try or read again; it is kept for the next export.",
        key=MAPPING,
        height=420,
    )
    st.download_button("MAP.toml", st.session_state[MAPPING], "MAP.toml", "application/toml")


def _report(tried: dry_run.DryRun) -> None:
    report = tried.report
    assert report is not None
    st.text(tried.text.splitlines()[0])
    for line in tried.refused:
        st.caption(show.plain(f"Quarantined: {line}"))
    for note in report.notes:
        st.caption(show.plain(here(f"{note[:1].upper()}{note[1:]}")))
    for line in tried.gold:
        st.caption(show.plain(line.strip()))
    if report.missing:
        with st.expander(f"What this export lacks: {len(report.missing)} things, and what each costs"):
            for cost in report.missing.values():
                st.text(cost)
    if tried.rows:
        show.table("First answers", tried.rows, key="upload-rows")


def here(said: str) -> str:
    """What is said of an import, with the place on this page in place of the command's option."""
    above = f'above, under "{MORE}"'
    return said.replace("with --annotator NAME", above).replace("with --annotator", above)


def _forget() -> None:
    for key in ("tried", MAPPING):
        st.session_state.pop(key, None)


def _try(project: str) -> None:
    with _uploaded("upload") as path, _uploaded("upload-gold") as gold, _mapping() as mapping:
        try:
            tried = dry_run.dry_run(data.workspace(), project, path, gold=gold, mapping=mapping, **_said())
        except QcError as error:
            st.session_state["read-error"] = error
            return
    st.session_state["tried"] = tried
    if tried.mapping is not None and mapping is None:
        st.session_state[MAPPING] = tried.mapping


def _read(project: str) -> None:
    with _uploaded("upload") as path, _uploaded("upload-gold") as gold, _mapping() as mapping:
        try:
            done = ingest.ingest(
                data.workspace(), project, path, gold=gold, mapping=mapping, actor=data.actor(), **_said()
            )
        except GoldRefusedError as error:
            st.session_state["read-error"] = error
            done = error.taken
        except QcError as error:
            st.session_state["read-error"] = error
            return
    st.session_state["read"] = done.sentence
    _show(project)
    _forget()


def _show(project: str) -> None:
    """Selects the project that was just read; filters of another one mean nothing in it."""
    if st.session_state.get("project") != project:
        st.session_state["project"] = project
        filters.clear()


def _said() -> dict[str, Any]:
    zone = st.session_state.get("upload-zone", STATED)
    annotator = st.session_state.get("upload-annotator", "").strip()
    return {"timezone": None if zone == STATED else zone, "annotator": annotator or None}


@contextmanager
def _uploaded(key: str) -> Iterator[Any]:
    """The uploaded file under its own name, which names its source; None where there is none."""
    uploaded = st.session_state.get(key)
    if uploaded is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        # The browser's name may hold a path.
        path = Path(folder) / (PurePosixPath(uploaded.name.replace("\\", "/")).name or "upload")
        path.write_bytes(uploaded.getbuffer())
        yield path


@contextmanager
def _mapping() -> Iterator[Path | None]:
    """The mapping as it stands in the editor, as a file; None where nothing was edited yet."""
    text = st.session_state.get(MAPPING)
    if not text:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "MAP.toml"
        path.write_text(text, encoding="utf-8")
        yield path
