"""Spot checks: what the levels ask for, the draw, the sheet, and the queue of what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from qc.access import allowed
from qc.model import LEVELS, InputError, NotFoundError
from qc.sampling import answer_levels, detectable_rise, half_width
from qc.sampling import draw as draw_sample
from qc.store.imports import imports
from qc.store.levels import level_history
from qc.store.samples import drawn_answers, draws, save_draw
from qc.store.verdicts import verdicts
from qc.workspace import lookup, sheet_files
from qc.workspace.opening import Workspace
from qc.workspace.sight import with_shown_names

KEPT: Final = (
    "annotation_id",
    "question",
    "item_id",
    "annotator",
    "share",
    "pi",
    "pi_random",
    "pi_risk",
    "reasons",
    "reviews_wanted",
    "stratum",
    "stratum_size",
    "stratum_drawn",
    "level",
    "answer_hash",
)
SHEET: Final = ("annotation_id", "question", "item_id", "text", "label")
TO_FILL: Final = ("verdict", "error_type", "severity", "corrected_label", "comment", "reviewer", "seconds")


@dataclass(frozen=True)
class Draw:
    """A drawn sample; `id` is None where there was nothing new to draw."""

    id: str | None
    size: int
    sentence: str
    answers: pd.DataFrame


def levels_in_force(ws: Workspace, project: str) -> pd.DataFrame:
    """kind, key, level, since, reason, actor, evidence of every subject whose level was ever set."""
    latest = {(row["subject_kind"], row["subject_key"]): row for row in level_history(ws.store, project)}
    rows = [
        {
            "kind": kind,
            "key": key,
            "level": row["level"],
            "since": row["at"],
            "reason": row["reason"],
            "actor": row["actor"],
            "evidence": row["evidence"],
        }
        for (kind, key), row in latest.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "key", "level", "since", "reason", "actor", "evidence"])


@allowed("draw")
def plan(
    ws: Workspace, project: str, rate: float | None = None, min_per_annotator: int | None = None
) -> dict[str, Any]:
    """What a draw would take: by annotator, and what n can show, in hours and money."""
    policy = ws.policy(project)
    frame = _drawable(ws, project)
    sample = _sample(ws, project, frame, rate, min_per_annotator, seed=0)
    new = frame.groupby("annotator", dropna=False).size()
    taken = sample.groupby("annotator", dropna=False).size()
    level = frame.drop_duplicates("annotator").set_index("annotator")["level"] if len(frame) else pd.Series(dtype=str)
    rates = _rates(ws, project, rate)
    rows = [
        {
            "annotator": annotator,
            "level": level[annotator],
            "rate": rates[level[annotator]],
            "new_answers": int(count),
            "to_draw": int(taken.get(annotator, 0)),
        }
        for annotator, count in new.sort_index().items()
    ]
    hours = len(sample) * policy.cost.review_minutes / 60
    return {
        "rows": rows if ws.actor.may("individuals", project) else [],
        "new_answers": len(frame),
        "total": len(sample),
        "half_width": half_width(len(sample), len(frame), policy.errors.limit),
        "at_rate": policy.errors.limit,
        "detectable_rise": detectable_rise(len(sample), policy.errors.target),
        "from_rate": policy.errors.target,
        "hours": hours,
        "money": hours * policy.cost.reviewer_wage,
    }


@allowed("draw")
def draw(
    ws: Workspace,
    project: str,
    *,
    rate: float | None = None,
    min_per_annotator: int | None = None,
    seed: int | None = None,
    actor: str = "cli",
) -> Draw:
    """Draw what the levels ask for, from the answers that came since the last draw; same seed and data, same sample.

    rate replaces the share of level `normal`. seed is the number of earlier draws by default.
    """
    used = len(draws(ws.store, project)) if seed is None else seed
    version = ws.data_version(project)
    frame = _drawable(ws, project)
    sample = _sample(ws, project, frame, rate, min_per_annotator, used)
    if sample.empty:
        return Draw(None, 0, "Nothing to draw: every answer so far was in an earlier draw, or is reviewed.", sample)
    parameters = {"rates": _rates(ws, project, rate), "min_per_annotator": _least(ws, project, min_per_annotator)}
    rows = sample[list(KEPT)].astype(object).where(sample[list(KEPT)].notna(), None).to_dict("records")
    draw_id = save_draw(ws.store, project, used, parameters, version, rows, actor)
    people = sample["annotator"].nunique()
    return Draw(
        draw_id,
        len(sample),
        f"Sample {draw_id}: {len(sample):,} of {len(frame):,} new answers, at least "
        f"{parameters['min_per_annotator']} of each of {people:,} annotators, drawn with seed {used}.",
        sample,
    )


@allowed("review")
def sheet(ws: Workspace, project: str, draw_id: str) -> pd.DataFrame:
    """The answers of a draw to fill in, in their order, without the annotator: names must not sway a verdict."""
    drawn = [row for row in drawn_answers(ws.store, project) if row["draw_id"] == draw_id]
    if not drawn:
        raise NotFoundError(f"There is no sample {draw_id!r} in this project.")
    shown = _looked_up(ws, project, drawn)
    blank = dict.fromkeys(TO_FILL, "")
    return shown[list(SHEET)].assign(**blank)


@allowed("review")
def sheet_file(ws: Workspace, project: str, draw_id: str, suffix: str) -> bytes:
    """The sheet as .csv, .xlsx or .json; cells that a spreadsheet would take for a formula are made text."""
    return sheet_files.written(sheet(ws, project, draw_id), suffix)


@allowed("review")
def queue(ws: Workspace, project: str) -> pd.DataFrame:
    """Drawn answers without a verdict, oldest draw first, as a reviewer sees them; `labels` are the choices."""
    judged = {(row["annotation_id"], row["question"]) for row in verdicts(ws.store, project)}
    waiting = [row for row in drawn_answers(ws.store, project) if (row["annotation_id"], row["question"]) not in judged]
    columns = ["draw_id", "annotation_id", "question", "item_id", "text", "label", "labels", "annotator", "level"]
    if not waiting:
        return pd.DataFrame(columns=columns)
    shown = _looked_up(ws, project, waiting)
    choices = ws.snapshot(project).rows(lookup.labels_of).groupby("question")["label"].agg(list)
    shown["labels"] = shown["question"].map(choices).apply(lambda found: found if isinstance(found, list) else [])
    return with_shown_names(ws, project, shown[columns], "annotator")


def _looked_up(ws: Workspace, project: str, drawn: list[dict[str, Any]]) -> pd.DataFrame:
    """The drawn rows in their order with the current answer and the item's text."""
    ids = [row["annotation_id"] for row in drawn]
    found = ws.snapshot(project).rows(lambda facts: lookup.by_ids(facts, ids))
    kept = pd.DataFrame(drawn)[["draw_id", "annotation_id", "question", "level"]]
    return kept.merge(found, on=["annotation_id", "question"], how="inner")


