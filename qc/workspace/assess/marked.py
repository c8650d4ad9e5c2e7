"""The entry of a question about spans of texts or intervals of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import Estimate, Kind
from qc.stats.capture import Capture, captured_in_items
from qc.stats.objects.people import Found, by_person
from qc.stats.spans import Marks, Unitizing, mark_agreement, marks_of, unitizing
from qc.stats.spans.agreement import EXACT, MarkAgreement, against
from qc.stats.spans.gamma import gamma
from qc.workspace.assess.asked import Asked
from qc.workspace.assess.compared import by_agreement, by_annotator, by_week, coded_rows, item_shares, pairs_of
from qc.workspace.assess.item_differences import item_differences
from qc.workspace.assess.item_splits import item_splits
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.over_time import changes_of
from qc.workspace.assess.plain import plain_object

GATES: Final[Mapping[str, float]] = {Kind.SPANS.value: EXACT, Kind.INTERVALS.value: 0.5}
"""How much two marks must have in common to be the same: all of a span's characters, half of an interval's time."""

COUNTED: Final[Mapping[str, str]] = {Kind.SPANS.value: "characters", Kind.INTERVALS.value: "time"}
"""What marks are made of, in which F1 is told beside that of whole marks."""

HARDEST: Final = 20
NO_LABEL: Final = "(no label)"
NO_KAPPA: Final = "kappa needs to know what nobody marked, which spans and intervals do not say; the percent is F1"
CHANCE: Final = "the F1, character by character or millisecond by millisecond, of marks laid anywhere on their item"

NO_EXTENT: Final = (
    "where an item's length is not known (recordings, texts left out), it is taken to end with the last mark"
)

_SEED: Final = 0


def entry(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    """F1 by gates, alpha for unitizing, how people's marks differ, and where; `level` is the kind."""
    asked = _Marked(Asked(lens, question, kind))
    marks, gate = asked.marks, GATES[kind]
    found, units = mark_agreement(marks, gate), unitizing(marks)
    shared = np.unique(found.f1_sums.item)
    empty = len(shared) - len(item_shares(found.f1_sums)[0])
    return plain_object(
        {
            "question": question,
            "kind": kind,
            "level": kind,
            "percent": found.percent,
            "alpha": units.alpha,
            "alpha_items": units.alpha_items,
            "coefficients": _coefficients(found, units, marks),
            "items_used": len(shared),
            "items_dropped": len(np.unique(marks.item)) - len(shared),
            "empty_items": empty,
            "sentence": _sentence(found, COUNTED[kind], len(np.unique(marks.annotator)), empty, len(shared)),
            "by_label": [
                {"label": asked.labels.get(code, NO_LABEL), "n": n, "agreement": each}
                for code, n, each in found.by_label
            ],
            "pairs": pairs_of(found.f1_sums, asked.of.people, NO_KAPPA),
            "influence": _influence(asked, units),
            "by_annotator": by_annotator(by_person(*found.everyone), asked.of.people),
            "items_by_agreement": by_agreement(found.f1_sums, 3),
            "by_period": _by_period(asked, found),
            "splits": item_splits(lens, found.f1_sums),
            "differences": item_differences(lens, found.f1_sums, asked.weeks),
            **changes_of([(week, each) for week, _, each in by_week(found.f1_sums, asked.weeks)], "F1"),
            "hardest": _hardest(asked, found),
            "f1": found.f1,
            "f1_items": found.f1_items,
            "iou": found.iou,
            "label_alpha": found.label_alpha,
            "f1_at": [{"threshold": threshold, "f1": each} for threshold, each in found.f1_at],
            "disagreement": found.disagreement,
            "chance": found.token_chance,
            "chance_note": CHANCE if asked.answers["extent"].notna().all() else f"{CHANCE}; {NO_EXTENT}",
            "against_gold": _against_gold(asked, gate),
            "missed": _missed(found.everyone[0]),
        }
    )


@dataclass(frozen=True, eq=False)
class _Marked:
    """The marks of a question."""

    of: Asked

    @cached_property
    def answers(self) -> pd.DataFrame:
        """Who answered, people and gold."""
        return coded_rows(self.of, "marking")

    @cached_property
    def weeks(self) -> pd.Series:
        """The week in which each item was first answered."""
        people = self.answers[self.answers["gold"] == 0]
        return people.drop_duplicates("item").set_index("item")["period"]

    @cached_property
    def labels(self) -> dict[int, str]:
        """The names behind the codes of marks."""
        names = coded_rows(self.of, "mark_labels")
        return dict(zip(names["code"].tolist(), names["label"].tolist(), strict=True))

    @cached_property
    def marks(self) -> Marks:
        """People's."""
        return self.marked_by(0)

    def marked_by(self, gold: int) -> Marks:
        """People's marks (0), or the first known answer of each item (1)."""
        answers, marks = self.answers, coded_rows(self.of, "marks")
        answers, marks = answers[answers["gold"] == gold], marks[marks["gold"] == gold]
        if gold:
            answers, marks = answers[answers["annotator"] == 0], marks[marks["annotator"] == 0]
        return marks_of(
            _columns(answers, "item", "annotator", "extent"),
            _columns(marks, "item", "annotator", "code", "first", "last"),
        )


def _columns(frame: pd.DataFrame, *names: str) -> Any:
    return tuple(frame[name].to_numpy(np.float64 if name == "extent" else np.int64) for name in names)


