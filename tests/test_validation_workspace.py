"""Rules from an export to the figures: planted faults of every kind are counted exactly. About 25 seconds."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import InputError, NotFoundError, Scope
from qc.model.rule_text import from_toml
from qc.model.validation import KINDS
from qc.workspace import Workspace, assess, audit, ingest, open_workspace, validation
from qc.workspace.findings import top_findings

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "qc" / "workspace" / "assessment.schema.json").read_text(encoding="utf-8"))
PEOPLE = ("ana@example.org", "ben@example.org", "cho@example.org")
RULES = """
[[rule]]
name = "known topics"
kind = "labels"
question = "topic"
labels = ["car", "street", "other"]

[[rule]]
name = "age is given"
kind = "required"
question = "age"

[[rule]]
name = "other is explained"
kind = "implies"
when = { question = "topic", labels = ["other"] }
question = "why"
then = "answered"

[[rule]]
name = "two boxes at most"
kind = "count"
question = "boxes"
max = 2

[[rule]]
name = "boxes are wide enough"
kind = "size"
question = "boxes"
measure = "width"
min = 20

[[rule]]
name = "possible age"
kind = "number"
question = "age"
min = 0
max = 120
"""
# What each fault does to a submission that keeps all rules; it breaks this rule and no other.
FAULTS: dict[str, dict[str, Any]] = {
    "known topics": {"topic": "bicycle"},
    "age is given": {"age": None},
    "other is explained": {"topic": "other"},
    "two boxes at most": {"widths": (10, 10, 10)},
    "boxes are wide enough": {"widths": (10, 1)},
    "possible age": {"age": 121},
}
Plan = dict[tuple[int, str], str | None]


def plan(items: int = 30) -> Plan:
    """Which rule each submission breaks, if any."""
    rng = random.Random(5)
    names = [*FAULTS, *[None] * 6]
    return {(item, who): rng.choice(names) for item in range(items) for who in PEOPLE}


def export(planned: Plan, edited: bool = False) -> list[dict[str, Any]]:
    """The plan as an export of Label Studio; boxes in percent of a picture of 400 by 200."""
    tasks = []
    for item in sorted({item for item, _ in planned}):
        task: dict[str, Any] = {"id": item + 1, "data": {"image": f"{item}.png"}, "annotations": []}
        for place, who in enumerate(PEOPLE):
            holds = {"topic": "car", "age": 40, "widths": (10,)} | FAULTS.get(planned[item, who] or "", {})
            given = [{"from_name": "topic", "type": "choices", "value": {"choices": [holds["topic"]]}}]
            if holds["age"] is not None:
                given.append({"from_name": "age", "type": "number", "value": {"number": holds["age"]}})
            for number, width in enumerate(holds["widths"]):
                value = {"x": 5 + number, "y": 5, "width": width, "height": 10, "rectanglelabels": ["car"]}
                size = {"original_width": 400, "original_height": 200, "id": f"r{number}"}
                given.append({"from_name": "boxes", "type": "rectanglelabels", "value": value, **size})
            task["annotations"].append(
                {
                    "id": 10 * (item + 1) + place,
                    "completed_by": {"email": who},
                    "created_at": f"2026-03-{2 + item % 5:02d}T09:{item:02d}:00Z",
                    "updated_at": f"2026-03-{9 if edited else 2 + item % 5:02d}T09:{item:02d}:00Z",
                    "result": [{"to_name": "image", **result} for result in given],
                }
            )
        tasks.append(task)
    return tasks


def read(ws: Workspace, folder: Path, planned: Plan, name: str = "export.json", edited: bool = False) -> str:
    path = folder / name
    path.write_text(json.dumps(export(planned, edited)), encoding="utf-8")
    return ingest.ingest(ws, "street", path, source="export").sentence


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "workspace")
    read(opened, tmp_path, plan())
    return opened


def planted(planned: Plan, who: str | None = None) -> Counter[str]:
    return Counter(fault for (_, name), fault in planned.items() if fault and who in (None, name))


def test_planted_faults_are_counted_exactly(ws: Workspace) -> None:
    before = {
        name: assess.section(ws, "street", name) for name in ("errors", "levels", "cost", "fatigue", "annotators")
    }
    said = validation.set_rules(ws, "street", RULES, "lead", "new guideline")
    expected = planted(plan())
    assert set(expected) == set(FAULTS)
    assert said.startswith(f"{expected.total():,} answers break a rule: ")
    told = said.splitlines()[0].split("rule: ")[1].rstrip(".").split("; ")
    assert set(told) == {f"{n} × {name}" for name, n in expected.items()}

    rows = validation.by_annotator(ws, "street")
    for who in PEOPLE:
        mine = {row["rule"]: row["violations"] for row in rows if row["annotator"] == who and row["violations"]}
        assert mine == planted(plan(), who)
    listed = validation.offences(ws, "street")
    item = {str(number + 1): number for number in range(30)}
    assert {(item[row.item_id], row.annotator): row.rule for row in listed.itertuples()} == {
        key: fault for key, fault in plan().items() if fault
    }
    assert set(listed["state"]) == {"stands"}
    assert set(listed[listed["rule"] == "boxes are wide enough"]["what"]) == {"4 pixels wide"}

    whole = assess.assessment(ws, "street")
    jsonschema.validate(whole, SCHEMA)
    assert {row["name"]: row["standing"] for row in whole["rules"]} == expected
    part = whole["errors"][-1]
    assert part["source"] == "rules"
    assert {row["key"] for row in part["by_type"]} == {"format"}
    assert {row["rule"]: row["n"] for row in part["by_type"]} == expected
    # Submissions answer three questions, fewer where the age is left out and more where a reason had to be given.
    assert part["overall"]["n"] == 3 * len(plan()) + expected["other is explained"]
    assert part["overall"]["value"] == expected.total() / part["overall"]["n"]
    assert sum(row["errors"] for row in part["by_annotator"]) == expected.total()
    assert {row["verdict"] for row in part["by_annotator"]} == {"not compared"}
    assert sum(row["n"] for row in part["by_day"]) == part["overall"]["n"]
    # What people judged is as it was: a machine's finding is in no other figure.
    assert {name: assess.section(ws, "street", name) for name in before} == before
    assert [finding.page for finding in top_findings(whole, 20)].count("validation") == len(FAULTS)


def test_what_is_mended_still_counts_for_who_did_it(ws: Workspace, tmp_path: Path) -> None:
    validation.set_rules(ws, "street", RULES, "lead")
    after = {key: None if fault == "known topics" else fault for key, fault in plan().items()}
    said = read(ws, tmp_path, after, "later.json", edited=True)
    assert validation.violated(ws, "street") in said
    rules = {row["name"]: row for row in assess.section(ws, "street", "rules")}
    expected = planted(plan())
    assert {name: row["violations"] for name, row in rules.items()} == expected
    assert {name: row["standing"] for name, row in rules.items()} == expected | {"known topics": 0}
    listed = validation.offences(ws, "street", rule="known topics")
    assert set(listed["state"]) == {"mended"}
    assert len(listed) == expected["known topics"]
    assert "known topics" not in validation.violated(ws, "street")


def test_scope_and_person_narrow_what_is_listed(ws: Workspace) -> None:
    validation.set_rules(ws, "street", RULES, "lead")
    ana = validation.offences(ws, "street", annotator=PEOPLE[0])
    assert len(ana) == planted(plan(), PEOPLE[0]).total()
    age = validation.by_annotator(ws, "street", Scope("age"))
    assert {row["rule"] for row in age} == {"age is given", "possible age"}
    with pytest.raises(InputError, match="There is no rule 'nothing'"):
        validation.offences(ws, "street", rule="nothing")


def test_nobody_breaks_a_rule(ws: Workspace) -> None:
    rule = '[[rule]]\nname = "r"\nkind = "number"\nquestion = "age"\nmax = 1000\n'
    assert validation.set_rules(ws, "street", rule, "lead") == "No answer breaks the rule of the project."
    assert validation.offences(ws, "street").empty
    assert assess.section(ws, "street", "format_errors")[0]["overall"]["value"] == 0


def test_no_rule_is_no_figure(ws: Workspace) -> None:
    assert validation.violated(ws, "street") == ""
    assert validation.offences(ws, "street").empty
    assert validation.by_annotator(ws, "street") == []
    whole = assess.assessment(ws, "street")
    jsonschema.validate(whole, SCHEMA)
    assert whole["rules"] == []
    assert "rules" not in {part["source"] for part in whole["errors"]}


def test_a_question_that_nobody_answered_is_pointed_out(ws: Workspace) -> None:
    said = validation.set_rules(ws, "street", RULES.replace('question = "boxes"', 'question = "boxen"'), "lead")
    assert "Nobody has answered a question 'boxen'; the questions are age, boxes, topic." in said.splitlines()
    assert "  No such question; nearest: 'boxes'." in said.splitlines()
    assert (
        "  Until its name is mended, 'two boxes at most', 'boxes are wide enough' finds nothing to check."
        in said.splitlines()
    )


def test_a_misspelt_question_that_is_required_is_told_at_each_import(ws: Workspace, tmp_path: Path) -> None:
    rule = '[[rule]]\nname = "age is given"\nkind = "required"\nquestion = "Agee"\n'
    said = validation.set_rules(ws, "street", rule, "lead").splitlines()
    assert said[1:] == [
        "Nobody has answered a question 'Agee'; the questions are age, boxes, topic.",
        "  No such question; nearest: 'age'.",
        "  Until its name is mended, 'age is given' counts it as missing from every answer.",
    ]
    assert "age is given" in said[0]
    path = tmp_path / "more.json"
    path.write_text(json.dumps(export({(50, who): None for who in PEOPLE})))
    brought = ingest.ingest(ws, "street", path).sentence
    assert "nearest: 'age'" in brought


def test_each_change_is_a_revision_with_its_reason(ws: Workspace) -> None:
    validation.set_rules(ws, "street", RULES, "lead", "new guideline")
    validation.set_rules(ws, "street", RULES, "lead", "again")
    trail = audit.entries(ws, "street")
    trail = trail[trail["action"] == "set policy"]
    assert list(trail["reason"]) == ["new guideline"]
    assert list(trail["actor"]) == ["lead"]
    with pytest.raises(InputError):
        validation.set_rules(ws, "street", RULES.replace("max = 2", "max = -2"), "lead")
    assert validation.rules_toml(ws, "street").count("[[rule]]") == len(FAULTS)
    with pytest.raises(NotFoundError):
        validation.set_rules(ws, "other", RULES, "lead")


def qc(*args: object) -> Any:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert "Traceback" not in result.output
    return result


def test_the_command_shows_what_it_takes(ws: Workspace, tmp_path: Path) -> None:
    options = ("--project", "street", "--workspace", ws.root)
    assert qc("rules", *options).stdout.startswith("# No rule is set.")
    path = tmp_path / "RULES.toml"
    hostile = '[[rule]]\nname = "odd"\nkind = "labels"\nquestion = "topic"\nlabels = ["a\\nb\\u0007", "c"]\n'
    path.write_text(RULES + hostile, encoding="utf-8")
    done = qc("rules", *options, "--file", path, "--reason", "why not")
    assert done.exit_code == 0
    assert "answers break a rule" in done.stdout
    shown = qc("rules", *options).stdout
    assert from_toml(shown) == from_toml(RULES + hostile) == ws.policy("street").validation
    assert re.search(r"# \d+ answers break it, \d+ did at first, of 90 checked\.\n\[\[rule\]\]\nname = \"known", shown)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"[[rule]]\nname = 'r'\n"])
def test_a_file_that_holds_no_rules_gets_one_sentence(ws: Workspace, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "RULES.toml"
    if content is not None:
        path.write_bytes(content)
    done = qc("rules", "--project", "street", "--workspace", ws.root, "--file", path)
    assert done.exit_code == 1
    assert done.stderr.startswith("qc: ")
    assert done.stderr.count("\n") == 1


def test_the_examples_of_the_documents_are_rules_of_every_kind() -> None:
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    rules = from_toml("\n".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)))
    assert {type(rule) for rule in rules} == set(KINDS)
