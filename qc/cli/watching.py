"""Looking after a folder of exports."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from qc.cli.common import FAILED, FINE, make_folder, project_option, workspace_option

STEP_SECONDS: Final = 0.2


class _Until:
    """Rests, and says whether to go on: until a signal asks to stop."""

    stopping = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def __enter__(self) -> _Until:
        self.before = [(asked, signal.signal(asked, self.stop)) for asked in (signal.SIGTERM, signal.SIGINT)]
        return self

    def __exit__(self, *_: object) -> None:
        for asked, handler in self.before:
            signal.signal(asked, handler)

    def __call__(self, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < ends:
            time.sleep(min(STEP_SECONDS, seconds))
        return not self.stopping


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@project_option
@workspace_option
@click.option("--once", is_flag=True, help="Look once and end, for cron; exits 1 where something could not be done.")
@click.option("--every", type=click.IntRange(1), default=60, show_default=True, help="Seconds between two looks.")
@click.option("--notify", is_flag=True, help="Send new alerts, and the summary of the week where the policy wants it.")
@click.option("--report", type=click.Path(path_type=Path), help="Keep this report up to date: a .html or .pdf file.")
@click.option("--format", "reader", help="Name of the format, where it cannot be recognised.")
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="A MAP.toml that names the columns.")
@click.option("--timezone", help="Zone of times that carry none, such as Europe/Berlin.")
def watch(
    folder: Path,
    project: str,
    workspace: Path | None,
    once: bool,
    every: int,
    notify: bool,
    report: Path | None,
    **reading: Any,
) -> None:
    """Take in what arrives in a folder, check, tell and report: until stopped, or once for cron.

    A file is read when two looks saw it alike. One that comes back changed is a newer version of the same source; one
    that cannot be read is noted, and tried again when it has changed.

    \b
    Example:
      qc watch exports --project tickets --notify --report report.html
      qc watch exports --project tickets --once
    """
    from qc.workspace import watch as use_case

    opened, failed = make_folder(workspace), False
    wish = use_case.Wish(reading, notify, report)
    with _Until() as until:
        lines = (
            use_case.once(opened, project, folder, wish, until)
            if once
            else use_case.watch(opened, project, folder, wish, float(every), until)
        )
        for line in lines:
            failed |= line.failed
            click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}  {line.text}", err=line.failed)
        if until.stopping:
            click.echo("Stopped; what is in is in, and the rest is read at the next start.")
    raise SystemExit(FAILED if once and failed else FINE)
