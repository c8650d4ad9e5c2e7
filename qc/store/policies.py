"""What the leads of a project have decided, one revision per change."""

from __future__ import annotations

import sqlalchemy as sa

from qc.model import Policy
from qc.store import tables as t
from qc.store.record import Store, dumps, loads


def current_policy(store: Store, project: str) -> Policy:
    """The policy in force, the default before the first change."""
    query = sa.select(t.policies.c.body).where(t.policies.c.project == project)
    rows = store.rows(query.order_by(t.policies.c.revision.desc()).limit(1))
    return Policy.from_json(loads(rows[0]["body"])) if rows else Policy()


def save_policy(store: Store, project: str, policy: Policy, actor: str, reason: str) -> None:
    """Put a policy in force."""
    with store.change(actor, project) as change:
        before = current_policy(store, project)
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
