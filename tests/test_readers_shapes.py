"""Masks and shapes against slow references (about 5 s).

Masks are compared with run lengths counted pixel by pixel down the columns, which is COCO's definition; compressed
texts with strings worked out by hand from it (base 48, five bits a character, differences to the count two before) and,
where it is installed, with pycocotools.
"""

from itertools import groupby
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from qc.readers import masks, shapes
from qc.readers.shapes import BadShapeError

BITMAPS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=9))
COORDINATES = st.floats(-500, 500, allow_nan=False).map(lambda value: round(value, 3))


def counted(bitmap: Any) -> list[int]:
    """Run lengths down the columns, beginning with zeros, one pixel after the other."""
    flat = [bool(bitmap[row, column]) for column in range(bitmap.shape[1]) for row in range(bitmap.shape[0])]
    runs = [(value, len(list(group))) for value, group in groupby(flat)]
    return ([0] if runs[0][0] else []) + [length for _, length in runs]


def along_rows(bitmap: Any) -> list[int]:
    return counted(bitmap.T)


def compressed(counts: list[int]) -> str:
    """COCO's text of run lengths: five bits a character from the lowest, a sixth says that more follow."""
    text = ""
    for place, count in enumerate(counts):
        value = count - (counts[place - 2] if place > 2 else 0)
        more = True
        while more:
            bits, value = value & 0x1F, value >> 5
            more = value != (-1 if bits & 0x10 else 0)
            text += chr((bits | 0x20 if more else bits) + 48)
    return text


@given(BITMAPS)
def test_a_mask_is_its_run_lengths_down_the_columns(bitmap: Any) -> None:
    row = masks.mask(bitmap)
    assert row == {"kind": "masks", "mask_rle": counted(bitmap), "mask_h": bitmap.shape[0], "mask_w": bitmap.shape[1]}


@given(BITMAPS, st.integers(-8, 8), st.integers(-8, 8), st.integers(1, 12), st.integers(1, 12))
def test_a_crop_lands_where_it_lies_and_is_cut_at_the_edges(
    bitmap: Any, left: int, top: int, width: int, height: int
) -> None:
    field = np.zeros((60, 60), np.bool_)
    field[20 + top : 20 + top + bitmap.shape[0], 20 + left : 20 + left + bitmap.shape[1]] = bitmap
    expected = counted(field[20 : 20 + height, 20 : 20 + width])
    assert masks.placed(bitmap, left, top, width, height)["mask_rle"] == expected
    rows = masks.from_rows(along_rows(bitmap), left, top, bitmap.shape[1], bitmap.shape[0], width, height)
    assert rows["mask_rle"] == expected


@given(BITMAPS)
def test_counts_and_texts_come_back_as_they_were(bitmap: Any) -> None:
    high, wide = bitmap.shape
    counts = counted(bitmap)
    assert masks.from_columns(counts, wide, high)["mask_rle"] == counts
    assert masks.from_text(compressed(counts), wide, high)["mask_rle"] == counts


@given(st.lists(st.integers(0, 1 << 20), min_size=1, max_size=12))
def test_long_runs_in_a_text(counts: list[int]) -> None:
    """Differences of any sign and up to 21 bits, on an image one column wide."""
    total = sum(counts)
    if 0 < total <= masks.LARGEST:
        assert masks.from_text(compressed(counts), 1, total)["mask_rle"] == counts


@pytest.mark.parametrize(
    ("text", "width", "height", "counts"),
    [
        # 9 zeros: 9 + 48 is "9".
        ("9", 3, 3, [9]),
        # A run of 0, then 9: "0" and "9".
        ("09", 3, 3, [0, 9]),
        # 4, 1, 4: the third count is still no difference.
        ("414", 3, 3, [4, 1, 4]),
        # 1, 2, 1, 2, 3: the fourth is 2 - 2 = 0, the fifth 3 - 1 = 2.
        ("12102", 3, 3, [1, 2, 1, 2, 3]),
        # 5, 3, 5, 1, 2: the fourth is 1 - 3 = -2, five bits 30, + 48 = "N"; the fifth 2 - 5 = -3, 29 + 48 = "M".
        ("535NM", 4, 4, [5, 3, 5, 1, 2]),
        # 100 = 3 * 32 + 4: "T" is 4 + 32 + 48, "3" the rest.
        ("T3", 10, 10, [100]),
        # 16 has its fifth bit set, so that a second character says that it is not negative: 16 + 32 + 48 is "`".
        ("`0", 4, 4, [16]),
    ],
)
def test_known_texts(text: str, width: int, height: int, counts: list[int]) -> None:
    assert compressed(counts) == text
    assert masks.from_text(text, width, height)["mask_rle"] == counts


