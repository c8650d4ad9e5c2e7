"""What the leads of a project have decided, one revision per change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from qc.model import Policy
from qc.store import tables as t
from qc.store.record import Store, dumps, loads
from qc.store.versions import unchanged


def current_policy(store: Store, project: str) -> Policy:
    """The policy in force, the default before the first change."""
    return policy_in_force(store, project)[0]


def policy_in_force(store: Store, project: str) -> tuple[Policy, int]:
    """The policy in force and its revision, 0 for the default before the first change."""
    rows = store.rows(_latest(project))
    return _of(rows[0]) if rows else (Policy(), 0)


def save_policy(
    store: Store, project: str, policy: Policy, actor: str, reason: str, expected: int | None = None
) -> None:
    """Put a policy in force; ConflictError where the one in force is not the revision that was expected."""
    with store.change(actor, project) as change:
        latest = change.connection.execute(_latest(project)).mappings().first()
        unchanged("The policy", expected, latest, change.at)
        before = _of(latest)[0] if latest is not None else Policy()
        change.connection.execute(
            sa.insert(t.policies).values(
                project=project,
                revision=change.raise_revision(project, "policy"),
                body=dumps(policy.to_json()),
                actor=actor,
                reason=reason,
                at=change.at,
            )
        )
        change.audit(project, "set policy", "policy", before.to_json(), policy.to_json(), reason)


def _latest(project: str) -> sa.Select[Any]:
    p = t.policies.c
    return sa.select(t.policies).where(p.project == project).order_by(p.revision.desc()).limit(1)


def _of(row: Mapping[Any, Any]) -> tuple[Policy, int]:
    return Policy.from_json(loads(row["body"])), row["revision"]
