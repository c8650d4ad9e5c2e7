"""The data objects of Ground Truth: what a manifest's line says of one, and which one a worker's file is about."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from qc.readers.fields import as_dict, text_of
from qc.readers.lines import lines
from qc.readers.source import Source, source

LONGEST_ID: Final = 200
"""Characters of a text that is its own id; longer ones go by their digest."""

_MANIFEST: Final = "../../../../manifests/output/output.manifest"
_IMAGE: Final = re.compile(r"\.(jpe?g|png|gif|bmp|tiff?|webp)$", re.IGNORECASE)


class DataObject(NamedTuple):
    """An item's id, its address and its text."""

    item_id: str
    uri: str | None = None
    text: str | None = None

    def columns(self) -> dict[str, Any]:
        """What is known of the item."""
        media = "text" if self.text is not None else "image" if self.uri and _IMAGE.search(self.uri) else None
        return {"uri": self.uri, "text": self.text, "media": media}


def data_object(record: Any) -> DataObject | None:
    """The object of a manifest's line: an address, or a text; None where it names none."""
    uri = text_of(as_dict(record).get("source-ref"))
    if uri and uri.strip():
        return DataObject(uri.strip(), uri.strip())
    text = text_of(as_dict(record).get("source"))
    if text and text.strip():
        short = text.strip()
        digest = hashlib.sha256(short.encode("utf-8", "replace")).hexdigest()[:16]
        return DataObject(short if len(short) <= LONGEST_ID else f"text {digest}", None, text)
    return None


def object_of(found: Source) -> DataObject | None:
    """The object that a worker's file is about: the line of the job's manifest that its folder numbers, from 0.

    Without the manifest, or where that names none, the number itself; None outside such a folder.
    """
    *_, iteration, place, _ = ("", "", *found.path.parts)
    if not (iteration.startswith("iteration-") and place.isdecimal() and place.isascii() and len(place) < 10):
        return None
    manifest = found.sibling(_MANIFEST)
    known = _objects(manifest.path, manifest.root, manifest.path.stat().st_mtime_ns) if manifest else ()
    stated = known[int(place)] if int(place) < len(known) else None
    return stated or DataObject(str(int(place)))


@lru_cache(maxsize=1)
def _objects(path: Path, root: Path, changed: int) -> tuple[DataObject | None, ...]:
    """The objects of a manifest, kept for the next of its job's files."""
    found: list[DataObject | None] = []
    for number, record, _ in lines(source(path, root)):
        found += [None] * (number - 1 - len(found))
        found.append(data_object(record))
    return tuple(found)
