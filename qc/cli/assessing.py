"""What the answers say: figures, alerts, reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qc.cli.common import FAILED, FINE, open_folder, progress_bar, project_option, workspace_option


@click.command()
@project_option
@workspace_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day, inclusive.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day, exclusive.")
@click.option("--question", help="Only this question.")
@click.option("--by", help="Split the tables by these, comma separated: annotator, label, site, batch, guideline, day.")
@click.option("--adjusted", is_flag=True, help="Fit the adjusted model of fatigue too (`adjusted` in the JSON).")
@click.option("--bootstrap", is_flag=True, help="Bootstrap the items for agreement too (`bootstrap` in the JSON).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout and nothing else.")
def assess(
    project: str,
    workspace: Path | None,
    as_json: bool,
    adjusted: bool,
    bootstrap: bool,
    by: str | None,
    **scope: Any,
) -> None:
    """Agreement, error rates, fatigue, levels and cost of a project, each with its interval.

    \b
    Example:
      qc assess --project tickets
      qc assess --project tickets --since 2026-03-01 --json
    """
    from qc.workspace import assess as use_case

    opened = open_folder(workspace)
    with progress_bar(f"Assessing {project}") as progress:
        within = use_case.scope_of(**scope)
        assessment = use_case.assessment(opened, project, within, progress)
        if adjusted:
            use_case.add_adjusted(opened, project, within, assessment)
        if bootstrap:
            use_case.add_bootstrap(opened, project, within, assessment)
    if as_json:
        click.echo(use_case.as_json(assessment))
    else:
        from qc.workspace.summary import print_assessment, splits

        print_assessment(assessment, splits(by))


@click.command()
@project_option
@workspace_option
@click.option("--fail-on", type=click.Choice(["warning", "critical"]), default="warning", show_default=True)
@click.option("--notify", is_flag=True, help="Send what is new to the channels of qc.toml, each alert once.")
@click.option("--digest", is_flag=True, help="Send a summary of the last seven days, at most once a day.")
def check(project: str, workspace: Path | None, fail_on: str, notify: bool, digest: bool) -> None:
    """Evaluate the alert rules, open and close alerts, and apply the review levels.

    Exits 0 when all is fine, 1 while an alert at or above --fail-on is open and unacknowledged, 2 when it could
    not check.

    \b
    Example:
      qc check --project tickets --fail-on critical
      qc check --project tickets --notify
    """
    from qc.workspace import check as use_case

    opened = open_folder(workspace)
    with progress_bar(f"Checking {project}") as progress:
        result = use_case.run(opened, project, progress=progress)
    click.echo(result.text)
    if notify or digest:
        from qc.workspace import notify as messages

        if notify:
            click.echo(messages.deliver(opened, project).sentence, err=True)
            messages.weekly_digest(opened, project)
        if digest:
            click.echo(messages.digest(opened, project).sentence, err=True)
    raise SystemExit(FAILED if result.fails(fail_on) else FINE)


@click.command()
@project_option
@workspace_option
@click.option("--out", type=click.Path(path_type=Path), help="File to write, such as report.html or report.pdf.")
@click.option("--pdf", type=click.Path(path_type=Path), help="The same as PDF, printed by Chromium.")
@click.option("--view", type=click.Choice(["lead", "qa", "manager"]), default="lead", show_default=True)
@click.option("--pseudonyms", is_flag=True, help="Put a stable pseudonym in the place of every person's name.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day, inclusive.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day, exclusive.")
@click.option("--question", help="Only this question.")
@click.option("--tables", type=click.Path(path_type=Path), help="Folder for the tables as CSV, XLSX and JSON.")
def report(
    project: str,
    workspace: Path | None,
    out: Path | None,
    pdf: Path | None,
    view: str,
    pseudonyms: bool,
    tables: Path | None,
    **scope: Any,
) -> None:
    """Write a report as one HTML file that opens anywhere, or as PDF; same inputs, same bytes.

    \b
    Example:
      qc report --project tickets --out report.html
      qc report --project tickets --view manager --since 2026-03-01 --out march.html --tables march
      qc report --project tickets --pseudonyms --out without-names.html
      qc report --project tickets --out report.html --pdf report.pdf
    """
    if pdf is not None and pdf.suffix.lower() != ".pdf":
        raise click.BadParameter(f"{pdf.name!r} does not end in .pdf.", param_hint="--pdf")
    files = [file for file in (out, pdf) if file is not None]
    if not files:
        raise click.UsageError("Name the file to write: --out report.html, --pdf report.pdf, or both.")
    from qc.workspace import report as use_case
    from qc.workspace.assess import scope_of

    with progress_bar(f"Writing the report on {project}") as progress:
        done = use_case.write(
            open_folder(workspace),
            project,
            files,
            view,
            scope=scope_of(**scope),
            tables=tables,
            hide_names=pseudonyms,
            progress=progress,
        )
    click.echo(done.sentence)
