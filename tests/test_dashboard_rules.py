"""The page Rules: what it shows, what it saves, what it refuses. About 10 seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import ingest, open_workspace, validation

ROOT = Path(__file__).parent.parent
RULE = '[[rule]]\nname = "known *labels*"\nkind = "labels"\nquestion = "label"\nlabels = ["a", "b"]\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Four answers of two people, one of them with a label that is not declared."""
    folder = tmp_path / "workspace"
    path = tmp_path / "answers.csv"
    path.write_text("item,annotator,label\ni1,ann,a\ni2,ann,<b>c\ni1,bob,b\ni2,bob,a\n", encoding="utf-8")
    ingest.ingest(open_workspace(folder), "tone", path)
    return folder


def visit(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(home))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    return app.switch_page("dashboard/pages/validation.py").run()


def words(app: AppTest) -> str:
    shown = [*app.title, *app.subheader, *app.text, *app.caption, *app.error, *app.metric]
    return " ".join(f"{getattr(part, 'label', '')} {part.value}" for part in shown).replace("\\", "")


def save(app: AppTest, text: str) -> AppTest:
    app.text_area[0].set_value(text)
    app.text_input(key="rules-why").set_value("a new guideline")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    return app


def test_rules_are_written_shown_and_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(home, monkeypatch)
    assert "No rule is set" in words(app)
    assert "[[rule]]" in app.text_area[0].value

    app = save(app, RULE)
    assert not app.error
    assert "1 answer breaks a rule: 1 × known *labels*." in words(app)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Answers that broke a rule"] == "25.0 %"
    assert metrics["Faults to mend"] == "1"
    frames = [frame.value for frame in app.dataframe]
    people = next(frame for frame in frames if "rate_low" in frame)
    assert dict(zip(people["annotator"], people["violations"], strict=True)) == {"ann": 1, "bob": 0}
    assert dict(zip(people["annotator"], people["rate"], strict=True)) == {"ann": 0.5, "bob": 0.0}
    assert (people["rate_high"] - people["rate_low"] > 0.5).all()
    listed = next(frame for frame in frames if "what" in frame)
    assert list(listed["what"]) == ["undeclared label '<b>c'"]
    assert open_workspace(home).policy("tone").validation[0].name == "known *labels*"

    app = save(app, RULE + RULE)
    assert "Two rules have the name" in app.error[0].value.replace("\\", "")
    assert app.text_area[0].value == RULE + RULE
    assert len(open_workspace(home).policy("tone").validation) == 1


def test_broken_rules_are_no_error_rate_of_other_pages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    validation.set_rules(open_workspace(home), "tone", RULE, "lead")
    app = visit(home, monkeypatch).switch_page("dashboard/pages/overview.py").run()
    assert not app.exception
    assert "nothing has been judged" in words(app)
    assert "1 answer breaks the rule known *labels*" in words(app)
    app.switch_page("dashboard/pages/annotators.py").run()
    assert "no error rates" in words(app)


def test_nothing_left_to_mend_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    validation.set_rules(open_workspace(home), "tone", RULE.replace('"b"]', '"b", "<b>c"]'), "lead")
    assert "No answer breaks a rule." in words(visit(home, monkeypatch))


def test_a_question_that_nobody_answered_is_pointed_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    validation.set_rules(open_workspace(home), "tone", RULE.replace('question = "label"', 'question = "lable"'), "lead")
    app = visit(home, monkeypatch)
    assert not app.exception
    assert "Nobody has answered a question 'lable'" in words(app)
    assert "No rule speaks of an answer within the filters." in words(app)
