"""What the readers of vision tools share: the same box, broken files, and whose an answer is (about 12 s)."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from readers_staged import DATA, NOW, read, write

from qc.model import InputError
from qc.readers import Options
from qc.readers.child import parse
from qc.readers.registry import READERS
from qc.readers.source import source

FIXTURES = {
    "labelbox": "labelbox_v2.ndjson",
    "kili": "kili_data.json",
    "superannotate": "superannotate_image.json",
    "v7": "v7_darwin.json",
    "encord": "encord_label_row.json",
    "supervisely": "supervisely_ann.json",
}


@pytest.mark.parametrize("name", FIXTURES)
def test_the_same_box_is_the_same_row(tmp_path: Path, name: str) -> None:
    """Left 160, top 240, width 64, height 24 on an image of 640 x 480, drawn in every tool."""
    staged = read(DATA / FIXTURES[name], tmp_path)
    assert staged.report.format == name
    boxes = [row for row in staged.rows("regions") if row["kind"] == "boxes"]
    assert [(row["x"], row["y"], row["w"], row["h"], row["label"].lower()) for row in boxes] == [
        (160, 240, 64, 24, "crane")
    ]
    assert staged.rows("items", "width", "height") == [(640, 480)]
    assert staged.report.read == staged.report.accepted == (2 if name == "kili" else 1)


@pytest.mark.parametrize("name", FIXTURES)
def test_no_other_reader_is_surer(name: str) -> None:
    for path in sorted(DATA.rglob("*")):
        if path.is_file():
            found = source(path)
            sure = {reader.name: reader.sniff(found) for reader in READERS}
            others = max(rank for other, rank in sure.items() if other != name)
            assert (sure[name] > others) == (path.name == FIXTURES[name])


@pytest.mark.parametrize("name", FIXTURES)
def test_a_file_cut_anywhere_is_refused_or_lacks_its_last_record(tmp_path: Path, name: str) -> None:
    content = (DATA / FIXTURES[name]).read_bytes().rstrip()
    for cut in range(1, len(content) - 1, max(len(content) // 25, 1)):
        path = write(tmp_path, FIXTURES[name], content[:cut])
        if name == "labelbox":
            staged = read(path, tmp_path, reader=name)
            assert (staged.report.read, staged.report.accepted) == (1, 0)
            assert staged.rows("annotations") == staged.rows("regions") == []
        else:
            with pytest.raises(InputError):
                read(path, tmp_path, reader=name)


def test_the_user_names_who_drew_what_nobody_signed(tmp_path: Path) -> None:
    """Beside objects that another person signed, the named one's are no answer of a single person."""
    value = json.loads((DATA / FIXTURES["v7"]).read_text())
    value["annotations"].append({**value["annotations"][1], "id": "signed", "annotators": [{"email": "ben@x.org"}]})
    path = write(tmp_path, "v7.json", json.dumps(value))
    parse(path, "v7", Options(NOW, annotator="zoe@x.org"), tmp_path, lambda _: None)
    answers = pq.read_table(tmp_path / "annotations.parquet").to_pylist()
    assert [(row["question"], row["annotator"], row["role"]) for row in answers] == [
        ("boxes", "ann-a@example.org", "annotator"),
        ("polygons", "consensus", "consensus"),
    ]
    path = write(tmp_path, "v7.json", json.dumps({**value, "annotations": value["annotations"][:2]}))
    parse(path, "v7", Options(NOW, annotator="zoe@x.org"), tmp_path, lambda _: None)
    answers = pq.read_table(tmp_path / "annotations.parquet").to_pylist()
    assert [(row["question"], row["annotator"]) for row in answers] == [
        ("boxes", "ann-a@example.org"),
        ("polygons", "zoe@x.org"),
    ]


STRANGE: tuple[Any, ...] = (None, True, -1, 1e300, 10**30, "", "x", [], [[]], [None], {}, {"a": 1}, {"1": {"x": 1}})


@pytest.mark.parametrize("name", FIXTURES)
def test_no_value_of_another_type_stops_the_reading(tmp_path: Path, name: str) -> None:
    """Every fifth place of the fixture takes one strange value after the other; what it spoils is quarantined."""
    whole = json.loads((DATA / FIXTURES[name]).read_text())
    for number, place in enumerate(list(places(whole))[1::5]):
        spoilt = replaced(whole, place, STRANGE[number % len(STRANGE)])
        path = write(tmp_path, FIXTURES[name], json.dumps(spoilt))
        try:
            read(path, tmp_path, reader=name)
        except InputError:
            assert name != "labelbox"


@pytest.mark.parametrize("name", FIXTURES)
def test_nesting_without_end_is_refused(tmp_path: Path, name: str) -> None:
    text = (DATA / FIXTURES[name]).read_text().rstrip()
    deep = write(tmp_path, FIXTURES[name], text[:-1] + ', "deep": ' + "[" * 100_000 + "]" * 100_000 + text[-1])
    if name == "labelbox":
        assert read(deep, tmp_path, reader=name).report.quarantined == 1
    else:
        with pytest.raises(InputError):
            read(deep, tmp_path, reader=name)


def places(value: Any, before: tuple[Any, ...] = ()) -> Any:
    yield before
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*before, key))


def replaced(value: Any, place: tuple[Any, ...], by: Any) -> Any:
    if not place:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = replaced(value[place[0]], place[1:], by)
    return copy
