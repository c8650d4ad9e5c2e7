"""Objects: overlap against dense images and shapely, the published example, OKS, and what must not matter."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.stats.agreement.clustered import ABSENT, clustered
from qc.stats.agreement.pair_sums import pooled
from qc.stats.objects import pairs, tracks
from qc.stats.objects.answers import Answers
from qc.stats.objects.assignment import assigned
from qc.stats.objects.chance import by_chance
from qc.stats.objects.comparison import Comparison, joined
from qc.stats.objects.keypoints import COCO_SIGMAS, Keypoints, sizes
from qc.stats.objects.pairs import NEAR, candidates
from qc.stats.objects.people import by_person
from qc.stats.objects.reference import against_gold
from qc.stats.objects.regions import BOX, LINE, MASK, POINTS, POLYGON, Drawn, drawn

COLUMNS = {
    **dict.fromkeys(("item", "annotator", "label", "shape", "frame", "page"), pa.int64()),
    **dict.fromkeys(("object", "visibility"), pa.string()),
    **dict.fromkeys(("hole", "outside"), pa.bool_()),
    **dict.fromkeys(("x", "y", "w", "h", "rotation", "picture"), pa.float64()),
    "points": pa.list_(pa.float64()),
    "mask_rle": pa.list_(pa.int64()),
    **dict.fromkeys(("mask_h", "mask_w"), pa.int32()),
}
Row = dict[str, Any]


def looks(*rows: Row) -> Drawn:
    """Objects, each by a person of its own on one item unless a row says otherwise."""
    full = [
        {"item": 0, "annotator": place, "label": 0, "shape": BOX, "page": 0} | row for place, row in enumerate(rows)
    ]
    return drawn(pa.table({name: pa.array([row.get(name) for row in full], kind) for name, kind in COLUMNS.items()}))


def box(x: float, y: float, w: float, h: float, **other: Any) -> Row:
    return {"shape": BOX, "x": x, "y": y, "w": w, "h": h} | other


def point(x: float, y: float, **other: Any) -> Row:
    return {"shape": POINTS, "points": [float(x), float(y)]} | other


def similarity(*rows: Row) -> float:
    return float(looks(*rows).similarity(np.array([0]), np.array([1]))[0])


def compared(*rows: Row, answers: list[tuple[int, int]] | None = None) -> Comparison:
    seen = looks(*rows)
    objects = seen.objects
    who = np.array(answers or sorted(set(zip(objects.item.tolist(), objects.annotator.tolist(), strict=True))))
    near = candidates(objects.item, objects.annotator, objects.bounds, seen.similarity)
    return Comparison(objects, Answers(who[:, 0], who[:, 1]).sorted(), near)


def of(annotator: int, *boxes: tuple[float, float, float, float, int]) -> list[Row]:
    return [box(*place, annotator=annotator, label=label) for *place, label in boxes]


PUBLISHED = [
    *of(0, (0, 0, 10, 10, 1), (20, 20, 10, 10, 2), (50, 50, 10, 10, 1)),
    *of(1, (1, 0, 10, 10, 1), (21, 20, 10, 10, 3)),
    *of(2, (0, 1, 10, 10, 1), (50, 51, 10, 10, 1), (80, 80, 5, 5, 2)),
]
"""Three people's boxes, worked by hand and with the reference implementation of K-alpha (Tschirschwitz et al. 2022)."""


def test_the_published_example() -> None:
    """Matrix, alpha with and without "not drawn" as a label, and IoU 90/110, by that implementation (kalphacv 1.5)."""
    found = compared(*PUBLISHED)
    units = found.units()
    rows = {tuple(units.code[units.unit == unit].tolist()) for unit in np.unique(units.unit)}
    assert rows == {(1, 1, 1), (2, 3, ABSENT), (1, ABSENT, 1), (ABSENT, ABSENT, 2)}
    assert clustered(units).alpha.value == pytest.approx(0.2142857, abs=5e-8)
    assert clustered(units.marked()).alpha.value == pytest.approx(0.4545455, abs=5e-8)
    assert similarity(box(0, 0, 10, 10), box(1, 0, 10, 10)) == pytest.approx(0.8181818, abs=5e-8)
    assert pooled(found.f1(), "nothing")[0].value == pytest.approx(2 * 4 / 16)


