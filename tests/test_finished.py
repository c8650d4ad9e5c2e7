"""Samples as tasks for Label Studio, and their finished export as verdicts (about 25 s).

The finished tasks are what Label Studio exports: the tasks as imported, with `annotations` whose results are those of
the prediction as far as the reviewer left them alone.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import desk_project
import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import InputError
from qc.store.samples import drawn_answers
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, finished, open_workspace, sample, training
from qc.workspace.ingest import ingest

Task = dict[str, Any]
TEXT = "The 🔧 pump failed in Oslo."


def result(kind: str, name: str, to: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "from_name": name, "to_name": to, "value": value, "id": f"r-{name}-{len(str(value))}", **more}


def task(number: int, who: str, data: dict[str, Any], results: list[dict[str, Any]]) -> Task:
    times = {"created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z", "lead_time": 20.0}
    one = {"id": 100 + number, "completed_by": {"id": 1, "email": who}, "was_cancelled": False, **times}
    return {"id": number, "data": data, "annotations": [{**one, "result": results}]}


SIZE = {"original_width": 400, "original_height": 200, "image_rotation": 0}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Seven items of four kinds, each answered once, and all drawn."""
    label, several = "choices", "choices"
    made = [
        *(task(n, "ana@x", {"text": f"t{n}"}, [result(label, "mood", "text", {"choices": ["good"]})]) for n in (1, 2)),
        task(3, "ana@x", {"text": "t3"}, [result(several, "topics", "text", {"choices": ["a", "b"]})]),
        *(
            task(
                n,
                "bo@x",
                {"text": TEXT},
                [result("labels", "parts", "text", {"start": 7, "end": 11, "labels": ["PART"]})],
            )
            for n in (4, 5)
        ),
        *(
            task(
                n,
                "bo@x",
                {"image": f"https://img.example/{n}.png"},
                [
                    result(
                        "rectanglelabels",
                        "box",
                        "image",
                        {
                            "x": 10.1,
                            "y": 20.3,
                            "width": 33.3,
                            "height": 11.1,
                            "rotation": 0,
                            "rectanglelabels": ["car"],
                        },
                        **SIZE,
                    )
                ],
            )
            for n in (6, 7)
        ),
    ]
    (tmp_path / "export.json").write_text(json.dumps(made), encoding="utf-8")
    opened = open_workspace(tmp_path / "workspace")
    ingest(opened, "p", tmp_path / "export.json")
    yield opened
    opened.store.engine.dispose()


def drawn_tasks(ws: Workspace) -> list[Task]:
    draw = sample.draw(ws, "p", sample.Ask(rate=1.0), seed=1)
    assert draw.id is not None
    content, sentence = finished.tasks(ws, "p", draw.id)
    # The ten others are of questions that a submission left unanswered.
    assert sentence == "17 tasks written."
    found: list[Task] = [one for one in json.loads(content) if one["predictions"][0]["result"]]
    return sorted(found, key=lambda one: one["data"]["qc_answer"])


def done(tasks: list[Task], who: str = "rae@example.org") -> list[Task]:
    """Each prediction submitted as it stands."""
    tasks = copy.deepcopy(tasks)
    for number, one in enumerate(tasks, 1):
        own = {"id": 900 + number, "completed_by": {"id": 7, "email": who}, "was_cancelled": False, "lead_time": 9.5}
        one["annotations"] = [{**own, "result": one["predictions"][0]["result"]}]
    return tasks


def save(path: Path, tasks: list[Task]) -> Path:
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def value(one: Task) -> dict[str, Any]:
    found: dict[str, Any] = one["annotations"][0]["result"][0]["value"]
    return found


def test_tasks_show_the_answer_and_nobody(ws: Workspace) -> None:
    tasks = drawn_tasks(ws)
    assert "ana@x" not in json.dumps(tasks)
    assert all(len(one["predictions"]) == 1 and "annotations" not in one for one in tasks)
    assert tasks[0]["data"] | {"qc_digest": "", "item_id": ""} == {
        "text": "t1",
        "item_id": "",
        "qc_answer": tasks[0]["data"]["qc_answer"],
        "qc_question": "mood",
        "qc_digest": "",
    }


def test_what_was_left_alone_is_accepted(ws: Workspace, tmp_path: Path) -> None:
    outcome = finished.record_finished(ws, "p", save(tmp_path / "done.json", done(drawn_tasks(ws))))
    assert (outcome.recorded, outcome.refused) == (7, ())
    given = verdicts(ws.store, "p")
    assert {row["verdict"] for row in given} == {"accept"}
    assert {(row["reviewer"], row["seconds"]) for row in given} == {("rae@example.org", 9.5)}


