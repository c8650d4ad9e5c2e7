"""A PostgreSQL server of its own for the tests that need one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import require


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server with an empty database; it is stopped and removed at the end.

    It lies in the system's temporary folder, because PostgreSQL refuses to run as root and its user cannot enter
    root's home. Its data are not synced to disk: nothing here outlives a test.
    """
    require(shutil.which("initdb") and shutil.which("pg_ctl"), "PostgreSQL (initdb, pg_ctl)")
    with tempfile.TemporaryDirectory(prefix="qc-pg-") as folder:
        identity = _unprivileged(folder)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": folder}

        def run(*command: str) -> None:
            # The server keeps its standard output open, so a pipe would never end.
            subprocess.run(
                command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60, **identity
            )

        data, port = str(Path(folder) / "data"), _free_port()
        run("initdb", "-D", data, "-A", "trust", "-U", "qc", "-E", "UTF8", "--no-sync", "--no-instructions")
        options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
        run("pg_ctl", "-D", data, "-w", "-l", str(Path(folder) / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://qc@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _unprivileged(folder: str) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
