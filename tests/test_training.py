"""What leaves a project as decided, and that other tools' readers find it again (about 25 s).

The facts are small and made here; what is expected follows from them by hand.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import desk_project
import pytest
from click.testing import CliRunner
from readers_staged import read

from qc.cli import main
from qc.model import InputError
from qc.readers import Mapping
from qc.workspace import Workspace, conflict, open_workspace, training, verdict
from qc.workspace.ingest import ingest
from qc.workspace.training.selected import SELECTIONS
from qc.writers import coco, label_studio, spacy
from qc.writers.decided import AGAIN, Decided

FORMULA = "=HYPERLINK(1)"


def lines_of(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def table_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def moods(judged: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """One of its own, to settle conflicts in."""
    shutil.copytree(judged.root, tmp_path / "own")
    ws = open_workspace(tmp_path / "own")
    yield ws
    ws.store.engine.dispose()


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Six items, three people: i5 is disputed, i0 is known to be bad, ana's answer to i1 is corrected, i2 accepted."""
    tmp_path = tmp_path_factory.mktemp("judged")
    given = {
        "ana": ["good", "good", "good", "bad", "bad", "good"],
        "bo": ["bad", "bad", "good", "bad", "bad", "bad"],
        "cy": ["bad", "bad", "good", "bad", "bad", FORMULA],
    }
    answers = tmp_path / "answers.csv"
    with answers.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "annotator", "label", "text", "annotation_id"])
        for who, labels in given.items():
            rows.writerows(
                [f"i{place}", who, label, f"text {place}", f"{who}{place}"] for place, label in enumerate(labels)
            )
    gold = tmp_path / "gold.csv"
    gold.write_text("item,gold\ni0,bad\n", encoding="utf-8")
    ws = open_workspace(tmp_path / "workspace")
    ingest(ws, "moods", answers, gold=gold)
    sheet = [
        {"annotation_id": "ana1", "verdict": "reject", "corrected_label": "bad", "comment": "look again"},
        {"annotation_id": "ana2", "verdict": "accept"},
        {"annotation_id": "bo2", "verdict": "reject"},
    ]
    assert verdict.record(ws, "moods", sheet, "rev").recorded == 3
    yield ws
    ws.store.engine.dispose()


def test_corrections_stand_beside_what_they_correct(judged: Workspace) -> None:
    (row,) = table_of(training.take(judged, "moods", "corrections", "csv").content)
    named = ("item_id", "answer", "given", "basis", "by", "comment", "item_text")
    assert [row[name] for name in named] == ["i1", "bad", "good", "corrected", "rev", "look again", "text 1"]
    (line,) = lines_of(training.take(judged, "moods", "corrections", "jsonl").content)
    assert line["answer"] == {"label": "bad"}
    assert line["provenance"]["given"] == "good"
    assert line["provenance"]["data_version"] == judged.data_version("moods")


def test_what_was_reviewed_stands_as_it_is_after_the_review(judged: Workspace) -> None:
    taken = training.take(judged, "moods", "reviewed", "csv")
    rows = {row["item_id"]: (row["answer"], row["basis"]) for row in table_of(taken.content)}
    assert rows == {"i1": ("bad", "corrected"), "i2": ("good", "accepted")}
    assert taken.sentence.endswith("1 answer left out: rejected, and nobody said what is right.")


def test_a_consensus_is_the_strongest_that_is_known(moods: Workspace) -> None:
    conflict.settle(moods, "moods", "i5", "label", "good", "the guideline", "lead")
    rows = {row["item_id"]: row for row in table_of(training.take(moods, "moods", "consensus", "csv").content)}
    assert {name: (row["answer"], row["basis"]) for name, row in rows.items()} == {
        "i0": ("bad", "gold"),
        "i1": ("bad", "corrected"),
        "i2": ("good", "consensus"),
        "i3": ("bad", "consensus"),
        "i4": ("bad", "consensus"),
        "i5": ("good", "settled"),
    }
    assert 0.5 < float(rows["i3"]["probability"]) <= 1
    assert rows["i5"]["probability"] == ""
    assert rows["i5"]["by"] == "lead"


