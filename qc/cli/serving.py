"""The dashboard, and the demo."""

from __future__ import annotations

from pathlib import Path

import click

from qc.cli.common import make_folder, progress_bar, workspace_option


@click.command()
@workspace_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def dashboard(workspace: Path | None, port: int, host: str) -> None:
    """Serve the dashboard of a workspace.

    \b
    Example:
      qc dashboard --workspace ./qc-workspace --port 8501
    """
    from qc.workspace.serve import serve

    raise SystemExit(serve(make_folder(workspace), host, port))


@click.command()
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("qc-demo"),
    show_default=True,
    help="Folder of the demo's workspace; it is built anew.",
)
@click.option("--no-serve", is_flag=True, help="Stop after the findings.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def demo(workspace: Path, no_serve: bool, port: int) -> None:
    """Build a fresh workspace from the sample exports, print the findings, and serve the dashboard.

    \b
    Example:
      qc demo --no-serve
    """
    from qc.workspace import demo as use_case
    from qc.workspace.serve import serve

    with progress_bar("Building the demo") as progress:
        opened = use_case.build(workspace, progress)
    for line in use_case.findings_text(opened):
        click.echo(line)
    if not no_serve:
        raise SystemExit(serve(opened, "127.0.0.1", port))
