"""What is added to the entry of answers that are more than equal or not; free text, which has only that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.judge import SEPARATOR
from qc.stats.agreement.chance import Distance
from qc.stats.agreement.distance import DistanceAgreement, distance_agreement
from qc.stats.agreement.pair_sums import PairSums
from qc.stats.distances import chrf, edit, jaccard, kendall, masi, mean_w, position_bias, taxonomy, token_f1
from qc.workspace.assess.asked import Asked
from qc.workspace.assess.by_distance import Measure, by_distance
from qc.workspace.assess.compared import alpha_of, by_agreement, by_week, closeness, coded_rows, item_shares, pairs_of
from qc.workspace.assess.item_differences import item_differences
from qc.workspace.assess.item_splits import item_splits
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.over_time import changes_of
from qc.workspace.assess.plain import plain_object

HARDEST: Final = 20
MOST_CHARACTERS: Final = 300
"""How much of a text the list of hardest items holds."""

CHANCE_OF_W: Final = (
    "Kendall's W of orders that have nothing to do with each other: the mean over items of 1 / rankings"
)
NO_KAPPA: Final = "kappa compares labels; texts are compared word by word"

_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A way to tell how far apart two answers are; `note` says what 0 and 1 mean and where it is from."""

    name: str
    make: Callable[[Sequence[Any]], Distance]
    note: str


SETS: Final = (
    Measured("Jaccard", jaccard, "one minus the share of labels in common; 0: the same labels, 1: none in common"),
    Measured("MASI", masi, "Jaccard, milder where one set holds the other; Passonneau 2006"),
)
PATHS: Final = (Measured("path", taxonomy, "one minus twice the depth in common over both depths; Wu and Palmer 1994"),)
ORDERS: Final = (
    Measured("Kendall tau", kendall, "the share of pairs in opposite order, (1 − tau) / 2; 0: the same order"),
)
TEXTS: Final = (
    Measured("token F1", token_f1, "one minus F1 of the words of two texts; 0: the same words, 1: none in common"),
    Measured("chrF", chrf, "one minus F1 of runs of 1 to 6 characters; Popović 2015"),
    Measured("edit distance", edit, "characters to insert, delete or replace, over the longer text; Levenshtein 1966"),
)
_DISTANCES: Final[Mapping[str, tuple[Measured, ...]]] = {"multi": SETS, "taxonomy": PATHS, "ranking": ORDERS}


def of_pairs(asked: Asked) -> dict[str, Any]:
    """`position_bias` of preferences between two things."""
    shown = coded_rows(asked, "shown_first")
    item, annotator, first = (shown[name].to_numpy(np.int64) for name in ("item", "annotator", "first"))
    return plain_object({"position_bias": position_bias(item, annotator, first)})


def of_distances(asked: Asked) -> dict[str, Any]:
    """`distances` of sets, paths and orders (`concordance`: Kendall's W), and what `by_distance` tells of their parts.

    The last distance is the headline, and tells how hard items are: nominal alpha takes answers that are nearly alike
    for different ones.
    """
    kind = asked.kind
    rows = coded_rows(asked, "codes").sort_values(["item", "annotator"], kind="stable")
    keys = coded_rows(asked, "label_keys")
    item, annotator, code = (rows[name].to_numpy(np.int64) for name in ("item", "annotator", "code"))
    known = keys["code"].to_numpy(np.int64)
    value = np.searchsorted(known, code)
    values = [_value(kind, key) for key in keys["key"].tolist()]
    made = [each.make(values) for each in _DISTANCES[kind]]
    listed = [_distance(each, by, item, annotator, value) for each, by in zip(_DISTANCES[kind], made, strict=True)]
    distances, whole = [row for row, _ in listed], listed[-1][1]
    near = closeness(item, annotator, value, made[-1])
    found: dict[str, Any] = {
        "distances": distances,
        "headline": _headline(distances[-1]),
        "items_by_agreement": by_agreement(near, 2),
        "hardest": _hardest(asked, near, rows.assign(text=rows["code"].map(asked.labels))),
        **by_distance(asked, Measure(made[-1], known, whole.expected)),
    }
    if kind == "ranking":
        found["concordance"], found["chance"] = mean_w(item, value, values)
        found["chance_note"] = CHANCE_OF_W
    return plain_object(found)