def pixels(mask: Row) -> np.ndarray:
    counts = np.array(mask["mask_rle"])
    values = np.repeat(np.arange(len(counts)) % 2, counts)
    return values.reshape(mask["mask_w"], mask["mask_h"]).T.astype(bool)


def encoded(image: np.ndarray) -> Row:
    """Run lengths down the columns, beginning with zeros."""
    flat = image.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat.astype(int), [1 - int(flat[-1])]])))
    counts = np.diff(np.concatenate([[0], edges]))
    return {"shape": MASK, "mask_rle": counts.tolist(), "mask_h": image.shape[0], "mask_w": image.shape[1]}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 9), st.floats(0.05, 0.95))
def test_masks_share_what_their_images_share(seed: int, high: int, wide: int, full: float) -> None:
    rng = np.random.default_rng(seed)
    images = rng.random((4, high, wide)) < full
    rows = [encoded(image) for image in images]
    assert all((pixels(row) == image).all() for row, image in zip(rows, images, strict=True))
    seen = looks(*rows)
    i, j = np.array(list(permutations(range(4), 2))).T
    expected = [
        (images[a] & images[b]).sum() / max((images[a] | images[b]).sum(), 1) for a, b in zip(i, j, strict=True)
    ]
    assert seen.similarity(i, j) == pytest.approx(expected)
    for image, bounds in zip(images, seen.objects.bounds, strict=True):
        if image.any():
            down, across = np.nonzero(image)
            assert bounds.tolist() == [across.min(), down.min(), across.max() + 1, down.max() + 1]
        else:
            assert np.isnan(bounds).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_areas_overlap_as_shapely_says(seed: int) -> None:
    """Upright boxes, turned boxes, polygons and masks, each with each."""
    rng = np.random.default_rng(seed)
    x, y, turn = rng.integers(0, 12, (3, 4)).tolist()
    w, h = rng.integers(1, 12, (2, 4)).tolist()
    angles = np.sort(rng.random(7) * 2 * np.pi)
    star = np.stack([12 + 9 * np.cos(angles), 12 + 9 * np.sin(angles)], axis=1)
    image = np.zeros((30, 30), dtype=bool)
    image[y[3] : y[3] + h[3], x[3] : x[3] + w[3]] = True
    rows = [
        box(x[0], y[0], w[0], h[0]),
        box(x[1], y[1], w[1], h[1], rotation=30.0 * turn[1]),
        {"shape": POLYGON, "points": star.ravel().tolist()},
        encoded(image),
        box(x[2], y[2], w[2], h[2]),
    ]
    upright = [shapely.box(x[k], y[k], x[k] + w[k], y[k] + h[k]) for k in range(4)]
    shapes = [
        upright[0],
        shapely.affinity.rotate(upright[1], 30.0 * turn[1]),
        shapely.make_valid(shapely.Polygon(star)),
        upright[3],
        upright[2],
    ]
    i, j = np.array(list(permutations(range(5), 2))).T
    expected = [
        shapes[a].intersection(shapes[b]).area / shapes[a].union(shapes[b]).area for a, b in zip(i, j, strict=True)
    ]
    # Pairs that cannot be near are not worked out; rounding decides at the limit itself.
    limit = NEAR + 1e-9
    expected = [share if share >= limit else pytest.approx(share, abs=limit) for share in expected]
    for found, share in zip(looks(*rows).similarity(i, j), expected, strict=True):
        assert found == (pytest.approx(share) if isinstance(share, float) else share)


def test_parts_and_holes_make_one_polygon() -> None:
    """Two squares of 100 less a hole of 4, against the same without the hole."""
    ring = lambda x, side: [x, 0.0, x + side, 0.0, x + side, side, x, side]  # noqa: E731
    part = {"shape": POLYGON, "annotator": 0, "object": "p"}
    holed = [
        part | {"points": [value + 4 for value in ring(0, 2)], "hole": True},
        part | {"points": ring(0, 10)},
        part | {"points": ring(20, 10)},
    ]
    whole = [row | {"annotator": 1, "hole": False} for row in holed[1:]]
    assert similarity(*holed, *whole) == pytest.approx(196 / 200)


