"""Samples as tasks for Label Studio, and what reviewers made of them there as verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow.parquet as pq

from qc.access import allowed
from qc.model import Decision, InputError, Kind, NotFoundError, Status
from qc.readers.stage import stage
from qc.stats.changes import State, edits
from qc.store.samples import drawn_answers
from qc.workspace import lookup, verdict
from qc.workspace.answer_text import joined
from qc.workspace.corrected import as_text
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace
from qc.workspace.staging import staging_folder
from qc.workspace.training.selected import answers_of
from qc.workspace.verdict import Outcome
from qc.writers import label_studio
from qc.writers.decided import Decided
from qc.writers.label_studio import ANSWER_ID, DIGEST, QUESTION

SEPARATOR: Final = "; "
# How far a place may be off and still be the one that was shown: percent are written and read back.
NEAR: Final = 1e-3
PLACES: Final = ("t_start", "t_end", "sec_start", "sec_end", "x", "y", "w", "h", "rotation", "points")
# What a correction of one sort is called where the project's checklist has it.
SORTS: Final[Mapping[State, str]] = {
    State.ADDED: "missed",
    State.REMOVED: "extra",
    State.MOVED: "poor boundary",
    State.RELABELLED: "wrong label",
}


@allowed("review")
def tasks(ws: Workspace, project: str, draw_id: str) -> tuple[bytes, str]:
    """The answers of a draw as tasks with the answer as prediction, and a sentence; nobody's name is in them."""
    drawn = [row for row in drawn_answers(ws.store, project) if row["draw_id"] == draw_id]
    if not drawn:
        raise NotFoundError(f"There is no sample {draw_id!r} in this project.")
    ids = sorted({row["annotation_id"] for row in drawn})
    given = {(row.annotation_id, row.question): row for row in answers_of(ws, project, ids)}
    shown = [given[key] for row in drawn if (key := (row["annotation_id"], row["question"])) in given]
    found = ws.snapshot(project).rows(lambda facts: lookup.by_ids(facts, ids))
    digests = {(row["annotation_id"], row["question"]): row["answer_hash"] for row in found.to_dict("records")}
    written = label_studio.checks(shown, digests)
    ws.store.note(ws.actor.name, project, "export", f"tasks of sample {draw_id}", after={"answers": written.answers})
    parts = [f"{counted(written.answers, 'task')} written."]
    parts += [f"{counted(n, 'answer')} left out: {reason}." for reason, n in written.left_out.items()]
    return written.content, " ".join(parts)


def is_finished(path: Path) -> bool:
    """Whether a file is an export of tasks, and no sheet."""
    if path.suffix.lower() != ".json":
        return False
    return any("data" in task and "annotations" in task for task in _tasks(path))


@allowed("review")
def record_finished(ws: Workspace, project: str, path: Path, reviewer: str | None = None) -> Outcome:
    """Record what reviewers made of a sample's tasks, matched by the ids in the data of each task.

    An annotation like the answer accepts it, another one rejects it and is the correction. Tasks without a submitted
    annotation are left for later; what cannot be taken is refused by the task's place in the file, from 1.
    """
    asked = list(_asked(_tasks(path)))
    if not asked:
        raise InputError(
            f"{path.name} has no finished tasks of a sample; give the JSON export of the tasks drawn here."
        )
    ids = sorted({data[ANSWER_ID] for _place, _identity, data in asked})
    given = {(str(row.annotation_id), row.question): row for row in answers_of(ws, project, ids)}
    found = ws.imported(project).rows(lambda facts: lookup.by_ids(facts, ids))
    digests = {(row["annotation_id"], row["question"]): row["answer_hash"] for row in found.to_dict("records")}
    final = _read(ws, project, path)
    types = ws.policy(project).review.error_types
    rows: list[dict[str, Any]] = []
    places: list[int] = []
    refused: list[tuple[int, str]] = []
    for place, identity, data in asked:
        key = (data[ANSWER_ID], str(data.get(QUESTION) or ""))
        if key not in given:
            refused.append((place, f"there is no answer {key[0]!r} to {key[1]!r} in this project"))
        elif data.get(DIGEST) and data[DIGEST] != digests.get(key):
            refused.append((place, "the answer was changed since the tasks were written"))
        elif identity not in final:
            refused.append((place, "its annotation could not be read, or was skipped"))
        else:
            said = _on_question(final[identity], key[1])
            rows.append(_verdict(given[key], said, key, types, reviewer))
            places.append(place)
    outcome = verdict.record(ws, project, rows, reviewer or ws.actor.name, places)
    return replace(outcome, refused=tuple(sorted((*refused, *outcome.refused))))


