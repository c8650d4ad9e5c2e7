"""Who answers what, and when: items, their deal to the team, and sessions on each site's clocks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import InputError
from qc.simulate.plan import Annotator, Plan, order, pick, stream
from qc.simulate.tickets import tickets

FIRST_ITEM = 10_001
HOUR_MS = 3_600_000
LONGEST_DAY_HOURS = 12.0
# Never as long as the gap that ends a session (30 minutes by default), or clearly longer.
BREAK_MINUTES = (45.0, 90.0)
PAUSE_SECONDS = (2.0, 12.0)
# The spread of the log of the seconds on an item, and how much longer other items than easy ones take.
SPREAD = 0.45
EFFORT = 0.2
LEARNED_SECONDS = 0.3


def normals(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal numbers from two uniform ones (Box and Muller 1958)."""
    standard: NDArray[np.float64] = np.sqrt(-2 * np.log1p(-u)) * np.cos(2 * np.pi * v)
    return standard


def partner(plan: Plan, code: NDArray[np.intp]) -> NDArray[np.intp]:
    """The other label of the confusable pair; a label outside the pair is its own partner."""
    first, second = (plan.labels.index(name) for name in plan.confusable)
    return np.where(code == first, second, np.where(code == second, first, code))


def other_label(plan: Plan, code: NDArray[np.intp], u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.intp]:
    """A wrong label: for the confusable pair its partner with chance `plan.confusion`, else any other alike."""
    twin = partner(plan, code)
    anything = (code + 1 + (v * (len(plan.labels) - 1)).astype(np.intp)) % len(plan.labels)
    return np.where((twin != code) & (u < plan.confusion), twin, anything)


def make_items(plan: Plan) -> pd.DataFrame:
    """One row per item: item, day of release, site, guideline, difficulty and its factor, code (the truth), gold, text,
    and the model's guess, score and whether it is shown.
    """
    n = plan.n_items
    draw = stream(plan, "items")
    difficulty = pick(draw, np.array(plan.difficulty_shares), n)
    code = pick(draw, np.array(plan.label_shares), n)
    day = np.arange(n) * plan.days // n
    items = pd.DataFrame(
        {
            "item": FIRST_ITEM + np.arange(n),
            "day": day,
            "site": np.arange(n) % len(plan.sites),
            "guideline": (day >= plan.guideline_day).astype(int),
            "difficulty": difficulty,
            "factor": np.array(plan.difficulty_factors)[difficulty],
            "code": code,
            "gold": order(draw, n) < round(plan.gold_share * n),
            "shown": draw.random(n) < plan.shown_share,
        }
    )
    # Scores crowd near 1; the model is right a little less often than they promise.
    items["score"] = np.round(1 - 0.65 * draw.random(n) ** 3, 4)
    right = draw.random(n) < items["score"] - plan.overconfidence
    items["guess"] = np.where(right, code, other_label(plan, code, draw.random(n), draw.random(n)))
    aside = other_label(plan, code, draw.random(n), draw.random(n))
    hard = difficulty == len(plan.difficulty) - 1
    items["text"] = tickets(
        [plan.labels[i] for i in code],
        [plan.labels[i] if is_hard else None for i, is_hard in zip(aside, hard, strict=True)],
        stream(plan, "texts"),
    )
    return items


def working_day(plan: Plan, day: int) -> date:
    """The date of a working day, counted from the start, Saturdays and Sundays left out."""
    first = plan.start + timedelta(days=(7 - plan.start.weekday()) % 7 if plan.start.weekday() > 4 else 0)
    weeks, rest = divmod(first.weekday() + day, 5)
    return first + timedelta(days=7 * weeks + rest - first.weekday())


def local_ms(plan: Plan, site: int, day: int, hour: float) -> int:
    """Epoch milliseconds of an hour on a site's clocks."""
    zone = ZoneInfo(plan.sites[site].timezone)
    midnight = datetime.combine(working_day(plan, day), time(), zone)
    return int((midnight + timedelta(minutes=round(hour * 60))).timestamp() * 1000)


