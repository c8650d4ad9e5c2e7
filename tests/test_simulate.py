"""Simulated exports hold what their plan says, and their truth is the truth (about 9 s).

Expected values come from the plan itself, or from counting in the written export without the simulator's own frames.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from qc.model import InputError
from qc.simulate import SUPPORT_TICKETS, Plan, Simulation, Site, play, simulate
from qc.simulate.plan import CHARACTERS, crew
from qc.simulate.work import working_day

SMALL = Plan(seed=3, n_items=120, n_annotators=6, days=4)
# Enough answers for planted rates to be told from others.
LARGE = Plan(seed=5, n_items=6000, n_annotators=20, days=20, repeat_rate=0.0)


def answers_of(simulation: Simulation) -> pd.DataFrame:
    """One row per answer of the team, read back from the exported bytes."""
    truth = simulation.truth
    rows = []
    for task in json.loads(simulation.export_bytes()):
        prediction = task["predictions"][0]
        for annotation in task["annotations"]:
            result = annotation["result"]
            rows.append(
                {
                    "item": task["id"],
                    "id": str(annotation["id"]),
                    "annotator": annotation["completed_by"]["email"],
                    "site": task["data"]["site"],
                    "guideline": task["data"]["guideline"],
                    "difficulty": task["data"]["difficulty"],
                    "label": result[0]["value"]["choices"][0] if result else None,
                    "origin": result[0]["origin"] if result else None,
                    "guess": prediction["result"][0]["value"]["choices"][0],
                    "parent": annotation["parent_prediction"],
                    "prediction": prediction["id"],
                    "started": annotation["draft_created_at"],
                    "submitted": annotation["created_at"],
                    "lead_time": annotation["lead_time"],
                    "skipped": annotation["was_cancelled"],
                    "gold": annotation["ground_truth"],
                    "accepted": annotation["reviews"][0]["accepted"] if annotation["reviews"] else None,
                    "last_action": annotation["last_action"],
                    "truth": truth["labels"][str(task["id"])],
                }
            )
    frame = pd.DataFrame(rows)
    frame["started"] = pd.to_datetime(frame["started"])
    frame["submitted"] = pd.to_datetime(frame["submitted"])
    frame["wrong"] = (frame["label"] != frame["truth"]) & ~frame["skipped"]
    frame = frame.sort_values(["annotator", "started"]).reset_index(drop=True)
    rest = frame["started"] - frame.groupby("annotator")["submitted"].shift()
    frame["rest"] = rest.dt.total_seconds()
    frame["session"] = (frame["rest"].isna() | (frame["rest"] > 1800)).cumsum()
    frame["hours"] = (frame["started"] - frame.groupby("session")["started"].transform("min")) / pd.Timedelta("1h")
    return frame


@pytest.fixture(scope="module")
def sample() -> Simulation:
    return play(SUPPORT_TICKETS)


@pytest.fixture(scope="module")
def everything(sample: Simulation) -> pd.DataFrame:
    return answers_of(sample)


@pytest.fixture(scope="module")
def team(everything: pd.DataFrame) -> pd.DataFrame:
    return everything[~everything["gold"]]


@pytest.fixture(scope="module")
def large() -> tuple[Simulation, pd.DataFrame]:
    simulation = play(LARGE)
    frame = answers_of(simulation)
    return simulation, frame[~frame["gold"]]


def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first, second = simulate(SMALL, tmp_path / "a"), simulate(SMALL, tmp_path / "b")
    other = simulate(replace(SMALL, seed=4), tmp_path / "c")
    assert first.export.read_bytes() == second.export.read_bytes()
    assert first.truth_file.read_bytes() == second.truth_file.read_bytes()
    assert first.export.read_bytes() != other.export.read_bytes()
    assert json.loads(first.truth_file.read_bytes())["wrong"] == first.truth["wrong"]
    assert first.truth["labels"] != other.truth["labels"]


def test_tasks_have_the_fields_of_label_studio():
    """Field names as in Label Studio's task format (export guide, and files written by 1.19)."""
    task = json.loads(play(SMALL).export_bytes())[0]
    assert {"id", "project", "data", "meta", "created_at", "updated_at", "drafts", "predictions", "annotations"} <= set(
        task
    )
    assert set(task["data"]) == {"text", "batch", "site", "guideline", "difficulty"}
    annotation = task["annotations"][-1]
    assert set(annotation["completed_by"]) == {"id", "email", "first_name", "last_name"}
    assert {
        "id",
        "task",
        "created_at",
        "updated_at",
        "draft_created_at",
        "lead_time",
        "was_cancelled",
        "ground_truth",
        "last_action",
        "parent_prediction",
        "parent_annotation",
        "result",
        "reviews",
    } <= set(annotation)
    assert {"id", "model_version", "score", "created_at", "task", "result"} == set(task["predictions"][0])
    assert {"id", "from_name", "to_name", "type", "origin", "value"} == set(annotation["result"][0])


