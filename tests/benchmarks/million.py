"""A million answers, as whole processes: wall and CPU time and peak memory of `qc` and of the usual libraries.

python tests/benchmarks/million.py                      a million answers in a temporary folder
python tests/benchmarks/million.py --answers 20000      a small run, to see that it works
python tests/benchmarks/million.py --folder bench       keeps the answers, the workspace and the outputs
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

ANNOTATORS = 100
PER_ITEM = 3
KEPT = 0.9
GOLD = 0.1
LABELS = np.array(["billing", "delivery", "defect", "account", "praise"])
SESSION_ANSWERS = 240
SESSIONS_A_DAY = 2
PAUSE_SECONDS = 3
START = np.datetime64("2026-01-05T08:00:00")
PEER = Path(__file__).with_name("peer.py")


def write_answers(path: Path, answers: int, seed: int = 1) -> None:
    """Three answers per item of which a tenth is missing, 100 annotators, five labels, a tenth of the items gold.

    Sessions of 240 answers (about 1.7 hours), two a day; a third of the annotators err 3 points more per hour.
    """
    draw = np.random.default_rng(seed)
    items = int(np.ceil(answers / (PER_ITEM * KEPT)))
    first = draw.integers(0, ANNOTATORS, items)
    # Three steps that never go once around: three different annotators.
    steps = draw.integers(1, ANNOTATORS // PER_ITEM, (items, PER_ITEM - 1)).cumsum(axis=1)
    annotator = np.column_stack([first, (first[:, None] + steps) % ANNOTATORS]).ravel()
    kept = draw.permutation(items * PER_ITEM)[:answers]
    # By annotator, in random order of items.
    kept = kept[np.argsort(annotator[kept], kind="stable")]
    annotator, item = annotator[kept], kept // PER_ITEM

    position = np.arange(answers) - np.searchsorted(annotator, annotator)
    session = position // SESSION_ANSWERS
    seconds = np.maximum(np.rint(np.exp(draw.normal(np.log(20), 0.5, answers))), 1).astype(np.int64)
    end = np.cumsum(seconds + PAUSE_SECONDS)
    begins = np.flatnonzero(position % SESSION_ANSWERS == 0)
    before = np.repeat((end - seconds)[begins], np.diff(np.append(begins, answers)))
    in_session = end - before
    day, shift = np.divmod(session, SESSIONS_A_DAY)
    submitted = START + (day * 86_400 + shift * 5 * 3_600 + in_session).astype("timedelta64[s]")

    truth = draw.integers(0, len(LABELS), items)
    risk = draw.uniform(0.02, 0.15, ANNOTATORS)[annotator] + 0.03 * (annotator % 3 == 0) * in_session / 3_600
    wrong = draw.random(answers) < risk
    label = (truth[item] + wrong * draw.integers(1, len(LABELS), answers)) % len(LABELS)
    gold = np.where((draw.random(items) < GOLD)[item], LABELS[truth[item]], "")

    order = np.argsort(submitted, kind="stable")
    table = pa.table(
        {
            "item_id": np.char.add("item-", np.char.zfill(item[order].astype(str), 7)),
            "annotator": np.char.add("annotator-", np.char.zfill(annotator[order].astype(str), 3)),
            "label": LABELS[label[order]],
            "gold": gold[order],
            "submitted_at": np.char.add(np.datetime_as_string(submitted[order], unit="s"), "Z"),
            "seconds": seconds[order],
        }
    )
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="none"))


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took with its children: seconds, seconds, and the megabytes of the largest of them."""

    wall: float
    cpu: float
    peak_mb: float


def measure(command: Sequence[str], output: Path) -> Usage:
    """Run a command to its end, stdout into a file; SystemExit where it fails."""
    began = time.perf_counter()
    with output.open("wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    # Kilobytes on Linux.
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def run(folder: Path, answers: int) -> dict[str, Usage]:
    """Measure each step on the same file, in a fresh workspace."""
    file, workspace = folder / "answers.csv", folder / "workspace"
    write_answers(file, answers)
    qc = [sys.executable, "-m", "qc.cli"]
    project = ["--project", "bench", "--workspace", str(workspace)]
    assess = [*qc, "assess", "--json", *project]
    usages = {
        "qc ingest, which assesses, too": measure([*qc, "ingest", str(file), *project], folder / "ingest.txt"),
        "qc assess --json, of what ingest left": measure(assess, folder / "again.json"),
    }
    shutil.rmtree(workspace / "cache")
    usages["qc assess --json, everything anew"] = measure(assess, folder / "assess.json")
    usages["peer"] = measure([sys.executable, str(PEER), str(file)], folder / "peer.json")
    return usages


def report(folder: Path, answers: int, usages: dict[str, Usage]) -> str:
    """A Markdown table, times as multiples of the peer's, and both alphas."""
    peer = usages["peer"]
    lines = [
        f"{answers:,} answers, {(folder / 'answers.csv').stat().st_size / 1e6:.0f} MB of CSV, {os.cpu_count()} cores",
        "",
        "| step | wall s | CPU s | peak MB | wall / peer | CPU / peer | memory / peer |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {usage.wall:.1f} | {usage.cpu:.1f} | {usage.peak_mb:.0f} | {usage.wall / peer.wall:.2f} "
        f"| {usage.cpu / peer.cpu:.2f} | {usage.peak_mb / peer.peak_mb:.2f} |"
        for name, usage in usages.items()
    ]
    ours = json.loads((folder / "assess.json").read_bytes())["agreement"][0]["alpha"]["value"]
    theirs = json.loads((folder / "peer.json").read_bytes())["alpha"]
    return "\n".join([*lines, "", f"alpha: qc {ours:.6f}, peer {theirs:.6f}"])


def main() -> None:
    """Parse the arguments, run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(report(folder, arguments.answers, run(folder, arguments.answers)))


if __name__ == "__main__":
    main()
