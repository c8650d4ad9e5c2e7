"""Imports that are repeated, grow, shrink and come as folders, patterns and archives (about 20 s)."""

import json
import os
import shutil
import zipfile
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import InputError, Role
from qc.model.limits import DEFAULTS
from qc.workspace import browse, open_workspace
from qc.workspace.ingest import ingest, source_of
from qc.workspace.ingested import quarantined
from qc.workspace.opening import Workspace


def task(number: int, answer: str = "x", person: str = "ann", more: str = "") -> dict[str, object]:
    result = [{"from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [answer]}}]
    annotation = {
        "id": 1000 + number,
        "completed_by": person,
        "result": result,
        "updated_at": f"2026-03-02T09:00:{more or '00'}Z",
    }
    return {"id": number, "data": {"text": "t"}, "annotations": [annotation]}


def exported(path: Path, *tasks: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(tasks))
    return path


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws")


def newest(ws: Workspace) -> dict[str, object]:
    return browse.imports(ws, "boxes").iloc[0].to_dict()


def test_a_cumulative_export_updates_adds_and_with_replace_removes(ws: Workspace, tmp_path: Path) -> None:
    path = exported(tmp_path / "boxes-2026-03-02.json", task(1), task(2), task(3))
    assert ingest(ws, "boxes", path).sentence.startswith("3 answers read")
    path = exported(tmp_path / "boxes-2026-03-09.json", task(1), task(2, "y", more="30"), task(4))
    said = ingest(ws, "boxes", path)
    assert said.sentence.startswith("3 answers read, 1 new, 1 changed, 1 unchanged")
    log = newest(ws)
    assert [
        log[name] for name in ("file", "format", "read", "new", "changed", "unchanged", "removed", "quarantined")
    ] == [*("boxes-2026-03-09.json", "label_studio", 3, 1, 1, 1, 0, 0)]
    assert log["digest"] == said.report.digest[:12]
    assert len(browse.answers(ws, "boxes")) == 4
    said = ingest(ws, "boxes", path, replace=True)
    assert said.sentence.startswith("3 answers read, 0 new, 0 changed, 3 unchanged, 1 removed")
    assert newest(ws)["removed"] == 1
    assert len(browse.answers(ws, "boxes")) == 3


@pytest.mark.parametrize("shape", ["folder", "zip", "pattern"])
def test_an_unchanged_import_is_told_without_reading_it(ws: Workspace, tmp_path: Path, shape: str, monkeypatch) -> None:
    folder = tmp_path / "round1"
    for number in range(3):
        exported(folder / f"{number}.json", task(number))
    with zipfile.ZipFile(tmp_path / "round1.zip", "w") as archive:
        for number in range(3):
            archive.write(folder / f"{number}.json", f"{number}.json")
    path = {"folder": folder, "zip": tmp_path / "round1.zip", "pattern": folder / "*.json"}[shape]
    assert ingest(ws, "boxes", path).sentence.startswith("3 answers read")
    called = {"folder": "round1", "zip": "round1.zip", "pattern": "round1/*.json"}[shape]
    monkeypatch.setattr("qc.workspace.ingest.stage", None)
    assert ingest(ws, "boxes", path).sentence == f"{called} is already in boxes: nothing has changed."
    monkeypatch.undo()
    exported(folder / "3.json", task(3))
    os.utime(folder / "0.json")
    if shape != "zip":
        assert ingest(ws, "boxes", path).sentence.startswith("4 answers read, 1 new, 0 changed, 3 unchanged")
    assert ingest(ws, "boxes", path, annotator="anna").report is not None


def test_the_same_answers_from_a_folder_and_its_zip_are_the_same(ws: Workspace, tmp_path: Path) -> None:
    for number in range(3):
        exported(tmp_path / "in" / "deep" / f"{number}.json", task(number))
    ingest(ws, "boxes", tmp_path / "in")
    shutil.make_archive(str(tmp_path / "in"), "gztar", tmp_path / "in")
    said = ingest(ws, "boxes", tmp_path / "in.tar.gz")
    assert said.sentence.startswith("3 answers read, 0 new, 0 changed, 3 unchanged")


def test_a_refused_archive_leaves_the_project_as_it_was(ws: Workspace, tmp_path: Path) -> None:
    ingest(ws, "boxes", exported(tmp_path / "in" / "a.json", task(1)))
    before = ws.data_version("boxes")
    (tmp_path / "in" / "b.json").write_text(json.dumps([task(2)])[:-30])
    with pytest.raises(InputError, match=r"^in: b.json is cut off at byte"):
        ingest(ws, "boxes", tmp_path / "in")
    assert ws.data_version("boxes") == before
    assert not list(ws.root.glob("staging-*"))


def test_limits_of_the_workspace_hold_for_imports(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "qc.toml").write_text("[limits]\nmembers = 1\n")
    for number in range(2):
        exported(tmp_path / "in" / f"{number}.json", task(number))
    with pytest.raises(InputError, match="in has more than 1 files; read it in parts, or raise the limit `members`"):
        ingest(open_workspace(tmp_path / "ws"), "boxes", tmp_path / "in")


def test_the_command_takes_folders_patterns_and_roles(tmp_path: Path) -> None:
    exported(tmp_path / "in" / "gold" / "known.json", task(1, "x", "lead"))
    exported(tmp_path / "in" / "round1" / "a.json", task(2, "y"))
    exported(tmp_path / "in" / "old" / "a.json", task(3, "y"))
    roles = ["--role", "gold/=gold", "--role", "old/=ignore"]
    asked = ["ingest", "--project", "boxes", "--workspace", str(tmp_path / "ws"), *roles]
    said = CliRunner().invoke(main, [*asked, str(tmp_path / "in" / "*")])
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("1 answer read")
    again = CliRunner().invoke(main, [*asked, str(tmp_path / "in" / "*")])
    assert again.stdout == "in/* is already in boxes: nothing has changed.\n"
    wrong = CliRunner().invoke(main, [*asked, "--role", "gold", str(tmp_path / "in")])
    assert "'gold' has no =; write it like 'gold/*.json=gold'" in wrong.output
    wrong = CliRunner().invoke(main, [*asked, "--role", "a=b", str(tmp_path / "in")])
    assert wrong.exit_code == 1
    assert "A file cannot have the role 'b'" in wrong.output


def test_an_import_without_peoples_answers_says_whose_it_brought(ws: Workspace, tmp_path: Path) -> None:
    exported(tmp_path / "in" / "predictions.json", task(1))
    said = ingest(ws, "boxes", tmp_path / "in", roles={"predictions*.json": "model:net"})
    assert said.sentence.startswith("1 model answer read")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("tickets-2026-03-02 (1).json", "tickets"),
        ("project-7-at-2026-03-02-09-30-5f3c2a1b.json", "project-7"),
        ("tickets_20260302.csv", "tickets"),
        ("tickets.v2.csv.gz", "tickets.v2"),
        ("job_12_2024_03_02_10_11_12_cvat.zip", "job_12_cvat"),
        ("round1/*.json", "round1/*"),
        ("export.tar.gz", "export"),
        ("2026-03-02.json", "2026-03-02"),
    ],
)
def test_a_source_is_the_name_without_dates(name: str, source: str) -> None:
    assert source_of(Path(name)) == source


def test_a_folder_keeps_the_dots_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "batch.v2").mkdir()
    assert source_of(tmp_path / "batch.v2") == "batch.v2"


def test_every_limit_and_role_is_in_the_docs() -> None:
    page = (Path(__file__).parent.parent / "docs" / "imports.md").read_text()
    for limit in fields(DEFAULTS):
        assert f"| `{limit.name}` | {limit.default} |" in page
    assert all(f"`{role}`" in page for role in Role)


def test_every_reason_of_a_quarantine_is_told_or_counted() -> None:
    counts = {"no item": 4, "no person": 9, "no time": 1, "no label": 2, "too long": 3, "odd": 1, "torn": 5}
    assert [line.strip() for line in quarantined(dict(list(counts.items())[:3]))] == [
        *("quarantined: 9 × no person.", "quarantined: 4 × no item.", "quarantined: 1 × no time.")
    ]
    *named, last = quarantined(counts)
    assert len(named) == 5
    assert last == "  and 2 records for 2 more reasons: qc doctor names them."
