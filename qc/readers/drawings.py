"""What one submission on an image, video or text holds: marks and answers by question, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import atan2, degrees, hypot
from typing import Any, Final

from qc.model import Kind, Origin, Role
from qc.readers.numbers import number
from qc.readers.records import Records
from qc.readers.shapes import BadShapeError, Row, box, corners
from qc.readers.times import Instant

TOGETHER: Final = (
    "{n} answers are of several people together: they are kept as merged (`consensus`), each object with its author"
)
UNSIGNED: Final = (
    "{n} answers do not say whose they are and are kept as merged (`consensus`): name the person with --annotator NAME"
)

SQUARE: Final = 1e-6
"""Pixels by which the sides of a box that is not turned may differ."""

_KINDS: Final = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Signature:
    """Which people an object is of, or which model; what it started from, and when it was made and last changed."""

    authors: tuple[str, ...] = ()
    model: str | None = None
    origin: Origin | None = None
    made: Instant | None = None
    changed: Instant | None = None


_OBJECTS: Final = frozenset(("objects", "instances", "annotations", "figures"))
"""What tools call that which was marked, under which names objects are kept that were not understood."""


@dataclass(slots=True)
class Drawing:
    """The regions and the other answers of one submission, by question.

    Regions of one question have one kind; without a question of their own they are asked for by their kind.
    """

    regions: dict[str, list[Row]] = field(default_factory=dict)
    answers: dict[str, Row] = field(default_factory=dict)
    signatures: dict[str, list[Signature]] = field(default_factory=dict)
    extra: dict[str, list[Any]] = field(default_factory=dict)
    _ids: set[tuple[str, str]] = field(default_factory=set)
    _kept: set[str] = field(default_factory=set)

    def mark(self, region: Row, question: str | None = None, signature: Signature | None = None) -> str:
        """Adds a region, which gets a `region_id` that none of its question has; returns the question."""
        name = question or kind_of(region).value
        region_id = str(region.get("region_id") or len(self.regions.get(name, ())) + 1)
        while (name, region_id) in self._ids:
            region_id += "'"
        self._ids.add((name, region_id))
        signed = signature or Signature()
        region |= {"region_id": region_id, "author": ", ".join(signed.authors) or signed.model, "origin": signed.origin}
        self.regions.setdefault(name, []).append(region)
        self.signatures.setdefault(name, []).append(signed)
        return name

    def answer(self, question: str, columns: Row, signature: Signature | None = None) -> None:
        """Adds the value of a question that takes no regions; what is said twice is joined."""
        name = f"{question} (answer)" if question in _KINDS else question
        self.answers[name] = joined(self.answers[name], columns) if name in self.answers else columns
        self.signatures.setdefault(name, []).append(signature or Signature())

    def keep(self, name: str, value: Any) -> None:
        """Keeps what has no place in the tables, for `extra`."""
        self.extra.setdefault(name, []).append(value)
        self._kept.add(name)

    def rows(self, expected: Iterable[str] = ()) -> Iterator[tuple[Row, list[Row]]]:
        """The columns of each answer and its regions; `none` for questions expected and not marked.

        Where objects were kept that have no place in the tables, nobody can say that nothing was marked: an answer of
        words, which is compared with no other, stands for them where there is no other.
        """
        for question, regions in self.regions.items():
            origins = {signature.origin for signature in self.signatures[question]}
            yield {"question": question, "kind": kind_of(regions[0]), "origin": origin_of(origins)}, regions
        for question, columns in self.answers.items():
            origins = {signature.origin for signature in self.signatures[question]}
            yield {"question": question, "origin": origin_of(origins), **columns}, []
        silent = [name for name in expected if name not in self.regions and name not in self.answers]
        kept = [name for name in silent if name in self._kept or self._kept & _OBJECTS]
        for question in silent:
            if question not in kept:
                yield {"question": question, "kind": Kind.NONE}, []
        if kept and kept == silent and not (self.regions or self.answers):
            yield {"question": kept[0], "kind": Kind.TEXT}, []


def kind_of(region: Row) -> Kind:
    """The kind of the answer that a region belongs to: keyframes of objects make tracks."""
    return Kind.TRACKS if region.get("track_id") else Kind(region["kind"])


def origin_of(origins: Iterable[Origin | None]) -> Origin | None:
    """What an answer started from, by its objects: predictions beside anything else are predictions edited."""
    found = {origin for origin in origins if origin is not None}
    if len(found) < 2:
        return next(iter(found), None)
    edited = found & {Origin.PREDICTION, Origin.PREDICTION_EDITED}
    return Origin.PREDICTION_EDITED if edited else min(found)


def chosen(labels: Sequence[str], several: bool) -> Row:
    """The columns of one label, or of a set of labels."""
    if several or len(labels) != 1:
        return {"kind": Kind.MULTI, "labels": sorted(set(labels))}
    return {"kind": Kind.SINGLE, "label": labels[0]}


def written(text: str) -> Row:
    """The columns of a text."""
    return {"kind": Kind.TEXT, "text": text}


def joined(first: Row, second: Row) -> Row:
    """Two answers to one question as one: their labels as a set, their texts as lines."""
    if Kind.TEXT in (first["kind"], second["kind"]):
        return written("\n".join(text for row in (first, second) for text in _words(row)))
    return chosen(sorted({*_words(first), *_words(second)}), first["kind"] is Kind.MULTI)


def _words(row: Row) -> list[str]:
    return row.get("labels") or [word for word in (row.get("label"), row.get("text")) if word]


def parts(rings: Sequence[Row], region_id: str, columns: Row, holes: int = 0) -> list[Row]:
    """The rings of one object as regions, the last `holes` of which are holes; one ring keeps the object's id."""
    if len(rings) == 1:
        return [{**rings[0], **columns, "region_id": region_id}]
    found = []
    for part, ring in enumerate(rings):
        place: Row = {"region": region_id, "part": part}
        if part >= len(rings) - holes:
            place["hole"] = True
        attributes = {**(columns.get("attributes") or {}), **place}
        found.append({**ring, **columns, "region_id": f"{region_id}/{part}", "attributes": attributes})
    return found


