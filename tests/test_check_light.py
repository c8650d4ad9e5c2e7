"""What a check of nothing new has to load: neither the lake's files nor the engine. Takes about 25 seconds."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from review_loop import fill, write_wave

from qc.cli import main
from qc.workspace import open_workspace, policy
from qc.workspace.assess import BEHIND, REGISTRY, Section
from qc.workspace.ingest import ingest

CHECK = """
import sys
from pathlib import Path
from qc.workspace import check, open_workspace

check.run(open_workspace(Path(sys.argv[1])), "loop")
print(*sorted({name.split(".")[0] for name in sys.modules} & {"ibis", "pyspark", "sqlglot"}))
print(*sorted(name for name in sys.modules if name.startswith(("qc.readers", "qc.engine", "qc.judge"))))
"""


@pytest.mark.parametrize("levels", ["sequential", "lots"])
def test_a_second_check_reads_what_the_first_left(tmp_path: Path, levels: str) -> None:
    """With drawn answers, verdicts and both policies that ask for charts or lots."""
    workspace, sheet = tmp_path / "ws", tmp_path / "sheet.csv"
    own = ["--project", "loop", "--workspace", str(workspace)]
    ws = open_workspace(workspace)
    ingest(ws, "loop", write_wave(tmp_path / "wave.csv", 0, 60, bad=True))
    policy.save(ws, "loop", replace(ws.policy("loop"), levels=replace(ws.policy("loop").levels, policy=levels)), "lead")
    ws.store.engine.dispose()
    result = CliRunner().invoke(main, ["sample", *own, "--rate", "0.3", "--out", str(sheet)])
    assert result.exit_code == 0, result.output
    fill(sheet)
    assert CliRunner().invoke(main, ["review", str(sheet), *own]).exit_code == 0
    assert CliRunner().invoke(main, ["check", *own]).exit_code in (0, 1)
    told = subprocess.run(
        [sys.executable, "-c", CHECK, str(workspace)], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.split("\n")[:2] == ["", ""]


@pytest.mark.parametrize("part", [*REGISTRY, *BEHIND], ids=lambda part: part.name)
def test_every_section_is_found_where_the_registry_says(part: Section) -> None:
    """The registry names functions, which are loaded when they are needed."""
    module, function = part.made_by.split(".")
    assert callable(getattr(import_module(f"qc.workspace.assess.{module}"), function))
