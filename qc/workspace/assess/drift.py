"""Section `drift`: each batch beside all batches before it: label mix, new values, unusual lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from qc.stats.comparison import Mix, mix_against, new_values, outside, standing_out
from qc.stats.comparison.gaps import adjust
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.parts import Parts
from qc.workspace.assess.plain import plain_rows

MOST_BATCHES: Final = 40
MOST_VALUES: Final = 50
MOST_ITEMS: Final = 1_000
LENGTHS: Final = ("characters", "width", "height", "frames")
WEEKS: Final = "week"


def section(lens: Lens) -> list[dict[str, Any]]:
    """One entry per batch after the first, in the order in which they began; weeks where no batch is named.

    p-values hold over all batches that were tested (Benjamini and Hochberg). `drifted` says that the label mix moved
    by at least the policy's alerts.mix_shift and that this is more than noise.
    """
    kind, batches = order(lens)
    rows = list(_rows(lens, kind, batches[-MOST_BATCHES - 1 :]))
    for row, p in zip(rows, adjust([row["labels"]["p"] for row in rows]), strict=True):
        row["labels"]["p_adjusted"] = p
    lengths = [length for row in rows for length in row["lengths"]]
    for length, p in zip(lengths, adjust([length["p"] for length in lengths]), strict=True):
        length["p_adjusted"] = p
    compare, least = lens.policy.compare, lens.policy.alerts.mix_shift
    for row in rows:
        labels = row["labels"]
        p = labels["p_adjusted"]
        labels["drifted"] = p is not None and p < compare.false_discovery and labels["moved"] >= least
        for length in row["lengths"]:
            length["drifted"] = length["p_adjusted"] < compare.false_discovery and length["items"] >= compare.least
    return plain_rows(rows)


def order(lens: Lens) -> tuple[str, list[Any]]:
    """Whether `batch` or `week` tells the work apart, and its values by when they began (then by name)."""
    given = lens.frame("given_parts", ("batch",))
    if given["batch"].nunique() > 1:
        began = given[given["batch"].notna()].groupby("batch")["day"].min().fillna(np.inf)
        return "batch", [
            name for name, _ in sorted(zip(began.index, began, strict=True), key=lambda row: (row[1], str(row[0])))
        ]
    weeks = lens.frame("batch_values")[WEEKS].dropna()
    return WEEKS, sorted(int(week) for week in weeks.unique())


def placed(lens: Lens, kind: str, question_code: int) -> pd.DataFrame:
    """item, code and the batch or week of each answer to a question; weeks are those of an item's first answer."""
    given = lens.frame("given_parts", ("batch",))
    given = given[given["question"] == question_code]
    if kind == "batch":
        return given[given["batch"].notna()].rename(columns={"batch": "part"})
    first = given.groupby("item")["day"].transform("min")
    return given.assign(part=first - (first + 3) % 7).dropna(subset=["part"])


def drifting(lens: Lens, batch: str) -> list[dict[str, Any]]:
    """The items of a batch that make it another: item_id and why, at most MOST_ITEMS.

    Items with a label that none had before, with one that stands out as more frequent, or of an unusual length.
    """
    kind, batches = order(lens)
    entry = next((row for row in lens.section("drift") if row["batch"] == batch), None)
    part = next((part for part in batches if part_name(kind, part) == batch), None)
    asked = Parts(lens, "batch").asked
    if entry is None or part is None:
        return []
    why: list[tuple[int, str]] = []
    if asked is not None:
        answers = placed(lens, kind, int(asked.of("questions")["code"].iloc[0]))
        own = answers[answers["part"] == part]
        told = {
            row["label"]: "a label that no batch had before"
            if row["before"] == 0
            else "a label more frequent than before"
            for row in entry["labels"]["shares"]
            if row["share"] > row["before"]
            and (row["before"] == 0 or (row["stands_out"] and entry["labels"]["drifted"]))
        }
        labels = own["code"].map(asked.labels)
        found = own.assign(label=labels)[labels.isin(told)].drop_duplicates(["item", "label"])
        why += [
            (int(item), f"{told[label]}: {label}") for item, label in zip(found["item"], found["label"], strict=True)
        ]
    lengths = lens.frame("batch_lengths")
    lengths = lengths[lengths[kind] == part]
    for length in entry["lengths"]:
        known = lengths[lengths[length["field"]].notna()]
        values = known[length["field"]]
        beyond = known[(values < length["low"]) | (values > length["high"])] if length["drifted"] else known[:0]
        why += [
            (int(item), f"{length['field']}: {value:,.0f}, usual are {length['low']:,.0f} to {length['high']:,.0f}")
            for item, value in zip(beyond["item"], beyond[length["field"]], strict=True)
        ]
    chosen = why[:MOST_ITEMS]
    names = _names(lens, [item for item, _ in chosen])
    return [{"item_id": names[item], "why": reason} for item, reason in chosen]