@given(BITMAPS)
@settings(max_examples=50)
def test_pycocotools_reads_the_same(bitmap: Any) -> None:
    coco = pytest.importorskip("pycocotools.mask")
    high, wide = bitmap.shape
    known = coco.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    assert masks.from_text(known["counts"].decode(), wide, high)["mask_rle"] == masks.mask(bitmap)["mask_rle"]


@pytest.mark.parametrize(
    "counts",
    [[8], [10], [], [-1, 10], [9, -1, 1], [1 << 62, 1 << 62], ["x"], [None], [[9]], [1e400], [float("nan")], [10**30]],
)
def test_counts_that_do_not_fit_are_refused(counts: list[Any]) -> None:
    with pytest.raises(BadShapeError):
        masks.from_columns(counts, 3, 3)
    with pytest.raises(BadShapeError):
        masks.from_rows(counts, 0, 0, 3, 3, 9, 9)


@pytest.mark.parametrize("text", ["", "8", ":", "P", "99", "\x2f", "~", "é", "0" * 20, "P" * 40, "o" * 12 + "0"])
def test_texts_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(BadShapeError):
        masks.from_text(text, 3, 3)


@given(st.text(max_size=30), st.integers(-1, 40), st.integers(-1, 40))
def test_any_text_is_a_mask_or_refused(text: str, width: int, height: int) -> None:
    try:
        row = masks.from_text(text, width, height)
    except BadShapeError:
        return
    assert sum(row["mask_rle"]) == width * height
    assert min(row["mask_rle"]) >= 0


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, -1), (1 << 20, 1 << 20)])
def test_impossible_images_are_refused_before_memory_is_taken(size: tuple[int, int]) -> None:
    for make in (masks.from_columns, masks.from_text):
        with pytest.raises(BadShapeError):
            make("9" if make is masks.from_text else [9], *size)
    with pytest.raises(BadShapeError):
        masks.from_rows([9], 0, 0, *size, 3, 3)
    with pytest.raises(BadShapeError):
        masks.from_rows([9], 0, 0, 3, 3, *size)


def test_stripes_along_rows_that_would_fill_memory_down_columns_are_refused() -> None:
    """4,000 runs of a row each are eight million runs down the columns."""
    with pytest.raises(BadShapeError, match="ragged"):
        masks.from_rows([4_000] * 4_000, 0, 0, 4_000, 4_000, 4_000, 4_000)


@given(COORDINATES, COORDINATES, COORDINATES, COORDINATES)
def test_a_box_is_the_same_by_any_two_corners(x1: float, y1: float, x2: float, y2: float) -> None:
    row = shapes.corners(x1, y1, x2, y2)
    assert row["w"] >= 0
    assert row["h"] >= 0
    assert (row["x"], row["y"]) == pytest.approx((min(x1, x2), min(y1, y2)), abs=1e-9)
    assert (row["x"] + row["w"], row["y"] + row["h"]) == pytest.approx((max(x1, x2), max(y1, y2)), abs=1e-9)
    again = shapes.box(row["x"], row["y"], row["w"], row["h"])
    assert again == row


