"""The page Models, its sections in the JSON, the list of what to look at next and its export. About 60 s."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from qc.cli import main
from qc.model import EVERYTHING
from qc.stats.models.next import ranked
from qc.workspace import assess, ingest, open_workspace, policy, proposed
from qc.workspace.next_items import next_items

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "qc" / "workspace" / "assessment.schema.json").read_text(encoding="utf-8"))
LABELS = np.array(["cat", "dog", "bird"])
STAMP = "p0"


def export(path: Path) -> None:
    """Eight people, 160 answers each, half of them pre-labelled by m1; p0 keeps every pre-label; 60 items have no gold.

    The model m1 is right in 70 %, m2 in 90 %, both as often as they say.
    """
    rng = np.random.default_rng(3)
    n = 1280
    truth = rng.integers(0, 3, n)
    rows = pd.DataFrame({"table": "annotations", "item_id": [f"i{k:04}" for k in range(n)], "question": "pet"})
    rows = rows.assign(status="submitted", kind="single", round=1)
    parts, shown, who = [], np.arange(n) % 2 == 0, np.arange(n) // 2 % 8
    for day, (name, rate) in enumerate((("m1", 0.7), ("m2", 0.9)), 1):
        sure = np.clip(rng.normal(rate, 0.08, n), 0.35, 1)
        guess = np.where(rng.random(n) > sure, (truth + 1) % 3, truth)
        if name == "m1":
            pre = guess
        made = {"role": "model", "annotator": name, "model": name, "label": LABELS[guess], "score": np.round(sure, 3)}
        ids = [f"{name}-{k}" for k in range(n)]
        parts.append(rows.assign(**made, annotation_id=ids, submitted_at=f"2026-03-0{day}T00:00:00Z"))
    own = np.where(rng.random(n) < 0.06, (truth + 2) % 3, truth)
    given = np.where(shown & ((who == 0) | (rng.random(n) < 0.05)), pre, own)
    origin = np.select([shown & (given == pre), shown], ["prediction", "prediction_edited"], "manual")
    people = rows.assign(role="annotator", annotator=[f"p{k}" for k in who], label=LABELS[given], origin=origin)
    times = [f"2026-03-{5 + k // 64:02}T{9 + k // 8 % 8:02}:{k % 8 * 5:02}:00Z" for k in range(n)]
    people = people.assign(submitted_at=times, site=np.where(who < 4, "here", "there"), batch="b1")
    parts.append(people.assign(annotation_id=[f"a{k}" for k in range(n)]))
    known = rows.assign(role="gold", annotator="gold", label=LABELS[truth], annotation_id=[f"g{k}" for k in range(n)])
    parts.append(known[: n - 60])
    lines = [json.dumps(row) for part in parts for row in part.to_dict("records")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    ws = open_workspace(folder / "workspace")
    export(folder / "pets.jsonl")
    ingest.ingest(ws, "pets", folder / "pets.jsonl")
    return folder / "workspace"


def test_the_section_keeps_to_the_schema_and_finds_what_was_planted(built: Path) -> None:
    ws = open_workspace(built)
    models = assess.section(ws, "pets", "models")
    jsonschema.validate(models, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["models"]})
    first, second = models
    assert first["accuracy"]["low"] <= 0.7 <= first["accuracy"]["high"]
    assert second["accuracy"]["low"] <= 0.9 <= second["accuracy"]["high"]
    assert first["accepted_unchanged"]["value"] + first["edited"]["value"] == pytest.approx(1)
    assert {row["label"] for row in first["by_label"]} == set(LABELS)
    assert len(first["by_week"]) >= 3
    gain = second["retrained"]
    assert gain["before"] == "m1"
    assert gain["difference"]["low"] > 0.1
    assert gain["difference"]["n"] == 1220
    routing = second["routing"]
    assert [row["threshold"] for row in routing["curve"]][:2] == [0.0, 0.05]
    assert routing["customary"]["threshold"] == 0.7
    assert routing["customary"]["at_most"] > routing["customary"]["error"]["value"]


def test_the_rubber_stamp_is_named_and_nobody_else(built: Path) -> None:
    found = assess.section(open_workspace(built), "pets", "prelabels")
    jsonschema.validate(found, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["prelabels"]})
    assert [row["annotator"] for row in found["by_annotator"] if row["verdict"] == "rubber-stamping"] == [STAMP]
    stamp = found["by_annotator"][0]
    assert stamp["annotator"] == STAMP
    assert stamp["survived"]["value"] == 1
    assert found["bias"]["value"] > 0


def test_behind_a_figure_stand_as_many_answers_as_it_counts(built: Path) -> None:
    ws = open_workspace(built)
    model = assess.section(ws, "pets", "models")[0]
    whole = proposed.answers(ws, "pets", EVERYTHING, proposed.Behind("m1"), 10_000)
    assert len(whole) == model["n"]
    shown = whole[whole["shown"] == "yes"]
    assert len(shown) == model["override_rate"]["n"]
    assert (shown["people"] == "overrode").mean() == pytest.approx(model["override_rate"]["value"])
    assert (shown["people"] == "overrode").head(len(shown) // 100).all()
    assert (whole["model_is"] == "right").sum() / whole["model_is"].notna().sum() == pytest.approx(
        model["accuracy"]["value"]
    )
    for key in ("label", "site", "week"):
        for row in model[f"by_{key}"]:
            behind = proposed.Behind("m1", key, row.get("key", row.get("label")))
            found = proposed.answers(ws, "pets", EVERYTHING, behind, 10_000)
            assert (found["shown"] == "yes").sum() == row["override_rate"]["n"]
    for row in model["calibration"]:
        tenth = int(10 * row["score"])
        behind = proposed.Behind("m1", low=tenth / 10, high=(tenth + 1) / 10)
        found = proposed.answers(ws, "pets", EVERYTHING, behind, 10_000)
        assert found["score"].between(tenth / 10, (tenth + 1) / 10).all()
        assert found["model_is"].notna().sum() == row["n"]
    assert proposed.answers(ws, "pets", EVERYTHING, proposed.Behind("m1", "tag", "none")).empty


def test_the_wrong_pre_labels_before_somebody_are_those_counted(built: Path) -> None:
    ws = open_workspace(built)
    for row in assess.section(ws, "pets", "prelabels")["by_annotator"]:
        found = proposed.misled(ws, "pets", EVERYTHING, row["annotator"])
        assert len(found) == row["shown_wrong"]
        assert (found["people"] == "kept").mean() == pytest.approx(row["survived"]["value"])
        assert (found["proposed"] != found["truth"]).all()


def test_what_to_look_at_next_is_listed_with_reasons_and_leaves_as_a_file(built: Path, tmp_path: Path) -> None:
    rows = next_items(open_workspace(built), "pets")
    assert 0 < len(rows) <= 60
    assert set(", ".join(rows["why"]).split(", ")) <= {"uncertain", "disagreeing", "rare", "drifting"}
    assert rows["reasons"].is_monotonic_decreasing
    out = tmp_path / "next.csv"
    command = ["export", "--project", "pets", "--workspace", str(built), "--what", "next", "--out", str(out)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert f"{len(rows)} items to look at next written." in done.output
    assert len(pd.read_csv(out)) == len(rows)


def test_reasons_are_those_planted() -> None:
    """A label given once, a batch full of another, one item on which people differ, one unsure model."""
    rows = pd.DataFrame(
        {
            "question": "q",
            "item_id": [f"i{k:03}" for k in range(200)],
            "label": ["a", "b"] * 50 + ["c"] * 14 + ["a", "b"] * 43,
            "batch": ["b1"] * 100 + ["b2"] * 60 + ["b3"] * 40,
            "score_milli": 950.0,
            "models": 1,
            "answers": 2,
            "labels": 1,
            "other": 0,
        }
    )
    rows.loc[0, "score_milli"], rows.loc[1, ["labels", "other"]], rows.loc[2, "label"] = 400, [2, 1], "z"
    found = ranked(rows, 0.7, 500).set_index("item_id")["why"]
    assert (found["i000"], found["i001"], found["i002"]) == ("uncertain", "disagreeing", "rare")
    assert set(found[found == "drifting"].index) == set(rows["item_id"][100:114])
    assert len(found) == 17
    assert len(ranked(rows, 0.7, 5)) == 5


def test_the_page_shows_it_all(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_WORKSPACE", str(built))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["project"] = "pets"
    app.run()
    app = app.switch_page("dashboard/pages/models.py").run()
    assert not app.exception
    text = " ".join(element.value for element in app.text)
    assert f"{STAMP} leaves" in text
    assert "At the customary 0.70, " in text
    assert "In force is 0.70" in text
    app = app.toggle(key="model-behind").set_value(True).run()
    assert not app.exception
    app = app.selectbox(key="model-picked").set_value("m2").run()
    assert not app.exception
    assert "On the same held-out items it is better than m1" in " ".join(element.value for element in app.text)


def test_a_threshold_is_put_in_force_with_a_reason(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(built, tmp_path / "own")
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "own"))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["project"] = "pets"
    app.run()
    app = app.switch_page("dashboard/pages/models.py").run()
    next(box for box in app.number_input if box.label == "People look below").set_value(0.85)
    next(box for box in app.text_input if box.label == "Why?").set_value("a tenth slips through")
    app = next(button for button in app.button if button.label == "Put in force").click().run()
    assert not app.exception
    assert "In force is 0.85" in " ".join(element.value for element in app.text)
    ws = open_workspace(tmp_path / "own")
    assert policy.get(ws, "pets").sampling.route_below == 0.85
    assert policy.revision(ws, "pets") == 1
