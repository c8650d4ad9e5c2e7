"""What every command shares: options, exits, progress, and errors as sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qc.model import QcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qc.workspace import Workspace

FINE, FAILED, NOT_CHECKED = 0, 1, 2


class Sentences(click.Group):
    """A group whose commands end with one sentence instead of a traceback when the user can do something about it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a QcError is printed and exits 1, or 2 where `check` could not check."""
        try:
            return super().invoke(ctx)
        except QcError as error:
            click.echo(f"qc: {error}", err=True)
            ctx.exit(NOT_CHECKED if ctx.invoked_subcommand == "check" else FAILED)


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--workspace, on every command."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the workspace [default: $QC_WORKSPACE, else ./qc-workspace].",
    )(command)


def project_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--project, required."""
    return click.option("--project", required=True, help="Short name of the project, such as tickets.")(command)


def open_folder(folder: Path | None) -> Workspace:
    """The workspace in a folder, acting as this machine's user; imported late, for a quick --help."""
    from qc.workspace import existing_workspace

    return existing_workspace(folder)


def make_folder(folder: Path | None) -> Workspace:
    """The workspace in a folder, made if it is new: for the commands that a workspace begins with."""
    from qc.workspace import open_workspace

    return open_workspace(folder)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
