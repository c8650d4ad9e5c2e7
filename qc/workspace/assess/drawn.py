"""The entry of a question whose answers are drawn: boxes, polygons, masks, key points, lines and tracks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.agreement.clustered import UnitAgreement, Units, clustered
from qc.stats.agreement.pair_sums import NO_OVERLAP, PairSums, grouped, pooled
from qc.stats.capture import Capture, captured_in_items
from qc.stats.objects.comparison import GATE, Comparison
from qc.stats.objects.frames import frame_agreement
from qc.stats.objects.keypoints import PICTURE
from qc.stats.objects.people import by_person
from qc.stats.objects.reference import against_gold
from qc.stats.patterns import Floats, Integers
from qc.workspace.assess.compared import MOST_PERIODS, by_agreement, by_annotator, by_week, item_shares, pairs_of
from qc.workspace.assess.disagreeing import HARDEST
from qc.workspace.assess.drawn_parts import Compared, compared, text_of
from qc.workspace.assess.item_differences import item_differences
from qc.workspace.assess.item_splits import item_splits
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.over_time import changes_of
from qc.workspace.assess.plain import plain_object

THRESHOLDS: Final = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Gates of `f1_at`: those of COCO."""
ALONE: Final = "one person answered, so there is nobody to agree with"
NOTHING: Final = "nobody drew anything on an item that two people answered"
NO_MATCH: Final = "no two people drew the same object"
NO_POINTS: Final = "no two people have a point of one label within reach"
NO_KAPPA: Final = "objects are found, not chosen from a list: no kappa"


