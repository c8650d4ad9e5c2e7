"""Error rates of parts of the work, weighted by how the answers were chosen, with annotators as clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from qc.stats.comparison.sides import Floats, Side, none, unbiased, wilson_at
from qc.stats.hajek import fractions

UNIT: Final = "answers"
NOTHING: Final = "nothing judged"
SUMS: Final = ("n", "errors", "weight", "wrong", "square")


@dataclass(frozen=True, slots=True)
class Cells:
    """Sums of judged answers, one row per key and one column per person: as they are, and weighted by 1/π.

    `square`: the sum of squared weights, which says how many answers they are worth. Parts may be added and taken
    from each other (`less`).
    """

    keys: tuple[Any, ...]
    people: tuple[str, ...]
    n: Floats
    errors: Floats
    weight: Floats
    wrong: Floats
    square: Floats

    def row(self, key: Any) -> Cells:
        """Of one key; nothing where there is none of it."""
        at = self.keys.index(key) if key in self.keys else None
        rows = {name: getattr(self, name)[[at]] if at is not None else np.zeros((1, len(self.people))) for name in SUMS}
        return Cells((key,), self.people, **rows)

    def less(self, other: Cells) -> Cells:
        """One part without another that lies in it."""
        return Cells(
            self.keys, self.people, **{name: np.maximum(getattr(self, name) - getattr(other, name), 0) for name in SUMS}
        )


def cells(frame: pd.DataFrame, key: str, people: tuple[str, ...]) -> Cells:
    """The sums of a frame of `judged_counts` of one source with a key and `annotator`.

    people: whom the columns stand for. Rows without the key are left out; rows that nobody drew weigh one each.
    """
    rows = frame[(frame["n"] > 0) & frame[key].notna() & frame["annotator"].isin(people)]
    keys = sorted(rows[key].unique().tolist())
    weight = np.ones(len(rows))
    drawn = rows["pi"].notna().to_numpy()
    if drawn.any():
        weight[drawn] = 1 / fractions(rows[drawn])
    at = pd.Index(keys).get_indexer(pd.Index(rows[key])), pd.Index(people).get_indexer(pd.Index(rows["annotator"]))
    n, errors = rows["n"].to_numpy(float), rows["errors"].to_numpy(float)
    sums = {"n": n, "errors": errors, "weight": weight * n, "wrong": weight * errors, "square": weight**2 * n}
    tables = {}
    for name, values in sums.items():
        table = np.zeros((len(keys), len(people)))
        np.add.at(table, at, values)
        tables[name] = table
    return Cells(tuple(keys), people, **tables)


def error_side(part: Cells) -> Side:
    """The error rate of one row of cells: Hájek's ratio in Wilson's limits at its effective n.

    That n is the smaller of what the weights leave (Kish) and what people who differ leave; undefined without any.
    The answers are taken as a sample of such work, so that no finite population makes it surer.
    """
    weights, wrong = part.weight[0], part.wrong[0]
    total = float(weights.sum())
    if not total:
        return none(NOTHING, UNIT, weights)
    rate = min(1.0, float(wrong.sum()) / total)
    shifts = unbiased((wrong - rate * weights) / total, weights)
    size = total**2 / float(part.square.sum())
    spread = rate * (1 - rate)
    variance = max(float((shifts**2).sum()), spread / size)
    worth = spread / variance if spread > 0 else size
    return Side(rate, round(part.n.sum()), UNIT, lambda q: wilson_at(rate, worth, q), variance, shifts, weights)
