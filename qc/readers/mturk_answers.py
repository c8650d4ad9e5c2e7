"""The `Answer.…` columns of Mechanical Turk as questions: labels, ticked boxes, lists, boxes, free text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Kind
from qc.readers.cells import trimmed
from qc.readers.crowd_columns import AS_TEXT, LINE, decoded, holds_json, holds_lists, joined, labels, listed
from qc.readers.crowd_questions import Seen, chosen, question, survey
from qc.readers.paths import cell
from qc.readers.question import Question
from qc.readers.sheet import COLUMNS, Sheet
from qc.readers.sheet_derived import Columns, Derived, with_columns

PREFIX: Final = "Answer."
PACKED: Final = "Answer.taskAnswers"
FAULT: Final = "fault in the answers"
NO_JSON: Final = "the answers are no readable JSON"

_LABEL, _LABELS, _BOXES, _IMAGE = ".label", ".labels", ".boundingBoxes", ".inputImageProperties."
_SEPARATOR: Final = "|"
_ALONE: Final = ".on"


@dataclass(slots=True)
class Asked:
    """The sheet with the columns that the questions need, the questions, and where sizes of images stand."""

    sheet: Sheet
    questions: dict[str, Question] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


def asked(sheet: Sheet, note: Callable[[str], None]) -> Asked:
    """The questions of a batch, told by the names of their columns and by all that stands in them."""
    sheet = _unpacked(sheet)
    columns = [column for column in sheet.header if column.startswith(PREFIX) and column != PACKED]
    groups = _groups(columns)
    seen, free = survey(sheet, columns, groups)
    ticked = {name: members for name, members in groups.items() if _is_ticked([seen[one] for one in members])}
    found = Asked(sheet)
    derived: list[Derived] = []
    for name, members in ticked.items():
        kind = Kind.MULTI if name in free else Kind.SINGLE
        own = f"{PREFIX}{name} (chosen)"
        found.questions[name] = Question(own, kind, LINE if kind is Kind.MULTI else None)
        derived.append(Derived((own,), tuple(members), _folded(own, name, members)))
    lists: list[str] = []
    taken = {column for members in ticked.values() for column in members}
    for column in columns:
        if column in taken:
            continue
        name = column.removeprefix(PREFIX)
        if _IMAGE in name:
            side = name.rpartition(".")[2]
            found.columns |= {side: column} if side in ("width", "height") else {}
        elif name.endswith(_BOXES):
            found.questions[_free(found, name.removesuffix(_BOXES), name)] = Question(column, Kind.BOXES)
        elif name.endswith(_LABELS) or holds_lists(seen[column]):
            lists.append(column)
            own = f"{column} (chosen)"
            found.questions[_free(found, name.removesuffix(_LABELS), name)] = Question(own, Kind.MULTI, LINE)
            derived.append(listed(own, column))
        elif name.endswith(_LABEL):
            found.questions[_free(found, name.removesuffix(_LABEL), name)] = Question(column)
        elif holds_json(seen[column]):
            found.questions[name] = Question(column, Kind.TEXT)
            note(AS_TEXT.replace("{name}", name.replace("{", "(")[:60]))
        elif seen[column].flags:
            found.questions[_free(found, name.removesuffix(_ALONE), name)] = Question(column)
        else:
            found.questions[name] = question(name, column, seen[column], _SEPARATOR)
    checked = [*lists, *([PACKED] if PACKED in sheet.header else [])]
    if checked:
        derived.append(Derived((FAULT,), tuple(checked), _faults(checked)))
    found.sheet = with_columns(sheet, derived)
    return found


def _groups(columns: Sequence[str]) -> dict[str, list[str]]:
    """Columns by the field whose values they may be: `Answer.mood.happy` and `Answer.mood.sad` are of mood."""
    groups: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        name, dot, _ = column.removeprefix(PREFIX).rpartition(".")
        if dot and not column.endswith((_LABEL, _LABELS, _BOXES)) and _IMAGE not in column:
            groups[name].append(column)
    return {name: members for name, members in groups.items() if len(members) > 1}


def _is_ticked(members: Sequence[Seen]) -> bool:
    return any(one.flags for one in members) and all(one.flags or not one.values for one in members)


def _folded(own: str, name: str, members: Sequence[str]) -> Callable[[Columns], Columns]:
    words = [" ".join(column.removeprefix(f"{PREFIX}{name}.").split()) for column in members]

    def make(columns: Columns) -> Columns:
        true = np.stack([chosen(columns[column]) for column in members], axis=1)
        said = np.logical_or.reduce([columns[column].is_valid().to_numpy(zero_copy_only=False) for column in members])
        patterns, places = np.unique(true, axis=0, return_inverse=True)
        cells = joined([[words[place] for place in np.flatnonzero(pattern)] for pattern in patterns])
        found = cells.take(pa.array(places.ravel()))
        return {own: pc.if_else(pa.array(said), found, pa.scalar(None, pa.string()))}

    return make


def _faults(checked: Sequence[str]) -> Callable[[Columns], Columns]:
    def make(columns: Columns) -> Columns:
        bad = np.zeros(len(columns[checked[0]]), np.bool_)
        for column in checked:
            coded = trimmed(columns[column]).dictionary_encode()
            read = _elements if column == PACKED else labels
            fine = pa.array([read(text) is not None for text in coded.dictionary.to_pylist()], pa.bool_())
            bad |= ~fine.take(coded.indices).fill_null(True).to_numpy(zero_copy_only=False)
        return {FAULT: pc.if_else(pa.array(bad), NO_JSON, pa.scalar(None, pa.string()))}

    return make


def _unpacked(sheet: Sheet) -> Sheet:
    """The sheet with a column for each answer that its `Answer.taskAnswers` packs as JSON."""
    if PACKED not in sheet.header:
        return sheet
    names: dict[str, None] = {}
    for rows in sheet.rows([PACKED]):
        for text in pc.unique(rows.columns[PACKED]).to_pylist() if len(rows.positions) else []:
            names |= dict.fromkeys(_flat(text))
    own = tuple(names)[: COLUMNS - 1]

    def make(columns: Columns) -> Columns:
        coded = columns[PACKED].dictionary_encode()
        flat = [_flat(text) for text in coded.dictionary.to_pylist()]
        return {name: pa.array([entry.get(name) for entry in flat], pa.string()).take(coded.indices) for name in own}

    return with_columns(sheet, [Derived(own, (PACKED,), make)])


def _flat(text: str | None) -> dict[str, str]:
    """Column by column what a cell of JSON packs: at most two levels of members, as the tool itself unfolds them."""
    found: dict[str, str] = {}
    for name, value in _elements(text) or ():
        for path, member in _members(name, value):
            if (content := cell(member)) is not None:
                found[f"{PREFIX}{path}"] = content.encode("utf-8", "replace").decode()
    return found


def _members(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield name, value
        return
    for key, member in value.items():
        if key == _IMAGE.strip(".") and isinstance(member, dict):
            yield from ((f"{name}.{key}.{side}", size) for side, size in member.items())
        elif isinstance(member, list):
            yield f"{name}.{key}", msgspec.json.encode(member).decode()
        else:
            yield f"{name}.{key}", member.get("on", member) if isinstance(member, dict) else member


def _elements(text: str | None) -> list[tuple[str, Any]] | None:
    """The form's elements: a JSON object, or a list of such."""
    value = decoded(text)
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        return None
    return [(str(name), member) for part in parts for name, member in part.items()]


def _free(found: Asked, name: str, full: str) -> str:
    """The short name of a question, or its full one where the short one is taken."""
    return full if name in found.questions else name
