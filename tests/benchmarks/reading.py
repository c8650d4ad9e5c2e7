"""A million answers into the lake, by format: answers a second and peak memory of each step, beside plain reading.

python tests/benchmarks/reading.py                              1.2 GB of files in a temporary folder
python tests/benchmarks/reading.py --answers 20000              a small run, to see that it works
python tests/benchmarks/reading.py --formats csv --folder bench one format; keeps its file

A process remembers the memory of the one that started it, so files are made and taken in by processes of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from million import LABELS, measure, write_answers

TASK_ANSWERS = 4
SENTENCES = 16
WORDS = 2_000
EPOCH = np.datetime64("2026-01-05T08:00:00")


def write_csv(path: Path, answers: int) -> None:
    """The answers of million.py."""
    write_answers(path, answers)


def write_ndjson(path: Path, answers: int) -> None:
    """The same answers, one JSON object a line."""
    from pyarrow import csv

    sheet = path.with_suffix(".sheet")
    write_answers(sheet, answers)
    with path.open("wb") as file:
        for batch in csv.open_csv(sheet):
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch.to_pylist())
    sheet.unlink()


def write_label_studio(path: Path, answers: int) -> None:
    """Tasks of about 4 kB: a text, and two annotators of whom one marks a span beside the choice; four answers."""
    with path.open("wb") as file:
        for number, task in enumerate(_tasks(-(-answers // TASK_ANSWERS))):
            file.write((b",\n" if number else b"[\n") + orjson.dumps(task))
        file.write(b"\n]\n")


def _tasks(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    draw = np.random.default_rng(seed)
    letters = np.array(list("aaabcdeeeefghiiklmnnooprrssttuwz"))
    words = np.array(["".join(draw.choice(letters, length)) for length in draw.integers(2, 11, WORDS)])
    sentences = [" ".join(draw.choice(words, length)).capitalize() + "." for length in draw.integers(10, 22, 5_000)]
    for task in range(1, count + 1):
        text = " ".join(sentences[number] for number in draw.integers(0, len(sentences), SENTENCES))
        first, second = (int(number) for number in draw.choice(40, 2, replace=False))
        label, other = (str(LABELS[number]) for number in draw.integers(0, len(LABELS), 2))
        start = int(draw.integers(0, len(text) - 20))
        span = {
            "id": f"s{task}",
            "from_name": "entity",
            "to_name": "text",
            "type": "labels",
            "origin": "manual",
            "value": {"start": start, "end": start + 12, "text": text[start : start + 12], "labels": ["product"]},
        }
        yield {
            "id": task,
            "annotations": [
                _annotation(task, 2 * task, first, [_choice(task, label), span]),
                _annotation(task, 2 * task + 1, second, [_choice(task, other)]),
            ],
            "predictions": [],
            "drafts": [],
            "data": {"text": text, "batch": f"week-{task % 50}", "source_id": f"ticket-{task:07d}"},
            "meta": {},
            "created_at": _time(task),
            "updated_at": _time(task + 90),
            "inner_id": task,
            "total_annotations": 2,
            "cancelled_annotations": 0,
            "total_predictions": 0,
            "comment_count": 0,
            "project": 12,
            "updated_by": first,
            "comment_authors": [],
        }


def _choice(task: int, label: str) -> dict[str, Any]:
    return {
        "id": f"c{task}",
        "from_name": "topic",
        "to_name": "text",
        "type": "choices",
        "origin": "manual",
        "value": {"choices": [label]},
    }


def _annotation(task: int, number: int, person: int, result: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": number,
        "completed_by": {"id": person, "email": f"annotator.{person}@example.org", "first_name": "", "last_name": ""},
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": _time(task + 30),
        "updated_at": _time(task + 60),
        "draft_created_at": None,
        "lead_time": 20.0 + number % 17 + 0.25,
        "prediction": {},
        "result_count": len(result),
        "unique_id": f"{number:032x}",
        "import_id": None,
        "last_action": None,
        "task": task,
        "project": 12,
        "updated_by": person,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
    }


def _time(seconds: int) -> str:
    return f"{EPOCH + np.timedelta64(seconds, 's')}.000000Z"


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is made, and how it is read without further ado."""

    file: str
    write: Callable[[Path, int], None]
    plainly: str
    plain: str


