"""What holds for every reader: the right one is surest, a cut file adds nothing, the order of rows does not matter."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from fuzzing import fixtures
from readers_staged import DATA, Staged, read

from qc.model import InputError
from qc.readers import READERS
from qc.readers.registry import ranked
from qc.readers.source import source

ROOT = Path(__file__).parent.parent
# Which reader knows which fixture; the names of the rest begin with the reader's.
KNOWN = {
    "argilla_flat.jsonl": "argilla",
    "argilla_records.json": "argilla",
    "argilla_rest_record.json": "argilla",
    "crowdkit_long.csv": "crowdkit",
    "cvat_images_project.xml": "cvat",
    "cvat_video.xml": "cvat",
    "cvat_server.json": "cvat_server",
    "doc1.ann": "brat",
    "encord_label_row.json": "encord",
    "inception_cas.json": "uima_cas",
    "kili_data.json": "kili",
    "label_studio_min.json": "label_studio_min",
    "label_studio.csv": "label_studio_csv",
    "labelbox_v2.ndjson": "labelbox",
    "mturk_batch.csv": "mturk",
    "sagemaker_output.manifest": "sagemaker_manifest",
    "sagemaker_worker_response.json": "sagemaker_workers",
    "sheet_long.csv": "table",
    "sheet_wide.csv": "table",
    "superannotate_image.json": "superannotate",
    "supervisely_ann.json": "supervisely",
    "toloka_assignments.tsv": "toloka",
    "v7_darwin.json": "v7",
    "appen_full.csv": "appen",
    "appen_aggregated.csv": "appen_aggregated",
}
# No exports: fragments for tests, texts beside annotations, a log.
NOT_EXPORTS = {"label_studio_results.json", "doc1.txt", "inception_event.log"}
EXPORTS = [path for path in fixtures(DATA) if path.name not in NOT_EXPORTS]
# These end with a mark, or are read whole: whatever is cut off is told.
MARKED = {".json", ".xml"}


def expected(path: Path) -> str:
    names = sorted((reader.name for reader in READERS if path.name.startswith(reader.name)), key=len)
    return KNOWN.get(path.name) or names[-1]


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_the_right_reader_is_surest(path: Path) -> None:
    rank, best = ranked(source(path, DATA))
    assert best.name == expected(path)
    others = [reader.sniff(source(path, DATA)) for reader in READERS if reader is not best]
    assert rank > max(others)


def test_every_format_has_a_fixture() -> None:
    covered = {expected(path) for path in EXPORTS} | {"canonical", "records"}
    assert {reader.name for reader in READERS} <= covered


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_reader_knows_what_is_no_export(tmp_path, reader) -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(64), b"GIF89a\0", b"Dear all\nplease find the labels below.\n"):
        path = tmp_path / "file.bin"
        path.write_bytes(content)
        assert reader.sniff(source(path)) == 0


def told(staged: Staged) -> Counter:
    return Counter(staged.rows("annotations", "item_id", "annotator", "role", "question"))


def copied(path: Path, folder: Path, content: bytes) -> Path:
    """The fixture with other content, and the files beside it where the format needs them."""
    folder.mkdir(parents=True, exist_ok=True)
    for beside in path.parent.glob("*.txt"):
        (folder / beside.name).write_bytes(beside.read_bytes())
    (folder / path.name).write_bytes(content)
    return folder / path.name


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_a_cut_file_brings_nothing_that_the_whole_lacks(path: Path, tmp_path) -> None:
    content = path.read_bytes()
    reader = expected(path)
    whole = told(read(copied(path, tmp_path / "whole", content), tmp_path, reader=reader))
    dice = random.Random(path.name)
    taken = 0
    for place in sorted(dice.sample(range(1, len(content.rstrip())), min(60, len(content.rstrip()) - 1))):
        folder = tmp_path / str(place)
        try:
            staged = read(copied(path, folder, content[:place]), folder, reader=reader)
        except InputError:
            continue
        taken += 1
        rows = staged.rows("annotations", "item_id", "annotator", "role", "question", "source_pos")
        last = max((row[-1] for row in rows), default=0)
        assert set(Counter(row[:-1] for row in rows if row[-1] < last)) <= set(whole)
    if path.suffix in MARKED:
        assert not taken, "a file that is cut off was taken for whole"


@pytest.mark.parametrize(
    "path", [path for path in EXPORTS if path.suffix in (".jsonl", ".ndjson", ".manifest")], ids=lambda path: path.name
)
def test_the_order_of_lines_does_not_matter(path: Path, tmp_path) -> None:
    lines = path.read_bytes().splitlines()
    reader = expected(path)
    whole = told(read(copied(path, tmp_path / "a", b"\n".join(lines)), tmp_path / "a", reader=reader))
    turned = told(read(copied(path, tmp_path / "b", b"\n".join(lines[::-1])), tmp_path / "b", reader=reader))
    assert turned == whole


@pytest.mark.parametrize(
    "path", [path for path in EXPORTS if path.suffix in (".csv", ".tsv")], ids=lambda path: path.name
)
def test_the_order_of_rows_does_not_matter(path: Path, tmp_path) -> None:
    header, *rows = path.read_bytes().splitlines()
    if any(row.count(b'"') % 2 for row in rows):
        pytest.skip("rows of several lines")
    reader = expected(path)
    whole = told(read(copied(path, tmp_path / "a", b"\n".join([header, *rows])), tmp_path / "a", reader=reader))
    turned = told(read(copied(path, tmp_path / "b", b"\n".join([header, *rows[::-1]])), tmp_path / "b", reader=reader))
    assert turned == whole


@pytest.mark.parametrize("path", [path for path in EXPORTS if path.suffix == ".json"], ids=lambda path: path.name)
def test_the_order_of_a_list_of_records_does_not_matter(path: Path, tmp_path) -> None:
    value = json.loads(path.read_bytes())
    if not isinstance(value, list) or len(value) < 2:
        pytest.skip("one record")
    reader = expected(path)
    whole = told(read(copied(path, tmp_path / "a", json.dumps(value).encode()), tmp_path / "a", reader=reader))
    turned = told(read(copied(path, tmp_path / "b", json.dumps(value[::-1]).encode()), tmp_path / "b", reader=reader))
    assert turned == whole
