"""Folders, patterns and archives as one import: what is read, in which role, and what is passed over (about 5 s)."""

import gzip
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from readers_staged import DATA, NOW, Staged, check, write

from qc.model import InputError, Role
from qc.model.limits import DEFAULTS, Limits
from qc.readers import Options
from qc.readers.bundle import bundle_digest, label
from qc.readers.bundle import check as checked
from qc.readers.intake import take
from qc.readers.roles import Found, parse_roles, role_of

SHEET = "item,annotator,label\n"


def task(number: int, person: str = "ann", answer: str = "x") -> str:
    result = [{"from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [answer]}}]
    annotation = {"id": 1000 + number, "completed_by": person, "result": result}
    return json.dumps([{"id": number, "data": {"text": "t"}, "annotations": [annotation]}])


def laid(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path.parent, path.name, content)
    return folder


def read(path: Path, out: Path, roles: dict[str, str] | None = None, limits: Limits = DEFAULTS, **given: str) -> Staged:
    folder = out / "staged"
    folder.mkdir()
    name = given.pop("reader", None)
    report = take(path, name, Options(NOW, **given), folder, lambda _: None, parse_roles(roles or {}), limits)
    staged = Staged(report, folder)
    check(staged)
    assert not (folder / "unpacked").exists()
    return staged


def refused(path: Path, out: Path, **given: object) -> str:
    with pytest.raises(InputError) as error:
        read(path, out, **given)
    assert not (out / "staged" / "unpacked").exists()
    return str(error.value)


def test_the_files_of_a_folder_are_read_in_order_into_one_staging(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"b/2.json": task(2, "ben"), "a/1.json": task(1, "ann"), "c.json": "[{]"})
    (folder / "c.json").unlink()
    staged = read(folder, tmp_path)
    assert (staged.report.format, staged.report.file, staged.report.read) == ("label_studio", "in", 2)
    rows = staged.rows("annotations", "item_id", "annotator", "source_pos")
    assert [row[:2] for row in rows] == [("1", "ann"), ("2", "ben")]
    assert rows[0][2] < rows[1][2]


def test_a_zip_and_a_pattern_give_what_the_folder_gives(tmp_path: Path) -> None:
    files = {f"ann/{n}.json": task(n) for n in range(5)}
    folder = laid(tmp_path / "in", files)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    whole = read(folder, tmp_path).rows("annotations")
    for place, path in enumerate([tmp_path / "in.zip", folder / "ann" / "*.json", folder / "**" / "*.json"]):
        out = tmp_path / str(place)
        out.mkdir()
        assert read(path, out).rows("annotations") == whole


def test_quarantine_names_the_file_inside(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.json": task(1), "deep/b.json": task(2).replace('"id": 1002', '"id": {}')})
    staged = read(folder, tmp_path)
    assert (staged.report.read, staged.report.accepted) == (2, 1)
    assert [name for (name,) in staged.rows("quarantine", "file")] == ["deep/b.json"]


def test_several_formats_are_joined_in_one_report(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.json": task(1), "b.csv": SHEET + "7,ben,y\n"})
    staged = read(folder, tmp_path, {"b.csv": "annotator:ben"})
    assert staged.report.format == "label_studio, table"
    assert sorted(staged.rows("annotations", "item_id", "annotator")) == [("1", "ann"), ("7", "ben")]


def test_beside_sure_files_unsure_ones_are_named_and_not_read(tmp_path: Path) -> None:
    beside = {
        "b.csv": SHEET + "7,ben,y\n",
        "c.jsonl": '{"a": 1}\n',
        "README.md": "a, b\n",
        "none.jsonl": "",
        "n.json": "[]",
    }
    folder = laid(tmp_path / "in", {"a.json": task(1), **beside, "p.png": b"x", "q.MP4": b"x"})
    (folder / "link.csv").symlink_to(folder / "b.csv")
    staged = read(folder, tmp_path)
    assert staged.report.read == 1
    assert staged.report.notes == (
        "images, films, sounds and other media passed over: 2",
        "links passed over: 1; name the files that they lead to",
        "files without records: 2 (n.json, none.jsonl)",
        "files of no known format, passed over: 1 (README.md)",
        "files that may hold answers, passed over beside those that surely do: 2 (b.csv, c.jsonl); to read them, give "
        'them a role by name, like "gold.csv" = "gold"',
    )


def test_where_no_file_is_sure_all_that_look_like_data_are_read(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.csv": SHEET + "1,ann,x\n", "b.csv": SHEET + "1,ben,x\n", "LICENSE": "a, b, c\n"})
    staged = read(folder, tmp_path)
    assert [who for (who,) in staged.rows("annotations", "annotator")] == ["ann", "ben"]
    assert staged.report.notes[-1] == "files of no known format, passed over: 1 (LICENSE)"


def test_a_file_read_beside_another_is_not_named_as_unknown(tmp_path: Path) -> None:
    staged = read(DATA / "brat", tmp_path)
    assert staged.report.format == "brat"
    assert {who for (who,) in staged.rows("annotations", "annotator")} == {"anna", "ben"}
    assert not [note for note in staged.report.notes if "passed over" in note]


def test_one_file_that_cannot_be_read_fails_the_import(tmp_path: Path) -> None:
    cut = task(3)[:-20]
    folder = laid(tmp_path / "in", {"a.json": task(1), "b/c.json": cut, "d.json": task(2)})
    assert refused(folder, tmp_path).startswith(f"b/c.json is cut off at byte {len(cut)}")


def test_a_file_cut_too_early_to_be_known_fails_the_import(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.json": task(1), "b.json": '[{"id": 2, "da', "c.txt": "[notes] and more"})
    assert refused(folder, tmp_path) == "b.json is cut off at byte 14, before it is complete; export it again."


def test_where_nothing_can_be_read_it_is_said(tmp_path: Path) -> None:
    for place, (files, sentence) in enumerate(
        [
            (
                {"a.txt": "just words", "b.bin": b"\0\1"},
                r"None of the 2 files of in is of a known format; a.txt is text",
            ),
            ({"a.json": "[]", "b.jsonl": ""}, r"a.json, b.jsonl holds no records; look at what was chosen"),
            ({"a.png": b"x"}, r"There is no file to read in in; 1 media were passed over\."),
        ]
    ):
        (tmp_path / str(place)).mkdir()
        folder = laid(tmp_path / str(place) / "in", files)
        with pytest.raises(InputError, match=sentence):
            read(folder, tmp_path / str(place))


def test_a_format_that_is_named_reads_the_files_that_look_like_it(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.json": task(1), "b.csv": SHEET + "7,ben,y\n"})
    staged = read(folder, tmp_path, reader="table")
    assert (staged.report.format, staged.report.read) == ("table", 1)


def test_names_of_any_bytes_are_told_and_kept_as_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in (b"\xff.json", b"\x1b[2J.json"):
        Path(os.fsdecode(bytes(tmp_path) + b"/in/" + name)).write_text(
            task(len(name)).replace('"id": 1', '"id": {}, "x": 1')
        )
    staged = read(tmp_path / "in", tmp_path)
    assert sorted(name for (name,) in staged.rows("quarantine", "file")) == ["\ufffd.json", "\ufffd[2J.json"]
    json.dumps(staged.report.to_json()).encode()


def test_a_workspace_inside_the_folder_is_no_export(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.json": task(1), "qc-workspace/qc.db": b"x", "qc-workspace/lake/b.json": task(2)})
    assert read(folder, tmp_path).report.read == 1


def test_the_input_is_bounded(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", {"a.csv": "x" * (1 << 20), "b.csv": "x"})
    assert checked(folder / "a.csv", replace(DEFAULTS, input_mb=1)) == 1 << 20
    with pytest.raises(
        InputError, match=r"in has 1 MB, and the limit is 1; read it in parts, or raise the limit `input_mb`"
    ):
        checked(folder, replace(DEFAULTS, input_mb=1))
    with pytest.raises(InputError, match="in has more than 1 files"):
        checked(folder, replace(DEFAULTS, members=1))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe is no ordinary file; save what it gives"):
        checked(tmp_path / "pipe", DEFAULTS)
    with pytest.raises(InputError, match=r"There is nothing to read in in/\*.json"):
        checked(folder / "*.json", DEFAULTS)
    with pytest.raises(InputError, match=r"x{255} cannot be opened: File name too long"):
        checked(folder / ("x" * 5000), DEFAULTS)


def test_a_digest_is_of_names_and_contents_wherever_they_lie(tmp_path: Path) -> None:
    one = laid(tmp_path / "one", {"a.csv": "1", "b/c.csv": "2", "p.png": b"x"})
    two = laid(tmp_path / "two", {"a.csv": "1", "b/c.csv": "2", "p.png": b"y", ".hidden": "z"})
    assert bundle_digest(one) == bundle_digest(two) == bundle_digest(one / "**" / "*")
    (two / "a.csv").rename(two / "d.csv")
    assert bundle_digest(one) != bundle_digest(two)
    assert (label(one), label(one / "b" / "*.csv"), label(one / "a.csv")) == ("one", "b/*.csv", "a.csv")


RULES = parse_roles(
    {
        "predictions*.json": "model",
        "models/*": "Model: yolo-v8",
        "gold/*.json": "gold",
        "ann_*/": "annotator",
        "people/*.json": "annotator",
        "/top.json": "reviewer",
        "x/**/y?.csv": "annotator:Zoë",
        "eve/": "annotator",
        "skip/*": "ignore",
    }
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("predictions_v2.json", Found(Role.MODEL, None, exact=True)),
        ("deep/predictions.json", Found(Role.MODEL, None, exact=True)),
        ("models/a.json", Found(Role.MODEL, "yolo-v8", exact=True)),
        ("gold/1.json", Found(Role.GOLD, None, exact=True)),
        ("export/gold/1.json", Found(Role.GOLD, None, exact=True)),
        ("gold/sub/1.json", Found()),
        ("fool/gold.json", Found()),
        ("ann_anna/1.json", Found(Role.ANNOTATOR, "anna")),
        ("a/ann_ben.k/b/1.json", Found(Role.ANNOTATOR, "ben.k")),
        ("ann_anna", Found()),
        ("ann_/1.json", Found(Role.ANNOTATOR, "ann_")),
        ("people/carl.json", Found(Role.ANNOTATOR, "carl", exact=True)),
        ("top.json", Found(Role.REVIEWER, "top", exact=True)),
        ("a/top.json", Found()),
        ("x/y1.csv", Found(Role.ANNOTATOR, "Zoë", exact=True)),
        ("x/a/b/y1.csv", Found(Role.ANNOTATOR, "Zoë", exact=True)),
        ("a/eve/b.json", Found(Role.ANNOTATOR, "eve")),
        ("skip/a/b.json", Found(ignored=True)),
    ],
)
def test_roles_follow_the_first_pattern_that_matches(name: str, found: Found) -> None:
    assert role_of(RULES, name) == found


def test_roles_that_mean_nothing_are_told() -> None:
    with pytest.raises(InputError, match="A file cannot have the role 'golden'; roles are annotator, reviewer"):
        parse_roles({"a": "golden"})
    with pytest.raises(InputError, match="A pattern of files is empty"):
        parse_roles({"/": "gold"})


def test_files_take_the_roles_and_people_that_their_names_say(tmp_path: Path) -> None:
    files = {
        "gold/known.json": task(1, "lead", "x"),
        "round1/a.json": task(2, "ann"),
        "old/a.json": task(3, "ann"),
    }
    staged = read(laid(tmp_path / "in", files), tmp_path, {"gold/": "gold", "old/": "ignore"})
    assert sorted(staged.rows("annotations", "item_id", "role")) == [("1", "gold"), ("2", "annotator")]
    assert staged.report.notes == ("files passed over as their role says: 1",)


def test_a_packed_file_has_the_name_that_it_has_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path, "votes.csv.gz", gzip.compress((SHEET + "1,ann\n2,ben,x\n").encode()))
    staged = read(path, tmp_path)
    assert (staged.report.file, staged.report.accepted) == ("votes.csv.gz", 1)
    assert staged.rows("quarantine", "file") == [("votes.csv",)]


def test_many_remarks_stay_readable(tmp_path: Path) -> None:
    strange = [{"from_name": "q", "to_name": "t", "type": f"kind {n}", "value": {}} for n in range(60)]
    tasks = [{"id": 1, "data": {}, "annotations": [{"id": 1, "completed_by": "a", "result": strange}]}]
    notes = read(write(tmp_path, "t.json", json.dumps(tasks)), tmp_path).report.notes
    assert len(notes) == 25
    assert notes[-1] == "and 36 more remarks of this kind"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.xml"])
def test_the_longest_record_and_document_are_settings(tmp_path: Path, name: str) -> None:
    word = "x" * (5 << 19)
    content = {
        "a.json": task(1)[:-1] + ", " + task(2).replace('"text": "t"', f'"text": "{word}"')[1:],
        "a.jsonl": json.dumps({"text": "t", "_input_hash": 1, "_task_hash": 2, "label": "a", "answer": "accept"})
        + "\n"
        + json.dumps({"text": word, "_input_hash": 2, "_task_hash": 3, "label": "a", "answer": "accept"}),
        "a.xml": "<annotations><version>1.1</version><image id='0' name='a.jpg' width='9' height='9'>"
        f"{word}</image></annotations>",
    }[name]
    write(tmp_path, name, content)
    tight, wide = replace(DEFAULTS, record_mb=1), replace(DEFAULTS, record_mb=9)
    assert "longer than 1 MB" in refused(tmp_path / name, tmp_path, limits=tight)
    (tmp_path / "wide").mkdir()
    assert read(tmp_path / name, tmp_path / "wide", limits=wide).report.quarantined == 0


def test_the_largest_document_is_a_setting(tmp_path: Path) -> None:
    content = (DATA / "supervisely_ann.json").read_text().rstrip()
    path = write(tmp_path, "a.json", content[:-1] + ', "x": "' + "x" * (1 << 20) + '"}')
    assert read(path, tmp_path).report.format == "supervisely"
    (tmp_path / "tight").mkdir()
    sentence = refused(path, tmp_path / "tight", limits=replace(DEFAULTS, document_mb=1), reader="supervisely")
    assert "is one JSON object of more than 1 MB; export it in parts, or raise the limit `document_mb`." in sentence
