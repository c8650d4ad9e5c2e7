"""How well reviewers' sensitivity and specificity, and rates corrected by them, are told: 2,000 runs of each case.

Run it with `python tests/benchmarks/reviewers_who_err.py`; it takes about two minutes on one core.
"""

from __future__ import annotations

import argparse
from typing import Any, Final

import numpy as np

from qc.stats.corrected import corrected_rate
from qc.stats.intervals import wilson
from qc.stats.reviewers import from_pairs, on_gold, pair_rates

# Reviewed answers, true rate, sensitivity, specificity, wrong and right answers with gold among the reviewed.
CORRECTED: Final = (
    (500, 0.05, 0.9, 0.98, 50, 200),
    (500, 0.10, 0.9, 0.95, 100, 100),
    (1000, 0.05, 0.8, 0.98, 60, 400),
    (300, 0.20, 0.8, 0.95, 40, 100),
    (2000, 0.02, 0.9, 0.99, 100, 1000),
    (200, 0.10, 0.7, 0.97, 30, 150),
)
# Double reviews, share of wrong answers, sensitivities and specificities of the two.
DOUBLE: Final = (
    (1000, 0.10, (0.85, 0.80), (0.97, 0.96)),
    (2000, 0.05, (0.90, 0.80), (0.98, 0.97)),
    (4000, 0.10, (0.70, 0.70), (0.95, 0.95)),
    (4000, 0.04, (0.80, 0.90), (0.98, 0.99)),
)
SHARE: Final = 0.1
SEEDS: Final = (1, 2, 3)


def corrected(runs: int, seed: int) -> list[dict[str, Any]]:
    """Of each case: bias and coverage of corrected rates, and how many could not be corrected."""
    rng = np.random.default_rng(seed)
    rows = []
    for n, rate, seen, passed, wrong, right in CORRECTED:
        flagged = rng.binomial(n, rate * seen + (1 - rate) * (1 - passed), runs)
        known = rng.binomial(wrong, seen, runs), rng.binomial(right, passed, runs)
        found = [
            corrected_rate(wilson(errors, n), n, on_gold(hit, wrong, let, right), "gold")
            for errors, hit, let in zip(flagged.tolist(), *(counts.tolist() for counts in known), strict=True)
        ]
        given = [each for each in found if each.value is not None]
        rows.append(
            {
                "case": f"{n} reviewed, {rate:.0%} wrong, Se {seen:g} of {wrong}, Sp {passed:g} of {right}",
                "mean": float(np.mean([each.value for each in given])),
                "truth": rate,
                "covered": sum(each.low <= rate <= each.high for each in given) / len(given),  # type: ignore[operator]
                "undefined": 1 - len(given) / runs,
            }
        )
    return rows


def counts(rng: np.random.Generator, runs: int, case: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Double reviews of which all disagreements and a tenth of the agreements are settled: reviewed, settled, wrong."""
    n, rate, seen, passed = case
    wrong = rng.random((runs, n)) < rate
    one, other = (
        np.where(wrong, rng.random((runs, n)) < se, rng.random((runs, n)) >= sp)
        for se, sp in zip(seen, passed, strict=True)
    )
    settled = (one != other) | (rng.random((runs, n)) < SHARE)
    cell = one * 2 + other
    double, known, bad = (
        np.stack([((cell == c) & rows).sum(axis=1) for c in range(4)], axis=1).reshape(runs, 2, 2)
        for rows in (np.ones_like(wrong), settled, settled & wrong)
    )
    return double, known, bad


def double(runs: int, seed: int) -> list[dict[str, Any]]:
    """Of each case and rate: the mean, the bias in Monte-Carlo errors, and the coverage of the interval."""
    rows = []
    for case in DOUBLE:
        parts = [
            counts(np.random.default_rng([seed, block]), min(100, runs - block), case) for block in range(0, runs, 100)
        ]
        tables = tuple(np.concatenate(each) for each in zip(*parts, strict=True))
        rates = pair_rates(*tables)
        found = [from_pairs(*each) for each in zip(*tables, strict=True)]
        for name, rate, truth in (("sensitivity", rates[0], case[2][0]), ("specificity", rates[1], case[3][0])):
            known = [getattr(each, name) for each in found if each.known]
            given = rate[~np.isnan(rate)]
            rows.append(
                {
                    "case": f"{case[0]} double reviews, {case[1]:.0%} wrong, {name} {truth:g}",
                    "mean": float(given.mean()),
                    "truth": truth,
                    "errors": float((given.mean() - truth) / (given.std(ddof=1) / np.sqrt(len(given)))),
                    "covered": sum(each.low <= truth <= each.high for each in known) / len(known),
                    "undefined": 1 - len(given) / runs,
                }
            )
    return rows


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=SEEDS[0])
    asked = parser.parse_args()
    for title, rows in (
        ("Corrected rates", corrected(asked.runs, asked.seed)),
        ("Reviewers", double(asked.runs, asked.seed)),
    ):
        print(title)
        for row in rows:
            off = f"  {row['errors']:+.1f} MC errors" if "errors" in row else ""
            print(
                f"  {row['case']:<70} mean {row['mean']:.4f}  covered {row['covered']:.3f}  "
                f"undefined {row['undefined']:.3f}{off}"
            )


if __name__ == "__main__":
    main()
