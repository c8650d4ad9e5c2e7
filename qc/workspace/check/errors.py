"""Cases of the rules on errors: rates, drift, and patterns that recur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.alerts import Subject
from qc.alerts.finding import MOST_ITEMS
from qc.alerts.rules import DriftCase, PatternCase, RateCase
from qc.measures.sources import GOLD, REVIEW
from qc.stats.bursts import burst, overdispersion
from qc.stats.drift import BASELINE, drift
from qc.stats.evenly import evenly
from qc.stats.multiple import benjamini_hochberg
from qc.workspace.assess.judged import best_rates, best_source
from qc.workspace.assess.lens import Lens
from qc.workspace.check.weeks import DAY_MS, last_over, week_of
from qc.workspace.levels import busiest_month

TEAM: Final = Subject("team", "the team")
RECENT_MS: Final = 28 * DAY_MS
# A label that is judged less often is not watched on its own.
MOST_LABELS: Final = 50
WEEKS_BEFORE: Final = 8
# Of a pattern, and of judged answers before the last week.
FEWEST_FOUND: Final = 5
FEWEST_JUDGED: Final = 50
# Weeks that show how much counts vary.
ENOUGH_WEEKS: Final = 3


def rate_cases(lens: Lens) -> Iterator[RateCase]:
    """One per annotator who was judged."""
    rates, source = best_rates(lens), best_source(lens) or ""
    errors = lens.policy.errors
    sequence = lens.frame("judged_sequence")
    items = Latest.of(sequence[sequence["error"] == 1], ("annotator",))
    if rates is None:
        return
    known = sequence[(sequence["source"] == source) & sequence["at_ms"].notna()]
    last = known.groupby("annotator").tail(lens.policy.levels.window).groupby("annotator")["error"].agg(["sum", "size"])
    lately = {
        str(who): rates.team.posterior(wrong, n).p_above(errors.target)
        for who, wrong, n in last[last["size"] >= errors.min_judged].itertuples()
    }
    for row in rates.annotators:
        who = row.annotator
        behind = items.behind("annotator", who)
        yield RateCase(
            Subject("annotator", who), row, source, errors.target, errors.limit, behind, lately=lately.get(who)
        )


def drift_cases(lens: Lens) -> Iterator[DriftCase]:
    """The team and each label, by random checks; by gold where too few of these were made."""
    judged = _evenly(lens)
    drawn, gold = (judged[judged["source"] == source] for source in (REVIEW, GOLD))
    used = drawn if len(drawn) > BASELINE or len(drawn) >= len(gold) else gold
    errors = lens.policy.errors
    volume = max(errors.judged_per_month, busiest_month(used["at_ms"].to_numpy(np.int64)))
    anos0 = max(1.0, volume / errors.false_alarms_per_month)
    ratio = errors.limit / (1 - errors.limit) / (errors.target / (1 - errors.target))
    yield _drift(TEAM, used, errors.target, ratio, anos0)
    label = used["truth"].fillna(used["given"])
    sizes = used.groupby(["question", label]).size()
    for (question, name), rows in used.groupby(["question", label], sort=True):
        if len(rows) > BASELINE and sizes.rank(ascending=False, method="first")[(question, name)] <= MOST_LABELS:
            yield _drift(Subject("label", f"{name} ({question})"), rows, errors.target, ratio, anos0)


def _evenly(lens: Lens) -> pd.DataFrame:
    """Judged answers with a time, each part of a draw by its share: whose review was raised must not seem the team."""
    judged = lens.frame("judged_sorts")
    judged = judged[judged["at_ms"].notna()]
    return judged[evenly(judged)]


def _drift(subject: Subject, rows: pd.DataFrame, target: float, ratio: float, anos0: float) -> DriftCase:
    found = drift(rows["error"].to_numpy(), target, ratio, anos0)
    if found is None:
        return DriftCase(subject, None, False)
    at = rows["at_ms"].to_numpy(np.int64)[found.baseline :]
    recent = bool(len(found.alarms)) and at[-1] - at[found.alarms[-1]] <= RECENT_MS
    wrong = rows[rows["error"] == 1]["item_id"]
    return DriftCase(subject, found, recent, tuple(wrong.iloc[-MOST_ITEMS:]))


@dataclass(frozen=True, eq=False, slots=True)
class Latest:
    """The latest items of each subject among some rows in time order, without a frame for each of them."""

    items: NDArray[np.object_]
    places: dict[str, dict[str, NDArray[np.int64]]]

    @classmethod
    def of(cls, rows: pd.DataFrame, kinds: Sequence[str]) -> Latest:
        """Of rows with item_id and a column for each kind of subject."""
        return cls(rows["item_id"].to_numpy(object), {kind: rows.groupby(kind, sort=False).indices for kind in kinds})

    def behind(self, kind: str, key: str) -> tuple[str, ...]:
        """At most MOST_ITEMS, the latest last."""
        places = self.places[kind].get(key)
        return () if places is None else tuple(self.items[places[-MOST_ITEMS:]].tolist())


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One pattern of one source: how often found now and before, and in how many judged answers."""

    subject: Subject
    now: int
    before: int
    judged: int
    judged_before: int
    items: tuple[str, ...]


