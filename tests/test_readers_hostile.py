"""Files that are broken or meant to break: one sentence each, in a process of its own (about 25 s, mostly start-up)."""

import gzip
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from readers_staged import DATA, NOW, write

from qc.model import InputError, UnavailableError
from qc.readers import Mapping, ReadReport, digest, preview, stage
from qc.readers.decoding import NOT_FINITE
from qc.readers.label_studio_submissions import NO_TASK
from qc.readers.records import NO_JSON
from qc.readers.report import told

TASK = '[{"id": 1, "data": {"text": "x"}, "annotations": ['
SHEET = "item,annotator,label\n"
TEXT = "Of text, sheets (columns parted by , ; | or tabs), brat's .ann files and WebAnno's TSV are read"
BINARY = "Of files that are no text, XLSX and Parquet are read"
ALL = "the table of formats in README.md names all."


def staged(path: Path, folder: Path, reader: str | None = None, mapping: Mapping | None = None) -> ReadReport:
    return stage(path, reader, mapping, None, folder / "staged", NOW, lambda _: None)


REFUSED = {
    "empty.csv": (b"", "empty.csv is empty; export it again."),
    "header.csv": (SHEET, "header.csv has a header and no rows; export it again."),
    "twice.csv": ("item,label,label\n1,a,b\n", "twice.csv has two columns named 'label'; rename one of them."),
    "open.csv": (
        SHEET + '1,a,x\n2,b,"never closed\n3,c,y\n',
        "open.csv: a quotation mark in row 3 is never closed; correct it there and read the file again.",
    ),
    "open_inside.csv": (
        SHEET + '1,a,x\n2,"never closed,x\n3,c,y\n',
        "open_inside.csv: a quotation mark in row 3 is never closed; correct it there and read the file again.",
    ),
    "wide.csv": (",".join(f"c{n}" for n in range(600)) + "\n", "wide.csv has 600 columns; a sheet may have 500."),
    "cut.json": (
        TASK + '{"id": 2, "result": [',
        f"cut.json is cut off at byte {len(TASK) + 21}, before the list of records ends; export it again.",
    ),
    "cut_between.json": (
        TASK + "]}, ",
        f"cut_between.json is cut off at byte {len(TASK) + 4}, before the list of records ends; export it again.",
    ),
    "deep.json": (
        TASK + "[" * 100_000 + "]" * 100_000 + "]}]",
        f"deep.json nests deeper than 64 levels before byte {len(TASK) + 200_003:,}; no export does.",
    ),
    "numbers.json": (
        '[{"data": 1} {"annotations": 2}]',
        "numbers.json is no list: see what stands before byte 13; export it again.",
    ),
    "after.json": (
        TASK + "]}] {",
        f"after.json is cut off at byte {len(TASK) + 5}, before the list of records ends; export it again.",
    ),
    "latin.json": (
        (TASK + '{"id": 1, "completed_by": "Zoë"}]}]').encode("latin-1"),
        f"latin.json is not UTF-8 text: byte {len(TASK) + 29} is 0xEB; "
        'save it as UTF-8; for a sheet, the line encoding = "cp1252" (or what it was saved as) in a mapping also does.',
    ),
    "nothing.json": (
        " [\n]",
        "nothing.json holds no records; look at what was chosen for the export and export it again.",
    ),
    "short.json": (
        '[{"id": 1, "da',
        "short.json is cut off at byte 14, before it is complete; export it again.",
    ),
    "short.xml": (
        "<?xml version='1.0'?><rows><row",
        "short.xml is cut off at byte 31, before it is complete; export it again.",
    ),
    "prose.txt": (
        "just words\nand more\n",
        f"prose.txt is text, but no table (it begins 'just words and more'). {TEXT}; {ALL}",
    ),
    "noise.bin": (
        bytes(range(256)) * 20,
        f"noise.bin is binary data of no known format. {BINARY}; {ALL}",
    ),
    "packed.csv.gz": (
        gzip.compress(SHEET.encode()),
        "packed.csv.gz: packed.csv has a header and no rows; export it again.",
    ),
    "broken.xlsx": (
        b"PK\x03\x04 and no more",
        "broken.xlsx is a damaged workbook (BadZipFile); save it again or as CSV.",
    ),
    "nobody.csv": (
        "item,label\n1,x\n",
        "nobody.csv: No column says who gave the answers (usual names: annotator, worker, rater, user): name it in "
        "a mapping, name the person by --annotator NAME, take the names of files or folders by --role like "
        '"people/*.csv=annotator" or "ann_*/=annotator", or read the file as gold answers.',
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(InputError) as error:
        staged(write(tmp_path, name, content), tmp_path)
    assert str(error.value) == sentence
    assert not (tmp_path / "staged").exists() or list((tmp_path / "staged").iterdir()) == []


def test_a_sentence_names_the_file_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^votes\.csv: No column names the item"):
        staged(write(tmp_path, "votes.csv", "annotator,label\nann,x\n"), tmp_path)
    with pytest.raises(InputError, match=r"^votes\.csv: There is no time zone 'Mars'"):
        stage(
            write(tmp_path, "votes.csv", "item,annotator,label\n1,ann,x\n"),
            *(None, None, "Mars", tmp_path / "staged", NOW, lambda _: None),
        )
    with pytest.raises(InputError, match=r"^twice\.csv has two columns named 'label'"):
        staged(write(tmp_path, "twice.csv", "item,label,label\n1,x,y\n"), tmp_path)


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    pq.write_table(pq.read_table(_parquet(tmp_path)), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(InputError, match=r"cut.parquet is a damaged Parquet file: .*; write it again."):
        staged(write(tmp_path, "cut.parquet", content[:-20]), tmp_path)


def _parquet(folder: Path) -> Path:
    staged(write(folder, "s.csv", SHEET + "1,a,x\n"), folder)
    return folder / "staged" / "annotations.parquet"


def test_missing_files_folders_and_formats_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "s.csv", SHEET + "1,a,x\n")
    for wrong, sentence in [
        (tmp_path / "none.csv", "There is no file 'none.csv'; check the name and the folder."),
        (tmp_path / "*.no", f"There is nothing to read in {tmp_path.name}/*.no; check the name and the folder."),
    ]:
        with pytest.raises(InputError) as error:
            staged(wrong, tmp_path)
        assert str(error.value) == sentence
    with pytest.raises(InputError, match="There is no format 'odd': the table of formats in README"):
        staged(path, tmp_path, "odd")
    with pytest.raises(InputError, match="The mapping names a column 'who' that the sheet has not"):
        staged(path, tmp_path, mapping=Mapping({"item_id": "item", "annotator": "who"}))
    with pytest.raises(InputError, match="There is no time zone 'Mars'; name one like Europe/Berlin"):
        stage(path, None, None, "Mars", tmp_path / "staged", NOW, lambda _: None)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "s.csv", SHEET + "1,a,x\n")
    with pytest.raises(UnavailableError, match="Nothing can be written to the folder"):
        stage(path, None, None, None, path, NOW, lambda _: None)


POISON = {
    "a long integer": '{"id": ' + "1" * 4301 + "}",
    "half a character": r'{"id": 1, "completed_by": "\ud800"}',
    "a control character": '{"id": 1, "completed_by": "\x01"}',
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poison_in_one_task_leaves_the_others(tmp_path: Path, poison: str) -> None:
    text = TASK + poison + ']}, {"id": 2, "data": {}, "annotations": [{"id": 3, "result": []}]}]'
    report = staged(write(tmp_path, "tasks.json", text), tmp_path)
    assert (report.read, report.accepted) == (2, 1)
    assert report.reasons == {"the record is no readable JSON": 1}


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_no_value(tmp_path: Path, number: str) -> None:
    text = f'{TASK}{{"id": 1, "lead_time": {number}, "completed_by": "NaN"}}]}}]'
    report = staged(write(tmp_path, "tasks.json", text), tmp_path)
    assert (report.read, report.quarantined) == (1, 0)
    assert report.notes == (told(NOT_FINITE, 1),)
    row = pq.read_table(tmp_path / "staged" / "annotations.parquet").to_pylist()[0]
    assert (row["seconds"], row["annotator"]) == (None, "NaN")


def test_what_is_no_object_in_a_list_is_quarantined_by_itself(tmp_path: Path) -> None:
    task = TASK + '{"id": 1, "completed_by": "anna"}]}'
    for text in (f'[7, {task[1:]}, "x, [y", null, NaN, oops]', f'{task}, 7 , "x, [y",null,NaN,oops]'):
        report = staged(write(tmp_path, "tasks.json", text), tmp_path)
        assert (report.read, report.accepted) == (6, 1)
        assert report.reasons == {NO_TASK: 4, NO_JSON: 1}


def test_large_ids_stay_exact_and_the_last_of_two_keys_counts(tmp_path: Path) -> None:
    text = TASK + '{"id": 18446744073709551617, "completed_by": "alice", "completed_by": "bob", "result": []}]}]'
    staged(write(tmp_path, "tasks.json", text), tmp_path)
    row = pq.read_table(tmp_path / "staged" / "annotations.parquet").to_pylist()[0]
    assert (row["annotation_id"], row["annotator"]) == ("18446744073709551617", "bob")


def test_utf16_json_and_marked_json_are_read(tmp_path: Path) -> None:
    text = TASK + '{"id": 3, "completed_by": "Zoë", "result": []}]}]'
    for encoding in ("utf-16", "utf-8-sig"):
        report = staged(write(tmp_path, "tasks.json", text.encode(encoding)), tmp_path)
        assert (report.format, report.accepted) == ("label_studio", 1)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["item", "annotator", "label"])
    book.save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media", "w") as member:
        for _ in range(1030):
            member.write(bytes(1 << 20))
    with pytest.raises(InputError, match="unpacks to more than 1 GB; save the sheet as CSV"):
        staged(path, tmp_path)


def test_a_parser_that_dies_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "s.csv", SHEET + "1,a,x\n")
    whole = subprocess.Popen

    def dying(how: str) -> object:
        def popen(command: list[str], **options: object) -> object:
            program = f"import sys, os, signal; sys.stdin.read(); {how}"
            return whole([sys.executable, "-c", program], **options)

        return popen

    for how, sentence in [
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"The parser of s.csv was ended by signal 11 \(SIGSEGV\)"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "Reading s.csv took longer than a file of its size may take"),
        ("sys.exit(3)", r"The parser of s.csv failed \(exit status 3\)"),
    ]:
        monkeypatch.setattr(subprocess, "Popen", dying(how))
        with pytest.raises(InputError, match=sentence):
            staged(path, tmp_path)
        assert list((tmp_path / "staged").iterdir()) == []


