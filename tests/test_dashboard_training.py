"""The page Data hands out what was decided. About 10 seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import ingest, open_workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Two items with texts and four answers; nothing is known to be right."""
    path = tmp_path / "answers.csv"
    path.write_text("item,annotator,label,text\ni1,ann,a,x\ni2,ann,b,y\ni1,bob,b,x\ni2,bob,b,y\n", encoding="utf-8")
    ingest.ingest(open_workspace(tmp_path / "workspace"), "tone", path)
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "workspace"))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    return app.switch_page("dashboard/pages/data.py").run()


def take(app: AppTest, what: str, form: str) -> AppTest:
    app.selectbox(key="take-what").select(what)
    app.selectbox(key="take-form").select(form)
    return app.button(key="take-prepare").click().run()


def test_a_file_is_prepared_and_says_what_is_in_it(page: AppTest) -> None:
    app = take(page, "consensus", "jsonl")
    assert "2 answers written (consensus, jsonl)." in [part.value for part in app.text]
    assert not app.exception


def test_what_is_not_there_is_said_in_a_sentence(page: AppTest) -> None:
    app = take(page, "gold", "csv")
    assert any("There is nothing to export as gold" in error.value for error in app.error)
    assert not app.exception
    assert not any("answers written" in part.value for part in app.text)
