"""Days, weeks, hours, shifts and tags of one or two people are not shown to who may not see single people.

Who worked when is written into the sheet: expected values follow from it by counting.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qc.access import Actor, Grant
from qc.workspace import Workspace, assess, browse, open_workspace
from qc.workspace.assess import view
from qc.workspace.few import subjects_of_few
from qc.workspace.ingest import ingest
from qc.workspace.report import write

TEAM = ("ana", "ben", "cho", "dan")
# Day, hour and who: a week of four people, then one in which only two work, at night, on what is tagged "rare".
SHIFTS = (
    *((f"2026-03-{day:02d}", 9, TEAM, "usual") for day in (2, 3, 4)),
    ("2026-03-05", 10, TEAM[:2], "usual"),
    *((f"2026-03-{day:02d}", 23, TEAM[:2], "rare") for day in (9, 10)),
)
PAIR, FULL = ("2026-03-05", "2026-03-09", "2026-03-10"), ("2026-03-02", "2026-03-03", "2026-03-04")


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("few"))
    items = [
        {
            "item": f"{day}-{number}",
            "annotator": who,
            "label": "ab"[(number + place) % 2],
            "gold": "a",
            "tags": tag,
            "submitted_at": f"{day}T{hour:02d}:{number:02d}:00Z",
        }
        for day, hour, people, tag in SHIFTS
        for place, who in enumerate(people)
        for number in range(40)
    ]
    sheet = ws.root / "answers.csv"
    lines = [",".join(items[0]), *(",".join(row.values()) for row in items)]
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ingest(ws, "own", sheet, timezone="UTC")
    return ws


def keys(rows: list[dict[str, Any]], name: str = "key") -> list[str]:
    return [row[name] for row in rows]


def test_parts_of_few_are_counted(ws: Workspace) -> None:
    few = subjects_of_few(view(ws, "own"))
    assert {key for kind, key in few if kind == "day"} == set(PAIR)
    assert {key for kind, key in few if kind == "week"} == {"2026-03-09"}
    assert {key for kind, key in few if kind == "shift"} == {"22–06"}
    assert {key for kind, key in few if kind == "hour"} == {"10:00", "23:00"}
    assert {key for kind, key in few if kind == "tag"} == {"rare"}
    assert not {key for kind, key in few if kind == "month"}


def test_who_sees_teams_only_sees_no_day_of_two(ws: Workspace) -> None:
    manager = ws.acting_as(Actor("mia", frozenset({Grant("own", "manager")})))
    whole, team = (assess.section(who, "own", "errors")[0]["by_day"] for who in (ws, manager))
    assert keys(whole, "day") == sorted((*FULL, *PAIR))
    assert keys(team, "day") == list(FULL)
    hours = assess.section(manager, "own", "time")["throughput"]
    assert keys(hours["by_day"]) == list(FULL)
    # Totals count everybody.
    assert hours["answers"] == 40 * sum(len(people) for _, _, people, _ in SHIFTS)
    assert keys(hours["by_shift"]) == ["06–14"]
    assert {row["hour"] for row in hours["by_hour"]} == {9}
    assert {row["hour"] for row in assess.section(ws, "own", "time")["throughput"]["by_hour"]} == {9, 10, 23}
    agreement = assess.section(manager, "own", "agreement")[0]
    assert keys(agreement["by_period"], "period") == ["2026-03-02"]
    assert not [row for row in agreement["differences"] if row["by"] == "week"]
    tired = assess.section(manager, "own", "fatigue")[0]
    assert "22–06" not in keys(tired["by_shift"])
    assert not {"10:00", "23:00"} & set(keys(tired["by_clock"]))
    assert keys(assess.section(manager, "own", "cost")["by_month"]) == ["2026-03"]
    assert list(browse.days(manager, "own")["day"]) == list(FULL)
    assert list(browse.days(ws, "own")["day"]) == sorted((*FULL, *PAIR))


def test_a_report_for_managers_holds_no_day_of_two(ws: Workspace, tmp_path: Path) -> None:
    write(ws, "own", tmp_path / "m.html", "manager", tables=tmp_path / "tables")
    told = (tmp_path / "tables" / "tables.json").read_text(encoding="utf-8")
    assert "2026-03-03" in told
    assert not [day for day in PAIR if day in json.dumps(json.loads(told)["tables"])]
