"""What an import would bring, before it is one (about 10 s)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import InputError
from qc.workspace import browse, open_workspace
from qc.workspace.dry_run import dry_run
from qc.workspace.ingest import ingest
from qc.workspace.opening import Workspace

HEADER = "item_id,annotator,label,submitted_at\n"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws")


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_it_says_what_would_come_and_takes_nothing_in(ws: Workspace, tmp_path: Path) -> None:
    path = written(tmp_path, "s.csv", HEADER + "1,ann,a,2026-03-02T09:00:00Z\n,bob,b,2026-03-02T09:01:00Z\n")
    lines = dry_run(ws, "p", path).text.splitlines()
    assert lines[:2] == [
        "s.csv: table, 2 records, 1 would be quarantined.",
        "It would bring 1 annotation, 1 item.",
    ]
    assert any(line.startswith("  missing: no durations:") for line in lines)
    assert lines[-1].split()[:6] == ["1", "ann", "annotator", "label", "single", "a"]
    assert browse.imports(ws, "p").empty


def test_each_reason_comes_with_the_first_record_it_is_about(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{n},ann,a,2026-03-02T09:00:00Z\n" for n in range(5))
    path = written(tmp_path, "s.csv", HEADER + rows + ",bob,b,\n,cho,c,\n")
    tried = dry_run(ws, "p", path)
    (line,) = tried.refused
    # The header is line 1, so the first row without an item is line 7.
    assert line.startswith("2 × ")
    assert "; the first at 7: " in line
    assert "bob" in line
    assert f"  quarantined: {line}" in tried.text.splitlines()


def test_of_what_cannot_be_read_nothing_is_called_missing(ws: Workspace, tmp_path: Path) -> None:
    panoptic = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}],
        "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": []}],
        "categories": [{"id": 1, "name": "crane"}],
    }
    tried = dry_run(ws, "p", written(tmp_path, "p.json", json.dumps(panoptic)))
    assert "It would bring 1 item." in tried.text
    assert "missing" not in tried.text


def test_one_region_is_one(ws: Workspace, tmp_path: Path) -> None:
    image = {"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}
    shapes = [{"id": n, "image_id": 1, "category_id": 1, "bbox": [160, 240, 64, 24]} for n in range(3)]
    for count, said in ((1, "1 box"), (3, "3 boxes")):
        coco = {"images": [image], "annotations": shapes[:count], "categories": [{"id": 1, "name": "crane"}]}
        (row,) = dry_run(ws, "p", written(tmp_path, "p.json", json.dumps(coco)), annotator="ann").rows
        assert row["answer"] == said


def test_the_mapping_that_is_written_reads_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet that says nothing by itself: the mapping to edit is filled in, and one line of it is edited."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "form.csv", "Email Address,Item ID,How clear? [1-5]\na@e.org,it1,4\nb@e.org,it1,5\n")
    asked = ["ingest", "form.csv", "--project", "form", "--workspace", "ws"]
    tried = CliRunner().invoke(main, [*asked, "--dry-run"])
    assert (tried.exit_code, "Mapping written to MAP.toml" in tried.output) == (0, True)
    mapping = (tmp_path / "MAP.toml").read_text(encoding="utf-8")
    refused = CliRunner().invoke(main, [*asked, "--map", "MAP.toml"])
    assert (refused.exit_code, "names a column '?'" in refused.output) == (1, True)
    written(tmp_path, "MAP.toml", mapping.replace('column = "?"', 'column = "How clear? [1-5]"'))
    taken = CliRunner().invoke(main, [*asked, "--map", "MAP.toml"])
    assert (taken.exit_code, taken.output.startswith("2 answers read")) == (0, True)


def test_of_several_files_the_one_that_holds_the_record_is_named(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    written(tmp_path / "in", "a.csv", HEADER + "1,ann,a,\n")
    written(tmp_path / "in", "b.csv", HEADER + "1,bob,a,\n,bob,b,\n")
    (line,) = dry_run(ws, "p", tmp_path / "in").refused
    assert "; the first of b.csv at 3: " in line


def test_the_only_record_of_a_file_is_not_called_several(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^s\.csv: its only record cannot be taken \(1 × "):
        ingest(ws, "p", written(tmp_path, "s.csv", HEADER + ",bob,b,\n"))
