"""Real sets of several annotators load with the mapping that is proposed, and hold what their makers say.

Counts of boxes, images and annotators: the figures published with the sets, computed once with independent packages.
Counts of spans and pairs are taken from the files themselves, by the few lines of plain Python below.
"""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from readers_staged import read

from qc.model import Role
from qc.readers import Mapping

REAL = Path(__file__).parent / "data" / "real"
DATA = Path(__file__).parent / "data"


def test_boxes_as_pairs_of_corners(tmp_path) -> None:
    staged = read(REAL / "boxes_annotations.csv", tmp_path)
    assert (staged.report.format, staged.report.quarantined) == ("table", 0)
    assert staged.report.rows["annotations"] == 1723
    assert staged.report.rows["regions"] == 7533
    assert staged.report.rows["items"] == 200
    assert len({row["annotator"] for row in staged.rows("annotations")}) == 196
    first = staged.rows("regions", "annotation_id", "kind", "x", "y", "w", "h")[0]
    assert first == ("135/119", "boxes", 425.0, 893.0, 33.0, 48.0)


def test_gold_boxes_by_image(tmp_path) -> None:
    staged = read(REAL / "boxes_gold.json", tmp_path, role=Role.GOLD)
    assert staged.report.quarantined == 0
    assert staged.report.rows["regions"] == 1308
    answers = staged.rows("annotations")
    assert {(row["role"], row["annotator"], row["question"]) for row in answers} == {("gold", "gold", "label")}
    assert len(answers) == staged.report.rows["items"] == 200
    assert all(item["is_gold"] for item in staged.rows("items"))


@pytest.mark.parametrize(("file", "role"), [("crowd", Role.ANNOTATOR), ("gold", Role.GOLD)])
def test_opinion_spans(tmp_path, file: str, role: Role) -> None:
    path = REAL / f"opinion_spans_{file}.jsonl"
    told = defaultdict(list)
    refused = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for span in record["annotations"]:
            possible = 0 <= span["start_offset"] <= span["end_offset"]
            refused += not possible
            if possible:
                who = str(span.get("user", "gold"))
                told[f"{record['id']}/{who}"].append((span["start_offset"], span["end_offset"], span["label"]))
    staged = read(path, tmp_path, role=role)
    assert staged.report.quarantined == refused
    found = defaultdict(list)
    for answer, *span in staged.rows("regions", "annotation_id", "t_start", "t_end", "label"):
        found[answer].append(tuple(span))
    assert {key: sorted(spans) for key, spans in found.items()} == {key: sorted(spans) for key, spans in told.items()}
    assert {row["annotation_id"] for row in staged.rows("annotations")} == set(told)


def test_pairs_of_arguments(tmp_path) -> None:
    path = REAL / "convincing_pairs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    won = Counter({"a1": "arg1", "a2": "arg2"}.get(row["value"], "tie") for row in rows)
    staged = read(path, tmp_path)
    assert staged.report.read == staged.report.accepted == len(rows) == 9005
    answers = staged.rows("annotations")
    sides = Counter(
        "tie" if row["label"] == "tie" else "arg1" if row["label"] == row["labels"][0] else "arg2" for row in answers
    )
    assert sides == won
    assert {row["kind"] for row in answers} == {"pairwise"}
    # An assignment holds several pairs: each has its share of the time from accepting to submitting.
    assert {row["seconds_kind"] for row in answers} <= {"wall", "shared"}
    assert all(row["labels"] == [source["arg1"], source["arg2"]] for row, source in zip(answers, rows, strict=True))


@pytest.mark.parametrize("style", ["g1", "g2", "g3"])
def test_wide_sheets(tmp_path, style: str) -> None:
    staged = read(DATA / f"paradigms_{style}_wide.csv", tmp_path)
    assert staged.report.rows["annotations"] == 200 * 20
    assert len({row["annotator"] for row in staged.rows("annotations")}) == 20
    assert Counter(row["item_id"] for row in staged.rows("annotations")).most_common(1)[0][1] == 20


@pytest.mark.parametrize("name", ["boxes_annotations.csv", "opinion_spans_crowd.jsonl", "convincing_pairs.csv"])
def test_the_proposed_mapping_reads_the_same_from_its_file(tmp_path, name: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = read(REAL / name, tmp_path / "one")
    mapping = Mapping.from_toml(Mapping.from_json(first.report.mapping).to_toml())
    second = read(REAL / name, tmp_path / "two", mapping)
    assert [first.rows(table) for table in ("annotations", "regions")] == [
        second.rows(table) for table in ("annotations", "regions")
    ]
