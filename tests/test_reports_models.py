"""The chapter Models of reports: its figures are those of the assessment; a second."""

from typing import Any

from qc.reports.blocks import Sentences, Table
from qc.reports.material import Material, Source
from qc.reports.sections import models

SOURCE = Source("own", "own", "1", None, "tool", "0", (), "qc report")


def e(value: float | None) -> dict[str, Any]:
    low, high = (None, None) if value is None else (value / 2, (1 + value) / 2)
    told = {"unit": "answers", "method": "m", "warning": None, "reason": None if value is not None else "none"}
    return {"value": value, "low": low, "high": high, "n": 40, **told}


def test_each_model_and_each_threshold_has_its_row() -> None:
    passed = {"threshold": 0.9, "passing": 0.4, "error": e(0.01), "at_most": 0.02}
    routing = {"at_target": passed, "least_cost": passed, "in_force": passed, "customary": None}
    model = {
        **{"model": "m1", "n": 40, "override_rate": e(0.2), "accepted_unchanged": e(0.7)},
        **{"accuracy": e(0.9), "calibration_error": e(None), "routing": routing},
    }
    chapter = models(Material({"models": [model]}, SOURCE))
    first, second = (block for block in chapter.blocks if isinstance(block, Table))
    assert first.chart.startswith("<svg")
    assert first.rows[0]["accuracy"] == model["accuracy"]
    assert [row["kind"] for row in second.rows] == ["meets the target", "of least cost", "in force"]
    assert second.rows[0]["error"] == passed["error"]


def test_without_models_it_says_so() -> None:
    assert models(Material({"models": []}, SOURCE)).blocks == (Sentences(("No model answered in this project.",)),)
