"""Gold at work: doubtful known answers, promotion, several accepted answers, retirement, newcomers (about 20 s).

What is expected follows from the planted answers by hand, or from a simulation with a fixed seed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import ConflictError, InputError, NotFoundError
from qc.sampling.onboarding import Candidate, onboarding
from qc.stats.gold_suspects import PLAUSIBLE, SUSPECT, TOO_FEW, gold_doubt
from qc.store.audit import audit_trail
from qc.workspace import Workspace, conflict, gold_desk, gold_use, open_workspace, training
from qc.workspace import onboarding as newcomers
from qc.workspace.assess import section, view
from qc.workspace.ingest import ingest

PEOPLE = ("ana", "bo", "cy", "dee", "eve")
BAD, GOOD = "g7", "g3"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Five people answer 40 gold items, always right but for g7, whose gold is wrong, and eve's every fourth answer.

    d0 is disputed, and no gold.
    """
    rows = ["item,annotator,label,text,submitted_at"]
    for who in PEOPLE:
        for place in range(40):
            right = "yes" if place % 2 else "no"
            slip = who == "eve" and place % 4 == 0
            given = "no" if slip and right == "yes" else "yes" if slip else right
            rows.append(f"g{place},{who},{given},text {place},2026-03-02T09:{place:02d}:00Z")
        rows.append(f"d0,{who},{'yes' if who < 'c' else 'no'},odd,2026-03-02T10:00:00Z")
    (tmp_path / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    known = [f"g{place},{'yes' if place % 2 and f'g{place}' != BAD else 'no'}" for place in range(40)]
    (tmp_path / "gold.csv").write_text("item,gold\n" + "\n".join(known) + "\n", encoding="utf-8")
    opened = open_workspace(tmp_path / "workspace")
    ingest(opened, "p", tmp_path / "answers.csv", gold=tmp_path / "gold.csv")
    yield opened
    opened.store.engine.dispose()


def by_item(ws: Workspace) -> dict[str, dict[str, object]]:
    return {str(row["item_id"]): row for row in gold_use.listed(ws, "p")}


def judged_by_gold(ws: Workspace) -> int:
    return next(int(part["overall"]["n"]) for part in section(ws, "p", "errors") if part["source"] == "gold")


def test_the_tail_is_that_of_the_poisson_binomial() -> None:
    """Two people with 10 and 20 errors elsewhere; by hand: P(both fail) is the product of their chances."""
    item = np.concatenate([np.arange(100), np.arange(100)])
    who = np.repeat([0, 1], 100)
    wrong = np.zeros(200, int)
    wrong[1:11] = 1
    wrong[150:170] = 1
    wrong[[0, 100]] = 1
    doubt = gold_doubt(item, who, wrong)
    # With fewer than three people the team is Beta(1, 19), and each rate (errors + 1) / (99 + 20).
    first, second = 11 / 119, 21 / 119
    assert doubt.p[0] == pytest.approx(first * second)
    assert doubt.expected[0] == pytest.approx(first + second)
    assert doubt.failed[0] == doubt.n[0] == 2


def test_gold_like_the_rest_is_seldom_suspected_and_wrong_gold_is_found() -> None:
    """300 teams of simulated work: of those without wrong gold at most 5 in 100 suspect any (and the noise of 300)."""
    draw = np.random.default_rng(7)
    item, who = np.repeat(np.arange(60), 5), np.tile(np.arange(5), 60)
    rate = np.array([0.02, 0.05, 0.05, 0.1, 0.2])[who]
    alarms = sum(SUSPECT in gold_doubt(item, who, draw.random(300) < rate).verdicts() for _ in range(300))
    assert alarms / 300 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)
    found = 0
    for _ in range(100):
        wrong = draw.random(300) < rate
        wrong[:5] = draw.random(5) < 0.9
        found += gold_doubt(item, who, wrong).verdicts()[0] == SUSPECT
    assert found >= 90