def entry(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    """F1, alpha over objects (not drawn is a label of its own), their labels and places apart, and who differs where.

    Objects are the same at a similarity of GATE: intersection over union, OKS of key points, nearness of lines,
    temporal overlap of tracks. `percent` is how often two people call an object the same, or both leave it out.
    """
    seen = compared(lens, question)
    comparison = seen.comparison
    units, why = comparison.units(), _why_undefined(comparison)
    why_apart = NO_MATCH if why == NOTHING else why
    found, labels = clustered(units, why), clustered(units.marked(), why_apart)
    f1 = comparison.f1()
    team, items = _ratio(f1, why)
    shared = seen.frame[seen.frame["annotator"] >= 0].groupby("item").size()
    used, of_items = int((shared > 1).sum()), item_shares(f1)
    gold = against_gold(comparison)
    return plain_object(
        {
            "question": question,
            "kind": kind,
            "level": "objects",
            "percent": found.percent,
            "alpha": found.alpha,
            "alpha_items": found.alpha_items,
            "items_used": used,
            "items_dropped": int((shared == 1).sum()),
            "empty_items": used - len(of_items[0]),
            "sentence": _sentence(seen, team, used - len(of_items[0]), used),
            "f1": team,
            "f1_items": items,
            "iou": _ratio(comparison.overlap, why_apart)[0],
            "label_alpha": labels.alpha,
            "f1_at": [{"threshold": gate, "f1": _ratio(comparison.f1(gate), why)[0]} for gate in THRESHOLDS],
            "disagreement": [
                {"type": kind_of, "n": int(sums.numerator.sum()), "share": _ratio(sums, why)[0]}
                for kind_of, sums in comparison.disagreement.items()
            ],
            **_on_video(seen),
            **_of_points(seen),
            "chance": seen.chance,
            "chance_note": None if seen.chance is None else _chance_note(seen),
            "against_gold": gold,
            "missed": _missed(comparison),
            "by_label": _by_label(seen),
            "pairs": pairs_of(f1, seen.people, NO_KAPPA),
            "influence": _influence(seen, found),
            "by_annotator": by_annotator(by_person(*comparison.everyone()), seen.people),
            "items_by_agreement": by_agreement(f1, 2),
            "by_period": _by_period(seen, units, f1),
            "splits": item_splits(lens, f1),
            "differences": item_differences(lens, f1, _weeks(seen)),
            **changes_of([(week, each) for week, _, each in by_week(f1, _weeks(seen))], "F1"),
            "hardest": _hardest(seen, *of_items),
        }
    )


def _missed(comparison: Comparison) -> Capture | None:
    """What two people drew, and what both missed; None where no two answered the same item."""
    found = comparison.everyone()[0]
    if not len(found.item):
        return None
    return captured_in_items(found.item, (found.one, found.other), found.of_one, found.of_other, found.paired)


def _why_undefined(comparison: Comparison) -> str:
    """Why there is no agreement, where there is none."""
    people = comparison.answers.annotator[comparison.answers.annotator >= 0]
    if len(np.unique(people)) < 2:
        return ALONE
    return NOTHING if comparison.people.any() else NO_OVERLAP


def _ratio(sums: PairSums, why: str) -> tuple[Estimate, Estimate]:
    """`pooled`, with the reason that holds for the question as a whole."""
    none = undefined(why, 0, "items")
    return pooled(sums, why) if len(sums.item) else (none, none)


def _by_label(seen: Compared) -> list[dict[str, Any]]:
    """F1 of the objects of each label, of which people drew n on items that two of them answered."""
    comparison = seen.comparison
    sums, label = comparison.by_label()
    codes, group = np.unique(label, return_inverse=True)
    found = grouped(sums, group, len(codes), NOTHING)
    own = comparison.objects.label[np.isin(comparison.objects.item, sums.item) & (comparison.objects.annotator >= 0)]
    n = np.bincount(np.searchsorted(codes, own), minlength=len(codes))
    return [
        {"label": seen.labels[code], "n": int(count), "agreement": team}
        for code, count, (team, _) in zip(codes.tolist(), n, found, strict=True)
    ]


def _influence(seen: Compared, found: UnitAgreement) -> list[dict[str, Any]]:
    order = np.argsort(-found.without, kind="stable")
    return [
        {
            "annotator": seen.people[int(found.annotators[at])],
            "ratings": int(found.ratings[at]),
            "alpha_without": None if np.isnan(found.without[at]) else float(found.without[at]),
        }
        for at in order
    ]


def _by_period(seen: Compared, units: Units, f1: PairSums) -> list[dict[str, Any]]:
    """Agreement on objects in each week in which items were first answered, oldest first."""
    known = seen.frame[seen.frame["period"].notna()].drop_duplicates("item")
    f1_of = {week: each for week, _, each in by_week(f1, _weeks(seen))}
    found = []
    for period, items in sorted(known.groupby("period")["item"])[-MOST_PERIODS:]:
        of_week = clustered(units.where(np.isin(units.item, items)), NOTHING)
        n = len(np.unique(f1.item[np.isin(f1.item, items)]))
        row = {"period": period, "n": n, "alpha": of_week.alpha, "percent": of_week.percent}
        found.append(row | {"f1": f1_of.get(period, undefined(NOTHING, n, "items"))})
    return found


def _weeks(seen: Compared) -> pd.Series:
    """The week in which each item was first answered."""
    return seen.frame.drop_duplicates("item").set_index("item")["period"]


def _hardest(seen: Compared, items: Integers, f1: Floats) -> list[dict[str, Any]]:
    """The items with the lowest F1, and what everybody drew on them."""
    answers, objects = seen.comparison.answers, seen.comparison.objects
    found = []
    for at in np.lexsort((items, f1))[:HARDEST].tolist():
        people = answers.annotator[(answers.item == items[at]) & (answers.annotator >= 0)]
        drawn = objects.item == items[at]
        given = [
            {
                "annotator": seen.people[who],
                "label": text_of(objects.label[drawn & (objects.annotator == who)], seen.labels),
            }
            for who in people.tolist()
        ]
        found.append({"item_id": seen.items[int(items[at])], "agreement": float(f1[at]), "answers": given})
    return found


def _on_video(seen: Compared) -> dict[str, Estimate]:
    """For tracks: F1 of single frames, and IDF1, which is lower by what changed identities cost."""
    if not seen.frames:
        return {}
    in_frame, identity = frame_agreement(seen.frames)
    return {"frame_f1": in_frame, "idf1": identity}


def _of_points(seen: Compared) -> dict[str, Any]:
    """For single points: the median distance of those that two people have under one label, and what is tolerated.

    The interval of the median is where the share of pairs below it may be one half: Woodruff 1952.
    """
    comparison = seen.comparison
    if not len(comparison.tolerances):
        return {}
    tolerated = {"tolerance": float(np.median(comparison.tolerances))}
    rows, apart = comparison.distances
    if not len(rows):
        return tolerated | {"distance": undefined(NO_POINTS, 0, "pairs of points")}
    middle, size = float(np.median(apart)), len(comparison.pairs.one)
    below, every = (np.bincount(rows, weights, size).astype(np.float64) for weights in (apart <= middle, None))
    share = pooled(comparison.sums(below, every), NO_POINTS)[0]
    low, high = (None if end is None else float(np.quantile(apart, end)) for end in (share.low, share.high))
    method = f"median distance in pixels, Woodruff's interval; {share.method}"
    return tolerated | {"distance": Estimate(middle, low, high, len(rows), "pairs of points", method, share.warning)}


def _chance_note(seen: Compared) -> str:
    return (
        f"F1 of two people's answers to different items, {seen.chance_pairs:,} pairs drawn by chance: what is to be "
        "expected of people who do not look. Alpha counts the chance agreement of labels itself."
    )


def _sentence(seen: Compared, f1: Estimate, empty: int, items: int) -> str | None:
    if f1.value is None:
        return None
    sums = seen.comparison.disagreement
    total = float(next(iter(sums.values())).denominator.sum())
    share = {kind: f"{float(of.numerator.sum()) / total * 100:.0f} %" for kind, of in sums.items()}
    beside = _points_told(seen) + (f" On {empty:,} of {items:,} items nobody drew anything." if empty else "")
    beside += "" if seen.chance is None else f" By chance F1 would be {seen.chance:.2f}."
    return (
        f"Of the objects that two people compare, both have {f1.value * 100:.0f} % in one place (at {GATE}) under one "
        f"label; {share['missed']} only one of them drew, {share['mislabelled']} have two labels, "
        f"{share['mislocated']} lie apart.{beside}"
    )


def _points_told(seen: Compared) -> str:
    """How near single points must be, and how near they are."""
    of_points = _of_points(seen)
    if not of_points:
        return ""
    middle = of_points["distance"].value
    found = "" if middle is None else f"; those of one label lie {middle:.1f} px apart (median)"
    wide, high = PICTURE
    unknown = f" Where a picture's size is not known, {wide} × {high} px are taken." if seen.unsized else ""
    return f" Single points are one within {of_points['tolerance']:.1f} px{found}.{unknown}"