def _coefficients(found: MarkAgreement, units: Unitizing, marks: Marks) -> list[dict[str, Any]]:
    hripcsak, krippendorff = "Hripcsak & Rothschild 2005", "Krippendorff 2004, Content Analysis, 2nd ed."
    rows = [
        ("f1", "F1", found.f1, found.f1_items, hripcsak),
        ("token_f1", "F1 by character or millisecond", found.token_f1, found.token_f1_items, hripcsak),
        ("unitizing_alpha", "alpha for unitizing", units.alpha, units.alpha_items, krippendorff),
    ]
    one = gamma(marks, _SEED)
    rows.append(("gamma", "gamma of a few small documents", one, one, "Mathet, Widlöcher & Métivier 2015"))
    return [
        {"key": key, "name": name, "team": team, "items": items, "source": source}
        for key, name, team, items, source in rows
    ]


def _influence(asked: _Marked, units: Unitizing) -> list[dict[str, Any]]:
    """Alpha for unitizing without each annotator, who lowers it most first; those without a value last."""
    marks, people = asked.marks, asked.of.people
    given = np.bincount(marks.annotator, minlength=int(units.annotators.max(initial=0)) + 1)
    order = np.argsort(-units.without, kind="stable")
    return [
        {"annotator": people[who], "ratings": int(given[who]), "alpha_without": None if isnan(value) else value}
        for who, value in zip(units.annotators[order].tolist(), units.without[order].tolist(), strict=True)
    ]


def _by_period(asked: _Marked, found: MarkAgreement) -> list[dict[str, Any]]:
    marks = asked.marks
    of_answer = asked.weeks.reindex(marks.item).to_numpy(dtype=object)
    return [
        {
            "period": week,
            "n": n,
            "alpha": unitizing(_part(marks, of_answer == week)).alpha_items,
            "percent": f1,
            "f1": f1,
        }
        for week, n, f1 in by_week(found.f1_sums, asked.weeks)
    ]


def _part(marks: Marks, answers: NDArray[np.bool_]) -> Marks:
    rows = answers[marks.answer]
    of = np.stack([marks.item[marks.answer], marks.annotator[marks.answer], marks.code, marks.first, marks.last])
    return marks_of(
        (marks.item[answers], marks.annotator[answers], marks.extent[answers]),
        tuple(of[:, rows]),
    )


def _hardest(asked: _Marked, found: MarkAgreement) -> list[dict[str, Any]]:
    """The items of the lowest F1, with everybody's marks; of equal ones those with more marks."""
    marks, sums = asked.marks, found.f1_sums
    items, share = item_shares(sums)
    given = np.bincount(marks.item[marks.answer], minlength=int(items.max(initial=0)) + 1)
    chosen = np.lexsort((items, -given[items], share))[:HARDEST]
    chosen = chosen[share[chosen] < 1]
    names, people = asked.of.item_names(items[chosen].tolist()), asked.of.people
    hardest = []
    for item, degree in zip(items[chosen].tolist(), share[chosen].tolist(), strict=True):
        low, high = np.searchsorted(marks.item, [item, item + 1]).tolist()
        answers = [
            {"annotator": people[int(marks.annotator[at])], "label": _written(asked, at)} for at in range(low, high)
        ]
        hardest.append({"item_id": names[item], "agreement": float(degree), "answers": answers})
    return hardest


def _written(asked: _Marked, answer: int) -> str | None:
    """What one answer marks: `LABEL 3–8, …`, or None for nothing."""
    marks = asked.marks
    low, high = np.searchsorted(marks.answer, [answer, answer + 1]).tolist()
    listed = [
        f"{asked.labels.get(int(marks.code[i]), NO_LABEL)} {marks.first[i]}–{marks.last[i]}" for i in range(low, high)
    ]
    return ", ".join(listed) or None


def _against_gold(asked: _Marked, gate: float) -> dict[str, Estimate] | None:
    """People's marks against the first known answer of each item; None where none is known."""
    gold = asked.marked_by(1)
    return against(asked.marks, gold, gate) if len(gold.item) else None


def _missed(found: Found) -> Capture | None:
    """What two people marked, and what both missed; None where no two answered the same item."""
    if not len(found.item):
        return None
    return captured_in_items(found.item, (found.one, found.other), found.of_one, found.of_other, found.paired)


def _sentence(found: MarkAgreement, counted: str, people: int, empty: int, items: int) -> str | None:
    f1, chance = found.token_f1.value, found.token_chance
    if people < 2:
        return "Only one person answered: there is nobody to agree with." if people else "Nobody answered."
    if found.f1.value is None:
        return f"F1 is undefined: {found.f1.reason}."
    if f1 is None or chance is None:
        return None
    return (
        f"F1 {found.f1.value:.2f}; by {counted} {f1:.2f}, where marks laid anywhere would have {chance:.2f}."
        + _differing(found)
        + (f" On {empty:,} of {items:,} items nobody marked anything." if empty else "")
    )


def _differing(found: MarkAgreement) -> str:
    """What most of the difference is, if its interval supports it, else the shares."""
    if found.foremost is not None:
        return f" Most of what differs is {found.foremost}."
    rows = sorted((row for row in found.disagreement if row.n), key=lambda row: -row.n)
    shares = ", ".join(f"{(row.share.value or 0) * 100:.0f} % {row.type}" for row in rows)
    unclear = "; the intervals do not tell which of these is most" if len(rows) > 1 else ""
    return f" Of the marks compared: {shares}{unclear}." if rows else ""
