"""What was planted, and what became of it: the answers to compare an assessment with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from qc.simulate.label_studio import annotation_ids, reviewer
from qc.simulate.plan import Annotator, Plan
from qc.simulate.work import working_day

SCHEMA = "annotation-qc/simulated-truth/1"


def truth(
    plan: Plan, people: tuple[Annotator, ...], items: pd.DataFrame, rows: pd.DataFrame, reviews: pd.DataFrame
) -> dict[str, Any]:
    """Labels by item, everyone's planted and realised errors, the model, the reviewers, and the wrong answers' ids."""
    numbers = pd.Series(annotation_ids(plan, rows), rows.index)
    submitted = rows[~rows["skipped"]]
    return {
        "schema": SCHEMA,
        "plan": asdict(plan),
        "totals": {
            "items": plan.n_items,
            "gold_items": int(items["gold"].sum()),
            "answers": len(submitted),
            "skipped": int(rows["skipped"].sum()),
            "repeats": int(submitted["repeat"].sum()),
            "reviewed": len(reviews),
            "wrong": int(submitted["wrong"].sum()),
            "error_rate": _rate(submitted["wrong"]),
        },
        "annotators": {
            person.email: _annotator(plan, person, submitted[submitted["annotator"] == i])
            for i, person in enumerate(people)
        },
        "guideline": {
            "name": plan.guidelines[1],
            "day": plan.guideline_day,
            "date": working_day(plan, plan.guideline_day).isoformat(),
            "misread_at": plan.misread_site,
            "misread": plan.misread,
            "labels": list(plan.confusable),
        },
        "model": _model(plan, items, submitted),
        "reviewers": {
            reviewer(site.name): _reviewer(plan, reviews[reviews["site"] == i], rows)
            for i, site in enumerate(plan.sites)
        },
        "labels": {str(item): plan.labels[code] for item, code in zip(items["item"], items["code"], strict=True)},
        "wrong": [str(number) for number in sorted(numbers[rows["wrong"]])],
    }


def _rate(flags: pd.Series) -> float | None:
    return round(float(flags.mean()), 6) if len(flags) else None


def _annotator(plan: Plan, person: Annotator, rows: pd.DataFrame) -> dict[str, Any]:
    drifts = person.drift_rate != person.error_rate
    hours = rows.groupby(["day", "session"])["hours"].max()
    return {
        "site": person.site,
        "character": person.character,
        "error_rate_at_start": round(person.error_rate * (1 + plan.learning), 6),
        "error_rate_settled": round(person.error_rate, 6),
        "fatigue_per_hour": person.fatigue_per_hour,
        # Answers adopted from the model do not tire, so that this is what a regression over all answers should find.
        "fatigue_per_hour_expected": round(person.fatigue_per_hour * float(1 - rows["adopted"].mean()), 6),
        "slowing_per_hour": person.slowing_per_hour,
        "trust_in_model": person.trust,
        "review_share": person.review_share,
        "drift": {
            "day": plan.drift_day,
            "date": working_day(plan, plan.drift_day).isoformat(),
            "from": round(person.error_rate, 6),
            "to": person.drift_rate,
        }
        if drifts
        else None,
        "answers": len(rows),
        "wrong": int(rows["wrong"].sum()),
        "error_rate": _rate(rows["wrong"]),
        "error_rate_before_drift_day": _rate(rows["wrong"][rows["day"] < plan.drift_day]),
        "error_rate_from_drift_day": _rate(rows["wrong"][rows["day"] >= plan.drift_day]),
        "sessions": len(hours),
        "longest_session_hours": round(float(hours.max()), 3),
    }


def _model(plan: Plan, items: pd.DataFrame, submitted: pd.DataFrame) -> dict[str, Any]:
    of = items.iloc[submitted["row"].to_numpy()].reset_index(drop=True)
    shown = of["shown"].to_numpy()
    unchanged = shown & (submitted["given"].to_numpy() == of["guess"].to_numpy())
    mistaken = shown & (of["guess"] != of["code"]).to_numpy()
    return {
        "name": plan.model,
        "accuracy": _rate(items["guess"] == items["code"]),
        "mean_score": round(float(items["score"].mean()), 6),
        "overconfidence": plan.overconfidence,
        "shown_items": int(items["shown"].sum()),
        "shown_answers": int(shown.sum()),
        "unchanged": int(unchanged.sum()),
        "overridden": int((shown & ~unchanged).sum()),
        "mistakes_shown": int(mistaken.sum()),
        "mistakes_adopted": int((mistaken & unchanged).sum()),
    }


def _reviewer(plan: Plan, reviews: pd.DataFrame, rows: pd.DataFrame) -> dict[str, Any]:
    wrong = rows.loc[reviews.index, "wrong"].to_numpy()
    accepted = reviews["accepted"].to_numpy()
    return {
        "sensitivity": plan.sensitivity,
        "specificity": plan.specificity,
        "reviewed": len(reviews),
        "caught": int(np.sum(wrong & ~accepted)),
        "missed": int(np.sum(wrong & accepted)),
        "false_alarms": int(np.sum(~wrong & ~accepted)),
    }
