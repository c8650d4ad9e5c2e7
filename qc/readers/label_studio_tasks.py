"""Label Studio's tasks: the item's row, and what the rows of a submission have in common."""

from __future__ import annotations

from typing import Any, Final

from qc.model import Origin, Role
from qc.readers.label_studio_results import Answer, to_json
from qc.readers.label_studio_reviews import identity, person
from qc.readers.numbers import number

FACETS: Final = ("batch", "site", "guideline", "difficulty")

_MEDIA: Final = ("image", "audio", "video", "html", "url", "uri")

Row = dict[str, Any]
"""A row of a table by column."""


def item_row(item_id: str, task: Row) -> Row:
    """The item's row; what has no column of its own is kept in `meta`."""
    data, meta = as_dict(task.get("data")), as_dict(task.get("meta"))
    both = meta | data
    media = next((name for name in _MEDIA if isinstance(data.get(name), str)), None)
    text = data.get("text") if isinstance(data.get("text"), str) else None
    facets = {name: str(both[name]) if isinstance(both.get(name), str | int | float) else None for name in FACETS}
    rest = {name: value for name, value in both.items() if name not in (*FACETS, media, "text")}
    return {
        "item_id": item_id,
        "media": media if media in ("image", "audio", "video") else "text" if text is not None else None,
        "uri": data[media] if media else None,
        "text": text,
        **facets,
        "meta": to_json(rest),
    }


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
