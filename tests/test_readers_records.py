"""JSON of whatever make, read by paths; regions, pairs and orders in sheets. Expected rows are written out by hand."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readers_staged import NOW, read, write

from qc.model import InputError, Kind, Role
from qc.readers import Mapping, Options, guess_mapping
from qc.readers.aliases import Aliases
from qc.readers.child import parse
from qc.readers.marks import regions_of
from qc.readers.paths import cell, chain, discovered, flattened
from qc.readers.shapes import BadShapeError

TASKS = [
    {"task": {"id": 7, "batch": "b1"}, "answers": [{"by": "ann", "v": "yes"}, {"by": "ben", "v": "no"}]},
    {"task": {"id": 8, "batch": "b2"}, "answers": [{"by": "ann", "v": "no"}]},
    {"task": {"id": 9}, "answers": []},
]
TASK_MAP = """
[columns]
item_id = "task.id"
annotator = "answers[].by"
batch = "task.batch"

[questions.label]
column = "answers[].v"
"""


def test_paths_reach_into_members_and_lists() -> None:
    paths = ["id", "tags", "spans[].who.name", "spans[].n"]
    record = {"id": 1, "tags": ["a", "b"], "spans": [{"who": {"name": "x"}, "n": 2.5}, {"n": None}, 3]}
    assert list(flattened(paths)(record)) == [
        {"id": "1", "tags": "a\nb", "spans[].who.name": "x", "spans[].n": "2.5"},
        {"id": "1", "tags": "a\nb"},
        {"id": "1", "tags": "a\nb"},
    ]
    assert discovered([record]) == ["id", "tags", "spans", "spans[].who.name", "spans[].n"]


def test_lists_within_lists_are_unfolded_from_the_outside() -> None:
    rows = flattened(["id", "people[].name", "people[].marks[].at"])
    record = {"id": 1, "people": [{"name": "x", "marks": [{"at": 1}, {"at": 2}]}, {"name": "y", "marks": []}]}
    assert [tuple(row.values()) for row in rows(record)] == [
        ("1", "x", "1"),
        ("1", "x", "2"),
        ("1", "y"),
    ]


def test_two_lists_side_by_side_are_refused() -> None:
    with pytest.raises(InputError, match="two lists side by side"):
        chain(["a[].x", "b[].y"])


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (3, "3"), (None, None), ([1, "x"], "1\nx"), ({"a": 1}, '{"a":1}'), ([], "")]
)
def test_values_as_cells(value: object, text: str | None) -> None:
    assert cell(value) == text


@pytest.mark.parametrize("form", ["list", "lines", "one object"])
def test_every_form_of_the_same_records_gives_the_same_answers(tmp_path, form: str) -> None:
    text = {
        "list": json.dumps(TASKS),
        "lines": "\n".join(json.dumps(task) for task in TASKS),
        "one object": json.dumps({"tasks": TASKS}),
    }[form]
    paths = TASK_MAP.replace('= "', '= "tasks[].') if form == "one object" else TASK_MAP
    staged = read(write(tmp_path, "tasks.json", text), tmp_path, Mapping.from_toml(paths))
    assert staged.report.format == "records"
    assert staged.rows("annotations", "item_id", "annotator", "label", "batch") == [
        ("7", "ann", "yes", "b1"),
        ("7", "ben", "no", "b1"),
        ("8", "ann", "no", "b2"),
    ]


def test_a_line_that_is_no_record_is_quarantined(tmp_path) -> None:
    lines = [json.dumps(TASKS[0]), "{broken", "3", json.dumps(TASKS[1])]
    staged = read(write(tmp_path, "tasks.jsonl", "\n".join(lines)), tmp_path, Mapping.from_toml(TASK_MAP))
    assert (staged.report.read, staged.report.quarantined) == (5, 2)
    assert staged.rows("quarantine", "line", "excerpt") == [(2, "{broken"), (3, "3")]


def test_a_list_that_is_cut_off_is_told(tmp_path) -> None:
    path = write(tmp_path, "tasks.json", json.dumps(TASKS)[:-9])
    with pytest.raises(InputError, match="cut off"):
        read(path, tmp_path, Mapping.from_toml(TASK_MAP))


def test_an_object_of_records_by_name(tmp_path) -> None:
    text = json.dumps({"a.jpg": [[1, 2, 3, 4]], "b.jpg": [], "c.jpg": [[0, 0, 5, 5], [9, 9, 1, 1]]})
    staged = read(write(tmp_path, "gold.json", text), tmp_path, role=Role.GOLD)
    assert staged.rows("regions", "annotation_id", "x", "y", "w", "h") == [
        ("a.jpg/gold", 1.0, 2.0, 3.0, 4.0),
        ("c.jpg/gold", 0.0, 0.0, 5.0, 5.0),
        ("c.jpg/gold", 9.0, 9.0, 1.0, 1.0),
    ]


def test_a_box_a_row_is_one_answer_a_person_and_image(tmp_path) -> None:
    sheet = (
        "image,annotator,label,xmin,ymin,xmax,ymax\n"
        "1.jpg,ann,car,160,240,224,264\n"
        "1.jpg,ben,car,161,240,224,265\n"
        "1.jpg,ann,bus,10,10,20,20\n"
        "2.jpg,ann,car,5,5,x,9\n"
    )
    staged = read(write(tmp_path, "boxes.csv", sheet), tmp_path)
    assert staged.rows("annotations", "annotation_id", "annotator", "kind") == [
        ("1.jpg/ann", "ann", "boxes"),
        ("1.jpg/ben", "ben", "boxes"),
    ]
    assert staged.rows("regions", "annotation_id", "label", "x", "y", "w", "h")[::2] == [
        ("1.jpg/ann", "car", 160.0, 240.0, 64.0, 24.0),
        ("1.jpg/ann", "bus", 10.0, 10.0, 10.0, 10.0),
    ]
    assert staged.report.reasons == {"a region lacks a number, or has impossible ones": 1}


def test_skipped_rows_of_a_sheet_of_spans_are_no_answers(tmp_path) -> None:
    sheet = "doc_id,worker,label,start_offset,end_offset,status\nd,ann,PART,4,8,done\nd,ben,,,,skipped\n"
    staged = read(write(tmp_path, "spans.csv", sheet), tmp_path)
    assert staged.rows("annotations", "annotator", "kind", "status") == [
        ("ben", "none", "skipped"),
        ("ann", "spans", "submitted"),
    ]


def test_sides_of_a_pair_by_word_and_by_content(tmp_path) -> None:
    sheet = "item,rater,answer,left,right\np,a,left,x,y\np,b,B,x,y\np,c,x,x,y\np,d,equal,x,y\np,e,perhaps,x,y\n"
    mapping = Mapping.from_toml(
        '[columns]\nitem_id = "item"\nannotator = "rater"\n'
        '[questions.better]\ncolumn = "answer"\nkind = "pairwise"\nleft = "left"\nright = "right"\n'
    )
    staged = read(write(tmp_path, "pairs.csv", sheet), tmp_path, mapping)
    assert staged.rows("annotations", "annotator", "label") == [("a", "x"), ("b", "y"), ("c", "x"), ("d", "tie")]
    assert staged.report.reasons == {"the answer names neither side of the pair": 1}


def test_the_order_of_labels_gives_their_ranks(tmp_path) -> None:
    mapping = Mapping.from_toml(
        '[columns]\nitem_id = "item"\nannotator = "rater"\n'
        '[questions.q]\ncolumn = "answer"\nkind = "ordinal"\norder = ["bad", "fair", "good"]\n'
    )
    sheet = "item,rater,answer\n1,a,Good\n1,b,bad\n1,c,great\n"
    staged = read(write(tmp_path, "order.csv", sheet), tmp_path, mapping)
    assert staged.rows("annotations", "kind", "label", "number") == [("ordinal", "Good", 3.0), ("ordinal", "bad", 1.0)]
    assert staged.report.quarantined == 1


@pytest.mark.parametrize(
    ("text", "kind", "regions"),
    [
        ("[[1,2,3,4]]", Kind.BOXES, [(1, 2, 3, 4)]),
        ("[1, 2, 3, 4]", Kind.BOXES, [(1, 2, 3, 4)]),
        ("([1, 2], [4, 6])", Kind.BOXES, [(1, 2, 3, 4)]),
        ('{"left": 1, "top": 2, "width": 3, "height": 4}', Kind.BOXES, [(1, 2, 3, 4)]),
        ('[{"x1": 4, "y1": 6, "x2": 1, "y2": 2}]', Kind.BOXES, [(1, 2, 3, 4)]),
        ('[{"start": 2, "end": 5, "label": "A"}]', Kind.SPANS, [(2, 5, "A")]),
        ('[[2, 5, "A"]]', Kind.SPANS, [(2, 5, "A")]),
        ("[0.5, 1.5]", Kind.INTERVALS, [(0.5, 1.5)]),
        ("[]", Kind.BOXES, []),
    ],
)
def test_regions_in_a_cell(text: str, kind: Kind, regions: list) -> None:
    names = {
        Kind.BOXES: ("x", "y", "w", "h"),
        Kind.SPANS: ("t_start", "t_end", "label"),
        Kind.INTERVALS: ("sec_start", "sec_end"),
    }[kind]
    assert [tuple(region[name] for name in names) for region in regions_of(text, kind)] == regions


@pytest.mark.parametrize(
    "text", ["x", "[1,2]", "[[1,2,3]]", "3", "[" * 100_000, "__import__('os')", '["a"]', "[[1,2,3,1e999]]", "\n"]
)
def test_cells_that_hold_no_boxes(text: str) -> None:
    with pytest.raises(BadShapeError):
        regions_of(text, Kind.BOXES)


def test_aliases_of_people_and_labels() -> None:
    aliases = Aliases({"Anna B.": "anna"}, {"neg.": "neg"})
    columns = {
        "annotator": pa.array(["Anna B.", None, "ben"]),
        "label": pa.array(["neg.", "pos", None]),
        "labels": pa.array([["neg.", "neg", "x"], None, []]),
    }
    assert {name: array.to_pylist() for name, array in aliases.applied("annotations", columns).items()} == {
        "annotator": ["anna", None, "ben"],
        "label": ["neg", "pos", None],
        "labels": [["neg", "x"], None, []],
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[questions.q]\nkind = 'spans'\nstart = 'a'", "takes start, end"),
        ("[questions.q]\nkind = 'single'\nstart = 'a'\nend = 'b'", "takes a column alone"),
        ("[questions.q]\nkind = 'single'\norder = ['a']", "has an order"),
        ("[questions.q]\nkind = 'boxes'", "name the column"),
        ("[files]\n'a/*' = 3", "must be texts"),
        ("seconds_kind = 'long'", "seconds_kind must be one of"),
    ],
)
def test_what_a_mapping_cannot_mean(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Mapping.from_toml(text)


def test_everything_a_mapping_can_say_survives_its_file() -> None:
    mapping = Mapping.from_toml(
        """
