"""What the control chart of review levels promises: false alarms a month, the run length, whatever is drawn by risk.

python tests/benchmarks/chart_promises.py
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import LEVELS
from qc.sampling import draw
from qc.stats.charts import CusumDesign, design, from_false_alarms, path

SEED = 11
QUIET, SHIFTED = 0.02, 0.06
CHART = design(QUIET, SHIFTED, 2000)


def quiet_months(months: int, seed: int, judged: int = 100, people: int = 100) -> tuple[float, float]:
    """Mean false alarms a month of 100 annotators at p0 with levels held, and the number that the policy stated.

    Each annotator's chart goes on from month to month, as it does until a level changes.
    """
    chart = from_false_alarms(QUIET, SHIFTED, 5.0, people * judged)
    rng = np.random.default_rng(seed)
    found = [path(rng.random(months * judged) < QUIET, chart).alarms.size for _ in range(people)]
    return sum(found) / months, chart.false_alarms(people * judged)


def one_among_them(runs: int, seed: int, chart: CusumDesign = CHART) -> tuple[float, float, float]:
    """Mean answers until the one annotator who changes from p0 to p1 is found, its error, and the exact run length.

    The chart has run for 1,000 answers by then.
    """
    rng = np.random.default_rng(seed)
    delays = []
    for _ in range(runs):
        errors = np.r_[rng.random(1000) < QUIET, rng.random(3000) < SHIFTED]
        alarms = path(errors, chart).alarms
        delays.append(int(alarms[alarms >= 1000][0]) - 999)
    return float(np.mean(delays)), float(np.std(delays) / np.sqrt(runs)), chart.anos1


def risk_weighted(draws: int, seed: int, people: int = 100) -> tuple[float, float, float]:
    """Mean judged answers between false alarms at p0 when draws weigh by risk: of the random share, and of all drawn.

    1,000 answers of each annotator a draw, a fifth of them at six times the risk and sixteen times the errors. Third:
    the standard error of the first.
    """
    rng = np.random.default_rng(seed)
    shares: dict[str, list[list[NDArray[np.int64]]]] = {
        "random": [[] for _ in range(people)],
        "all": [[] for _ in range(people)],
    }
    names = np.array([f"ann-{number:03d}" for number in range(people)], object)
    for number in range(draws):
        risky = rng.random(people * 1000) < 0.2
        wrong = rng.random(people * 1000) < np.where(risky, 0.08, 0.005)
        answers = pd.DataFrame(
            {
                "annotation_id": [f"{number}-{at:06d}" for at in range(people * 1000)],
                "question": "label",
                "annotator": np.repeat(names, 1000),
                "label": "a",
                "level": "normal",
                "risk": np.where(risky, 6.0, 1.0),
                "wrong": wrong,
            }
        )
        rates = dict.fromkeys(LEVELS, 0.5)
        drawn = draw(answers, rates, 0, number, by_risk=0.5).sort_values("annotation_id")
        for kind, kept in (("random", drawn[drawn["share"] == "random"]), ("all", drawn)):
            for person, errors in kept.groupby("annotator")["wrong"]:
                shares[kind][int(person[4:])].append(errors.to_numpy(bool))
    lengths = {}
    for kind, people_errors in shares.items():
        gaps = [np.diff(path(np.concatenate(errors), CHART).alarms, prepend=-1) for errors in people_errors]
        lengths[kind] = sum(sum(map(len, errors)) for errors in people_errors) / max(sum(map(len, gaps)), 1)
        if kind == "random":
            error = lengths[kind] / np.sqrt(max(sum(map(len, gaps)), 1))
    return lengths["random"], lengths["all"], float(error)


def main() -> None:
    began = time.process_time()
    alarms, stated = quiet_months(200, SEED)
    print(f"200 quiet months, 100 annotators: {alarms:.2f} alarms a month, stated {stated:.2f}")
    delay, error, exact = one_among_them(2000, SEED)
    print(f"One at 6 % among them: found after {delay:.0f} ± {error:.0f}, exact run length {exact:.0f}")
    lot, everything, error = risk_weighted(20, SEED)
    print(
        f"Draws by risk: one false alarm in {lot:.0f} ± {error:.0f} answers of the random share, "
        f"stated {CHART.anos0:.0f},"
    )
    print(f"and one in {everything:.0f} if the chart saw all that was drawn")
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
