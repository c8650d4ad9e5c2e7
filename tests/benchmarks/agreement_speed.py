"""What agreement on a million answers costs beside the usual packages, each in a process of its own.

    python tests/benchmarks/agreement_speed.py [--answers 1000000] [--repeats 3] [--large]

Answers are integer codes in no order: 100 annotators, three of them an item, a tenth missing, five labels. Every step
makes the same answers, brings them into the shape that the package asks for (`prep`) and calls it (`calc`, CPU
seconds, the best of the repeats). Ours begin with the answers, so that their patterns are part of `calc`. Memory is
what the process grew by at its peak once it had imported the package and made the answers.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

ANNOTATORS, PER_ITEM, LABELS = 100, 3, 5
Answers = tuple[np.ndarray, np.ndarray, np.ndarray]
Step = Callable[[Answers], tuple[Any, Callable[[Any], Any]]]
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


def our_alpha(answers: Answers, level: str = "nominal") -> tuple[Any, Callable[[Any], Any]]:
    """Alpha with both intervals."""
    from qc.stats.agreement import krippendorff
    from qc.stats.patterns import patterns_from_answers

    return answers, lambda these: krippendorff(patterns_from_answers(*these, LABELS), level).team.value


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


STEPS: dict[str, tuple[Step, str | None]] = {
    "alpha, both intervals": (our_alpha, None),
    "krippendorff, bare value": (krippendorff_alpha, "krippendorff"),
    "crowd-kit alpha": (crowdkit_alpha, "crowdkit"),
    "irrCAC alpha": (irrcac_alpha, "irrCAC"),
    "all kappas": (our_kappas, None),
    "statsmodels kappas in a loop": (statsmodels_kappas, "statsmodels"),
}
PEERS = {"krippendorff, bare value": 0, "crowd-kit alpha": 0, "irrCAC alpha": 0, "statsmodels kappas in a loop": 4}
"""Which of the steps each package is compared with."""


def run(name: str, answers: int, repeats: int) -> dict[str, Any]:
    """One step in this process."""
    step, _ = STEPS[name]
    made = planted(answers)
    step(planted(1_000))[1](step(planted(1_000))[0])
    before = peak()
    began = time.process_time()
    prepared, call = step(made)
    prep, times, value = time.process_time() - began, [], None
    for _ in range(repeats):
        began = time.process_time()
        value = call(prepared)
        times.append(time.process_time() - began)
    return {"prep": prep, "calc": min(times), "grew_mb": peak() - before, "peak_mb": peak(), "value": float(value)}


def peak() -> float:
    """Resident memory at its highest so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(name: str, answers: int, repeats: int) -> dict[str, Any]:
    """One step in a process of its own."""
    command = [sys.executable, __file__, "--step", name, "--answers", str(answers), "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--step", choices=STEPS)
    chosen = parser.parse_args()
    if chosen.step:
        print(json.dumps(run(chosen.step, chosen.answers, chosen.repeats)))
        return
    print(
        "| step | prep s | calc s | grew MB | peak MB | value | times slower | times the memory |\n" + "|---" * 8 + "|"
    )
    found: dict[str, dict[str, Any]] = {}
    for name, (_, package) in STEPS.items():
        if package and not find_spec(package):
            print(f"| {name} | not installed | | | | | | |")
            continue
        one = found[name] = measured(name, chosen.answers, chosen.repeats)
        ours = found[list(STEPS)[PEERS[name]]] if name in PEERS else one
        ratios = f"{one['calc'] / ours['calc']:.1f} | {one['grew_mb'] / max(ours['grew_mb'], 1):.1f}"
        numbers = f"{one['prep']:.3f} | {one['calc']:.4f} | {one['grew_mb']:.0f} | {one['peak_mb']:.0f}"
        print(f"| {name} | {numbers} | {one['value']:.6f} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
