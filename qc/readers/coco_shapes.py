"""The shapes of some thousand COCO annotations as columns of `regions`: pixels, cut at the edges of their images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qc.model import Kind
from qc.readers import masks, shapes
from qc.readers.coco_survey import Category
from qc.readers.numbers import LARGEST
from qc.readers.shapes import BadShapeError
from qc.readers.spool import Places

Floats = npt.NDArray[np.float64]


class Rle(msgspec.Struct):
    """A mask as run lengths, plain or as compressed text; `size` is height and width."""

    size: tuple[int, int]
    counts: list[int] | str


def annotation_type(members: Sequence[str]) -> Any:
    """What an annotation is decoded to; `members` that the format does not know are kept as `kept_0`, `kept_1` …"""
    raw, nothing = msgspec.Raw, msgspec.Raw(b"null")
    known: list[tuple[str, Any, Any]] = [
        ("id", int | str | None, None),
        ("category_id", int | str | None, None),
        ("bbox", list[float] | None, None),
        ("segmentation", list[list[float]] | Rle | None, None),
        ("keypoints", list[float] | None, None),
        ("iscrowd", raw, nothing),
        ("score", float | None, None),
        ("caption", str | None, None),
        ("attributes", raw, nothing),
    ]
    names = {f"kept_{place}": member for place, member in enumerate(members)}
    fields = [*known, *((name, raw, nothing) for name in names)]
    # Nothing in it can refer to itself: the collector of cycles need not look at it.
    return msgspec.defstruct("Annotation", fields, rename=names, gc=False)


@dataclass(slots=True)
class Drawn:
    """Annotations of one chunk with their categories and sizes of images (0 unknown), and what is found to be wrong.

    `faults` has the reason for each annotation (by its place in the chunk) that cannot be taken, `cut` the places of
    those that reached over the edge of their image with any shape, `remarks` the rest.
    """

    annotations: Sequence[Any]
    categories: Sequence[Category | None]
    widths: Floats
    heights: Floats
    faults: dict[int, str] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    remarks: Counter[str] = field(default_factory=Counter)

    def fault(self, places: Places, reason: str) -> None:
        """Marks annotations that cannot be taken; the first reason stands."""
        for place in places.tolist():
            self.faults.setdefault(place, reason)

    def with_(self, member: str) -> Places:
        """The places of the annotations in which a member says something."""
        said = attrgetter(member)
        found = [place for place, each in enumerate(self.annotations) if each is not None and said(each)]
        return np.array(found, np.int64)


@dataclass(frozen=True, slots=True)
class Regions:
    """Rows of one question: the place of the annotation of each, columns of the schema, and attributes of its own."""

    places: Places
    columns: dict[str, pa.Array]
    attributes: list[dict[str, Any]] | None = None


def boxes(drawn: Drawn) -> Regions:
    """`bbox`: left, top, width, height."""
    places = drawn.with_("bbox")
    found = [drawn.annotations[place].bbox for place in places.tolist()]
    four = np.fromiter((len(box) == 4 for box in found), np.bool_, len(found))
    drawn.fault(places[~four], shapes.NO_BOX)
    places = places[four]
    values = np.array([box for box in found if len(box) == 4], np.float64).reshape(-1, 4)
    sound = (np.abs(values) <= LARGEST).all(axis=1)
    drawn.fault(places[~sound], shapes.NO_BOX)
    negative = sound & (values[:, 2:] < 0).any(axis=1)
    drawn.fault(places[negative], shapes.NEGATIVE)
    places, values = places[sound & ~negative], values[sound & ~negative]
    x, y, w, h = values.T
    width, height = drawn.widths[places], drawn.heights[places]
    known = (width > 0) & (height > 0)
    left, top = np.maximum(x, 0), np.maximum(y, 0)
    right, bottom = np.minimum(x + w, width), np.minimum(y + h, height)
    drawn.fault(places[known & ((right < left) | (bottom < top))], shapes.OUTSIDE)
    cut = known & ((left > x) | (top > y) | (right < x + w) | (bottom < y + h))
    x, y = np.where(cut, left, x), np.where(cut, top, y)
    w, h = np.where(cut, right - left, w), np.where(cut, bottom - top, h)
    flat = known & ((w == 0) | (h == 0))
    drawn.cut.update(places[cut & ~flat].tolist())
    drawn.remarks[shapes.FLAT] += int(flat.sum())
    return Regions(places, {name: pa.array(column) for name, column in zip("xywh", (x, y, w, h), strict=True)})


def polygons(drawn: Drawn) -> Regions:
    """`segmentation` as lists of x, y, x, y …: one row for each, so that an object may have several parts."""
    owners, parts = [], []
    for place in drawn.with_("segmentation").tolist():
        found = drawn.annotations[place].segmentation
        if isinstance(found, list):
            rings = [ring for ring in found if ring]
            parts += rings
            owners += [place] * len(rings)
    places, lengths = np.array(owners, np.int64), np.array(list(map(len, parts)), np.int64)
    odd, short = lengths % 2 == 1, lengths < 6
    drawn.fault(places[odd], shapes.NO_POINT)
    drawn.fault(places[short], "a polygon has fewer than three points")
    if (odd | short).any():
        parts = [part for part, bad in zip(parts, (odd | short).tolist(), strict=True) if not bad]
        places, lengths = places[~(odd | short)], lengths[~(odd | short)]
    flat = np.fromiter(chain.from_iterable(parts), np.float64, int(lengths.sum()))
    starts = np.cumsum(lengths) - lengths
    if len(places):
        flat = _fitted(drawn, places, flat, starts, lengths)
    points = pa.ListArray.from_arrays(pa.array(np.append(starts, len(flat)), pa.int32()), pa.array(flat))
    return Regions(places, {"points": points}, _parts(drawn, places))


def _fitted(drawn: Drawn, places: Places, flat: Floats, starts: Places, lengths: Places) -> Floats:
    """The points of polygons, none of them beyond the edges of its image."""
    far = np.maximum.reduceat(np.abs(flat), starts) > LARGEST
    drawn.fault(places[far], shapes.NO_POINT)
    limits = np.repeat(np.column_stack((drawn.widths[places], drawn.heights[places])), lengths // 2, axis=0).ravel()
    limits = np.where(limits > 0, limits, np.inf)
    fitted = np.clip(flat, np.where(np.isinf(limits), -np.inf, 0.0), limits)
    moved = np.add.reduceat(fitted != flat, starts) > 0
    for axis in (0, 1):
        steps = starts // 2
        values, edges = flat[axis::2], limits[axis::2]
        low, high = np.minimum.reduceat(values, steps), np.maximum.reduceat(values, steps)
        drawn.fault(places[np.isfinite(edges[steps]) & ((high < 0) | (low > edges[steps]))], shapes.OUTSIDE)
    drawn.cut.update(places[moved].tolist())
    return fitted


def _parts(drawn: Drawn, places: Places) -> list[dict[str, Any]] | None:
    """For objects of several parts, which part of which object each row is."""
    counts = Counter(places.tolist())
    if len(counts) == len(places):
        return None
    met: Counter[int] = Counter()
    rows = []
    for place in places.tolist():
        rows.append({"part": met[place]} if counts[place] > 1 else {})
        met[place] += 1
    return rows


def run_lengths(drawn: Drawn) -> Regions:
    """`segmentation` as run lengths down the columns of the image, plain or compressed."""
    places, rows = [], []
    for place in drawn.with_("segmentation").tolist():
        found = drawn.annotations[place].segmentation
        if isinstance(found, Rle):
            height, width = found.size
            make: Any = masks.from_text if isinstance(found.counts, str) else masks.from_columns
            try:
                rows.append(make(found.counts, width, height))
                places.append(place)
            except BadShapeError as error:
                drawn.faults.setdefault(place, f"{error}")
    types = {"mask_rle": pa.list_(pa.int64()), "mask_h": pa.int32(), "mask_w": pa.int32()}
    columns = {name: pa.array([row[name] for row in rows], type_) for name, type_ in types.items()}
    return Regions(np.array(places, np.int64), columns)


def keypoints(drawn: Drawn) -> Regions:
    """`keypoints` as x, y, visibility …; a set of which nothing is marked (all 0) is none."""
    places, points, attributes = [], [], []
    for place in drawn.with_("keypoints").tolist():
        found = drawn.annotations[place].keypoints
        if len(found) % 3 or max(map(abs, found)) > LARGEST:
            drawn.faults.setdefault(place, shapes.NO_POINT)
        elif any(found[2::3]):
            category = drawn.categories[place]
            names = category.points if category and len(category.points) == len(found) // 3 else None
            places.append(place)
            points.append([value for at in range(0, len(found), 3) for value in found[at : at + 2]])
            seen = [int(value) for value in found[2::3]]
            attributes.append({"names": names, "visibility": seen} if names else {"visibility": seen})
    return Regions(np.array(places, np.int64), {"points": pa.array(points, pa.list_(pa.float64()))}, attributes)


KINDS: Final = {
    "boxes": Kind.BOXES,
    "polygons": Kind.POLYGONS,
    "masks": Kind.MASKS,
    "keypoints": Kind.KEYPOINTS,
}
"""The questions of shapes and their kinds."""

DRAWN: Final[Mapping[str, Callable[[Drawn], Regions]]] = {
    "boxes": boxes,
    "polygons": polygons,
    "masks": run_lengths,
    "keypoints": keypoints,
}
"""What draws the shapes of each."""
