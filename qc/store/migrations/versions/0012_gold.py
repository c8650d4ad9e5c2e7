"""Known answers that leads promoted, widened or retired."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gold",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("item_id", "question", "answers")),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "revision"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"]),
    )
    op.create_index("ix_gold_project", "gold", ["project"])
