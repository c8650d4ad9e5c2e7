"""A report on paper: its HTML printed by Chromium, where this machine has one, without a network."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from qc.model import UnavailableError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_SECONDS: Final = 300
_DATES: Final = re.compile(rb"(?<=Date \(D:)\d{14}")
# No name is resolved, so that nothing could be asked for even if a page tried; the page's own policy forbids it first.
_ARGUMENTS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


def printer() -> str:
    """Where Chromium is: $QC_CHROMIUM, else the first of its usual names on the path; UnavailableError without one."""
    named = os.environ.get("QC_CHROMIUM")
    program = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise UnavailableError(
            "A PDF needs Chromium, and none was found: install it (Debian: apt-get install chromium), name it in "
            "QC_CHROMIUM, or write .html and print that from a browser."
        )
    return program


def pdf(html: str) -> bytes:
    """A report's HTML as PDF, without the time of the run: one Chromium makes equal bytes of equal texts.

    Chromium's sandbox stays on, but for root, for whom it has none. UnavailableError where there is no Chromium, or
    it does not print.
    """
    program = printer()
    with tempfile.TemporaryDirectory(prefix="qc-print-") as folder:
        page, printed = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(html, encoding="utf-8")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        places = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", page.as_uri()]
        _run([program, *_ARGUMENTS, *sandbox, *places], folder)
        if not printed.is_file():
            raise UnavailableError(f"{program} did not print the report; write .html and print that from a browser.")
        # As long as the date that it replaces: the places of everything behind it stay.
        return _DATES.sub(b"20000101000000", printed.read_bytes())


def _run(command: list[str], folder: str) -> None:
    """Run a program with a home of its own and none of our environment, where secrets may stand."""
    bare = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, env=bare, stdin=silent, stdout=silent, stderr=silent, start_new_session=True) as one:
        try:
            one.wait(PATIENCE_SECONDS)
        except BaseException as error:
            os.killpg(one.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise UnavailableError(f"{command[0]} took longer than {PATIENCE_SECONDS} s to print.") from None
            raise