def test_a_crossing_outline_keeps_both_sides() -> None:
    bow = {"shape": POLYGON, "points": [0.0, 0.0, 10.0, 10.0, 10.0, 0.0, 0.0, 10.0]}
    assert similarity(bow, box(0, 0, 10, 10)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "strange",
    [
        box(0, 0, 0, 0),
        {"shape": BOX},
        {"shape": POLYGON, "points": [1.0, 1.0, 2.0, 2.0]},
        {"shape": POLYGON, "points": [1.0, float("inf"), 2.0, 2.0, 3.0, 3.0]},
        {"shape": POLYGON, "points": []},
        {"shape": MASK, "mask_rle": [4], "mask_h": 2, "mask_w": 2},
        {"shape": LINE, "points": [1.0, 1.0]},
        {"shape": POINTS, "points": [1.0, 1.0], "visibility": "0"},
        box(0, 0, 5, 5, frame=3, object="t", outside=True),
    ],
)
def test_what_covers_nothing_is_an_object_that_nobody_else_has(strange: Row) -> None:
    found = compared(strange, box(0, 0, 5, 5), strange | {"annotator": 2})
    assert len(found.objects.item) == 3
    assert len(found.near.i) == 0
    assert pooled(found.f1(), "nothing")[0].value == 0


def test_oks_by_the_definition_of_coco() -> None:
    """exp(-d² / (2 s² (2σ)²)), the mean over the points labelled in the truth: by hand."""
    points = np.arange(34.0).reshape(17, 2)
    labelled = np.append(np.arange(17) < 5, np.ones(17, dtype=bool))
    moved = np.concatenate([points, points + np.array([3.0, 4.0])])
    body = Keypoints(moved, labelled, np.array([0, 17, 34]), np.array([900.0, 1.0]))
    expected = np.mean([np.exp(-25 / (2 * 900 * (2 * sigma) ** 2)) for sigma in COCO_SIGMAS[:5]])
    assert body.oks(np.array([0]), np.array([1]))[0] == pytest.approx(expected)


def test_one_large_set_of_points_costs_the_others_nothing() -> None:
    few = [{"shape": POINTS, "points": [1.0, 1.0]}] * 1000
    assert len(looks(*few, {"shape": POINTS, "points": [1.0] * 400_000}).objects.item) == 1001


def test_key_points_without_one_that_another_has() -> None:
    """Half the points are labelled by both, all by one: the mean of OKS 1/2 and 1, each with its own as the truth."""
    square = [0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0]
    points = {"shape": POINTS, "points": square}
    assert similarity(points | {"visibility": "2,2,2,2"}, points | {"visibility": "2,1,0,0"}) == pytest.approx(0.75)
    assert similarity(points, points | {"points": square[:6]}) == pytest.approx(7 / 8)


def test_points_in_a_row_have_a_size_of_their_own() -> None:
    """Two sets: 10 x 5 about its points; 10 x 0, which counts as a tenth of 10 squared."""
    points = np.array([[0.0, 0.0], [10.0, 5.0], [7.0, 3.0], [17.0, 3.0]])
    found = sizes(points, np.ones(4, dtype=bool), np.array([0, 2, 4]), np.full(2, np.nan))
    assert found.tolist() == [50.0, 10.0]


def test_single_points_are_as_near_as_the_picture_is_large() -> None:
    """One point 1 % of the picture away: s is a tenth of it, σ the mean of COCO's; wherever in the picture they lie."""
    for at in (0.0, 100.0, 900.0):
        found = similarity(*(point(at, at + y, picture=1e6) for y in (0.0, 10.0)))
        assert found == pytest.approx(np.exp(-100 / (8 * 100**2 * COCO_SIGMAS.mean() ** 2)))
    unknown = similarity(point(0, 0), point(0, 10))
    assert unknown == similarity(*(point(0, y, picture=640.0 * 480) for y in (0, 10)))


def test_the_tolerance_of_single_points_is_where_they_are_half_alike() -> None:
    seen = compared(point(50, 50, picture=1e6), point(50, 70, picture=1e6))
    far = float(seen.tolerances[0])
    assert similarity(point(50, 50, picture=1e6), point(50, 50 + far, picture=1e6)) == pytest.approx(0.5)
    assert seen.distances[1].tolist() == [20]


