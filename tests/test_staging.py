"""Folders of imports that were killed go, those at work stay; runs in 3 seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from qc.workspace import open_workspace
from qc.workspace.doctor import examine
from qc.workspace.staging import OLD, abandoned, staging_folder

HOLD = """
import sys, time
from pathlib import Path
from qc.workspace.staging import staging_folder

with staging_folder(Path(sys.argv[1])) as folder:
    (folder / "annotations.parquet").write_text("half")
    print(folder, flush=True)
    time.sleep(600)
"""


def aged(folder: Path) -> None:
    long_ago = time.time() - OLD.total_seconds() - 60
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (long_ago, long_ago))


def test_a_killed_import_is_cleaned_after_a_day_and_one_at_work_is_not(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(ws.root)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        aged(left)
        assert abandoned(ws.root) == []
        holder.send_signal(signal.SIGKILL)
    assert abandoned(ws.root) == [left]
    assert [finding.line for finding in examine(ws) if finding.area == "imports"] == [
        "note  imports: 1 folder left by imports that were killed; the next qc ingest removes it"
    ]
    with staging_folder(ws.root) as folder:
        assert not left.exists()
        assert folder.is_dir()
    assert not folder.exists()


def test_what_was_left_today_and_what_is_no_folder_stays(tmp_path: Path) -> None:
    new, old = tmp_path / "staging-new", tmp_path / "staging-old"
    new.mkdir()
    old.mkdir()
    (old / "annotations.parquet").write_text("half")
    aged(old)
    (tmp_path / "staging-file").write_text("not ours")
    aged(tmp_path / "staging-file")
    (tmp_path / "staging-link").symlink_to(old)
    assert abandoned(tmp_path) == [old]
    (old / "items.parquet").write_text("written now")
    assert abandoned(tmp_path) == []
