"""The tables that measures read: one project at one data version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """Ibis tables of one project; their columns are described in docs/architecture.md.

    `reviews` holds the reviews of the exports and the verdicts of the record (`recorded_in`), `annotations` also the
    record's corrections, `draws` the sampled answers with their inclusion probabilities, `zone` the transitions of
    the project's time zone.
    """

    annotations: Any
    regions: Any
    items: Any
    reviews: Any
    draws: Any
    zone: Any
