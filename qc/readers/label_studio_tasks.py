"""Label Studio's tasks: the item's row, and what the rows of a submission have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.model import Role
from qc.readers.label_studio_reviews import identity, person
from qc.readers.label_studio_values import size_of
from qc.readers.numbers import number
from qc.readers.records import to_json

FACETS: Final = ("batch", "site", "guideline", "difficulty")
SHARED: Final = (*FACETS, "tags")
"""Columns of an item that its answers repeat."""

_LONGEST: Final = 1 << 31
_MEDIA: Final = dict.fromkeys(("image", "audio", "video", "html", "url", "uri"))
_NAMED: Final = frozenset({*SHARED, "text"})

Row = dict[str, Any]
"""A row of a table by column."""

# Members of a task, whose role they have (None: the people's), whether they are drafts, and what keeps their ids apart.
MEMBERS: Final[tuple[tuple[str, Role | None, bool, str], ...]] = (
    ("predictions", Role.MODEL, False, "prediction "),
    ("annotations", None, False, ""),
    # What annotations were called before version 1.0.
    ("completions", None, False, ""),
    ("drafts", None, True, "draft "),
)


def item_row(item_id: str, data: Row, meta: Row, paths: Mapping[str, str], task: Row) -> Row:
    """The item's row, batch and the like from where `paths` say, else by their names; the rest is kept in `meta`."""
    both = {**meta, **data} if meta else data
    text = data.get("text")
    media = None
    if not _MEDIA.keys().isdisjoint(data):
        # The text of a page is no address of one.
        media = next((name for name in _MEDIA if isinstance(data.get(name), str) and "<" not in data[name]), None)
    row: Row = {"item_id": item_id, "text": text if isinstance(text, str) else None}
    row["media"] = media if media in ("image", "audio", "video") else "text" if row["text"] is not None else None
    row["uri"] = data[media] if media else None
    for name in FACETS:
        value = at(task, paths[name]) if name in paths else both.get(name)
        row[name] = value if isinstance(value, str) else str(value) if isinstance(value, int | float) else None
    tags = at(task, paths["tags"]) if "tags" in paths else both.get("tags")
    listed = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    row["tags"] = tags if listed else None
    rest = {name: value for name, value in both.items() if name not in _NAMED and name != media}
    if tags and not listed:
        rest["tags"] = tags
    row["meta"] = to_json(rest)
    return row


def at(task: Row, path: str) -> Any:
    """What stands at a path like data.batch, or None."""
    found: Any = task
    for step in path.split("."):
        found = as_dict(found).get(step)
    return found


def answered(task: Any) -> list[Any]:
    """The annotations of a task, by either of their names."""
    return members(task, "annotations") + members(task, "completions")


def extent(task: Row) -> Row:
    """Width, height and number of frames of the item, as the first result that does states them."""
    for submission in answered(task):
        for result in map(as_dict, members(submission, "result")):
            if found := extent_of(size_of(result), number(as_dict(result.get("value")).get("framesCount"))):
                return found
    return {}


def extent_of(size: tuple[float, float] | None, frames: float | None = None) -> Row:
    """The columns of an item's extent: pixels and frames, where they are possible."""
    row: Row = {}
    if size and size[0] < _LONGEST and size[1] < _LONGEST:
        row = {"width": int(size[0]), "height": int(size[1])}
    return row | ({"n_frames": int(frames)} if frames and frames >= 1 else {})


def author(raw: Row, role: Role, unnamed: str | None) -> Row:
    """Who or what answered, and what the answer started from; `unnamed` stands for a person whom nothing names."""
    if role is Role.MODEL:
        model = identity(raw.get("model_version")) or Role.MODEL
        return {"annotator": model, "model": model}
    parents = (identity(raw.get("parent_annotation")), identity(raw.get("parent_prediction")))
    parent = parents[0] or (parents[1] and f"prediction {parents[1]}")
    return {"annotator": person(raw.get("completed_by", raw.get("user"))) or unnamed, "parent": parent}


def as_dict(value: Any) -> Row:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def members(value: Any, name: str) -> list[Any]:
    """A member that is a list, else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
