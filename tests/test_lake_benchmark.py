"""The benchmark of reading works, on a small run of the same code (about 10 s)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

READING = Path(__file__).parent / "benchmarks" / "reading.py"


def test_a_small_run_measures_every_format_beside_plain_reading(tmp_path: Path) -> None:
    command = [sys.executable, str(READING), "--answers", "400", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()[4:]]
    steps = ["stage", "absorb", "both"]
    assert [row[1] for row in rows] == [
        *steps,
        "json.load",
        *steps,
        "pandas.read_csv",
        *steps,
        "pandas.read_json",
    ]
    assert all(float(row[2]) >= 0 and float(row[3]) >= 0 and int(row[5]) > 0 for row in rows)
    assert all(re.fullmatch(r"[\d,]+", row[4]) for row in rows if row[1] in steps)
    tasks = json.loads((tmp_path / "answers.json").read_bytes())
    assert len(tasks) == 100
    assert all(len(task["annotations"]) == 2 for task in tasks)
    for name in ("answers.csv", "answers.jsonl"):
        assert (tmp_path / name).read_bytes().count(b"submitted_at") >= 1


def test_a_file_that_no_reader_takes_is_said_to_be_unreadable(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_bytes(b"\x00\x01\x02")
    command = [sys.executable, str(READING), "take", str(tmp_path / "answers.csv"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "refused" in json.loads(done.stdout), done.stderr
