"""Section `errors`: one entry per source of judgement, never mixed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import EVERYTHING
from qc.stats.hajek import AS_IF_DRAWN
from qc.stats.rates import error_rates, rates_by, sources
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

ORDER: Final = ("adjudication", "gold", "review", "review, not drawn", "consensus")
STRATUM: Final = ["source", "draw_id", "stratum"]


def section(lens: Lens) -> list[dict[str, Any]]:
    """Rates by annotator, label, site, batch and day, weighted by inclusion probability; error types; confusion."""
    by = {key: sources(judged(lens, key)) for key in ("annotator", "label", "site", "batch", "day")}
    confusion, types = lens.frame("confusion"), lens.frame("error_types")
    return [
        _entry(lens, source, {key: parts[source] for key, parts in by.items()}, confusion, types)
        for source in ORDER
        if source in by["annotator"]
    ]


def judged(lens: Lens, key: str) -> pd.DataFrame:
    """`judged_counts` by one key and annotator, each row with the design that chose it, where one is known.

    Drawn answers carry the number judged in their whole stratum, whatever the scope. Reviews of an export are taken
    as a random choice of each annotator's answers, and stand apart as "review, not drawn" where some were drawn.
    """
    keys = ("annotator",) if key == "annotator" else (key, "annotator")
    whole = lens.snapshot.frame("judged_counts", EVERYTHING, lens.policy, by=("annotator",))
    drawn = (
        whole[whole["pi"].notna()].groupby(STRATUM, as_index=False)["n"].sum().rename(columns={"n": "stratum_judged"})
    )
    frame = lens.frame("judged_counts", by=keys).merge(drawn, on=STRATUM, how="left")
    found = (frame["source"] == "review") & frame["pi"].isna()
    if not found.any():
        return frame
    chosen = frame["annotator"].map(_reviewed(whole))
    size = np.maximum(frame["annotator"].map(_answers(lens)), chosen)
    design = {
        "draw_id": AS_IF_DRAWN,
        "stratum": frame["annotator"],
        "stratum_size": size,
        "stratum_drawn": chosen,
        "stratum_judged": chosen,
        "pi": chosen / size,
    }
    for column, value in design.items():
        frame[column] = frame[column].where(~found, value)
    if len(drawn):
        frame["source"] = frame["source"].where(~found, "review, not drawn")
    return frame


def _reviewed(whole: pd.DataFrame) -> pd.Series:
    """How many of each annotator's answers the export's reviews judged."""
    rows = whole[(whole["source"] == "review") & whole["pi"].isna()]
    return rows.groupby("annotator")["n"].sum().astype(float)


def _answers(lens: Lens) -> pd.Series:
    """Each annotator's answers: submissions, times the questions that one answers."""
    submissions = lens.snapshot.frame("durations", EVERYTHING, lens.policy).set_index("annotator")["n"]
    answers = lens.snapshot.frame("volume", EVERYTHING, lens.policy)["answers"].iloc[0]
    return (submissions * (answers / max(submissions.sum(), 1))).round()


def _entry(
    lens: Lens, source: str, by: dict[str, pd.DataFrame], confusion: pd.DataFrame, types: pd.DataFrame
) -> dict[str, Any]:
    found = error_rates(by["annotator"], lens.policy.errors)
    confused = _of(confusion, source).groupby(["truth", "given"], as_index=False)["n"].sum()
    by_type = _of(types, source).groupby("error_type")["n"].sum().sort_values(ascending=False, kind="stable")
    return plain_object(
        {
            "source": source,
            "unit": "answers",
            "overall": found.overall,
            "by_annotator": found.annotators,
            "by_label": rates_by(by["label"], "label"),
            "by_type": [{"key": str(key), "n": int(n)} for key, n in by_type.items()],
            "by_site": rates_by(by["site"], "site"),
            "by_batch": rates_by(by["batch"], "batch"),
            "confusion": confused.sort_values(["n", "truth", "given"], ascending=[False, True, True]).to_dict(
                "records"
            ),
            "by_day": [{"day": row.key, "n": row.n, "rate": row.rate} for row in rates_by(by["day"], "day")],
        }
    )


def _of(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """The rows of a source; drawn and other reviews share their confusions and error types."""
    return frame[frame["source"] == source.split(",")[0]]
