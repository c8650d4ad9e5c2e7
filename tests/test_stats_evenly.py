"""Drawn answers brought to one share: what is kept, that it stands for the work, and what a drift chart makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qc.stats.drift import drift
from qc.stats.evenly import evenly


def judged(draw: str, stratum: str, size: int, n: int, site: str = "north") -> pd.DataFrame:
    """n judged answers of a stratum of that size."""
    ids = [f"{draw}-{stratum}-{place}" for place in range(n)]
    known = {"question": "q", "draw_id": draw, "stratum": stratum, "stratum_size": size, "site": site}
    return pd.DataFrame({"annotation_id": ids, **known})


def test_the_stratum_of_the_middle_answer_sets_the_share() -> None:
    """Of 3 people with 1,000 answers each 50, 50 and 1,000 were judged: of the last a twentieth is kept, ± 3 errors."""
    rows = pd.concat([judged("d", who, 1000, n) for who, n in (("a", 50), ("b", 50), ("c", 1000))], ignore_index=True)
    kept = rows[evenly(rows)].groupby("stratum").size()
    assert (kept["a"], kept["b"]) == (50, 50)
    assert kept["c"] == pytest.approx(50, abs=3 * np.sqrt(1000 * 0.05 * 0.95))
    shuffled = rows.sample(frac=1, random_state=1)
    assert set(shuffled[evenly(shuffled)]["annotation_id"]) == set(rows[evenly(rows)]["annotation_id"])


def test_each_draw_and_each_part_by_itself_and_what_nobody_drew_stays() -> None:
    rows = pd.concat(
        [
            judged("d", "a", 100, 5),
            judged("d", "b", 100, 100, "south"),
            judged("e", "a", 100, 100),
            judged("gold", "", 0, 7).assign(draw_id=None, stratum=None, stratum_size=None, site=None),
        ],
        ignore_index=True,
    )
    whole, by_site = evenly(rows), evenly(rows, ("site",))
    assert by_site.all()
    assert whole[:5].all()
    assert whole[105:].all()
    assert 0 < whole[5:105].sum() < 20
    assert evenly(rows.iloc[-7:]).all()
    assert evenly(rows.iloc[:0]).size == 0


def test_who_is_reviewed_in_full_does_not_make_the_team_worse() -> None:
    """12 people, one who always errs in 12 % and whose review is raised to full after four weeks; nothing changes.

    With what was judged as it is, the chart alarms in every run, dozens of times; thinned, it keeps to less than the
    2.8 alarms that 500 answers between two of them stand for.
    """
    n = np.full((26, 12), 6)
    n[4:, 0] = 150
    week, person = (np.repeat(at, n.ravel()) for at in np.indices(n.shape).reshape(2, -1))
    ids, known = np.arange(n.sum()), {"question": "q", "draw_id": week, "stratum": person, "stratum_size": 150}
    raw, thinned = [], []
    for seed in range(20):
        wrong = np.random.default_rng(seed).random(n.sum()) < np.where(person == 0, 0.12, 0.015)
        rows = pd.DataFrame({"annotation_id": ids + seed * n.sum(), **known, "error": wrong})
        for found, seen in ((raw, rows), (thinned, rows[evenly(rows)])):
            chart = drift(seen["error"].to_numpy(), 0.02, 3.13, 500)
            assert chart is not None
            found.append(len(chart.alarms))
    assert min(raw) > 10
    assert np.mean(thinned) < 2.8
