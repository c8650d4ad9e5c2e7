"""The connection to the record: SQLite as it is safe, or any database that SQLAlchemy knows."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from qc.model import UnavailableError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parent / "migrations"
BUSY_SECONDS: Final = 30
WAL_LIMIT: Final = 64 * 2**20


def connect(url: str) -> sa.Engine:
    """An engine whose transactions neither lose updates nor end half way.

    pysqlite begins a transaction only at the first write, and two that have read the same row would both win; so every
    transaction on SQLite begins IMMEDIATE.
    """
    try:
        address = sa.make_url(url)
        if address.get_backend_name() == "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            return _sqlite(address)
        return sa.create_engine(address, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise UnavailableError(
            f"The driver of the record is not installed ({error.name}); pip install 'annotation-qc[postgres]'."
        ) from error
    except sa.exc.ArgumentError as error:
        raise UnavailableError("The record's URL in qc.toml cannot be understood; see README, Deployment.") from error


def _sqlite(address: sa.URL) -> sa.Engine:
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        _write_ahead(connection)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            f"journal_size_limit={WAL_LIMIT}",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # Under WAL a transaction that only reads need not wait for the one that writes.
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    # Two who open a new file at once both want it alone for this, and here SQLite refuses without waiting.
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to this version in one transaction; a record of a newer version is refused."""
    # Migrations are numbered, and their files are named by their numbers.
    known = {path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    try:
        with engine.connect() as connection:
            table = sa.inspect(connection).has_table("alembic_version")
            current = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if table else None
            connection.rollback()
            if current == max(known):
                return
            if current is not None and current not in known:
                raise UnavailableError("The record was written by a newer version of Annotation QC; update this one.")
            _upgrade(connection)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        reason = getattr(error, "orig", None) or error
        raise UnavailableError(
            f"The record cannot be opened ({reason}); restore it from a backup, or mend the setting record in qc.toml."
        ) from error


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: sa.Connection) -> None:
    # Loads slowly, and most records are of this version already.
    from alembic import command

    config = _migrations()
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Tables are copied to be altered; inside a transaction this pragma would be ignored.
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(714215)")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise UnavailableError("The record's rows contradict each other; restore it from a backup.")
    finally:
        if sqlite:
            raw.execute("PRAGMA foreign_keys=ON")