def pattern_cases(lens: Lens, day: int) -> Iterator[PatternCase]:
    """One per error type and confusion found often enough in the last week that is over and the weeks before."""
    judged = _evenly(lens)
    weeks = week_of(judged["at_ms"] // DAY_MS)
    judged = judged.assign(week=weeks)
    patterns: list[_Pattern] = []
    spread = 1.0
    for _source, of_source in judged.groupby("source", sort=True):
        last = last_over(of_source["week"].to_numpy(), day)
        if last is None:
            continue
        rows = of_source[of_source["week"].between(last - WEEKS_BEFORE, last)]
        volume = rows.groupby("week").size()
        if volume.sum() - volume.get(last, 0) < FEWEST_JUDGED:
            continue
        sorts = _sorts(rows)
        spread = max(spread, _spread(sorts, volume.drop(last)))
        for (kind, key), found in sorts.groupby(["kind", "key"], sort=True):
            now = int((found["week"] == last).sum())
            items = tuple(found[found["week"] == last]["item_id"].unique()[:MOST_ITEMS])
            before, earlier = len(found) - now, int(volume.sum() - volume[last])
            if len(found) >= FEWEST_FOUND:
                patterns.append(_Pattern(Subject(kind, key), now, before, int(volume[last]), earlier, items))
    yield from _tested(patterns, spread)


def _tested(patterns: list[_Pattern], spread: float) -> Iterator[PatternCase]:
    counts = np.array([(p.now, p.before, p.judged, p.judged_before) for p in patterns], float).reshape(-1, 4)
    q = benjamini_hochberg(burst(counts[:, 0], counts[:, 1], counts[:, 2], counts[:, 3], spread))
    worst: dict[Subject, PatternCase] = {}
    for pattern, each in zip(patterns, q.tolist(), strict=True):
        expected = pattern.before * pattern.judged / pattern.judged_before
        case = PatternCase(
            pattern.subject, pattern.now, expected, pattern.judged, pattern.judged_before, each, items=pattern.items
        )
        known = worst.get(pattern.subject)
        if known is None or known.q is None or each < known.q:
            worst[pattern.subject] = case
    yield from worst.values()


def _sorts(rows: pd.DataFrame) -> pd.DataFrame:
    """kind, key, week, item_id of each error: by its type, and by the two labels."""
    wrong = rows[rows["error"] == 1]
    typed = wrong[wrong["error_type"].notna()]
    confused = wrong[wrong["truth"].notna() & wrong["given"].notna() & (wrong["truth"] != wrong["given"])]
    several = rows["question"].nunique() > 1
    where = confused["question"] + ": " if several else ""
    return pd.concat(
        [
            typed.assign(kind="error type", key=typed["error_type"])[["kind", "key", "week", "item_id"]],
            confused.assign(kind="confusion", key=where + confused["given"] + " given for " + confused["truth"])[
                ["kind", "key", "week", "item_id"]
            ],
        ]
    )


def _spread(sorts: pd.DataFrame, volume: pd.Series) -> float:
    """How much more counts vary from week to week than by chance, in the weeks before the last."""
    if len(volume) < ENOUGH_WEEKS:
        return 1.0
    earlier = sorts[sorts["week"].isin(volume.index)]
    counts = earlier.groupby(["kind", "key", "week"]).size().unstack("week", fill_value=0)
    counts = counts.reindex(columns=volume.index, fill_value=0)
    return overdispersion(counts.to_numpy(), np.broadcast_to(volume.to_numpy(), counts.shape))
