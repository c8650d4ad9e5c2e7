"""The issues that reviewers raise in CVAT: rejections of a frame's answer, or of the shape that they lie on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from qc.readers.fields import Row, as_dict, as_list, identity, text_of, whole
from qc.readers.numbers import number

SAME: Final = 0.5
"""IoU of the places of an issue and of the shape that it is about, from which on it is about it."""

Place = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a reviewer found wrong in a frame, and where."""

    id: str
    frame: int | None
    place: Place | None
    reviewer: str | None
    comment: str | None
    decided_at: Any
    resolved: bool


def issues(listed: Sequence[Any], comments: Sequence[Any]) -> dict[str, list[Issue]]:
    """Issues by job; their words stand in themselves or in the list of comments."""
    said: dict[str | None, list[str]] = {}
    for comment in map(as_dict, comments):
        said.setdefault(identity(comment.get("issue")), []).extend(_words([comment]))
    found: dict[str, list[Issue]] = {}
    for raw in map(as_dict, listed):
        job, name = identity(raw.get("job")), identity(raw.get("id"))
        if job and name:
            own = raw.get("comments")
            words = _words(as_list(own) or as_list(as_dict(own).get("results"))) or said.get(name, [])
            found.setdefault(job, []).append(
                Issue(
                    name,
                    whole(raw.get("frame")),
                    _place(as_list(raw.get("position"))),
                    text_of(as_dict(raw.get("owner")).get("username")),
                    "\n".join(words) or None,
                    raw.get("created_date"),
                    raw.get("resolved") is True,
                )
            )
    return found


def target(issue: Issue, regions: Mapping[str, Iterable[Row]]) -> tuple[str, str | None]:
    """The question and the region that an issue is about; without a shape at its place the first question."""
    best, found = SAME, (next(iter(regions)), None)
    for question, rows in regions.items():
        for row in rows:
            overlap = _iou(issue.place, _extent(row)) if row.get("frame") in (None, issue.frame) else 0.0
            if overlap >= best:
                best, found = overlap, (question, row["region_id"])
    return found


def _words(comments: Sequence[Any]) -> list[str]:
    return [text for comment in map(as_dict, comments) if (text := text_of(comment.get("message")))]


def _place(position: Sequence[Any]) -> Place | None:
    values = [value for value in map(number, position) if value is not None]
    return _bounds(values) if len(values) == len(position) >= 4 else None


def _extent(row: Row) -> Place | None:
    if row.get("w") is not None:
        return row["x"], row["y"], row["x"] + row["w"], row["y"] + row["h"]
    return _bounds(row["points"]) if row.get("points") else None


def _bounds(flat: Sequence[float]) -> Place:
    across, down = flat[::2], flat[1::2]
    return min(across), min(down), max(across), max(down)


def _iou(one: Place | None, other: Place | None) -> float:
    if one is None or other is None:
        return 0.0
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    both = sum((place[2] - place[0]) * (place[3] - place[1]) for place in (one, other)) - shared
    return shared / both if both > 0 else 0.0
