"""Start the dashboard as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qc.access import allowed
from qc.model.login import Login
from qc.settings import load
from qc.workspace.opening import Workspace


def login_of(root: Path) -> Login:
    """How the people of a workspace sign in, as its qc.toml says."""
    return load(root).login


@allowed("workspace")
def serve(ws: Workspace, host: str, port: int) -> int:
    """Run the dashboard of a workspace until it is stopped; returns its exit code."""
    command = [
        sys.executable,
        "-m",
        "dashboard.server",
        "--workspace",
        str(ws.root),
        "--host",
        host,
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, env={**os.environ, "QC_WORKSPACE": str(ws.root)})
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        return 0
