"""Chapters of reports on models, comparisons, groups, sites and drift: figures as in the assessment; two seconds."""

from typing import Any

import pytest

from qc.reports.blocks import Sentences, Table
from qc.reports.material import Material, Source
from qc.reports.sections import comparisons, drift, groups, models, prelabels, sites

SOURCE = Source("own", "own", "1", None, "tool", "0", (), "qc report")


def e(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    if value is not None and low is None:
        low, high = value / 2, (1 + value) / 2
    told = {"unit": "answers", "method": "m", "warning": None, "reason": None if value is not None else "none"}
    return {"value": value, "low": low, "high": high, "n": 40, **told}


PASSED = {"threshold": 0.9, "passing": e(0.4), "error": e(0.01), "at_most": 0.02}
MODEL: dict[str, Any] = {
    **{"model": "m2", "n": 40, "override_rate": e(0.2), "accepted_unchanged": e(0.7), "mean_score": 0.99},
    **{"accuracy": e(0.9, 0.85, 0.95), "calibration_error": e(None)},
    "calibration": [{"score": 0.6, "accuracy": e(0.5), "n": 40}],
    "by_label": [
        {
            "question": "q",
            "label": "cat",
            **dict.fromkeys(("false_positive", "false_negative", "override_rate"), e(0.1)),
        }
    ],
    "by_week": [{"key": f"2026-03-{day}", "override_rate": e(0.2), "accuracy": e(0.9)} for day in ("02", "09")],
    "retrained": {"before": "m1", "difference": e(0.05, 0.01, 0.09)},
    "routing": {
        **{"n": 40, "target": 0.02, "reason": None, "at_target": PASSED, "least_cost": PASSED, "in_force": PASSED},
        **{"customary": None, "curve": [PASSED]},
    },
}


def tables(chapter: Any) -> dict[str, Table]:
    return {block.name: block for block in chapter.blocks if isinstance(block, Table)}


def said(chapter: Any) -> str:
    return " ".join(line for block in chapter.blocks if isinstance(block, Sentences) for line in block.lines)


def material(**parts: Any) -> Material:
    return Material({"cost": {"currency": "EUR"}, **parts}, SOURCE)


def test_each_model_has_its_figures_and_each_threshold_its_row() -> None:
    chapter = models(material(models=[MODEL]))
    found = tables(chapter)
    assert all(table.chart.startswith("<svg") for table in found.values())
    assert found["models"].rows[0]["accuracy"] == MODEL["accuracy"]
    assert found["calibration"].rows[0]["accuracy"] == MODEL["calibration"][0]["accuracy"]
    assert found["models-labels"].rows[0]["false_negative"] == e(0.1)
    assert [row["kind"] for row in found["thresholds"].rows] == ["meets the target", "of least cost", "in force"]
    assert found["thresholds"].rows[0]["error"] == PASSED["error"]
    assert "its own confidence is 99.0 % on average, so it is too sure of itself." in said(chapter)
    assert "it is better than m1: +5.0 points (+1.0 to +9.0 points)" in said(chapter)
    assert "at most 2.0 % of what passes unseen is wrong" in said(chapter)


def test_tables_of_several_models_have_names_of_their_own() -> None:
    chapter = models(material(models=[MODEL, {**MODEL, "model": "m3"}]))
    found = tables(chapter)
    assert len(found) == sum(isinstance(block, Table) for block in chapter.blocks)
    assert found["thresholds-2"].title == "Below which confidence people must look: m3"


@pytest.mark.parametrize(("chapter", "part"), [(models, "models"), (comparisons, "comparisons"), (sites, "sites")])
def test_without_anything_it_says_so(chapter: Any, part: str) -> None:
    assert tables(chapter(material(**{part: []}))) == {}
    assert said(chapter(material(**{part: []})))
    assert said(groups(material(fairness=[]))).startswith("Nothing tells groups of items apart")
    assert said(drift(material(drift=[]))).startswith("There is one batch")
    assert said(prelabels(material(prelabels={}))).startswith("No answer is known")


def test_who_leaves_wrong_pre_labels_is_named_where_the_view_has_people() -> None:
    person = {
        **{"annotator": "Ann", "shown_wrong": 40, "survived": e(0.9), "erred": e(0.9), "unaided": e(0.05)},
        **{"expected": 0.06, "excess": e(0.8), "p": 0.0001, "q": 0.0003, "verdict": "rubber-stamping"},
    }
    found = {"survived": e(0.2), "unaided": e(0.1), "bias": e(0.1, 0.02, 0.2), "by_annotator": [person]}
    chapter = prelabels(material(prelabels=found))
    assert tables(chapter)["prelabels"].rows[0]["q"] == 0.0003
    assert "Wrong pre-labels mislead the team" in said(chapter)
    assert "Ann leaves 90.0 %" in said(chapter)
    team = prelabels(material(prelabels={**found, "by_annotator": []}))
    assert tables(team) == {}
    assert "Wrong pre-labels mislead the team" in said(team)


def side(value: float, gap: float, p: float) -> dict[str, Any]:
    difference = {"difference": e(gap, gap - 0.01, gap + 0.01), "p": p, "p_adjusted": 2 * p}
    return {"first": e(value), "second": e(value + gap), **difference}


def test_comparisons_have_both_p_and_the_standard() -> None:
    row = {
        **{"by": "site", "first": "here", "second": "there", "sentence": "there: 5 % errors."},
        **{name: side(0.03, 0.02, 0.01) for name in ("error", "agreement", "seconds", "cost")},
        "standard": {"margin": 0.01, "at_most": 0.03, "p": 0.9, "p_adjusted": 1.0, "verdict": "not yet clear"},
    }
    chapter = comparisons(material(comparisons=[row]))
    found = tables(chapter)
    assert said(chapter) == "there: 5 % errors."
    assert set(found) == {f"comparisons-{name}" for name in ("error", "agreement", "seconds", "cost")} | {
        "holding-the-standard"
    }
    first = found["comparisons-error"].rows[0]
    assert (first["p"], first["p_adjusted"], first["difference"]) == (0.01, 0.02, row["error"]["difference"])
    assert found["holding-the-standard"].rows[0]["verdict"] == "not yet clear"


def test_groups_say_which_have_more_errors_and_which_are_too_few() -> None:
    agreed = {
        "rate": e(None),
        "rest": e(None),
        "gap": e(None),
        "p": None,
        "p_adjusted": None,
        "verdict": "not compared",
    }
    error = {"rate": e(0.2), "rest": e(0.1), "gap": e(0.1), "p": 0.001, "p_adjusted": 0.002}
    part = {
        **{"by": "tag", "source": "gold", "least": 30, "left_out": 0},
        "groups": [
            {"key": "night", "answers": 90, "error": {**error, "verdict": "worse than the rest"}, "agreement": agreed},
            {"key": "dusk", "answers": 9, "error": None, "agreement": agreed},
        ],
    }
    chapter = groups(material(fairness=[part]))
    assert "Tags: more errors than the rest, by more than noise: night." in said(chapter)
    assert [row.get("gap") for row in tables(chapter)["groups-tag"].rows] == [e(0.1), None]
    untold = {**part, "groups": part["groups"][1:]}
    assert "no group has 30 judged answers yet" in said(groups(material(fairness=[untold])))


def site(name: str, people: int, verdict: str) -> dict[str, Any]:
    return {
        **{"by": "site", "key": name, "source": "review", "answers": 90, "fewest_people": people, "days": 10},
        **{name: e(0.1, 0.04, 0.21) for name in ("error", "agreement", "seconds", "cost", "fatigue")},
        **{"standard": {"margin": 0.01, "verdict": verdict}, "hours_covered": 1},
        "by_hour": [{"hour": hour, "share": 0.5 if hour == 9 else 0.0} for hour in range(24)],
    }


def test_sites_say_why_they_are_unclear_and_when_they_work() -> None:
    chapter = sites(material(sites=[site("a", 5, "not yet clear"), site("b", 40, "holds the standard")]))
    assert "Why a spans 4.0–21.0 %: only 5 people work there" in said(chapter)
    assert "b holds the standard of the others within 1 point." in said(chapter)
    hours = tables(chapter)["sites-hours"]
    assert [(row["name"], row["hour"], row["share"]) for row in hours.rows] == [
        ("a", "09:00", 0.5),
        ("b", "09:00", 0.5),
    ]
    assert hours.chart.startswith("<svg")
    many = said(sites(material(sites=[site("a", 40, "not yet clear"), site("b", 40, "not yet clear")])))
    assert "Judge more answers at random" in many
    assert "Why" not in said(sites(material(sites=[site("b", 4, "holds the standard")])))


def test_a_batch_that_drifted_shows_its_labels() -> None:
    shares = [{"label": "cat", "share": 0.6, "before": 0.2, "stands_out": True}]
    row = {
        **{"batch": "../b2", "items": 90, "new": [{"field": "label", "value": "owl", "items": 12}], "lengths": []},
        "labels": {"moved": 0.4, "p": 0.001, "p_adjusted": 0.002, "drifted": True, "shares": shares},
    }
    chapter = drift(material(drift=[row]))
    assert said(chapter) == "The mix of labels moved in ../b2."
    assert tables(chapter)["drift"].rows[0]["new"] == ["label owl (12)"]
    assert tables(chapter)["drift-labels-1"].rows == tuple(shares)
