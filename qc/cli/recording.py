"""The record: its audit trail, and the database that it is kept in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from qc.cli.common import FAILED, open_folder, workspace_option


@click.command()
@click.option("--project", help="Short name of the project [default: what concerns all projects].")
@workspace_option
@click.option("--actor", "actors", multiple=True, help="Only what this person did; may be given several times.")
@click.option("--action", "actions", multiple=True, help="Only this action, such as settle; several times.")
@click.option("--object", "thing", default="", help="Only what was done to something with this in its name.")
@click.option("--text", default="", help="Only entries with this anywhere in them.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Show so many, the latest.")
@click.option("--out", type=click.Path(path_type=Path), help="Write all of them to a .csv, .xlsx or .json file.")
@click.option("--verify-from", "kept", multiple=True, help="A digest that was kept: check the trail against it.")
def audit(
    project: str | None,
    workspace: Path | None,
    actors: tuple[str, ...],
    actions: tuple[str, ...],
    thing: str,
    text: str,
    since: datetime | None,
    until: datetime | None,
    most: int,
    out: Path | None,
    kept: tuple[str, ...],
) -> None:
    """Who did what, when and why: show the audit trail, write it to a file, or check it against a digest kept earlier.

    \b
    Example:
      qc audit --project tickets --action settle
      qc audit --project tickets --out audit.json
      qc audit --project tickets --verify-from tickets:57:9f86d081…
    """
    from qc.workspace import audit as use_case

    opened = open_folder(workspace)
    days = (since.date() if since else None, until.date() if until else None)
    asked = use_case.Asked(actors, actions, thing, text, *days)
    if kept:
        checked = use_case.verify(opened, project, kept)
        click.echo(checked.sentence)
        raise SystemExit(0 if checked.whole else FAILED)
    if out is not None:
        click.echo(use_case.write(opened, project, out, asked))
        return
    for line in use_case.lines(opened, project, asked, most):
        click.echo(line)


@click.group()
def store() -> None:
    """The record of the workspace: decisions, samples and the audit trail, in SQLite or PostgreSQL.

    \b
    Example:
      qc store copy --to postgresql+psycopg://qc@db.example.org/qc
    """


@store.command("copy")
@workspace_option
@click.option("--to", required=True, help="SQLAlchemy URL of an empty database; its password may come from PGPASSWORD.")
def copy_store(workspace: Path | None, to: str) -> None:
    """Copy the record to an empty database, whole and compared row by row, or not at all.

    \b
    Example:
      qc store copy --to postgresql+psycopg://qc@db.example.org/qc
      qc store copy --to sqlite:////srv/qc/qc.db
    """
    from qc.workspace import moving as use_case

    click.echo(use_case.copy(open_folder(workspace), to))
