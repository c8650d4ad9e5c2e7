"""The review desk in Streamlit's own test harness: what is shown, hidden, recorded, changed and taken back.

About twenty seconds on two cores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_project import FOUR, OTHERS, PROJECT, draw_all, opened
from streamlit.testing.v1 import AppTest

from qc.store.verdicts import verdicts
from qc.workspace import Workspace, open_workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of answer, all of them drawn."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "qc.toml").write_text('media = "media"\n', encoding="utf-8")
    ws = opened(open_workspace(folder), (*FOUR, *OTHERS), items=1)
    draw_all(ws)
    return folder


@pytest.fixture
def ws(drawn: Path, tmp_path: Path) -> Workspace:
    """A copy of it, for those who write."""
    import shutil

    shutil.copytree(drawn, tmp_path / "w")
    return open_workspace(tmp_path / "w")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Any:
    def open_desk(ws: Workspace) -> AppTest:
        monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        app.query_params["project"] = PROJECT
        return app.run().switch_page("dashboard/pages/review.py").run()

    return open_desk


def fine(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def press(app: AppTest, key: str) -> AppTest:
    return fine(app.button(key=key).click().run())


def test_every_kind_is_shown_and_judged(desk: Any, ws: Workspace) -> None:
    app = fine(desk(ws))
    for _ in range(36):
        app = press(app, "review-accept")
    assert len(verdicts(ws.store, PROJECT)) == 36
    assert "Nothing waits for review." in [text.value for text in app.text]