def _names(lens: Lens, codes: list[int]) -> dict[int, str]:
    """The ids behind a few codes of items."""
    items = lens.snapshot.base(lens.policy).items
    rows = lens.snapshot.rows(lambda _facts: items.filter(items.item.isin(codes)).select("item", "item_id"))
    return dict(zip(rows["item"].tolist(), rows["item_id"].tolist(), strict=True))


def part_name(kind: str, part: Any) -> str:
    """A batch by its name, a week by its Monday."""
    return str(part) if kind == "batch" else str(np.datetime64(int(part), "D"))


def _rows(lens: Lens, kind: str, batches: list[Any]) -> Iterator[dict[str, Any]]:
    asked = Parts(lens, "batch").asked
    code = -1 if asked is None else int(asked.of("questions")["code"].iloc[0])
    answers = placed(lens, kind, code)
    values, lengths = lens.frame("batch_values"), lens.frame("batch_lengths")
    labels = {} if asked is None else asked.labels
    for place in range(1, len(batches)):
        now, before = batches[place], batches[:place]
        own, earlier = answers[answers["part"] == now], answers[answers["part"].isin(before)]
        found = mix_against(*_integers(own), *_integers(earlier))
        yield {
            "by": kind,
            "batch": part_name(kind, now),
            "question": None if asked is None else asked.question,
            "items": int(lengths.loc[lengths[kind] == now, "item"].nunique()),
            "items_before": int(lengths.loc[lengths[kind].isin(before), "item"].nunique()),
            "labels": _labels(found, labels),
            "new": _new(values[values[kind] == now], values[values[kind].isin(before)]),
            "lengths": list(_lengths(lengths[lengths[kind] == now], lengths[lengths[kind].isin(before)])),
        }


def _integers(rows: pd.DataFrame) -> tuple[Any, Any]:
    return rows["item"].to_numpy(np.int64), rows["code"].to_numpy(np.int64)


def _labels(found: Mix, names: dict[int, str]) -> dict[str, Any]:
    bound, size = standing_out(found.z), np.abs(found.z)
    told = np.argsort(-size, kind="stable")
    return {
        "moved": found.moved,
        "p": found.p,
        "shares": [
            {
                "label": names.get(int(found.labels[at]), str(found.labels[at])),
                "share": float(found.share[at]),
                "before": float(found.before[at]),
                "stands_out": bool(size[at] > bound),
            }
            for at in told[:MOST_VALUES]
        ],
    }


def _new(now: pd.DataFrame, before: pd.DataFrame) -> list[dict[str, Any]]:
    """Values of the batch that none before it had, the most frequent first; a field that none had is left out."""
    rows: list[dict[str, Any]] = []
    for field, own in now.groupby("field", sort=True):
        seen = before[before["field"] == field]
        if seen.empty:
            continue
        counts = own.groupby("value")["items"].sum().astype(int).to_dict()
        unseen = new_values(counts, dict.fromkeys(seen["value"], 1))
        rows += [{"field": str(field), "value": str(value), "items": n} for value, n in unseen.items()]
    return sorted(rows, key=lambda row: (-row["items"], row["field"], row["value"]))[:MOST_VALUES]


def _lengths(now: pd.DataFrame, before: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for field in LENGTHS:
        own, earlier = (part[field].dropna().to_numpy(float) for part in (now, before))
        if len(own) and len(earlier):
            share, p, limits = outside(own, earlier)
            yield {
                "field": field,
                "items": len(own),
                "outside": share,
                "low": limits[0],
                "high": limits[1],
                "p": p,
            }