def test_the_hardest_item_comes_first_until_it_is_settled(moods: Workspace) -> None:
    rows = table_of(training.take(moods, "moods", "hard", "csv").content)
    assert rows[0]["item_id"] == "i5"
    assert "i0" not in {row["item_id"] for row in rows}
    tasks = json.loads(training.take(moods, "moods", "hard", "label-studio", limit=1).content)
    assert [list(task) for task in tasks] == [["id", "data", "predictions", "meta"]]
    conflict.settle(moods, "moods", "i5", "label", "good", "the guideline", "lead")
    later = table_of(training.take(moods, "moods", "hard", "csv").content)
    assert "i5" not in {row["item_id"] for row in later}


def test_a_formula_is_harmless_in_a_table(moods: Workspace) -> None:
    conflict.settle(moods, "moods", "i5", "label", FORMULA, "no other", "lead")
    rows = {row["item_id"]: row for row in table_of(training.take(moods, "moods", "consensus", "csv").content)}
    assert rows["i5"]["answer"] == f"'{FORMULA}"


@pytest.mark.parametrize("what", SELECTIONS)
def test_the_same_state_gives_the_same_bytes(judged: Workspace, moods: Workspace, what: str) -> None:
    for form in ("csv", "jsonl", "label-studio", "spacy"):
        first, second = (training.take(ws, "moods", what, form).content for ws in (judged, moods))
        assert first == second


