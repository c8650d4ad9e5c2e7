"""An item with every answer to it: pictures from the one folder, texts cut at spans, shapes as lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from qc.figures.drawn import drawn
from qc.figures.marked import GAP, Piece, excerpts
from qc.figures.timeline import timeline
from qc.model import NotFoundError
from qc.settings import load
from qc.workspace import ingest, open_workspace
from qc.workspace.item import item
from qc.workspace.media import SHOWN, found, picture

REAL = Path(__file__).parent / "data" / "real"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "deep").mkdir(parents=True)
    Image.new("RGB", (3200, 1000), "red").save(folder / "deep" / "a.png")
    (tmp_path / "secret.png").write_bytes((folder / "deep" / "a.png").read_bytes())
    (folder / "no.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    return folder


@pytest.mark.parametrize(
    "uri", ["deep/a.png", "/data/upload/deep/a.png", "s3://bucket/x/deep/a.png", "https://host/deep/a.png?token=1#x"]
)
def test_a_picture_is_found_by_the_end_of_its_address_and_made_small(media: Path, uri: str) -> None:
    shown = picture(media, uri)
    assert shown is not None
    assert (shown.width, shown.height) == (3200, 1000)
    assert shown.jpeg.startswith(b"\xff\xd8")
    assert found(media, uri) == media / "deep" / "a.png"


@pytest.mark.parametrize(
    "uri",
    ["../secret.png", "..%2fsecret.png", "/etc/passwd", "file:///etc/passwd", "a\x00.png", "", None, "no.png", "deep"],
)
def test_nothing_outside_of_the_folder_is_shown_and_nothing_damaged(media: Path, uri: str | None) -> None:
    assert picture(media, uri) is None
    assert picture(None, "deep/a.png") is None


def test_a_link_out_of_the_folder_is_not_followed(media: Path, tmp_path: Path) -> None:
    (media / "link.png").symlink_to(tmp_path / "secret.png")
    assert picture(media, "link.png") is None


def test_a_picture_that_lies_on_its_side_is_turned(media: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (2 * SHOWN, 200), "red").save(media / "side.jpg", exif=turned)
    shown = picture(media, "side.jpg")
    assert shown is not None
    assert (shown.width, shown.height) == (200, 2 * SHOWN)


def test_a_text_is_cut_at_the_ends_of_spans() -> None:
    (pieces,) = excerpts("one two three", [[(4, 7, "b"), (0, 7, "a"), (99, 120, "c")]])
    assert pieces == [Piece("one ", ("a",)), Piece("two", ("a", "b")), Piece(" three", ())]
    assert excerpts("", [[]]) == [[Piece("", ())]]


def test_of_a_long_text_only_what_is_near_a_span_is_shown() -> None:
    text = "x" * 10_000
    first, second = excerpts(text, [[(5_000, 5_010, "a")], []])
    assert [piece.text for piece in first if piece.labels] == ["x" * 10]
    assert [piece.text for piece in second] == [GAP, "x" * 410, GAP]


def test_shapes_become_lines_of_one_colour_each() -> None:
    box = {"kind": "boxes", "label": "<b>cat</b>", "x": 10.0, "y": 20.0, "w": 4.0, "h": 2.0}
    turned = box | {"rotation": 90.0}
    figure = drawn([("ana", [box]), ("bo", [turned])], 100, 50)
    outlines = [trace for trace in figure.data if "lines" in trace.mode]
    assert [list(zip(trace.x, trace.y, strict=True))[:5] for trace in outlines] == [
        [(10, 20), (14, 20), (14, 22), (10, 22), (10, 20)],
        [pytest.approx(corner) for corner in ((13, 19), (13, 23), (11, 23), (11, 19), (13, 19))],
    ]
    assert outlines[0].line.color != outlines[1].line.color
    assert "<b>" not in figure.to_json()
    assert tuple(figure.layout.yaxis.range) == (50, 0)


def test_a_mask_becomes_the_outline_of_its_columns() -> None:
    """Rows 1 and 2 of the columns 1 and 2 of an image of 4 rows by 3 columns, in COCO's order."""
    mask = {"kind": "masks", "label": "a", "mask_rle": [5, 2, 2, 2, 1], "mask_h": 4, "mask_w": 3}
    (outline, _) = drawn([("ana", [mask])], 3, 4).data
    assert list(zip(outline.x, outline.y, strict=True))[:5] == [(1, 1), (2, 1), (2, 3), (1, 3), (1, 1)]


def test_intervals_are_bars_along_the_recording() -> None:
    figure = timeline([("ana", [{"label": "speech", "sec_start": 1.5, "sec_end": 4.0}]), ("bo", [])])
    (bar,) = figure.data
    assert (list(bar.base), list(bar.x), list(bar.y)) == ([1.5], [2.5], ["ana"])
    assert list(figure.layout.yaxis.categoryarray) == ["bo", "ana"]


def test_the_folder_of_pictures_is_a_setting_of_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path).media is None
    (tmp_path / "qc.toml").write_text('media = "pictures"\n', encoding="utf-8")
    assert load(tmp_path).media == tmp_path / "pictures"
    monkeypatch.setenv("QC_MEDIA", str(tmp_path / "elsewhere"))
    assert load(tmp_path).media == tmp_path / "elsewhere"


def test_an_item_shows_what_everybody_drew(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws")
    ingest.ingest(ws, "boxes", REAL / "boxes_annotations.csv")
    shown = item(ws, "boxes", "135", "label")
    assert len(shown.answers) == 9
    assert sorted(len(answer.regions) for answer in shown.answers) == [2, 2, 2, 3, 3, 3, 3, 3, 3]
    first = next(answer for answer in shown.answers if answer.annotator == "119")
    assert [first.regions[0][side] for side in "xywh"] == [425.0, 893.0, 33.0, 48.0]
    with pytest.raises(NotFoundError, match="no item 'nowhere'"):
        item(ws, "boxes", "nowhere", "label")