def entry(lens: Lens, question: str, kind: str) -> dict[str, Any]:
    """Free text: `percent` is the mean token F1 of two people's texts, alpha that of its distance."""
    asked = Asked(lens, question, kind)
    rows = coded_rows(asked, "texts").sort_values(["item", "annotator"], kind="stable")
    value, texts = pd.factorize(rows["text"])
    item, annotator = rows["item"].to_numpy(np.int64), rows["annotator"].to_numpy(np.int64)
    made = [each.make(texts.tolist()) for each in TEXTS]
    listed = [_distance(by, distance, item, annotator, value) for by, distance in zip(TEXTS, made, strict=True)]
    found, distance = listed[0][1], made[0]
    sums = closeness(item, annotator, value, distance)
    weeks = rows.drop_duplicates("item").set_index("item")["period"]
    weekly = by_week(sums, weeks)
    return plain_object(
        {
            "question": question,
            "kind": kind,
            "level": "text",
            "percent": found.similarity,
            "headline": _headline(listed[0][0]),
            "alpha": found.alpha,
            "alpha_items": found.alpha_items,
            "items_used": found.items_used,
            "items_dropped": found.items_dropped,
            "sentence": _sentence(found),
            "by_label": [],
            "pairs": pairs_of(sums, asked.people, NO_KAPPA),
            "influence": [replace(row, annotator=asked.people[row.annotator]) for row in found.influence],
            "items_by_agreement": by_agreement(sums, 2),
            "by_period": [
                {"period": week, "n": n, "alpha": alpha_of(close, found.expected), "percent": close}
                for week, n, close in weekly
            ],
            "splits": item_splits(lens, sums),
            "differences": item_differences(lens, sums, weeks),
            **changes_of([(week, close) for week, _, close in weekly], "words in common"),
            "hardest": _hardest(asked, sums, rows),
            "distances": [each for each, _ in listed],
            "chance": None if found.expected is None else 1 - found.expected,
            "chance_note": "the mean token F1 of any two texts, whatever they were written about",
        }
    )


def _headline(distance: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"alpha ({distance['name']})", "team": distance["alpha"], "items": distance["alpha_items"]}


def _value(kind: str, key: str) -> Any:
    return key if kind == "taxonomy" else [part for part in key.split(SEPARATOR) if part]


def _distance(
    by: Measured, distance: Distance, item: NDArray[Any], annotator: NDArray[Any], value: NDArray[Any]
) -> tuple[dict[str, Any], DistanceAgreement]:
    found = distance_agreement(item, annotator, value, distance, _SEED)
    return {
        "name": by.name,
        "alpha": found.alpha,
        "alpha_items": found.alpha_items,
        "observed": found.observed,
        "expected": found.expected,
        "sigma": found.sigma,
        "note": by.note,
    }, found


def _hardest(asked: Asked, sums: PairSums, rows: pd.DataFrame) -> list[dict[str, Any]]:
    items, share = item_shares(sums)
    chosen = np.lexsort((items, share))[:HARDEST]
    chosen = chosen[share[chosen] < 1]
    names = asked.item_names(items[chosen].tolist())
    texts = {int(item): part for item, part in rows[rows["item"].isin(items[chosen])].groupby("item")}
    return [
        {
            "item_id": names[item],
            "agreement": float(degree),
            "answers": [
                {"annotator": asked.people[who], "label": text[:MOST_CHARACTERS]}
                for who, text in zip(texts[item]["annotator"].tolist(), texts[item]["text"].tolist(), strict=True)
            ],
        }
        for item, degree in zip(items[chosen].tolist(), share[chosen].tolist(), strict=True)
    ]


def _sentence(found: DistanceAgreement) -> str | None:
    close, chance = found.similarity.value, found.expected
    if close is None or chance is None:
        return None
    return (
        f"Two people's texts share {close * 100:.0f} % of their words, any two texts {(1 - chance) * 100:.0f} %: alpha "
        "is what lies between."
    )
