"""One question as its labels are compared: their level, their scale, their names, who gave which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pandas as pd

from qc.stats.patterns import Patterns, patterns_from_frame

if TYPE_CHECKING:
    from qc.workspace.assess.lens import Lens

# Drawn objects and free text need a distance between answers, not equality.
COMPARABLE: Final = ("single", "multi", "ordinal", "number", "pairwise", "ranking", "taxonomy", "none")


def level_of(lens: Lens, question: str, kind: str) -> str:
    """How labels are measured: the policy's word, else the kind's."""
    if question in lens.policy.agreement.interval or kind == "number":
        return "interval"
    if question in lens.policy.agreement.ordinal or kind == "ordinal":
        return "ordinal"
    return "nominal"


def scale_of(lens: Lens, question: str, level: str, labels: pd.DataFrame) -> list[float] | None:
    """The place of each label code on its scale, or None where only equality counts.

    Numbers are their own place; other ordinal labels take the order that the policy declares, else that of the text.
    """
    if level == "nominal" or not len(labels):
        return None
    texts = dict(zip(labels["code"], labels["label"].astype(str), strict=True))
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce")
    if numbers.notna().all():
        places = numbers.to_dict()
    else:
        declared = lens.policy.agreement.labels.get(question, ())
        order = {
            text: float(place) for place, text in enumerate([*declared, *sorted(set(texts.values()) - {*declared})])
        }
        places = {code: order[text] for code, text in texts.items()}
    return [float(places.get(code, 0.0)) for code in range(max(texts) + 1)]


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

    @cached_property
    def level(self) -> str:
        """nominal, ordinal or interval."""
        return level_of(self.lens, self.question, self.kind)

    @cached_property
    def labels(self) -> dict[int, str]:
        """The labels behind their codes."""
        labels = self.of("labels")
        return dict(zip(labels["code"].tolist(), labels["label"].astype(str).tolist(), strict=True))

    @cached_property
    def scale(self) -> list[float] | None:
        """The place of each label code on its scale, or None where only equality counts."""
        return scale_of(self.lens, self.question, self.level, self.of("labels"))

    @property
    def declared(self) -> int | None:
        """How many labels could be chosen, where the policy says so."""
        return len(self.lens.policy.agreement.labels.get(self.question, ())) or None

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
