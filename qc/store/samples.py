"""Drawn spot-check samples and the inclusion probabilities of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from qc.model import ConflictError
from qc.store import tables as t
from qc.store.record import Store, dumps, plain_row

# Where a draw comes from: what was new, one answer that somebody pointed at, or all earlier work of somebody.
SAMPLE: Final = "sample"
FLAG: Final = "flag"
AGAIN: Final = "again"


def save_draw(
    store: Store,
    project: str,
    seed: int,
    parameters: Mapping[str, Any],
    data_version: str,
    answers: Sequence[Mapping[str, Any]],
    actor: str,
    origin: str = SAMPLE,
) -> str:
    """Record a draw and return its id; ConflictError when somebody drew one of its answers in the meantime."""
    draw_id = uuid4().hex[:12]
    try:
        with store.change(actor) as change:
            change.connection.execute(
                sa.insert(t.draws).values(
                    id=draw_id,
                    project=project,
                    seed=seed,
                    parameters=dumps(parameters),
                    data_version=data_version,
                    origin=origin,
                    actor=actor,
                    drawn_at=change.at,
                )
            )
            rows = [
                {"draw_id": draw_id, "project": project, "place": place, **row, "reasons": dumps(row["reasons"])}
                for place, row in enumerate(answers)
            ]
            change.connection.execute(sa.insert(t.drawn_answers), rows)
            change.raise_revision(project, "draws")
            change.audit(project, "draw", f"sample {draw_id}", after={"answers": len(rows), "seed": seed, **parameters})
    except sa.exc.IntegrityError as error:
        raise ConflictError("Somebody else drew a sample at the same time; draw again.") from error
    return draw_id


def draws(store: Store, project: str, *origins: str) -> list[dict[str, Any]]:
    """All draws of a project with these origins (by default those from what was new), oldest first."""
    of_project = (t.draws.c.project == project) & t.draws.c.origin.in_(origins or (SAMPLE,))
    query = sa.select(t.draws).where(of_project).order_by(t.draws.c.drawn_at, t.draws.c.id)
    return [plain_row(row, "parameters") for row in store.rows(query)]


def drawn_answers(store: Store, project: str) -> list[dict[str, Any]]:
    """Every answer ever drawn in a project, or pointed at, with its draw's time, in order of drawing."""
    query = (
        sa.select(t.drawn_answers, t.draws.c.drawn_at)
        .join(t.draws)
        .where(t.drawn_answers.c.project == project)
        .order_by(t.draws.c.drawn_at, t.draws.c.id, t.drawn_answers.c.place)
    )
    return [plain_row(row, "reasons") for row in store.rows(query)]
