"""The commands, as a user runs them: the loop on a small export, and every kind of bad input."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from qc.cli import main
from qc.workspace import assess, open_workspace

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))
HEADER = "item_id,annotator,label,gold,submitted_at,seconds\n"


def qc(*args: object) -> Result:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def answers(n_items: int = 40, annotators: tuple[str, ...] = ("ana", "ben", "cho"), labels: str = "xyz") -> str:
    """A long sheet: everybody labels every item, and each errs on every seventh item of their own."""
    rows = []
    for item in range(n_items):
        truth = labels[item % len(labels)]
        for who, name in enumerate(annotators):
            label = labels[(item + 1) % len(labels)] if (item + 2 * who) % 7 == 0 else truth
            at = f"2026-03-{2 + item // 20:02d}T{9 + who:02d}:{item % 20:02d}:00Z"
            rows.append(f"i{item},{name},{label},{truth},{at},{20 + item % 9}")
    return HEADER + "\n".join(rows) + "\n"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(answers(), encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


def assessment(home: Path, project: str = "p") -> dict:
    result = qc("assess", "--project", project, "--workspace", home, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    return document


NO_WORKSPACE = "There is no workspace at '{}'; qc ingest makes one, or name another with --workspace."
OF_A_WORKSPACE = (
    *("sample --project p", "assess --project p", "check --project p", "report --project p --out r.html"),
    *("export --project p --out f.csv", "rules --project p", "policy --project p", "doctor", "people list"),
    *("gold list --project p", "audit --project p", "store copy --to sqlite:///other.db", "review s.csv --project p"),
    "people revoke --role admin ann",
)


@pytest.mark.parametrize("command", OF_A_WORKSPACE)
def test_a_mistyped_workspace_is_refused_and_makes_nothing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for place in ("typo", "docs"):
        said = qc(*command.split(), "--workspace", place)
        assert said.exit_code == (2 if command.startswith("check") else 1)
        assert said.stderr == f"qc: {NO_WORKSPACE.format(place)}\n"
    monkeypatch.setenv("QC_WORKSPACE", "mistyped")
    assert NO_WORKSPACE.format("mistyped") in qc(*command.split()).stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["docs"]


def test_the_first_admin_may_make_a_workspace(home: Path) -> None:
    assert qc("people", "grant", "--role", "admin", "ada", "--workspace", home).exit_code == 0
    assert "ada: admin" in qc("people", "list", "--workspace", home).stdout


def test_the_whole_loop(tmp_path: Path, home: Path, sheet: Path) -> None:
    said = qc("ingest", sheet, "--project", "p", "--workspace", home)
    assert said.exit_code == 0
    assert "120 answers read" in said.stdout
    before = assessment(home)
    assert before["volume"]["annotators"] == 3
    gold = next(part for part in before["errors"] if part["source"] == "gold")
    assert {row["annotator"]: row["errors"] for row in gold["by_annotator"]} == {"ana": 6, "ben": 5, "cho": 6}

    filled = tmp_path / "filled.csv"
    assert qc("sample", "--project", "p", "--workspace", home, "--rate", 0.1, "--out", filled).exit_code == 0
    lines = filled.read_text(encoding="utf-8-sig").splitlines()
    verdict = lines[0].split(",").index("verdict")
    cells = [line.split(",") for line in lines[1:]]
    for row in cells:
        row[verdict] = "accept"
    cells[0][verdict] = "reject"
    filled.write_text("\n".join([lines[0], *(",".join(row) for row in cells)]), encoding="utf-8")
    said = qc("review", filled, "--project", "p", "--workspace", home, "--reviewer", "rae")
    assert said.exit_code == 0, said.output
    assert f"{len(cells)} verdicts recorded" in said.stdout
    after = assessment(home)
    review = next(part for part in after["errors"] if part["source"] == "review")
    assert review["overall"]["n"] == len(cells)
    assert sum(row["errors"] for row in review["by_annotator"]) == 1
    assert after["data_version"] != before["data_version"]

    again = qc("review", filled, "--project", "p", "--workspace", home, "--reviewer", "rae")
    assert again.exit_code == 0
    assert again.output == f"0 verdicts recorded, {len(cells)} already recorded.\n"
    assert qc("check", "--project", "p", "--workspace", home).exit_code in (0, 1)


def test_the_same_file_twice_changes_nothing(home: Path, sheet: Path) -> None:
    qc("ingest", sheet, "--project", "p", "--workspace", home)
    before = assessment(home)
    said = qc("ingest", sheet, "--project", "p", "--workspace", home)
    assert said.exit_code == 0
    assert "already" in said.stdout
    assert assessment(home) == before


def test_same_bytes_for_the_same_state(home: Path, sheet: Path) -> None:
    qc("ingest", sheet, "--project", "p", "--workspace", home)
    first = qc("assess", "--project", "p", "--workspace", home, "--json").stdout
    for cached in (home / "cache").rglob("*.json"):
        cached.unlink()
    assert qc("assess", "--project", "p", "--workspace", home, "--json").stdout == first


BROKEN = {
    "empty": (b"", "is empty"),
    "truncated.json": (b'[{"id": 1, "data": {"text": "a"}, "annotations": [{"id": 2, "resu', "is cut off"),
    "cyrillic.csv": (answers().replace("ana", "Анна").encode("cp1251"), "UTF-8"),
    "twice.csv": (b"item_id,annotator,label,label\ni1,ana,x,y\n", "twice"),
    "words.txt": (b"Just some words, in a file.\nAnd more of them.\n", None),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_gets_one_sentence(name: str, tmp_path: Path, home: Path) -> None:
    content, expected = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    result = qc("ingest", path, "--project", "p", "--workspace", home)
    assert result.exit_code == 1
    sentences = result.stderr.strip().splitlines()
    assert len(sentences) == 1
    assert sentences[0].startswith("qc: ")
    assert name in sentences[0]
    if expected:
        assert expected in sentences[0]


def test_a_sheet_in_the_encoding_of_excel_is_read_and_said_so(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "latin1.csv"
    path.write_bytes(answers().replace("ana", "Zo\xeb").encode("cp1252"))
    result = qc("ingest", path, "--project", "p", "--workspace", home)
    assert result.exit_code == 0, result.output
    assert "cp1252" in result.output


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("odd.csv", "item_id,annotator,label,submitted_at\ni1,ana,x,2026-03-02T09:00:00Z\ni2,ana,x,never\n", "row 3"),
        (
            "odd.json",
            '[{"id": 1, "data": {"text": "t"}, "annotations": [{"id": 5, "completed_by": "ana", "result": []}, '
            '{"id": 6, "completed_by": "ana", "result": "bad"}]}]',
            "record 2",
        ),
    ],
)
def test_the_doctor_says_where_in_its_file_a_record_stands(
    name: str, text: str, where: str, tmp_path: Path, home: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert qc("ingest", tmp_path / name, "--project", "p", "--workspace", home).exit_code == 0
    assert f"{name}, {where}: " in qc("doctor", "--workspace", home).stdout


def ingest_text(text: str, tmp_path: Path, home: Path) -> Result:
    path = tmp_path / "odd.csv"
    path.write_text(text, encoding="utf-8")
    result = qc("ingest", path, "--project", "p", "--workspace", home)
    assert result.exit_code == 0, result.output
    return result


def test_one_label_only(tmp_path: Path, home: Path) -> None:
    ingest_text(answers(labels="x"), tmp_path, home)
    part = assessment(home)["agreement"][0]
    assert part["alpha"]["value"] is None
    assert part["alpha"]["reason"]
    assert part["percent"]["value"] == 1


def test_one_annotator_only(tmp_path: Path, home: Path) -> None:
    ingest_text(answers(annotators=("ana",)), tmp_path, home)
    part = assessment(home)["agreement"][0]
    assert part["alpha"]["value"] is None
    assert part["alpha"]["reason"]


def test_no_overlap(tmp_path: Path, home: Path) -> None:
    rows = [line for i, line in enumerate(answers().splitlines()[1:]) if i % 3 == (i // 3) % 3]
    ingest_text(HEADER + "\n".join(rows), tmp_path, home)
    part = assessment(home)["agreement"][0]
    assert part["alpha"]["value"] is None
    assert part["percent"]["value"] is None


def test_no_times(tmp_path: Path, home: Path) -> None:
    text = "\n".join(",".join(line.split(",")[:4]) for line in answers().splitlines())
    said = ingest_text(text, tmp_path, home)
    assert "no times" in said.stdout
    document = assessment(home)
    assert {part["overall"]["verdict"] for part in document["fatigue"]} == {"too little data"}
    assert all("time" in part["overall"]["reason"] for part in document["fatigue"])
    assert "no times" in document["data_quality"]["missing_columns"]["submitted_at"]


def test_times_in_the_future(tmp_path: Path, home: Path) -> None:
    ingest_text(answers().replace("2026-03", "2126-03"), tmp_path, home)
    assert assessment(home)["data_quality"]["clock_errors"] == 120


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "![x](http://example.org/x.png)", "=1+1", "[bold]ana"])
def test_hostile_names_are_text(name: str, tmp_path: Path, home: Path) -> None:
    ingest_text(answers(annotators=(name, "ben")), tmp_path, home)
    assert name in {row["annotator"] for row in assessment(home)["annotators"]}
    shown = qc("assess", "--project", "p", "--workspace", home)
    assert shown.exit_code == 0
    out = tmp_path / "sheet.csv"
    qc("sample", "--project", "p", "--workspace", home, "--out", out)
    assert not re.search(r"(^|,)\"?[=+@-]", out.read_text(encoding="utf-8-sig"), flags=re.MULTILINE)


def test_a_project_that_does_not_exist(home: Path) -> None:
    open_workspace(home)
    result = qc("assess", "--project", "nowhere", "--workspace", home)
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert qc("check", "--project", "nowhere", "--workspace", home).exit_code == 2


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    shown = qc(command, "--help")
    assert shown.exit_code == 0
    assert f"qc {command}" in shown.output.split("Example", 1)[1]


def test_a_damaged_record_gets_a_sentence(home: Path, sheet: Path) -> None:
    qc("ingest", sheet, "--project", "p", "--workspace", home)
    for file in home.glob("qc.db*"):
        file.unlink()
    (home / "qc.db").write_bytes(bytes(range(256)) * 64)
    assert "cannot be opened" in qc("doctor", "--workspace", home).stderr
    assert qc("check", "--project", "p", "--workspace", home).exit_code == 2


def test_a_sheet_that_cannot_be_written_draws_nothing(tmp_path: Path, home: Path, sheet: Path) -> None:
    qc("ingest", sheet, "--project", "p", "--workspace", home)
    assert qc("sample", "--project", "p", "--workspace", home, "--out", tmp_path / "sheet.docx").exit_code == 1
    drawn = qc("sample", "--project", "p", "--workspace", home, "--out", tmp_path / "sheet.csv")
    assert "of 120 new answers" in drawn.stdout


def test_a_file_of_which_nothing_can_be_taken_is_refused(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "nobody.csv"
    path.write_text(HEADER + "i1,,x,x,2026-03-02T09:00:00Z,20\ni2,,y,y,2026-03-02T09:01:00Z,20\n", encoding="utf-8")
    result = qc("ingest", path, "--project", "p", "--workspace", home)
    assert result.exit_code == 1
    assert "none of its 2 records" in result.stderr


def test_an_unknown_split_names_those_that_exist(home: Path, sheet: Path) -> None:
    qc("ingest", sheet, "--project", "p", "--workspace", home)
    result = qc("assess", "--project", "p", "--workspace", home, "--by", "colour")
    assert result.exit_code == 1
    assert "annotator, label" in result.stderr
