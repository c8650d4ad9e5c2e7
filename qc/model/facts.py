"""The facts: table schemas, and the words that their columns may hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa


class Role(StrEnum):
    """Who an answer comes from."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"
    GOLD = "gold"
    MODEL = "model"
    CONSENSUS = "consensus"


class Status(StrEnum):
    """What became of a submission."""

    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    DRAFT = "draft"
    DISCARDED = "discarded"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What kind of answer a question takes; `none` is submitted with nothing to mark."""

    SINGLE = "single"
    MULTI = "multi"
    ORDINAL = "ordinal"
    NUMBER = "number"
    TEXT = "text"
    PAIRWISE = "pairwise"
    RANKING = "ranking"
    TAXONOMY = "taxonomy"
    SPANS = "spans"
    BOXES = "boxes"
    POLYGONS = "polygons"
    POLYLINES = "polylines"
    KEYPOINTS = "keypoints"
    MASKS = "masks"
    TRACKS = "tracks"
    INTERVALS = "intervals"
    NONE = "none"


class Origin(StrEnum):
    """What an answer or a region started from."""

    MANUAL = "manual"
    PREDICTION = "prediction"
    PREDICTION_EDITED = "prediction_edited"
    IMPORTED = "imported"
    UNKNOWN = "unknown"


class SecondsKind(StrEnum):
    """What a duration measures."""

    ACTIVE = "active"
    WALL = "wall"
    SHARED = "shared"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class TzSource(StrEnum):
    """How the time zone of a row's times is known."""

    EXPLICIT = "explicit"
    NAMED = "named"
    EPOCH = "epoch"
    ASSUMED = "assumed"


class Decision(StrEnum):
    """A reviewer's verdict on an answer."""

    ACCEPT = "accept"
    MINOR = "minor"
    REJECT = "reject"


ERROR_TYPES: Final = (
    "wrong label",
    "missed",
    "extra",
    "poor boundary",
    "wrong attribute",
    "guideline",
    "format",
    "other",
)
SEVERITIES: Final = ("critical", "major", "minor")
# In place of a label: the answer is wrong, and nobody said what is right, or several answers would be.
NOT_STATED: Final = "(not stated)"

_TIME: Final = pa.timestamp("us", tz="UTC")
_TEXTS: Final = pa.list_(pa.string())
_PROVENANCE: Final = [
    ("source", pa.string()),
    ("row_hash", pa.string()),
    ("import_id", pa.string()),
    ("source_pos", pa.int64()),
]


def _schema(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema(list(columns))


ANNOTATIONS: Final = _schema(
    ("project", pa.string()),
    ("item_id", pa.string()),
    ("question", pa.string()),
    ("annotation_id", pa.string()),
    ("annotator", pa.string()),
    ("role", pa.string()),
    ("status", pa.string()),
    ("kind", pa.string()),
    ("label", pa.string()),
    ("labels", _TEXTS),
    ("number", pa.float64()),
    ("text", pa.string()),
    ("started_at", _TIME),
    ("submitted_at", _TIME),
    ("updated_at", _TIME),
    ("tz_source", pa.string()),
    ("seconds", pa.float64()),
    ("seconds_kind", pa.string()),
    ("session", pa.string()),
    ("position", pa.float64()),
    ("origin", pa.string()),
    ("parent", pa.string()),
    ("model", pa.string()),
    ("score", pa.float64()),
    ("round", pa.int32()),
    ("revision", pa.int32()),
    ("current", pa.bool_()),
    # Digest of the answer alone (label, labels, number, text, regions): what a verdict judged.
    ("answer_hash", pa.string()),
    ("batch", pa.string()),
    ("site", pa.string()),
    ("guideline", pa.string()),
    ("difficulty", pa.string()),
    ("tags", _TEXTS),
    ("extra", pa.string()),
    *_PROVENANCE,
)

REGIONS: Final = _schema(
    ("project", pa.string()),
    ("annotation_id", pa.string()),
    ("question", pa.string()),
    ("revision", pa.int32()),
    ("region_id", pa.string()),
    ("kind", pa.string()),
    ("label", pa.string()),
    ("t_start", pa.int64()),
    ("t_end", pa.int64()),
    ("quote", pa.string()),
    ("x", pa.float64()),
    ("y", pa.float64()),
    ("w", pa.float64()),
    ("h", pa.float64()),
    ("rotation", pa.float64()),
    ("points", pa.list_(pa.float64())),
    ("mask_rle", pa.list_(pa.int64())),
    ("mask_h", pa.int32()),
    ("mask_w", pa.int32()),
    ("track_id", pa.string()),
    ("frame", pa.int64()),
    ("outside", pa.bool_()),
    ("sec_start", pa.float64()),
    ("sec_end", pa.float64()),
    ("score", pa.float64()),
    ("origin", pa.string()),
    ("author", pa.string()),
    ("attributes", pa.string()),
    *_PROVENANCE,
)

ITEMS: Final = _schema(
    ("project", pa.string()),
    ("item_id", pa.string()),
    ("media", pa.string()),
    ("uri", pa.string()),
    ("text", pa.string()),
    ("width", pa.int32()),
    ("height", pa.int32()),
    ("n_frames", pa.int64()),
    ("batch", pa.string()),
    ("site", pa.string()),
    ("guideline", pa.string()),
    ("difficulty", pa.string()),
    ("tags", _TEXTS),
    ("is_gold", pa.bool_()),
    ("meta", pa.string()),
    *_PROVENANCE,
)

REVIEWS: Final = _schema(
    ("project", pa.string()),
    ("review_id", pa.string()),
    ("annotation_id", pa.string()),
    ("question", pa.string()),
    ("region_id", pa.string()),
    ("item_id", pa.string()),
    ("reviewer", pa.string()),
    ("verdict", pa.string()),
    ("error_type", pa.string()),
    ("severity", pa.string()),
    ("corrected_annotation_id", pa.string()),
    ("comment", pa.string()),
    ("decided_at", _TIME),
    ("seconds", pa.float64()),
    ("judged_digest", pa.string()),
    *_PROVENANCE,
)

FACT_TABLES: Final[dict[str, pa.Schema]] = {
    "annotations": ANNOTATIONS,
    "regions": REGIONS,
    "items": ITEMS,
    "reviews": REVIEWS,
}

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "annotations": ("annotation_id", "question", "revision"),
    "regions": ("annotation_id", "question", "revision", "region_id"),
    "items": ("item_id",),
    "reviews": ("review_id",),
}
