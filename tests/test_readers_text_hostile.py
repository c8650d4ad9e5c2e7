"""Emoji, cut files and wrong types in the formats of text tools (about 15 s).

The text of the emoji is "😀 The pump": as code points pump stands at 6 to 10, and a browser counts 7 to 11. What a cut
file may give follows from what the whole file gives.
"""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, read, write

from qc.model import InputError
from qc.readers.registry import READERS
from qc.readers.source import source

TEXT = "😀 The pump"
OURS = ("prodigy", "doccano", "argilla", "brat", "webanno", "uima_cas", "lighttag", "datasaur", "scale")
FILES = {
    "prodigy.jsonl": "prodigy",
    "doccano_anna.jsonl": "doccano",
    "doccano_all_spans.jsonl": "doccano",
    "doccano_legacy_1_2.jsonl": "doccano",
    "argilla_records.json": "argilla",
    "argilla_flat.jsonl": "argilla",
    "argilla_rest_record.json": "argilla",
    "brat/anna/doc1.ann": "brat",
    "webanno.tsv": "webanno",
    "inception_cas.json": "uima_cas",
    "lighttag.json": "lighttag",
    "datasaur.json": "datasaur",
    "scale_v1_task.json": "scale",
    "scale_v2_task.json": "scale",
}
WRONG: tuple[Any, ...] = (None, True, -1, 1e300, 10**30, "", "😀", [], {}, [[]], [None], {"a": {}}, [{"start": 1}])

CAS = json.loads((DATA / "inception_cas.json").read_text())
CAS["%FEATURE_STRUCTURES"][0]["sofaString"] = TEXT
CAS["%FEATURE_STRUCTURES"][1] |= {"begin": 7, "end": 11}
PRODIGY = {"text": TEXT, "_input_hash": 1, "_task_hash": 2, "answer": "accept", "_view_id": "ner_manual"}
ARGILLA = {"value": [{"label": "PART", "start": 7, "end": 11}]}
LIGHTTAG = {"start": 7, "end": 11, "value": "pump", "tag": "PART", "tagged_token_id": "t", "annotator": "anna"}

# Each as its tool writes it: brat and Prodigy in code points, what a browser or Java wrote in UTF-16 units.
EMOJI: dict[str, tuple[str, str]] = {
    "prodigy": ("e.jsonl", json.dumps(PRODIGY | {"spans": [{"start": 6, "end": 10, "label": "PART"}]})),
    "doccano": ("e.jsonl", json.dumps({"id": 1, "text": TEXT, "label": [[7, 11, "PART"]], "Comments": []})),
    "argilla": ("e.json", json.dumps({"id": "1", "fields": {"text": TEXT}, "suggestions": [], "responses": [
        {"user_id": "u", "status": "submitted", "values": {"ner": ARGILLA}}]})),
    "brat": ("e.ann", "T1\tPART 6 10\tpump\n"),
    "webanno": ("e.tsv", f"#FORMAT=WebAnno TSV 3.3\n#T_SP=x.Part|value\n\n\n#Text={TEXT}\n1-1\t0-2\t😀\t_\t\n"
                         "1-2\t3-6\tThe\t_\t\n1-3\t7-11\tpump\tPART\t\n"),
    "uima_cas": ("e.json", json.dumps(CAS)),
    "lighttag": ("e.json", json.dumps({"examples": [{"example_id": 1, "content": TEXT, "annotations": [LIGHTTAG]}]})),
}  # fmt: skip


@pytest.mark.parametrize("format_", EMOJI)
def test_an_emoji_before_a_span_shifts_it_in_no_tool(format_: str, tmp_path: Path) -> None:
    name, content = EMOJI[format_]
    write(tmp_path, "e.txt", TEXT)
    staged = read(write(tmp_path, name, content), tmp_path)
    assert staged.report.format == format_
    assert staged.rows("regions", "label", "t_start", "t_end", "quote") == [("PART", 6, 10, "pump")]
    ((text,),) = staged.rows("items", "text")
    assert text[6:10] == "pump"
    assert not any("quote other words" in note for note in staged.report.notes)