def four_corners(points: Sequence[Any]) -> Row:
    """A box by its four corners x, y, x, y …, of which the first two make its upper side before it is turned."""
    known = [found for value in points if (found := number(value)) is not None]
    if len(known) != 8 or len(points) != 8:
        raise BadShapeError("a box lacks a number")
    across, down = known[::2], known[1::2]
    if all(min(value - min(side), max(side) - value) <= SQUARE for side in (across, down) for value in side):
        return corners(min(across), min(down), max(across), max(down))
    wide, high = hypot(across[1] - across[0], down[1] - down[0]), hypot(across[2] - across[1], down[2] - down[1])
    turn = degrees(atan2(down[1] - down[0], across[1] - across[0]))
    return box(sum(across) / 4 - wide / 2, sum(down) / 4 - high / 2, wide, high, turn)


def keyframe(shape: Row, track: str, frame: int, columns: Row) -> Row:
    """One frame of an object on a video; `frame` counts from 0."""
    return {**shape, **columns, "region_id": f"{track}@{frame}", "track_id": track, "frame": frame}


@dataclass(frozen=True, slots=True)
class Document:
    """A state that people share: its item's columns, its id, who it names as the annotator, and the people's role."""

    item: Mapping[str, Any]
    name: str
    stated: str | None = None
    role: Role = Role.ANNOTATOR


def stage_document(records: Records, document: Document, drawing: Drawing, size: Any, expected: Sequence[str]) -> Row:
    """Adds the answers of a document that several people may have made; returns `{question: annotation_id}`.

    Objects of one person are no opinion on the whole image where others drew on it too. So an answer belongs to a
    person only if all its objects do, but for predictions that nobody touched; otherwise it is a merged answer.
    """
    owned: dict[tuple[str, Role], list[tuple[Row, list[Row]]]] = {}
    for columns, regions in drawing.rows(expected):
        owner = _owner(records, drawing.signatures.get(columns["question"], []), document)
        owned.setdefault(owner, []).append((columns, regions))
    ids = {}
    extra = drawing.extra
    for (annotator, role), answers in owned.items():
        signatures = [one for columns, _ in answers for one in drawing.signatures.get(columns["question"], [])]
        base = {
            **document.item,
            "annotation_id": f"{document.name}/{annotator}",
            "annotator": annotator,
            "role": role,
            "model": annotator if role is Role.MODEL else None,
            **_times(signatures),
        }
        records.tally.present.update([role.value] if role is Role.GOLD else [])
        for columns, regions in answers:
            records.answer({**base, **columns, "extra": extra}, regions, size)
            ids[columns["question"]] = base["annotation_id"]
            extra = {}
    return ids


def _owner(records: Records, signatures: Sequence[Signature], document: Document) -> tuple[str, Role]:
    touched = [one for one in signatures if one.authors or one.origin is not Origin.PREDICTION]
    people = {person for one in touched for person in one.authors}
    unsigned = not all(one.authors for one in touched)
    # Objects without an author are of whom the document names, if it names somebody.
    if document.stated and (unsigned or not touched):
        people.add(document.stated)
    if len(people) == 1 and (document.stated or not unsigned):
        return people.pop(), document.role
    models = {one.model for one in signatures if one.model} if not touched else set()
    if models:
        return ", ".join(sorted(models)), Role.MODEL
    records.note(TOGETHER if people else UNSIGNED)
    if document.role is Role.GOLD:
        return "gold", Role.GOLD
    return "consensus", Role.CONSENSUS


def _times(signatures: Sequence[Signature]) -> Row:
    """First and last object made, and the last change; how long anybody worked is not known."""
    made = [signature.made for signature in signatures if signature.made]
    changed = [signature.changed for signature in signatures if signature.changed]
    if not made:
        return {}
    first, last = min(made), max(made)
    return {
        "started_at": first.micros if first.micros < last.micros else None,
        "submitted_at": last.micros,
        "updated_at": max([*made, *changed]).micros if changed else None,
        "tz_source": last.source,
    }