def test_what_was_changed_is_rejected_with_its_correction(ws: Workspace, tmp_path: Path) -> None:
    """A label, labels, a span (behind a character of two units), a moved and a relabelled box, one more box."""
    tasks = done(drawn_tasks(ws))
    value(tasks[0])["choices"] = ["bad"]
    value(tasks[2])["choices"] = ["b", "c"]
    value(tasks[3]).update({"start": 7, "end": 18})
    value(tasks[5])["x"] = 50.0
    value(tasks[6])["rectanglelabels"] = ["car"]
    another = copy.deepcopy(tasks[6]["annotations"][0]["result"][0])
    another["id"] = "new"
    another["value"] |= {"x": 60.0, "y": 50.0, "width": 10.0, "height": 10.0}
    tasks[6]["annotations"][0]["result"].append(another)
    # "bad" and "c" are labels that somebody has to have given, or the policy declares.
    extra = [
        task(50, "cy@x", {"text": "t50"}, [result("choices", "mood", "text", {"choices": ["bad"]})]),
        task(51, "cy@x", {"text": "t51"}, [result("choices", "topics", "text", {"choices": ["b", "c"]})]),
    ]
    ingest(ws, "p", save(tmp_path / "more.json", extra))
    outcome = finished.record_finished(ws, "p", save(tmp_path / "done.json", tasks))
    assert (outcome.recorded, outcome.refused) == (7, ())
    given = sorted(verdicts(ws.store, "p"), key=lambda row: row["annotation_id"])
    assert [row["verdict"] for row in given] == ["reject", "accept", "reject", "reject", "accept", "reject", "reject"]
    assert [row["corrected_label"] for row in given[:3]] == ["bad", None, "b; c"]
    span = json.loads(given[3]["corrected_regions"])[0]
    assert (span["t_start"], span["t_end"], span["quote"]) == (6, 17, TEXT[6:17])
    moved = json.loads(given[5]["corrected_regions"])[0]
    assert (moved["x"], moved["label"]) == (200.0, "car")
    assert [row["error_type"] for row in given[3:]] == ["poor boundary", None, "poor boundary", "missed"]
    assert len(json.loads(given[6]["corrected_regions"])) == 2
    lines = [json.loads(line) for line in training.take(ws, "p", "corrections", "jsonl").content.splitlines()]
    assert len(lines) == 5


def test_what_cannot_be_taken_is_refused_by_its_task(ws: Workspace, tmp_path: Path) -> None:
    tasks = done(drawn_tasks(ws))
    tasks[0]["data"]["qc_answer"] = "unknown"
    tasks[1]["data"]["qc_digest"] = "0" * 32
    tasks[2]["annotations"] = []
    tasks[3]["annotations"][0]["was_cancelled"] = True
    value(tasks[5])["width"] = 0
    path = save(tmp_path / "done.json", tasks)
    outcome = finished.record_finished(ws, "p", path, "rae")
    refused = dict(outcome.refused)
    assert sorted(refused) == [1, 2, 6]
    assert "there is no answer 'unknown' to 'mood'" in refused[1]
    assert refused[2] == "the answer was changed since the tasks were written"
    again = finished.record_finished(ws, "p", path, "rae")
    assert dict(again.refused) == refused
    assert (again.recorded, again.already) == (0, outcome.recorded)


def test_the_commands_take_tasks_out_and_back(ws: Workspace, tmp_path: Path) -> None:
    def qc(*words: object) -> str:
        where = ["--project", "p", "--workspace", str(ws.root)]
        said = CliRunner().invoke(main, [*map(str, words), *where])
        assert said.exit_code == 0, said.output
        return said.output

    out = tmp_path / "tasks.json"
    said = qc("sample", "--rate", "1", "--out", out, "--format", "label-studio")
    assert f"17 tasks written. Import {out} into Label Studio" in said
    path = save(tmp_path / "done.json", done(json.loads(out.read_bytes())))
    assert qc("review", path, "--reviewer", "rae") == "17 verdicts recorded.\n"
    assert {row["reviewer"] for row in verdicts(ws.store, "p")} == {"rae@example.org"}


def test_other_files_are_no_finished_tasks(ws: Workspace, tmp_path: Path) -> None:
    assert not finished.is_finished(save(tmp_path / "sheet.json", [{"annotation_id": "1", "verdict": "accept"}]))
    foreign = save(tmp_path / "foreign.json", [{"id": 1, "data": {"text": "x"}, "annotations": []}])
    assert finished.is_finished(foreign)
    with pytest.raises(InputError, match="has no finished tasks of a sample"):
        finished.record_finished(ws, "p", foreign)


def test_points_that_belong_together_stay_out_and_nothing_left_of_a_set_is_its_correction(tmp_path: Path) -> None:
    """Three people's topics and outlined points of one item; of ana's topics nothing is left, and bo's come twice."""
    opened = desk_project.opened(open_workspace(tmp_path / "mixed"), ("topics", "pose"), 1)
    desk_project.draw_all(opened)
    content, said = finished.tasks(opened, "mixed", drawn_answers(opened.store, "mixed")[0]["draw_id"])
    assert "3 answers left out: Label Studio has single points, not sets of points" in said
    done = json.loads(content)
    assert [one["data"]["qc_answer"] for one in done] == ["topic-0-ana", "topic-0-bo", "topic-0-cy"]
    for number, one in enumerate(done):
        whole = {"id": number, "was_cancelled": False, "result": one["predictions"][0]["result"]}
        one["annotations"] = [whole | {"result": []}] if number == 0 else [whole]
    done[1]["annotations"].append(done[1]["annotations"][0] | {"id": 10})
    path = tmp_path / "done.json"
    path.write_text(json.dumps(done), encoding="utf-8")
    outcome = finished.record_finished(opened, "mixed", path, "rae")
    assert outcome.refused == ((2, "row 2 already gives a verdict on this answer"),)
    found = {row["annotation_id"]: (row["verdict"], row["corrected_label"]) for row in verdicts(opened.store, "mixed")}
    assert found == {
        "topic-0-ana": ("reject", "(nothing marked)"),
        "topic-0-bo": ("accept", None),
        "topic-0-cy": ("accept", None),
    }
    corrected = training.take(opened, "mixed", "corrections", "jsonl").content
    assert json.loads(corrected)["answer"] == {"labels": []}
    opened.store.engine.dispose()
