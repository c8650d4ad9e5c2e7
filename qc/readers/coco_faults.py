"""What is wrong with COCO annotations that cannot be decoded, and how those in quarantine are named."""

from __future__ import annotations

import re
from typing import Any, Final

from qc.readers.coco_survey import ANYTHING
from qc.readers.numbers import number
from qc.readers.shapes import NO_BOX, NO_POINT

NO_JSON: Final = "an annotation of the image is no readable JSON object"
UNREADABLE: Final = "a member of an annotation of the image is of another type than COCO's"

_ID: Final = re.compile(rb'"id"\s*:\s*"?([^\s",{}\[\]]{1,40})')


def misfit(record: bytes) -> str:
    """Why an annotation is none as COCO has it."""
    found = ANYTHING([record])[0]
    if not isinstance(found, dict):
        return NO_JSON
    if _lacks(found.get("bbox")):
        return NO_BOX
    outline = found.get("segmentation")
    if _lacks(found.get("keypoints")) or (isinstance(outline, list) and any(map(_lacks, outline))):
        return NO_POINT
    return UNREADABLE


def named(record: bytes) -> str:
    """An annotation for quarantine, whose id comes first, wherever it stands in it."""
    match = _ID.search(record)
    name = f"annotation {match[1].decode(errors='replace')}: " if match else ""
    return name + record[:1_000].decode(errors="replace")


def _lacks(values: Any) -> bool:
    """Whether a list of numbers holds something else."""
    plain = isinstance(values, list) and not any(isinstance(value, list | dict) for value in values)
    return plain and any(type(value) is str or number(value) is None for value in values)
