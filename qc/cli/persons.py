"""Who may see and decide what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from qc.cli.common import make_folder, open_folder, workspace_option


@click.group()
def people() -> None:
    """Who may see and decide what in the dashboard: grant, revoke and list roles (docs/access.md).

    \b
    Example:
      qc people grant --role admin ada@example.org
      qc people grant --project tickets --role lead bo@example.org
    """


def role_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A name, --role, --project and --reason, of what gives and takes roles."""
    for option in (
        click.option("--reason", default="", help="Why, for the record."),
        workspace_option,
        click.option("--project", help="Short name of the project [default: all projects]."),
        click.option("--role", required=True, help="One of annotator, reviewer, lead, manager and admin."),
        click.argument("name"),
    ):
        command = option(command)
    return command


@people.command("list")
@click.option("--project", help="Short name of the project [default: all projects].")
@workspace_option
def list_people(project: str | None, workspace: Path | None) -> None:
    """Show who has which role, since when and by whom.

    \b
    Example:
      qc people list --project tickets
    """
    from qc.workspace import people as use_case

    rows = use_case.roles(open_folder(workspace), project)
    for row in rows:
        called = f", in the exports {row['annotator']}" if row["annotator"] else ""
        where = row["project"] or "all projects"
        click.echo(f"{row['person']}: {row['role']} in {where}{called} (by {row['actor']}, {row['at']:%Y-%m-%d})")
    if not rows:
        click.echo("Nobody has a role yet; make the first admin with: qc people grant --role admin NAME")


@people.command("grant")
@role_options
@click.option("--annotator", help="What the exports call the person [default: NAME]; for the role annotator.")
def grant_role(workspace: Path | None, **given: Any) -> None:
    """Give NAME, the e-mail or name of the login, a role in a project or in all.

    \b
    Example:
      qc people grant --project tickets --role annotator ann@example.org --annotator worker-7
    """
    from qc.workspace import people as use_case

    click.echo(use_case.grant(make_folder(workspace), **given))


@people.command("revoke")
@role_options
def revoke_role(workspace: Path | None, **given: Any) -> None:
    """Take a role from NAME; it ends with the person's next click.

    \b
    Example:
      qc people revoke --project tickets --role lead bo@example.org --reason "left the team"
    """
    from qc.workspace import people as use_case

    click.echo(use_case.revoke(open_folder(workspace), **given))
