"""The command `qc`: a thin mirror of the use cases."""

from __future__ import annotations

import gc
import sys
from typing import IO, Final

import click

from qc import __version__
from qc.cli import assessing, deciding, ingesting, keeping, knowing, persons, recording, reviewing, serving, watching
from qc.cli.common import Sentences

COMMANDS: Final[tuple[click.Command, ...]] = (
    ingesting.ingest,
    watching.watch,
    reviewing.sample,
    reviewing.review,
    assessing.assess,
    assessing.check,
    assessing.report,
    keeping.export,
    keeping.rules,
    keeping.simulate,
    keeping.doctor,
    deciding.policy,
    knowing.gold,
    persons.people,
    recording.audit,
    recording.store,
    serving.dashboard,
    serving.demo,
)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qc")
def main() -> None:
    """Reads the exports of your annotation tool and tells, with evidence, whose work needs a second look.

    \b
    Example:
      qc ingest export.json --project tickets
      qc assess --project tickets
    """


for command in COMMANDS:
    main.add_command(command)


def _utf8(stream: IO[str]) -> None:
    # Names come from everywhere; a terminal in another encoding shows what it can instead of failing.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


# A command ends before most garbage matters; looking for it took a sixth of the time of starting.
gc.set_threshold(100_000, 50, 50)
_utf8(sys.stdout)
_utf8(sys.stderr)
