"""Agreement on drawn objects at size: F1 and alpha with both intervals, beside a loop as one would write it.

python tests/benchmarks/drawn.py                    20,000 images × 3 annotators × 20 boxes; a tenth for other shapes
python tests/benchmarks/drawn.py --images 200       a small run, to see that it works
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from scipy.optimize import linear_sum_assignment

from qc.stats.agreement.clustered import clustered
from qc.stats.agreement.pair_sums import pooled
from qc.stats.objects.answers import Answers
from qc.stats.objects.comparison import GATE, Comparison
from qc.stats.objects.pairs import candidates
from qc.stats.objects.regions import BOX, LINE, MASK, POINTS, POLYGON, drawn

PEOPLE, OBJECTS, LABELS = 3, 20, 10
HIGH, WIDE = 1080, 1920
LOOPED = {"boxes": 200, "polygons": 10, "masks": 1}
"""Images that the loop takes; it makes whole images of masks."""

Columns = dict[str, Any]


def places(images: int, seed: int = 1) -> Columns:
    """20 objects an image, 8 % of which a person misses, moved by some pixels; 5 % of the labels are others.

    One object in ten stands within another, so that matches compete.
    """
    draw = np.random.default_rng(seed)
    objects = images * OBJECTS
    middle = draw.random((objects, 2)) * (WIDE - 240, HIGH - 240) + 120
    middle[1::10] = middle[::10] + draw.normal(0, 15, (len(middle[1::10]), 2))
    size, label = 20 + draw.random((objects, 2)) * 180, draw.integers(0, LABELS, objects)
    found = []
    for who in range(PEOPLE):
        seen = np.flatnonzero(draw.random(objects) < 0.92)
        given = np.where(draw.random(len(seen)) < 0.05, draw.integers(0, LABELS, len(seen)), label[seen])
        at = middle[seen] + draw.normal(0, 4, (len(seen), 2))
        sides = size[seen] * np.exp(draw.normal(0, 0.06, (len(seen), 2)))
        found.append((seen // OBJECTS, np.full(len(seen), who), given, at, sides))
    item, annotator, label, middle, size = (np.concatenate(column) for column in zip(*found, strict=True))
    shuffled = draw.permutation(len(item))
    columns = {"item": item, "annotator": annotator, "label": label, "middle": middle, "size": size}
    return {name: column[shuffled] for name, column in columns.items()}


def boxes(of: Columns) -> Columns:
    """Upright boxes."""
    x, y = (of["middle"] - of["size"] / 2).T
    return {"x": x, "y": y, "w": of["size"][:, 0], "h": of["size"][:, 1]}


def turned(of: Columns) -> Columns:
    """Boxes that are turned, by about the same angle."""
    return boxes(of) | {"rotation": 20 + np.random.default_rng(2).normal(0, 2, len(of["item"]))}


def outline(of: Columns, points: int) -> np.ndarray:
    """Points on an ellipse around the middle."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return of["middle"][:, None] + around * of["size"][:, None] / 2


def listed(points: np.ndarray) -> pa.Array:
    """A row of x, y, x, y … for each object."""
    flat = points.reshape(len(points), -1)
    return pa.ListArray.from_arrays(np.arange(len(flat) + 1, dtype=np.int32) * flat.shape[1], flat.ravel())


def polygons(of: Columns) -> Columns:
    """Polygons of sixteen points."""
    return {"points": listed(outline(of, 16))}


def masks(of: Columns) -> Columns:
    """Ellipses as run lengths down the columns of the image."""
    rows = []
    for (x, y), (wide, high) in zip(of["middle"], of["size"], strict=True):
        across = np.arange(int(np.ceil(x - wide / 2)), int(x + wide / 2))
        half = high / 2 * np.sqrt(np.maximum(1 - ((across - x) / (wide / 2)) ** 2, 0))
        top, bottom = np.ceil(y - half).astype(int), np.floor(y + half).astype(int) + 1
        edges = np.stack([across * HIGH + top, across * HIGH + np.maximum(bottom, top)], axis=1).ravel()
        rows.append(np.diff(np.concatenate([[0], edges, [HIGH * WIDE]])))
    return {"mask_rle": rows, "mask_h": np.full(len(rows), HIGH), "mask_w": np.full(len(rows), WIDE)}


def lines(of: Columns) -> Columns:
    """Lines of eight points."""
    return {"points": listed(outline(of, 16)[:, :8])}


def keypoints(of: Columns) -> Columns:
    """Sets of seventeen points."""
    return {"points": listed(outline(of, 17))}


SHAPES: dict[str, tuple[int, Callable[[Columns], Columns]]] = {
    "boxes": (BOX, boxes),
    "turned boxes": (BOX, turned),
    "polygons": (POLYGON, polygons),
    "masks": (MASK, masks),
    "lines": (LINE, lines),
    "key points": (POINTS, keypoints),
}


def table(of: Columns, shape: int, columns: Columns) -> pa.Table:
    """The columns of the measure `drawn`."""
    kinds = {
        **dict.fromkeys(("x", "y", "w", "h", "rotation", "picture"), pa.float64()),
        **{"points": pa.list_(pa.float64()), "mask_rle": pa.list_(pa.int64()), "mask_h": pa.int32()},
        **{"mask_w": pa.int32(), "frame": pa.int64(), "object": pa.string(), "visibility": pa.string()},
        **{"hole": pa.bool_(), "outside": pa.bool_()},
    }
    n = len(of["item"])
    given = {name: pa.array(column, kinds[name]) for name, column in columns.items()}
    known = {name: of[name] for name in ("item", "annotator", "label")}
    known |= {"shape": np.full(n, shape), "page": np.zeros(n, np.int64)}
    return pa.table(known | {name: given.get(name, pa.nulls(n, kind)) for name, kind in kinds.items()})


