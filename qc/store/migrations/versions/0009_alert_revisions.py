"""Alerts count their changes, so that nobody overwrites one that they have not seen."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kinds: dict[str, sa.types.TypeEngine[Any]] = {
        "revision": sa.Integer(),
        "edited_by": sa.Text(),
        "edited_at": sa.DateTime(timezone=True),
    }
    for name, kind in kinds.items():
        op.add_column("alerts", sa.Column(name, kind, nullable=True))
    alerts = sa.table("alerts", *(sa.column(name) for name in (*kinds, "actor", "changed_at")))
    actor = sa.func.coalesce(alerts.c.actor, "check")
    op.execute(sa.update(alerts).values(revision=1, edited_by=actor, edited_at=alerts.c.changed_at))
    with op.batch_alter_table("alerts") as batch:
        for name, kind in kinds.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