def test_points_are_paired_by_label_first() -> None:
    """Everything of the second person lies 12 px lower, where the first has the other label: moved, not renamed."""
    found = compared(
        *(point(50, 50 + 12 * (who + label), annotator=who, label=label) for who in (0, 1) for label in (0, 1))
    )
    counts = {kind: sums.numerator.sum() for kind, sums in found.disagreement.items()}
    assert counts == {"missed": 0, "mislabelled": 0, "mislocated": 4}
    # Where nobody else has the label, the place decides.
    alone = compared(point(50, 50, annotator=0, label=0), point(50, 51, annotator=1, label=1))
    assert {kind: sums.numerator.sum() for kind, sums in alone.disagreement.items()}["mislabelled"] == 2


def test_mislocated_objects_are_nearest_to_each_other_within_reach() -> None:
    """Boxes of ten: 9 px beside one another they may be one, 11 px apart not; the nearer of two is the partner."""
    first = of(0, (0, 0, 10, 10, 1), (100, 0, 10, 10, 1), (200, 0, 10, 10, 1))
    found = compared(*first, *of(1, (9, 0, 10, 10, 1), (111, 0, 10, 10, 1), (193, 0, 10, 10, 1), (208, 0, 10, 10, 1)))
    one, other = found.mislocated
    assert sorted(zip(found.objects.bounds[one, 0].tolist(), found.objects.bounds[other, 0].tolist(), strict=True)) == [
        (0, 9),
        (200, 193),
    ]


def test_people_are_told_apart() -> None:
    """On 30 items 0 has what 1 has and one box alone; 2 has the first under another name and the second moved by 6.

    0 and 1 each have what the other draws, but of 2's four pairs of their two boxes half are named otherwise, half
    moved. Only 0's third box is nobody else's.
    """
    rows = []
    for item in range(30):
        same = [(0, 0, 10, 10, 1), (50, 0, 10, 10, 1)]
        drawn_by = (*of(0, *same, (200, 0, 9, 9, 1)), *of(1, *same), *of(2, (0, 0, 10, 10, 2), (56, 0, 10, 10, 1)))
        rows += [row | {"item": item} for row in drawn_by]
    found = {row.annotator: row for row in by_person(*compared(*rows).everyone())}
    assert [found[who].n for who in (0, 1, 2)] == [90, 60, 60]
    expected = {
        "f1": (4 / 10, 4 / 9, 0),
        "missed": (0, 1 / 5, 1 / 5),
        "extra": (1 / 3, 0, 0),
        "mislabelled": (1 / 4, 1 / 4, 1 / 2),
        "mislocated": (1 / 4, 1 / 4, 1 / 2),
        "iou": (1, 1, 1),
    }
    for name, values in expected.items():
        assert tuple(getattr(found[who], name).value for who in (0, 1, 2)) == pytest.approx(values), name
    few = {row.annotator: row for row in by_person(*compared(*rows[:14]).everyone())}
    assert few[2].missed.value is None
    assert few[2].missed.reason == "fewer than 30 objects"


def test_lines_are_apart_in_shares_of_their_length() -> None:
    line = {"shape": LINE, "points": [0.0, 0.0, 50.0, 0.0, 100.0, 0.0]}
    for points, expected in (
        ([100.0, 0.0, 0.0, 0.0], 1.0),
        ([0.0, 5.0, 100.0, 5.0], 0.5),
        ([0.0, 10.0, 100.0, 10.0], 0.0),
    ):
        assert similarity(line, line | {"points": points}) == pytest.approx(expected, abs=1e-9)
    # Half a line is no match.
    assert similarity(line, line | {"points": [0.0, 0.0, 50.0, 0.0]}) < 0.5


def test_tracks_share_space_and_time() -> None:
    """10 frames; from frame 5 the second moves out evenly, and is gone in frame 9: Σ shared / Σ covered, by hand."""
    still = [box(0, 0, 10, 10, frame=frame, object="t", annotator=0) for frame in (0, 9)]
    moving = [
        box(0, 0, 10, 10, frame=0, object="t", annotator=1),
        box(0, 0, 10, 10, frame=5, object="t", annotator=1),
        box(4, 0, 10, 10, frame=7, object="t", annotator=1),
        box(4, 0, 10, 10, frame=9, object="t", annotator=1, outside=True),
    ]
    shared = 6 * 100 + 80 + 60 + 60
    covered = 10 * 100 + 9 * 100 - shared
    assert similarity(*still, *moving) == pytest.approx(shared / covered)


def test_a_gap_of_frames_costs_no_memory() -> None:
    ends = [box(0, 0, 10, 10, frame=frame, object="t", annotator=who) for who in (0, 1) for frame in (0, 10**15)]
    assert similarity(*ends) == pytest.approx(1)


