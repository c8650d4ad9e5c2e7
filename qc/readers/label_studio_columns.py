"""Label Studio's submissions of the common shape as columns: the values they share are made once and taken often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from qc.model import Role, SecondsKind, Status, TzSource
from qc.readers.label_studio_common import ANSWER, REGION, MisfitError, Rows
from qc.readers.label_studio_part import Part, columns_of
from qc.readers.label_studio_reviews import identity
from qc.readers.label_studio_submissions import NOBODY, Known
from qc.readers.label_studio_tasks import SHARED
from qc.readers.label_studio_types import Submission, User
from qc.readers.numbers import LARGEST
from qc.readers.once import POSITION
from qc.readers.staging import TABLES
from qc.readers.times import TIME

_PREDICTION: Final = 0
_DRAFT: Final = 2
_PREFIXES: Final = ("prediction ", "", "draft ")
_TEXT: Final = pa.string()
_WIDE: Final = pa.float64()

Places = npt.NDArray[np.int64]


def deliver_rows(rows: Rows, known: Known, part: Part) -> None:
    """Adds collected tasks to a part; MisfitError before anything is added where a time needs a closer look."""
    items = {name: pa.array(values, TABLES["items"].field(name).type) for name, values in rows.items_by_column()}
    if rows.submissions:
        shared, clock_errors, nobody = _submissions(rows, items, known)
        submissions = pa.record_batch(shared)
        _write(part, "annotations", submissions, ANSWER, rows.answers)
        if rows.regions:
            chosen = submissions.select(["annotation_id", POSITION])
            _write(part, "regions", chosen, REGION, rows.regions)
        if rows.reviews:
            columns = columns_of("reviews", rows.reviews)
            number = pa.array([row["submission"] for row in rows.reviews])
            for name in ("annotation_id", "item_id", POSITION):
                columns[name] = submissions[name].take(number)
            part.write("reviews", columns)
        part.tally.clock_errors += clock_errors
        part.tally.note(NOBODY, nobody)
    for sentence, times in rows.notes().items():
        part.tally.note(sentence, times)
    part.tally.read += len(rows.submissions)
    if len(items["item_id"]):
        part.state(items)


def _write(part: Part, table: str, shared: pa.RecordBatch, names: Sequence[str], rows: list[Any]) -> None:
    """Writes rows of values, given one behind the other, each with what it shares with its submission."""
    values = {name: rows[place :: len(names)] for place, name in enumerate(names)}
    number = pa.array(values.pop("submission"), pa.int64())
    schema = TABLES[table]
    columns = {name: pa.array(column, schema.field(name).type) for name, column in values.items()}
    # A submission without a row of values has none of this table; each has one answer at least.
    single = table == "annotations" and len(number) == len(shared)
    taken = shared if single else shared.take(number)
    part.write(table, {**dict(zip(shared.schema.names, taken.columns, strict=True)), **columns})


def _submissions(rows: Rows, items: Mapping[str, pa.Array], known: Known) -> tuple[dict[str, pa.Array], int, int]:
    """What the answers of each submission share, impossible times, and how many say nobody gave them."""
    entries = rows.submissions
    member: Places = np.array(rows.member_of, np.int64)
    item = pa.array(rows.item_of, pa.int64())
    names = ("item_id", *SHARED)
    columns = {name: items[name].take(item) for name in names}
    columns[POSITION] = pa.array(rows.positions, pa.int64())
    columns["annotation_id"] = _prefixed([entry.id for entry in entries], member)
    columns |= _roles(entries, member, known.options.role)
    people = _people(entries, member, known.options.annotator)
    columns |= people
    times, clock_errors = _times(entries, known.latest)
    columns |= times
    known_columns = {name: column for name, column in columns.items() if column.null_count < len(column)}
    return known_columns, clock_errors, people["annotator"].null_count


def _prefixed(numbers: Sequence[int], member: Places) -> pa.Array:
    texts = pa.array(numbers, pa.int64()).cast(_TEXT)
    if (member == 1).all():
        return texts
    return pc.binary_join_element_wise(_worded(member, _PREFIXES), texts, "")


def _worded(codes: Places, words: Sequence[str | None]) -> pa.Array:
    """A column of a few words by their numbers."""
    return pa.array([str(word) for word in words], _TEXT).take(pa.array(codes))


def _roles(entries: Sequence[Submission], member: Places, role: Role) -> dict[str, pa.Array]:
    given: Places = np.array([entry.ground_truth is True for entry in entries], np.int64)
    gold = given * (member != _PREDICTION) * (role is Role.ANNOTATOR)
    skipped = np.array([entry.was_cancelled is True or entry.skipped is True for entry in entries], np.int64)
    statuses = (Status.SUBMITTED, Status.SKIPPED, Status.DRAFT)
    return {
        "role": _worded(np.where(member == _PREDICTION, 2, gold), (role, Role.GOLD, Role.MODEL)),
        "status": _worded(np.where(skipped == 1, 1, np.where(member == _DRAFT, 2, 0)), statuses),
    }


def _people(entries: Sequence[Submission], member: Places, unnamed: str | None) -> dict[str, pa.Array]:
    people = [_person(entry) or unnamed for entry in entries]
    parents = [_parent(entry) for entry in entries]
    models: list[str | None] = [None] * len(entries)
    for place in np.flatnonzero(member == _PREDICTION).tolist():
        models[place] = people[place] = identity(entries[place].model_version) or Role.MODEL.value
        parents[place] = None
    return {
        "annotator": pa.array(people, _TEXT),
        "model": pa.array(models, _TEXT),
        "parent": pa.array(parents, _TEXT),
    }


def _person(entry: Submission) -> str | None:
    found = entry.user if entry.completed_by is UNSET else entry.completed_by
    if isinstance(found, User):
        return identity(found.email) or identity(found.username) or identity(found.id)
    return identity(found)


def _parent(entry: Submission) -> str | None:
    if entry.parent_annotation is not None:
        return str(entry.parent_annotation)
    return None if entry.parent_prediction is None else f"prediction {entry.parent_prediction}"


def _times(entries: Sequence[Submission], latest: int) -> tuple[dict[str, pa.Array], int]:
    """The columns of times, as `Records.times` makes them one by one, and how many cannot be."""
    submitted = _instants([entry.created_at for entry in entries])
    updated = _instants([entry.updated_at for entry in entries])
    started = _instants([entry.draft_created_at for entry in entries])
    limit = pa.scalar(latest, pa.int64()).cast(TIME)
    errors = sum(_count(pc.greater(times, limit)) for times in (submitted, updated, started))
    backwards = pc.greater(started, submitted).fill_null(False)
    errors += _count(backwards)
    started = pc.if_else(backwards, pa.scalar(None, TIME), started)
    stated = pa.array([entry.lead_time for entry in entries], _WIDE)
    possible = pc.and_(pc.greater_equal(stated, 0), pc.less_equal(stated, LARGEST))
    measured = pc.if_else(possible, stated, pa.scalar(None, _WIDE))
    errors += measured.null_count - stated.null_count
    columns = {"started_at": started, "submitted_at": submitted, "updated_at": updated, "seconds": measured}
    kinds = pc.if_else(pc.is_valid(measured), SecondsKind.ACTIVE.value, pa.scalar(None, _TEXT))
    if stated.null_count and started.null_count < len(started):
        micros = pc.subtract(submitted.cast(pa.int64()), started.cast(pa.int64()))
        wall = pc.if_else(pc.is_null(stated), pc.divide(micros.cast(_WIDE), 1e6), pa.scalar(None, _WIDE))
        columns["seconds"] = pc.coalesce(measured, wall)
        walls = pc.if_else(pc.is_valid(wall), SecondsKind.WALL.value, pa.scalar(None, _TEXT))
        kinds = pc.coalesce(kinds, walls)
    dated = pc.or_(pc.or_(pc.is_valid(submitted), pc.is_valid(started)), pc.is_valid(updated))
    columns["seconds_kind"] = kinds
    columns["tz_source"] = pc.if_else(dated, TzSource.EXPLICIT.value, pa.scalar(None, _TEXT))
    return columns, errors


def _instants(texts: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(texts, _TEXT).cast(TIME)
    except pa.ArrowInvalid:
        raise MisfitError from None


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)
