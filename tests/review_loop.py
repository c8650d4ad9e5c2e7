"""A team whose work gets worse and better again, as sheets that `qc ingest` and `qc review` read.

Four people label items that nobody else sees; each has a truth that the sheets of answers do not hold. In a bad wave
every third answer of one person is wrong, in a good one none is; the others err in one of fifty, always.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qc.workspace import check, ingest, open_workspace, policy, sample, verdict

PEOPLE = ("ann@example.org", "ben@example.org", "cem@example.org", "dora@example.org")
WORSE = PEOPLE[1]
LABELS = ("invoice", "delivery", "defect")
QUESTION = "label"


def write_wave(path: Path, wave: int, answers: int, *, bad: bool) -> Path:
    """The answers of one week, so many of each person."""
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(weeks=wave)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item_id", "annotator", "label", "submitted_at", "seconds", "text"])
        for at, who in enumerate(PEOPLE):
            for n in range(answers):
                item = f"w{wave}-{at}-{n:04d}"
                moment = begin + timedelta(days=n // 80, seconds=60 * (n % 80))
                wrong = n % 3 == 1 if bad and who == WORSE else n % 50 == 7 and who != WORSE
                label = LABELS[(LABELS.index(truth(item)) + wrong) % 3]
                rows.writerow([item, who, label, moment.isoformat(), 20 + n % 7, f"Message {item}: {truth(item)}?"])
    return path


def truth(item: str) -> str:
    """What is right for an item."""
    return LABELS[sum(map(ord, item)) % 3]


def fill(sheet: Path, reviewer: str = "rita@example.org") -> dict[str, int]:
    """Fill in a drawn sheet by the truth; returns how many answers of it were accepted and rejected."""
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    counts = {"accept": 0, "reject": 0}
    for row in rows:
        right = truth(row["item_id"])
        verdict = "accept" if row["label"] == right else "reject"
        counts[verdict] += 1
        row |= {"verdict": verdict, "reviewer": reviewer}
        if verdict == "reject":
            row |= {"error_type": "wrong label", "severity": "major", "corrected_label": right}
    with sheet.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return counts


def decided_by_a_lead(folder: Path) -> Path:
    """A workspace of two weeks, of which WORSE errs in every third answer of the second; a lead decides on levels."""
    ws = open_workspace(folder / "workspace")
    for wave, bad in enumerate((False, True)):
        ingest.ingest(ws, "mail", write_wave(folder / f"{wave}.csv", wave, 200, bad=bad))
        sheet = folder / "sheet.csv"
        sheet.write_bytes(sample.sheet_file(ws, "mail", sample.draw(ws, "mail", sample.Ask(rate=0.15)).id, ".csv"))
        fill(sheet)
        verdict.record_sheet(ws, "mail", sheet)
    decided = ws.policy("mail")
    policy.save(ws, "mail", replace(decided, errors=replace(decided.errors, automatic=False)), "lead", "we decide")
    check.run(ws, "mail")
    return folder / "workspace"
