"""What the first tasks of an export tell of its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Kind
from qc.readers.label_studio_regions import BARE, REGIONS, kind_of
from qc.readers.label_studio_values import page_of

LOOK_AHEAD: Final = 2_000
"""Tasks whose questions are looked at before the first row is made."""


_LABELLED: Final = REGIONS - BARE


def asked(result: Mapping[str, Any]) -> str:
    """The question that a result answers: of one of several images, its name and the page."""
    page = page_of(result)
    return str(result["from_name"]) if page is None else f"{result['from_name']}/page {page + 1}"


@dataclass(slots=True)
class Questions:
    """Questions in order of appearance: all, those of regions with the kinds they showed, those of several choices."""

    seen: dict[str, None] = field(default_factory=dict)
    shown: dict[str, list[Kind]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def learn(self, results: Sequence[object]) -> None:
        """Takes note of the questions of one submission; a bare shape that labels name is no question of its own."""
        known = [result for result in results if isinstance(result, dict)]
        labelled = {str(result.get("id")) for result in known if str(result.get("type")) in _LABELLED}
        for result in known:
            if str(result.get("type")) in BARE and str(result.get("id")) in labelled:
                continue
            if not isinstance(result.get("from_name"), str):
                continue
            name, type_, value = result["from_name"], result.get("type"), result.get("value")
            drawn = isinstance(type_, str) and type_ in REGIONS
            name = name if drawn else asked(result)
            self.seen[name] = None
            if drawn and isinstance(value, dict):
                kinds, kind = self.shown.setdefault(name, []), kind_of(result)
                if kind not in kinds:
                    kinds.append(kind)
            chosen = value.get("choices") if isinstance(value, dict) else None
            if isinstance(chosen, list) and len(chosen) > 1:
                self.several.add(name)

    def named(self, question: str, kind: Kind) -> str:
        """The question of regions of a kind: its name, and the kind behind it where it has regions of several."""
        kinds = self.shown.get(question, [kind])
        return question if kinds == [kind] else f"{question}/{kind}"

    def marked(self) -> list[str]:
        """The questions of regions, as they are named."""
        return [self.named(question, kind) for question, kinds in self.shown.items() for kind in kinds]

    def sole(self) -> str:
        """The only question, else `label`."""
        return next(iter(self.seen)) if len(self.seen) == 1 else "label"
