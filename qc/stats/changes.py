"""What changed from one list of regions to another: kept, moved, relabelled, added, removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pyarrow as pa

from qc.stats.objects.assignment import assigned
from qc.stats.objects.pairs import NEAR, candidates
from qc.stats.objects.regions import SHAPES, drawn
from qc.stats.patterns import Floats, Integers

Region = Mapping[str, Any]

OTHER_LABEL: Final = 0.5
"""Least likeness of two objects with different labels that are taken for one."""
ALIKE: Final = 0.9
"""Likeness from which two people's drawings are called the same: no two hands draw the same edge."""
_SAME_LABEL: Final = 0.1
_EXACT: Final = 1e-6
_NUMBERS: Final = ("x", "y", "w", "h", "rotation")
_LISTS: Final = {"points": pa.float64(), "mask_rle": pa.int64()}
_PLACES: Final = ("t_start", "t_end", "sec_start", "sec_end")
_LOOKS: Final = (*_NUMBERS, *_LISTS, "mask_h", "mask_w", *_PLACES, "frame", "outside")


class State(StrEnum):
    """What became of an object."""

    KEPT = "kept"
    MOVED = "moved"
    RELABELLED = "relabelled"
    BOTH = "moved and relabelled"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """An object before and after, each as its regions (parts or keyframes); empty where it is not there.

    likeness: intersection over union, or what stands for it (0 to 1), None for what is on one side only.
    """

    state: State
    before: tuple[Region, ...]
    after: tuple[Region, ...]
    likeness: float | None = None


def changes(before: Sequence[Region], after: Sequence[Region], alike: float = ALIKE) -> list[Change]:
    """What changed between two answers that were given apart; objects are matched by where they lie.

    The sum of likeness is greatest (Hungarian method). Spans and intervals are kept where their ends are the same,
    what was drawn where it is as much alike as `alike`. Matched objects come in the order of `before`, what was added
    comes last.
    """
    ones, others = objects(before), objects(after)
    i, j, likeness = _near(ones, others)
    same = np.array([_label(ones[a]) == _label(others[b]) for a, b in zip(i, j, strict=True)], dtype=bool)
    gate = likeness >= np.where(same, NEAR, OTHER_LABEL)
    i, j, likeness, same = i[gate], j[gate], likeness[gate], same[gate]
    kept = assigned(i, j, likeness + _SAME_LABEL * same)
    found = {int(a): (int(b), float(value)) for a, b, value in zip(i[kept], j[kept], likeness[kept], strict=True)}
    return _listed(ones, others, found, alike)


def edits(before: Sequence[Region], after: Sequence[Region]) -> list[Change]:
    """What somebody changed in an answer: an object of the same `region_id` is the same, however far it was moved."""
    ones, others = objects(before), objects(after)
    place = {_name(parts): at for at, parts in enumerate(others)}
    pairs = [(at, place[_name(parts)]) for at, parts in enumerate(ones) if _name(parts) in place]
    found = {a: (b, 1.0 if _looks(ones[a]) == _looks(others[b]) else 0.0) for a, b in pairs}
    if moved := [(a, b) for a, (b, likeness) in found.items() if likeness == 0.0]:
        i, j, likeness = _near([ones[a] for a, _ in moved], [others[b] for _, b in moved])
        for a, b, value in zip(i, j, likeness, strict=True):
            if a == b:
                found[moved[a][0]] = (moved[a][1], min(float(value), 1 - 2 * _EXACT))
    return _listed(ones, others, found, 1.0)


def _listed(
    ones: Sequence[tuple[Region, ...]],
    others: Sequence[tuple[Region, ...]],
    found: Mapping[int, tuple[int, float]],
    alike: float,
) -> list[Change]:
    listed = []
    for at, parts in enumerate(ones):
        if at not in found:
            listed.append(Change(State.REMOVED, parts, ()))
            continue
        other, likeness = found[at]
        enough = 1.0 if _on_a_line(parts) else alike
        listed.append(Change(_state(parts, others[other], likeness >= enough - _EXACT), parts, others[other], likeness))
    taken = {other for other, _ in found.values()}
    return [*listed, *(Change(State.ADDED, (), parts) for at, parts in enumerate(others) if at not in taken)]


def _state(before: tuple[Region, ...], after: tuple[Region, ...], stays: bool) -> State:
    relabelled = _label(before) != _label(after)
    if stays:
        return State.RELABELLED if relabelled else State.KEPT
    return State.BOTH if relabelled else State.MOVED


def objects(regions: Sequence[Region]) -> list[tuple[Region, ...]]:
    """Regions with what belongs to the same object: the parts of a shape, the keyframes of a track."""
    found: dict[Any, list[Region]] = {}
    for at, region in enumerate(regions):
        found.setdefault(_whole(region) or at, []).append(region)
    return [tuple(parts) for parts in found.values()]


def _whole(region: Region) -> str | None:
    """The name that the parts of one object share; None where a region is an object of its own."""
    if region.get("track_id") is not None:
        return str(region["track_id"])
    told = _attributes(region)
    return str(told["region"]) if "part" in told and told.get("region") is not None else None


def _attributes(region: Region) -> Mapping[str, Any]:
    text = region.get("attributes")
    try:
        told = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, Mapping) else {}


def _name(parts: tuple[Region, ...]) -> str:
    return _whole(parts[0]) or str(parts[0].get("region_id"))


def _label(parts: tuple[Region, ...]) -> str:
    return str(parts[0].get("label") or "")


