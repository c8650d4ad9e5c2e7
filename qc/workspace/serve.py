"""Start the dashboard as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from qc.access import allowed
from qc.workspace.opening import Workspace


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
