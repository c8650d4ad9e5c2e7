"""Sections that were computed once are read back, and those that nobody asks for any more make room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qc.model import EVERYTHING, Scope
from qc.workspace import Workspace, assess, open_workspace
from qc.workspace.ingest import ingest

LEAST = 3


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    rows = [f"i{at},ann,yes,2026-03-02T10:{at:02d}:00Z\ni{at},bob,no,2026-03-02T11:{at:02d}:00Z" for at in range(20)]
    (tmp_path / "own.csv").write_text("\n".join(["item,annotator,label,submitted_at", *rows]), encoding="utf-8")
    made = open_workspace(tmp_path / "workspace")
    ingest(made, "own", tmp_path / "own.csv")
    monkeypatch.setattr(assess, "MOST_CACHED", LEAST)
    return made


def volumes(ws: Workspace) -> set[str]:
    return {path.name for path in (ws.root / "cache" / "own").glob("volume-*.json")}


def test_what_is_asked_for_stays_and_what_is_not_goes(ws: Workspace) -> None:
    answers = assess.section(ws, "own", "volume", EVERYTHING)
    whole = volumes(ws)
    assert len(whole) == 1
    for day in range(2 * LEAST):
        since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        assert assess.section(ws, "own", "volume", Scope(since=since.date())) == answers
        assert assess.section(ws, "own", "volume", EVERYTHING) == answers
    assert len(volumes(ws)) == LEAST
    assert whole < volumes(ws)