def _tasks(path: Path) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"{path.name} cannot be read as JSON ({error}); export it again.") from error
    return [task for task in found if isinstance(task, dict)] if isinstance(found, list) else []


def _asked(found: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Place, id of the annotation and data of each submitted annotation of tasks that a sample wrote."""
    for place, task in enumerate(found, 1):
        data, done = task.get("data"), task.get("annotations")
        if isinstance(data, dict) and isinstance(data.get(ANSWER_ID), str) and isinstance(done, list):
            for one in done:
                if isinstance(one, dict) and not one.get("was_cancelled"):
                    yield place, str(one.get("id")), data


def _read(ws: Workspace, project: str, path: Path) -> dict[str, dict[str, Decided]]:
    """By annotation and question what was submitted, as the reader of exports understands it."""
    zone = ws.policy(project).timezone
    with staging_folder(ws.root) as folder:
        stage(path, "label_studio", None, zone, folder, datetime.now(UTC), lambda _reached: None)
        answers, regions = (
            pq.ParquetFile(folder / f"{table}.parquet").read().to_pylist() for table in ("annotations", "regions")
        )
    marked: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for region in regions:
        marked.setdefault((region["annotation_id"], region["question"]), []).append(region)
    final: dict[str, dict[str, Decided]] = {}
    for row in answers:
        if row["role"] == "annotator" and row["status"] == Status.SUBMITTED.value:
            final.setdefault(row["annotation_id"], {})[row["question"]] = Decided(
                {"item_id": row["item_id"]},
                row["question"],
                row["kind"],
                "reviewed",
                label=row["label"],
                labels=None if row["labels"] is None else tuple(row["labels"]),
                number=row["number"],
                text=row["text"],
                regions=tuple(marked.get((row["annotation_id"], row["question"]), ())),
                by=row["annotator"],
                probability=row["seconds"],
            )
    return final


def _on_question(said: Mapping[str, Decided], question: str) -> Decided:
    """The answer to a question; the only one, whatever the control is called in the reviewers' project."""
    answered = [row for row in said.values() if row.kind != Kind.NONE] or list(said.values())
    return said[question] if question in said else answered[0]


def _verdict(
    given: Decided, said: Decided, key: tuple[str, str], types: Sequence[str], reviewer: str | None
) -> dict[str, Any]:
    name = said.by if said.by and not said.by.isdigit() else reviewer
    row = {"annotation_id": key[0], "question": key[1], "reviewer": name, "seconds": said.probability}
    if given.regions or said.regions:
        regions = [_as_shown(region, given.regions) for region in said.regions]
        sorts = Counter(change.state for change in edits(list(given.regions), regions) if change.state != State.KEPT)
        if not sorts:
            return {**row, "verdict": Decision.ACCEPT.value}
        sort = SORTS.get(next(iter(sorts))) if len(sorts) == 1 else None
        more = {"corrected_regions": as_text(regions), "error_type": sort if sort in types else None}
        return {**row, "verdict": Decision.REJECT.value, **more}
    if _key(given, given.kind) == _key(said, given.kind):
        return {**row, "verdict": Decision.ACCEPT.value}
    return {**row, "verdict": Decision.REJECT.value, "corrected_label": _written(said, given.kind)}


def _key(row: Decided, kind: str) -> Any:
    """What makes two answers of a kind the same."""
    if kind in (Kind.ORDINAL, Kind.NUMBER) and row.number is not None:
        return row.number
    if kind in (Kind.MULTI, Kind.RANKING, Kind.SINGLE, Kind.PAIRWISE, Kind.TAXONOMY):
        labels = row.labels if row.labels is not None else tuple(filter(None, (row.label or "").split(SEPARATOR)))
        return labels if kind == Kind.RANKING else tuple(sorted(labels))
    return (row.text or row.label or "").strip()


def _written(row: Decided, kind: str) -> str | None:
    """An answer as a person would write it in a sheet."""
    if kind in (Kind.ORDINAL, Kind.NUMBER) and row.number is not None:
        return f"{row.number:.15g}"
    if row.labels is not None or (kind == Kind.MULTI and row.kind == Kind.NONE):
        return joined(row.labels or ())
    return row.label or row.text


def _as_shown(region: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A region with the place that was shown, where it was not moved; what is not about a region is left out."""
    known = {name: value for name, value in region.items() if value is not None and name in KEPT}
    before = next((one for one in shown if one["region_id"] == region["region_id"]), None)
    if before is None or not all(_near(region.get(name), before.get(name)) for name in PLACES):
        return known
    return {**{name: before[name] for name in KEPT if before.get(name) is not None}, "label": region["label"]}


KEPT: Final = ("region_id", "kind", "label", "quote", *PLACES)


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))
    return (one or 0) == (other or 0) or abs((one or 0) - (other or 0)) <= NEAR
