"""The box of the page Data that reads an export, in Streamlit's own test harness (about 20 s)."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import open_workspace
from qc.workspace.ingest import ingest

ROOT = Path(__file__).parent.parent
SHEET = b"item,annotator,label\n1,ann,x\n1,bob,y\n2,ann,y\n2,bob,y\n"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page Data, with a project `tone` whose people gave other labels."""
    (tmp_path / "tone.csv").write_text("item,annotator,label\n8,ann,p\n8,cat,q\n9,ann,p\n9,cat,q\n")
    ingest(open_workspace(tmp_path), "tone", tmp_path / "tone.csv")
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path))
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    page = opened.switch_page("dashboard/pages/data.py").run()
    page.file_uploader(key="upload").set_value(("mood.csv", SHEET, "text/csv"))
    page.text_input(key="upload-project").set_value("mood").run()
    return page


def press(app: AppTest, label: str) -> AppTest:
    done = next(button for button in app.button if button.label == label).click().run()
    assert not done.exception
    return done


def words(app: AppTest) -> str:
    return " ".join(part.value for part in [*app.text, *app.caption, *app.error]).replace("\\", "")


def test_the_project_that_was_read_is_shown_next(app: AppTest) -> None:
    app.multiselect(key="annotators").set_value(["cat"]).run()
    read = press(app, "Read it")
    assert "4 answers read" in words(read)
    assert read.selectbox(key="project").value == "mood"
    assert read.session_state["chosen"].project == "mood"
    assert read.session_state["chosen"].scope.annotators == ()


def test_trying_tells_what_the_gold_would_match(app: AppTest) -> None:
    app.file_uploader(key="upload-gold").set_value(("gold.csv", b"item,answer\n1,X\n7,y\n", "text/csv")).run()
    tried = words(press(app, "Try it"))
    assert "It would bring 2 gold answers; they know 1 of the 2 items that people answered." in tried
    assert "1 gold item nobody has answered on: '7'" in tried
    assert app.selectbox(key="project").value == "tone"


def test_gold_that_fails_leaves_the_answers_and_shows_them(app: AppTest) -> None:
    app.file_uploader(key="upload-gold").set_value(("gold.csv", b"item,answer\n\x00", "text/csv")).run()
    read = press(app, "Read it")
    assert "4 answers read" in words(read)
    assert "The answers are in mood, the gold answers are not: gold.csv is " in words(read)
    assert read.selectbox(key="project").value == "mood"


def test_the_page_names_its_own_fields_and_not_the_commands_options(app: AppTest) -> None:
    coco = (
        b'{"images": [{"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}], '
        b'"categories": [{"id": 1, "name": "crane"}], '
        b'"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [160, 240, 64, 24]}]}'
    )
    app.file_uploader(key="upload").set_value(("boxes.json", coco, "application/json")).run()
    for label in ("Try it", "Read it"):
        said = words(press(app, label))
        assert 'name the person above, under "Gold answers, time zone, annotator"' in said
        assert "--annotator" not in said
