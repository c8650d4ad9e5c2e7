"""Which parts of the work so few people are behind that their figures would tell about each of them."""

from __future__ import annotations

import pandas as pd

from qc.workspace.assess.lens import Lens
from qc.workspace.sight import FEWEST, Subjects

_OF_WORK = ("site", "batch", "guideline", "question")


def subjects_of_few(lens: Lens) -> Subjects:
    """The parts of the work, as (kind, key), that fewer than FEWEST people have a part in.

    Kinds are those of `qc.workspace.sight.PARTS`, and hours of the clock.
    """
    work = lens.frame("workload")
    days, hours, shifts, tags = (lens.frame("present", (key,)) for key in ("day", "hour", "shift", "tag"))
    day, week = (pd.to_datetime(days["day"] - before, unit="D") for before in (0, (days["day"] + 3) % 7))
    told = {
        **{part: (work, work[part]) for part in _OF_WORK},
        "tag": (tags, tags["tag"]),
        "day": (days, day.dt.strftime("%Y-%m-%d")),
        "week": (days, week.dt.strftime("%Y-%m-%d")),
        "month": (days, day.dt.strftime("%Y-%m")),
        "shift": (shifts, shifts["shift"].map(lens.policy.fatigue.shift_names)),
        "hour": (hours, hours["hour"].map("{:02.0f}:00".format, na_action="ignore")),
    }
    people = {kind: frame.groupby(keys)["annotator"].nunique() for kind, (frame, keys) in told.items()}
    return frozenset((kind, str(key)) for kind, counts in people.items() for key in counts[counts < FEWEST].index)


def days_seen(lens: Lens, days: pd.DataFrame) -> pd.DataFrame:
    """Answers by day and site, without the days and sites of few where the actor may not see single people."""
    return days if lens.ws.actor.may("individuals", lens.project) else days_of_teams(lens, days)


def days_of_teams(lens: Lens, days: pd.DataFrame) -> pd.DataFrame:
    """Answers by day and site, without the days and sites of few."""
    few = subjects_of_few(lens)
    pairs = zip(days["day"], days["site"], strict=True)
    shown = [("day", day) not in few and ("site", site) not in few for day, site in pairs]
    return days[pd.Series(shown, index=days.index, dtype=bool)].reset_index(drop=True)
