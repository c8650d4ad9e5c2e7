"""The project and its workspace: rules, export, health, planted data."""

from __future__ import annotations

from pathlib import Path

import click

from qc.cli.common import FAILED, FINE, open_folder, project_option, workspace_option


@click.command()
@project_option
@workspace_option
@click.option("--file", type=click.Path(path_type=Path), help="A RULES.toml to put in force, in place of all rules.")
@click.option("--reason", default="", help="Why, for the record.")
def rules(project: str, workspace: Path | None, file: Path | None, reason: str) -> None:
    """Show the rules that answers must keep and how many break them, as a RULES.toml; or set them from one.

    \b
    Example:
      qc rules --project tickets > RULES.toml
      qc rules --project tickets --file RULES.toml
    """
    from qc.workspace import validation as use_case

    opened = open_folder(workspace)
    if file is None:
        click.echo(use_case.described(opened, project), nl=False)
    else:
        click.echo(use_case.set_rules(opened, project, use_case.read(file), "cli", reason))


@click.command()
@project_option
@workspace_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, such as gold.jsonl.")
@click.option(
    "--what",
    type=click.Choice(["facts", "gold", "corrections", "consensus", "reviewed", "hard", "next"]),
    default="facts",
    show_default=True,
    help="All facts; what was decided, for training; or what to label (hard) or look at (next).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "label-studio", "coco", "spacy"]),
    help="Form of what was decided [default: by the name of the file].",
)
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="How many hard or next items.")
def export(project: str, workspace: Path | None, out: Path, what: str, form: str | None, limit: int) -> None:
    """Write what leaves a project: all its facts, which `qc ingest` reads back without loss, or decided answers.

    \b
    Example:
      qc export --project tickets --out facts.jsonl
      qc export --project tickets --what consensus --out consensus.csv
      qc export --project boxes --what corrections --format coco --out corrected.json
    """
    from qc.workspace import training
    from qc.workspace.export import export_facts

    opened = open_folder(workspace)
    if what == "facts":
        if form not in (None, "jsonl"):
            raise click.BadOptionUsage("form", "All facts are written as JSON Lines; leave out --format.")
        click.echo(export_facts(opened, project, out))
    elif what == "next":
        from qc.workspace import next_items

        if form not in (None, "csv"):
            raise click.BadOptionUsage("form", "What to look at next is a table; leave out --format.")
        click.echo(next_items.save(opened, project, out, limit))
    else:
        click.echo(training.save(opened, project, what, form or training.form_of(out), out, limit))


@click.command()
@workspace_option
@click.option("--verify", is_flag=True, help="Recompute the headline alphas with the krippendorff package.")
@click.option("--verify-from", "kept", multiple=True, help="A digest of an audit trail that was kept, to check it.")
def doctor(workspace: Path | None, verify: bool, kept: tuple[str, ...]) -> None:
    """Versions, configuration, health of record and lake, the audit trails, and what is in quarantine.

    \b
    Example:
      qc doctor --verify
      qc doctor --verify-from tickets:57:9f86d081…
    """
    from qc.workspace import doctor as use_case

    opened = open_folder(workspace)
    findings = [*use_case.examine(opened, kept), *(use_case.verify(opened) if verify else ())]
    for finding in findings:
        click.echo(finding.line)
    raise SystemExit(FAILED if any(finding.state == "bad" for finding in findings) else FINE)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--items", type=click.IntRange(10, 1_000_000), default=1_000, show_default=True)
@click.option("--annotators", type=click.IntRange(3, 1_000), default=12, show_default=True)
@click.option("--days", type=click.IntRange(1, 365), default=15, show_default=True)
def simulate(out: Path, **plan: int) -> None:
    """Write an export with planted errors, fatigue and drift, and the truth beside it.

    \b
    Example:
      qc simulate --out planted --items 2000 --seed 7
    """
    from qc.workspace.plant import plant

    click.echo(plant(out, **plan).sentence)
