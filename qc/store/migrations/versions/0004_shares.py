"""Drawn answers say what took them and how many people judge them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drawn = sa.table(
        "drawn_answers", *(sa.column(name) for name in ("pi", "pi_random", "pi_risk", "reasons", "reviews_wanted"))
    )
    added: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
        ("pi_random", sa.Double()),
        ("pi_risk", sa.Double()),
        ("reasons", sa.Text()),
        ("reviews_wanted", sa.Integer()),
    )
    for name, kind in added:
        op.add_column("drawn_answers", sa.Column(name, kind, nullable=True))
    op.execute(sa.update(drawn).values(pi_random=drawn.c.pi, pi_risk=0.0, reasons="[]", reviews_wanted=1))
    with op.batch_alter_table("drawn_answers") as batch:
        for name, kind in added:
            batch.alter_column(name, existing_type=kind, nullable=False)