def test_the_child_is_limited_and_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_SECRET", "hush")
    program = (
        "import resource, os, sys; from qc.readers.child import limit; limit(10 << 20); "
        "names = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE]; "
        "print([resource.getrlimit(name)[0] for name in names]); print('QC_SECRET' in os.environ)"
    )
    from qc.readers.stage import _environment

    done = subprocess.run(
        [sys.executable, "-c", program], env=_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == [str([(4 << 30) + (20 << 20), 70, 64, 0]), "False"]


def test_the_bounds_of_a_child_follow_the_limits_and_grow_once_archives_are_unpacked() -> None:
    program = (
        "import resource; from qc.model.limits import Limits; from qc.readers.child import limit; "
        "limits = Limits(memory_mb=2048, seconds=5); names = [resource.RLIMIT_AS, resource.RLIMIT_CPU]; "
        "limit(10 << 20, limits, 100 << 20); print([resource.getrlimit(name) for name in names]); "
        "limit(50 << 20, limits); print([resource.getrlimit(name) for name in names]); "
        "limit(500 << 20, limits); print([resource.getrlimit(name) for name in names])"
    )
    from qc.readers.stage import _environment

    done = subprocess.run(
        [sys.executable, "-c", program], env=_environment(), capture_output=True, text=True, check=True
    )
    most = (2048 + 200) << 20
    assert done.stdout.splitlines() == [
        str([((2048 + 20) << 20, most), (15, 105)]),
        str([((2048 + 100) << 20, (2048 + 100) << 20), (55, 55)]),
        str([((2048 + 100) << 20, (2048 + 100) << 20), (55, 55)]),
    ]


def test_progress_grows_and_the_report_is_staged(tmp_path: Path) -> None:
    rows = "".join(f"{n},a,x\n" for n in range(900_000))
    told: list[float] = []
    report = stage(write(tmp_path, "s.csv", SHEET + rows), None, None, None, tmp_path / "staged", NOW, told.append)
    assert told == sorted(told)
    assert told
    assert 0 < told[0] <= told[-1] <= 1
    assert ReadReport.from_json(json.loads((tmp_path / "staged" / "report.json").read_text())) == report
    assert report.digest == digest(tmp_path / "s.csv")
    assert sorted(path.name for path in (tmp_path / "staged").iterdir()) == [
        "annotations.parquet",
        "items.parquet",
        "quarantine.parquet",
        "regions.parquet",
        "report.json",
        "reviews.parquet",
    ]


def test_a_preview_keeps_nothing_and_shows_ten_answers(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, "s.csv", SHEET + "".join(f"{n},a,x\n" for n in range(50))), None, None, None, NOW)
    assert [row["item_id"] for row in shown.rows] == [str(n) for n in range(10)]
    assert shown.mapping == Mapping({"item_id": "item", "annotator": "annotator"}, shown.mapping.questions)
    assert shown.report.accepted == 50
    assert preview(DATA / "label_studio.json", None, None, None, NOW).mapping is None


def test_an_interrupted_read_ends_its_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that raises stands for Ctrl-C: the child must not outlive it."""
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    path = write(tmp_path, "s.csv", SHEET + "".join(f"{n},a,x\n" for n in range(900_000)))

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(path, None, None, None, tmp_path / "staged", NOW, interrupt)
    assert list((tmp_path / "staged").iterdir()) == []
    assert len(started) == 1
    assert started[0].poll() is not None
    assert signal.getsignal(signal.SIGINT) is not None
