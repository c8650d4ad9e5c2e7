"""Claims, what was sent up, expertise, and for which tier a verdict was given."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verdicts", sa.Column("tier", sa.String(16), nullable=True))
    op.add_column("draws", sa.Column("origin", sa.String(16), nullable=False, server_default="sample"))
    op.create_table(
        "claims",
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("desk", sa.String(64), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", "item_id"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name=op.f("fk_claims_project_projects")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("annotation_id", "question", "item_id")),
        sa.Column("tier", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name=op.f("fk_escalations_project_projects")),
    )
    op.create_index("ix_escalations_project", "escalations", ["project"])
    op.create_table(
        "expertise",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["project"], ["projects.slug"], name=op.f("fk_expertise_project_projects")),
    )
    op.create_index("ix_expertise_project", "expertise", ["project"])
