"""Objects on video: where they are between keyframes, and how much of space and time two of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.stats.objects import boxes
from qc.stats.objects.pairs import portions, within
from qc.stats.patterns import Floats, Integers

FRAMES: Final = 2_000
"""Frames of a video that are looked at; of a longer one they are spread evenly."""
BOXES: Final = 10_000_000
"""Boxes in frames that are held at a time."""


@dataclass(frozen=True, eq=False, slots=True)
class Tracks:
    """Boxes in frames, sorted by track and frame; those of track k are first[k] to first[k + 1]."""

    track: Integers
    frame: Integers
    boxes: Floats
    first: Integers

    @property
    def lengths(self) -> Integers:
        """Frames of each track."""
        return np.diff(self.first)

    @property
    def bounds(self) -> Floats:
        """The box around all of a track, not finite for one that is never seen."""
        found = np.full((len(self.first) - 1, 4), np.nan)
        some = np.flatnonzero(self.lengths)
        if len(some):
            found[some, :2] = np.minimum.reduceat(self.boxes[:, :2], self.first[some])
            found[some, 2:] = np.maximum.reduceat(self.boxes[:, 2:], self.first[some])
        return found

    def similarity(self, i: Integers, j: Integers) -> Floats:
        """Temporal IoU: what two tracks share, summed over the frames, over what either covers."""
        area = boxes.area(self.boxes)
        total = np.concatenate([[0.0], np.cumsum(area)])
        volume = total[self.first[1:]] - total[self.first[:-1]]
        pair, one, other = self.together(i, j)
        overlap = boxes.overlap(self.boxes[one], self.boxes[other])
        # From the quotient of each frame back to what is shared: s = q (a + b) / (1 + q).
        common = overlap * (area[one] + area[other]) / (1 + overlap)
        shared = np.bincount(pair, common, len(i)).astype(np.float64)
        return boxes.ratio(shared, volume[i] + volume[j] - shared)

    def together(self, i: Integers, j: Integers) -> tuple[Integers, Integers, Integers]:
        """The frames in which both of a pair are seen: which pair, and the places of the two boxes."""
        few, many = np.where(self.lengths[i] <= self.lengths[j], (i, j), (j, i))
        stride = int(self.frame.max(initial=0)) + 1
        line = self.track * stride + self.frame
        found = [(np.zeros(0, dtype=np.int64),) * 3]
        for start, stop in portions(self.lengths[few]):
            times = self.lengths[few[start:stop]]
            pair = np.repeat(np.arange(start, stop), times)
            one = within(times) + self.first[few[pair]]
            wanted = many[pair] * stride + self.frame[one]
            other = np.minimum(np.searchsorted(line, wanted), len(line) - 1)
            both = line[other] == wanted
            pair, one, other = pair[both], one[both], other[both]
            turned = few[pair] != i[pair]
            found.append((pair, np.where(turned, other, one), np.where(turned, one, other)))
        pair, one, other = (np.concatenate(column) for column in zip(*found, strict=True))
        return pair, one, other


def tracks(
    item: Integers, track: Integers, frame: Integers, box: Floats, outside: NDArray[np.bool_], count: int
) -> Tracks:
    """The boxes of tracks 0 … count - 1 in every frame, from keyframes.

    A box moves evenly from one keyframe to the next, and stays where it is until a frame in which it is `outside`; it
    ends with its last keyframe. Frames are counted from the first that anybody marked in the item; of those of a video
    longer than FRAMES, or where tracks would come to more than BOXES, every k-th.
    """
    items, place = np.unique(item, return_inverse=True)
    low, high = np.full(len(items), 2**62), np.full(len(items), -(2**62))
    np.minimum.at(low, place, frame)
    np.maximum.at(high, place, frame)
    step = -(-(high - low + 1) // FRAMES)[place]
    order = np.lexsort((frame, track))
    track, box, outside, step = track[order], box[order], outside[order], step[order]
    at = frame[order] - low[place][order]
    goes_on = np.append(track[1:] == track[:-1], False)
    until = np.where(goes_on, np.append(at[1:], 0), at + 1)
    seen = ~outside & np.isfinite(box).all(axis=1)
    step *= max(1, -(-int(np.where(seen, -(-(until - at) // step), 0).sum()) // BOXES))
    # The k-th frame looked at is k · step.
    first, last = -(-at // step), -(-until // step)
    times = np.where(seen, last - first, 0)
    key = np.repeat(np.arange(len(times)), times)
    looked = first[key] + within(times)
    moves = goes_on & np.append(seen[1:], False)
    share = np.where(moves[key], (looked * step[key] - at[key]) / np.maximum(until - at, 1)[key], 0.0)[:, None]
    after = np.minimum(key + 1, len(box) - 1)
    placed = np.where(share > 0, box[key] * (1 - share) + box[after] * share, box[key])
    of = track[key]
    return Tracks(of, looked, placed, np.searchsorted(of, np.arange(count + 1)))
