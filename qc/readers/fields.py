"""What stands in a JSON value, taken only where it has the right type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.readers.names import NAMES, plain
from qc.readers.numbers import number

FACETS: Final = ("batch", "site", "guideline", "difficulty")

_LONGEST: Final = 1 << 31

Row = dict[str, Any]


def as_dict(value: Any) -> Row:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def identity(value: Any) -> str | None:
    """An id or a name as text: whole numbers and texts that are not blank; None of anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def text_of(value: Any) -> str | None:
    """The value if it is a text, else None."""
    return value if isinstance(value, str) else None


def whole(value: Any, most: int = _LONGEST - 1) -> int | None:
    """A whole number from 0 to `most`, also written as text; else None."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() and 0 <= found <= most else None


def pixels(value: Any) -> int | None:
    """The width or height of an image, else None."""
    return whole(value) or None


def at(record: Any, path: str) -> Any:
    """What stands at a path like data.batch, or None."""
    found: Any = record
    for step in path.split("."):
        found = as_dict(found).get(step)
    return found


def facets(meta: Row, record: Any, paths: Mapping[str, str]) -> Row:
    """Batch, site, guideline and difficulty: from where `paths` say, else from `meta` by their usual names."""
    by_name = {plain(name): value for name, value in reversed(meta.items())}
    found = {}
    for facet in FACETS:
        usual = next((by_name[name] for name in NAMES[facet] if name in by_name), None)
        value = at(record, paths[facet]) if facet in paths else usual
        found[facet] = str(value) if isinstance(value, str | int | float) and value != "" else None
    return found
