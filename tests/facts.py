"""Small facts for tests: rows with defaults, written as Parquet and opened as a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qc.engine import RecordTables, Session, open_session
from qc.model import FACT_TABLES

Row = dict[str, Any]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """A time counted in minutes from nine o'clock on a Monday."""
    return START + timedelta(minutes=minutes)


def answer(item: str, annotator: str, label: str | None = None, **other: Any) -> Row:
    """An annotation: by default a submitted single choice; its id names question, item, annotator, role and round."""
    row: Row = {
        "project": "p",
        "item_id": item,
        "question": "label",
        "annotator": annotator,
        "role": "annotator",
        "status": "submitted",
        "kind": "single",
        "label": label,
        "round": 1,
        "revision": 1,
        "current": True,
    }
    row |= other
    row.setdefault("annotation_id", "/".join([row["role"], item, str(annotator), str(row["round"])]))
    return row


def gold(item: str, label: str, **other: Any) -> Row:
    """An accepted answer; several of one item need names of their own."""
    return answer(item, f"gold {label}", label, role="gold", **other)


def item(item_id: str, **other: Any) -> Row:
    """An item."""
    return {"project": "p", "item_id": item_id, **other}


def review(of: Row, verdict: str, **other: Any) -> Row:
    """A review of an answer."""
    row = {
        "project": "p",
        "annotation_id": of["annotation_id"],
        "question": of["question"],
        "item_id": of["item_id"],
        "reviewer": "rosa",
        "verdict": verdict,
    }
    row |= other
    row.setdefault("review_id", "/".join([str(row["reviewer"]), of["annotation_id"], str(row["question"]), verdict]))
    return row


def draw(of: Row, pi: float, **other: Any) -> Row:
    """A row of the record: an answer that was drawn."""
    row = {
        "draw_id": "d1",
        "annotation_id": of["annotation_id"],
        "question": of["question"],
        "share": "random",
        "pi": pi,
    }
    return row | {"stratum": "s", "stratum_size": 10, "stratum_drawn": 5, "level": "normal", "drawn_at": at(0)} | other


def table(name: str, rows: Iterable[Row]) -> pa.Table:
    """Rows in the schema of a fact table."""
    return pa.Table.from_pylist(list(rows), schema=FACT_TABLES[name])


def write(folder: Path, **rows: Iterable[Row]) -> dict[str, list[str]]:
    """One Parquet file per fact table that has rows."""
    files: dict[str, list[str]] = {}
    for name in FACT_TABLES:
        given = list(rows.get(name, ()))
        path = folder / f"{name}.parquet"
        if given:
            pq.write_table(table(name, given), path)
        files[name] = [str(path)] if given else []
    return files


def opened(
    folder: Path,
    record: RecordTables | None = None,
    timezone: str = "UTC",
    engine: str = "duckdb",
    **rows: Iterable[Row],
) -> Session:
    """A session over small facts."""
    return open_session(write(folder, **rows), record or RecordTables(), timezone, engine)


