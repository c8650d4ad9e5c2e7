"""The tracks of one video in CVAT's XML: their keyframes, kept as columns until the last of them is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from qc.model import Origin
from qc.readers.cvat_shapes import QUESTIONS, Size, element, label_of, origin
from qc.readers.drawings import keyframe, origin_of
from qc.readers.fields import whole
from qc.readers.markup import Node
from qc.readers.records import ROWS, to_json
from qc.readers.shapes import BadShapeError, Row, fit
from qc.readers.staging import TABLES

OUTSIDE: Final = "{n} boxes lie outside the video: kept as drawn"
NO_FRAME: Final = "a shape of a track has no frame"

_SCHEMA: Final = TABLES["regions"]
_COLUMNS: Final = (
    *("region_id", "kind", "label", "x", "y", "w", "h", "rotation", "points", "mask_rle", "mask_h", "mask_w"),
    *("track_id", "frame", "outside", "origin", "attributes"),
)


def _is_outside(node: Node) -> bool:
    """Whether a shape has left the picture; a skeleton has, where all its points have."""
    points = [each for each in node.nodes if each.name == "points"] if node.name == "skeleton" else []
    return all(each.attributes.get("outside") == "1" for each in points or [node])


class Tracks:
    """The keyframes of a video's tracks; what lies between two of them was interpolated and is no answer."""

    def __init__(self, size: Size) -> None:
        self.line = 1
        self.keyframes = 0
        self.remarks: Counter[str] = Counter()
        self._size = size
        self._origins: set[Origin] = set()
        self._rows: list[Row] = []
        self._batches: list[dict[str, pa.Array]] = []
        self._fault: BadShapeError | None = None

    @property
    def origin(self) -> Origin | None:
        """What the tracks started from, all together."""
        return origin_of(self._origins)

    def check(self) -> None:
        """Raises BadShapeError if any of the tracks had a bad shape: an answer is whole or none."""
        if self._fault:
            raise self._fault

    def add(self, node: Node) -> int:
        """Takes one track, and returns how many of its elements are no shapes."""
        if not self.keyframes:
            self.line = node.line
        shapes = [each for each in node.nodes if each.attributes.get("keyframe", "1") == "1"]
        known = [each for each in shapes if QUESTIONS.get(each.name, "tags") != "tags"]
        try:
            self._take(node, known)
        except BadShapeError as error:
            self._fault = error
            self._rows, self._batches = [], []
        return len(shapes) - len(known)

    def _take(self, node: Node, shapes: list[Node]) -> None:
        track, label = node.attributes.get("id") or f"line {node.line}", label_of(node.attributes.get("label"))
        made = origin(node.attributes.get("source"))
        # A frame that is stated twice counts as stated last.
        rows = {row["frame"]: row for row in (self._row(each, track, label, made) for each in shapes)}
        self.keyframes += len(rows)
        if rows:
            self._origins.add(made)
        if self._fault:
            return
        self._rows += rows.values()
        if len(self._rows) >= ROWS:
            self._pack()

    def _row(self, node: Node, track: str, label: str, made: Origin) -> Row:
        frame = whole(node.attributes.get("frame"))
        if frame is None:
            raise BadShapeError(NO_FRAME)
        outside = _is_outside(node)
        row = keyframe(element(node, self._size), track, frame, {"label": label, "outside": outside, "origin": made})
        if not outside and self._size[0] and self._size[1]:
            try:
                remark = fit(row, self._size[0], self._size[1])
            except BadShapeError:
                remark = OUTSIDE
            self.remarks.update([remark] if remark else [])
        return row | {"attributes": to_json(row["attributes"])}

    def _pack(self) -> None:
        self._batches.append(
            {name: pa.array([row.get(name) for row in self._rows], _SCHEMA.field(name).type) for name in _COLUMNS}
        )
        self._rows = []

    def batches(self, annotation_id: str, question: str) -> Iterator[Mapping[str, Any]]:
        """Columns of `regions`, some thousand rows at a time."""
        self._pack()
        for batch in self._batches:
            length = len(batch["region_id"])
            shared = {"annotation_id": annotation_id, "question": question, "source_pos": self.line}
            yield batch | {
                name: pa.repeat(pa.scalar(value, _SCHEMA.field(name).type), length) for name, value in shared.items()
            }
