"""Every page by role, as the browser gets it: what the menu hides is refused when it is opened, and names stay hidden.

Two minutes on a busy machine: each role walks through all pages in Streamlit's own test harness, signed in by OIDC.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.navigation import PAGES, in_menu, opens
from qc.access import BY_NAME, Actor, Grant
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, browse, check, ingest, open_workspace, people, sample, validation

ROOT = Path(__file__).parent.parent
ANNOTATOR = "efren@example.org"
RULES = """[[rule]]
name = "known topics"
kind = "labels"
question = "topic"
labels = ["billing", "delivery"]
"""
PEOPLE = {
    "annotator": "ann@qc.example",
    "reviewer": "rae@qc.example",
    "manager": "max@qc.example",
    "lead": "leo@qc.example",
}


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("access"))
    ingest.ingest(ws, "tickets", ROOT / "sample_exports" / "support_tickets.json")
    ingest.ingest(ws, "weather", ROOT / "sample_exports" / "weather_sentiment_amt.csv")
    validation.set_rules(ws, "tickets", RULES, "lead")
    check.run(ws, "tickets")
    for role, name in PEOPLE.items():
        people.grant(ws, "tickets", name, role, annotator=ANNOTATOR if role == "annotator" else None)
    return ws


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch, tickets: Workspace) -> Any:
    def signed_in(name: str, **query: str) -> AppTest:
        monkeypatch.setenv("QC_WORKSPACE", str(tickets.root))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        app.secrets = {"auth": {"redirect_uri": "http://localhost/oauth2callback"}}
        app.user = {"is_logged_in": bool(name), "email": name}
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return signed_in


def open_page(app: AppTest, file: str) -> AppTest:
    app.switch_page(f"dashboard/pages/{file}.py").run()
    assert not app.exception, (file, app.exception)
    return app


def everything(app: AppTest) -> str:
    """All that the page says, with its tables and figures."""
    parts = [*app.title, *app.header, *app.subheader, *app.text, *app.caption, *app.markdown, *app.metric, *app.error]
    said = [f"{getattr(part, 'label', '')} {part.value}" for part in parts]
    frames = [frame.value.to_csv() for frame in app.dataframe]
    figures = [json.dumps(json.loads(figure.proto.spec)) for figure in app.get("plotly_chart")]
    boxes = [str(box.options) for box in [*app.multiselect, *app.selectbox]]
    return " ".join([*said, *frames, *figures, *boxes]).replace("\\", "").replace("\u2060", "")


def refused(app: AppTest) -> bool:
    return any("may not" in error.value.replace("\\", "") for error in app.error)


@pytest.mark.parametrize("role", ["annotator", "reviewer", "manager"])
def test_every_page_by_role(sign_in: Any, tickets: Workspace, role: str) -> None:
    """What may be opened runs without an error and names nobody; what may not says whom to ask, and nothing else."""
    names = browse.options(tickets, "tickets")["annotator"]
    others = [name for name in names if role != "annotator" or name != ANNOTATOR]
    reader = tickets.person(PEOPLE[role])
    app = sign_in(PEOPLE[role], project="tickets")
    assert not app.exception
    for entry in PAGES:
        app = open_page(app, entry.file)
        if opens(entry, reader, "tickets"):
            assert not app.error, (entry.file, [error.value for error in app.error])
            assert app.title
        elif entry.file == "overview" and role == "annotator":
            assert app.title[0].value == "My work"
        else:
            assert refused(app), entry.file
            assert app.title[0].value == entry.title
            assert not app.dataframe
        seen = everything(app)
        assert not [name for name in others if name in seen], entry.file


def test_every_page_has_a_row_and_the_menu_shows_what_may_be_opened() -> None:
    for entry in PAGES:
        assert entry.action in BY_NAME, f"{entry.file} needs an action of qc.access"
        for role in ("annotator", "reviewer", "lead", "manager", "admin"):
            reader = Actor("x", frozenset({Grant("own", role)}))
            may = role in BY_NAME[entry.action].roles
            assert opens(entry, reader, "own") is may, (entry.file, role)
            assert not opens(entry, reader, "foreign")
            assert in_menu(entry, reader, "own") <= may


def test_an_annotator_sees_their_own_work_and_the_band_of_the_team(sign_in: Any) -> None:
    app = sign_in(PEOPLE["annotator"])
    assert [title.value for title in app.title] == ["My work"]
    words = everything(app)
    assert "My error rate, drawn towards the team" in words
    assert re.search(r"The middle half of [5-9] others lies between \d", words)
    assert "Answers judged wrong" in words
    assert not app.sidebar.multiselect


def test_a_lead_sees_people_by_name(sign_in: Any, tickets: Workspace) -> None:
    """The walks above look for names: here they are found where they stand."""
    names = browse.options(tickets, "tickets")["annotator"]
    app = open_page(sign_in(PEOPLE["lead"], project="tickets"), "annotators")
    seen = everything(app)
    assert all(name in seen for name in names)
    app = open_page(app, "alerts")
    assert {"Check now", "Set level"} <= {button.label for button in app.button}


def test_what_may_not_be_done_has_no_button(sign_in: Any) -> None:
    app = open_page(sign_in(PEOPLE["manager"], project="tickets"), "alerts")
    assert not {"Check now", "Set level", "Record"} & {button.label for button in app.button}
    app = open_page(app, "validation")
    assert not app.text_area


def test_an_admin_gives_and_a_lead_may_not(sign_in: Any, tickets: Workspace) -> None:
    people.grant(tickets, "tickets", "ada@qc.example", "admin")
    app = open_page(sign_in("ada@qc.example", project="tickets"), "people")
    assert "leo@qc.example" in everything(app)
    app.text_input(key="people-name").set_value("New@qc.example")
    app.selectbox(key="people-role").set_value("reviewer")
    next(button for button in app.button if button.label == "Give").click().run()
    assert "new@qc.example is now reviewer in tickets." in everything(app)
    assert tickets.person("new@qc.example").roles("tickets") == ("reviewer",)
    app.text_input(key="people-name").set_value("a\nb")
    next(button for button in app.button if button.label == "Give").click().run()
    assert "cannot name a person" in everything(app)
    assert refused(open_page(sign_in(PEOPLE["lead"], project="tickets"), "people"))
    people.revoke(tickets, "tickets", "ada@qc.example", "admin")


def test_who_is_not_signed_in_sees_nothing(sign_in: Any) -> None:
    app = sign_in("")
    assert [button.label for button in app.button] == ["Sign in"]
    app = sign_in("ada@qc.example")
    assert "Signed in as ada@qc.example" in everything(app)
    assert "Sign out" in [button.label for button in app.button]


@pytest.mark.parametrize("claim", [False, "false"])
def test_an_address_that_was_not_verified_lets_nobody_in(sign_in: Any, claim: object) -> None:
    app = sign_in("")
    app.user = {"is_logged_in": True, "email": PEOPLE["lead"], "email_verified": claim}
    app.run()
    assert "names no e-mail address that was verified" in everything(app)
    assert not app.sidebar.selectbox
    assert "tickets" not in everything(app)


def test_who_has_no_role_sees_no_project(sign_in: Any) -> None:
    app = sign_in("stranger@qc.example", project="tickets")
    assert refused(app)
    assert not app.sidebar.selectbox
    said = everything(app)
    assert "Support tickets" not in said
    assert "weather" not in said


def test_a_foreign_project_is_not_on_offer(sign_in: Any) -> None:
    app = sign_in(PEOPLE["lead"], project="weather")
    assert list(app.sidebar.selectbox(key="project").options) == ["tickets"]
    assert not refused(app)


def test_a_demoted_reviewer_is_refused_at_the_next_click(sign_in: Any, tickets: Workspace) -> None:
    people.grant(tickets, "tickets", "dee@qc.example", "reviewer")
    if sample.queue(tickets, "tickets").empty:
        sample.draw(tickets, "tickets")
    app = open_page(sign_in("dee@qc.example", project="tickets"), "review")
    app.button(key="review-accept").click().run()
    assert not app.error
    recorded = verdicts(tickets.store, "tickets")
    assert [row["reviewer"] for row in recorded] == ["dee@qc.example"]
    people.revoke(tickets, "tickets", "dee@qc.example", "reviewer")
    app.button(key="review-accept").click().run()
    assert not app.exception
    assert refused(app)
    assert verdicts(tickets.store, "tickets") == recorded
