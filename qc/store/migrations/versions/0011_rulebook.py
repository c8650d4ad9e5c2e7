"""How a conflict was settled, what was said about it, and the rulebook."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("settlements", sa.Column("method", sa.String(16), nullable=True))
    op.add_column("settlements", sa.Column("withdrawn", sa.Boolean(), nullable=True))
    op.add_column("settlements", sa.Column("rule_id", sa.String(64), nullable=True))
    op.add_column("settlements", sa.Column("decision", sa.String(64), nullable=True))
    op.add_column("settlements", sa.Column("regions", sa.Text(), nullable=True))
    settlements = sa.table("settlements", sa.column("method"), sa.column("withdrawn", sa.Boolean()))
    op.execute(sa.update(settlements).values(method="lead", withdrawn=False))
    with op.batch_alter_table("settlements") as batch:
        batch.alter_column("method", existing_type=sa.String(16), nullable=False)
        batch.alter_column("withdrawn", existing_type=sa.Boolean(), nullable=False)
    op.create_table(
        "conflict_comments",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "text")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", "item_id", "question", "seq"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"]),
    )
    op.create_table(
        "rulebook",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "text", "question", "labels")),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("examples", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "revision"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"]),
    )
    op.create_index("ix_rulebook_project", "rulebook", ["project"])
