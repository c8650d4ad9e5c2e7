"""What one would write instead: alpha, error rates by annotator and a pooled fatigue logit, without the rest.

python tests/benchmarks/peer.py answers.csv    prints one JSON document
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd

GAP = pd.Timedelta(minutes=30)


def assess(path: Path) -> dict[str, Any]:
    """alpha (nominal), error rate by annotator on gold items, and log-odds of an error by hour since session start."""
    answers = pd.read_csv(path, keep_default_na=False, parse_dates=["submitted_at"])
    counts = pd.crosstab(answers["item_id"], answers["label"]).to_numpy()
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")

    answers = answers.sort_values(["annotator", "submitted_at"])
    started = answers["submitted_at"] - pd.to_timedelta(answers["seconds"], unit="s")
    rest = started - answers.groupby("annotator")["submitted_at"].shift()
    session = (rest.isna() | (rest > GAP)).cumsum()
    answers["hours"] = (started - started.groupby(session).transform("min")).dt.total_seconds() / 3600

    judged = answers[answers["gold"] != ""]
    wrong = (judged["label"] != judged["gold"]).astype(float)
    rates = wrong.groupby(judged["annotator"]).agg(["size", "mean"])
    return {
        "alpha": float(alpha),
        "errors": {name: {"n": int(row["size"]), "rate": float(row["mean"])} for name, row in rates.iterrows()},
        "fatigue_log_odds_per_hour": fatigue(judged, wrong),
    }


def fatigue(judged: pd.DataFrame, wrong: pd.Series) -> dict[str, float]:
    """Pooled logistic regression with errors clustered by annotator."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    design = np.column_stack([np.ones(len(judged)), judged["hours"]])
    groups = judged["annotator"].astype("category").cat.codes.to_numpy()
    fit = GLM(wrong.to_numpy(), design, family=Binomial()).fit(cov_type="cluster", cov_kwds={"groups": groups})
    low, high = fit.conf_int()[1]
    return {"value": float(fit.params[1]), "low": float(low), "high": float(high)}


if __name__ == "__main__":
    print(json.dumps(assess(Path(sys.argv[1]))))