@given(COORDINATES, COORDINATES, COORDINATES, COORDINATES, st.integers(1, 300), st.integers(1, 300))
def test_a_box_is_cut_to_what_it_shares_with_its_image(
    x: float, y: float, w: float, h: float, width: int, height: int
) -> None:
    row = shapes.box(x, y, abs(w), abs(h))
    left, right = row["x"], row["x"] + row["w"]
    top, bottom = row["y"], row["y"] + row["h"]
    shared = [min(right, width) - max(left, 0.0), min(bottom, height) - max(top, 0.0)]
    if min(shared) < 0:
        with pytest.raises(BadShapeError):
            shapes.fit(row, width, height)
        return
    remark = shapes.fit(row, width, height)
    assert [row["w"], row["h"]] == pytest.approx(shared, abs=1e-9)
    assert row["x"] == max(left, 0.0)
    assert row["y"] == max(top, 0.0)
    assert (remark == shapes.FLAT) == (row["w"] == 0 or row["h"] == 0)
    assert shapes.fit(row, width, height) in (None, shapes.FLAT, shapes.CUT)


def test_a_negative_extent_says_not_which_corner_is_meant() -> None:
    for extent in ((-64, 24), (64, -24)):
        with pytest.raises(BadShapeError, match="a box has a negative width or height"):
            shapes.box(160, 240, *extent)


@given(st.lists(COORDINATES, min_size=6, max_size=14), st.integers(1, 300), st.integers(1, 300))
def test_a_polygon_has_no_point_beyond_its_image(points: list[float], width: int, height: int) -> None:
    if len(points) % 2:
        with pytest.raises(BadShapeError):
            shapes.polygon(points)
        return
    row = shapes.polygon(points)
    across, down = points[::2], points[1::2]
    beside = max(across) < 0 or min(across) > width or max(down) < 0 or min(down) > height
    if beside:
        with pytest.raises(BadShapeError):
            shapes.fit(row, width, height)
        return
    remark = shapes.fit(row, width, height)
    expected = [min(max(value, 0), (width, height)[place % 2]) for place, value in enumerate(points)]
    assert row["points"] == expected
    assert remark == (None if expected == points else shapes.CUT)


def test_a_quarter_turn_about_the_corner() -> None:
    """A 40 by 20 box turned by a quarter about (100, 100) has its centre at (90, 120)."""
    row = shapes.about_corner(100, 100, 40, 20, 90)
    assert (row["x"] + row["w"] / 2, row["y"] + row["h"] / 2) == pytest.approx((90, 120))
    assert (row["w"], row["h"], row["rotation"]) == (40, 20, 90)


def test_an_ellipse_is_a_polygon_on_it() -> None:
    """Every point fulfils the equation of the ellipse; the polygon of 32 sides has 0.9936 of its area."""
    row = shapes.ellipse(10, 20, 6, 3)
    across, down = np.array(row["points"][::2]) - 10, np.array(row["points"][1::2]) - 20
    assert (across / 6) ** 2 + (down / 3) ** 2 == pytest.approx(np.ones(32))
    area = abs(np.dot(across, np.roll(down, 1)) - np.dot(down, np.roll(across, 1))) / 2
    assert area == pytest.approx(16 * sin(2 * pi / 32) * 6 * 3)
    turned = shapes.ellipse(0, 0, 2, 1, 30)
    assert turned["points"][:2] == pytest.approx([2 * cos(pi / 6), 2 * sin(pi / 6)])
    assert sqrt(sum(value**2 for value in turned["points"][:2])) == pytest.approx(2)


BAD: tuple[Any, ...] = (None, True, "x", [], {}, float("nan"), float("inf"), 1e16, "1e400")


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_number_is_no_shape(bad: Any) -> None:
    for make in (
        lambda: shapes.box(bad, 1, 1, 1),
        lambda: shapes.corners(1, 1, 1, bad),
        lambda: shapes.polygon([1, 2, 3, 4, 5, bad]),
        lambda: shapes.polyline([1, 2, bad, 4]),
        lambda: shapes.keypoints([bad, 2]),
        lambda: shapes.ellipse(1, 1, bad, 1),
    ):
        with pytest.raises(BadShapeError):
            make()


def test_shapes_of_too_few_points() -> None:
    for make, points in ((shapes.polygon, 4), (shapes.polyline, 2), (shapes.keypoints, 0)):
        with pytest.raises(BadShapeError):
            make([1.0] * points)
        assert make([1.0] * (points + 2))["points"] == [1.0] * (points + 2)
