"""Samples and the verdicts on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qc.cli.common import FAILED, open_folder, project_option, workspace_option


@click.command()
@project_option
@workspace_option
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True), help="Share to check at level `normal`, e.g. 0.05.")
@click.option("--min-per-annotator", type=click.IntRange(0), help="Least number of answers per annotator.")
@click.option("--seed", type=int, help="Seed of the draw [default: the number of draws so far].")
@click.option("--out", type=click.Path(path_type=Path), help="Sheet to fill in: .csv, .xlsx or .json.")
def sample(project: str, workspace: Path | None, out: Path | None, **options: Any) -> None:
    """Draw a spot-check sample: the review levels decide the share, an answer is offered once.

    \b
    Example:
      qc sample --project tickets --out sheet.xlsx
    """
    from qc.workspace import sample as use_case
    from qc.workspace.sheet_files import writer

    if out is not None:
        writer(out.suffix)
    opened = open_folder(workspace)
    drawn = use_case.draw(opened, project, **options)
    click.echo(drawn.sentence)
    if out is not None and drawn.id is not None:
        out.write_bytes(use_case.sheet_file(opened, project, drawn.id, out.suffix))
        click.echo(f"Fill in {out} and run: qc review --project {project} {out}")


@click.command()
@click.argument("sheet", type=click.Path(path_type=Path))
@project_option
@workspace_option
@click.option("--reviewer", help="Who reviewed, where the sheet does not say [default: your user name].")
def review(sheet: Path, project: str, workspace: Path | None, reviewer: str | None) -> None:
    """Record the verdicts of a filled-in sheet; rows that cannot be taken are refused one by one, with the reason.

    \b
    Example:
      qc review --project tickets sheet.xlsx
    """
    from qc.workspace import verdict

    outcome = verdict.record_sheet(open_folder(workspace), project, sheet, reviewer=reviewer)
    for row, reason in outcome.refused:
        click.echo(f"  row {row}: {reason}", err=True)
    click.echo(outcome.sentence)
    if outcome.refused:
        raise SystemExit(FAILED)
