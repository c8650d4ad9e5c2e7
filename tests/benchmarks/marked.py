"""What agreement on spans and on free texts costs, and how often the intervals of spans hold the population's value.

Spans: texts of 2,000 characters, three of 100 people each, ten planted marks of which a tenth is missed and a fifth
moved. Texts: 20 words, of which each of three people changes 30 %. Coverage: people who find Beta(8, 2) of the marks
and place Beta(8, 2) of these exactly; the population's value is that of 6,000 people who mark a few texts each.

    python tests/benchmarks/marked.py [--marks 1000000] [--texts 200000] [--runs 2000]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from qc.stats.agreement.distance import distance_agreement
from qc.stats.distances import chrf, edit, token_f1
from qc.stats.spans import Marks, mark_agreement, marks_of, unitizing
from qc.stats.spans.agreement import EXACT
from qc.stats.spans.unitizing import alpha_of

SEED = 21
"""Fixed before the first run."""
CELLS = ((5, 10), (10, 10), (30, 10), (30, 30))
"""Annotators, and texts that each of them marks; three people mark a text."""


def marked(rng: np.random.Generator, texts: int, found: float = 0.9, moved: float = 0.2) -> Marks:
    """Three people's marks of texts."""
    people = rng.integers(0, 98, texts)[:, None] + np.arange(3)
    item, who = np.repeat(np.arange(texts), 3), people.reshape(-1)
    first = np.repeat(rng.integers(5, 1980, (texts, 10)), 3, axis=0).reshape(-1)
    code = np.repeat(rng.integers(0, 8, (texts, 10)), 3, axis=0).reshape(-1)
    last = first + np.repeat(rng.integers(4, 15, (texts, 10)), 3, axis=0).reshape(-1)
    first = first - np.where(rng.random(len(first)) < moved, rng.integers(1, 4, len(first)), 0)
    kept = rng.random(len(first)) < found
    rows = (np.repeat(item, 10), np.repeat(who, 10), code, first, last)
    return marks_of((item, who, np.full(len(item), 2000)), tuple(row[kept] for row in rows))


def written(rng: np.random.Generator, texts: int) -> list[str]:
    """Three texts each about some things."""
    words = np.array([f"w{number:04d}" for number in range(5000)])
    said = np.repeat(rng.integers(0, 5000, (texts // 3, 20)), 3, axis=0)
    other = rng.random(said.shape) < 0.3
    said[other] = rng.integers(0, 5000, int(other.sum()))
    return [" ".join(row) for row in words[said].tolist()]


def team(rng: np.random.Generator, annotators: int, each: int) -> Marks:
    """Marks of people who differ in what they find and how exactly."""
    texts = annotators * each // 3
    finds, places = rng.beta(8, 2, annotators), rng.beta(8, 2, annotators)
    who = np.concatenate([rng.choice(annotators, 3, replace=False) for _ in range(texts)])
    item, of = np.repeat(np.arange(texts), 12), np.repeat(who, 4)
    start = np.arange(4) * 60 + rng.integers(0, 40, (texts, 4))
    first = np.repeat(start, 3, axis=0).reshape(-1)
    last = first + 10 + np.where(rng.random(len(first)) < places[of], 0, rng.integers(1, 5, len(first)))
    kept = rng.random(len(first)) < finds[of]
    rows = (item, of, np.zeros(len(of), dtype=np.int64), first, last)
    answers = (np.repeat(np.arange(texts), 3), who, np.full(3 * texts, 260))
    return marks_of(answers, tuple(row[kept] for row in rows))


def coverage(annotators: int, each: int, runs: int) -> tuple[float, float]:
    """How often the team intervals of F1 and of alpha for unitizing hold the population's values."""
    rng = np.random.default_rng(SEED)
    whole = [team(rng, 2000, 3) for _ in range(3)]
    f1 = float(np.mean([mark_agreement(marks, EXACT).f1.value for marks in whole]))
    alpha = float(np.mean([alpha_of(marks) for marks in whole]))
    held = np.zeros(2)
    for _ in range(runs):
        marks = team(rng, annotators, each)
        for place, (found, truth) in enumerate(
            ((mark_agreement(marks, EXACT).f1, f1), (unitizing(marks).alpha, alpha))
        ):
            assert found.low is not None
            assert found.high is not None
            held[place] += found.low <= truth <= found.high
    return float(held[0] / runs), float(held[1] / runs)


def timed(name: str, work: Callable[[], object]) -> None:
    """Print the CPU seconds of some work, and the memory of the process so far."""
    began = time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"| {name} | {time.process_time() - began:.1f} | {peak:,} |")


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("marks", 1_000_000), ("texts", 200_000), ("runs", 2000)):
        asked.add_argument(f"--{name}", type=int, default=number)
    options = asked.parse_args()
    rng = np.random.default_rng(SEED)
    marks = marked(rng, options.marks // 27)
    print(f"{len(marks.answer):,} spans, {options.texts:,} texts\n\n| | CPU s | peak MB |\n|---|---|---|")
    timed("spans: F1 by gates, labels, how people differ", lambda: mark_agreement(marks, EXACT))
    timed("spans: alpha for unitizing", lambda: unitizing(marks))
    texts, item = written(rng, options.texts), np.arange(options.texts // 3 * 3) // 3
    who = item % 98 + np.arange(len(item)) % 3
    for make in (token_f1, chrf, edit):
        timed(
            f"texts: {make.__name__}",
            lambda make=make: distance_agreement(item, who, np.arange(len(item)), make(texts)),
        )
    print("\n| annotators | texts each | F1 holds | alpha for unitizing holds |\n|---|---|---|---|")
    for annotators, each in CELLS:
        f1, alpha = coverage(annotators, each, options.runs)
        print(f"| {annotators} | {each} | {f1:.3f} | {alpha:.3f} |", flush=True)


if __name__ == "__main__":
    main()
