"""A simulated project as Label Studio's JSON export: a list of tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.simulate.plan import Annotator, Plan, stream
from qc.simulate.work import FIRST_ITEM, local_ms

Json = dict[str, Any]

PROJECT = 12
QUESTION = "topic"
LEAD = "lead@example.org"
FIRST_USER = 21
FIRST_ANNOTATION = 700_001
FIRST_PREDICTION = 90_001
FIRST_REVIEW = 5_001
GOLD_SECONDS = (20.0, 90.0)


def reviewer(site: str) -> str:
    """The reviewer of a site."""
    return f"review.{site}@example.org"


def batch(day: int) -> str:
    """The batch released on a working day."""
    return f"b{day + 1:02d}"


def annotation_ids(plan: Plan, rows: pd.DataFrame) -> NDArray[np.int64]:
    """The tool's ids: after those of the gold answers, in the order of submission."""
    rank: NDArray[np.int64] = rows["submitted_ms"].rank(method="first").to_numpy().astype(np.int64)
    return FIRST_ANNOTATION + plan.n_items + rank - 1


def tasks(
    plan: Plan, people: tuple[Annotator, ...], items: pd.DataFrame, rows: pd.DataFrame, reviews: pd.DataFrame
) -> list[Json]:
    """The export: one task per item with its prediction, its answers in order of submission, gold first."""
    sites = [site.name for site in plan.sites]
    users = _users([person.email for person in people] + [reviewer(site) for site in sites] + [LEAD])
    released = {(site, day): local_ms(plan, site, day, 7.0) for site in range(len(sites)) for day in range(plan.days)}
    created = np.array([released[key] for key in zip(items["site"], items["day"], strict=True)], dtype=np.int64)
    items = items.assign(created=_times(created), predicted=_times(created + 5_000))
    answers: list[list[Json]] = [[] for _ in range(plan.n_items)]
    for row, gold in _gold(plan, items, created, users):
        answers[row].append(gold)
    for row, submitted in _submitted(plan, people, items, rows, _decisions(plan, rows, reviews, users), users):
        answers[row].append(submitted)
    return [_task(plan, item, answers[row]) for row, item in enumerate(items.to_dict("records"))]


def _users(emails: list[str]) -> dict[str, Json]:
    return {
        email: {"id": FIRST_USER + i, "email": email, "first_name": "", "last_name": ""}
        for i, email in enumerate(emails)
    }


def _times(ms: Any) -> list[str]:
    stamps = np.asarray(ms, dtype=np.int64).astype("datetime64[ms]")
    return [f"{stamp}000Z" for stamp in np.datetime_as_string(stamps, unit="ms").tolist()]


def _choice(region: str, label: str, **more: Any) -> Json:
    return {
        "id": region,
        "from_name": QUESTION,
        "to_name": "text",
        "type": "choices",
        **more,
        "value": {"choices": [label]},
    }


def _task(plan: Plan, item: Json, annotations: list[Json]) -> Json:
    cancelled = sum(annotation["was_cancelled"] for annotation in annotations)
    guess = _choice(f"p{item['item']}", plan.labels[item["guess"]], score=item["score"])
    return {
        "id": item["item"],
        "inner_id": item["item"] - FIRST_ITEM + 1,
        "project": PROJECT,
        "file_upload": f"{batch(item['day'])}.json",
        "data": {
            "text": item["text"],
            "batch": batch(item["day"]),
            "site": plan.sites[item["site"]].name,
            "guideline": plan.guidelines[item["guideline"]],
            "difficulty": plan.difficulty[item["difficulty"]],
        },
        "meta": {},
        "created_at": item["created"],
        "updated_at": max(annotation["updated_at"] for annotation in annotations),
        "total_annotations": len(annotations) - cancelled,
        "cancelled_annotations": cancelled,
        "total_predictions": 1,
        "drafts": [],
        "predictions": [
            {
                "id": _prediction(item["item"]),
                "model_version": plan.model,
                "score": item["score"],
                "created_at": item["predicted"],
                "task": item["item"],
                "result": [guess],
            }
        ],
        "annotations": annotations,
    }


def _prediction(item: int) -> int:
    return FIRST_PREDICTION + item - FIRST_ITEM


