"""Tracks frame by frame: whether people see the same objects in each, and under one identity throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.model import Estimate
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.objects import boxes
from qc.stats.objects.answers import Answers
from qc.stats.objects.assignment import assigned
from qc.stats.objects.comparison import GATE, SAME_LABEL
from qc.stats.objects.pairs import overlapping
from qc.stats.objects.regions import Drawn
from qc.stats.objects.tracks import Tracks
from qc.stats.patterns import Floats, Integers


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """For every two people of an item: the boxes of both in all frames, and twice those matched.

    `in_frame` are matched in their frame, with the same label; `identity` those of tracks that are matched as a whole,
    so that the most frames count (IDTP).
    """

    item: Integers
    a: Integers
    b: Integers
    in_frame: Floats
    identity: Floats
    both: Floats


def frames(drawn: Drawn, answers: Answers) -> Frames | None:
    """The counts of some items; answers: sorted. None where nothing was drawn on video."""
    if drawn.tracks is None:
        return None
    tracks, place = drawn.tracks
    objects = drawn.objects
    item, annotator, label = objects.item[place], objects.annotator[place], objects.label[place]
    of_answer = answers.of(item, annotator)
    pairs = answers.pairs()
    size = len(pairs.one)
    i, j = _of_people(item, annotator, tracks)
    track, here, there = tracks.together(i, j)
    overlap = boxes.overlap(tracks.boxes[here], tracks.boxes[there])
    near = overlap >= GATE
    track, here, there, overlap = track[near], here[near], there[near], overlap[near]
    row = pairs.row(of_answer[i], of_answer[j])
    same = (label[i] == label[j])[track]
    kept = assigned(_nodes(here, row[track]), _nodes(there, row[track]), overlap + SAME_LABEL * same) & same
    in_frame = np.bincount(row[track[kept]], minlength=size)
    frames_of = np.bincount(track, minlength=len(i))
    some = np.flatnonzero(frames_of)
    some = some[assigned(_nodes(i[some], row[some]), _nodes(j[some], row[some]), frames_of[some].astype(np.float64))]
    identity = np.bincount(row[some], frames_of[some], size)
    seen = np.bincount(of_answer, tracks.lengths, len(answers.item))
    people = answers.annotator[pairs.one] >= 0
    one, other = pairs.one[people], pairs.other[people]
    return Frames(
        answers.item[one],
        answers.annotator[one],
        answers.annotator[other],
        np.asarray(2 * in_frame[people], dtype=np.float64),
        np.asarray(2 * identity[people], dtype=np.float64),
        np.asarray(seen[one] + seen[other], dtype=np.float64),
    )


def _of_people(item: Integers, annotator: Integers, tracks: Tracks) -> tuple[Integers, Integers]:
    """Pairs of two people's tracks that are ever in one place."""
    none = np.zeros(0, dtype=np.int64)
    found = [(none, none), *overlapping(item, annotator, tracks.bounds)]
    i, j = (np.concatenate(side) for side in zip(*found, strict=True))
    people = annotator[i] >= 0
    return i[people], j[people]


def _nodes(thing: Integers, row: Integers) -> Integers:
    """A thing is a node of its own in each pair of answers."""
    key = row * (int(thing.max(initial=0)) + 1) + thing
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def frame_agreement(parts: Sequence[Frames]) -> tuple[Estimate, Estimate]:
    """F1 of the boxes in single frames, and IDF1, which counts those of one identity only.

    Source of IDF1: Ristani et al. 2016. The first less the second is what is lost to changed identities.
    """
    whole = Frames(*(np.concatenate([getattr(part, name) for part in parts]) for name in Frames.__slots__))
    nothing = "nobody drew anything on video"
    return (
        pooled(PairSums(whole.item, whole.a, whole.b, whole.in_frame, whole.both), nothing)[0],
        pooled(PairSums(whole.item, whole.a, whole.b, whole.identity, whole.both), nothing)[0],
    )
