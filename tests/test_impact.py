"""Cost and impact of the sample project: other prices, the list for a week, and who may see it (about 15 s)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard import tables
from qc.access import AccessError, Actor, Grant
from qc.figures import CHOICES, number
from qc.model import InputError, Scope
from qc.workspace import Workspace, assess, impact, open_workspace, report
from qc.workspace.impact import Asked
from qc.workspace.ingest import ingest

SAMPLE = Path(__file__).parents[1] / "sample_exports" / "support_tickets.json"


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    opened = open_workspace(tmp_path_factory.mktemp("impact"))
    ingest(opened, "own", SAMPLE)
    return opened


@pytest.fixture(scope="module")
def section(ws: Workspace) -> dict:
    return assess.section(ws, "own", "cost")


def test_nothing_supposed_is_the_section(ws, section):
    supposed = impact.supposed(*impact.known(ws, "own"), Asked())
    assert supposed == {name: value for name, value in section.items() if name in supposed}


def test_parts_add_up(section):
    for key in ("by_label", "by_site", "by_batch", "by_month"):
        assert sum(part["reviewed"] for part in section[key]) == 747
        assert sum(part["found"] for part in section[key]) == section["errors_found"] == 84
    left = section["errors_escaped"]["value"]
    assert sum(part["escaped"]["value"] for part in section["by_site"]) == pytest.approx(left, rel=0.05)
    assert sum(part["escaped"]["value"] for part in section["by_severity"]) == pytest.approx(left)


def test_disagreement_is_that_of_the_agreement_without_all_that_stands_beside_it(ws, section):
    """Cost asks for the raw agreement alone: the section `agreement` of these filters is not computed for it."""
    site = Scope(sites=("cebu",))
    before = {file.name for file in (ws.root / "cache" / "own").glob("agreement-*")}
    found = assess.section(ws, "own", "cost", site)["disagreement_rate"]
    assert {file.name for file in (ws.root / "cache" / "own").glob("agreement-*")} == before
    (told,) = (part["percent"] for part in assess.section(ws, "own", "agreement", site))
    assert found == {**told, "value": 1 - told["value"], "low": 1 - told["high"], "high": 1 - told["low"]}


def test_prices_that_are_supposed_move_what_follows(ws, section):
    known = impact.known(ws, "own")
    dear = impact.supposed(*known, Asked(escaped_error=100.0))
    assert dear["escaped_price"] == 100
    assert dear["break_even_rate"] < section["break_even_rate"]
    assert dear["week"]["worth_it"] > section["week"]["worth_it"]
    slow = impact.supposed(*known, Asked(review_minutes=4.0))
    assert slow["review_cost"] == pytest.approx(4 * section["review_cost"])
    sharp = impact.supposed(*known, Asked(sensitivity=1.0))
    assert sharp["errors_escaped"]["value"] < section["errors_escaped"]["value"]
    assert (sharp["reviewers"]["sensitivity"], sharp["reviewers"]["specificity"]) == (1.0, 0.99)
    with pytest.raises(InputError, match="between 0 and 1"):
        Asked(share=2.0)


def test_a_week_s_list_has_the_riskiest_first(ws, section):
    rows = impact.worklist(ws, "own", asked=Asked(hours_a_week=1.0))
    assert len(rows) == 60
    assert rows["benefit"].is_monotonic_decreasing
    assert (rows["p_error"] > section["break_even_rate"]).all()
    everything = impact.worklist(ws, "own", asked=Asked(hours_a_week=10_000.0))
    assert len(everything) == section["week"]["worth_it"]
    assert everything["benefit"].min() > 0


def test_the_report_tells_hours_and_ways_as_the_page_does(ws, section):
    """747 reviews of a minute are 12.45 hours, here as there; ways of reviewing have the words of the page."""
    told = report.html(ws, "own", "manager").decode()
    assert section["sentences"][0].startswith("Review took 12.45 hours (")
    assert "<b>12.45 h</b>" in told
    assert all(f">{CHOICES[row['choice']]}<" in told for row in section["options"])
    assert ">ranked<" not in told


def test_counts_in_tables_are_rounded_and_not_cut_off():
    """The page's columns are formatted as sprintf does: %d would show 543.8 as 543, where sentences say 544."""
    frame = pd.DataFrame({"escaped": [543.8], "answers": [5934]})
    shown = tables.columns(frame, {"escaped": "count", "answers": "count"})
    formats = {column["type_config"]["format"] for column in shown.values()}
    assert formats == {"%,.0f"}
    assert number(543.8, "count") == "544"


def test_a_manager_sees_the_figures_and_not_the_answers(ws):
    manager = ws.acting_as(Actor("mia", frozenset({Grant("own", "manager")})))
    evidence, _ = impact.known(manager, "own")
    assert evidence.cells.reason is None
    with pytest.raises(AccessError):
        impact.worklist(manager, "own")