def test_argilla_suggestions_count_as_python_does(tmp_path: Path) -> None:
    suggestion = {"question_name": "ner", "value": [{"label": "PART", "start": 6, "end": 10}], "agent": "m"}
    record = {"id": "1", "fields": {"text": TEXT}, "responses": [], "suggestions": [suggestion]}
    staged = read(write(tmp_path, "e.json", json.dumps(record)), tmp_path)
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(6, 10, "pump")]


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_its_own_reader_s(name: str) -> None:
    found = source(DATA / name)
    ranks = {reader.name: reader.sniff(found) for reader in READERS}
    best = max(ranks.values())
    assert [reader for reader, rank in ranks.items() if rank == best] == [FILES[name]]
    assert best >= 60


@pytest.mark.parametrize("path", sorted(DATA.glob("*.*")), ids=lambda path: path.name)
def test_no_reader_here_claims_another_tool_s_file(path: Path) -> None:
    found = source(path)
    claimed = {reader.name for reader in READERS if reader.name in OURS and reader.sniff(found) >= 50}
    assert claimed <= {FILES.get(path.name, "")}


@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_gives_no_row_that_the_whole_lacks_but_the_last(name: str, tmp_path: Path) -> None:
    path = DATA / name
    content = path.read_bytes()
    whole = {str(row) for row in _answers(path, FILES[name], tmp_path)}
    target = tmp_path / path.name
    if path.suffix == ".ann":
        write(tmp_path, "doc1.txt", path.with_suffix(".txt").read_bytes())
        whole = {line.replace("'anna'", "'consensus'") for line in whole}
    lost = 0
    for cut in range(1, len(content) - 2, max(7, len(content) // 20)):
        target.write_bytes(content[:cut])
        try:
            rows = _answers(target, FILES[name], tmp_path)
        except InputError:
            lost += 1
            continue
        assert sum(str(row) not in whole for row in rows) <= 1
    # One JSON document is whole or nothing; lines and documents of lines stand for themselves.
    if path.suffix == ".json":
        assert lost > 15


def _answers(path: Path, reader: str, folder: Path) -> list[tuple[Any, ...]]:
    staged = read(path, folder, reader=reader)
    return staged.rows("annotations", "item_id", "question", "annotator", "status", "label", "labels", "number")


@pytest.mark.parametrize("name", [name for name in FILES if "json" in name])
def test_wrong_types_are_told_or_quarantined(name: str, tmp_path: Path) -> None:
    lined = name.endswith("l")
    content = (DATA / name).read_text()
    whole = [json.loads(line) for line in content.splitlines()] if lined else json.loads(content)
    draw = random.Random(name)
    changes = [(place, wrong) for place in _places(whole) if place for wrong in WRONG]
    for place, wrong in draw.sample(changes, 12):
        broken = copy.deepcopy(whole)
        inner = broken
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = wrong
        text = "\n".join(map(json.dumps, broken)) if lined else json.dumps(broken)
        try:
            staged = read(write(tmp_path, "odd.json", text), tmp_path, reader=FILES[name])
        except InputError:
            continue
        ids = [(row[0], row[1], row[2]) for row in staged.rows("regions", "annotation_id", "question", "region_id")]
        assert len(ids) == len(set(ids))


def _places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[step], (*before, step))


@pytest.mark.parametrize("reader", OURS)
@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"{" * 100_000, b"[" * 100_000, b"{}", b"[]", b"null", b"\0", b'{"a": 1e999}', b'["\\ud800"]',
     b"T1\t\n", b"#FORMAT=WebAnno TSV 3.3", b"<xmi:XMI/>", b"[1]\n[2]"],
)  # fmt: skip
def test_what_is_no_export_is_refused_or_empty(reader: str, content: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, "odd.bin", content)
    assert all(0 <= known.sniff(source(path)) <= 100 for known in READERS)
    try:
        staged = read(path, tmp_path, reader=reader)
    except InputError:
        return
    assert staged.rows("regions") == []
