"""The audit trail becomes append-only and a chain: each project's entries are numbered and have digests."""

import sqlalchemy as sa
from alembic import op

from qc.store.chain import BEGINNING, chained
from qc.store.tables import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CONTENT = ("project", "actor", "action", "object", "before", "after", "reason", "at")
REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    old = sa.table("audit", sa.column("seq"), *_content())
    connection = op.get_bind()
    rows = connection.execute(sa.select(old).order_by(old.c.project, old.c.seq)).mappings().all()
    trails: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        trails.setdefault(row["project"], []).append({name: row[name] for name in CONTENT})
    op.drop_table("audit")
    op.create_table(
        "audit",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("project", "number", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_audit_heads")),
    )
    new = sa.table("audit", sa.column("number"), sa.column("digest"), *_content())
    heads = sa.table("audit_heads", *(sa.column(name) for name in ("project", "number", "digest")))
    for project, entries in trails.items():
        chain = chained(entries, 0, BEGINNING)
        connection.execute(sa.insert(new), chain)
        head = {"project": project, "number": len(chain), "digest": chain[-1]["digest"]}
        connection.execute(sa.insert(heads), head)
    for statement in APPEND_ONLY[connection.dialect.name]:
        op.execute(statement)


def _content() -> list[sa.ColumnClause[object]]:
    return [sa.column(name, Utc()) if name == "at" else sa.column(name) for name in CONTENT]


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_{act} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refused()",
    ],
}