def test_too_little_and_nothing_are_said() -> None:
    assert gold_doubt([], [], []).verdicts() == []
    assert gold_doubt([1, 2, 2], [1, 1, 2], [1, 0, 0]).verdicts() == [TOO_FEW, PLAUSIBLE]


def test_gold_that_good_people_fail_is_suspected(ws: Workspace) -> None:
    rows = gold_use.listed(ws, "p")
    assert [row["item_id"] for row in rows if row["state"] == SUSPECT] == [BAD]
    first = rows[0]
    assert (first["item_id"], first["uses"], first["failed"], first["people"]) == (BAD, 5, 5, 5)
    assert first["others_say"] == "yes (5×)"
    assert first["failure"]["n"] == 5
    assert 0 < first["expected"] < 1


def test_who_passes_is_told_with_an_interval(ws: Workspace) -> None:
    rows = gold_use.pass_record(ws, "p")
    # eve slips on ten of 40 and fails the wrong one; the others fail the wrong one only.
    assert [(row["annotator"], row["passed"], row["n"]) for row in rows[:2]] == [("eve", 29, 40), ("ana", 39, 40)]
    assert rows[0]["pass"]["value"] == 29 / 40
    assert rows[0]["pass"]["low"] < 29 / 40 < rows[0]["pass"]["high"]
    assert rows[0]["verdict"] == "above target"


def test_drawn_gold_that_good_people_fail_is_suspected(tmp_path: Path) -> None:
    """Five people box twelve cups as gold has them; gold has the sixth elsewhere, and eve misses every fourth."""

    def row(place: int, who: str, role: str, left: float | None) -> dict[str, object]:
        box = {"region_id": "b", "kind": "boxes", "label": "cup", "x": left, "y": 10.0, "w": 40.0, "h": 40.0}
        return {
            **{"table": "annotations", "item_id": f"p{place}", "question": "cups", "kind": "boxes", "role": role},
            **{"annotation_id": f"p{place}-{who}", "annotator": who, "status": "submitted"},
            **{"submitted_at": f"2026-03-02T09:{place:02d}:00Z", "regions": [] if left is None else [box]},
        }

    rows = [row(place, "gold", "gold", 200.0 if place == 6 else 10.0) for place in range(12)]
    for who in PEOPLE:
        rows += [row(place, who, "annotator", None if who == "eve" and place % 4 == 0 else 12.0) for place in range(12)]
    export = tmp_path / "drawn.jsonl"
    export.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    opened = open_workspace(tmp_path / "workspace")
    ingest(opened, "p", export)
    listed = by_item(opened)
    assert [item for item, one in listed.items() if one["state"] == SUSPECT] == ["p6"]
    assert (listed["p6"]["uses"], listed["p6"]["failed"], listed["p6"]["people"]) == (5, 5, 5)
    assert {one["failed"] for item, one in listed.items() if item in ("p0", "p4", "p8")} == {1}
    assert sum(int(str(one["failed"])) for one in listed.values()) == 5 + 3
    assert str(listed["p6"]["last_used"]).startswith("2026-03-02")
    assert gold_use.pass_record(opened, "p") == []
    opened.store.engine.dispose()


def test_a_suspect_retires_with_a_reason_and_comes_back(ws: Workspace) -> None:
    before = judged_by_gold(ws)
    with pytest.raises(InputError, match="Say why"):
        gold_desk.retire(ws, "p", BAD, "label", " ")
    seen = gold_desk.retire(ws, "p", BAD, "label", "the known answer is wrong", expected=0)
    assert judged_by_gold(ws) == before - 5
    row = by_item(ws)[BAD]
    assert (row["state"], row["accepted"], row["reason"]) == ("retired", "no", "the known answer is wrong")
    with pytest.raises(NotFoundError, match="is no gold"):
        gold_desk.retire(ws, "p", BAD, "label", "again")
    with pytest.raises(ConflictError, match="look again"):
        gold_desk.put_back(ws, "p", BAD, "label", "it was right", expected=seen + 1)
    gold_desk.put_back(ws, "p", BAD, "label", "it was right", expected=seen)
    assert judged_by_gold(ws) == before
    told = [(entry["action"], entry["reason"]) for entry in audit_trail(ws.store, "p") if "gold" in entry["action"]]
    assert sorted(told) == [("retire gold", "the known answer is wrong"), ("set gold", "it was right")]


