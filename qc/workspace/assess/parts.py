"""Work cut into parts by what answers are made under: versions, sites, shifts, batches, tags, groups, periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.measures.compared import PER_LOG
from qc.model import Estimate, undefined
from qc.stats.agreement.difference import difference_of
from qc.stats.agreement.influences import of_shares
from qc.stats.agreement.percent import Shares, percent_agreement
from qc.stats.comparison import Cells, Pace, cells
from qc.workspace.assess.asked import COMPARABLE, Asked
from qc.workspace.assess.judged import best_source, with_design
from qc.workspace.assess.lens import Lens

PERIOD: Final = "period"
CODED: Final = ("question", "item", "annotator", "code")
NOWHERE: Final = np.zeros(0, dtype=np.int64)
NOT_LABELS: Final = "no question whose answers are equal or not; the page Agreement compares objects and spans"


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of the work by one key; `key` is one of those of the measure `judged_parts`, or PERIOD."""

    lens: Lens
    key: str

    @property
    def _by(self) -> tuple[str, ...]:
        return ("day",) if self.key == PERIOD else (self.key,)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Whoever has any judged or timed answer, the same for every part."""
        return tuple(sorted({*self._judged["annotator"], *self.lens.frame("durations")["annotator"]}))

    @cached_property
    def judged(self) -> Cells:
        """Judged answers by part and person."""
        return cells(self._judged, self.key, self.people)

    @cached_property
    def everything(self) -> Cells:
        """Judged answers of all the work, whatever the part."""
        frame = _of_source(self.lens, self.lens.frame("judged_parts"), self.source)
        return cells(frame.assign(all="all"), "all", self.people).row("all")

    @cached_property
    def source(self) -> str | None:
        """The source of judgement that says most about the work; None without any."""
        return best_source(self.lens)

    def pace(self, part: Any) -> Pace:
        """Durations of one part."""
        rows = self._paced[self._paced[self.key] == part]
        return Pace.of(rows, self.people, 1 / PER_LOG)

    @cached_property
    def all_pace(self) -> Pace:
        """Durations of all the work."""
        return Pace.of(self.lens.frame("paced_parts"), self.people, 1 / PER_LOG)

    @cached_property
    def names(self) -> list[Any]:
        """The parts that have any judged, timed or given answer, those with most answers first."""
        counts = pd.Series({name: len(rows) for name, rows in self._rows.items()}, dtype=np.int64)
        for frame in (self._judged, self.named(self.lens.frame("timed_parts", self._by))):
            counts = counts.add(frame.groupby(self.key)["n"].sum() * 0, fill_value=0)
        ordered = counts.sort_index(key=lambda index: index.map(str)).sort_values(ascending=False, kind="stable")
        names: list[Any] = ordered.index.tolist()
        return names

    def answers(self, part: Any) -> int:
        """First answers of one part."""
        return len(self._rows.get(part, ()))

    def at_work(self, part: Any) -> int:
        """People with a first answer in one part."""
        return len(np.unique(self._given["annotator"].to_numpy()[self._rows.get(part, NOWHERE)]))

    def agreement(self, part: Any) -> Estimate:
        """How often two people who answered the same item agree, within the part."""
        return self._none if self.asked is None else percent_agreement(self._shares(part)).team

    def agreement_difference(self, first: Any, second: Any) -> tuple[Estimate, float | None]:
        """The second's less the first's, and p."""
        if self.asked is None:
            return self._none, None
        found = difference_of(of_shares(self._shares(first)), of_shares(self._shares(second)))
        return found.team, found.p_team

    def agreement_apart(self, part: Any) -> tuple[Estimate, Estimate, Estimate, float | None]:
        """Of the part, of the rest, the first less the second, and p."""
        if self.asked is None:
            return self._none, self._none, self._none, None
        own, whole = self._shares(part), self._whole
        rest = whole.only(~np.isin(whole.items, own.items, assume_unique=True))
        found = difference_of(of_shares(rest), of_shares(own))
        return percent_agreement(own).team, percent_agreement(rest).team, found.team, found.p_team

    def shared_items(self, part: Any) -> int:
        """Items of a part with two answers or more to the question."""
        if self.asked is None:
            return 0
        return int(self._shares(part).paired.sum())

    @cached_property
    def asked(self) -> Asked | None:
        """The question with most answers whose labels can be compared; None without one."""
        questions = self.lens.frame("questions")
        questions = questions[questions["kind"].isin(COMPARABLE)]
        if questions.empty:
            return None
        most = questions.sort_values(["answers", "question"], ascending=[False, True], kind="stable").iloc[0]
        return Asked(self.lens, str(most["question"]), str(most["kind"]))

    @property
    def _none(self) -> Estimate:
        return undefined(NOT_LABELS, 0, "items")

    @cached_property
    def _kept(self) -> dict[Any, Shares]:
        return {}

    def _shares(self, part: Any) -> Shares:
        """Of the answers to the question, by item and annotator as the measure has them."""
        assert self.asked is not None
        if part not in self._kept:
            rows = self._rows.get(part, NOWHERE)
            own = self._given[list(CODED)].iloc[rows]
            self._kept[part] = Shares.of(self.asked.ratings_of(own[own["question"] == self._question]))
        return self._kept[part]

    @cached_property
    def _whole(self) -> Shares:
        assert self.asked is not None
        given = self.lens.frame("given")
        return Shares.of(self.asked.ratings_of(given[given["question"] == self._question]))

    @cached_property
    def _question(self) -> int:
        assert self.asked is not None
        return int(self.asked.of("questions")["code"].iloc[0])

    @cached_property
    def _rows(self) -> dict[Any, NDArray[np.int64]]:
        """Where the answers of each part stand."""
        rows: dict[Any, NDArray[np.int64]] = self._given.groupby(self.key, sort=False).indices
        return rows

    @cached_property
    def _given(self) -> pd.DataFrame:
        by = () if self.key == PERIOD else self._by
        return self.named(self.lens.frame("given_parts", by))

    @cached_property
    def _paced(self) -> pd.DataFrame:
        frame = self.named(self.lens.frame("paced_parts", self._by))
        return frame.groupby([self.key, "annotator", "bin"], as_index=False)[["n", "spent_ms"]].sum()

    @cached_property
    def _judged(self) -> pd.DataFrame:
        return self.named(_of_source(self.lens, self.lens.frame("judged_parts", self._by), self.source))

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows that lie in any part, with its name in the column of the key."""
        if self.key == PERIOD:
            before, last = self.periods
            age = (self._days[1] - frame["day"]) // self._period
            frame = frame.assign(**{PERIOD: age.map({0: last, 1: before})})
        if self.key == "shift":
            frame = frame.assign(shift=frame["shift"].map(self.lens.policy.fatigue.shift_names))
        return frame[frame[self.key].notna()]

    @property
    def periods(self) -> tuple[str, str]:
        """What the period before the last and the last are called."""
        if self._period == 1:
            return "the day before", "the last day"
        return f"the {self._period} days before", f"the last {self._period} days"

    @cached_property
    def _days(self) -> tuple[int, int]:
        """The first and the last day with an answer."""
        days = self.lens.frame("given_parts")["day"].dropna()
        return (int(days.min()), int(days.max())) if len(days) else (0, 0)

    @property
    def _period(self) -> int:
        """Days of a period: those of the policy, or half of the data where they are fewer."""
        first, last = self._days
        return max(1, min(self.lens.policy.compare.period_days, (last - first + 1) // 2))


def _of_source(lens: Lens, frame: pd.DataFrame, source: str | None) -> pd.DataFrame:
    """The rows of one source, with the design that chose the answers; those of other sources are left out."""
    chosen = with_design(lens, frame)
    return chosen[chosen["source"] == source]
