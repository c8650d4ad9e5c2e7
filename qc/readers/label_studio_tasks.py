"""Label Studio's tasks: the item's row, and what the rows of a submission have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.model import Origin, Role
from qc.readers.label_studio_results import Answer, to_json
from qc.readers.label_studio_reviews import identity, person
from qc.readers.numbers import number

FACETS: Final = ("batch", "site", "guideline", "difficulty")

_LONGEST: Final = 1 << 31
_MEDIA: Final = ("image", "audio", "video", "html", "url", "uri")

Row = dict[str, Any]
"""A row of a table by column."""


def item_row(item_id: str, task: Row, paths: Mapping[str, str]) -> Row:
    """The item's row, batch and the like from where `paths` say, else by their names; the rest is kept in `meta`."""
    data, meta = as_dict(task.get("data")), as_dict(task.get("meta"))
    both = meta | data
    media = next((name for name in _MEDIA if isinstance(data.get(name), str)), None)
    text = data.get("text") if isinstance(data.get("text"), str) else None
    facets = {name: at(task, paths[name]) if name in paths else both.get(name) for name in FACETS}
    rest = {name: value for name, value in both.items() if name not in (*FACETS, media, "text")}
    width, height = _size(task)
    return {
        "item_id": item_id,
        "media": media if media in ("image", "audio", "video") else "text" if text is not None else None,
        "uri": data[media] if media else None,
        "text": text,
        "width": width,
        "height": height,
        **{name: str(value) if isinstance(value, str | int | float) else None for name, value in facets.items()},
        "meta": to_json(rest),
    }


def at(task: Row, path: str) -> Any:
    """What stands at a path like data.batch, or None."""
    found: Any = task
    for step in path.split("."):
        found = as_dict(found).get(step)
    return found


def answered(task: Any) -> list[Any]:
    """The annotations of a task, by either of their names."""
    return members(task, "annotations") + members(task, "completions")


def _size(task: Row) -> tuple[int | None, int | None]:
    """Width and height of the item in pixels, as the first result of a submission states them."""
    for submission in answered(task):
        first = as_dict(next(iter(members(submission, "result")), None))
        width, height = number(first.get("original_width")), number(first.get("original_height"))
        if width and height and 0 < width < _LONGEST and 0 < height < _LONGEST:
            return int(width), int(height)
    return None, None


def author(raw: Row, role: Role) -> Row:
    """Who or what answered, and what the answer started from."""
    if role is Role.MODEL:
        model = identity(raw.get("model_version")) or Role.MODEL
        return {"annotator": model, "model": model}
    parents = (identity(raw.get("parent_annotation")), identity(raw.get("parent_prediction")))
    parent = parents[0] or (parents[1] and f"prediction {parents[1]}")
    return {"annotator": person(raw.get("completed_by", raw.get("user"))), "parent": parent}


def answer_row(answer: Answer, raw: Row) -> Row:
    """The value columns of one answer."""
    score = answer.score if answer.score is not None else number(raw.get("score"))
    origins = answer.origins or {Origin.IMPORTED if raw.get("last_action") == "imported" else Origin.UNKNOWN}
    edited = len(origins) > 1 and origins & {Origin.PREDICTION, Origin.PREDICTION_EDITED}
    origin = Origin.PREDICTION_EDITED if edited else min(origins)
    return {
        **answer.columns,
        "question": answer.question,
        "kind": answer.kind,
        "origin": origin,
        "score": score,
        "extra": to_json(answer.extra),
    }


def as_dict(value: Any) -> Row:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def members(value: Any, name: str) -> list[Any]:
    """A member that is a list, else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
