"""Reading exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qc.cli.common import make_folder, progress_bar, project_option, workspace_option


def roles_by_pattern(_ctx: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    """The roles of files, `{pattern: role}`, from words like `gold/*.json=gold`."""
    if bare := [word for word in words if "=" not in word]:
        raise click.BadParameter(f"{bare[0]!r} has no =; write it like 'gold/*.json=gold'.")
    return {pattern: role for pattern, _, role in (word.rpartition("=") for word in words)}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@project_option
@workspace_option
@click.option("--format", "reader", help="Name of the format, where it cannot be recognised.")
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="A MAP.toml that names the columns.")
@click.option("--gold", type=click.Path(path_type=Path), help="A file with known answers (item, gold).")
@click.option("--timezone", help="Zone of times that carry none, such as Europe/Berlin.")
@click.option("--annotator", help="Who gave the answers, where the file names nobody.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="PATTERN=ROLE",
    callback=roles_by_pattern,
    help="What files hold, by name: 'gold/*.json=gold', 'ann_*/=annotator', 'old/=ignore'. May be repeated.",
)
@click.option("--replace", is_flag=True, help="Make this source's answers exactly those of the file.")
@click.option("--source", help="What the file is a newer version of, where its name does not say [default: its name].")
@click.option("--dry-run", is_flag=True, help="Show what would be read; takes nothing in, and writes MAP.toml.")
def ingest(files: tuple[Path, ...], project: str, workspace: Path | None, dry_run: bool, **options: Any) -> None:
    """Read exports of an annotation tool into a project: files, folders, zip and gz archives, quoted patterns.

    \b
    Example:
      qc ingest export.json --project tickets
      qc ingest "round1/*.json" --project boxes --role "ann_*/=annotator" --role "gold/=gold"
      qc ingest answers.csv --project survey --timezone Europe/Berlin --dry-run
      qc ingest newer.csv --project survey --source answers --replace
    """
    from qc.workspace.dry_run import dry_run as try_out
    from qc.workspace.dry_run import write_mapping
    from qc.workspace.ingest import ingest_files

    opened = make_folder(workspace)
    if dry_run:
        wanted = {name: options[name] for name in ("reader", "mapping", "gold", "timezone", "annotator", "roles")}
        for file in files:
            tried = try_out(opened, project, file, **wanted)
            click.echo(tried.text)
            if options["mapping"] is None and (written := write_mapping(tried, Path("MAP.toml"))):
                click.echo(written)
        return
    news = False
    try:
        for summary in ingest_files(opened, project, files, reading=progress_bar, **options):
            click.echo(summary.sentence)
            news |= summary.report is not None
    finally:
        if news:
            from qc.workspace import assess as use_case

            with progress_bar(f"Assessing {project}") as progress:
                use_case.leave_ready(opened, project, progress)
