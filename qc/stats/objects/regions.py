"""From rows of regions to objects that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from qc.stats.objects import boxes, keypoints
from qc.stats.objects.areas import Areas, outlines
from qc.stats.objects.keypoints import Keypoints
from qc.stats.objects.lines import Lines, lines
from qc.stats.objects.masks import Masks
from qc.stats.objects.tracks import Tracks, tracks
from qc.stats.patterns import Floats, Integers

SHAPES: Final = ("boxes", "polygons", "masks", "polylines", "keypoints")
"""Kinds of regions; their place is the code in the column `shape`."""
BOX, POLYGON, MASK, LINE, POINTS = range(5)
AREA: Final = 0
TRACK: Final = 5

_NO_FAMILY: Final = -1


@dataclass(frozen=True, eq=False, slots=True)
class Objects:
    """Objects as integer codes: item, annotator (below 0: gold), label; bounds (n x 4) as `candidates` wants them.

    `point`: which are single key points; `page`: on which of several pictures of the item each object lies.
    """

    item: Integers
    annotator: Integers
    label: Integers
    bounds: Floats
    point: NDArray[np.bool_]
    page: Integers


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """The objects of some items with what they look like: `member` is the place of each object in its family."""

    objects: Objects
    family: Integers
    member: Integers
    families: Mapping[int, Areas | Lines | Keypoints | Tracks]

    @property
    def tracks(self) -> tuple[Tracks, Integers] | None:
        """The tracks, and which objects they are; None where nothing was drawn on video."""
        found = self.families.get(TRACK)
        return (found, np.flatnonzero(self.family == TRACK)) if isinstance(found, Tracks) else None

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """How alike objects are, 0 to 1; those of different families or pages not at all."""
        found = np.zeros(len(i))
        beside = self.objects.page[i] == self.objects.page[j]
        for code, family in self.families.items():
            rows = np.flatnonzero((self.family[i] == code) & (self.family[j] == code) & beside)
            found[rows] = family.similarity(self.member[i[rows]], self.member[j[rows]])
        return found


def drawn(table: pa.Table) -> Drawn:
    """The objects of the measure `drawn` (some of its items): rows of one object are its parts or its keyframes."""
    item, annotator, label, shape = (_integers(table, name) for name in ("item", "annotator", "label", "shape"))
    frame = table["frame"].combine_chunks()
    on_video = np.asarray(frame.is_valid())
    thing = _objects(item, annotator, table["object"].combine_chunks())
    n = int(thing.max(initial=-1)) + 1
    first = np.full(n, len(thing))
    np.minimum.at(first, thing, np.arange(len(thing)))
    labels = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(labels, thing, label)
    kind = np.where(on_video, TRACK, np.where(shape <= MASK, AREA, shape))
    family = np.full(n, _NO_FAMILY)
    np.maximum.at(family, thing, kind)
    bounds = np.full((n, 4), np.nan)
    point = np.zeros(n, dtype=bool)
    member = np.zeros(n, dtype=np.int64)
    rows = _Rows(table, shape)
    families: dict[int, Areas | Lines | Keypoints | Tracks] = {}
    for code, make in ((AREA, _areas), (LINE, _lines), (POINTS, _points), (TRACK, _tracks)):
        these = np.flatnonzero(family == code)
        if not len(these):
            continue
        member[these] = np.arange(len(these))
        own = np.flatnonzero((kind == code) & (family[thing] == code))
        families[code] = make(rows, own, member[thing[own]], len(these))
        bounds[these] = families[code].bounds
        if isinstance(made := families[code], Keypoints):
            point[these] = made.single
    page = _integers(table, "page")[first]
    return Drawn(Objects(item[first], annotator[first], labels, bounds, point, page), family, member, families)


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    table: pa.Table
    shape: Integers

    def floats(self, name: str, rows: Integers) -> Floats:
        column = self.table[name].combine_chunks()
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)[rows]

    def lists(self, name: str, rows: Integers) -> tuple[NDArray[Any], Integers]:
        """The values of some rows one after the other, and how many each row has."""
        column = self.table[name].combine_chunks().take(pa.array(rows))
        lengths = np.asarray(pc.fill_null(pc.list_value_length(column), 0), dtype=np.int64)
        return np.asarray(column.flatten().to_numpy(zero_copy_only=False)), lengths

    def points(self, rows: Integers) -> tuple[Floats, Integers]:
        """Points (n x 2) of the rows one after the other, and how many each has; none where one is not finite."""
        flat, lengths = self.lists("points", rows)
        owner = np.repeat(np.arange(len(rows)), lengths)
        flat = flat.astype(np.float64)
        bad = (lengths % 2 == 1) | (np.bincount(owner, ~np.isfinite(flat), len(rows)) > 0)
        flat, lengths = flat[~bad[owner]], np.where(bad, 0, lengths)
        return flat.reshape(-1, 2), lengths // 2

    def boxes(self, rows: Integers) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        x, y, w, h, rotation = (self.floats(name, rows) for name in ("x", "y", "w", "h", "rotation"))
        return x, y, w, h, np.nan_to_num(rotation)


def _areas(rows: _Rows, own: Integers, member: Integers, n: int) -> Areas:
    shape = rows.shape[own]
    x, y, w, h, rotation = rows.boxes(own)
    single = np.bincount(member, minlength=n)[member] == 1
    plain = single & (shape == BOX) & (rotation == 0)
    masked = np.flatnonzero(single & (shape == MASK))
    bounds = np.full((n, 4), np.nan)
    bounds[member[plain]] = np.stack([x, y, x + w, y + h], axis=1)[plain]
    upright = np.isfinite(bounds).all(axis=1)
    mask = np.full(n, -1)
    mask[member[masked]] = np.arange(len(masked))
    counts, lengths = rows.lists("mask_rle", own[masked])
    high, wide = (np.nan_to_num(rows.floats(name, own[masked])).astype(np.int64) for name in ("mask_h", "mask_w"))
    masks = Masks.of(counts.astype(np.int64), np.concatenate([[0], np.cumsum(lengths)]), high, wide)
    bounds[member[masked]] = masks.bounds

    hole = np.asarray(pc.fill_null(rows.table["hole"].combine_chunks(), False))[own]
    turned = np.flatnonzero((shape == BOX) & ~plain & np.isfinite(x + y + w + h))
    ringed = np.flatnonzero(shape == POLYGON)
    points, lengths = rows.points(own[ringed])
    ringed, lengths = ringed[lengths > 0], lengths[lengths > 0]
    four = boxes.corners(x[turned], y[turned], w[turned], h[turned], rotation[turned]).reshape(-1, 2)
    of_ring = np.concatenate([ringed, turned])
    ring = np.repeat(np.arange(len(of_ring)), np.concatenate([lengths, np.full(len(turned), 4)]))
    shapes = outlines(np.concatenate([points, four]), ring, member[of_ring], hole[of_ring], n)
    drawn_so = ~shapely.is_missing(shapes)
    bounds[drawn_so] = shapely.bounds(shapes[drawn_so])
    return Areas(bounds, upright, mask, masks, shapes)


def _lines(rows: _Rows, own: Integers, member: Integers, n: int) -> Lines:
    order = np.argsort(member, kind="stable")
    points, lengths = rows.points(own[order])
    line = np.repeat(member[order], lengths)
    # A line without points lies nowhere.
    empty = np.flatnonzero(np.bincount(line, minlength=n) == 0)
    found = np.full(n, shapely.LineString(), dtype=object)
    some, place = np.unique(line, return_inverse=True)
    found[some] = lines(points, place, n - len(empty))
    return Lines(found)


def _points(rows: _Rows, own: Integers, member: Integers, n: int) -> Keypoints:
    _, one = np.unique(member, return_index=True)
    own = own[one]
    points, lengths = rows.points(own)
    seen, stated = _visibility(rows.table["visibility"].combine_chunks().take(pa.array(own)))
    told = stated == lengths
    labelled = np.ones(len(points), dtype=bool)
    labelled[np.repeat(told, lengths)] = seen[np.repeat(told, stated)] > 0
    first = np.concatenate([[0], np.cumsum(lengths)])
    return Keypoints(points, labelled, first, keypoints.sizes(points, labelled, first, rows.floats("picture", own)))


def _visibility(column: Any) -> tuple[Integers, Integers]:
    """What is said of each point, one row's after the other's, and for how many points of each row (0: unknown)."""
    parts = pc.split_pattern(column, ",")
    lengths = np.asarray(pc.fill_null(pc.list_value_length(parts), 0), dtype=np.int64)
    return np.asarray(parts.flatten().cast(pa.int64())), lengths


def _tracks(rows: _Rows, own: Integers, member: Integers, n: int) -> Tracks:
    x, y, w, h, rotation = rows.boxes(own)
    box = np.stack([x, y, x + w, y + h], axis=1)
    turned = np.flatnonzero(rotation != 0)
    four = boxes.corners(x[turned], y[turned], w[turned], h[turned], rotation[turned])
    box[turned] = np.concatenate([four.min(axis=1), four.max(axis=1)], axis=1)
    others = np.flatnonzero(~np.isfinite(box).all(axis=1))
    points, lengths = rows.points(own[others])
    box[others] = boxes.around(points, np.cumsum(lengths) - lengths, np.cumsum(lengths))
    outside = np.asarray(pc.fill_null(rows.table["outside"].combine_chunks(), False))[own]
    frame = np.asarray(pc.fill_null(rows.table["frame"].combine_chunks(), 0), dtype=np.int64)[own]
    return tracks(_integers(rows.table, "item")[own], member, frame, box, outside, n)


def _objects(item: Integers, annotator: Integers, name: Any) -> Integers:
    """Numbers the objects in the order of their first rows; rows of an answer with one name are one object."""
    names = name.dictionary_encode()
    code = np.asarray(pc.fill_null(names.indices, -1), dtype=np.int64)
    key = np.arange(len(item))
    several = np.flatnonzero(code >= 0)
    answer = np.unique(item[several], return_inverse=True)[1]
    people, who = np.unique(annotator[several], return_inverse=True)
    answer = (answer * len(people) + who) * len(names.dictionary) + code[several]
    _, first, place = np.unique(answer, return_index=True, return_inverse=True)
    key[several] = several[first[place]]
    return np.unique(key, return_inverse=True)[1]


def _integers(table: pa.Table, name: str) -> Integers:
    return np.asarray(table[name].combine_chunks(), dtype=np.int64)
