"""Who did what, when and why, with filters, files, and a check that nothing was changed since."""

import streamlit as st

from dashboard import data, filters, show
from qc.model import QcError
from qc.workspace import audit

BIND = "query-params"
MIME = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
}

chosen = filters.selected()
ws = data.workspace()

st.title("Audit", anchor=False)
st.text("Who did what, when and why. Nobody can change an entry: each one seals all that came before it.")
everywhere = ws.actor.may("audit", None) and st.toggle(
    "What concerns all projects",
    key="audit-everywhere",
    bind=BIND,
    help="Roles in all projects, and copies of the record.",
)
project = None if everywhere else chosen.project
known = audit.words(ws, project)

with st.container(border=True):
    people, acts, since, until = st.columns([2, 2, 1, 1])
    thing, text = st.columns(2)
    # In the address, like the filters beside the page: a link shows what its sender saw.
    part = "Part of an item, answer, person or file"
    asked = audit.Asked(
        actors=tuple(people.multiselect("People", known["actor"], placeholder="All", key="audit-people", bind=BIND)),
        actions=tuple(
            acts.multiselect("What they did", known["action"], placeholder="All", key="audit-actions", bind=BIND)
        ),
        object=thing.text_input("To what", key="audit-object", placeholder=part, bind=BIND),
        text=text.text_input("With the words", key="audit-text", placeholder="Anywhere in an entry", bind=BIND),
        since=since.date_input("From", None, key="audit-from", format="YYYY-MM-DD", bind=BIND),
        until=until.date_input("To", None, key="audit-to", format="YYYY-MM-DD", bind=BIND),
    )

found = audit.entries(ws, project, asked)
if found.empty:
    show.nothing("No entry of the trail is like that.", "Take a filter away, or widen the days.")
    st.stop()
steps = [audit.change_in_words(before, after) for before, after in zip(found["before"], found["after"], strict=True)]
at = show.choice(
    "Entries",
    found.assign(change=steps),
    key="audit",
    order=("number", "at", "actor", "action", "object", "change", "reason"),
    note="The newest first, in UTC. Click a row to see what was before and after."
    + (f" These are the latest {audit.MOST:,}; the files hold all." if len(found) == audit.MOST else ""),
)
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption("All that the filters select:")
    for suffix, mime in MIME.items():
        st.download_button(
            suffix.removeprefix(".").upper(),
            data=lambda suffix=suffix: audit.file(data.workspace(), project, suffix, asked),
            file_name=f"{chosen.project}-audit{suffix}",
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"audit-file{suffix}",
        )

if at is not None:
    entry = found.iloc[at]
    with st.container(border=True):
        st.subheader(f"Entry {entry['number']:,}", anchor=False)
        st.text(f"{entry['actor']}: {entry['action']}, {entry['object']}")
        st.text(f"Because: {entry['reason']}" if entry["reason"] else "No reason was given.")
        parts = audit.differences(entry["before"], entry["after"])
        if parts:
            named = ("part",) if any(row["part"] for row in parts) else ()
            show.table("What changed", parts, key="audit-change", order=(*named, "before", "after"))
        st.caption("Digest of this entry and all before it")
        st.code(f"{project or '*'}:{entry['number']}:{entry['digest']}", language=None)

with st.form("audit-check"):
    st.subheader("Is the trail as it was written?", anchor=False)
    kept = st.text_input(
        "A digest that was kept", key="audit-kept", placeholder="Optional: from an earlier export, or this page"
    )
    if st.form_submit_button("Check the trail"):
        try:
            checked = audit.verify(ws, project, [kept] if kept.strip() else [])
        except QcError as error:
            show.failed(error)
        else:
            st.badge(
                "whole" if checked.whole else "broken",
                icon=":material/check_circle:" if checked.whole else ":material/error:",
                color="green" if checked.whole else "red",
            )
            st.text(checked.sentence)
            if checked.whole:
                st.caption("Keep this outside the record; with it a trail that was cut or written anew is found.")
                st.code(checked.head, language=None)
