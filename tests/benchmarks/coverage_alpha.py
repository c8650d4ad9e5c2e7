"""How often the 95 % interval of alpha holds the population's alpha: unequal loads, careless people, other levels.

The grid of annotators, items and labels is that of agreement_coverage.py.

Annotators are drawn from a population (accuracy ~ Beta(8, 2), errors spread over the other labels), items from another;
a tenth of the answers is missing. The population's alpha is known: that of two random annotators on endless items.

    python tests/benchmarks/coverage_alpha.py [--runs 2000]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from qc.stats.agreement import Both, krippendorff
from qc.stats.patterns import patterns_from_answers

SEEDS = (11, 12, 13)
"""Fixed before the first run."""

EVEN = (0.25, 0.25, 0.25, 0.25)
SKEWED = (0.7, 0.15, 0.1, 0.05)
RARE = (0.9, 0.05, 0.03, 0.02)


@dataclass(frozen=True)
class Cell:
    """One design.

    `loads` is the spread (sd of the logarithm) of how much the annotators do, `careless` the share of those who guess,
    and `alike` makes all the others equally good.
    """

    annotators: int
    items: int
    per_item: int = 3
    labels: tuple[float, ...] = EVEN
    loads: float = 0.0
    level: str = "nominal"
    careless: float = 0.0
    alike: bool = False

    def population(self) -> float:
        """Alpha of two annotators drawn at random, on endless items."""
        share, size = np.array(self.labels), len(self.labels)
        right = (1 - self.careless) * 0.8 + self.careless / size
        given = np.full((size, size), (1 - right) / (size - 1)) + np.eye(size) * (right - (1 - right) / (size - 1))
        pairs = np.einsum("t,ti,tj->ij", share, given, given)
        marginal = share @ given
        distance = self.distance(marginal)
        return float(1 - (pairs * distance).sum() / (np.outer(marginal, marginal) * distance).sum())

    def distance(self, marginal: np.ndarray) -> np.ndarray:
        """Between labels, for the level of measurement."""
        size = len(self.labels)
        if self.level == "nominal":
            return 1 - np.eye(size)
        place = np.arange(size) if self.level == "interval" else np.cumsum(marginal) - marginal / 2
        return (place[:, None] - place) ** 2

    def draw(self, generator: np.random.Generator) -> Both:
        """One experiment."""
        size = len(self.labels)
        accuracy = np.full(self.annotators, 0.8) if self.alike else generator.beta(8, 2, self.annotators)
        accuracy[generator.random(self.annotators) < self.careless] = 1 / size
        load = np.exp(generator.normal(0, self.loads, self.annotators))
        keys = generator.exponential(size=(self.items, self.annotators)) / load
        who = np.argpartition(keys, self.per_item - 1, axis=1)[:, : self.per_item]
        truth = generator.choice(size, self.items, p=self.labels)[:, None]
        right = generator.random(who.shape) < accuracy[who]
        label = np.where(right, truth, (truth + generator.integers(1, size, who.shape)) % size)
        item, slot = np.nonzero(generator.random(who.shape) >= 0.1)
        return krippendorff(patterns_from_answers(item, who[item, slot], label[item, slot], size), self.level)


PROMISED = (Cell(10, 100), Cell(10, 1_000), Cell(30, 300), Cell(30, 3_000))
"""10 and 30 annotators with 10 and 100 items for each, three labels an item: 92 to 97.5 % are promised."""

ALIKE = Cell(10, 100, alike=True)
"""Annotators who do not differ: the interval for these annotators must hold here."""

OTHERS = (
    ALIKE,
    Cell(10, 300, per_item=2),
    Cell(100, 1_000),
    Cell(10, 100, labels=SKEWED),
    Cell(30, 300, labels=SKEWED),
    Cell(10, 1_000, labels=RARE),
    Cell(10, 1_000, loads=1.0),
    Cell(30, 3_000, loads=1.0),
    Cell(10, 100, level="ordinal"),
    Cell(30, 300, level="interval"),
    Cell(30, 300, careless=0.1),
    Cell(10, 100, careless=0.1),
    Cell(3, 100),
    Cell(4, 100),
    Cell(5, 50),
    Cell(5, 500),
    Cell(10, 20),
    Cell(10, 40),
    Cell(10, 20, labels=SKEWED),
)


@dataclass(frozen=True)
class Coverage:
    """Share of runs whose interval holds the population's alpha, for such a team and for these annotators."""

    runs: int
    team: float
    items: float
    warned: float
    half_width: float


def coverage(cell: Cell, seeds: tuple[int, ...], runs: int) -> Coverage:
    """`runs` experiments in all, shared by the seeds; an undefined alpha counts as not covered."""
    population = cell.population()
    found = []
    for seed in seeds:
        generator = np.random.default_rng(seed)
        found += [cell.draw(generator) for _ in range(runs // len(seeds))]
    covered = [[e.value is not None and e.low <= population <= e.high for e in (one.team, one.items)] for one in found]
    team, items = np.mean(covered, axis=0)
    warned = np.mean([one.team.warning is not None for one in found])
    half = np.median([one.team.high - one.team.low for one in found if one.team.value is not None]) / 2
    return Coverage(len(found), float(team), float(items), float(warned), float(half))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    runs = parser.parse_args().runs
    heads = "annotators, items, per item, labels, loads, level, careless, alike, alpha, team, items only, warned, ±"
    print("| " + " | ".join(heads.split(", ")) + " |\n" + "|---" * 13 + "|")
    for cell in PROMISED + OTHERS:
        found = coverage(cell, SEEDS, runs)
        design = (cell.annotators, cell.items, cell.per_item, cell.labels, cell.loads, cell.level, cell.careless)
        numbers = (cell.population(), found.team, found.items, found.warned, found.half_width)
        print("|", *(f"{x} |" for x in (*design, cell.alike)), *(f"{x:.3f} |" for x in numbers), flush=True)


if __name__ == "__main__":
    main()