def test_many_long_tracks_are_looked_at_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """All boxes in all frames would come to 4,000: every fourth frame is as good for boxes that move evenly."""
    monkeypatch.setattr(tracks, "BOXES", 1000)
    ends = [
        box(x, 0, 10, 10, frame=frame, object="t", annotator=who)
        for who in (0, 1, 2, 3)
        for frame, x in ((0, 0.0), (999, 50.0 + who))
    ]
    seen = looks(*ends)
    assert seen.tracks is not None
    assert seen.tracks[0].lengths.tolist() == [250] * 4
    assert seen.similarity(np.array([0]), np.array([1]))[0] == pytest.approx(0.9, abs=0.02)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 5), st.integers(1, 5))
def test_assignment_is_the_best_there_is(seed: int, wide: int, high: int) -> None:
    """Against trying all."""
    rng = np.random.default_rng(seed)
    table = np.where(rng.random((high, wide)) < 0.6, rng.random((high, wide)), 0)
    left, right = np.nonzero(table)
    kept = assigned(left, right, table[left, right])
    assert len(set(left[kept])) == len(set(right[kept])) == kept.sum()
    side = max(high, wide)
    padded = np.zeros((side, side))
    padded[:high, :wide] = table
    best = max(sum(padded[row, column] for row, column in enumerate(order)) for order in permutations(range(side)))
    assert table[left, right][kept].sum() == pytest.approx(best)


def crowd(seed: int, items: int = 6, people: int = 4) -> tuple[list[Row], list[tuple[int, int]]]:
    """Crowded boxes that often compete, by two to four people an item; some saw nothing."""
    rng = np.random.default_rng(seed)
    rows, answers = [], []
    for item in range(items):
        truth = rng.random((5, 2)) * 40
        for who in rng.permutation(people)[: rng.integers(2, people + 1)].tolist():
            answers.append((item, who))
            for place in truth[rng.random(5) < 0.8]:
                at = place + rng.normal(0, 3, 2)
                size = 15 * np.exp(rng.normal(0, 0.2, 2))
                rows.append(box(*at, *size, item=item, annotator=who, label=int(rng.integers(0, 3))))
    return rows, answers


def figures(found: Comparison) -> list[float | None]:
    units = found.units()
    ratios = [found.f1(), found.f1(0.75), found.overlap, *found.disagreement.values()]
    values = [estimate for sums in ratios for estimate in pooled(sums, "nothing")]
    of_units = [clustered(units), clustered(units.marked())]
    values += [each for of in of_units for each in (of.alpha, of.alpha_items, of.percent)]
    return [number for each in values for number in (each.value, each.low, each.high)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000))
def test_order_and_names_do_not_matter(seed: int) -> None:
    rows, answers = crowd(seed)
    rng = np.random.default_rng(seed)
    people, labels, items = rng.permutation(50), rng.permutation(50), rng.permutation(50)
    named = [
        row
        | {
            "item": int(items[row["item"]]),
            "annotator": int(people[row["annotator"]]),
            "label": int(labels[row["label"]]),
        }
        for row in rows
    ]
    shuffled = [named[place] for place in rng.permutation(len(named))]
    others = [(int(items[item]), int(people[who])) for item, who in answers]
    expected = figures(compared(*rows, answers=answers))
    assert figures(compared(*shuffled, answers=others)) == pytest.approx(expected)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 100_000))
def test_twice_the_items_change_no_ratio(seed: int) -> None:
    rows, answers = crowd(seed)
    more = [row | {"item": row["item"] + 100} for row in rows]
    once = compared(*rows, answers=answers)
    twice = compared(*rows, *more, answers=answers + [(item + 100, who) for item, who in answers])
    for gate in (0.5, 0.75):
        one, two = (pooled(found.f1(gate), "nothing")[1] for found in (once, twice))
        assert two.value == pytest.approx(one.value)
    counts = [np.bincount(found.units().code + 1, minlength=4) for found in (once, twice)]
    assert (counts[1] == 2 * counts[0]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100_000))
def test_two_people_have_the_clusters_of_their_assignment(seed: int) -> None:
    rows, answers = crowd(seed, people=2)
    found = compared(*rows, answers=answers)
    units = found.units()
    both = np.bincount(units.unit, units.code != ABSENT)
    assert (both == 2).sum() == len(found.matched())


