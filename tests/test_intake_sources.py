"""What a file brings beside others: repeats, newer versions, replacing, and the words for it (about 25 s)."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qc.cli import main
from qc.model import InputError
from qc.workspace import assess, browse, open_workspace
from qc.workspace.ingest import ingest, ingest_files
from qc.workspace.opening import Workspace

Row = tuple[object, str, str]
A = [(item, who, "x" if item % 3 else "y") for item in range(6) for who in ("ann", "bob")]
B = [(item, who, "x" if item % 2 else "y") for item in range(4) for who in ("ann", "cat")]
C = [(item, "ann", "z") for item in range(2)]


def sheet(path: Path, rows: list[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("item,annotator,label\n" + "".join(f"{item},{who},{label}\n" for item, who, label in rows))
    return path


def tasks(path: Path, answers: dict[int, str], second: int = 0) -> Path:
    made = [
        {
            "id": item,
            "data": {"text": "t"},
            "annotations": [
                {
                    "id": 1000 + item,
                    "completed_by": "ann",
                    "updated_at": f"2026-03-02T09:00:{second:02d}Z",
                    "result": [
                        {"from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [answer]}}
                    ],
                }
            ],
        }
        for item, answer in answers.items()
    ]
    path.write_text(json.dumps(made))
    return path


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws")


def rows(ws: Workspace, project: str = "p") -> list[tuple]:
    columns = ("item_id", "annotator", "label", "round", "revision", "current")
    session = ws.snapshot(project).session
    found = session.arrow(session.facts.annotations.select(*columns)).to_pylist()
    return sorted(tuple(row[name] for name in columns) for row in found)


def qc(*args: object) -> Result:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def test_sheets_of_a_folder_and_one_by_one_in_any_order_are_the_same(ws: Workspace, tmp_path: Path) -> None:
    """ann says x or y of items 0 to 3 in both files, alike of 0 and 1; of 0 and 1 she says z in a third one."""
    files = [sheet(tmp_path / "in" / f"{name}.csv", held) for name, held in (("a", A), ("b", B), ("c", C))]
    ingest(ws, "p", tmp_path / "in")
    together = rows(ws)
    assert [row[2:4] for row in together if row[:2] == ("0", "ann")] == [("y", 1), ("z", 2)]
    assert [row[2:4] for row in together if row[:2] == ("3", "ann")] == [("x", 1), ("y", 2)]
    for number, order in enumerate((files, files[::-1])):
        for file in order:
            ingest(ws, f"p{number}", file)
        assert rows(ws, f"p{number}") == together
    # Taken in again either way, nothing changes.
    assert "0 new, 0 changed" in ingest(ws, "p0", tmp_path / "in").sentence
    assert "0 new, 0 changed" in ingest(ws, "p", files[1]).sentence
    assert rows(ws) == rows(ws, "p0") == together


def test_records_of_several_questions_repeat_as_a_whole(ws: Workspace, tmp_path: Path) -> None:
    head = "item,annotator,tone,topic\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(f"{head}1,ann,x,car\n2,ann,x,car\n")
    (tmp_path / "in" / "b.csv").write_text(f"{head}1,ann,x,bus\n2,ann,x,car\n")
    (tmp_path / "MAP.toml").write_text(
        '[columns]\nitem_id = "item"\nannotator = "annotator"\n'
        '[questions.tone]\ncolumn = "tone"\n[questions.topic]\ncolumn = "topic"\n'
    )
    ingest(ws, "p", tmp_path / "in", mapping=tmp_path / "MAP.toml")
    for name in ("a", "b"):
        ingest(ws, "q", tmp_path / "in" / f"{name}.csv", mapping=tmp_path / "MAP.toml")
    assert rows(ws) == rows(ws, "q")
    assert [row[2:4] for row in rows(ws) if row[0] == "1"] == [("bus", 1), ("car", 2), ("x", 1), ("x", 2)]


def test_repeats_are_told_with_the_way_to_make_them_a_newer_version(ws: Workspace, tmp_path: Path) -> None:
    ingest(ws, "p", sheet(tmp_path / "a.csv", A))
    said = ingest(ws, "p", sheet(tmp_path / "b.csv", B))
    assert "2 answers repeat answers of the same person to the same item in 'a'" in said.sentence
    assert "run it again with --source 'a'" in said.sentence
    said = ingest(ws, "p", tmp_path / "b.csv", source="a")
    assert said.sentence.startswith("8 answers read, 0 new, 2 changed, 6 unchanged")
    assert "2 answers were removed that only stood under 'b', which is now a version of 'a'" in said.sentence
    of_ann = [row[2:] for row in rows(ws) if row[:2] == ("3", "ann")]
    assert [(label, revision, current) for label, _, revision, current in of_ann] == [("x", 2, True), ("y", 1, False)]
    said = ingest(ws, "p", tmp_path / "b.csv", source="a", replace=True)
    assert {row[1] for row in rows(ws)} == {"ann", "cat"}
    assert "--replace removed 8 answers of 'a'" in said.sentence


def test_a_newer_file_of_the_same_source_updates(ws: Workspace, tmp_path: Path) -> None:
    ingest(ws, "p", sheet(tmp_path / "a-2026-03-02.csv", A))
    said = ingest(ws, "p", sheet(tmp_path / "a-2026-03-09.csv", [(0, "ann", "x"), *A[1:-1]]))
    assert said.sentence.startswith("11 answers read, 0 new, 1 changed, 10 unchanged")
    assert "1 earlier answer of 'a' is not in this file, and stays; --replace removes such" in said.sentence


def test_replacing_by_a_file_of_another_name_says_that_nothing_was(ws: Workspace, tmp_path: Path) -> None:
    first = ingest(ws, "p", tasks(tmp_path / "old.json", dict.fromkeys(range(10), "x")), replace=True)
    assert "--replace removed nothing: 'old' is the first source of the project" in first.sentence
    newer = tasks(tmp_path / "new.json", {0: "y", **dict.fromkeys(range(1, 9), "x")}, 30)
    said = ingest(ws, "p", newer, replace=True)
    assert "'new' is a new source here, and 10 answers of 'old' stay; " in said.sentence
    assert "run it again with --replace --source 'old'" in said.sentence
    assert len(browse.answers(ws, "p")) == 10
    said = ingest(ws, "p", newer, replace=True, source="old")
    assert said.sentence.startswith("9 answers read, 0 new, 0 changed, 9 unchanged, 1 removed")
    assert "--replace removed 1 answer of 'old' that the file no longer has" in said.report.notes
    # The first revision is kept, though its source has changed its name in between.
    assert [row[2:] for row in rows(ws) if row[0] == "0"] == [("x", 1, 1, False), ("y", 1, 2, True)]
    said = ingest(ws, "p", tasks(tmp_path / "old-2026-04-01.json", {1: "x"}), replace=True)
    assert len(browse.answers(ws, "p")) == 1
    said = ingest(ws, "p", tasks(tmp_path / "old-2026-04-02.json", {1: "x", 2: "x"}), replace=True)
    assert "--replace removed nothing: the file has all answers of 'old'" in said.sentence


def test_the_command_replaces_a_named_source(tmp_path: Path) -> None:
    asked = ["--project", "p", "--workspace", tmp_path / "ws"]
    qc("ingest", tasks(tmp_path / "old.json", {1: "x", 2: "x"}), *asked)
    said = qc("ingest", tasks(tmp_path / "new.json", {1: "x"}), *asked, "--replace", "--source", "old")
    assert "1 removed" in said.stdout
    assert "note: --replace removed 1 answer of 'old' that the file no longer has." in said.stdout


def test_files_that_were_not_tried_are_named(tmp_path: Path) -> None:
    a, b = sheet(tmp_path / "a.csv", A), sheet(tmp_path / "b.csv", B)
    asked = ["--project", "p", "--workspace", tmp_path / "ws"]
    said = qc("ingest", a, tmp_path / "nope.csv", b, *asked)
    assert said.exit_code == 1
    assert said.stdout.startswith(f"{a}: 12 answers read")
    first, *rest = said.stderr.splitlines()
    assert first == "qc: There is no file 'nope.csv'; check the name and the folder."
    assert rest == [
        f"Read before it, and kept: {a}.",
        f"Not tried: {b}.",
        f"Mend {tmp_path / 'nope.csv'} or leave it out, and run the command again; what is in is not taken in twice.",
    ]
    assert len(browse.answers(open_workspace(tmp_path / "ws"), "p")) == len(A)


def test_gold_comes_after_all_files_and_its_failure_leaves_them(tmp_path: Path) -> None:
    a, b = sheet(tmp_path / "a.csv", A), sheet(tmp_path / "b.csv", B)
    (tmp_path / "gold.csv").write_bytes(b"item,answer\n\x00")
    asked = ["ingest", a, b, "--project", "p", "--workspace", tmp_path / "ws", "--gold", tmp_path / "gold.csv"]
    said = qc(*asked)
    assert said.exit_code == 1
    assert said.stdout.startswith(f"{a}: 12 answers read")
    assert f"{b}: 8 answers read" in said.stdout
    assert said.stderr.startswith("qc: The answers are in p, the gold answers are not: gold.csv is ")
    assert said.stderr.endswith("Mend gold.csv and run the same command again; what is in is not taken in twice.\n")
    (tmp_path / "gold.csv").write_text("item,answer\n0,y\n3,x\n9,x\n")
    said = qc(*asked)
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        f"{a}: a.csv is already in p: nothing has changed.",
        f"{b}: b.csv is already in p: nothing has changed.",
        "3 gold answers read; they know 2 of the 6 items that people answered; "
        "1 gold item nobody has answered on: '9'.",
    ]


def test_an_error_of_the_only_file_is_one_sentence(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^There is no file 'nope.csv'; check the name and the folder.$"):
        list(ingest_files(ws, "p", [tmp_path / "nope.csv"], reading=lambda title: nullcontext(print)))


def test_roles_and_names_that_meet_nothing_are_told(ws: Workspace, tmp_path: Path) -> None:
    sheet(tmp_path / "in" / "a.csv", A)
    sheet(tmp_path / "in" / "b.csv", B)
    said = ingest(ws, "p", tmp_path / "in", roles={"gould/*.csv": "gold", "*.csv": "annotator:zoe"}, annotator="rae")
    assert (
        list(said.report.notes[-3:])
        == [
            "no file is left for the pattern 'gould/*.csv' (gold); the files are a.csv, b.csv",
            "no answer was taken as that of 'zoe': the files name their people (ann, bob, cat)",
        ][-3:]
    )
    said = ingest(ws, "q", tmp_path / "in", annotator="rae")
    assert said.report.notes == ("no answer was taken as that of 'rae': the files name their people (ann, bob, cat)",)
    (tmp_path / "one.csv").write_text("item,label\n1,x\n")
    assert not ingest(ws, "r", tmp_path / "one.csv", annotator="rae").report.notes


def test_gold_among_answers_is_counted_and_spelt(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item,annotator,label,gold\n1,ann,cat,Cat\n1,bob,dog,Cat\n2,ann,dog,cat|dog\n")
    said = ingest(ws, "p", tmp_path / "a.csv")
    assert said.sentence.startswith("3 answers read, and 3 gold answers, ")
    assert "1 gold label matched only without case or space: 'Cat'" in said.sentence
    assert "gold" not in said.report.missing


def test_what_is_compared_of_drawn_answers_is_told_in_words(ws: Workspace, tmp_path: Path) -> None:
    value = {"x": 5, "y": 5, "width": 10, "height": 10, "rectanglelabels": ["car"]}
    size = {"original_width": 400, "original_height": 200, "id": "r"}
    box = {"from_name": "box", "to_name": "image", "type": "rectanglelabels", "value": value, **size}
    made = [{"id": 1, "data": {"image": "a.png"}, "annotations": [{"id": 2, "completed_by": "ann", "result": [box]}]}]
    (tmp_path / "boxes.json").write_text(json.dumps(made))
    ingest(ws, "p", tmp_path / "boxes.json")
    assert assess.section(ws, "p", "data_quality")["notes"][-1] == (
        "Answers to 'box', which people draw: agreement compares the objects; "
        "errors against gold are counted object by object, gold is doubted where whole answers keep failing it, and "
        "how well reviewers see is told from other answers; consensus leaves them out."
    )


def flat(path: Path, answers: dict[int, str], who: str = "ann") -> Path:
    """The answers of `tasks` as Label Studio's JSON-MIN."""
    made = [
        {
            "text": "t",
            "id": item,
            "tone": answer,
            "annotator": who,
            "annotation_id": 1000 + item,
            "created_at": "2026-03-02T09:00:00Z",
            "updated_at": "2026-03-02T09:00:30Z",
            "lead_time": 3.5,
        }
        for item, answer in answers.items()
    ]
    path.write_text(json.dumps(made))
    return path