def test_gold_comes_back_through_the_reader(judged: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "gold.json"
    path.write_bytes(training.take(judged, "moods", "gold", "label-studio").content)
    staged = read(path, tmp_path, mapping=Mapping({"item_id": "data.item_id"}))
    (row,) = staged.rows("annotations", "item_id", "question", "kind", "label", "role")
    assert row == ("i0", "label", "single", "bad", "gold")


def test_nothing_to_write_is_said_in_a_sentence(judged: Workspace) -> None:
    with pytest.raises(InputError, match=r"nothing to export as gold in the form coco \(COCO holds boxes"):
        training.take(judged, "moods", "gold", "coco")
    with pytest.raises(InputError, match="There is no form 'xml'; use one of csv"):
        training.take(judged, "moods", "gold", "xml")


def test_the_command_writes_a_whole_file_or_none(judged: Workspace, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["export", "--project", "moods", "--workspace", str(judged.root), *words])

    done = run("--what", "gold", "--out", str(tmp_path / "gold.csv"))
    assert (done.exit_code, done.output) == (0, "1 answer written (gold, csv).\n")
    unclear = run("--what", "gold", "--out", str(tmp_path / "gold.json"))
    assert unclear.exit_code == 1
    assert "Say in which form gold.json is to be written" in unclear.output
    nowhere = run("--what", "gold", "--out", str(tmp_path / "none" / "gold.csv"))
    assert "choose another place" in nowhere.output
    assert not list(tmp_path.glob(".*.part"))
    assert run("--format", "csv", "--out", str(tmp_path / "facts.csv")).exit_code != 0


PICTURE = {"item_id": "p1", "media": "image", "uri": "p1.jpg", "width": 640, "height": 480}


def drawn(kind: str, *regions: dict[str, Any], item: dict[str, Any] = PICTURE, **more: Any) -> Decided:
    return Decided(item, "objects", kind, "gold", regions=tuple({"kind": kind, **region} for region in regions), **more)


BOX = {"label": "cat", "x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0}


def test_boxes_come_back_from_label_studio_and_coco(tmp_path: Path) -> None:
    turned = drawn("boxes", BOX | {"rotation": 30.0})
    for name, written in (
        ("straight.json", label_studio.write([drawn("boxes", BOX)])),
        ("turned.json", label_studio.write([turned])),
        ("coco.json", coco.write([drawn("boxes", BOX)])),
    ):
        (tmp_path / name).write_bytes(written.content)
        staged = read(tmp_path / name, tmp_path)
        (row,) = staged.rows("regions", "label", "x", "y", "w", "h", "rotation")
        assert row[0] == "cat"
        assert row[1:5] == pytest.approx((160, 240, 64, 24))
        assert (row[5] or 0) == pytest.approx(30 if name == "turned.json" else 0)
    refused = coco.write([turned])
    assert (refused.answers, dict(refused.left_out)) == (0, {"COCO has no turned boxes": 1})


def test_outlines_and_masks_come_back_from_coco(tmp_path: Path) -> None:
    small = PICTURE | {"width": 4, "height": 3}
    parts = [
        {"label": "dog", "points": [0.0, 0.0, 20.0, 0.0, 20.0, 10.0], "attributes": '{"region":"a","part":0}'},
        {"label": "dog", "points": [50.0, 50.0, 60.0, 50.0, 60.0, 70.0], "attributes": '{"region":"a","part":1}'},
    ]
    # Down the columns of 4 x 3: the second column whole, the top of the third.
    mask = {"label": "dog", "mask_rle": [3, 4, 5], "mask_h": 3, "mask_w": 4}
    rows = [drawn("polygons", *parts), drawn("masks", mask, item=small | {"item_id": "p2", "uri": "p2.jpg"})]
    content = coco.write(rows).content
    first, second = json.loads(content)["annotations"]
    assert (first["bbox"], first["area"]) == ([0.0, 0.0, 60.0, 70.0], 100.0 + 100.0)
    assert (second["bbox"], second["area"]) == ([1.0, 0.0, 2.0, 3.0], 4.0)
    (tmp_path / "coco.json").write_bytes(content)
    staged = read(tmp_path / "coco.json", tmp_path)
    found = staged.rows("regions", "kind", "label", "points", "mask_rle")
    assert [row[2] for row in found if row[0] == "polygons"] == [part["points"] for part in parts]
    assert [row[3] for row in found if row[0] == "masks"] == [[3, 4, 5]]
    holed = drawn("polygons", {**parts[0], "attributes": '{"region":"a","part":0,"hole":true}'})
    assert dict(coco.write([holed]).left_out) == {"COCO's outlines have no holes": 1}


def test_offsets_are_counted_as_each_tool_counts(tmp_path: Path) -> None:
    """Behind an emoji Label Studio counts one unit more than code points."""
    text = "😀 Mary slept"
    item = {"item_id": "t1", "media": "text", "text": text}
    row = drawn("spans", {"label": "PER", "t_start": 2, "t_end": 6, "quote": "Mary"}, item=item)
    (line,) = lines_of(spacy.write([row]).content)
    assert [text[span["start"] : span["end"]] for span in line["spans"]] == ["Mary"]
    task = json.loads(label_studio.write([row]).content)[0]
    assert [task["annotations"][0]["result"][0]["value"][name] for name in ("start", "end")] == [3, 7]
    (tmp_path / "tasks.json").write_text(json.dumps([task]), encoding="utf-8")
    staged = read(tmp_path / "tasks.json", tmp_path, mapping=Mapping({"item_id": "data.item_id"}))
    assert staged.rows("regions", "label", "t_start", "t_end", "quote") == [("PER", 2, 6, "Mary")]


def test_of_several_answers_to_one_question_the_last_is_taught() -> None:
    item = {"item_id": "t1", "text": "words"}
    early, late = (
        Decided(item, "mood", "single", "accepted", label=label, at=at)
        for label, at in (("bad", "2026-03-01T00:00:00Z"), ("good", "2026-03-02T00:00:00Z"))
    )
    for rows in ([early, late], [late, early]):
        written = spacy.write(rows)
        assert lines_of(written.content)[0]["cats"] == {"good": 1.0}
        assert (written.answers, dict(written.left_out)) == (1, {AGAIN: 1})


def test_a_drawn_answer_that_was_settled_and_a_text_that_was_corrected_leave_too(tmp_path: Path) -> None:
    """Two drawn items without gold, one of them settled as it stands; the summaries have a correction, no gold."""
    export = desk_project.write(tmp_path, tmp_path / "media", ("objects", "summary"), 2)
    lines = [line for line in export.read_text(encoding="utf-8").splitlines() if '"role": "gold"' not in line]
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ws = open_workspace(tmp_path / "workspace")
    ingest(ws, "mixed", export)
    conflict.settle_as(ws, "mixed", "objects-0", "objects", "objects-0-ana", "the best", "lead")
    fixed = {"annotation_id": "summary-0-bo", "verdict": "reject", "corrected_label": "A parcel went astray."}
    assert verdict.record(ws, "mixed", [fixed], "rev").recorded == 1
    taken = training.take(ws, "mixed", "consensus", "jsonl")
    rows = {row["item"]["item_id"]: row for row in lines_of(taken.content)}
    assert {name: row["provenance"]["basis"] for name, row in rows.items()} == {
        "objects-0": "settled",
        "summary-0": "corrected",
    }
    assert len(rows["objects-0"]["answer"]["regions"]) == 4
    assert rows["summary-0"]["answer"] == {"text": "A parcel went astray."}
    assert "6 answers left out: a consensus is made of labels" in taken.sentence
    with pytest.raises(
        InputError, match="nothing to export as gold in the form csv: read known answers in with --gold"
    ):
        training.take(ws, "mixed", "gold", "csv")
    ws.store.engine.dispose()
