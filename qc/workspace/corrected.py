"""Regions that a reviewer put right: what may be changed of them, and what of it is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from qc.model import InputError
from qc.workspace.desk import Case, Region
from qc.workspace.item import MOST_REGIONS

PLACE: Final[Mapping[str, tuple[str, ...]]] = {
    "spans": ("t_start", "t_end"),
    "intervals": ("sec_start", "sec_end"),
    "boxes": ("x", "y", "w", "h", "rotation"),
}
"""By kind of region the columns that say where it lies, as far as they can be written as numbers in a table.

What is outlined is placed by its points; regions of other kinds can be relabelled and removed.
"""
OUTLINED: Final = {"polygons": 3, "polylines": 2, "keypoints": 1}
"""Kinds whose place is a list of points, with the fewest points that make one."""
_MOST_NUMBERS: Final = 20_000
_WHOLE: Final = frozenset({"t_start", "t_end"})
_TURNED: Final = "rotation"


def corrected(case: Case, wanted: str | Sequence[Mapping[str, Any]]) -> list[Region]:
    """The regions that are right, from rows that name `region_id`, `label` and the columns of PLACE, or their JSON.

    A row without the id of one of the answer's regions is a new one. What is outlined may name its `points`. Whatever
    else a row says is not believed: it comes from the answer. InputError, as half a sentence, for what cannot be.
    """
    rows = _rows(wanted)
    if case.region_kind is None:
        raise InputError(f"nothing is drawn or marked in answers to {case.question!r}")
    own = {str(region["region_id"]): region for region in case.given.regions}
    if len(rows) > MOST_REGIONS:
        raise InputError(f"{len(rows):,} regions are too many; {MOST_REGIONS:,} can be kept")
    kept: list[Region] = []
    for row in rows:
        before = own.pop(str(row.get("region_id")), None)
        region = _new(case, len(kept), row) if before is None else dict(before)
        kept.append(_placed(case, {**region, "label": _label(case, row)}, row))
    return kept


def as_text(regions: Sequence[Mapping[str, Any]]) -> str:
    """The regions as the record keeps them."""
    return json.dumps(list(regions), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str | None) -> list[Region]:
    """The regions that the record kept; none where it kept none."""
    return [] if text is None else list(json.loads(text))


def _rows(wanted: str | Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not isinstance(wanted, str):
        return wanted
    try:
        rows = json.loads(wanted)
    except (ValueError, RecursionError):
        raise InputError("the corrected regions are no JSON") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("the corrected regions are no list of objects")
    return rows


def _new(case: Case, at: int, row: Mapping[str, Any]) -> Region:
    if case.region_kind in OUTLINED and row.get("points") is None:
        raise InputError("a new region has no points")
    if case.region_kind not in PLACE and case.region_kind not in OUTLINED:
        raise InputError(f"{case.region_kind} cannot be drawn in a table; say in the comment what is missing")
    if any(region.get("track_id") is not None for region in case.given.regions):
        raise InputError("a track cannot be drawn in a table; say in the comment what is missing")
    return {"region_id": f"corrected-{at + 1}", "kind": case.region_kind}


def _label(case: Case, row: Mapping[str, Any]) -> str | None:
    label = row.get("label")
    if label is None or label != label or label == "":
        return None
    if label not in case.choices and label not in {region.get("label") for region in case.given.regions}:
        raise InputError(f"{label!r} is no label of {case.question!r}")
    return str(label)


def _placed(case: Case, region: Region, row: Mapping[str, Any]) -> Region:
    for name in PLACE.get(str(region["kind"]), ()):
        value = row.get(name, region.get(name))
        if value is None or value != value:
            if name == _TURNED:
                continue
            raise InputError(f"a region has no {name}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{value!r} is no {name} of a region")
        region[name] = int(value) if name in _WHOLE else float(value)
    if region["kind"] in OUTLINED and row.get("points") is not None:
        region["points"] = _points(row["points"], OUTLINED[region["kind"]])
    return _checked(case, region)


def _points(value: Any, fewest: int) -> list[float]:
    """x and y in turn; InputError where they are not numbers in pairs, or too few."""
    known = isinstance(value, list) and 2 <= len(value) <= _MOST_NUMBERS and len(value) % 2 == 0
    if not known or not all(isinstance(n, int | float) and math.isfinite(n) for n in value):
        raise InputError("the points of a region are no pairs of numbers")
    if len(value) < 2 * fewest:
        raise InputError(f"a region has {len(value) // 2} points where it takes {fewest}")
    return [float(number) for number in value]


def _checked(case: Case, region: Region) -> Region:
    match region["kind"]:
        case "spans":
            begin, end = region["t_start"], region["t_end"]
            if not 0 <= begin < end or (case.text is not None and end > len(case.text)):
                raise InputError(f"a span from {begin} to {end} does not lie within the text")
            if case.text is not None:
                region["quote"] = case.text[begin:end]
        case "intervals":
            if not 0 <= region["sec_start"] <= region["sec_end"]:
                raise InputError("an interval ends before it begins")
        case "boxes":
            if region["w"] <= 0 or region["h"] <= 0:
                raise InputError("a box has no width or no height")
    return region
