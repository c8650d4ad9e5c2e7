"""Answers that annotators changed later: agreement is of the first, consensus and conflicts are of the present ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from qc.model import Scope
from qc.workspace import Workspace, assess, disputed, open_workspace, training
from qc.workspace.ingest import ingest
from qc.workspace.item import item

ITEMS = 40
DIFFERED = 8


def sheet(differed: int) -> str:
    """Ann calls everything spam; Bob calls the first `differed` items ham."""
    rows = [f"i{at:02d},ann,spam\ni{at:02d},bob,{'ham' if at < differed else 'spam'}\n" for at in range(ITEMS)]
    return "item,annotator,label\n" + "".join(rows)


@pytest.fixture
def changed(tmp_path: Path) -> Workspace:
    ws = open_workspace(tmp_path / "workspace")
    for name, differed in (("first.csv", DIFFERED), ("second.csv", 0)):
        (tmp_path / name).write_text(sheet(differed), encoding="utf-8")
        ingest(ws, "mail", tmp_path / name, source="mail")
    return ws


def measured(ws: Workspace, name: str) -> pd.DataFrame:
    return ws.snapshot("mail").frame(name, Scope(), ws.policy("mail"))


def test_consensus_is_made_of_answers_as_they_are(changed: Workspace, tmp_path: Path) -> None:
    training.save(changed, "mail", "consensus", "csv", tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + ITEMS
    assert all("spam" in line and "ham" not in line for line in lines[1:])
    assert assess.section(changed, "mail", "consensus")["items"] == ITEMS


def test_who_agrees_by_now_is_in_no_conflict(changed: Workspace) -> None:
    assert disputed.conflicts(changed, "mail", Scope()).empty
    assert measured(changed, "conflict_counts")["items"].sum() == 0
    votes = measured(changed, "current_codes")
    assert len(votes) == 2 * ITEMS
    assert votes["code"].nunique() == 1
    assert measured(changed, "codes")["code"].nunique() == 2


def test_agreement_is_of_first_answers(changed: Workspace) -> None:
    (part,) = assess.section(changed, "mail", "agreement")
    assert part["percent"]["value"] == pytest.approx(1 - DIFFERED / ITEMS)


def test_an_item_shows_what_an_answer_is_and_was(changed: Workspace) -> None:
    shown = item(changed, "mail", "i00", "label").answers
    assert [(answer.annotator, answer.label, answer.first) for answer in shown] == [
        ("ann", "spam", None),
        ("bob", "spam", "ham"),
    ]
