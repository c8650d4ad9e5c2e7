"""Every sample of every format in other encodings and poisoned, and giants through the real parser (about 45 s)."""

import gzip
import re
import resource
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzing import fixtures
from readers_staged import DATA, NOW, Staged, check

from qc.model import InputError
from qc.readers import Options, ReadReport, stage
from qc.readers.child import parse
from qc.readers.source import source

TEXTS = [path for path in fixtures(DATA) if source(path).is_text]
JSON = [path for path in TEXTS if source(path).text().lstrip().startswith(("{", "["))]
POISONS = ("NaN", "-Infinity", "1e999", "1" * 4301, r'"\ud800"', r'"\u0000"')
DEEP = ("[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000)
VALUE = re.compile(r'(?<=[:\[,]) *("(?:[^"\\]|\\.)*"|-?\d+(\.\d+)?([eE]-?\d+)?)(?= *[,\]}\n])')
HUGE = 100 << 20


def tried(folder: Path, sample: Path, content: bytes) -> Staged | None:
    """What comes of a content under a sample's name; None where it is refused in a sentence."""
    where = folder / "in"
    where.mkdir(exist_ok=True)
    for beside in sample.parent.glob("*.txt"):
        (where / beside.name).write_bytes(beside.read_bytes())
    (where / sample.name).write_bytes(content)
    out = folder / "staged"
    out.mkdir(exist_ok=True)
    try:
        report = parse(where / sample.name, None, Options(NOW), out, lambda _: None)
    except InputError as error:
        sentence = str(error)
    else:
        sentence = None
    if sentence is not None:
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return None
    staged = Staged(report, out)
    check(staged)
    return staged


def told(staged: Staged | None) -> object:
    if staged is None:
        return None
    return staged.report.read, staged.report.reasons, staged.rows("annotations", "item_id", "annotator", "label")


@pytest.mark.parametrize("sample", TEXTS, ids=lambda path: path.name)
def test_marks_encodings_and_line_ends_change_nothing(tmp_path: Path, sample: Path) -> None:
    text = sample.read_bytes().decode("utf-8-sig")
    wanted = told(tried(tmp_path, sample, sample.read_bytes()))
    mixed = "\n".join(line + "\r" * (place % 2) for place, line in enumerate(text.split("\n")))
    for content in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode(),
        mixed.encode(),
    ):
        assert told(tried(tmp_path, sample, content)) == wanted


@pytest.mark.parametrize("sample", TEXTS, ids=lambda path: path.name)
def test_bytes_that_are_no_text_are_refused_or_counted(tmp_path: Path, sample: Path) -> None:
    plain = sample.read_bytes()
    middle = len(plain) // 2
    for content in (
        plain[:middle] + b"\xff\xfe" + plain[middle:],
        plain[:middle] + b"\0" + plain[middle:],
        plain.decode("utf-8-sig").encode("utf-16-le"),
        plain + plain,
    ):
        tried(tmp_path, sample, content)


def spoilt(text: str, poisons: tuple[str, ...]) -> Iterator[bytes]:
    """The text with one of its values, early, in the middle and last, replaced by each poison."""
    places = list(VALUE.finditer(text))
    for match in {places[at] for at in (1, len(places) // 2, -1)}:
        yield from ((text[: match.start()] + poison + text[match.end() :]).encode() for poison in poisons)


@pytest.mark.parametrize("sample", JSON, ids=lambda path: path.name)
def test_values_that_json_cannot_hold_are_refused_or_counted(tmp_path: Path, sample: Path) -> None:
    for content in spoilt(sample.read_text(encoding="utf-8-sig"), POISONS):
        tried(tmp_path, sample, content)


@pytest.mark.parametrize("sample", JSON, ids=lambda path: path.name)
def test_nesting_without_end_is_refused_or_counted(tmp_path: Path, sample: Path) -> None:
    for content in spoilt(sample.read_text(encoding="utf-8-sig"), DEEP):
        tried(tmp_path, sample, content)


def staged(path: Path, folder: Path) -> ReadReport:
    return stage(path, None, None, None, folder / "staged", NOW, lambda _: None)


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def giant(kind: str) -> tuple[str, bytes]:
    """A file with a string of 100 MB."""
    word = b"x" * HUGE
    task = b'{"id": 1, "data": {"text": "%s"}, "annotations": [{"id": 2, "completed_by": "a", "result": []}]}'
    line = b'{"text": "%s", "_input_hash": 1, "_task_hash": 2, "label": "a", "answer": "accept"}\n'
    image = b'{"size": {"width": 1, "height": 1}, "description": "%s", "objects": [{"classTitle": "a"}], "tags": []}'
    begins = {"list": b"[" + task % b"s" + b", ", "lines": line % b"s", "object": b"", "cell": b""}[kind]
    ends = {
        "list": task % word + b"]",
        "lines": line % word,
        "object": image % word,
        "cell": b"item,annotator,label\n1,a,x\n2,a," + word + b"\n3,a,y\n",
    }[kind]
    name = {"list": "g.json", "lines": "g.jsonl", "object": "g.json", "cell": "g.csv"}[kind]
    return name, begins + ends


@pytest.mark.parametrize("kind", ["list", "lines", "object", "cell"])
def test_a_string_of_100_mb_is_bounded_in_memory_and_time(tmp_path: Path, kind: str) -> None:
    """Whether it is refused or read, it takes less than 1.5 GB and 20 s of processor time."""
    name, content = giant(kind)
    (tmp_path / name).write_bytes(content)
    before = spent()
    sentence = ""
    try:
        report = staged(tmp_path / name, tmp_path)
        assert report.read == report.accepted + report.quarantined
    except InputError as error:
        sentence = str(error)
    if sentence:
        assert sentence.startswith(name)
        assert len(sentence) < 300
        assert list((tmp_path / "staged").iterdir()) == []
    assert spent() - before < 20
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_500_000


@pytest.mark.parametrize("pack", ["gz", "zip", "zip in zip"])
def test_bombs_are_refused_within_seconds_and_leave_nothing(tmp_path: Path, pack: str) -> None:
    """10 GB of zeros in about 10 MB; what is refused is refused before a GB of it is written."""
    path, before = tmp_path / "bomb", spent()
    with gzip.open(tmp_path / "zeros", "wb", compresslevel=9) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    with zipfile.ZipFile(tmp_path / "inner.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", bytes(64 << 20))
    packed = (tmp_path / "zeros").read_bytes()
    if pack == "gz":
        path.write_bytes(packed * 160)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(160):
                archive.write(tmp_path / "inner.zip", f"{number}.zip" if "in" in pack else f"{number}.bin")
            if pack == "zip":
                archive.writestr("a.json", bytes(64 << 20))
    with pytest.raises(InputError, match=r"bomb.* unpacks to more than 200 times its size"):
        staged(path, tmp_path)
    assert list((tmp_path / "staged").iterdir()) == []
    assert spent() - before < 10


def test_depth_and_poison_through_the_real_parser(tmp_path: Path) -> None:
    """An archive of a sample and of one nested without end: nothing is taken in."""
    path = tmp_path / "all.zip"
    text = (DATA / "label_studio.json").read_text()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(DATA / "prodigy.jsonl", "prodigy.jsonl")
        archive.writestr("deep.json", text[:-3] + ', "x": ' + DEEP[0] + text[-3:])
    with pytest.raises(InputError, match=r"deep\.json"):
        staged(path, tmp_path)
    assert list((tmp_path / "staged").iterdir()) == []
