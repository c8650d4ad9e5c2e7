"""Masks as run lengths down the columns of an image (COCO's order), beginning with what is not of the mask.

What two masks share is found from their runs; no image is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from qc.stats.objects.pairs import portions, within
from qc.stats.patterns import Floats, Integers


@dataclass(frozen=True, eq=False, slots=True)
class Masks:
    """The runs that are of each mask: start to end (exclusive) of the pixels counted down the columns.

    The runs of mask k are first[k] to first[k + 1]; `before` is how many pixels of the mask precede a run.
    """

    start: Integers
    end: Integers
    before: Integers
    first: Integers
    height: Integers
    width: Integers

    @classmethod
    def of(cls, counts: Integers, offsets: Integers, height: Integers, width: Integers) -> Masks:
        """From all run lengths one after the other; those of mask k are counts[offsets[k]:offsets[k + 1]]."""
        sizes = np.diff(offsets)
        mask = np.repeat(np.arange(len(sizes)), sizes)
        place = within(sizes)
        ends = np.cumsum(counts)
        ends -= np.repeat(np.concatenate([[0], ends])[offsets[:-1]], sizes)
        of_mask = (place % 2 == 1) & (counts > 0)
        length, end, mask = counts[of_mask], ends[of_mask], mask[of_mask]
        first = np.searchsorted(mask, np.arange(len(sizes) + 1))
        total = np.concatenate([[0], np.cumsum(length)])
        before = total[:-1] - total[first[:-1]][mask]
        return cls(end - length, end, before, first, height, width)

    @property
    def area(self) -> Integers:
        """Pixels of each mask."""
        total = np.concatenate([[0], np.cumsum(self.end - self.start)])
        return np.asarray(np.diff(total[self.first]))

    @property
    def bounds(self) -> Floats:
        """Left, top, right, bottom of each mask's pixels; not finite where it has none."""
        runs = np.diff(self.first)
        bounds = np.full((len(runs), 4), np.nan)
        some = np.flatnonzero(runs)
        if len(some):
            high = np.maximum(np.repeat(self.height, runs), 1)
            left, right = self.start // high, (self.end - 1) // high
            # A run that goes on in the next column touches the lower edge and the upper one.
            wraps = right > left
            top, bottom = np.where(wraps, 0, self.start % high), np.where(wraps, high - 1, (self.end - 1) % high)
            at = self.first[some]
            bounds[some, 0] = np.minimum.reduceat(left, at)
            bounds[some, 1] = np.minimum.reduceat(top, at)
            bounds[some, 2] = np.maximum.reduceat(right, at) + 1
            bounds[some, 3] = np.maximum.reduceat(bottom, at) + 1
        return bounds

    def shared(self, i: Integers, j: Integers) -> Integers:
        """Pixels that masks i[k] and j[k] of images of one size have in common."""
        runs = np.diff(self.first)
        fewer = runs[i] <= runs[j]
        few, many = np.where(fewer, i, j), np.where(fewer, j, i)
        stride = int(self.end.max(initial=0)) + 1
        line = self.start + stride * np.repeat(np.arange(len(runs)), runs)
        found = np.zeros(len(i), dtype=np.int64)
        for begin, stop in portions(runs[few]):
            times = runs[few[begin:stop]]
            pair = np.repeat(np.arange(begin, stop), times)
            run, other = within(times) + self.first[few[pair]], many[pair]
            common = self._until(line, stride, other, self.end[run]) - self._until(line, stride, other, self.start[run])
            found[begin:stop] = np.bincount(pair - begin, common, stop - begin)
        return found

    def _until(self, line: Integers, stride: int, mask: Integers, pixel: Integers) -> Integers:
        """How many pixels of a mask come before a pixel; `line` holds the starts of all masks' runs, a stride apart."""
        run = np.searchsorted(line, mask * stride + pixel, "right") - 1
        own = run >= self.first[mask]
        run = np.maximum(run, 0)
        within = np.minimum(pixel, self.end[run]) - self.start[run]
        return np.where(own, self.before[run] + within, 0)

    def outline(self, mask: int) -> Any:
        """The pixels of one mask as a polygon."""
        part = slice(int(self.first[mask]), int(self.first[mask + 1]))
        high = max(int(self.height[mask]), 1)
        start, last = self.start[part], self.end[part] - 1
        left, right, top, bottom = start // high, last // high, start % high, last % high
        # A run over several columns is the end of one, the whole of those between, and the beginning of another.
        one = left == right
        pieces = [
            shapely.box(left, top, left + 1, np.where(one, bottom + 1, high)),
            shapely.box((left + 1)[~one], 0, right[~one], high),
            shapely.box(right[~one], 0, right[~one] + 1, (bottom + 1)[~one]),
        ]
        found = np.concatenate(pieces)
        return shapely.union_all(found[shapely.area(found) > 0])
