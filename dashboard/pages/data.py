"""What was read, what could not be, and a way to read more."""

import streamlit as st

from dashboard import data, filters, show, uploads
from dashboard.take_out import take_out
from qc.figures import several

st.title("Data", anchor=False)
chosen = st.session_state.get("chosen")

uploads.form(chosen.project if chosen else "")

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
    st.caption(show.plain(uploads.here(note)))
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

take_out(chosen)
