"""The lines of a brat standoff file, by what they say: spans, and what is said of spans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.readers.records import BadRecordError, Row
from qc.readers.shapes import BadShapeError
from qc.readers.text_spans import Text

LINE: Final = r"(?:[TREAMN#]\S*|\*)\t"

BAD_LINE: Final = "a line is none of brat's"
REPEATED: Final = "two marks have one id"

_SPAN: Final = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)")
_NAMES: Final = {
    "R": "relations",
    "*": "equivalences",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalizations",
    "#": "notes",
}


class BadLineError(BadRecordError):
    """A line that cannot be read, and its number."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class Standoff:
    """The marks of a document, by id, and what joins them."""

    marks: dict[str, list[Row]] = field(default_factory=dict)
    extra: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def regions(self) -> list[Row]:
        """All parts of all marks."""
        return [part for parts in self.marks.values() for part in parts]

    def of_mark(self, identity: str, name: str, value: Any) -> bool:
        """Adds something to the attributes of a mark, if it is one."""
        for part in self.marks.get(identity, ()):
            part.setdefault("attributes", {}).setdefault(name, []).append(value)
        return identity in self.marks


def parsed(lines: Sequence[str], text: Text) -> Standoff:
    """The marks in some lines; a line that is none of brat's raises BadLineError."""
    found = Standoff()
    rest: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            name, _, said = line.rstrip("\r").partition("\t")
            if not re.match(LINE, line) or not said:
                raise BadRecordError(BAD_LINE)
            if name.startswith("T"):
                _mark(found, name, said, text)
            else:
                rest.append((name, said))
        except (BadRecordError, BadShapeError) as fault:
            raise BadLineError(f"{fault}", number) from None
    # What is said of marks may stand before them.
    for name, said in rest:
        _said(found, name, said)
    return found


def _mark(found: Standoff, name: str, said: str, text: Text) -> None:
    """A span, or the parts of one that is not in one piece; its quote joins them with blanks."""
    place, _, quote = said.partition("\t")
    match = _SPAN.fullmatch(place)
    if match is None:
        raise BadRecordError(BAD_LINE)
    if name in found.marks:
        raise BadRecordError(REPEATED)
    label, ends = match[1], [part.split(" ") for part in match[2].split(";")]
    if len(ends) == 1:
        (start, end), *_ = ends
        found.marks[name] = [text.span(start, end, label, quote or None) | {"region_id": name}]
        return
    parts = [text.span(start, end, label) for start, end in ends]
    read = " ".join(part["quote"] or "" for part in parts)
    differs = text.content is not None and read.split() != quote.split()
    for place_, part in enumerate(parts):
        part["region_id"] = f"{name}/{place_}"
        part["attributes"] = {"region": name, "part": place_} | ({"quote_differs": True} if differs else {})
    found.marks[name] = parts


def _said(found: Standoff, name: str, said: str) -> None:
    """An attribute, normalization or note goes to the mark that it is of; all else is kept as it stands."""
    kind = _NAMES[name[0]]
    words, _, comment = said.partition("\t")
    what, _, after = words.partition(" ")
    target, _, value = after.partition(" ")
    if kind == "attributes" and found.of_mark(target, what, value or True):
        return
    if kind == "normalizations" and found.of_mark(target, kind, value):
        return
    if kind == "notes" and found.of_mark(target, kind, comment):
        return
    found.extra.setdefault(kind, []).append(f"{name}\t{said}")
