"""What agreement on a million answers costs beside the usual packages, each in a process of its own.

    python tests/benchmarks/agreement_speed.py [--answers 1000000] [--repeats 5]

Answers are integer codes in no order: 100 annotators, three of them an item, a tenth missing, five labels. Every step
makes the same answers, brings them into the shape that the package asks for (`prep`) and calls it (`calc`, CPU
seconds, the best of the repeats). Ours begin with the answers, so that their patterns are part of `calc`. `slower` is
the ratio of both together and, in brackets, of the call alone. Memory is what the process grew by at its peak once it
had imported the package: the answers are in it. The last steps have no peer: ten times the answers, five thousand
labels, a million different numbers.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ANNOTATORS, PER_ITEM, LABELS = 100, 3, 5
Answers = tuple[np.ndarray, np.ndarray, np.ndarray]
Prepare = Callable[[Answers], tuple[Any, Callable[[Any], Any]]]
"""From answers: the input, and the call that is measured on it."""


def planted(answers: int, labels: int = LABELS) -> Answers:
    """item, annotator, label; right in four of five cases."""
    generator = np.random.default_rng(7)
    items = int(answers / PER_ITEM / 0.9) + 1
    first = generator.integers(0, ANNOTATORS, items)
    step = generator.integers(1, ANNOTATORS // PER_ITEM, items)
    who = (first[:, None] + step[:, None] * np.arange(PER_ITEM)) % ANNOTATORS
    truth = generator.integers(0, labels, items)[:, None]
    given = np.where(generator.random(who.shape) < 0.8, truth, generator.integers(0, labels, who.shape))
    item, slot = np.nonzero(generator.random(who.shape) < 0.9)
    order = generator.permutation(len(item))[:answers]
    item, slot = item[order], slot[order]
    return item.astype(np.int32), who[item, slot].astype(np.int32), given[item, slot].astype(np.int32)


def matrix(answers: Answers) -> np.ndarray:
    """annotators x items, NaN where nobody answered."""
    item, annotator, label = answers
    table = np.full((ANNOTATORS, int(item.max()) + 1), np.nan)
    table[annotator, item] = label
    return table


def measured_numbers(answers: int) -> Answers:
    """item, annotator, and a number that hardly anybody else gave."""
    item, annotator, _ = planted(answers)
    generator = np.random.default_rng(8)
    return item, annotator, generator.normal(size=int(item.max()) + 1)[item] + generator.normal(size=len(item))


def our_alpha(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """Alpha with both intervals."""
    from qc.stats.agreement import krippendorff
    from qc.stats.patterns import patterns_from_answers

    labels = int(answers[2].max()) + 1
    return answers, lambda these: krippendorff(patterns_from_answers(*these, labels)).team.value


def our_interval_alpha(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """Alpha with both intervals, of numbers."""
    from qc.stats.agreement import krippendorff
    from qc.stats.patterns import patterns_from_answers

    def value(these: Answers) -> float | None:
        numbers, code = np.unique(these[2], return_inverse=True)
        patterns = patterns_from_answers(these[0], these[1], code, len(numbers), numbers)
        return krippendorff(patterns, "interval").team.value

    return answers, value


def our_kappas(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """Kappa of all pairs with standard errors, and their mean."""
    from qc.stats.kappa import pair_frame, pair_tables

    def mean(these: Answers) -> float:
        tables = pair_tables(pair_frame(*these))
        return float(np.average(tables.kappa, weights=tables.n))

    return answers, mean


def krippendorff_alpha(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """The bare value from a matrix."""
    import krippendorff

    return matrix(answers), lambda table: krippendorff.alpha(table, level_of_measurement="nominal")


def statsmodels_kappas(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """A loop over pairs, with standard errors."""
    from statsmodels.stats.inter_rater import cohens_kappa

    def mean(table: np.ndarray) -> float:
        weights, kappas = [], []
        for a in range(ANNOTATORS):
            for b in range(a + 1, ANNOTATORS):
                both = ~np.isnan(table[a]) & ~np.isnan(table[b])
                if both.any():
                    cells = np.zeros((LABELS, LABELS))
                    np.add.at(cells, (table[a, both].astype(int), table[b, both].astype(int)), 1)
                    kappas.append(cohens_kappa(cells).kappa)
                    weights.append(both.sum())
        return float(np.average(kappas, weights=weights))

    return matrix(answers), mean


def crowdkit_alpha(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """Through nltk."""
    import pandas as pd
    from crowdkit.metrics.data import alpha_krippendorff

    frame = pd.DataFrame(dict(zip(("task", "worker", "label"), answers, strict=True)))
    return frame, alpha_krippendorff


def irrcac_alpha(answers: Answers) -> tuple[Any, Callable[[Any], Any]]:
    """With its standard error over items."""
    import pandas as pd
    from irrCAC.raw import CAC

    return pd.DataFrame(matrix(answers).T), lambda frame: CAC(frame).krippendorff()["est"]["coefficient_value"]


@dataclass(frozen=True)
class Step:
    """What is measured, on `times` as many answers of some kind, beside which of the steps, with which package."""

    prepare: Prepare
    answers: Callable[[int], Answers] = planted
    times: int = 1
    beside: str | None = None
    package: str = "numpy"


OURS, KAPPAS = "alpha, both intervals", "all kappas"
STEPS = {
    OURS: Step(our_alpha),
    "krippendorff, bare value": Step(krippendorff_alpha, beside=OURS, package="krippendorff"),
    "crowd-kit, bare value": Step(crowdkit_alpha, beside=OURS, package="crowdkit"),
    "irrCAC, error over items": Step(irrcac_alpha, beside=OURS, package="irrCAC"),
    KAPPAS: Step(our_kappas),
    "statsmodels kappas in a loop": Step(statsmodels_kappas, beside=KAPPAS, package="statsmodels"),
    "alpha of ten times the answers": Step(our_alpha, times=10),
    "all kappas of ten times the answers": Step(our_kappas, times=10),
    "alpha of 5,000 labels": Step(our_alpha, partial(planted, labels=5_000)),
    "interval alpha of different numbers": Step(our_interval_alpha, measured_numbers),
}


def run(name: str, answers: int, repeats: int) -> dict[str, float]:
    """One step in this process."""
    step = STEPS[name]
    prepared, call = step.prepare(step.answers(2_000))
    call(prepared)
    before = status("VmRSS")
    made = step.answers(answers * step.times)
    forget_peak()
    began = time.process_time()
    prepared, call = step.prepare(made)
    prep, times, value = time.process_time() - began, [], None
    for _ in range(repeats):
        began = time.process_time()
        value = call(prepared)
        times.append(time.process_time() - began)
    most = status("VmHWM")
    return {"prep": prep, "calc": min(times), "grew_mb": most - before, "peak_mb": most, "value": float(value)}


def forget_peak() -> None:
    """What is free goes back to the system, and the peak of resident memory is counted from here on (Linux)."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def status(field: str) -> float:
    """A field of the process's status, MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def measured(name: str, answers: int, repeats: int) -> dict[str, float]:
    """One step in a process of its own."""
    command = [sys.executable, __file__, "--step", name, "--answers", str(answers), "--repeats", str(repeats)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--step", choices=STEPS)
    chosen = parser.parse_args()
    if chosen.step:
        print(json.dumps(run(chosen.step, chosen.answers, chosen.repeats)))
        return
    print("| step | prep s | calc s | grew MB | peak MB | value | slower | times the memory |\n" + "|---" * 8 + "|")
    found: dict[str, dict[str, float]] = {}
    for name, step in STEPS.items():
        if not find_spec(step.package):
            print(f"| {name} | not installed" + " |" * 7)
            continue
        one = found[name] = measured(name, chosen.answers, chosen.repeats)
        numbers = f"{one['prep']:.3f} | {one['calc']:.4f} | {one['grew_mb']:.0f} | {one['peak_mb']:.0f}"
        ratios = " | "
        if step.beside:
            ours = found[step.beside]
            both = (one["prep"] + one["calc"]) / (ours["prep"] + ours["calc"])
            ratios = f"{both:.0f} ({one['calc'] / ours['calc']:.0f}) | {one['grew_mb'] / ours['grew_mb']:.1f}"
        print(f"| {name} | {numbers} | {one['value']:.6f} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