def _drawable(ws: Workspace, project: str) -> pd.DataFrame:
    """The answers that no draw could choose from yet, with the level in force; what was reviewed needs no draw."""
    earlier = draws(ws.store, project)
    last = earlier[-1]["drawn_at"] if earlier else None
    seen = [entry["id"] for entry in imports(ws.store, project) if last is not None and entry["at"] <= last]
    frame = ws.snapshot(project).rows(lambda facts: lookup.drawable(facts, seen))
    return frame.assign(level=answer_levels(frame, levels_in_force(ws, project)))


def _sample(
    ws: Workspace, project: str, frame: pd.DataFrame, rate: float | None, min_per_annotator: int | None, seed: int
) -> pd.DataFrame:
    return draw_sample(frame, _rates(ws, project, rate), _least(ws, project, min_per_annotator), seed)


def _rates(ws: Workspace, project: str, rate: float | None) -> dict[str, float]:
    sampling = ws.policy(project).sampling
    if rate is not None and not 0 < rate <= 1:
        raise InputError("The rate must lie above 0 and at most at 1, such as 0.05 for 5 %.")
    return {level: sampling.rate(level) for level in LEVELS} | ({"normal": rate} if rate else {})


def _least(ws: Workspace, project: str, wished: int | None) -> int:
    return ws.policy(project).sampling.min_per_annotator if wished is None else wished
