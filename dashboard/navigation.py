"""Which pages there are, and how the chosen one is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import at_desk, data, filters, freshness, people, show
from qc.access import Actor, authorize
from qc.model import QcError
from qc.workspace import Workspace

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file in `pages`, its place in the menu (None: links only), what it answers, and who may open it.

    `action` is one of `qc.access`: whoever may not do it is not shown the page in the menu, nor when it is opened.
    """

    file: str
    title: str
    icon: str
    section: str | None
    help: str
    action: str

    @property
    def path(self) -> str:
        """Where Streamlit finds the script."""
        return str(_HERE / "pages" / f"{self.file}.py")


PAGES: Final = (
    Entry("overview", "Overview", ":material/dashboard:", "Today", "What needs attention", "team"),
    Entry(
        "alerts",
        "Alerts & levels",
        ":material/notifications:",
        "Today",
        "What changed, and how much is checked",
        "team",
    ),
    Entry("checks", "Spot checks", ":material/fact_check:", "Today", "Draw a sample and review it", "draw"),
    Entry(
        "conflicts", "Conflicts", ":material/call_split:", "Today", "Items that people answer differently", "answers"
    ),
    Entry("gold", "Gold", ":material/verified:", "Today", "What is known to be right, and who passes", "gold"),
    Entry("rulebook", "Rulebook", ":material/menu_book:", "Today", "How edge cases are answered, for people", "team"),
    Entry("mine", "My work", ":material/person_check:", "Today", "How my own answers fare", "own"),
    Entry("annotators", "Annotators", ":material/group:", "Evidence", "Who needs help", "individuals"),
    Entry("agreement", "Agreement", ":material/handshake:", "Evidence", "Where the team disagrees", "team"),
    Entry("fatigue", "Fatigue", ":material/timelapse:", "Evidence", "What long sessions do", "team"),
    Entry("models", "Models", ":material/memory:", "Evidence", "How pre-labels fare with people", "team"),
    Entry(
        "comparisons",
        "Comparisons",
        ":material/compare_arrows:",
        "Evidence",
        "Versions, sites, periods and groups beside each other",
        "team",
    ),
    Entry("sites", "Sites & shifts", ":material/public:", "Evidence", "Who holds the standard, and when", "team"),
    Entry("cost", "Cost & impact", ":material/payments:", "Evidence", "What review costs and saves", "team"),
    Entry("data", "Data", ":material/database:", "Project", "What was read, and what could not be", "import"),
    Entry(
        "validation", "Rules", ":material/rule:", "Project", "What every answer must keep, and who breaks it", "team"
    ),
    Entry("settings", "Settings", ":material/tune:", "Project", "What the project has decided", "policy"),
    Entry("people", "People", ":material/manage_accounts:", "Project", "Who may see and decide what", "people"),
    Entry("audit", "Audit", ":material/history:", "Project", "Who did what, when and why", "audit"),
    Entry("annotator", "One annotator", ":material/person:", None, "One person's work", "individuals"),
    Entry("review", "Review", ":material/rate_review:", None, "One answer at a time", "review"),
    Entry("answers", "Answers", ":material/list:", None, "The answers behind a figure", "answers"),
)


def page(file: str, *, shown: bool = True) -> st.Page:
    """The page of a file in `pages`, for links and switches; one that is not shown has no place in the menu."""
    entry = next(entry for entry in PAGES if entry.file == file)
    return st.Page(
        entry.path,
        title=entry.title,
        icon=entry.icon,
        url_path=entry.file,
        default=entry is PAGES[0],
        visibility="visible" if entry.section and shown else "hidden",
        help=entry.help,
    )


def opens(entry: Entry, reader: Actor, project: str | None) -> bool:
    """Whether the reader may open a page on a project."""
    return reader.may(entry.action, project, _oneself(reader, project))


def in_menu(entry: Entry, reader: Actor, project: str | None) -> bool:
    """Whether the menu shows it: a page about one's own answers only to who has given some."""
    return opens(entry, reader, project) and (entry.action != "own" or bool(reader.called(project)))


def run() -> None:
    """One run of the app: menu, filters, page."""
    st.set_page_config(page_title="Annotation QC", page_icon=str(_HERE / "icon.svg"), layout="wide")
    st.logo(str(_HERE / "logo.svg"), size="large", icon_image=str(_HERE / "icon.svg"))
    ws = data.workspace()
    project = filters.project_shown(ws)
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        shown = in_menu(entry, ws.actor, project)
        sections.setdefault(entry.section or "", []).append(page(entry.file, shown=shown))
    inside = ws.actor != people.NOBODY
    chosen = st.navigation(sections, position="sidebar" if inside else "hidden", expanded=True)
    if not inside:
        people.sign_in(ws)
        return
    entry = next(entry for entry in PAGES if entry.title == chosen.title)
    try:
        _open(entry, chosen, ws, project)
    except QcError as error:
        show.failed(error)


def _open(entry: Entry, chosen: st.Page, ws: Workspace, project: str | None) -> None:
    """Run a page for who may open it; others are told so, or led from the start to their own work."""
    reader = ws.actor
    # Before anything is read: what changes while the page is drawn is newer than what it shows.
    state = freshness.now(ws, project) if project and reader.may("team", project) else None
    filters.sidebar()
    if project and state:
        freshness.told(project, state, entry.file)
    people.badge(ws)
    if entry is PAGES[0] and not opens(entry, reader, project) and reader.called(project):
        st.switch_page(page("mine"))
    if not opens(entry, reader, project):
        st.title(entry.title, anchor=False)
        if reader.called(project):
            st.page_link(page("mine"), label="My work", icon=":material/arrow_back:")
    authorize(reader, entry.action, project, _oneself(reader, project))
    if entry.file != "review":
        at_desk.leave_desk()
    chosen.run()


def _oneself(reader: Actor, project: str | None) -> str | None:
    return next(iter(reader.called(project)), None)
