"""Known answers matched to a project's own spelling; the expected rows are written out by hand."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qc.model import FACT_TABLES, Role
from qc.workspace import assess, open_workspace
from qc.workspace.dry_run import dry_run
from qc.workspace.gold import Known, Spelling, Words, known, matched, spelling
from qc.workspace.ingest import ingest

PEOPLE = Known(frozenset({"1", "2", "a.jpg"}), {"mood": frozenset({"neg", "Very good", "1"})}, {"mood": "single"})


def staged(folder, rows: list[dict]) -> None:
    full = [{"role": "gold", "kind": "single", "question": "mood", "annotator": "gold", **row} for row in rows]
    pq.write_table(pa.Table.from_pylist(full, schema=FACT_TABLES["annotations"]), folder / "annotations.parquet")
    items = [{"item_id": item, "is_gold": True} for item in dict.fromkeys(row["item_id"] for row in rows)]
    pq.write_table(pa.Table.from_pylist(items, schema=FACT_TABLES["items"]), folder / "items.parquet")


def answers(folder) -> list[tuple]:
    rows = pq.ParquetFile(folder / "annotations.parquet").read().to_pylist()
    return [(row["item_id"], row["question"], row["label"]) for row in rows]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("1", Spelling("1")),
        ("1.0", Spelling("1")),
        (" 1", Spelling("1")),
        ("01", Spelling("1")),
        ("NEG", Spelling("neg", loose=True)),
        ("very  Good", Spelling("Very good", loose=True)),
        ("pos", Spelling(None, loose=True)),
        ("1e0", Spelling(None, loose=True)),
    ],
)
def test_a_word_as_the_project_spells_it(word: str, found: Spelling) -> None:
    assert spelling(word, Words({"1", "neg", "Very good"})) == found


def test_a_number_that_two_words_write_is_nobodys() -> None:
    assert spelling("1.0", Words({"1", "01"})).word is None


def test_items_and_labels_take_the_projects_spelling_and_it_is_told(tmp_path) -> None:
    staged(
        tmp_path,
        [
            {"item_id": "1.0", "label": "neg"},
            {"item_id": "2", "label": "very good"},
            {"item_id": "A.JPG", "label": "1.0"},
            {"item_id": "3", "label": "meh"},
        ],
    )
    assert matched(tmp_path, PEOPLE) == (
        "1 gold item matched only without case or space: 'A.JPG'",
        "1 gold item nobody has answered on: '3'",
        "1 gold label matched only without case or space: 'very good'",
        "1 gold label nobody has given: 'meh'",
    )
    assert answers(tmp_path) == [
        ("1", "mood", "neg"),
        ("2", "mood", "Very good"),
        ("a.jpg", "mood", "1"),
        ("3", "mood", "meh"),
    ]
    items = pq.ParquetFile(tmp_path / "items.parquet").read()["item_id"].to_pylist()
    assert items == ["1", "2", "a.jpg", "3"]


def test_several_accepted_answers_in_a_cell(tmp_path) -> None:
    staged(tmp_path, [{"item_id": "1", "label": "neg|Very good"}, {"item_id": "2", "label": "neg"}])
    assert matched(tmp_path, PEOPLE) == ()
    assert answers(tmp_path) == [("1", "mood", "neg"), ("2", "mood", "neg"), ("1", "mood", "Very good")]


def test_a_label_that_holds_a_separator_is_left_whole(tmp_path) -> None:
    people = Known(frozenset({"1"}), {"mood": frozenset({"a;b", "a", "b"})}, {"mood": "single"})
    staged(tmp_path, [{"item_id": "1", "label": "a;b"}])
    assert matched(tmp_path, people) == ()
    assert answers(tmp_path) == [("1", "mood", "a;b")]


def test_the_only_question_of_both_is_the_same(tmp_path) -> None:
    staged(tmp_path, [{"item_id": "1", "label": "neg", "question": "label"}])
    assert matched(tmp_path, PEOPLE) == ("the gold answers of 'label' were taken for the project's question 'mood'",)
    assert answers(tmp_path) == [("1", "mood", "neg")]


def test_gold_numbers_for_a_question_of_numbers(tmp_path) -> None:
    people = Known(frozenset({"1", "2"}), {"mood": frozenset()}, {"mood": "ordinal"})
    staged(tmp_path, [{"item_id": "1", "label": "4.0"}, {"item_id": "2", "label": "high"}])
    assert matched(tmp_path, people) == ("1 gold answer left out: neither a number nor a label that people have given",)
    rows = pq.ParquetFile(tmp_path / "annotations.parquet").read().to_pylist()
    assert [(row["kind"], row["number"], row["label"]) for row in rows] == [("ordinal", 4.0, None)]


def test_gold_labels_of_an_ordinal_question_take_its_ranks(tmp_path) -> None:
    ranks = {"low": 1.0, "high": 2.0}
    people = Known(frozenset({"1", "2"}), {"mood": frozenset(ranks)}, {"mood": "ordinal"}, {"mood": ranks})
    staged(tmp_path, [{"item_id": "1", "label": "High"}, {"item_id": "2", "label": "low"}])
    assert matched(tmp_path, people) == ()
    rows = pq.ParquetFile(tmp_path / "annotations.parquet").read().to_pylist()
    assert [(row["kind"], row["number"], row["label"]) for row in rows] == [
        ("ordinal", 2.0, "high"),
        ("ordinal", 1.0, "low"),
    ]


@pytest.mark.parametrize("cell", ["neg, Very good", '["neg", "Very good"]', "neg;Very good"])
def test_accepted_answers_however_they_are_joined(cell: str, tmp_path) -> None:
    staged(tmp_path, [{"item_id": "1", "label": cell}])
    assert matched(tmp_path, PEOPLE) == ()
    assert answers(tmp_path) == [("1", "mood", "neg"), ("1", "mood", "Very good")]


def test_what_people_answered_on_is_read_from_files(tmp_path) -> None:
    rows = [
        {"item_id": "1", "question": "q", "label": "x", "kind": "single", "role": Role.ANNOTATOR},
        {"item_id": "2", "question": "q", "labels": ["y", "z"], "kind": "multi", "role": Role.ANNOTATOR},
        {"item_id": "2", "question": "q", "label": "x", "kind": "single", "role": Role.ANNOTATOR},
        {"item_id": "9", "question": "q", "label": "w", "kind": "single", "role": Role.MODEL},
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=FACT_TABLES["annotations"]), tmp_path / "a.parquet")
    found = known([str(tmp_path / "a.parquet")])
    assert found == Known(frozenset({"1", "2"}), {"q": frozenset({"x", "y", "z"})}, {"q": "single"})
    assert known([]) == Known()


def test_gold_of_the_same_import_is_matched_to_its_people(tmp_path) -> None:
    folder = tmp_path / "round"
    (folder / "gold").mkdir(parents=True)
    (folder / "answers.csv").write_text("item,annotator,label\n" + "".join(f"{n},ann,Neg\n" for n in range(5)))
    (folder / "gold" / "known.csv").write_text("item,answer\n1.0,neg\n2,pos\n")
    workspace = open_workspace(tmp_path / "ws")
    roles = {"gold/*.csv": "gold", "*.csv": "annotator:ann"}
    said = ingest(workspace, "p", folder, roles=roles)
    assert "'neg'" in said.sentence
    session = workspace.snapshot("p").session
    rows = session.facts.annotations
    gold = session.arrow(rows.filter(rows.role == "gold").select("item_id", "label")).to_pylist()
    assert sorted((row["item_id"], row["label"]) for row in gold) == [("1", "Neg"), ("2", "pos")]


@pytest.mark.parametrize(
    ("kind", "gold", "found"),
    [
        ("single", {"kind": "multi", "labels": ["neg", "very good"]}, [("single", "neg"), ("single", "Very good")]),
        ("single", {"kind": "multi", "labels": ["NEG"]}, [("single", "neg")]),
        ("single", {"kind": "number", "number": 1.0}, [("single", "1")]),
        ("ordinal", {"kind": "multi", "labels": ["1", "2"]}, [("ordinal", 1.0), ("ordinal", 2.0)]),
        ("ordinal", {"kind": "number", "number": 2.0}, [("ordinal", 2.0)]),
        ("ordinal", {"kind": "single", "label": "3|4"}, [("ordinal", 3.0), ("ordinal", 4.0)]),
        ("ordinal", {"kind": "single", "label": "2, 3"}, [("ordinal", 2.0), ("ordinal", 3.0)]),
        ("text", {"kind": "single", "label": "neg"}, [("single", "neg")]),
    ],
)
def test_gold_takes_the_kind_of_the_peoples_answers(kind: str, gold: dict, found: list, tmp_path) -> None:
    """A column in which any cell lists several labels is read as one of lists; its answers are still single ones."""
    people = Known(PEOPLE.items, PEOPLE.labels, {"mood": kind})
    staged(tmp_path, [{"item_id": "1", **gold}])
    matched(tmp_path, people)
    rows = pq.ParquetFile(tmp_path / "annotations.parquet").read().to_pylist()
    value = "number" if kind == "ordinal" else "label"
    assert [(row["kind"], row[value]) for row in rows] == found


@pytest.mark.parametrize("cells", [("x", "y|x", "x;y"), ("x", "x", "y")])
def test_accepted_answers_of_a_sheet_judge_nobody_wrong(cells: tuple[str, ...], tmp_path) -> None:
    """ann says x everywhere: right, but for the third item where only y is accepted."""
    (tmp_path / "a.csv").write_text("item,annotator,label\n1,ann,x\n2,ann,x\n3,ann,x\n4,ann,y\n")
    (tmp_path / "g.csv").write_text("item,answer\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells, 1)))
    workspace = open_workspace(tmp_path / "ws")
    said = ingest(workspace, "p", tmp_path / "a.csv", gold=tmp_path / "g.csv")
    assert "they know 3 of the 4 items that people answered" in said.sentence
    overall = next(part for part in assess.section(workspace, "p", "errors") if part["source"] == "gold")["overall"]
    assert (overall["n"], overall["value"]) == (3, pytest.approx(sum(cell == "y" for cell in cells) / 3))


def test_a_dry_run_tells_what_the_gold_would_match(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("item,annotator,label\n1,ann,x\n2,ann,y\n")
    (tmp_path / "g.csv").write_text("item,answer\n1.0,X\n7,x\n")
    (tmp_path / "bad.csv").write_bytes(b"item,answer\n\x00")
    workspace = open_workspace(tmp_path / "ws")
    tried = dry_run(workspace, "p", tmp_path / "a.csv", gold=tmp_path / "g.csv")
    assert tried.gold[1:] == (
        "It would bring 2 gold answers; they know 1 of the 2 items that people answered.",
        "  note: 1 gold item nobody has answered on: '7'",
        "  note: 1 gold label matched only without case or space: 'X'",
    )
    assert all(line in tried.text for line in tried.gold)
    assert "gold" not in tried.report.missing
    assert not workspace.projects()
    tried = dry_run(workspace, "p", tmp_path / "a.csv", gold=tmp_path / "bad.csv")
    assert tried.gold[0].startswith("The gold answers could not be read: bad.csv is ")
    # Those whom the project knows already count, too.
    ingest(workspace, "p", tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("item,annotator,label\n7,ann,x\n")
    tried = dry_run(workspace, "p", tmp_path / "b.csv", gold=tmp_path / "g.csv")
    assert "they know 2 of the 3 items that people answered" in tried.text
