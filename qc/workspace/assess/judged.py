"""Judged answers with the design that chose them, and the error rates of the source that says most about the work."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from qc.model import EVERYTHING
from qc.stats.hajek import AS_IF_DRAWN
from qc.stats.rates import ErrorRates, error_rates, sources
from qc.workspace.assess.lens import Lens

STRATUM: Final = ["source", "draw_id", "stratum"]
# A weighted sample says most about the work; gold items were chosen by somebody.
PREFERRED: Final = ("review", "review, not drawn", "adjudication", "gold", "consensus")
ENOUGH: Final = 30


def judged(lens: Lens, key: str) -> pd.DataFrame:
    """`judged_counts` by one key and annotator, each row with the design that chose it, where one is known.

    Drawn answers carry the number judged in their whole stratum, whatever the scope. Reviews of an export are taken
    as a random choice of each annotator's answers, and stand apart as "review, not drawn" where some were drawn.
    """
    keys = ("annotator",) if key == "annotator" else (key, "annotator")
    return with_design(lens, lens.frame("judged_counts", by=keys))


def with_design(lens: Lens, frame: pd.DataFrame) -> pd.DataFrame:
    """Counts of judged answers by annotator and draw, each row with the design that chose it; see `judged`."""
    whole = lens.snapshot.frame("judged_counts", EVERYTHING, lens.policy, by=("annotator",))
    drawn = (
        whole[whole["pi"].notna()].groupby(STRATUM, as_index=False)["n"].sum().rename(columns={"n": "stratum_judged"})
    )
    if len(drawn):
        offered = lens.snapshot.frame("offered", EVERYTHING, lens.policy)
        drawn = drawn.merge(offered, on=STRATUM[1:], how="left")
    frame = frame.merge(drawn, on=STRATUM, how="left")
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


def best_source(lens: Lens) -> str | None:
    """The source that says most about the work: a drawn sample, if enough of it was judged; None without any."""
    sizes = {source: int(frame["n"].sum()) for source, frame in sources(judged(lens, "annotator")).items()}
    enough = [source for source in PREFERRED if sizes.get(source, 0) >= ENOUGH]
    return next(iter(enough or sorted(sizes, key=lambda source: -sizes[source])), None)


def rates_of(lens: Lens, source: str) -> ErrorRates:
    """The error rates of one source."""
    return error_rates(sources(judged(lens, "annotator"))[source], lens.policy.errors)


def best_rates(lens: Lens) -> ErrorRates | None:
    """The error rates of the best source."""
    source = best_source(lens)
    return rates_of(lens, source) if source else None
