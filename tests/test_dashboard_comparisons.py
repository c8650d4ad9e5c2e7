"""The pages Comparisons and Sites & shifts, and the sections behind them, on a planted project. About 60 s."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from qc.access import Actor, Grant
from qc.cli import main
from qc.model import EVERYTHING
from qc.workspace import Workspace, assess, open_workspace
from qc.workspace.assess.parts import PERIOD, Parts
from qc.workspace.ingest import ingest

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "qc" / "workspace" / "assessment.schema.json").read_text(encoding="utf-8"))
LABELS = np.array(["cat", "dog", "bird"])
ITEMS, PEOPLE = 1600, 12


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two sites of six; Quito errs in 3 %, Manila in 12 %; items tagged "night" twice as often; batch 4 has an owl."""
    folder = tmp_path_factory.mktemp("compared")
    rng = np.random.default_rng(7)
    item = np.repeat(np.arange(ITEMS), 3)
    who = np.concatenate([rng.choice(PEOPLE, 3, replace=False) for _ in range(ITEMS)])
    night = item % 4 == 0
    rate = np.where(who < PEOPLE // 2, 0.03, 0.12) * np.where(night, 2.0, 1.0)
    wrong = rng.random(len(item)) < rate
    batch = item * 4 // ITEMS
    truth = np.where((batch == 3) & (item % 3 == 2), 3, item % 3)
    labels = np.append(LABELS, "owl")
    start = pd.Timestamp("2026-03-02T08:00:00Z") + pd.to_timedelta(item * 40 // ITEMS, "D")
    table = pd.DataFrame(
        {
            "item": [f"i{n:04d}" for n in item],
            "annotator": [f"a{n:02d}" for n in who],
            "label": labels[np.where(wrong, (truth + 1) % 3, truth)],
            "gold": labels[truth],
            "batch": [f"b{n + 1}" for n in batch],
            "site": np.where(who < PEOPLE // 2, "quito", "manila"),
            "guideline": np.where(batch < 2, "v1", "v2"),
            "seconds": np.exp(rng.normal(3, 0.5, len(item))).round(1),
            "submitted_at": (start + pd.to_timedelta(rng.integers(0, 7 * 3600, len(item)), "s")).astype(str),
        }
    )
    table.to_csv(folder / "answers.csv", index=False)
    command = ["ingest", str(folder / "answers.csv"), "--project", "zoo", "--workspace", str(folder / "ws")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return open_workspace(folder / "ws")


@pytest.mark.parametrize("name", ["comparisons", "fairness", "sites", "drift"])
def test_sections_keep_to_the_schema(planted: Workspace, name: str) -> None:
    found = assess.section(planted, "zoo", name)
    jsonschema.validate(found, SCHEMA["properties"][name] | {"$defs": SCHEMA["$defs"]})
    json.dumps(found, allow_nan=False)
    assert found


def test_the_worse_site_is_told_and_versions_that_are_alike_are_not(planted: Workspace) -> None:
    rows = {(row["by"], row["first"], row["second"]): row for row in assess.section(planted, "zoo", "comparisons")}
    by_site = next(row for key, row in rows.items() if key[0] == "site")
    worse = 1 if by_site["second"] == "manila" else -1
    assert worse * by_site["error"]["difference"]["value"] == pytest.approx(0.1125, abs=0.03)
    assert by_site["error"]["p_adjusted"] < 0.05
    version = rows["guideline", "v1", "v2"]
    assert version["seconds"]["p_adjusted"] > 0.05
    assert version["cost"]["first"]["value"] > 0


def test_sites_stand_side_by_side(planted: Workspace) -> None:
    rows = {row["key"]: row for row in assess.section(planted, "zoo", "sites") if row["by"] == "site"}
    assert rows["manila"]["standard"]["verdict"] == "does not hold the standard"
    assert rows["quito"]["standard"]["verdict"] == "holds the standard"
    assert rows["quito"]["hours_covered"] == 7
    assert rows["quito"]["seconds"]["value"] == pytest.approx(np.exp(3), rel=0.1)


def test_a_new_label_is_told_with_its_items(planted: Workspace) -> None:
    last = assess.section(planted, "zoo", "drift")[-1]
    assert last["batch"] == "b4"
    assert last["labels"]["drifted"]
    assert {value["value"] for value in last["new"]} == {"owl"}
    earlier = assess.section(planted, "zoo", "drift")[:-1]
    assert not any(row["labels"]["drifted"] for row in earlier)
    items = assess.drifting(planted, "zoo", EVERYTHING, "b4")
    assert any("owl" in row["why"] for row in items)


def test_any_two_parts_can_be_compared(planted: Workspace) -> None:
    assert {"site", "batch", "guideline", "period"} <= set(assess.comparable(planted, "zoo", EVERYTHING))
    found = assess.compare(planted, "zoo", EVERYTHING, "batch", "b1", "b2")[0]
    assert "b2: " in found["sentence"]


def test_sites_of_two_people_are_for_leads_only(planted: Workspace) -> None:
    manager = planted.acting_as(Actor("max", frozenset({Grant("zoo", "manager")})))
    assert assess.section(manager, "zoo", "sites")
    rows = [{"by": "shift", "key": "06–14", "fewest_people": 2}, {"by": "shift", "key": "14–22", "fewest_people": 3}]
    from qc.workspace.sight import team_only

    assert [row["key"] for row in team_only(rows)] == ["14–22"]


@pytest.mark.parametrize(("page", "words"), [("comparisons", "manila"), ("sites", "holds the standard")])
def test_the_pages_say_it(planted: Workspace, page: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_WORKSPACE", str(planted.root))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app = app.switch_page(f"dashboard/pages/{page}.py").run()
    assert not app.exception
    assert any(words in text.value for text in app.text)


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("tickets"))
    ingest(ws, "tickets", Path(__file__).parents[1] / "sample_exports" / "support_tickets.json")
    return ws


@pytest.mark.parametrize("key", ["site", "guideline"])
def test_parts_have_the_rates_that_the_error_rates_give_them(tickets: Workspace, key: str) -> None:
    """One weighting for both: the reviews of the export are a random choice of each annotator's answers."""
    (review,) = (part for part in assess.section(tickets, "tickets", "errors") if part["source"] == "review")
    known = {row["key"]: row["rate"]["value"] for row in review[f"by_{key}"]}
    beside = [part for part in assess.section(tickets, "tickets", "comparisons") if part["by"] == key]
    assert beside
    for part in beside:
        assert part["source"] == "review"
        for side in ("first", "second"):
            assert part["error"][side]["value"] == pytest.approx(known[part[side]], rel=1e-9)


def test_a_period_of_one_day_is_called_a_day(tmp_path: Path) -> None:
    rows = [f"i{item},{who},x,2026-03-0{2 + item % 2}T09:00:00Z" for item in range(8) for who in ("ann", "ben")]
    (tmp_path / "two.csv").write_text("\n".join(["item_id,annotator,label,submitted_at", *rows]), encoding="utf-8")
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "two", tmp_path / "two.csv")
    assert Parts(assess.view(ws, "two"), PERIOD).periods == ("the day before", "the last day")