def test_another_answer_is_accepted(ws: Workspace) -> None:
    gold_desk.accept(ws, "p", BAD, "label", "yes", "both are right")
    row = by_item(ws)[BAD]
    assert (row["accepted"], row["uses"], row["failed"]) == ("no | yes", 5, 0)
    with pytest.raises(InputError, match="accepted on item 'g7' already"):
        gold_desk.accept(ws, "p", BAD, "label", "yes", "again")
    with pytest.raises(InputError, match="'perhaps' is no label of 'label'; use one of no, yes"):
        gold_desk.accept(ws, "p", GOOD, "label", "perhaps", "why not")


def test_a_settled_item_becomes_gold_and_judges_what_comes_after(ws: Workspace, tmp_path: Path) -> None:
    before = judged_by_gold(ws)
    with pytest.raises(InputError, match="not settled"):
        gold_desk.promote(ws, "p", "d0", "label", "an edge case")
    conflict.settle(ws, "p", "d0", "label", "no", "guideline 4", ws.actor.name)
    assert [(row["item_id"], row["label"]) for row in gold_desk.candidates(ws, "p")] == [("d0", "no")]
    gold_desk.promote(ws, "p", "d0", "label", "an edge case", expected=0)
    assert gold_desk.candidates(ws, "p") == []
    # What was answered before chose the item: it is judged by the settlement, not by gold.
    assert judged_by_gold(ws) == before
    assert by_item(ws)["d0"]["state"] == "not used yet"
    late = tmp_path / "late.csv"
    late.write_text("item,annotator,label,submitted_at\nd0,fay,yes,2999-01-02T09:00:00Z\n", encoding="utf-8")
    ingest(ws, "p", late)
    assert judged_by_gold(ws) == before + 1
    assert by_item(ws)["d0"]["failed"] == 1
    rows = list(csv.DictReader(io.StringIO(training.take(ws, "p", "gold", "csv").content.decode("utf-8-sig"))))
    assert [row["answer"] for row in rows if row["item_id"] == "d0"] == ["no"]
    with pytest.raises(InputError, match="gold for 'label' already"):
        gold_desk.promote(ws, "p", "d0", "label", "again")


def test_newcomers_get_the_same_set_for_the_same_seed(ws: Workspace) -> None:
    chosen = newcomers.choose(ws, "p", 10, seed=3)
    ids = [row["item_id"] for row in chosen.rows]
    assert ids == [row["item_id"] for row in newcomers.choose(ws, "p", 10, seed=3).rows]
    assert ids != [row["item_id"] for row in newcomers.choose(ws, "p", 10, seed=4).rows]
    assert BAD not in ids
    assert sorted(row["accepted"] for row in chosen.rows) == ["no"] * 5 + ["yes"] * 5
    tasks = json.loads(newcomers.take(ws, "p", "tasks", 10, seed=3))
    assert [task["data"]["item_id"] for task in tasks] == ids
    assert all(set(task) == {"id", "data"} and set(task["data"]) == {"item_id", "text"} for task in tasks)
    sheet = newcomers.take(ws, "p", "sheet", 10, seed=3).decode("utf-8-sig")
    assert "yes" not in sheet
    key = list(csv.DictReader(io.StringIO(newcomers.take(ws, "p", "key", 10, seed=3).decode("utf-8-sig"))))
    assert {row["item_id"]: row["accepted"] for row in key} == {row["item_id"]: row["accepted"] for row in chosen.rows}


