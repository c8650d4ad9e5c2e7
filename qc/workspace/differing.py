"""An answer held against another, or against its correction: what a person sees of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc.model import Kind
from qc.stats import changes, rewritten
from qc.stats.changes import Change
from qc.workspace.answer_text import labels
from qc.workspace.desk import Case, Given, Region


@dataclass(frozen=True)
class Difference:
    """What changed: objects that were drawn or marked, and stretches of what was said, each with its state."""

    objects: tuple[Change, ...]
    words: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The difference as a table: one row per object that is not the same in both, or per stretch."""
        said = [{"what": state, "before": _on(state, "added", text), "after": _on(state, "removed", text)}
                for state, text in self.words if state != "kept"]  # fmt: skip
        return said or [_row(change) for change in self.objects if change.state != "kept"]

    @property
    def kept(self) -> int:
        """How many objects, or stretches, are the same in both."""
        return sum(change.state == "kept" for change in self.objects) + sum(state == "kept" for state, _ in self.words)


def against(case: Case, other: Given) -> Difference:
    """The answer against another that was given apart, such as gold."""
    if case.given.regions or other.regions:
        return Difference(tuple(changes.changes(case.given.regions, other.regions)), ())
    return Difference((), tuple(_said(case.kind, case.given, other)))


def after(case: Case, right: str | Sequence[Region]) -> Difference:
    """The answer against its correction: what a reviewer says is right, or the regions that are."""
    if not isinstance(right, str):
        return Difference(tuple(changes.edits(case.given.regions, right)), ())
    return Difference((), tuple(_said(case.kind, case.given, Given(right, tuple(labels(right)), ()))))


def objects(regions: Sequence[Region]) -> list[tuple[Region, ...]]:
    """Regions with what belongs to the same object: the parts of a shape, the keyframes of a track."""
    return [tuple(dict(region) for region in parts) for parts in changes.objects(regions)]


def _said(kind: str, given: Given, other: Given) -> list[tuple[str, str]]:
    match kind:
        case Kind.MULTI:
            found = rewritten.label_changes(given.labels, other.labels)
        case Kind.RANKING:
            found = rewritten.order_changes(given.labels, other.labels)
        case Kind.TEXT:
            found = rewritten.words(given.label or "", other.label or "")
        case _:
            found = rewritten.label_changes([given.label or ""], [other.label or ""])
    return [(state.value, text) for state, text in found]


def _on(state: str, other: str, text: str) -> str | None:
    return None if state == other else text


def _row(change: Change) -> dict[str, Any]:
    """State, labels and places of an object, and how alike it is to what it was."""
    row: dict[str, Any] = {"what": change.state.value}
    for side, regions in (("before", change.before), ("after", change.after)):
        row[side] = regions[0].get("label") if regions else None
        row[f"{side}_at"] = _place(regions) if regions else None
    row["likeness"] = change.likeness
    return row


def _place(regions: Sequence[Mapping[str, Any]]) -> str:
    """Where an object lies, in characters, seconds or pixels."""
    first = regions[0]
    if first.get("t_start") is not None:
        quote = f" “{first['quote']}”" if first.get("quote") else ""
        return f"{int(first['t_start'])}–{int(first['t_end'])}{quote}"
    if first.get("sec_start") is not None and first.get("x") is None:
        return f"{first['sec_start']:.2f}–{first.get('sec_end') or first['sec_start']:.2f} s"
    if first.get("x") is not None and first.get("w") is not None:
        turned = f", turned by {first['rotation']:.0f}°" if first.get("rotation") else ""
        where = f"{first['x']:.0f}, {first['y']:.0f}, {first['w']:.0f} × {first['h']:.0f}{turned}"
        return f"{where} (frame {first['frame']:.0f})" if first.get("frame") is not None else where
    if first.get("mask_rle") is not None:
        return f"{sum(sum((region.get('mask_rle') or ())[1::2]) for region in regions):,} pixels"
    count = sum(len(region.get("points") or ()) // 2 for region in regions)
    left, top = (min(p for region in regions for p in (region.get("points") or [0, 0])[side::2]) for side in (0, 1))
    return f"{count} points from {left:.0f}, {top:.0f}"
