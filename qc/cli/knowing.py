"""Known answers: what is gold, what is doubtful, and what leads decide about it."""

from __future__ import annotations

from pathlib import Path

import click

from qc.cli.common import open_folder, project_option, workspace_option

item_option = click.option("--item", required=True, help="The item's id.")
question_option = click.option("--question", help="Which question about it [default: the project's only one].")
reason_option = click.option("--reason", required=True, help="Why, for the record.")


@click.group()
def gold() -> None:
    """Known answers: list them, find doubtful ones, promote, widen and retire them, choose a set for newcomers.

    \b
    Example:
      qc gold suspects --project tickets
      qc gold promote --project tickets --item i17 --reason "settled in June"
    """


@gold.command("list")
@project_option
@workspace_option
@click.option("--json", "json", is_flag=True, help="One JSON document on stdout and nothing else.")
def list_gold(project: str, workspace: Path | None, json: bool) -> None:
    """Show every known answer with its use.

    \b
    Example:
      qc gold list --project tickets
    """
    _show(project, workspace, json, only=None)


@gold.command()
@project_option
@workspace_option
@click.option("--json", "json", is_flag=True, help="One JSON document on stdout and nothing else.")
def suspects(project: str, workspace: Path | None, json: bool) -> None:
    """Show the known answers that people fail who are otherwise right.

    \b
    Example:
      qc gold suspects --project tickets
    """
    _show(project, workspace, json, only="suspect")


@gold.command()
@project_option
@workspace_option
@item_option
@question_option
@click.option("--answer", "accepted", multiple=True, help="An accepted answer; repeat it [default: the settlement].")
@click.option("--of", "answer_of", help="The id of a submission whose answer is right, with all that it marks.")
@reason_option
def promote(
    project: str,
    workspace: Path | None,
    item: str,
    question: str | None,
    accepted: tuple[str, ...],
    answer_of: str | None,
    reason: str,
) -> None:
    """Make a settled item gold; what is submitted from now on is judged by it.

    \b
    Example:
      qc gold promote --project tickets --item i17 --answer refund --answer complaint --reason "both are right"
    """
    from qc.workspace import gold_desk

    opened = open_folder(workspace)
    asked = gold_desk.asked(opened, project, question)
    gold_desk.promote(opened, project, item, asked, reason, accepted=accepted, answer_of=answer_of)
    click.echo(f"Item {item} is gold for {asked}.")


@gold.command()
@project_option
@workspace_option
@item_option
@question_option
@click.option("--answer", required=True, help="The answer that is accepted as well.")
@reason_option
def accept(project: str, workspace: Path | None, item: str, question: str | None, answer: str, reason: str) -> None:
    """Accept one more answer to a gold item.

    \b
    Example:
      qc gold accept --project tickets --item i17 --answer complaint --reason "the guideline allows both"
    """
    from qc.workspace import gold_desk

    opened = open_folder(workspace)
    gold_desk.accept(opened, project, item, gold_desk.asked(opened, project, question), answer, reason)
    click.echo(f"{answer} is accepted on item {item} as well.")


@gold.command()
@project_option
@workspace_option
@item_option
@question_option
@reason_option
def retire(project: str, workspace: Path | None, item: str, question: str | None, reason: str) -> None:
    """Take an item out of the gold; nobody is judged by it any more.

    \b
    Example:
      qc gold retire --project tickets --item i17 --reason "the known answer is wrong"
    """
    from qc.workspace import gold_desk

    opened = open_folder(workspace)
    asked = gold_desk.asked(opened, project, question)
    gold_desk.retire(opened, project, item, asked, reason)
    click.echo(f"Item {item} is no gold for {asked} any more.")


@gold.command()
@project_option
@workspace_option
@click.option("--size", type=click.IntRange(1), default=20, show_default=True, help="How many items.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same set.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["sheet", "tasks", "key"]),
    default="sheet",
    show_default=True,
    help="A sheet or Label Studio tasks without the answers, or the key with them.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
def onboard(project: str, workspace: Path | None, size: int, seed: int, form: str, out: Path) -> None:
    """Choose gold items for newcomers, spread over answers and difficulty.

    \b
    Example:
      qc gold onboard --project tickets --size 20 --format tasks --out onboarding.json
      qc gold onboard --project tickets --size 20 --format key --out key.csv
    """
    from qc.workspace import onboarding

    opened = open_folder(workspace)
    out.write_bytes(onboarding.take(opened, project, form, size, seed))
    click.echo(f"{out} written. {onboarding.choose(opened, project, size, seed).sentence}")


def _show(project: str, workspace: Path | None, json: bool, only: str | None) -> None:
    from qc.workspace import gold_use
    from qc.workspace.assess import as_json

    rows = [row for row in gold_use.listed(open_folder(workspace), project) if only in (None, row["state"])]
    if json:
        click.echo(as_json({"project": project, "gold": rows}))
        return
    for row in rows:
        said = f", others say {row['others_say']}" if row["others_say"] else ""
        use = f"{row['failed']} of {row['uses']} failed it{said}" if row["uses"] else ""
        click.echo("  ".join(filter(None, (row["item_id"], row["question"], row["accepted"], row["state"], use))))
    click.echo(f"{len(rows):,} known answers." if only is None else f"{len(rows):,} suspects.")
