"""Samples and the verdicts on them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from qc.cli.common import FAILED, open_folder, project_option, workspace_option
from qc.model import InputError

REFUSED_SHOWN = 20


def _rise(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[float, float] | None:
    """A rise such as 0.04:0.08."""
    if text is None:
        return None
    try:
        usual, raised = (float(part) for part in text.split(":"))
    except ValueError:
        raise click.BadParameter("write the usual and the raised rate, such as 0.04:0.08") from None
    return usual, raised


@click.command()
@project_option
@workspace_option
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True), help="Share to check at level `normal`, e.g. 0.05.")
@click.option(
    "--number",
    type=click.IntRange(1),
    help="About so many answers by lot and by risk; routed ones come on top: --design says how many.",
)
@click.option("--notice", callback=_rise, help="As many as notice a rise of the error rate, e.g. 0.04:0.08.")
@click.option("--power", type=click.FloatRange(0, 1, True, True), default=0.8, show_default=True, help="For --notice.")
@click.option("--min-per-annotator", "least", type=click.IntRange(0), help="Least number of answers per annotator.")
@click.option("--seed", type=int, help="Seed of the draw [default: the number of draws so far].")
@click.option("--again", metavar="ANNOTATOR", help="All earlier work of one person that no draw took, instead.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="For --again: only what was answered from this day on."
)
@click.option("--of", "earlier", metavar="SAMPLE", help="Draw nothing: write the sheet of an earlier sample to --out.")
@click.option("--second", is_flag=True, help="The sheet of the second reviewer: the answers that two people judge.")
@click.option("--design", is_flag=True, help="Draw nothing: say what the draw would take, show and cost.")
@click.option("--out", type=click.Path(path_type=Path), help="Sheet to fill in: .csv, .xlsx or .json.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["sheet", "label-studio"]),
    default="sheet",
    show_default=True,
    help="A sheet, or tasks to import that show the answer as prediction.",
)
@click.option("--json", is_flag=True, help="One JSON document on stdout and nothing else.")
def sample(
    project: str,
    workspace: Path | None,
    out: Path | None,
    form: str,
    design: bool,
    json: bool,
    seed: int | None,
    again: str | None,
    since: datetime | None,
    earlier: str | None,
    second: bool,
    **asked: Any,
) -> None:
    """Draw a spot-check sample: the review levels decide the share, an answer is offered once.

    \b
    Example:
      qc sample --project tickets --design --notice 0.04:0.08
      qc sample --project tickets --out sheet.xlsx
      qc sample --project tickets --of 3f0c9a1b2d4e --second --out second.xlsx
      qc sample --project tickets --again ana@example.org --since 2026-03-02
      qc sample --project tickets --out tasks.json --format label-studio
    """
    from qc.workspace import finished, recheck
    from qc.workspace import sample as use_case
    from qc.workspace.assess import as_json
    from qc.workspace.designed import by_annotator, sentences
    from qc.workspace.sheet_files import writer

    if out is not None and form == "sheet":
        writer(out.suffix)
    if earlier is not None and (out is None or form != "sheet"):
        raise InputError("Say where the sheet shall go: --out sheet.csv, .xlsx or .json.")
    if since is not None and again is None:
        raise InputError("--since goes with --again ANNOTATOR; other draws take what is new.")
    if second and earlier is None:
        raise InputError("--second goes with --of SAMPLE: draw first, and both reviewers get a sheet of the same draw.")
    opened = open_folder(workspace)
    if earlier is not None and out is not None:
        out.write_bytes(use_case.sheet_file(opened, project, earlier, out.suffix, 2 if second else 1))
        click.echo(_to_fill(out, project))
        return
    if design:
        plan = use_case.plan(opened, project, use_case.Ask(**asked))
        lines = (*sentences(plan, opened.policy(project).cost.currency), *by_annotator(plan))
        click.echo(as_json(plan) if json else "\n".join(lines))
        return
    if again is not None:
        drawn = recheck.draw_again(opened, project, again, since.date() if since else None)
    else:
        drawn = use_case.draw(opened, project, use_case.Ask(**asked), seed=seed)
    said = ""
    if out is not None and drawn.id is not None and form == "sheet":
        out.write_bytes(use_case.sheet_file(opened, project, drawn.id, out.suffix))
        said = _to_fill(out, project)
        if drawn.second_opinions:
            said += (
                f"\nFor the second reviewer: qc sample --project {project} --of {drawn.id} --second --out second.csv"
            )
    elif out is not None and drawn.id is not None:
        content, said = finished.tasks(opened, project, drawn.id)
        out.write_bytes(content)
        said += f" Import {out} into Label Studio, and give its JSON export to: qc review --project {project} FILE"
    if json:
        click.echo(as_json({"draw_id": drawn.id, "size": drawn.size, **drawn.by_share, "sentence": drawn.sentence}))
        return
    click.echo(drawn.sentence)
    if said:
        click.echo(said)


def _to_fill(sheet: Path, project: str) -> str:
    return f"Fill in {sheet} (verdict: accept, minor or reject) and run: qc review --project {project} {sheet}"


@click.command()
@click.argument("sheet", type=click.Path(path_type=Path))
@project_option
@workspace_option
@click.option("--reviewer", help="Who reviewed, where the sheet does not say [default: your user name].")
def review(sheet: Path, project: str, workspace: Path | None, reviewer: str | None) -> None:
    """Record the verdicts of a filled-in sheet, or of Label Studio's export of a sample's tasks.

    Rows that cannot be taken are refused one by one, with the reason.

    \b
    Example:
      qc review --project tickets sheet.xlsx
      qc review --project tickets finished.json --reviewer rae@example.org
    """
    from qc.workspace import finished, verdict

    use_case = finished.record_finished if finished.is_finished(sheet) else verdict.record_sheet
    outcome = use_case(open_folder(workspace), project, sheet, reviewer)
    for row, reason in outcome.refused[:REFUSED_SHOWN]:
        click.echo(f"  row {row}: {reason}", err=True)
    if len(outcome.refused) > REFUSED_SHOWN:
        click.echo(f"  and {len(outcome.refused) - REFUSED_SHOWN:,} more rows", err=True)
    click.echo(outcome.sentence)
    if outcome.refused:
        raise SystemExit(FAILED)
