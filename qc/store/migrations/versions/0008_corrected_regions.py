"""A verdict may hold the regions that are right, as JSON."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verdicts", sa.Column("corrected_regions", sa.Text(), nullable=True))
