"""What reviewers found; a change is a new revision, an undo too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from qc.model import TIERS, NotFoundError
from qc.store import tables as t
from qc.store.record import Store
from qc.store.versions import unchanged

_Answer = tuple[str, str]
MOST_NAMED: Final = 1_000
EVERY_ROW: Final = sa.true()


def save_verdicts(
    store: Store, project: str, rows: Sequence[Mapping[str, Any]], actor: str
) -> list[tuple[int, Mapping[str, Any]]]:
    """Record new verdicts (columns of the table but ids, revision and times) in one transaction.

    An answer is judged once by a person, and by as many people as its draw wants, else by one. One that went up is
    judged once more by each `tier` that it went to. Returns per verdict that was not recorded its place among the rows
    and the verdict that stood in its way.
    """
    if not rows:
        return []
    with store.change(actor, project) as change:
        wanted = _reviews_wanted(change.connection, project)
        earlier: dict[_Answer, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for found in change.connection.execute(_on_answers(project, rows)).mappings():
            earlier[_answer(found)].setdefault(found["reviewer"], dict(found))
        # By answer and reviewer: their verdicts on its regions, or on None, the whole of it.
        given: dict[_Answer, dict[str, dict[str | None, Mapping[str, Any]]]] = defaultdict(dict)
        fixed = {"revision": 1, "project": project, "decided_at": change.at, "withdrawn": False}
        standing: list[tuple[int, Mapping[str, Any]]] = []
        values: list[Mapping[str, Any]] = []
        for place, row in enumerate(rows):
            answer, reviewer, region = _answer(row), row["reviewer"], row.get("region_id")
            old, own = earlier[answer], given[answer].get(reviewer, {})
            if reviewer in old:
                standing.append((place, old[reviewer]))
            elif region in own:
                standing.append((place, own[region]))
            elif not own and (others := _in_the_way(row, old, given[answer], wanted.get(answer, 1))):
                standing.append((place, others[0]))
            else:
                values.append({**dict.fromkeys(_OPTIONAL), **fixed, "review_id": uuid4().hex[:12], **row})
                given[answer].setdefault(reviewer, {})[region] = values[-1]
        if values:
            change.connection.execute(sa.insert(t.verdicts), values)
            change.raise_revision(project, "reviews")
        for row in values:
            change.audit(project, "verdict", _object(row), after=_told(row), reason=row["comment"])
        return standing


def revise_verdict(
    store: Store, project: str, review_id: str, row: Mapping[str, Any], actor: str, expected: int | None = None
) -> int:
    """Put another verdict on the same answer in place of one; the earlier stays on the record. Returns its revision.

    row: what is changed. expected: the revision that the actor saw; ConflictError where it is not in force any more.
    """
    with store.change(actor, project) as change:
        one = _in_force(project, only=t.verdicts.c.review_id == review_id)
        current = change.connection.execute(one).mappings().first()
        if current is None:
            raise NotFoundError(f"There is no verdict {review_id} to change.")
        unchanged("The verdict", expected, _editable(current), change.at)
        values = {**current, **row, "revision": current["revision"] + 1, "decided_at": change.at}
        change.connection.execute(sa.insert(t.verdicts).values(**values))
        change.raise_revision(project, "reviews")
        change.audit(project, "verdict", _object(current), _told(current), _told(values), values["comment"])
        return int(values["revision"])


def withdraw_verdict(store: Store, project: str, review_id: str, actor: str, expected: int | None = None) -> None:
    """Take a verdict back; the answer is open again and the trail keeps both. `expected` as in `revise_verdict`."""
    with store.change(actor, project) as change:
        one = _in_force(project, only=t.verdicts.c.review_id == review_id)
        current = change.connection.execute(one).mappings().first()
        if current is None:
            raise NotFoundError(f"There is no verdict {review_id} to take back.")
        unchanged("The verdict", expected, _editable(current), change.at)
        values = {**current, "revision": current["revision"] + 1, "withdrawn": True, "decided_at": change.at}
        change.connection.execute(sa.insert(t.verdicts).values(**values))
        change.raise_revision(project, "reviews")
        change.audit(project, "withdraw", _object(current), before=_told(current))


def verdicts(store: Store, project: str, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The verdicts in force, now or at an earlier time, by time."""
    return store.rows(_in_force(project, as_of))


def _in_the_way(
    row: Mapping[str, Any],
    old: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Mapping[str | None, Mapping[str, Any]]],
    wanted: int,
) -> list[Mapping[str, Any]]:
    """Others' verdicts on an answer that leave no room for one more."""
    others = [*old.values(), *(first for regions in given.values() for first in regions.values())]
    if (tier := row.get("tier")) is None:
        return others if len(old) + len(given) >= wanted else []
    return [other for other in others if other.get("tier") and TIERS.index(other["tier"]) >= TIERS.index(tier)]


def _answer(row: Mapping[Any, Any]) -> _Answer:
    return row["annotation_id"], row["question"]


def _on_answers(project: str, rows: Sequence[Mapping[str, Any]]) -> sa.Select[Any]:
    """The verdicts in force on the answers of some rows; on all answers where naming them would be a long list."""
    ids = {row["annotation_id"] for row in rows}
    return _in_force(project, only=t.verdicts.c.annotation_id.in_(ids) if len(ids) <= MOST_NAMED else EVERY_ROW)


def _object(row: Mapping[Any, Any]) -> str:
    return f"answer {row['annotation_id']}"


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A verdict as the audit trail tells it."""
    return {name: row[name] for name in _AUDITED if row[name] is not None}


def _editable(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"revision": row["revision"], "actor": row["reviewer"], "at": row["decided_at"]}


def _reviews_wanted(connection: sa.Connection, project: str) -> dict[_Answer, int]:
    """By answer how many people judge it, where it is more than one."""
    d = t.drawn_answers.c
    several = sa.select(d.annotation_id, d.question, d.reviews_wanted).where(d.project == project, d.reviews_wanted > 1)
    return {_answer(row): row["reviews_wanted"] for row in connection.execute(several).mappings()}


def _in_force(project: str, as_of: datetime | None = None, only: sa.ColumnElement[bool] = EVERY_ROW) -> sa.Select[Any]:
    """The verdicts in force; `only` must let all revisions of a verdict pass or none."""
    latest = _latest(t.verdicts, "review_id", "decided_at", project, as_of).where(only).subquery()
    v = t.verdicts.c
    query = sa.select(t.verdicts).join(latest, (v.review_id == latest.c.review_id) & (v.revision == latest.c.revision))
    return query.where(v.project == project, ~v.withdrawn).order_by(v.decided_at, v.review_id)


def _latest(table: sa.Table, key: str, time: str, project: str, as_of: datetime | None) -> sa.Select[Any]:
    c = table.c
    newest = sa.func.max(c.revision).label("revision")
    query = sa.select(c[key], newest).where(c.project == project).group_by(c[key])
    return query if as_of is None else query.where(c[time] <= as_of)


_AUDITED = (
    *("review_id", "item_id", "question", "region_id", "reviewer", "verdict", "error_type", "severity"),
    *("corrected_label", "corrected_regions", "tier"),
)
_OPTIONAL = (
    *("draw_id", "region_id", "error_type", "severity", "corrected_label", "corrected_regions", "comment", "seconds"),
    *("judged_digest", "tier"),
)
