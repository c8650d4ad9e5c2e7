"""Which pages there are, and how the chosen one is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import filters, people, show
from qc.model import QcError

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file in `pages`, where it stands in the menu (None: reached by links only), and what it answers."""

    file: str
    title: str
    icon: str
    section: str | None
    help: str

    @property
    def path(self) -> str:
        """Where Streamlit finds the script."""
        return str(_HERE / "pages" / f"{self.file}.py")


PAGES: Final = (
    Entry("overview", "Overview", ":material/dashboard:", "Today", "What needs attention"),
    Entry("alerts", "Alerts & levels", ":material/notifications:", "Today", "What changed, and how much is checked"),
    Entry("checks", "Spot checks", ":material/fact_check:", "Today", "Draw a sample and review it"),
    Entry("conflicts", "Conflicts", ":material/call_split:", "Today", "Items that people answer differently"),
    Entry("annotators", "Annotators", ":material/group:", "Evidence", "Who needs help"),
    Entry("agreement", "Agreement", ":material/handshake:", "Evidence", "Where the team disagrees"),
    Entry("fatigue", "Fatigue", ":material/timelapse:", "Evidence", "What long sessions do"),
    Entry("models", "Models", ":material/memory:", "Evidence", "How pre-labels fare with people"),
    Entry("cost", "Cost & impact", ":material/payments:", "Evidence", "What review costs and saves"),
    Entry("data", "Data", ":material/database:", "Project", "What was read, and what could not be"),
    Entry("validation", "Rules", ":material/rule:", "Project", "What every answer must keep, and who breaks it"),
    Entry("settings", "Settings", ":material/tune:", "Project", "What the project has decided"),
    Entry("annotator", "One annotator", ":material/person:", None, "One person's work"),
    Entry("review", "Review", ":material/rate_review:", None, "One answer at a time"),
    Entry("answers", "Answers", ":material/list:", None, "The answers behind a figure"),
)


def page(file: str) -> st.Page:
    """The page of a file in `pages`, for links and switches."""
    entry = next(entry for entry in PAGES if entry.file == file)
    return st.Page(
        entry.path,
        title=entry.title,
        icon=entry.icon,
        url_path=entry.file,
        default=entry is PAGES[0],
        visibility="visible" if entry.section else "hidden",
        help=entry.help,
    )


def run() -> None:
    """One run of the app: menu, filters, page."""
    st.set_page_config(page_title="Annotation QC", page_icon=str(_HERE / "icon.svg"), layout="wide")
    st.logo(str(_HERE / "logo.svg"), size="large", icon_image=str(_HERE / "icon.svg"))
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        sections.setdefault(entry.section or "", []).append(page(entry.file))
    admitted = people.admitted()
    chosen = st.navigation(sections, position="sidebar" if admitted else "hidden", expanded=True)
    if not admitted:
        people.sign_in()
        return
    try:
        filters.sidebar()
        chosen.run()
    except QcError as error:
        show.failed(error)
