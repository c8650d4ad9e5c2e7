"""Time at work on the screen: with times, without, and for hostile names. Takes about half a minute."""

import pytest
from streamlit.testing.v1 import AppTest
from test_dashboard import ROOT, SAMPLE, words

from qc.model import Scope
from qc.workspace import assess, ingest, open_workspace

MINUTES = [*range(20), *range(80, 100)]


@pytest.fixture
def shown(monkeypatch, tmp_path):
    def show(text, scope=None):
        def page():
            import streamlit as st

            from dashboard import data, time_at_work

            version = data.workspace().data_version("p")
            time_at_work.show_time(data.Selection("p", "p", st.session_state["scope"], version))

        file = tmp_path / "answers.csv"
        file.write_text(text, encoding="utf-8")
        ingest.ingest(open_workspace(tmp_path / "ws"), "p", file)
        monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "ws"))
        app = AppTest.from_function(page, default_timeout=120)
        app.session_state["scope"] = scope or Scope()
        return app.run()

    return show


def answers(*people):
    rows = [
        f"i{n},{who},{'ab'[n % 2]},2026-03-0{day}T{9 + minute // 60:02d}:{minute % 60:02d}:00Z"
        for who in people
        for day in range(2, 9)
        for n, minute in enumerate(MINUTES, 40 * day)
    ]
    return "\n".join(["item,annotator,label,submitted_at", *rows])


def test_hours_pauses_and_shifts_are_shown(shown):
    app = shown(answers("<b>ann</b>", "![x](http://example.org/x)"))
    assert not app.exception
    assert not app.error
    titles = [title.value for title in app.subheader]
    assert titles == [
        "Hours by idle cap",
        "Hours of each person by idle cap",
        "Pauses between answers",
        "Hours of the week",
        "By shift",
        "By day",
    ]
    assert "Antimode" in words(app)
    assert "nan" not in words(app).lower().split()
    # A chart or table each, and a download beside it.
    assert len(app.get("download_button")) == len(titles)


def test_without_times_nothing_is_drawn_and_it_says_why(shown):
    app = shown("item,annotator,label,seconds\n" + "\n".join(f"i{n},ann,a,{n % 7}" for n in range(30)))
    assert not app.exception
    assert "This export has no times" in words(app)
    assert [title.value for title in app.subheader] == ["What the tool says", "Recognised and left out"]
    assert not app.get("plotly_chart")


def test_filters_that_match_nobody_are_no_error(shown):
    app = shown(answers("ann"), Scope(annotators=("nobody",)))
    assert not app.exception
    assert not app.error


def test_people_with_few_answers_are_counted_not_shown(shown):
    app = shown(answers("ann") + "\ni1,zoe,a,2026-03-02T09:00:00Z\n")
    assert not app.exception
    assert "1 person with fewer than 20 answers not shown" in words(app)
    assert "zoe" not in words(app)


def test_shifts_are_set_on_the_page_settings(monkeypatch, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app = app.switch_page("dashboard/pages/settings.py").run()

    def save(hours):
        next(box for box in app.text_input if box.label == "Shifts begin at, hours").set_value(hours)
        app.text_input(key="policy-why").set_value("two shifts")
        next(button for button in app.button if button.label == "Save").click().run()
        assert not app.exception

    save("6, noon")
    assert "must be hours" in app.error[0].value.replace("\\", "")
    save("5, 17")
    assert not app.error
    assert workspace.policy("tickets").fatigue.shifts == (5, 17)
    by_shift = assess.section(workspace, "tickets", "time")["throughput"]["by_shift"]
    assert {row["key"] for row in by_shift} <= {"05–17", "17–05"}
