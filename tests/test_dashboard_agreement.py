"""The page Agreement of orders, boxes and texts that fall apart from the seventh week on. Takes about a minute."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from qc.model import EVERYTHING, Scope
from qc.reports.blocks import Table
from qc.reports.material import Material, Source
from qc.reports.sections.agreement import agreement
from qc.workspace import Workspace, assess, ingest, open_workspace

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))
HEADER = ("item_id", "annotator", "submitted_at", "label", "x", "y", "w", "h")
KINDS = {
    "orders": 'kind = "ranking"\nseparator = ">"',
    "boxes": 'kind = "boxes"\nx = "x"\ny = "y"\nw = "w"\nh = "h"',
    "texts": 'kind = "text"',
}
MAPPING = """
[columns]
item_id = "item_id"
annotator = "annotator"
submitted_at = "submitted_at"

[questions.label]
column = "label"
"""


def answered(kind: str) -> list[tuple[object, ...]]:
    """Three people answer forty items a week."""
    rng, rows = np.random.default_rng(4), []
    for one in range(400):
        week, base = one // 40, rng.permutation(list("abcde"))
        x, y = rng.uniform(0, 500, 2)
        when = datetime(2026, 1, 5, 9) + timedelta(weeks=week, minutes=one % 40)
        for who in ("ana", "bo", "cy"):
            order = [*base]
            for place in rng.integers(0, 4, 4 if week >= 6 else 1).tolist():
                order[place], order[place + 1] = order[place + 1], order[place]
            said = {"orders": ">".join(order), "boxes": "cat", "texts": " ".join(order[: 2 if week >= 6 else 5])}
            moved = rng.normal(0, 18 if week >= 6 else 3, 2)
            rows.append((f"i{one}", who, when.isoformat(), said[kind], x + moved[0], y + moved[1], 80, 60))
    return rows


@pytest.fixture(scope="module")
def fallen(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("fallen")
    workspace = open_workspace(folder / "workspace")
    for kind, question in KINDS.items():
        (folder / f"{kind}.toml").write_text(f"{MAPPING}{question}\n", encoding="utf-8")
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as sheet:
            csv.writer(sheet).writerows([HEADER, *answered(kind)])
        ingest.ingest(workspace, kind, folder / f"{kind}.csv", mapping=folder / f"{kind}.toml")
    return workspace


def shown(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, project: str, view: str = "What") -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(workspace.root))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["project"] = project
    app.session_state["agreement-view"] = view
    app.run()
    app.switch_page("dashboard/pages/agreement.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("kind", "axis"), [("orders", "alpha"), ("boxes", "F1"), ("texts", "words in common")], ids=list(KINDS)
)
def test_what_fell_is_named_as_it_is_drawn(
    fallen: Workspace, monkeypatch: pytest.MonkeyPatch, kind: str, axis: str
) -> None:
    """Changes are looked for in what the chart shows, and are said in its words."""
    app = shown(fallen, monkeypatch, kind, "Time and groups")
    said = " ".join(part.value for part in app.text)
    assert f"From the week of 2026-02-16 on: {axis} down by " in said
    assert "(p < 0.001)" in said


@pytest.mark.parametrize(
    ("column", "beside"),
    [
        ("rating", {"Gwet's AC2", "Weighted kappa, mean"}),
        ("score", {"ICC(2)", "Gwet's AC2"}),
        ("class", {"Gwet's AC1", "Cohen's kappa, mean"}),
    ],
)
def test_beside_alpha_stands_what_suits_the_scale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, beside: set[str]
) -> None:
    rng = np.random.default_rng(6)
    given = {"rating": lambda one: one % 5 + 1, "score": lambda one: f"{one + rng.normal():.2f}", "class": str}
    rows = [f"i{one},{who},{given[column](one)}" for one in range(40) for who in ("ana", "bo", "cy")]
    mapped = {"rating": "ordinal", "score": "number", "class": "single"}[column]
    (tmp_path / "map.toml").write_text(
        f'[columns]\nitem_id = "item"\nannotator = "who"\n[questions.label]\ncolumn = "given"\nkind = "{mapped}"\n',
        encoding="utf-8",
    )
    (tmp_path / "sheet.csv").write_text("\n".join(["item,who,given", *rows]), encoding="utf-8")
    workspace = open_workspace(tmp_path / "workspace")
    ingest.ingest(workspace, "own", tmp_path / "sheet.csv", mapping=tmp_path / "map.toml")
    assert {card.label for card in shown(workspace, monkeypatch, "own").metric} >= beside


@pytest.mark.parametrize("view", ["What", "Items"])
def test_where_nobody_shares_an_item_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    rows = [f"{who}{one},{who},{one % 2}" for one in range(9) for who in ("ana", "bo")]
    (tmp_path / "sheet.csv").write_text("\n".join(["item,annotator,label", *rows]), encoding="utf-8")
    workspace = open_workspace(tmp_path / "workspace")
    ingest.ingest(workspace, "own", tmp_path / "sheet.csv")
    app = shown(workspace, monkeypatch, "own", view)
    said = " ".join(part.value for part in (*app.text, *app.caption))
    assert ("No item was answered by two people" if view == "What" else "No item has two answers") in said


def test_the_report_of_orders_names_the_headline_of_the_page(fallen: Workspace) -> None:
    (part,) = assess.section(fallen, "orders", "agreement")
    section = agreement(Material({"agreement": [part]}, Source("own", "own", "1", None, "tool", "0", (), "qc report")))
    coefficients = next(block for block in section.blocks if isinstance(block, Table))
    assert coefficients.rows[0] == {"coefficient": "alpha (Kendall tau)", "agreement": part["headline"]["team"]}


def test_orders_have_a_bootstrap_of_their_coefficients_only(fallen: Workspace) -> None:
    document = {"agreement": assess.section(fallen, "orders", "agreement")}
    assess.add_bootstrap(fallen, "orders", EVERYTHING, document)
    jsonschema.validate(document["agreement"], {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["agreement"]})
    (part,) = document["agreement"]
    assert part["differences"]
    assert all("bootstrap" not in row for row in part["differences"])
    assert any(row["bootstrap"] for row in part["coefficients"])


@pytest.mark.parametrize(
    ("kind", "name"), [("orders", "alpha (Kendall tau)"), ("boxes", "F1"), ("texts", "words in common")]
)
def test_what_a_check_follows_from_week_to_week_is_what_the_page_draws(fallen: Workspace, kind: str, name: str) -> None:
    """The week of the fall less the one before it, as an alert would have it."""
    until = Scope(until=date(2026, 2, 23))
    (row,) = assess.through(assess.view(fallen, kind, until), "weekly_agreement")
    assert row["name"] == name
    before, last = row["weeks"][-2:]
    assert (before["period"], last["period"]) == ("2026-02-09", "2026-02-16")
    assert row["change"]["value"] == pytest.approx(last["value"] - before["value"], abs=0.02)
    assert row["change"]["high"] < -0.1
    assert row["p"] < 0.001
