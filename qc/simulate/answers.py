"""What is answered, and what reviewers say about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qc.simulate.plan import Annotator, Plan, stream
from qc.simulate.work import local_ms, other_label, partner

REVIEW_SECONDS = (15.0, 60.0)
HIGHEST_RISK = 0.9


def answer(plan: Plan, people: tuple[Annotator, ...], items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The timed rows with risk (chance of an own wrong answer), given (code) and wrong, skipped rows included.

    risk = error rate (drifted, times learning, times difficulty) + fatigue per hour x hours. An adopted answer is the
    model's guess whatever the risk. A misread guideline turns an otherwise right answer into the pair's other label.
    """
    draw = stream(plan, "answers")
    n = len(rows)
    who, day = rows["annotator"].to_numpy(), rows["day"].to_numpy()
    item = items.iloc[rows["row"].to_numpy()].reset_index(drop=True)
    truth = item["code"].to_numpy()

    settled = np.array([person.error_rate for person in people])[who]
    drifted = np.array([person.drift_rate for person in people])[who]
    base = np.where(day >= plan.drift_day, drifted, settled)
    learning = 1 + plan.learning * np.exp(-day / plan.learning_days)
    slope = np.array([person.fatigue_per_hour for person in people])[who]
    risk = np.minimum(base * learning * item["factor"].to_numpy() + slope * rows["hours"].to_numpy(), HIGHEST_RISK)

    own = np.where(draw.random(n) < risk, other_label(plan, truth, draw.random(n), draw.random(n)), truth)
    at_site = np.array([person.site == plan.misread_site for person in people])[who]
    misread = at_site & (item["guideline"].to_numpy() == 1) & (draw.random(n) < plan.misread)
    own = np.where(misread & (own == truth), partner(plan, truth), own)

    given = np.where(rows["adopted"], item["guess"].to_numpy(), own)
    return rows.assign(risk=risk, given=given, wrong=(given != truth) & ~rows["skipped"])


def review(plan: Plan, people: tuple[Annotator, ...], rows: pd.DataFrame) -> pd.DataFrame:
    """The reviewed rows: index of the answer, site, reviewed_ms, accepted; done on the morning of the next working day.

    A wrong answer is rejected with chance `sensitivity`, a right one accepted with chance `specificity`.
    """
    draw = stream(plan, "reviews")
    n = len(rows)
    share = np.array([person.review_share for person in people])[rows["annotator"]]
    taken = (draw.random(n) < share) & ~rows["skipped"].to_numpy()
    caught = draw.random(n) < np.where(rows["wrong"], plan.sensitivity, 1 - plan.specificity)
    shortest, longest = REVIEW_SECONDS
    spent_ms = np.rint(1000 * (shortest + (longest - shortest) * draw.random(n))).astype(np.int64)

    sites = [site.name for site in plan.sites]
    site = np.array([sites.index(person.site) for person in people])[rows["annotator"]]
    reviews = rows.assign(site=site, accepted=~caught, spent_ms=spent_ms)[taken].sort_values(
        "submitted_ms", kind="stable"
    )
    opens = {(s, d): local_ms(plan, s, d + 1, 9.0) for s, d in set(zip(reviews["site"], reviews["day"], strict=True))}
    begins = np.array([opens[key] for key in zip(reviews["site"], reviews["day"], strict=True)], dtype=np.int64)
    reviews["reviewed_ms"] = begins + reviews.groupby(["site", "day"])["spent_ms"].cumsum()
    return reviews[["site", "reviewed_ms", "accepted"]]
