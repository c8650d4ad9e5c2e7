"""Speed and care on the pages Annotators and One annotator. Takes about twenty seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import ingest, open_workspace

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_exports"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("care")
    ingest.ingest(open_workspace(folder), "tickets", SAMPLES / "support_tickets.json")
    ingest.ingest(open_workspace(folder), "weather", SAMPLES / "weather_sentiment_amt.csv")
    return folder


def visit(monkeypatch: pytest.MonkeyPatch, workspace: Path, file: str, **query: str) -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(workspace))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app = app.switch_page(f"dashboard/pages/{file}.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(part.value for part in [*app.subheader, *app.text, *app.caption]).replace("\\", "")


def test_the_hasty_one_is_named_with_the_evidence(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    app = visit(monkeypatch, built, "annotator", project="tickets", who="efren@example.org")
    words = said(app)
    assert "Speed and care" in words
    assert "pre-labels as shown: of" in words
    assert "Answers in under a third of the time" in words
    assert "Longest run of one label" in words


def test_nobody_else_is_accused(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    app = visit(monkeypatch, built, "annotator", project="tickets", who="hugo@example.org")
    assert "Nothing that would speak of haste." in said(app)


def test_the_table_holds_everybody(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    app = visit(monkeypatch, built, "annotators", project="tickets")
    tables = [frame.value for frame in app.dataframe]
    care = next(table for table in tables if "longest_run" in table)
    assert len(care) == 10
    assert care["noted"].notna().sum() == 1


def test_what_an_export_lacks_is_said(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    """Weather has seconds, no order, no pre-labels: speed and hard items are shown, the rest says why it is not."""
    app = visit(monkeypatch, built, "annotators", project="weather")
    assert "Hard items" in said(app)
    app = visit(monkeypatch, built, "annotator", project="weather", who="w01717bd9")
    words = said(app)
    assert "say in which order the answers were given" in words
    assert "no answer that is known to have started from a pre-label" in words