timezone = "Europe/Berlin"
dates = "day first"
seconds_kind = "wall"
[columns]
item_id = "id"
[annotators]
"Änne \\"B\\"" = "anne"
[labels]
"neg." = "neg"
[files]
"gold/*.json" = "gold"
[questions."how good?"]
column = "answers[].v"
kind = "ordinal"
order = ["bad", "good"]
[questions.pair]
column = "w"
kind = "pairwise"
left = "l"
right = "r"
"""
    )
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_times_in_columns_named_start_and_end_are_no_spans() -> None:
    header = ["item", "annotator", "label", "text", "start", "end"]
    mapping = guess_mapping(header, [["1", "a", "x", "t", "1772442041", "1772442055"]])
    assert (mapping.columns["started_at"], mapping.columns["submitted_at"]) == ("start", "end")
    assert mapping.questions["label"].kind is Kind.SINGLE


def test_a_mapping_of_aliases_alone_leaves_the_columns_as_they_are_understood(tmp_path) -> None:
    sheet = "item,annotator,label\n1,Anna B.,neg.\n1,ben,pos\n"
    mapping = Mapping.from_toml('[annotators]\n"Anna B." = "anna"\n[labels]\n"neg." = "neg"\n')
    staged = read(write(tmp_path, "s.csv", sheet), tmp_path, mapping)
    assert staged.rows("annotations", "annotator", "label") == [("anna", "neg"), ("ben", "pos")]


def test_a_sheet_of_one_person_is_named_by_the_user(tmp_path) -> None:
    path = write(tmp_path, "s.csv", "item,label\n1,neg\n2,pos\n")
    (tmp_path / "out").mkdir()
    parse(path, None, Options(NOW, annotator="anna"), tmp_path / "out", lambda _: None)
    rows = pq.read_table(tmp_path / "out" / "annotations.parquet").to_pylist()
    assert [(row["item_id"], row["annotator"], row["label"]) for row in rows] == [
        ("1", "anna", "neg"),
        ("2", "anna", "pos"),
    ]


def test_an_answer_beside_a_list_of_regions_is_one_answer(tmp_path) -> None:
    mapping = Mapping.from_toml(
        '[columns]\nitem_id = "id"\nannotator = "answers[].by"\n[questions.mood]\ncolumn = "answers[].choice"\n'
        '[questions.parts]\ncolumn = "answers[].spans[].tag"\nkind = "spans"\n'
        'start = "answers[].spans[].from"\nend = "answers[].spans[].to"\n'
    )
    spans = [{"tag": "A", "from": 0, "to": 2}, {"tag": "B", "from": 3, "to": 4}]
    people = [{"by": name, "choice": "x", "spans": spans[:n]} for n, name in enumerate(("anna", "ben", "chika"))]
    path = write(tmp_path, "nest.jsonl", json.dumps({"id": "i", "answers": people}) + "\n")
    staged = read(path, tmp_path, mapping)
    assert sorted(staged.rows("annotations", "annotator", "question")) == [
        ("anna", "mood"),
        ("ben", "mood"),
        ("ben", "parts"),
        ("chika", "mood"),
        ("chika", "parts"),
    ]
    assert staged.report.rows["regions"] == 3


def test_ids_that_a_spreadsheet_rounded_are_refused(tmp_path) -> None:
    sheet = "item,annotator,label\n4.02753E+09,a,x\n4.02753E+09,b,y\n4027530001,a,x\n"
    staged = read(write(tmp_path, "s.csv", sheet), tmp_path)
    assert staged.report.reasons == {
        "the item's id was rounded by a spreadsheet: format its column as text and export again": 2
    }


def test_gold_in_several_columns_is_refused_and_as_rows_it_is_read(tmp_path) -> None:
    wide = write(tmp_path, "wide.csv", "item,severity,topics\n1,low,a\n2,high,a\n")
    with pytest.raises(InputError, match="Several columns may hold gold answers"):
        read(wide, tmp_path, role=Role.GOLD)
    rows = "item,question,gold\n1,severity,low\n1,topics,a\n2,severity,high\n"
    staged = read(write(tmp_path, "rows.csv", rows), tmp_path, role=Role.GOLD)
    assert sorted(staged.rows("annotations", "item_id", "question", "label")) == [
        ("1", "severity", "low"),
        ("1", "topics", "a"),
        ("2", "severity", "high"),
    ]