def test_no_one_has_two_objects_in_a_cluster() -> None:
    for seed in range(20):
        rows, answers = crowd(seed)
        units = compared(*rows, answers=answers).units()
        assert (units.code != ABSENT).sum() == len(rows)


def test_the_same_place_goes_to_the_same_label() -> None:
    """Two people drew a rider and a bicycle in exactly one place, in either order."""
    for order in ((0, 1), (1, 0)):
        found = compared(*of(0, (0, 0, 9, 9, 0), (0, 0, 9, 9, 1)), *of(1, *((0, 0, 9, 9, label) for label in order)))
        assert pooled(found.f1(), "nothing")[0].value == 1


def test_the_gate_comes_before_the_assignment() -> None:
    """Overlaps .55 and two of .45: the assignment of raw overlaps would give up the only match."""
    left, right, overlap = np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.55, 0.45, 0.45])
    gated = overlap >= 0.5
    assert assigned(left[gated], right[gated], overlap[gated]).tolist() == [True]
    assert assigned(left, right, overlap).tolist() == [False, True, True]


def test_objects_in_one_place_by_the_thousand_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeps some of the closest, and whoever is far from all the others is found all the same."""
    monkeypatch.setattr(pairs, "MOST", 1000)
    monkeypatch.setattr(pairs, "_AT_A_TIME", 500)
    heap = [box(0, 0, 10, 10 + step / 100, annotator=who) for who in (0, 1) for step in range(60)]
    found = compared(*heap, *of(0, (90, 0, 9, 9, 0)), *of(1, (90, 0, 9, 9, 0)))
    assert len(found.near.i) <= 2 * 60 * pairs.CLOSEST + 500
    assert len(found.matched()) == 61


def test_parts_of_the_items_are_compared_as_all_of_them() -> None:
    rows, answers = crowd(3)
    whole = compared(*rows, answers=answers)
    parts = [compared(*(row for row in rows if (row["item"] < 3) is early), answers=answers) for early in (True, False)]
    objects, near = joined([(part.objects, part.near) for part in parts])
    assert figures(Comparison(objects, whole.answers, near)) == pytest.approx(figures(whole))
    nothing, none = joined([])
    assert len(nothing.item) == len(none.i) == 0


def test_gold_is_nobody() -> None:
    """Two of three objects are found and one is drawn for nothing: it counts in no figure of people."""
    gold = [row | {"annotator": -1} for row in of(0, (0, 0, 9, 9, 0), (50, 0, 9, 9, 1), (90, 0, 9, 9, 1))]
    people = [*of(0, (0, 0, 9, 9, 0), (50, 0, 9, 9, 1), (20, 0, 9, 9, 0)), *of(1, (0, 0, 9, 9, 0))]
    found = compared(*gold, *people)
    against = against_gold(found)
    assert against is not None
    assert (against.precision.value, against.recall.value, against.iou.value) == (3 / 4, 3 / 6, 1)
    assert figures(found) == figures(compared(*people))
    assert against_gold(compared(*people)) is None


def test_chance_is_what_different_items_share() -> None:
    """Boxes in one place on every item agree by chance as well as not; boxes in places of their own never."""
    rng = np.random.default_rng(1)
    answers = Answers(np.repeat(np.arange(9), 2), np.tile([0, 1], 9))
    for step, expected in ((0, 1.0), (50, 0.0)):
        seen = looks(*(box(step * item, 0, 10, 10, item=item, annotator=who) for item in range(9) for who in (0, 1)))
        alike, both, drawn_pairs = by_chance(seen, answers, rng)
        assert 2 * alike / both == expected
        assert drawn_pairs > 500
    assert by_chance(looks(), Answers(*np.zeros((2, 0), dtype=int)), rng) == (0, 0, 0)


def test_what_lies_on_different_pages_is_not_alike() -> None:
    """Two people each draw one box in the same place, once on the same page and once on different ones."""
    here, there = box(10, 10, 20, 20, annotator=0), box(10, 10, 20, 20, annotator=1)
    assert similarity(here, there) == 1.0
    assert similarity(here, there | {"page": 1}) == 0.0
    one, other = point(10, 10, annotator=0), point(11, 10, annotator=1)
    assert compared(one, other).found().sum() == 1
    assert compared(one, other | {"page": 1}).found().sum() == 0
