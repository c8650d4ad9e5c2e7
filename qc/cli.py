"""The command `qc`: a thin mirror of the use cases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from qc import __version__
from qc.model import QcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qc.workspace import Workspace

FINE, FAILED, NOT_CHECKED = 0, 1, 2


class Sentences(click.Group):
    """A group whose commands end with one sentence instead of a traceback when the user can do something about it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a QcError is printed and exits 1, or 2 where `check` could not check."""
        try:
            return super().invoke(ctx)
        except QcError as error:
            click.echo(f"qc: {error}", err=True)
            ctx.exit(NOT_CHECKED if ctx.invoked_subcommand == "check" else FAILED)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qc")
def main() -> None:
    """Reads the exports of your annotation tool and tells, with evidence, whose work needs a second look.

    \b
    Example:
      qc ingest export.json --project tickets
      qc assess --project tickets
    """


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--workspace, on every command."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the workspace [default: $QC_WORKSPACE, else ./qc-workspace].",
    )(command)


def project_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--project, required."""
    return click.option("--project", required=True, help="Short name of the project, such as tickets.")(command)


def _open(folder: Path | None) -> Workspace:
    from qc.workspace import open_workspace

    return open_workspace(folder)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def roles_by_pattern(_ctx: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    """The roles of files, `{pattern: role}`, from words like `gold/*.json=gold`."""
    if bare := [word for word in words if "=" not in word]:
        raise click.BadParameter(f"{bare[0]!r} has no =; write it like 'gold/*.json=gold'.")
    return {pattern: role for pattern, _, role in (word.rpartition("=") for word in words)}


@main.command()
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

    opened = _open(workspace)
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
        for summary in ingest_files(opened, project, files, reading=_progress, **options):
            click.echo(summary.sentence)
            news |= summary.report is not None
    finally:
        if news:
            from qc.workspace import assess as use_case

            with _progress(f"Assessing {project}") as progress:
                use_case.assessment(opened, project, progress=progress)


@main.command()
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
    opened = _open(workspace)
    drawn = use_case.draw(opened, project, **options)
    click.echo(drawn.sentence)
    if out is not None and drawn.id is not None:
        out.write_bytes(use_case.sheet_file(opened, project, drawn.id, out.suffix))
        click.echo(f"Fill in {out} and run: qc review --project {project} {out}")


@main.command()
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

    outcome = verdict.record_sheet(_open(workspace), project, sheet, reviewer=reviewer)
    for row, reason in outcome.refused:
        click.echo(f"  row {row}: {reason}", err=True)
    click.echo(outcome.sentence)
    if outcome.refused:
        raise SystemExit(FAILED)


@main.command()
@project_option
@workspace_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day, inclusive.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day, exclusive.")
@click.option("--question", help="Only this question.")
@click.option("--by", help="Split the tables by these, comma separated: annotator, label, site, batch, day.")
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

    opened = _open(workspace)
    with _progress(f"Assessing {project}") as progress:
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


@main.command()
@project_option
@workspace_option
@click.option("--fail-on", type=click.Choice(["warning", "critical"]), default="warning", show_default=True)
def check(project: str, workspace: Path | None, fail_on: str) -> None:
    """Evaluate the alert rules, open and close alerts, and apply the review levels.

    Exits 0 when all is fine, 1 while an alert at or above --fail-on is open and unacknowledged, 2 when it could
    not check.

    \b
    Example:
      qc check --project tickets --fail-on critical
    """
    from qc.workspace import check as use_case

    with _progress(f"Checking {project}") as progress:
        result = use_case.run(_open(workspace), project, progress=progress)
    click.echo(result.text)
    raise SystemExit(FAILED if result.fails(fail_on) else FINE)


@main.command()
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


@main.command()
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

    raise SystemExit(serve(_open(workspace), host, port))


@main.command()
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

    with _progress("Building the demo") as progress:
        opened = use_case.build(workspace, progress)
    for line in use_case.findings_text(opened):
        click.echo(line)
    if not no_serve:
        raise SystemExit(serve(opened, "127.0.0.1", port))


@main.command()
@workspace_option
@click.option("--verify", is_flag=True, help="Recompute the headline alphas with the krippendorff package.")
def doctor(workspace: Path | None, verify: bool) -> None:
    """Versions, configuration, health of record and lake, and what is in quarantine.

    \b
    Example:
      qc doctor --verify
    """
    from qc.workspace import doctor as use_case

    opened = _open(workspace)
    findings = [*use_case.examine(opened), *(use_case.verify(opened) if verify else ())]
    for finding in findings:
        click.echo(finding.line)
    raise SystemExit(FAILED if any(finding.state == "bad" for finding in findings) else FINE)


@main.command()
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

    opened = _open(workspace)
    if file is None:
        click.echo(use_case.described(opened, project), nl=False)
    else:
        click.echo(use_case.set_rules(opened, project, use_case.read(file), "cli", reason))


@main.command()
@project_option
@workspace_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, such as facts.jsonl.")
def export(project: str, workspace: Path | None, out: Path) -> None:
    """Write all facts of a project as JSON Lines, which `qc ingest` reads back without loss.

    \b
    Example:
      qc export --project tickets --out facts.jsonl
    """
    from qc.workspace.export import export_facts

    click.echo(export_facts(_open(workspace), project, out))


@main.command()
@project_option
@workspace_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write, such as report.html.")
@click.option("--view", type=click.Choice(["lead", "qa", "manager"]), default="lead", show_default=True)
@click.option("--pseudonyms", is_flag=True, help="Put a stable pseudonym in the place of every person's name.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day, inclusive.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day, exclusive.")
@click.option("--question", help="Only this question.")
@click.option("--tables", type=click.Path(path_type=Path), help="Folder for the tables as CSV, XLSX and JSON.")
def report(
    project: str, workspace: Path | None, out: Path, view: str, pseudonyms: bool, tables: Path | None, **scope: Any
) -> None:
    """Write a report as one HTML file that opens anywhere and prints well; same inputs, same bytes.

    \b
    Example:
      qc report --project tickets --out report.html
      qc report --project tickets --view manager --since 2026-03-01 --out march.html --tables march
      qc report --project tickets --pseudonyms --out without-names.html
    """
    from qc.workspace import report as use_case
    from qc.workspace.assess import scope_of

    with _progress(f"Writing the report on {project}") as progress:
        done = use_case.write(
            _open(workspace),
            project,
            out,
            view,
            scope=scope_of(**scope),
            tables=tables,
            hide_names=pseudonyms,
            progress=progress,
        )
    click.echo(done.sentence)


@main.group()
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

    rows = use_case.roles(_open(workspace), project)
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

    click.echo(use_case.grant(_open(workspace), **given))


@people.command("revoke")
@role_options
def revoke_role(workspace: Path | None, **given: Any) -> None:
    """Take a role from NAME; it ends with the person's next click.

    \b
    Example:
      qc people revoke --project tickets --role lead bo@example.org --reason "left the team"
    """
    from qc.workspace import people as use_case

    click.echo(use_case.revoke(_open(workspace), **given))


def _utf8(stream: IO[str]) -> None:
    # Names come from everywhere; a terminal in another encoding shows what it can instead of failing.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


_utf8(sys.stdout)
_utf8(sys.stderr)

if __name__ == "__main__":
    main()
