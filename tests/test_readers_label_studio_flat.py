"""Label Studio's exports of one row per annotation: JSON-MIN, CSV and TSV (about 10 s)."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, Staged, read, write

from qc.model import InputError, Role
from qc.readers import Mapping, Question, recognise
from qc.readers.label_studio_csv import questions

LOSS = (
    "this export leaves out skipped tasks, gold answers, predictions, reviews and drafts: "
    "export JSON from Label Studio to have them"
)
TOOL = {"annotator": "a@example.org", "created_at": "2026-03-02T09:00:41.5Z", "updated_at": None, "lead_time": 4.5}


def row(number: int, answers: dict[str, Any], item: int = 0, **data: Any) -> dict[str, Any]:
    """A row as Label Studio writes it: data, id, answers, and who gave them."""
    return {**data, "id": item or number, **answers, **TOOL, "annotation_id": number, "agreement": None}


def as_min(folder: Path, *rows: dict[str, Any], **options: Any) -> Staged:
    return read(write(folder, "min.json", json.dumps(rows)), folder, **options)


def as_sheet(folder: Path, *rows: dict[str, Any], separator: str = ",", **options: Any) -> Staged:
    """Columns in alphabetical order, and what is no text as JSON."""
    names = sorted({name for row in rows for name in row})
    file = io.StringIO()
    writer = csv.DictWriter(file, names, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    for found in rows:
        writer.writerow(
            {
                name: json.dumps(value) if isinstance(value, list | dict) else "" if value is None else value
                for name, value in found.items()
            }
        )
    return read(write(folder, "rows.tsv" if separator == "\t" else "rows.csv", file.getvalue()), folder, **options)


@pytest.mark.parametrize(
    ("sample", "name", "position"),
    [("label_studio_min.json", "label_studio_min", 1), ("label_studio.csv", "label_studio_csv", 2)],
)
def test_the_tiny_exports_give_the_same_rows(tmp_path: Path, sample: str, name: str, position: int) -> None:
    assert recognise(DATA / sample).name == name
    staged = read(DATA / sample, tmp_path)
    shared = {
        "item_id": "501",
        "annotation_id": "7001",
        "annotator": "ann-a@example.org",
        "role": "annotator",
        "status": "submitted",
        "submitted_at": datetime(2026, 3, 2, 9, 0, 41, 500_000, tzinfo=UTC),
        "updated_at": datetime(2026, 3, 2, 10, 21, 9, tzinfo=UTC),
        "tz_source": "explicit",
        "seconds": 37.412,
        "seconds_kind": "active",
        "origin": "unknown",
        "batch": "B07",
        "source_pos": position,
    }
    rows = sorted(staged.rows("annotations"), key=lambda found: found["question"])
    assert rows == [
        shared | {"question": "ner", "kind": "spans"},
        shared | {"question": "sentiment", "kind": "single", "label": "Neutral"},
    ]
    (region,) = staged.rows("regions", "annotation_id", "question", "label", "t_start", "t_end", "quote")
    assert region == ("7001", "ner", "PART", 4, 8, "pump")
    assert staged.rows("items", "item_id", "text", "batch") == [("501", "The pump failed twice.", "B07")]
    assert (staged.report.read, staged.report.accepted) == (1, 1)
    assert staged.report.notes[0] == LOSS
    assert "sentiment" in staged.report.notes[1]
    assert {"gold", "model", "reviews"} <= staged.report.missing.keys()


BOX = {"x": 25, "y": 50, "width": 10, "height": 5, "rotation": 0, "rectanglelabels": ["car"]}
BOX |= {"original_width": 640, "original_height": 480}
ROWS = [
    row(1, {"mood": "good", "topics": {"choices": ["b", "a"]}, "stars": 4, "grade": 2.5, "boxes": [BOX]}, text="one"),
    row(2, {"mood": "bad", "topics": "a", "stars": 5, "tax": [["Car", "Red"]], "note": ["l", "r"]}, text="two"),
    row(3, {"mood": "bad", "stars": 3, "grade": 7}, text="two", item=2),
]
ANSWERS = [
    ("1", "boxes", "boxes", None, None, None, None),
    ("1", "grade", "number", None, None, 2.5, None),
    ("1", "mood", "single", "good", None, None, None),
    ("1", "stars", "ordinal", None, None, 4, None),
    ("1", "topics", "multi", None, ["a", "b"], None, None),
    ("2", "boxes", "none", None, None, None, None),
    ("2", "mood", "single", "bad", None, None, None),
    ("2", "note", "text", None, None, None, "l\nr"),
    ("2", "stars", "ordinal", None, None, 5, None),
    ("2", "tax", "taxonomy", "Car/Red", ["Car/Red"], None, None),
    ("2", "topics", "multi", None, ["a"], None, None),
    ("3", "boxes", "none", None, None, None, None),
    ("3", "grade", "number", None, None, 7, None),
    ("3", "mood", "single", "bad", None, None, None),
    ("3", "stars", "ordinal", None, None, 3, None),
]
COLUMNS = ("annotation_id", "question", "kind", "label", "labels", "number", "text")


def test_answers_of_every_form_in_json_min(tmp_path: Path) -> None:
    staged = as_min(tmp_path, *ROWS)
    assert sorted(staged.rows("annotations", *COLUMNS)) == ANSWERS
    assert staged.rows("regions", "x", "y", "w", "h") == [pytest.approx((160, 240, 64, 24))]
    assert staged.rows("items", "item_id", "text", "width") == [("1", "one", 640), ("2", "two", None)]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_answers_of_every_form_in_a_sheet(tmp_path: Path, separator: str) -> None:
    staged = as_sheet(tmp_path, *ROWS, separator=separator)
    assert sorted(staged.rows("annotations", *COLUMNS)) == ANSWERS
    assert staged.rows("annotations", "source_pos")[0] == (2,)
    assert staged.rows("regions", "x", "y", "w", "h") == [pytest.approx((160, 240, 64, 24))]


def test_a_pair_in_json_min_is_told_by_its_sides(tmp_path: Path) -> None:
    staged = as_min(tmp_path, row(1, {"pw": [{"selected": "right"}]}), row(2, {"pw": [{"selected": "left"}]}))
    assert staged.rows("annotations", "question", "kind", "label") == [
        ("pw", "pairwise", "right"),
        ("pw", "pairwise", "left"),
    ]


def test_data_of_a_sheet_are_the_same_in_all_rows_of_an_item() -> None:
    rows = [
        {"id": str(n // 2), "mood": "ab"[n % 2], "topic": "ab"[n // 2 % 2], "source": "web", "key": str(n)}
        for n in range(12)
    ]
    # `topic` and `source` never differ within an item; `key` does, as answers do.
    assert questions(["id", "mood", "topic", "source", "key", "annotator", "batch"], rows) == ["mood", "key"]
    alone = [{"id": str(n), "mood": "ab"[n % 2], "item_key": f"K{n}", "words": f"text {n} of many"} for n in range(12)]
    assert questions(["id", "mood", "item_key", "words"], alone) == ["mood"]


def test_a_mapping_names_the_questions_and_the_columns(tmp_path: Path) -> None:
    mapping = Mapping({"item_id": "item_key", "batch": "lot"}, {"topic": Question("topic")})
    rows = [row(1, {"topic": "a"}, item_key="K1", lot="L7"), row(2, {"topic": "b"}, item_key="K1", lot="L7")]
    for staged in (as_min(tmp_path, *rows, mapping=mapping), as_sheet(tmp_path, *rows, mapping=mapping)):
        assert staged.rows("annotations", "item_id", "question", "label", "batch") == [
            ("K1", "topic", "a", "L7"),
            ("K1", "topic", "b", "L7"),
        ]


def test_gold_files_and_bad_rows(tmp_path: Path) -> None:
    bad = row(3, {"mood": "c"}) | {"created_at": "soon"}
    staged = as_min(
        tmp_path, row(1, {"mood": "a"}), bad, row(4, {"mood": "a"}) | {"annotation_id": None}, role=Role.GOLD
    )
    assert staged.rows("annotations", "annotation_id", "role") == [("1", "gold")]
    assert staged.rows("quarantine", "line", "reason") == [
        (2, "a time cannot be read"),
        (3, "the submission is no object with an id"),
    ]
    staged = as_sheet(tmp_path, row(1, {"mood": "a"}), bad)
    assert staged.rows("quarantine", "line") == [(3,)]


def test_exports_cut_at_any_byte_are_refused_or_add_up(tmp_path: Path) -> None:
    """JSON that is cut off is refused; a sheet loses its last rows, and `read` checks that the counts add up."""
    content = (DATA / "label_studio_min.json").read_bytes().rstrip()
    for cut in range(1, len(content), 7):
        with pytest.raises(InputError):
            read(write(tmp_path, "min.json", content[:cut]), tmp_path, reader="label_studio_min")
    content = (DATA / "label_studio.csv").read_bytes()
    for cut in range(1, len(content), 7):
        try:
            staged = read(write(tmp_path, "rows.csv", content[:cut]), tmp_path, reader="label_studio_csv")
        except InputError:
            continue
        assert staged.report.read <= 1


ODD = [
    None,
    True,
    -1,
    1e300,
    2**63,
    "",
    "x",
    [],
    {},
    [[1]],
    [{}],
    [{"labels": 3}],
    {"choices": 3},
    {"choices": [["a"]]},
]


def test_values_of_any_type_anywhere_never_escape(tmp_path: Path) -> None:
    names = list(ROWS[0])
    for place, name in enumerate(names * 2):
        broken = [ROWS[0] | {name: ODD[(place + shift) % len(ODD)]} for shift in range(0, len(ODD), 2)]
        read(
            write(tmp_path, "min.json", json.dumps([*broken, *ROWS, [], {"id": 1}])),
            tmp_path,
            reader="label_studio_min",
        )
        as_sheet(tmp_path, *broken, *ROWS, reader="label_studio_csv")
