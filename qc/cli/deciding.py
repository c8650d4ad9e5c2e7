"""What a project has decided, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import click

from qc.cli.common import open_folder, project_option, workspace_option


@click.command()
@project_option
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout and nothing else.")
def policy(project: str, workspace: Path | None, as_json: bool) -> None:
    """Show the policy in force and what follows from it: false alarms, delays, plans of lots.

    \b
    Example:
      qc policy --project tickets
    """
    from qc.workspace import policy as use_case

    opened = open_folder(workspace)
    now = use_case.get(opened, project)
    following = use_case.consequences(opened, project, now)
    if as_json:
        click.echo(use_case.as_json(now, following))
        return
    for name, value in use_case.settings_of(now):
        click.echo(f"{name} = {value}")
    click.echo()
    for sentence in following.sentences:
        click.echo(sentence)