def agreement(regions: pa.Table, images: int) -> tuple[Any, Any]:
    """F1 and alpha over objects, each for such a team and for these people."""
    seen = drawn(regions)
    objects = seen.objects
    near = candidates(objects.item, objects.annotator, objects.bounds, seen.similarity)
    answers = Answers(np.repeat(np.arange(images), PEOPLE), np.tile(np.arange(PEOPLE), images))
    found = Comparison(objects, answers.sorted(), near)
    return pooled(found.f1(), "nothing"), clustered(found.units())


def loop(of: Columns, name: str, columns: Columns, images: int) -> float:
    """F1 alone, image by image and pair by pair: a table of overlaps, the gate, the Hungarian method."""
    rows = [np.flatnonzero(of["item"] == image) for image in range(images)]
    same, both = 0, 0
    for mine in rows:
        for a, b in combinations(range(PEOPLE), 2):
            one, other = mine[of["annotator"][mine] == a], mine[of["annotator"][mine] == b]
            overlap = np.zeros((len(one), len(other)))
            for row, i in enumerate(one):
                for column, j in enumerate(other):
                    overlap[row, column] = OVERLAP[name](columns, i, j)
            gated = np.where(overlap >= GATE, overlap, 0)
            at, to = linear_sum_assignment(gated, maximize=True)
            matched = gated[at, to] > 0
            same += int((of["label"][one[at]] == of["label"][other[to]])[matched].sum())
            both += len(one) + len(other)
    return 2 * same / both


def of_boxes(columns: Columns, i: int, j: int) -> float:
    """Intersection over union of two boxes."""
    x, y, w, h = (columns[name] for name in "xywh")
    wide = min(x[i] + w[i], x[j] + w[j]) - max(x[i], x[j])
    high = min(y[i] + h[i], y[j] + h[j]) - max(y[i], y[j])
    shared = max(wide, 0.0) * max(high, 0.0)
    return float(shared / (w[i] * h[i] + w[j] * h[j] - shared))


def of_polygons(columns: Columns, i: int, j: int) -> float:
    """By shapely, one pair after the other."""
    one, other = (shapely.Polygon(np.reshape(columns["points"][k].as_py(), (-1, 2))) for k in (int(i), int(j)))
    return float(one.intersection(other).area / one.union(other).area) if one.intersects(other) else 0.0


def of_masks(columns: Columns, i: int, j: int) -> float:
    """By the images of both masks."""
    one, other = (np.repeat(np.arange(len(runs)) % 2 == 1, runs) for runs in (columns["mask_rle"][k] for k in (i, j)))
    return float((one & other).sum() / (one | other).sum())


OVERLAP = {"boxes": of_boxes, "polygons": of_polygons, "masks": of_masks}


@contextmanager
def timed() -> Iterator[list[float]]:
    """Wall and CPU seconds of what is done within."""
    found = [time.perf_counter(), time.process_time()]
    yield found
    found[:] = [time.perf_counter() - found[0], time.process_time() - found[1]]


def main() -> None:
    """Prints a row for each kind of shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--shapes", nargs="*", choices=SHAPES, default=list(SHAPES))
    arguments = parser.parse_args()
    print("| shape | objects | wall s | CPU s | µs CPU an object | F1 | alpha | loop, µs an object | times faster |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.shapes:
        images = arguments.images if name == "boxes" else max(arguments.images // 10, 1)
        of = places(images)
        shape, make = SHAPES[name]
        columns = make(of)
        regions = table(of, shape, columns)
        with timed() as ours:
            f1, found = agreement(regions, images)
        n = len(of["item"])
        cost = ours[1] / n * 1e6
        cells = [name, f"{n:,}", f"{ours[0]:.1f}", f"{ours[1]:.1f}", f"{cost:.1f}", f"{f1[0]}", f"{found.alpha}"]
        print("| " + " | ".join(cells + beside(of, name, columns, images, cost)) + " |", flush=True)
    print(f"\nLargest resident memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB.")


def beside(of: Columns, name: str, columns: Columns, images: int, cost: float) -> list[str]:
    """What the loop takes for a part of the images; its F1 must be that of the part."""
    if name not in OVERLAP:
        return ["–", "–"]
    part = min(images, LOOPED[name])
    own = of["item"] < part
    few = {key: column[own] for key, column in of.items()}
    rows = np.flatnonzero(own)
    fewer = {
        key: column.take(pa.array(rows)) if isinstance(column, pa.Array) else [column[row] for row in rows]
        for key, column in columns.items()
    }
    with timed() as theirs:
        value = loop(few, name, fewer, part)
    f1, _ = agreement(table(few, SHAPES[name][0], fewer), part)
    if not np.isclose(f1[0].value, value):
        raise SystemExit(f"{name}: the loop says {value}, we say {f1[0].value}")
    of_loop = theirs[1] / len(rows) * 1e6
    return [f"{of_loop:.0f}", f"{of_loop / cost:.0f}"]


if __name__ == "__main__":
    main()
