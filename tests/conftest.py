"""What all tests share: real parts are required in CI and skipped aloud elsewhere, and nothing leaves the machine."""

import ipaddress
import os
import socket

import pytest

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


def require(found: object, what: str) -> None:
    """Skip the test when a real part is missing, or fail where all of them are required."""
    if not found:
        if os.environ.get("QC_REQUIRE_ALL") == "1":
            pytest.fail(f"{what} is required here and was not found")
        pytest.skip(f"{what} was not found on this machine")