def test_the_list_of_wrong_answers_and_every_count_agree_with_the_export(sample, everything, team):
    truth = sample.truth
    assert set(team["id"][team["wrong"]]) == set(truth["wrong"])
    assert everything["id"].is_unique
    submitted = team[~team["skipped"]]
    totals = truth["totals"]
    assert totals["answers"] == len(submitted)
    assert totals["skipped"] == team["skipped"].sum()
    assert totals["wrong"] == submitted["wrong"].sum()
    assert totals["reviewed"] == submitted["accepted"].notna().sum()
    assert totals["error_rate"] == pytest.approx(submitted["wrong"].mean(), abs=1e-6)
    for email, person in truth["annotators"].items():
        mine = submitted[submitted["annotator"] == email]
        assert (person["answers"], person["wrong"]) == (len(mine), mine["wrong"].sum())
        assert person["error_rate"] == pytest.approx(mine["wrong"].mean(), abs=1e-6)
        assert set(mine["site"]) == {person["site"]}


def test_gold_answers_are_true_and_come_first(sample, everything):
    gold = everything[everything["gold"]]
    assert (gold["label"] == gold["truth"]).all()
    assert len(gold) == sample.truth["totals"]["gold_items"] == round(SUPPORT_TICKETS.gold_share * 2000)
    first = everything.groupby("item")["submitted"].min()
    assert (first[gold["item"]].to_numpy() == gold["submitted"].to_numpy()).all()


def test_every_item_is_answered_by_different_people_of_its_site(team):
    per_item = team.groupby("item")["annotator"].nunique()
    assert (per_item == SUPPORT_TICKETS.annotators_per_item).all()
    repeats = len(team) - len(team.drop_duplicates(["item", "annotator"]))
    assert 0.005 * len(team) < repeats < 0.03 * len(team)


def test_skipped_work_is_cancelled_and_empty(team):
    skipped = team[team["skipped"]]
    assert skipped["label"].isna().all()
    assert set(skipped["last_action"]) == {"skipped"}
    assert team["label"][~team["skipped"]].notna().all()


def test_times_fit_lead_times_and_nobody_does_two_things_at_once(team):
    spent = (team["submitted"] - team["started"]).dt.total_seconds()
    assert np.allclose(spent, team["lead_time"], atol=1e-6)
    rest = team["rest"].dropna()
    assert rest.min() > 0
    # A gap is a pause between two tickets or a break; nothing in between makes sessions ambiguous.
    assert ((rest <= 12) | (rest >= 45 * 60)).all()


def test_sessions_last_at_most_four_hours_in_the_sites_own_working_day(team):
    sessions = team.groupby("session").agg(began=("started", "min"), ended=("submitted", "max"), site=("site", "first"))
    assert ((sessions["ended"] - sessions["began"]) <= pd.Timedelta("4h")).all()
    for site in SUPPORT_TICKETS.sites:
        here = team[team["site"] == site.name]
        local = here["submitted"].dt.tz_convert(ZoneInfo(site.timezone))
        assert (local.dt.day_of_week < 5).all()
        opening = here["started"].dt.tz_convert(ZoneInfo(site.timezone)).groupby([here["annotator"], local.dt.date])
        hours = opening.min().dt.hour + opening.min().dt.minute / 60
        # Lisbon's clocks go forward on 29 March 2026, in the middle of the project.
        assert hours.between(8.5, 9.5).all()
        assert local.dt.hour.max() < 20