def _annotation(number: int, item: int, user: Json, started: str, submitted: str, seconds: float) -> Json:
    """What every annotation has, in the state of one that was just submitted from scratch."""
    return {
        "id": number,
        "task": item,
        "project": PROJECT,
        "completed_by": user,
        "created_at": submitted,
        "updated_at": submitted,
        "draft_created_at": started,
        "lead_time": seconds,
        "was_cancelled": False,
        "ground_truth": False,
        "last_action": "submitted",
        "parent_prediction": None,
        "parent_annotation": None,
        "result": [],
        "reviews": [],
    }


def _gold(
    plan: Plan, items: pd.DataFrame, created: NDArray[np.int64], users: dict[str, Json]
) -> list[tuple[int, Json]]:
    """The lead's answers, given before anybody else's."""
    draw = stream(plan, "gold")
    shortest, longest = GOLD_SECONDS
    spent = np.rint(1000 * (shortest + (longest - shortest) * draw.random(len(items)))).astype(np.int64)
    gold_items = items.assign(spent=spent, created_ms=created)[items["gold"]]
    submitted = gold_items["created_ms"] + gold_items.groupby("created_ms")["spent"].cumsum()
    gold_items = gold_items.assign(started=_times(submitted - gold_items["spent"]), submitted=_times(submitted))
    answers = []
    for row, gold in gold_items.iterrows():
        number = FIRST_ANNOTATION + row
        answer = _annotation(
            number, gold["item"], users[LEAD], gold["started"], gold["submitted"], gold["spent"] / 1000
        )
        result = [_choice(f"a{number}", plan.labels[gold["code"]], origin="manual")]
        answers.append((row, answer | {"ground_truth": True, "result": result}))
    return answers


def _decisions(plan: Plan, rows: pd.DataFrame, reviews: pd.DataFrame, users: dict[str, Json]) -> dict[int, Json]:
    """Reviews by annotation id."""
    of = pd.Series(annotation_ids(plan, rows), rows.index)[reviews.index]
    columns = zip(of, reviews["site"], reviews["accepted"], _times(reviews["reviewed_ms"]), strict=True)
    return {
        number: {
            "id": FIRST_REVIEW + i,
            "annotation": number,
            "created_at": at,
            "accepted": bool(accepted),
            "created_by": users[reviewer(plan.sites[site].name)],
            "result": None,
        }
        for i, (number, site, accepted, at) in enumerate(columns)
    }


def _submitted(
    plan: Plan,
    people: tuple[Annotator, ...],
    items: pd.DataFrame,
    rows: pd.DataFrame,
    decisions: dict[int, Json],
    users: dict[str, Json],
) -> list[tuple[int, Json]]:
    """The team's answers in order of submission, each with the row of its item."""
    of = items.loc[rows["row"], ["item", "shown", "guess", "score"]].reset_index(drop=True)
    frame = pd.concat([rows.reset_index(drop=True), of], axis=1).assign(
        number=annotation_ids(plan, rows),
        lead_time=(rows["submitted_ms"] - rows["started_ms"]).to_numpy() / 1000,
        started=_times(rows["started_ms"]),
        submitted=_times(rows["submitted_ms"]),
    )
    answers = []
    for entry in frame.sort_values("number").to_dict("records"):
        number, label = entry["number"], plan.labels[entry["given"]]
        answer = _annotation(
            number,
            entry["item"],
            users[people[entry["annotator"]].email],
            entry["started"],
            entry["submitted"],
            entry["lead_time"],
        )
        origin, region = "manual", f"a{number}"
        if entry["shown"]:
            prediction = _prediction(entry["item"])
            unchanged = entry["given"] == entry["guess"]
            origin, region = "prediction" if unchanged else "prediction-changed", f"p{entry['item']}"
            answer["parent_prediction"] = prediction
        if entry["skipped"]:
            answer |= {"was_cancelled": True, "last_action": "skipped"}
        else:
            answer["result"] = [_choice(region, label, origin=origin)]
        if decision := decisions.get(number):
            answer |= {
                "updated_at": decision["created_at"],
                "last_action": "accepted" if decision["accepted"] else "rejected",
                "reviews": [decision],
            }
        answers.append((entry["row"], answer))
    return answers
