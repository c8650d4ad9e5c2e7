"""What was decided about an item, as files for training hold it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

AGAIN: Final = "of several answers to one question about an item, only the one decided last is written"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """One answer to one question about an item, and where it comes from.

    item: columns of `items`. regions: rows of `regions`. basis: gold, settled, corrected, accepted, minor or consensus.
    by and at: who decided and when, ISO 8601 in UTC; None of a consensus. given: what stood there before, as people
    read it. probability: of a consensus.
    """

    item: Row
    question: str
    kind: str
    basis: str
    label: str | None = None
    labels: tuple[str, ...] | None = None
    number: float | None = None
    text: str | None = None
    regions: tuple[Row, ...] = ()
    probability: float | None = None
    by: str | None = None
    at: str | None = None
    annotation_id: str | None = None
    given: str | None = None
    comment: str | None = None
    data_version: str = ""

    @property
    def provenance(self) -> dict[str, Any]:
        """Where it comes from; what is not known is left out."""
        named = {
            "basis": self.basis,
            "by": self.by,
            "at": self.at,
            "annotation_id": self.annotation_id,
            "given": self.given,
            "comment": self.comment,
            "probability": self.probability,
            "data_version": self.data_version,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Written:
    """A file, how many answers it holds, and how many it cannot hold, by the reason."""

    content: bytes
    answers: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def by_item(rows: Sequence[Decided], reasons: list[str]) -> dict[str, list[Decided]]:
    """The latest answer to each question about each item, in the order in which items first come.

    Several of one question would teach a model all of them; those that are left out are added to `reasons`.
    """
    latest: dict[tuple[str, str], Decided] = {}
    for row in rows:
        place = str(row.item["item_id"]), row.question
        if place in latest:
            reasons.append(AGAIN)
        if place not in latest or (row.at or "") >= (latest[place].at or ""):
            latest[place] = row
    found: dict[str, list[Decided]] = {}
    for (item_id, _question), row in latest.items():
        found.setdefault(item_id, []).append(row)
    return found


def held(rows: Sequence[Decided], refused: Callable[[Decided], str | None], reasons: list[str]) -> list[Decided]:
    """The answers that a form can hold; the reasons against the others are added to `reasons`."""
    why = [refused(row) for row in rows]
    reasons += [reason for reason in why if reason is not None]
    return [row for row, reason in zip(rows, why, strict=True) if reason is None]


def counted_out(reasons: Sequence[str]) -> dict[str, int]:
    """How many answers each reason leaves out, the commonest first."""
    return dict(sorted(Counter(reasons).items(), key=lambda entry: (-entry[1], entry[0])))
