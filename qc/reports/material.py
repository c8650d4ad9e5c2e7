"""What a report is made from: an assessment, and the few rows of the record that stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where a report comes from, so that it can be made again to the digit.

    `data_version` and `as_of` are those of the data; `digest` is that of everything that enters the figures; `seeds`
    those of the draws.
    """

    project: str
    name: str
    data_version: str
    as_of: str | None
    tool: str
    digest: str
    seeds: tuple[int, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Material:
    """An assessment in its JSON's shape, and beside it: answers by day, draws, refused records, open conflicts.

    days: day, site, answers. draws: drawn_on, seed, answers, judged, waiting. quarantine: file, reason, n. conflicts:
    item_id, question, answers, majority, majority_share, suggestion, settled, without names. findings: sentences.
    """

    assessment: Mapping[str, Any]
    source: Source
    findings: tuple[str, ...] = ()
    days: tuple[Mapping[str, Any], ...] = ()
    draws: tuple[Mapping[str, Any], ...] = ()
    quarantine: tuple[Mapping[str, Any], ...] = ()
    conflicts: tuple[Mapping[str, Any], ...] = ()

    def part(self, name: str) -> Any:
        """A section of the assessment; an empty list where this version has none."""
        return self.assessment.get(name) or []
