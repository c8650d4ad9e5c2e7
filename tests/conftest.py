"""What all tests share: real parts are required in CI and skipped aloud elsewhere, and nothing leaves the machine."""

import ipaddress
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0] if isinstance(address, tuple) else str(address)
        try:
            inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise AssertionError(f"a test tried to reach {host}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network_but_loopback() -> None:
    socket.socket.connect = _loopback_only


@pytest.fixture(autouse=True)
def this_process_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the page it runs in the place of the main module; a process spawned later would run that page."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def require(found: object, what: str) -> None:
    """Skip the test when a real part is missing, or fail where all of them are required."""
    if not found:
        if os.environ.get("QC_REQUIRE_ALL") == "1":
            pytest.fail(f"{what} is required here and was not found")
        pytest.skip(f"{what} was not found on this machine")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    from postgres import server

    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; on PostgreSQL one of its own on the server that all tests share."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'qc.db'}"
        return
    address = sa.make_url(request.getfixturevalue("postgres"))
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    name = f"test_{time.monotonic_ns()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield address.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