FORMATS = {
    "label studio": Format("answers.json", write_label_studio, "json.load", "import json; json.load(open({!r}))"),
    "csv": Format("answers.csv", write_csv, "pandas.read_csv", "import pandas; pandas.read_csv({!r})"),
    "ndjson": Format(
        "answers.jsonl", write_ndjson, "pandas.read_json", "import pandas; pandas.read_json({!r}, lines=True)"
    ),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One import: seconds and CPU seconds of each step, answers, peaks of the parsing child and of its parent."""

    stage: float
    stage_cpu: float
    absorb: float
    absorb_cpu: float
    answers: int
    stage_parent_mb: float
    parent_mb: float
    child_mb: float


def take(file: Path, folder: Path) -> dict[str, Any]:
    """Stage and absorb a file as `qc ingest` does; where no reader takes it, {"refused": why}."""
    from qc.lake import Lake
    from qc.model import InputError
    from qc.readers import stage

    began = time.perf_counter()
    try:
        stage(file, None, None, None, folder / "staging", datetime.now(UTC), lambda _share: None)
    except InputError as error:
        return {"refused": str(error)}
    staged, used = time.perf_counter(), _cpu()
    before = _peak(resource.RUSAGE_SELF)
    changes = Lake(folder / "lake").absorb(folder / "staging", "bench", "answers", "first", {})
    done, all_used = time.perf_counter(), _cpu()
    return asdict(
        Taken(
            stage=staged - began,
            stage_cpu=used,
            absorb=done - staged,
            absorb_cpu=all_used - used,
            answers=changes.answers.new,
            stage_parent_mb=before,
            parent_mb=_peak(resource.RUSAGE_SELF),
            child_mb=_peak(resource.RUSAGE_CHILDREN),
        )
    )


def _cpu() -> float:
    """Seconds of this process since it began, and of its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak(who: int) -> float:
    """Megabytes; Linux counts in kilobytes."""
    return resource.getrusage(who).ru_maxrss / 1024


def compare(folder: Path, name: str, answers: int) -> list[str]:
    """The lines of one format in the table: our import, and the plain read of the same file."""
    form = FORMATS[name]
    file = folder / form.file
    own = [sys.executable, __file__]
    output = folder / "output"
    if not file.exists():
        measure([*own, "make", name, str(file), str(answers)], output)
    size = f"{name}, {file.stat().st_size / 1e6:.0f} MB"
    work = folder / f"work-{form.file}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    measure([*own, "take", str(file), str(work)], output)
    found = json.loads(output.read_bytes())
    shutil.rmtree(work)
    plain = measure([sys.executable, "-c", form.plain.format(str(file))], output)
    beside = _row(size, form.plainly, plain.wall, plain.cpu, None, plain.peak_mb, None)
    if "refused" in found:
        return [f"| {size} | not readable yet: {found['refused']} | | | | | |", beside]
    taken = Taken(**found)
    if taken.answers < answers:
        raise SystemExit(f"{file.name}: only {taken.answers:,} of {answers:,} answers came into the lake")
    wall, cpu = taken.stage + taken.absorb, taken.stage_cpu + taken.absorb_cpu
    return [
        _row(size, "stage", taken.stage, taken.stage_cpu, answers, taken.stage_parent_mb, taken.child_mb),
        _row(size, "absorb", taken.absorb, taken.absorb_cpu, answers, taken.parent_mb, None),
        _row(size, "both", wall, cpu, answers, taken.parent_mb, taken.child_mb),
        beside,
    ]


def _row(
    size: str, step: str, wall: float, cpu: float, answers: int | None, process_mb: float, child_mb: float | None
) -> str:
    speed = "" if answers is None else f"{answers / wall:,.0f}"
    child = "" if child_mb is None else f"{child_mb:.0f}"
    return f"| {size} | {step} | {wall:.1f} | {cpu:.1f} | {speed} | {process_mb:.0f} | {child} |"


def main() -> None:
    """Parse the arguments, run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), default=list(FORMATS))
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{arguments.answers:,} answers, {os.cpu_count()} cores\n")
        print("| file | step | wall s | CPU s | answers/s | peak MB of the process | of the parsing child |")
        print("|---|---|---|---|---|---|---|")
        for name in arguments.formats:
            print("\n".join(compare(folder, name, arguments.answers)), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", name, file, answers]:
            FORMATS[name].write(Path(file), int(answers))
        case ["take", file, folder]:
            print(json.dumps(take(Path(file), Path(folder))))
        case _:
            main()
