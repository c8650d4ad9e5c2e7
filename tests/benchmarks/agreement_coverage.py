"""How often 95 % intervals of agreement hold the true value, in planted data.

Alpha: annotators are drawn from a population (accuracy ~ Beta(8, 2), errors spread over the other labels), items from
another; three annotators an item, a tenth of the answers missing. For such a team the truth is the alpha of two random
annotators on endless items; for these annotators that of the team at hand on endless items. F1: annotators find each
of an item's objects with a probability ~ Beta(16, 4) of their own, and mark others that are none. ICC: effects of items
and annotators and errors are normal.

    python tests/benchmarks/agreement_coverage.py [--runs 2000] [--of alpha f1 icc] [--labels balanced] [--level …]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np

from qc.model import Estimate
from qc.stats.agreement import krippendorff
from qc.stats.agreement.icc import intraclass
from qc.stats.agreement.pair_sums import PairSums, pooled
from qc.stats.patterns import Patterns, patterns_from_answers

SEEDS = (11, 12, 13)
"""Fixed before the first run."""

LABELS = {"balanced": (0.25, 0.25, 0.25, 0.25), "skewed": (0.7, 0.15, 0.1, 0.05), "rare": (0.9, 0.05, 0.03, 0.02)}
PER_ITEM = 3
LOWEST, HIGHEST = 0.92, 0.975
"""What is promised of every cell; a warning where it is not kept."""


@dataclass(frozen=True)
class Cell:
    """`each` times as many items as annotators; `level` of alpha."""

    annotators: int
    each: int
    labels: str
    level: str = "nominal"

    def truth(self, accuracy: np.ndarray) -> float:
        """Alpha of two of these annotators, drawn at random, on endless items; of one: of two that are like him."""
        share, size = np.array(LABELS[self.labels]), len(LABELS[self.labels])
        given = np.full((len(accuracy), size, size), ((1 - accuracy) / (size - 1))[:, None, None])
        given[:, np.arange(size), np.arange(size)] = accuracy[:, None]
        mean, own = given.mean(axis=0), np.einsum("gti,gtj->tij", given, given) / len(accuracy)
        others = np.einsum("ti,tj->tij", mean, mean)
        people = len(accuracy)
        pairs = others if people == 1 else (people * others - own) / (people - 1)
        marginal = share @ mean
        place = np.arange(size) if self.level == "interval" else np.cumsum(marginal) - marginal / 2
        distance = 1 - np.eye(size) if self.level == "nominal" else (place[:, None] - place) ** 2
        return float(
            1 - (share @ (pairs * distance).sum(axis=(1, 2))) / (np.outer(marginal, marginal) * distance).sum()
        )

    def draw(self, generator: np.random.Generator) -> tuple[Patterns, np.ndarray]:
        """One experiment, and the accuracies of its annotators."""
        labels = LABELS[self.labels]
        items, size = self.annotators * self.each, len(labels)
        accuracy = generator.beta(8, 2, self.annotators)
        who = distinct(generator, items, self.annotators)
        truth = generator.choice(size, items, p=labels)[:, None]
        right = generator.random(who.shape) < accuracy[who]
        label = np.where(right, truth, (truth + generator.integers(1, size, who.shape)) % size)
        item, slot = np.nonzero(generator.random(who.shape) >= 0.1)
        return patterns_from_answers(item, who[item, slot], label[item, slot], size), accuracy


def distinct(generator: np.random.Generator, items: int, annotators: int) -> np.ndarray:
    """Three different annotators for each item, all equally likely."""
    first, second, third = (generator.integers(0, annotators - place, items) for place in range(PER_ITEM))
    second = second + (second >= first)
    low, high = np.minimum(first, second), np.maximum(first, second)
    third = third + (third >= low)
    return np.stack([first, second, third + (third >= high)], axis=1)


@dataclass(frozen=True)
class Coverage:
    """Shares of runs: interval holds the truth, value undefined, a warning; how wide half of it is in the middle."""

    runs: int
    covered: float
    undefined: float
    warned: float
    half_width: float

    @property
    def kept(self) -> bool:
        """As promised, give or take three standard errors of the simulation."""
        low = LOWEST - 3 * sqrt(LOWEST * (1 - LOWEST) / self.runs)
        high = HIGHEST + 3 * sqrt(HIGHEST * (1 - HIGHEST) / self.runs)
        return low <= self.covered <= high


def coverage(found: list[tuple[Estimate, float]]) -> Coverage:
    """From estimates and truths; what is undefined is left out of the coverage."""
    known = [(one, truth) for one, truth in found if one.value is not None]
    covered = [one.low <= truth <= one.high for one, truth in known]
    warned = [one.warning is not None or one.value is None for one, _ in found]
    half = [(one.high - one.low) / 2 for one, _ in known]
    return Coverage(
        len(found), float(np.mean(covered)), 1 - len(known) / len(found), float(np.mean(warned)), float(np.median(half))
    )


POPULATION = np.array([0.8])
"""The mean accuracy: what two random annotators give is that of two who both have it."""


def alpha(cell: Cell, runs: int) -> tuple[Coverage, Coverage]:
    """For such a team, and for these annotators; runs shared by the seeds."""
    team, items = [], []
    population = cell.truth(POPULATION)
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        for _ in range(runs // len(SEEDS)):
            patterns, accuracy = cell.draw(generator)
            both = krippendorff(patterns, cell.level)
            team.append((both.team, population))
            items.append((both.items, cell.truth(accuracy)))
    return coverage(team), coverage(items)


OBJECTS, STRAY = 4.0, 0.5
"""Objects of an item beyond the first, and marks of an answer that are none, on average."""


def f1_truth(found: np.ndarray) -> float:
    """Of two of these annotators, drawn at random, on endless items; of one: of two that are like him."""
    people = len(found)
    both = found.mean() ** 2 if people == 1 else (found.sum() ** 2 - (found**2).sum()) / (people * (people - 1))
    objects = OBJECTS + 1
    return float(objects * both / (objects * found.mean() + STRAY))


def f1_draw(annotators: int, items: int, generator: np.random.Generator) -> tuple[PairSums, np.ndarray]:
    """One experiment: three annotators an item, each two of them compared; and how much each of them finds."""
    finds = generator.beta(16, 4, annotators)
    who = distinct(generator, items, annotators)
    objects = generator.poisson(OBJECTS, items) + 1
    owner = np.repeat(np.arange(items), objects)
    found = generator.random((len(owner), PER_ITEM)) < finds[who][owner]
    marks = generator.poisson(STRAY, who.shape) + np.stack(
        [np.bincount(owner, found[:, place], items) for place in range(PER_ITEM)], axis=1
    )
    pairs = ((0, 1), (0, 2), (1, 2))
    both = [np.bincount(owner, found[:, a] & found[:, b], items) for a, b in pairs]
    parts = [
        (np.arange(items), who[:, a], who[:, b], 2 * n, marks[:, a] + marks[:, b])
        for (a, b), n in zip(pairs, both, strict=True)
    ]
    return PairSums(*(np.concatenate(part) for part in zip(*parts, strict=True))), finds


def f1(annotators: int, items: int, runs: int) -> tuple[Coverage, Coverage]:
    """For such a team, and for these annotators."""
    team, these = [], []
    population = f1_truth(POPULATION)
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        for _ in range(runs // len(SEEDS)):
            sums, finds = f1_draw(annotators, items, generator)
            of_team, of_items = pooled(sums, "nothing marked")
            team.append((of_team, population))
            these.append((of_items, f1_truth(finds)))
    return coverage(team), coverage(these)


@dataclass(frozen=True)
class Crossed:
    """Numbers of all annotators for all items: variances of items, annotators and errors."""

    items: int
    annotators: int
    between: float = 1.0
    people: float = 0.3
    error: float = 1.0

    def draw(self, generator: np.random.Generator, nested: bool) -> tuple[np.ndarray, np.ndarray]:
        """items x annotators, and the effects of the annotators; `nested`: each item has annotators of its own."""
        people = generator.normal(0, sqrt(self.people), (self.items if nested else 1, self.annotators))
        between = generator.normal(0, sqrt(self.between), (self.items, 1))
        return between + people + generator.normal(0, sqrt(self.error), (self.items, self.annotators)), people

    def truth(self, name: str, people: float) -> float:
        """Of single numbers, where annotators have this variance."""
        return self.between / (self.between + self.error + (0.0 if name == "icc3" else people))


TABLES = tuple(Crossed(*design) for design in product((10, 30, 100), (3, 5, 10, 30)))


def icc(table: Crossed, runs: int) -> dict[str, Coverage]:
    """Of the three coefficients for such a team, and of ICC(2) and (3) for these annotators."""
    found: dict[str, list[tuple[Estimate, float]]] = {}
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        for _ in range(runs // len(SEEDS)):
            nested = intraclass(table.draw(generator, True)[0])
            values, people = table.draw(generator, False)
            crossed = intraclass(values)
            found.setdefault("icc1", []).append((nested["icc1"].team, table.truth("icc1", table.people)))
            for name in ("icc2", "icc3"):
                found.setdefault(name, []).append((crossed[name].team, table.truth(name, table.people)))
                own = table.truth(name, float(people.var(ddof=1)))
                found.setdefault(f"{name}, these people", []).append((crossed[name].items, own))
    return {name: coverage(estimates) for name, estimates in found.items()}


HEAD = "| covered | undefined | warned | ± | kept |"


def row(found: Coverage) -> str:
    """The cells of one coverage."""
    numbers = (found.covered, found.undefined, found.warned, found.half_width)
    return " | ".join(f"{number:.3f}" for number in numbers) + (" | yes |" if found.kept else " | **no** |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--of", nargs="*", default=["alpha", "f1", "icc"])
    parser.add_argument("--labels", nargs="*", default=list(LABELS))
    parser.add_argument("--level", default="nominal")
    chosen = parser.parse_args()
    print("| of | annotators | items | labels " + HEAD + "\n" + "|---" * 9 + "|")
    names = ("such a team", "these people")
    for annotators, each, labels in product((5, 10, 30, 100), (3, 10, 100), chosen.labels):
        if "alpha" in chosen.of:
            found = alpha(Cell(annotators, each, labels, chosen.level), chosen.runs)
            for name, one in zip(names, found, strict=True):
                print(f"| alpha, {name} | {annotators} | {annotators * each} | {labels} | {row(one)}", flush=True)
    for annotators, each in product((5, 10, 30, 100), (3, 10, 100)):
        if "f1" in chosen.of:
            for name, one in zip(names, f1(annotators, annotators * each, chosen.runs), strict=True):
                print(f"| F1, {name} | {annotators} | {annotators * each} | | {row(one)}", flush=True)
    for table in TABLES:
        if "icc" in chosen.of:
            for name, one in icc(table, chosen.runs).items():
                print(f"| {name} | {table.annotators} | {table.items} | | {row(one)}", flush=True)


if __name__ == "__main__":
    main()
