"""How often 95 % intervals of agreement hold the true value, in planted data.

Alpha: annotators are drawn from a population (accuracy ~ Beta(8, 2), errors spread over the other labels), items from
another; three annotators an item, a tenth of the answers missing. For such a team the truth is the alpha of two random
annotators on endless items; for these annotators that of the team at hand on endless items. ICC: effects of items and
annotators and errors are normal.

    python tests/benchmarks/agreement_coverage.py [--runs 2000] [--only team]
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
from qc.stats.patterns import Patterns, patterns_from_answers

SEEDS = (11, 12, 13)
"""Fixed before the first run."""

LABELS = {"balanced": (0.25, 0.25, 0.25, 0.25), "skewed": (0.7, 0.15, 0.1, 0.05), "rare": (0.9, 0.05, 0.03, 0.02)}
PER_ITEM = 3
LOWEST, HIGHEST = 0.92, 0.975
"""What is promised of every cell, or a warning."""


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
        return float(1 - (share @ (pairs * distance).sum(axis=(1, 2))) / (np.outer(marginal, marginal) * distance).sum())

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


CELLS = tuple(Cell(*design) for design in product((5, 10, 30, 100), (3, 10, 100), LABELS))
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


@dataclass(frozen=True)
class Crossed:
    """Numbers of all annotators for all items: variances of items, annotators and errors."""

    items: int
    annotators: int
    between: float = 1.0
    people: float = 0.3
    error: float = 1.0

    def truths(self) -> dict[str, float]:
        """Of single numbers; ICC(1) where each item has annotators of its own."""
        total = self.between + self.people + self.error
        return {"icc1": self.between / total, "icc2": self.between / total, "icc3": self.between / (total - self.people)}

    def draw(self, generator: np.random.Generator, nested: bool) -> np.ndarray:
        """items x annotators."""
        people = generator.normal(0, sqrt(self.people), (self.items if nested else 1, self.annotators))
        between = generator.normal(0, sqrt(self.between), (self.items, 1))
        return between + people + generator.normal(0, sqrt(self.error), (self.items, self.annotators))


TABLES = tuple(Crossed(*design) for design in product((10, 30, 100), (3, 5, 10)))


def icc(table: Crossed, runs: int) -> dict[str, Coverage]:
    """Of the three coefficients, for such a team."""
    found: dict[str, list[tuple[Estimate, float]]] = {name: [] for name in table.truths()}
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        for _ in range(runs // len(SEEDS)):
            nested = intraclass(table.draw(generator, True))
            crossed = intraclass(table.draw(generator, False))
            for name, truth in table.truths().items():
                found[name].append(((nested if name == "icc1" else crossed)[name].team, truth))
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
    parser.add_argument("--labels", nargs="*", default=list(LABELS))
    parser.add_argument("--level", default="nominal")
    runs = parser.parse_args().runs
    chosen, level = parser.parse_args().labels, parser.parse_args().level
    print("| alpha of | annotators | items | labels " + HEAD + "\n" + "|---" * 9 + "|")
    for cell in CELLS:
        if cell.labels in chosen:
            design = f"{cell.annotators} | {cell.annotators * cell.each} | {cell.labels}"
            cell = Cell(cell.annotators, cell.each, cell.labels, level)
            for name, found in zip(("such a team", "these people"), alpha(cell, runs), strict=True):
                print(f"| {name} | {design} | {row(found)}", flush=True)
    print("\n| ICC | annotators | items " + HEAD + "\n" + "|---" * 8 + "|")
    for table in TABLES:
        for name, found in icc(table, runs).items():
            print(f"| {name} | {table.annotators} | {table.items} | {row(found)}", flush=True)


if __name__ == "__main__":
    main()