def test_rare_labels_and_every_difficulty_have_their_turn() -> None:
    many = [Candidate(f"c{place}", "q", "common", ("easy", "hard")[place % 2]) for place in range(50)]
    rare = [Candidate("r0", "q", "rare", "easy")]
    chosen = onboarding([*many, *rare], 5, seed=1)
    assert chosen[0].label == "rare"
    assert [one.difficulty for one in chosen[1:]] == ["easy", "hard"] * 2
    assert onboarding([], 5, 1) == []


def test_the_commands_of_gold(ws: Workspace, tmp_path: Path) -> None:
    def qc(*words: str) -> str:
        said = CliRunner().invoke(main, ["gold", words[0], "--project", "p", "--workspace", str(ws.root), *words[1:]])
        return f"{said.exit_code} {said.output}"

    assert qc("suspects") == "0 g7  label  no  suspect  5 of 5 failed it, others say yes (5×)\n1 suspects.\n"
    assert qc("accept", "--item", BAD, "--answer", "yes", "--reason", "both").startswith("0 yes is accepted")
    assert qc("retire", "--item", GOOD, "--reason", "too easy").startswith("0 Item g3 is no gold")
    assert len([row for row in json.loads(qc("list", "--json")[2:])["gold"] if row["state"] == "retired"]) == 1
    assert qc("promote", "--item", "d0", "--answer", "no", "--answer", "yes", "--reason", "both").startswith(
        "0 Item d0"
    )
    assert "1 qc: Item 'd0' is gold for 'label' already" in qc("promote", "--item", "d0", "--reason", "again")
    out = tmp_path / "new.json"
    said = qc("onboard", "--size", "4", "--format", "tasks", "--out", str(out))
    assert said == f"0 {out} written. 4 items, 2 answers, 2 degrees of difficulty.\n"
    assert len(json.loads(out.read_bytes())) == 4


def test_the_only_question_of_a_project_need_not_be_named(tmp_path: Path) -> None:
    rows = [
        "item_id,question,annotator,label",
        *(f"i{n},{{}},{who},{n % 2}" for n in range(4) for who in ("ann", "ben")),
    ]
    own = ["--project", "p", "--workspace", str(tmp_path / "ws")]

    def qc(*words: str) -> str:
        said = CliRunner().invoke(main, [*words, *own])
        return f"{said.exit_code} {said.output}"

    promote = ("gold", "promote", "--item", "i1", "--answer", "1", "--reason", "settled")
    (tmp_path / "one.csv").write_text("\n".join(rows).replace("{}", "mood"), encoding="utf-8")
    qc("ingest", str(tmp_path / "one.csv"))
    assert qc(*promote) == "0 Item i1 is gold for mood.\n"
    assert qc("gold", "retire", "--item", "i1", "--reason", "wrong") == "0 Item i1 is no gold for mood any more.\n"
    there_are = "the questions are mood, tone.\n"
    (tmp_path / "two.csv").write_text("\n".join(rows).replace("{}", "tone"), encoding="utf-8")
    qc("ingest", str(tmp_path / "two.csv"))
    assert qc(*promote) == f"1 qc: Say which question is meant; {there_are}"
    assert qc(*promote, "--question", "label") == f"1 qc: There is no question 'label' in this project; {there_are}"


def test_a_label_that_only_a_lead_gave_keeps_the_others_their_names(ws: Workspace) -> None:
    """Labels are numbered in their order, and the frame of their names is kept between processes."""
    before = set(view(ws, "p").frame("labels")["label"])
    conflict.settle(ws, "p", "d0", "label", "a bit", "neither", ws.actor.name)
    lens = view(ws, "p")
    named = lens.frame("labels").set_index("code")["label"]
    assert set(named) == before
    assert set(named[lens.frame("codes")["code"]]) == before
