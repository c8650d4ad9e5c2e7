"""The audit trail as people meet it: commands, files, health, and which acts leave an entry. Takes fifteen seconds."""

from __future__ import annotations

import csv
import io
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from qc.cli import main
from qc.model import InputError
from qc.store.audit import audit_trail
from qc.store.people import EVERYWHERE
from qc.store.settlements import settle
from qc.workspace import Workspace, audit, doctor, open_workspace, people, report
from qc.workspace.audit import Asked, change_in_words, differences
from qc.workspace.export import export_facts
from qc.workspace.ingest import ingest

ROOT = Path(__file__).parent.parent
NAMES = ("=1+1", "<script>alert(1)</script>", "a\nb\u202ec", "![x](http://example.org/x.png)")


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Two projects, of which one has settlements with names that nobody should have."""
    opened = open_workspace(tmp_path / "workspace")
    for project in ("demo", "other"):
        opened.store.add_project(project, None, "lead")
    for place, name in enumerate(NAMES):
        settle(opened.store, "demo", name, "label", "single", name, name, NAMES[-place])
    return opened


def qc(ws: Workspace, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, [*arguments, "--workspace", str(ws.root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def test_the_command_shows_the_latest_and_keeps_each_on_its_line(ws: Workspace) -> None:
    code, said = qc(ws, "audit", "--project", "demo")
    assert code == 0
    assert [int(line.split()[0]) for line in said.splitlines()] == [1, 2, 3, 4, 5]
    assert said.splitlines()[3].endswith("settle  item a b c, label: a b c (a b c)")
    assert qc(ws, "audit", "--project", "demo", "--action", "create")[1].splitlines()[0].endswith("project demo: demo")
    assert len(qc(ws, "audit", "--project", "demo", "--most", "2")[1].splitlines()) == 2
    assert qc(ws, "audit", "--project", "demo", "--since", "2100-01-01") == (0, "")
    code, said = qc(ws, "audit", "--project", "none")
    assert code == 1
    assert "There is no project 'none'" in said


def test_the_json_can_be_checked_with_nothing_but_the_chapter(ws: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "audit.json"
    said = qc(ws, "audit", "--project", "demo", "--out", str(out))[1]
    assert "The audit trail of demo is whole: 5 entries." in said
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "record.md").read_text(encoding="utf-8"), re.DOTALL)
    with out.open(encoding="utf-8") as file:
        found: dict[str, object] = {"open": lambda _name: file}
        exec(code, found)
    assert said.rstrip().endswith(f"demo:5:{found['last']}")
    assert audit_trail(ws.store, "demo")[0]["object"] == "file audit.json", "that it left is on the trail"
    document = json.loads(out.read_bytes())
    assert (document["schema"], document["project"], document["all"]) == ("annotation-qc/audit/1", "demo", True)
    assert [entry["reason"] for entry in document["entries"]] == [None, *NAMES]


def test_no_cell_of_a_file_is_a_formula(ws: Workspace, tmp_path: Path) -> None:
    for suffix in (".csv", ".xlsx"):
        audit.write(ws, "demo", tmp_path / f"audit{suffix}", Asked(actions=("settle",)))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "audit.csv").read_text(encoding="utf-8-sig"))))
    assert [row["reason"] for row in rows] == ["'=1+1", *NAMES[1:]]
    sheet = load_workbook(tmp_path / "audit.xlsx").active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n"}
    assert [row[8] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["'=1+1", *NAMES[1:]]
    with pytest.raises(InputError, match=r"cannot be written as '\.pdf'"):
        audit.write(ws, "demo", tmp_path / "audit.pdf")


def test_a_kept_digest_is_looked_for(ws: Workspace) -> None:
    head = audit.verify(ws, "demo").head
    assert head.startswith("demo:5:")
    settle(ws.store, "demo", "i", "label", "single", "A", "later", "lead")
    for kept in (head, head.removeprefix("demo:"), head.removeprefix("demo:5:").upper()):
        assert qc(ws, "audit", "--project", "demo", "--verify-from", kept) == (
            0,
            "The audit trail of demo is whole: 6 entries.\n",
        )
    unknown = sha256(b"").hexdigest()
    code, said = qc(ws, "audit", "--project", "demo", "--verify-from", f"5:{unknown}")
    assert (code, said) == (
        1,
        "The audit trail of demo is broken: entry 5 has another digest than was kept: it or an earlier one was written "
        "anew.\n",
    )
    assert qc(ws, "audit", "--project", "demo", "--verify-from", f"9:{unknown}")[0] == 1
    for wrong, said in (("abc", "is no digest"), (f"other:5:{unknown}", "of another trail than demo")):
        code, error = qc(ws, "audit", "--project", "demo", "--verify-from", wrong)
        assert code == 1
        assert said in error


def test_the_health_names_the_first_broken_entry(ws: Workspace) -> None:
    code, said = qc(ws, "doctor")
    assert "audit: The audit trail of demo is whole: 5 entries. last entry demo:5:" in said
    kept = re.findall(r"last entry (demo:5:\w+)", said)[0]
    assert qc(ws, "doctor", "--verify-from", kept, "--verify-from", kept.split(":")[2])[0] == 0
    assert qc(ws, "doctor", "--verify-from", sha256(b"").hexdigest())[0] == 1
    assert qc(ws, "doctor", "--verify-from", f"gone:3:{sha256(b'').hexdigest()}")[0] == 1
    with ws.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_delete")
        connection.exec_driver_sql("DELETE FROM audit WHERE project = 'demo' AND number = 3")
    code, said = qc(ws, "doctor")
    assert code == 1
    assert " bad  audit: The audit trail of demo is broken: entry 3 is missing." in said
    assert "The audit trail of other is whole: 1 entry." in said
    found = [finding for finding in doctor.examine(ws) if finding.area == "audit"]
    assert [finding.state for finding in found] == ["bad", "ok"]


def test_what_leaves_and_who_may_what_is_on_the_trail(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    ingest(ws, "tickets", ROOT / "sample_exports" / "support_tickets.json", actor="ada")
    export_facts(ws, "tickets", tmp_path / "facts.jsonl")
    report.write(ws, "tickets", tmp_path / "report.html", "manager")
    report.html(ws, "tickets", "qa", hide_names=True)
    people.grant(ws, "tickets", "bo@example.org", "lead", "runs it")
    people.revoke(ws, "tickets", "bo@example.org", "lead", "left")
    people.grant(ws, None, "eve@example.org", "admin")
    trail = list(reversed(audit_trail(ws.store, "tickets")))
    me = ws.actor.name
    assert [(row["action"], row["object"], row["actor"]) for row in trail] == [
        ("create", "project tickets", "ada"),
        ("import", "file support_tickets.json", "ada"),
        ("export", "file facts.jsonl", me),
        ("report", "file report.html", me),
        ("report", "file tickets-qa.html", me),
        ("grant role", "person bo@example.org", me),
        ("revoke role", "person bo@example.org", me),
    ]
    by_object = {(row["action"], row["object"]): row for row in trail}
    assert json.loads(by_object["report", "file tickets-qa.html"]["after"]) == {
        "view": "qa",
        "pseudonyms": True,
        "scope": None,
    }
    given, taken = (by_object[act, "person bo@example.org"] for act in ("grant role", "revoke role"))
    assert [given[side] for side in ("before", "after", "reason")] == [None, '{"role":"lead"}', "runs it"]
    assert [taken[side] for side in ("before", "after", "reason")] == ['{"role":"lead"}', None, "left"]
    taken_in = json.loads(by_object["import", "file support_tickets.json"]["after"])
    assert taken_in["new"] > 0
    assert len(taken_in["digest"]) == 64
    assert [row["object"] for row in audit_trail(ws.store, EVERYWHERE)] == ["person eve@example.org"]


def test_a_change_is_told_part_by_part() -> None:
    before = '{"errors":{"limit":0.06,"target":0.02},"rules":[1,2],"zone":"UTC"}'
    after = '{"errors":{"limit":0.06,"target":0.05},"rules":[1],"why":"x"}'
    assert differences(before, after) == [
        {"part": "errors.target", "before": "0.02", "after": "0.05"},
        {"part": "rules", "before": "[1,2]", "after": "[1]"},
        {"part": "zone", "before": "UTC", "after": None},
        {"part": "why", "before": None, "after": "x"},
    ]
    assert change_in_words(before, after) == "errors.target: 0.02 → 0.05; rules: [1,2] → [1]; zone: UTC → –; why: x"
    assert change_in_words(None, '"reject"') == "reject"
    assert change_in_words('"reject"', None) == "reject → –"
    assert differences(None, None) == []
