"""The benchmark of a million answers works, on a small run of the same code (about 20 s)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import krippendorff
import pandas as pd
import pytest
from benchmarks.million import PEER, measure, write_answers

MILLION = PEER.with_name("million.py")
ANSWERS = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds answers.csv and what the peer says about it."""
    folder = tmp_path_factory.mktemp("bench")
    write_answers(folder / "answers.csv", ANSWERS)
    usage = measure([sys.executable, str(PEER), str(folder / "answers.csv")], folder / "peer.json")
    assert usage.cpu > 0
    assert usage.peak_mb > 50
    return folder


@pytest.fixture(scope="module")
def answers(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "answers.csv", keep_default_na=False, parse_dates=["submitted_at"])


def test_answers_are_as_announced(answers):
    assert list(answers.columns) == ["item_id", "annotator", "label", "gold", "submitted_at", "seconds"]
    assert len(answers) == ANSWERS
    assert answers["annotator"].nunique() == 100
    assert answers["label"].nunique() == 5
    assert not answers.duplicated(["item_id", "annotator"]).any()
    per_item = answers.groupby("item_id").size()
    assert per_item.max() == 3
    # Three answers with a tenth missing: 0.9 ** 3 of the items keep all.
    assert 0.68 < (per_item == 3).sum() / (ANSWERS / 2.7) < 0.78
    gold = answers.groupby("item_id")["gold"].agg(lambda values: values.iloc[0] != "")
    assert 0.08 < gold.mean() < 0.12
    started = answers["submitted_at"] - pd.to_timedelta(answers["seconds"], unit="s")
    order = answers.assign(started=started).sort_values(["annotator", "started"])
    rest = order["started"] - order.groupby("annotator")["submitted_at"].shift()
    assert rest.min() > pd.Timedelta(0)


def test_the_peer_computes_what_it_says(folder, answers):
    """Alpha of the same labels as a matrix of annotators by items, errors by counting."""
    peer = json.loads((folder / "peer.json").read_bytes())
    codes = answers.assign(code=answers["label"].astype("category").cat.codes)
    matrix = codes.pivot(index="annotator", columns="item_id", values="code").to_numpy()
    assert peer["alpha"] == pytest.approx(krippendorff.alpha(matrix, level_of_measurement="nominal"), abs=1e-9)
    mine = answers[(answers["annotator"] == "annotator-003") & (answers["gold"] != "")]
    assert peer["errors"]["annotator-003"] == {
        "n": len(mine),
        "rate": pytest.approx((mine["label"] != mine["gold"]).mean()),
    }
    slope = peer["fatigue_log_odds_per_hour"]
    assert slope["low"] < slope["value"] < slope["high"]


def test_a_failing_process_ends_the_benchmark(tmp_path):
    with pytest.raises(SystemExit, match="ended with 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "out")


def test_a_small_run_finds_the_same_agreement_and_errors_as_the_peer(tmp_path):
    command = [sys.executable, str(MILLION), "--answers", str(ANSWERS), "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for step in ("qc ingest", "qc assess --json, of what", "qc assess --json, everything", "peer"):
        assert f"| {step}" in done.stdout
    assert (tmp_path / "assess.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    ours = json.loads((tmp_path / "assess.json").read_bytes())
    peer = json.loads((tmp_path / "peer.json").read_bytes())
    assert ours["agreement"][0]["alpha"]["value"] == pytest.approx(peer["alpha"], abs=1e-9)
    gold = next(errors for errors in ours["errors"] if errors["source"] == "gold")
    assert {one["annotator"]: one["n"] for one in gold["by_annotator"]} == {
        name: one["n"] for name, one in peer["errors"].items()
    }