def test_the_order_of_work_is_random_so_that_difficulty_does_not_follow_time(large):
    _, team = large
    hard = (team["difficulty"] == "hard").astype(float)
    hours = team["hours"] - team.groupby("session")["hours"].transform("mean")
    slope = (hours * hard).sum() / (hours**2).sum()
    error = hard.std() / np.sqrt((hours**2).sum())
    assert abs(slope) < 4 * error


@pytest.mark.parametrize("character", ["tiring", "ordinary"])
def test_errors_rise_within_sessions_as_planted(character):
    """Slope of wrong on hours with a mean for each session, against the plan's slope; the errors' own spread gives 4
    standard errors. Adopted answers do not tire, hence the expected slope of the truth.
    """
    plan = replace(LARGE, n_annotators=12, n_items=3000, cast=(character,) * 12, misread=0.0, learning=0.0)
    simulation = play(plan)
    team = answers_of(simulation).query("not gold and not skipped")
    hours = team["hours"] - team.groupby("session")["hours"].transform("mean")
    wrong = team["wrong"].astype(float)
    slope = (hours * wrong).sum() / (hours**2).sum()
    error = np.sqrt((hours**2 * (wrong - wrong.mean()) ** 2).sum()) / (hours**2).sum()
    people = simulation.truth["annotators"].values()
    expected = sum(p["fatigue_per_hour_expected"] * p["answers"] for p in people) / len(team)
    assert abs(slope - expected) < 4 * error
    assert (slope > 4 * error) == (character == "tiring")


def test_error_rates_drift_and_misreadings_are_what_the_plan_says():
    """Without learning, fatigue, pre-labels and misreading an error rate is the planted one, to 4 standard errors."""
    plan = replace(LARGE, cast=("sloppy", "drifting"), fatigue_per_hour=0.0, learning=0.0, shown_share=0.0, misread=0.0)
    # The difficulty factors average 1, so that they leave rates as they are.
    shares, factors = np.array(plan.difficulty_shares), np.array(plan.difficulty_factors)
    assert shares @ factors == pytest.approx(1.0)
    simulation = play(plan)
    for person in crew(plan):
        told = simulation.truth["annotators"][person.email]
        early, late = told["error_rate_before_drift_day"], told["error_rate_from_drift_day"]
        half = told["answers"] / 2
        for seen, planted in ((early, person.error_rate), (late, person.drift_rate)):
            assert abs(seen - planted) < 4 * np.sqrt(planted * (1 - planted) / (0.8 * half))

    misled = play(replace(plan, misread=0.5, error_rates=(0.0, 0.0), cast=()))
    team = answers_of(misled).query("not gold and not skipped")
    concerned = (team["site"] == "lisbon") & (team["guideline"] == "v2") & team["truth"].isin(plan.confusable)
    assert not team["wrong"][~concerned].any()
    assert team["wrong"][concerned].mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / concerned.sum()))


def test_wrong_answers_confuse_the_pair(large):
    _, team = large
    first, second = LARGE.confusable
    mistaken = team[team["wrong"] & (team["truth"] == first)]
    assert (mistaken["label"] == second).mean() > LARGE.confusion