def deal(plan: Plan, people: tuple[Annotator, ...], items: pd.DataFrame) -> pd.DataFrame:
    """One row per answer to give: item (row of `items`), annotator (index of `people`), day, repeat.

    Of those at work at the item's site on its day, `annotators_per_item` are drawn for each item. A repeat is an item
    that its annotator gets again on a later day.
    """
    draw = stream(plan, "deal")
    sites = [site.name for site in plan.sites]
    site = np.array([sites.index(person.site) for person in people])
    luck = draw.random((plan.days, len(people))) / np.array([person.attendance for person in people])
    present = luck < 1
    for s in range(len(sites)):
        here = np.flatnonzero(site == s)
        keenest = np.argsort(luck[:, here], axis=1, kind="stable")[:, : plan.annotators_per_item]
        np.put_along_axis(present, here[keenest], True, axis=1)

    able = present[items["day"]] & (site == items["site"].to_numpy()[:, None])
    lot = np.where(able, draw.random(able.shape), np.inf)
    chosen = np.argsort(lot, axis=1, kind="stable")[:, : plan.annotators_per_item]
    rows = pd.DataFrame(
        {
            "row": np.repeat(np.arange(plan.n_items), plan.annotators_per_item),
            "annotator": chosen.ravel(),
            "day": np.repeat(items["day"].to_numpy(), plan.annotators_per_item),
            "repeat": False,
        }
    )
    later = rows["day"].to_numpy() + 3 + (draw.random(len(rows)) * plan.days).astype(int)
    again = (draw.random(len(rows)) < plan.repeat_rate) & (later < plan.days)
    again &= present[np.minimum(later, plan.days - 1), rows["annotator"]]
    repeats = rows[again].assign(day=later[again], repeat=True)
    return pd.concat([rows, repeats], ignore_index=True)


def clock(plan: Plan, people: tuple[Annotator, ...], items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The dealt rows with adopted, skipped, session (number within the day), hours (since the session began),
    started_ms, submitted_ms; each annotator's day is in an order of its own.

    InputError where the work does not fit into the days.
    """
    draw = stream(plan, "clock")
    n = len(rows)
    trust = np.array([person.trust for person in people])[rows["annotator"]]
    pace = np.array([person.pace for person in people])[rows["annotator"]]
    item = items.iloc[rows["row"].to_numpy()].reset_index(drop=True)
    adopted = item["shown"].to_numpy() & (draw.random(n) < trust)
    seconds = plan.seconds * pace * np.exp(SPREAD * normals(draw.random(n), draw.random(n)) - SPREAD**2 / 2)
    seconds *= 1 + EFFORT * item["difficulty"].to_numpy()
    seconds *= 1 + LEARNED_SECONDS * np.exp(-rows["day"].to_numpy() / plan.learning_days)
    rows = rows.assign(
        adopted=adopted,
        skipped=draw.random(n) < plan.skip_rate,
        seconds=np.where(adopted, 0.6, 1.0) * seconds,
        pause=PAUSE_SECONDS[0] + np.diff(PAUSE_SECONDS)[0] * draw.random(n),
        lot=draw.random(n),
    )
    days = [
        _one_day(plan, people[annotator], day, rows_of_day, draw)
        for (annotator, day), rows_of_day in rows.groupby(["annotator", "day"], sort=True)
    ]
    return pd.concat(days).drop(columns=["lot", "seconds", "pause"]).sort_index()


def _one_day(plan: Plan, person: Annotator, day: int, rows: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """An annotator's day, cut into equal sessions no longer than a length drawn from `session_hours`."""
    rows = rows.sort_values("lot")
    spent = (rows["seconds"] + rows["pause"]).to_numpy() / 3600
    total = spent.sum()
    shortest, longest = person.session_hours
    sessions = int(np.ceil(total / (shortest + (longest - shortest) * draw.random())))
    elapsed = np.cumsum(spent) - spent
    session = np.minimum(elapsed // (total / sessions), sessions - 1).astype(int)
    first = np.searchsorted(session, session)

    # A tired annotator slows down; what that does to the later hours themselves is of second order and left out.
    slowed = 1 + person.slowing_per_hour * (elapsed - elapsed[first])
    rounded = np.round(rows["seconds"].to_numpy() * slowed, 3)
    work_ms = np.rint(rounded * 1000).astype(np.int64)
    pause_ms = np.rint(rows["pause"].to_numpy() * 1000).astype(np.int64)
    end = np.cumsum(work_ms + pause_ms)
    start = end - work_ms
    hours = (start - start[first]) / HOUR_MS

    breaks = BREAK_MINUTES[0] + np.diff(BREAK_MINUTES)[0] * draw.random(sessions)
    breaks_ms = np.concatenate([[0], np.cumsum(breaks[1:] * 60_000)]).astype(np.int64)
    site = next(i for i, site in enumerate(plan.sites) if site.name == person.site)
    opening = local_ms(plan, site, day, 8.5 + draw.random()) + breaks_ms[session]
    if end[-1] + breaks_ms[-1] > LONGEST_DAY_HOURS * HOUR_MS:
        raise InputError(
            f"The plan gives {person.email} more than {LONGEST_DAY_HOURS:.0f} hours of work on one day; "
            "plan more annotators, more days or fewer items."
        )
    return rows.assign(session=session, hours=hours, started_ms=opening + start, submitted_ms=opening + end)
