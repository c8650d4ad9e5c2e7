"""Decided boxes, polygons and masks as one COCO file: images, categories, annotations.

Masks are run lengths by column, as COCO's `counts`; corners are pixels. Where each comes from stands in `provenance`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from qc.model import Kind
from qc.writers.decided import Decided, Row, Written, by_item, counted_out, held

SHAPES: Final = frozenset((Kind.BOXES.value, Kind.POLYGONS.value, Kind.MASKS.value))
NO_SHAPE: Final = "COCO holds boxes, polygons and masks only"
TURNED: Final = "COCO has no turned boxes"
NO_SIZE: Final = "the size of its image is not known"
HOLES: Final = "COCO's outlines have no holes"


def write(rows: Sequence[Decided]) -> Written:
    """Images with what is drawn on them; an image on which nothing is to be drawn stands without annotations."""
    reasons: list[str] = []
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    labels = sorted({_label(region) for row in rows for region in row.regions})
    category = {label: place for place, label in enumerate(labels, 1)}
    written = 0
    for item_id, answers in by_item(rows, reasons).items():
        kept = held(answers, _refused, reasons)
        if not kept:
            continue
        written += len(kept)
        images.append(_image(len(images) + 1, item_id, kept[0].item))
        for row in kept:
            for parts in objects(row.regions):
                annotations.append(_annotation(len(annotations) + 1, len(images), parts, category, row))
    content = {
        "info": {"description": "decided answers", "data_version": rows[0].data_version if rows else ""},
        "images": images,
        "categories": [{"id": place, "name": label} for label, place in category.items()],
        "annotations": annotations,
    }
    return Written(msgspec.json.encode(content) + b"\n", written, counted_out(reasons))


def _refused(row: Decided) -> str | None:
    if row.kind not in SHAPES and not (row.kind == Kind.NONE and row.item.get("width")):
        return NO_SHAPE
    if any(region.get("rotation") for region in row.regions):
        return TURNED
    if any(holed(region) for region in row.regions):
        return HOLES
    return None if row.item.get("width") and row.item.get("height") else NO_SIZE


def _label(region: Row) -> str:
    return str(region.get("label") or "(no label)")


def _image(number: int, item_id: str, item: Row) -> dict[str, Any]:
    name = str(item.get("uri") or item_id)
    return {"id": number, "file_name": name, "width": item["width"], "height": item["height"], "item_id": item_id}


def objects(regions: Sequence[Row]) -> list[list[Row]]:
    """The regions that make up one object each: an outline may have several parts."""
    found: dict[Any, list[Row]] = {}
    for place, region in enumerate(regions):
        told = _attributes(region)
        found.setdefault(told["region"] if "part" in told and "region" in told else place, []).append(region)
    return list(found.values())


def holed(region: Row) -> bool:
    """Whether it is the hole of an outline."""
    return bool(_attributes(region).get("hole"))


def _attributes(region: Row) -> dict[str, Any]:
    told = msgspec.json.decode(region["attributes"]) if region.get("attributes") else {}
    return told if isinstance(told, dict) else {}


def _annotation(
    number: int, image: int, parts: Sequence[Row], category: Mapping[str, int], row: Decided
) -> dict[str, Any]:
    first = parts[0]
    outlines = [list(part["points"]) for part in parts if part.get("points")]
    runs = first.get("mask_rle")
    segmentation: Any = outlines
    if runs:
        segmentation = {"counts": list(runs), "size": [first["mask_h"], first["mask_w"]]}
        box = _bounds_of_runs(runs, first["mask_h"])
    else:
        box = _bounds(outlines) if outlines else [first[name] for name in ("x", "y", "w", "h")]
    return {
        "id": number,
        "image_id": image,
        "category_id": category[_label(first)],
        "bbox": box,
        "area": _area(outlines, runs, box),
        "segmentation": segmentation,
        "iscrowd": int(bool(runs)),
        "provenance": {"question": row.question, **row.provenance},
    }


def _bounds(outlines: Sequence[Sequence[float]]) -> list[float]:
    across = [at for outline in outlines for at in outline[::2]]
    down = [at for outline in outlines for at in outline[1::2]]
    return [min(across), min(down), max(across) - min(across), max(down) - min(down)]


def _bounds_of_runs(runs: Sequence[int], height: int) -> list[float]:
    """The box around a mask; a run that goes on in the next column touches top and bottom."""
    ends = np.cumsum(np.asarray(runs, np.int64))
    first, last = ends[0::2][: len(ends) // 2], ends[1::2] - 1
    some = last >= first
    first, last = first[some], last[some]
    if not len(first):
        return [0.0, 0.0, 0.0, 0.0]
    left, right = int(first.min()) // height, int(last.max()) // height
    over = (first // height) != (last // height)
    top = 0 if over.any() else int((first % height).min())
    bottom = height - 1 if over.any() else int((last % height).max())
    return [float(left), float(top), float(right - left + 1), float(bottom - top + 1)]


def _area(outlines: Sequence[Sequence[float]], runs: Sequence[int] | None, box: Sequence[float]) -> float:
    """Of outlines by the shoelace formula, of a mask its pixels, of a box its sides multiplied."""
    if runs:
        return float(sum(runs[1::2]))
    return sum(_enclosed(outline) for outline in outlines) if outlines else float(box[2] * box[3])


def _enclosed(outline: Sequence[float]) -> float:
    corners = list(zip(outline[::2], outline[1::2], strict=True))
    following = [*corners[1:], corners[0]]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(corners, following, strict=True))) / 2
