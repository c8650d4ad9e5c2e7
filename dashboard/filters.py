"""Filters beside every page; they live in the address, so that a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import Scope
from qc.workspace import Workspace

# Where `data.options` lists what a filter can be set to.
_OPTIONS: Final = {"question": "question", "annotators": "annotator", "batch": "batch", "site": "site"}
_KEYS = ("question", "from", "to", "annotators", "batch", "site")
_CHOSEN = "chosen"
_DROPPED = "dropped"


def project_shown(ws: Workspace) -> str | None:
    """The project that the box beside the page will show: picked, linked, else the first; None without any."""
    known = [project.slug for project in ws.projects()]
    wishes = (st.session_state.get("project"), st.query_params.get("project"), *known)
    return next((slug for slug in wishes if slug in known), None)


def sidebar() -> None:
    """Draw the filters and remember what they select; without a project there is nothing to select."""
    projects = {project.slug: project.name for project in data.workspace().projects()}
    # Before the boxes are drawn: they take what they do not know out of the address.
    linked = {key: st.query_params.get_all(key) for key in ("project", *_KEYS)}
    st.session_state[_CHOSEN] = None
    if not projects:
        return
    with st.sidebar:
        # The address holds what the box shows: the short name, which never changes, not the free one.
        slug = st.selectbox("Project", list(projects), key="project", bind="query-params")
        if projects[slug] != slug:
            st.caption(show.plain(projects[slug]))
        version = data.workspace().data_version(slug)
        if not data.workspace().actor.may("team", slug):
            st.session_state[_CHOSEN] = Selection(slug, projects[slug], Scope(), version)
            return
        known = data.options(slug)
        question = None
        if len(known["question"]) > 1:
            question = st.selectbox(
                "Question",
                known["question"],
                index=None,
                placeholder="All questions",
                key="question",
                bind="query-params",
            )
        since, until = _dates(known["first_day"], known["last_day"])
        scope = Scope(
            question=question,
            since=since,
            until=until + timedelta(days=1) if until else None,
            annotators=_several("Annotators", known["annotator"], "annotators"),
            batches=_several("Batches", known["batch"], "batch"),
            sites=_several("Sites", known["site"], "site"),
        )
        if scope != Scope():
            st.button("Clear filters", on_click=clear, icon=":material/filter_alt_off:", width="stretch")
    st.session_state[_CHOSEN] = Selection(slug, projects[slug], scope, version)
    dropped = unknown(linked, projects, slug, known)
    if dropped:
        st.session_state[_DROPPED] = (slug, scope, dropped)
    told = st.session_state.get(_DROPPED)
    if told and told[:2] == (slug, scope):
        st.warning(show.plain(" ".join(told[2])), icon=":material/link_off:")


def unknown(
    linked: Mapping[str, Sequence[str]], projects: Mapping[str, str], slug: str, known: Mapping[str, Any]
) -> list[str]:
    """What a link asks for and this workspace does not have, in sentences.

    linked: the values in the address by filter; projects: names by slug, of which `slug` is shown; known: what the
    filters of that project can be set to.
    """
    said = [
        f"There is no project {asked} in this workspace; this is {projects[slug]}."
        for asked in linked["project"]
        if asked and asked not in projects
    ]
    for key, options in _OPTIONS.items():
        said += [
            f"Filter {key}={value} is unknown and was dropped."
            for value in linked[key]
            if value and value not in known[options]
        ]
    for key in ("from", "to"):
        said += [
            f"Filter {key}={value} is no day of this data and was dropped."
            for value in linked[key]
            if value and not _within(value, known["first_day"], known["last_day"])
        ]
    return said


def _within(day: str, first: str | None, last: str | None) -> bool:
    try:
        return first is not None and last is not None and first <= date.fromisoformat(day).isoformat() <= last
    except ValueError:
        return False


def selected() -> Selection:
    """What the filters select; a workspace without a project ends the page with a way out."""
    chosen: Selection | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        show.no_project()
        st.stop()
    return chosen


def clear() -> None:
    """Forget every filter but the project."""
    for key in _KEYS:
        if key in st.session_state:
            st.session_state[key] = [] if key in ("annotators", "batch", "site") else None


def _dates(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    if first is None or last is None:
        return None, None
    limits = {"min_value": date.fromisoformat(first), "max_value": date.fromisoformat(last), "format": "YYYY-MM-DD"}
    since = st.date_input("From", None, key="from", bind="query-params", **limits)
    until = st.date_input("To", None, key="to", bind="query-params", **limits)
    return since, until


def _several(label: str, options: list[str], key: str) -> tuple[str, ...]:
    if len(options) < 2:
        return ()
    return tuple(st.multiselect(label, options, placeholder="All", key=key, bind="query-params"))
