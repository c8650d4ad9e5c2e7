"""How Alembic runs: on the connection, and in the transaction, that the caller gives."""

from alembic import context

from qc.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
