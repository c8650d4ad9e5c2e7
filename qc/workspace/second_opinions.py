"""What a lead settles so that it is known how well reviewers see."""

from __future__ import annotations

from typing import Final

import pandas as pd

from qc.access import allowed
from qc.model import EVERYTHING, Scope
from qc.stats.double_reviews import to_settle
from qc.workspace.assess import view
from qc.workspace.opening import Workspace

DIFFER: Final = "the reviewers differ"
DRAWN: Final = "drawn from what they agree on"


@allowed("settle")
def waiting(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> pd.DataFrame:
    """item_id, question, answers (reviewed twice), why: what waits for a final call, those that differ first.

    Verdicts are left out, so that the call is as blind as the reviews were; a settlement counts for all answers to it.
    """
    frame = view(ws, project, scope).frame("double_reviews")
    frame = frame[to_settle(frame) & frame["wrong"].isna()]
    differ = frame["first_flagged"] != frame["second_flagged"]
    rows = frame.assign(differ=differ).groupby(["item_id", "question"], as_index=False, dropna=False)
    found = rows.agg(answers=("annotation_id", "size"), differ=("differ", "max"))
    found = found.sort_values(["differ", "item_id", "question"], ascending=[False, True, True], kind="stable")
    why = found["differ"].map({True: DIFFER, False: DRAWN}).astype(object)
    return found.drop(columns="differ").assign(why=why).reset_index(drop=True)
