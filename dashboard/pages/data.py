"""What was read, what could not be, and a way to read more."""

import tempfile
from pathlib import Path, PurePosixPath

import streamlit as st

from dashboard import data, filters, people, show
from qc.figures import several
from qc.model import QcError
from qc.workspace import dry_run, ingest

st.title("Data", anchor=False)
chosen = st.session_state.get("chosen")


def read(dry: bool, project: str) -> None:
    """Read the uploaded file into the project, or only tell what would be read."""
    uploaded = st.session_state["upload"]
    # The browser's name may hold a path; its last part names the source.
    name = PurePosixPath(uploaded.name.replace("\\", "/")).name or "upload"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(uploaded.getbuffer())
        try:
            if dry:
                st.session_state["read"] = dry_run.dry_run(data.workspace(), project, path).text
            else:
                st.session_state["read"] = ingest.ingest(data.workspace(), project, path, actor=people.actor()).sentence
        except QcError as error:
            st.session_state["read-error"] = error


with st.container(border=True):
    st.subheader("Read an export", anchor=False)
    st.caption("To 200 MB here; larger files by qc ingest. The same export twice changes nothing; a newer one updates.")
    file, into = st.columns([3, 2])
    uploaded = file.file_uploader("Export of your annotation tool", key="upload")
    project = into.text_input(
        "Into project", value=chosen.project if chosen else "", key="upload-project", placeholder="tickets"
    ).strip()
    with into.container(horizontal=True):
        ready = uploaded is not None and bool(project)
        st.button("Try it", on_click=read, args=(True, project), disabled=not ready, help="Tells what would be read")
        st.button("Read it", on_click=read, args=(False, project), disabled=not ready, type="primary")
    if error := st.session_state.pop("read-error", None):
        show.failed(error)
    if message := st.session_state.pop("read", None):
        st.text(message)

chosen = filters.selected()
volume = data.section(chosen, "volume")
quality = data.section(chosen, "data_quality")

boxes = st.columns(4)
for box, (label, value, note) in zip(
    boxes,
    (
        ("Answers", volume["annotations"], f"on {several(volume['items'], 'item')}"),
        ("Quarantined", quality["quarantined"], "records that could not be read"),
        ("Duplicates", quality["duplicates"], "dropped and counted"),
        ("Clock errors", quality["clock_errors"], "answers with impossible times"),
    ),
    strict=True,
):
    with box:
        show.key_number(label, f"{value:,}", note)
for column, reason in quality["missing_columns"].items():
    st.caption(show.plain(f"Missing in this export, {column}: {reason}"))
for note in quality["notes"]:
    st.caption(show.plain(note))
if quality["unknown_labels"]:
    st.text(f"Labels that the policy does not declare: {', '.join(quality['unknown_labels'])}")

imports = data.rows(chosen, "imports")
if len(imports):
    show.table("Imports", imports, key="imports")
quarantine = data.rows(chosen, "quarantine")
if len(quarantine):
    show.table(
        "Quarantine",
        quarantine,
        key="quarantine",
        note="These records did not stop the others. Mend and read them again.",
    )
else:
    show.nothing("Nothing is in quarantine.", "Every record of every file was read.")
