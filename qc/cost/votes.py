"""More labels an item, or more review at the same price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qc.cost.parts import scaled
from qc.model import Estimate
from qc.stats.by_votes import Votes
from qc.stats.inspection import Prices


@dataclass(frozen=True, slots=True)
class Buy:
    """So many labels an item, and for the same money one label and a review of a random share.

    error: of the majority; cost: of an item, with what its error costs. review_share is at most 1; reviewed_error: of
    single labels after that review, review_cost likewise; a label that is flagged in vain is taken to be changed.
    """

    labels: int
    paid: float
    error: Estimate
    cost: float
    review_share: float
    reviewed_error: Estimate
    review_cost: float


def labels_or_review(curve: Sequence[Votes], label_price: float, price: Prices) -> tuple[Buy, ...]:
    """The curve by number of labels with its price, and what as much money buys as review."""
    return tuple(_buy(row, curve[0].error, label_price, price) for row in curve)


def _buy(row: Votes, single: Estimate, label_price: float, price: Prices) -> Buy:
    paid = row.labels * label_price
    more = paid - label_price
    share = min(1.0, more / price.review) if price.review > 0 else float(more > 0)
    assert row.error.value is not None
    assert single.value is not None
    left = scaled(single, 1 - share * price.sensitivity)
    spoilt = share * (1 - single.value) * (1 - price.specificity)
    assert left.value is not None
    reviewed = Estimate(
        left.value + spoilt,
        None if left.low is None else left.low + spoilt,
        None if left.high is None else left.high + spoilt,
        left.n,
        left.unit,
        "one label, and review of a random share at the same price",
    )
    assert reviewed.value is not None
    return Buy(
        row.labels,
        paid,
        row.error,
        paid + row.error.value * price.escaped,
        share,
        reviewed,
        label_price + share * price.review + reviewed.value * price.escaped,
    )
