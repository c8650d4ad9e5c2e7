"""The common shape of Label Studio's JSON as types: what fits them is decoded at once, all else value by value."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from qc.readers.numbers import LARGEST

Id = Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Labels = Annotated[list[str], Meta(min_length=1)]


class Result(Struct, gc=False, tag_field="type"):
    """What every result has beside its value."""

    from_name: str
    id: str | None = None
    origin: str | None = None
    score: Number | None = None
    original_width: Number | None = None
    original_height: Number | None = None
    item_index: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] | None = None


class Chosen(Struct, gc=False):
    """The value of choices."""

    choices: list[str]


class Choices(Result, tag="choices", kw_only=True):
    """One choice or several."""

    value: Chosen


class Stars(Struct, gc=False):
    """The value of a rating."""

    rating: Number


class Rating(Result, tag="rating", kw_only=True):
    """A number of stars."""

    value: Stars


class Given(Struct, gc=False):
    """The value of a number."""

    number: Number


class Numeric(Result, tag="number", kw_only=True):
    """A number."""

    value: Given


class Written(Struct, gc=False):
    """The value of a text area."""

    text: list[str] | str


class TextArea(Result, tag="textarea", kw_only=True):
    """Words of the annotator's own."""

    value: Written


class Stretch(Struct, gc=False, forbid_unknown_fields=True):
    """The value of a span of text; values that say more (of sound, of HTML, of shapes) do not fit."""

    start: Id
    end: Id
    text: str
    labels: Labels


class Span(Result, tag="labels", kw_only=True):
    """A labelled span of text."""

    value: Stretch


class Rectangle(Struct, gc=False, forbid_unknown_fields=True):
    """The value of a box in percent of the image."""

    x: Number
    y: Number
    width: Number
    height: Number
    rectanglelabels: Labels
    rotation: Number | None = None


class Box(Result, tag="rectanglelabels", kw_only=True):
    """A labelled box."""

    value: Rectangle


Common = Choices | Rating | Numeric | TextArea | Span | Box


class User(Struct, gc=False):
    """A person, as Enterprise and snapshots name them."""

    id: Id | str | None = None
    email: Id | str | None = None
    username: Id | str | None = None


class Snapshot(Struct, gc=False):
    """The prediction that an annotation started from, as it was."""

    id: Any = None
    result: Any = None


class Submission(Struct, gc=False):
    """An annotation, a prediction or a draft."""

    id: Id
    result: list[Common] = []
    completed_by: Id | str | User | UnsetType | None = UNSET
    user: Id | str | User | None = None
    created_at: str | None = None
    updated_at: str | None = None
    draft_created_at: str | None = None
    lead_time: float | None = None
    was_cancelled: bool | None = None
    skipped: bool | None = None
    ground_truth: bool | None = None
    last_action: str | None = None
    last_created_by: Any = None
    parent_prediction: Id | None = None
    parent_annotation: Id | None = None
    prediction: Snapshot | None = None
    model_version: str | None = None
    score: Number | None = None
    reviews: list[dict[str, Any]] | None = None
    history: UnsetType | list[Any] | None = UNSET


class Task(Struct, gc=False):
    """A task with all that was submitted for it."""

    id: Id
    data: dict[str, Any] = {}
    meta: dict[str, Any] | None = None
    annotations: list[Submission] = []
    predictions: list[Submission] = []
    drafts: list[Submission] = []
    completions: UnsetType | None = UNSET