def records(frame: pd.DataFrame) -> list[Row]:
    """A frame's rows as plain Python values, None where unknown: exact to compare and to read."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


HOSTILE = (
    "Ünïcode 標籤",
    "Robert'); DROP TABLE answers;--",
    '"quoted"',
    "a,b\nc\t\\",
    "<img src=x onerror=alert(1)>",
    "",
)


def busy(seed: int = 1, rows: int = 400) -> Mapping[str, list[Row]]:
    """A bit of everything: kinds, rounds, revisions, skips, sessions, gold, models, names that attack."""
    rng = np.random.default_rng(seed)
    people = ["ana", "bo", *HOSTILE[:4]]
    labels = ["cat", "dog", *HOSTILE]
    items = [f"item {number}" for number in range(rows // 8)] + ["Robert'); DROP TABLE items;--"]
    clock = dict.fromkeys(people, 0.0)
    annotations: list[Row] = []
    regions: list[Row] = []
    seen: dict[tuple[str, str], int] = {}
    for number in range(rows):
        who, what = str(rng.choice(people)), str(rng.choice(items))
        seen[who, what] = seen.get((who, what), 0) + 1
        clock[who] += float(rng.choice([0.5, 1.25, 3, 47]))
        came_from = str(rng.choice(["manual", "prediction", "prediction_edited"]))
        common: Row = {
            "annotation_id": f"a{number:04d}",
            "round": seen[who, what],
            "submitted_at": at(clock[who]) if rng.random() < 0.9 else None,
            "started_at": at(clock[who] - 0.4) if rng.random() < 0.5 else None,
            "seconds": float(rng.choice([-1, 0.004, 12.3456, 31.0005, 1e300])) if rng.random() < 0.8 else None,
            "seconds_kind": str(rng.choice(["active", "shared", "wall"])),
            "session": "s 1" if rng.random() < 0.05 else None,
            "position": float(number) if rng.random() < 0.3 else None,
            "origin": came_from,
            "site": str(rng.choice(["Lyon", "Porto"])) if rng.random() < 0.2 else None,
            "status": "skipped" if rng.random() < 0.05 else "submitted",
            "answer_hash": f"h{number}",
            "tags": [["night", HOSTILE[2]], [], None][number % 3],
        }
        first = answer(what, who, str(rng.choice(labels)), **common)
        annotations.append(first)
        if rng.random() < 0.1:
            later = {"revision": 2, "label": str(rng.choice(labels)), "answer_hash": f"H{number}"}
            annotations.append(first | later)
            annotations[-2]["current"] = False
        chosen = sorted(rng.choice(labels, int(rng.integers(0, 3)), replace=False).tolist())
        annotations.append(answer(what, who, question="topics", kind="multi", **common | {"labels": chosen}))
        stars = float(rng.choice([1, 2, 2.5, 10]))
        annotations.append(answer(what, who, question="stars", kind="ordinal", **common | {"number": stars}))
        annotations.append(answer(what, who, question="names", kind="spans", **common))
        for place in range(int(rng.integers(0, 3))):
            regions.append(
                {
                    "annotation_id": common["annotation_id"],
                    "question": "names",
                    "revision": 1,
                    "region_id": str(place),
                    "kind": "spans",
                    "label": str(rng.choice(["PER", "LOC"])),
                    "t_start": 3 * place,
                    "t_end": 3 * place + 2,
                }
            )
    for what in items[::2]:
        annotations.append(gold(what, str(rng.choice(labels)), annotation_id=f"g {what}"))
        annotations.append(gold(what, str(rng.choice(labels)), annotation_id=f"h {what}"))
    for number, what in enumerate(items):
        score = float(rng.choice([0.0, 0.31, 0.999, 1.0, 7.0])) if number % 5 else None
        guess = {"role": "model", "model": "m 1", "score": score, "annotation_id": f"m {what}"}
        annotations.append(answer(what, "bot", str(rng.choice(labels)), **guess))
    described = [
        item(
            what,
            batch=f"batch {number % 3}",
            site="Lyon",
            guideline=None if number % 4 else "v1",
            is_gold=number % 9 == 0,
            tags=["night"] if number % 5 == 0 else None,
            meta=None if number % 6 == 0 else f'{{"region": "{"north" if number % 2 else "south"}", "id": {number}}}',
        )
        for number, what in enumerate(items[:-3])
    ]
    human = [row for row in annotations if row["role"] == "annotator"]
    reviews = [
        review(
            human[int(rng.integers(len(human)))],
            str(rng.choice(["accept", "reject", "minor", "accept"])),
            review_id=f"r{number}",
            question=None if number % 7 == 0 else "label",
            region_id="0" if number % 11 == 0 else None,
            error_type="wrong label" if number % 2 else None,
            severity="major" if number % 3 else None,
            decided_at=at(5000 + number) if number % 5 else None,
        )
        for number in range(80)
    ]
    return {"annotations": annotations, "regions": regions, "items": described, "reviews": reviews}


def busy_record(facts: Mapping[str, list[Row]], seed: int = 2) -> RecordTables:
    """Verdicts, draws, corrections and settlements for `busy`."""
    rng = np.random.default_rng(seed)
    answers = [r for r in facts["annotations"] if r["role"] == "annotator" and r["question"] == "label"]
    chosen = [answers[int(place)] for place in rng.choice(len(answers), 60, replace=False)]
    drawn = [
        draw(row, float(rng.choice([0.1, 0.25])), draw_id=f"d{number % 3}", share=str(rng.choice(["random", "risk"])))
        for number, row in enumerate(chosen)
    ]
    verdicts = [
        review(
            row,
            str(rng.choice(["accept", "reject", "minor"])),
            review_id=f"v{number}",
            decided_at=at(6000 + number),
            judged_digest=row["answer_hash"] if number % 2 else None,
            corrected_annotation_id=f"c{number}" if number % 3 == 0 else None,
        )
        for number, row in enumerate(chosen[:40])
    ]
    corrections = [
        answer(
            row["item_id"],
            "rosa",
            "dog",
            annotation_id=f"c{number}",
            parent=row["annotation_id"],
            submitted_at=at(6000),
        )
        for number, row in enumerate(chosen[:40])
        if number % 3 != 1
    ]
    settled = [answer(row["item_id"], "lead", "cat", annotation_id=f"f{n}") for n, row in enumerate(chosen[:10])]
    frames = [pd.DataFrame(rows) for rows in (verdicts, drawn, corrections, settled)]
    return RecordTables(*frames)
