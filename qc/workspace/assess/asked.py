"""One question as its labels are compared: their level, their scale, their names, who gave which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from qc.model import AgreementPolicy, Facts
from qc.stats.agreement import Ratings
from qc.stats.patterns import Floats, Patterns, patterns_from_frame

if TYPE_CHECKING:
    from qc.workspace.assess.lens import Lens

# Drawn objects and free text need a distance between answers, not equality.
COMPARABLE: Final = ("single", "multi", "ordinal", "number", "pairwise", "ranking", "taxonomy", "none")
# Levels of measurement whose labels are amounts, of which there may be any number.
AMOUNTS: Final = ("interval", "ratio")


def level_of(policy: AgreementPolicy, question: str, kind: str) -> str:
    """How labels are measured: the policy's word, else the kind's."""
    named = {"ratio": policy.ratio, "interval": policy.interval, "ordinal": policy.ordinal}
    said = next((level for level, questions in named.items() if question in questions), None)
    return said or {"number": "interval", "ordinal": "ordinal"}.get(kind, "nominal")


def places_of(labels: Sequence[str], declared: Sequence[str]) -> dict[str, float]:
    """Labels by their place on a scale: numbers are their own, others have that of their declaration, if any."""
    numbers = pd.to_numeric(pd.Series(labels, dtype=object), errors="coerce").to_numpy(np.float64)
    if np.isfinite(numbers).all():
        return dict(zip(labels, numbers.tolist(), strict=True))
    return {label: float(place) for place, label in enumerate(declared)}


@dataclass(frozen=True, eq=False)
class Asked:
    """A question of a kind whose answers have labels to compare, seen through a lens."""

    lens: Lens
    question: str
    kind: str

    def of(self, measure: str, by: tuple[str, ...] = ()) -> pd.DataFrame:
        """The rows of a measure on this question."""
        frame = self.lens.frame(measure, by)
        return frame[frame["question"] == self.question]

    def any_of(self, rows: Callable[[Facts], Any]) -> bool:
        """Whether the facts have any such row: a look that spares making ready what is not there."""
        return bool(len(self.lens.snapshot.rows(lambda facts: rows(facts).limit(1))))

    @cached_property
    def level(self) -> str:
        """nominal, ordinal, interval or ratio; nominal as well where the place of a label on its scale is not known."""
        return "nominal" if self.unplaced else self._meant

    @property
    def _meant(self) -> str:
        return level_of(self.lens.policy.agreement, self.question, self.kind)

    @cached_property
    def unplaced(self) -> tuple[str, ...]:
        """The labels of a scale whose place on it is not known."""
        if self._meant == "nominal":
            return ()
        return tuple(sorted(set(self.labels.values()) - self._places.keys()))

    @cached_property
    def _places(self) -> dict[str, float]:
        return places_of(list(self.labels.values()), self.lens.policy.agreement.labels.get(self.question, ()))

    @cached_property
    def labels(self) -> dict[int, str]:
        """The labels behind their codes."""
        labels = self.of("labels")
        return dict(zip(labels["code"].tolist(), labels["label"].astype(str).tolist(), strict=True))

    @cached_property
    def scale(self) -> list[float] | None:
        """The place of each label code on its scale, or None where only equality counts."""
        if self.level == "nominal" or not self.labels:
            return None
        labels = self.labels
        return [self._places[labels[code]] if code in labels else 0.0 for code in range(max(labels) + 1)]

    @property
    def declared(self) -> int | Floats | None:
        """The labels that could be chosen, where the policy says so: how many, or the places of numbers."""
        labels = self.lens.policy.agreement.labels.get(self.question, ())
        places = pd.to_numeric(pd.Series(labels, dtype=object), errors="coerce")
        if self.level != "nominal" and len(labels) and places.notna().all():
            return np.asarray(places, dtype=np.float64)
        return len(labels) or None

    @cached_property
    def by_period(self) -> pd.DataFrame:
        """Who gave which label, by the week in which the item was first answered."""
        return self.of("label_votes", ("period",))

    @cached_property
    def patterns(self) -> Patterns:
        """Of all periods; all answers to an item are of one."""
        votes = self.by_period.groupby(["pattern", "annotator", "code"], as_index=False)["votes"].sum()
        return self.patterns_of(votes)

    def patterns_of(self, votes: pd.DataFrame) -> Patterns:
        """Of some rows of `label_votes`, of one group of items."""
        return patterns_from_frame(votes, self.scale)

    def given(self, by: tuple[str, ...] = ()) -> pd.DataFrame:
        """The rows of the measure `given`, whose questions are codes."""
        questions = self.of("questions")
        frame = self.lens.frame("given", by)
        return frame[frame["question"] == questions["code"].iloc[0]] if len(questions) else frame[:0]

    @cached_property
    def ratings(self) -> Ratings:
        """All answers."""
        return self.ratings_of(self.given())

    @cached_property
    def people(self) -> dict[int, str]:
        """The names behind the codes of annotators."""
        names = self.lens.frame("annotator_names")
        return dict(zip(names["annotator"].tolist(), names["name"].tolist(), strict=True))

    def item_names(self, codes: list[int]) -> dict[int, str]:
        """The ids behind a few codes of items."""
        items = self.lens.snapshot.base(self.lens.policy).items
        rows = self.lens.snapshot.rows(lambda _facts: items.filter(items.item.isin(codes)).select("item", "item_id"))
        return dict(zip(rows["item"].tolist(), rows["item_id"].tolist(), strict=True))

    def ratings_of(self, given: pd.DataFrame) -> Ratings:
        """Some rows of `given`, of one group of items; items and annotators keep their codes as names."""
        item, annotator = given["item"].to_numpy(np.int64), given["annotator"].to_numpy(np.int64)
        first = np.diff(item, prepend=-1) != 0
        # Codes begin at 0, so nothing has to be sorted.
        occurs = np.bincount(annotator) > 0
        people, who = np.flatnonzero(occurs), (occurs.cumsum() - 1)[annotator]
        values = np.arange(max(self.labels, default=-1) + 1) if self.scale is None else np.asarray(self.scale)
        code = given["code"].to_numpy(np.int64)
        return Ratings(np.cumsum(first) - 1, who, code, item[first], people, values.astype(np.float64))


def first_days(given: pd.DataFrame) -> Floats:
    """Of each row of `given` the day on which its item was first answered; infinite where no time is known."""
    item = given["item"].to_numpy()
    begins = np.flatnonzero(np.diff(item, prepend=-1))
    if not len(begins):
        return np.zeros(0)
    days = given["day"].fillna(np.inf).to_numpy(np.float64)
    return np.repeat(np.minimum.reduceat(days, begins), np.diff(np.append(begins, len(item))))
