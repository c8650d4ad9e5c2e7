"""A change of level says where it came from: the policy, an approval, a lead's own decision, or an undo."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("levels", sa.Column("origin", sa.String(length=16), nullable=True))
    levels = sa.table("levels", sa.column("origin"), sa.column("actor"))
    origin = sa.case((levels.c.actor == "policy", "policy"), else_="override")
    op.execute(sa.update(levels).values(origin=origin))
    with op.batch_alter_table("levels") as batch:
        batch.alter_column("origin", existing_type=sa.String(length=16), nullable=False)