def _looks(parts: tuple[Region, ...]) -> list[tuple[Any, ...]]:
    return [tuple(_plain(region.get(name)) for name in _LOOKS) for region in parts]


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple | np.ndarray) else value


def _on_a_line(parts: tuple[Region, ...]) -> bool:
    """Whether an object is a span of text or an interval of time, and no keyframe that knows its time."""
    return parts[0].get("track_id") is None and _ends(parts[0]) is not None


def _ends(region: Region) -> tuple[int, int] | None:
    """Characters, or milliseconds."""
    if region.get("t_start") is not None and region.get("t_end") is not None:
        return int(region["t_start"]), int(region["t_end"])
    if region.get("sec_start") is not None and region.get("x") is None:
        begin = float(region["sec_start"])
        end = region.get("sec_end")
        return round(begin * 1000), round(float(begin if end is None else end) * 1000)
    return None


def _near(
    ones: Sequence[tuple[Region, ...]], others: Sequence[tuple[Region, ...]]
) -> tuple[Integers, Integers, Floats]:
    """Pairs of objects that have something in common, and how much of both."""
    lines = [[at for at, parts in enumerate(side) if _on_a_line(parts)] for side in (ones, others)]
    shapes = [[at for at, parts in enumerate(side) if not _on_a_line(parts)] for side in (ones, others)]
    parts = [
        _overlapping([ones[at] for at in lines[0]], [others[at] for at in lines[1]]),
        _similar([ones[at] for at in shapes[0]], [others[at] for at in shapes[1]]),
    ]
    found = list(zip((lines, shapes), parts, strict=True))
    i, j = (
        np.concatenate([np.array(where[side], dtype=np.int64)[part[side]] for where, part in found]) for side in (0, 1)
    )
    return i, j, np.concatenate([part[2] for part in parts])


def _overlapping(
    ones: Sequence[tuple[Region, ...]], others: Sequence[tuple[Region, ...]]
) -> tuple[Integers, Integers, Floats]:
    """Intersection over union of spans and intervals; two of no length in one place are the same."""
    first, second = (np.array([_ends(parts[0]) for parts in side]).reshape(-1, 1, 2) for side in (ones, others))
    second = second.reshape(1, -1, 2)
    shared = np.minimum(first[..., 1], second[..., 1]) - np.maximum(first[..., 0], second[..., 0])
    joint = np.maximum(first[..., 1], second[..., 1]) - np.minimum(first[..., 0], second[..., 0])
    likeness = np.divide(np.maximum(shared, 0), joint, out=(joint == 0).astype(np.float64), where=joint > 0)
    i, j = np.nonzero(likeness >= NEAR)
    return i, j, likeness[i, j]


def _similar(
    ones: Sequence[tuple[Region, ...]], others: Sequence[tuple[Region, ...]]
) -> tuple[Integers, Integers, Floats]:
    """How alike what was drawn is: areas, lines, key points and tracks each in their own way."""
    if not ones or not others:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros(0)
    found = drawn(_table([*ones, *others], len(ones)))
    near = candidates(found.objects.item, found.objects.annotator, found.objects.bounds, found.similarity)
    return near.i, near.j - len(ones), near.similarity


def _table(objects: Sequence[tuple[Region, ...]], first: int) -> pa.Table:
    """The objects as rows of the measure `drawn`, the first of them by one annotator, the others by another."""
    rows = [(at, region) for at, parts in enumerate(objects) for region in parts]
    told = [_attributes(region) for _, region in rows]
    kinds = [str(region.get("kind")) for _, region in rows]
    columns: dict[str, Any] = {
        "item": pa.array([0] * len(rows), pa.int64()),
        "annotator": pa.array([int(at >= first) for at, _ in rows], pa.int64()),
        "label": pa.array([0] * len(rows), pa.int64()),
        "object": pa.array([str(at) for at, _ in rows]),
        "shape": pa.array([SHAPES.index(kind) if kind in SHAPES else 0 for kind in kinds], pa.int64()),
        "hole": pa.array([told_of.get("hole") is True for told_of in told]),
        "frame": pa.array([_frame(region) for _, region in rows], pa.int64()),
        "page": pa.array([_page(region) for _, region in rows], pa.int64()),
        "outside": pa.array([bool(region.get("outside")) for _, region in rows]),
        "visibility": pa.array([_visibility(told_of) for told_of in told], pa.string()),
        "picture": pa.array([None] * len(rows), pa.float64()),
    }
    columns |= {name: pa.array([region.get(name) for _, region in rows], pa.float64()) for name in _NUMBERS}
    columns |= {
        name: pa.array([_plain(region.get(name)) for _, region in rows], pa.list_(kind))
        for name, kind in _LISTS.items()
    }
    columns |= {name: pa.array([region.get(name) for _, region in rows], pa.int32()) for name in ("mask_h", "mask_w")}
    return pa.table(columns)


def _frame(region: Region) -> int | None:
    """The frame of a keyframe, milliseconds where only its time is known; None of what lies on no track."""
    if region.get("track_id") is None:
        return None
    frame = region.get("frame")
    return int(frame) if frame is not None else round(float(region.get("sec_start") or 0.0) * 1000)


def _page(region: Region) -> int:
    """Which of several pictures of its item a region lies on; what lies on a track is on the only one."""
    return int(region.get("frame") or 0) if region.get("track_id") is None else 0


def _visibility(told: Mapping[str, Any]) -> str | None:
    stated = told.get("visibility")
    return ",".join(map(str, stated)) if isinstance(stated, list) and stated else None