@pytest.mark.parametrize("who", ["ann", "ann@example.org"])
def test_a_poorer_format_of_the_same_submissions_is_refused(ws: Workspace, tmp_path: Path, who: str) -> None:
    ingest(ws, "p", tasks(tmp_path / "export.json", {1: "x", 2: "y"}))
    before = rows(ws)
    with pytest.raises(
        InputError, match=r"small\.json holds 2 submissions that export\.json brought as Label Studio JSON"
    ):
        ingest(ws, "p", flat(tmp_path / "small.json", {1: "x", 2: "y", 3: "x"}, who))
    assert rows(ws) == before
    assert ingest(ws, "q", flat(tmp_path / "small.json", {1: "x"}, who)).report
    # Others' submissions may come in either format.
    assert "1 answer read" in ingest(ws, "p", flat(tmp_path / "other.json", {7: "x"}, who)).sentence


def test_the_fuller_format_may_follow_the_poorer_one(ws: Workspace, tmp_path: Path) -> None:
    ingest(ws, "p", flat(tmp_path / "small.json", {1: "x", 2: "y"}))
    said = ingest(ws, "p", tasks(tmp_path / "export.json", {1: "x", 2: "y"}, 31)).sentence
    assert "0 new" in said


def test_the_same_submissions_by_other_names_are_told_as_such(ws: Workspace, tmp_path: Path) -> None:
    ingest(ws, "p", flat(tmp_path / "small.json", {1: "x", 2: "y"}, "ann@example.org"))
    with pytest.raises(InputError, match=r"hold the same submissions: .* by ann@example\.org there and by ann here"):
        ingest(ws, "p", tasks(tmp_path / "export.json", {1: "x", 2: "y"}, 31))