def test_reviewers_miss_and_reject_as_planted(large):
    simulation, team = large
    reviewed = team[team["accepted"].notna()]
    rejected = ~reviewed["accepted"].astype(bool)
    caught = rejected[reviewed["wrong"]].mean()
    spared = 1 - rejected[~reviewed["wrong"]].mean()
    n, m = reviewed["wrong"].sum(), (~reviewed["wrong"]).sum()
    assert caught == pytest.approx(LARGE.sensitivity, abs=4 * np.sqrt(0.08 * 0.92 / n))
    assert spared == pytest.approx(LARGE.specificity, abs=4 * np.sqrt(0.005 * 0.995 / m))
    told = simulation.truth["reviewers"].values()
    assert sum(r["caught"] + r["false_alarms"] for r in told) == rejected.sum()
    assert set(reviewed["last_action"]) == {"accepted", "rejected"}
    assert (reviewed["last_action"] == "rejected").equals(rejected)


def test_pre_labels_leave_their_trace_and_the_hasty_take_them_as_they_are(large):
    simulation, team = large
    team = team[~team["skipped"]]
    shown = team["parent"].notna()
    assert (team["parent"][shown] == team["prediction"][shown]).all()
    assert (team["origin"][~shown] == "manual").all()
    kept = team["label"] == team["guess"]
    assert (team["origin"][shown & kept] == "prediction").all()
    assert (team["origin"][shown & ~kept] == "prediction-changed").all()
    model = simulation.truth["model"]
    assert (model["shown_answers"], model["unchanged"]) == (shown.sum(), (shown & kept).sum())

    misled = shown & (team["guess"] != team["truth"])
    adopted = kept[misled].groupby(team["annotator"][misled]).mean()
    hasty = [person.email for person in crew(LARGE) if person.character == "hasty"]
    assert adopted.drop(hasty).max() < adopted[hasty].min()


def test_the_model_is_right_a_little_less_often_than_its_scores_promise(large):
    simulation, _ = large
    predictions = [task["predictions"][0] for task in simulation.tasks]
    scores = np.array([prediction["score"] for prediction in predictions])
    guesses = [prediction["result"][0]["value"]["choices"][0] for prediction in predictions]
    right = np.array(guesses) == np.array(list(simulation.truth["labels"].values()))
    error = np.sqrt((scores * (1 - scores)).sum()) / len(scores)
    assert abs((scores - right).mean() - LARGE.overconfidence) < 4 * error
    assert simulation.truth["model"]["accuracy"] == pytest.approx(right.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"n_annotators": 5}, "plan at least 6"),
        ({"n_items": 0}, "at least one item"),
        ({"seed": -1}, "seed"),
        ({"cast": ("asleep",)}, "asleep"),
        ({"labels": ("a",)}, "two labels"),
        ({"difficulty": ("easy",)}, "difficulty"),
        ({"confusable": ("delivery", "weather")}, "confusable"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(changes, hint):
    with pytest.raises(InputError, match=hint):
        replace(SUPPORT_TICKETS, **changes)


def test_more_work_than_the_days_hold_is_refused():
    with pytest.raises(InputError, match="more than 12 hours of work"):
        play(replace(SMALL, n_items=3000))


@pytest.mark.parametrize("character", CHARACTERS)
def test_smallest_plans_play(character):
    plan = Plan(n_items=1, annotators_per_item=1, n_annotators=1, sites=(Site("here", "UTC"),), cast=(character,))
    simulation = play(replace(plan, labels=("x", "y"), label_shares=(1.0, 1.0), confusable=("x", "y")))
    assert simulation.truth["totals"]["answers"] + simulation.truth["totals"]["skipped"] == 1


def test_working_days_leave_out_weekends():
    """16 March 2026 is a Monday; 14 March 2026 a Saturday, from which the first working day is that Monday."""
    assert [working_day(SUPPORT_TICKETS, day) for day in (0, 4, 5, 14)] == [
        date(2026, 3, 16),
        date(2026, 3, 20),
        date(2026, 3, 23),
        date(2026, 4, 3),
    ]
    assert working_day(replace(SUPPORT_TICKETS, start=date(2026, 3, 14)), 0) == date(2026, 3, 16)
    assert working_day(replace(SUPPORT_TICKETS, start=date(2026, 3, 18)), 3) == date(2026, 3, 23)
