"""The review desk in Streamlit's own test harness: what is shown, hidden, recorded, changed and taken back.

About twenty seconds on two cores.
"""

from __future__ import annotations

import shutil
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


def words(app: AppTest) -> str:
    shown = [*app.text, *app.caption, *app.info, *app.subheader]
    return " ".join(str(part.value) for part in shown).replace("\\", "")


def to(app: AppTest, question: str) -> AppTest:
    """Leave answers for later until one to the question is shown."""
    for _ in range(40):
        if f"question {question}" in words(app):
            return app
        app = press(app, "review-next")
    raise AssertionError(f"no answer to {question} waits")


def test_blind_until_decided_then_told_changed_and_taken_back(desk: Any, ws: Workspace) -> None:
    app = to(fine(desk(ws)), "sentiment")
    assert not {"ana", "bo", "cy", "tagger", "gold"} & set(words(app).replace(":", " ").split())
    app = press(app, "choose-2")
    assert "what is different" in words(app)
    app = press(press(app, "review-severity"), "review-reject")
    assert "Last: reject on message-0" in words(app)
    assert "tagger said neutral" in words(app)
    assert "gold neutral" in words(app)
    (given,) = verdicts(ws.store, PROJECT)
    assert (given["error_type"], given["severity"]) == ("wrong label", "critical")
    app = press(app, "review-back")
    assert "You look back at your last verdict: reject." in words(app)
    app = press(app, "review-minor")
    (given,) = verdicts(ws.store, PROJECT)
    assert (given["verdict"], given["revision"], given["severity"]) == ("minor", 2, "critical")
    press(app, "review-undo")
    assert verdicts(ws.store, PROJECT) == []


def test_several_labels_a_text_and_a_comment_are_corrected(desk: Any, ws: Workspace) -> None:
    app = to(fine(desk(ws)), "topics")
    first = app.button(key="choose-1").label
    app = press(press(app, "choose-1"), "review-reject")
    assert first not in (verdicts(ws.store, PROJECT)[0]["corrected_label"] or "").split("; ")
    app = to(app, "summary")
    app = fine(app.text_area[0].set_value("A parcel was lost.").run())
    app = fine(next(box for box in app.text_input if box.label == "Comment").set_value("be short").run())
    press(app, "review-minor")
    given = verdicts(ws.store, PROJECT)[1]
    assert (given["corrected_label"], given["comment"], given["verdict"]) == ("A parcel was lost.", "be short", "minor")
