"""One person beside the others: error rates by week or month, what is taken for what, and types of error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal

import pandas as pd

from qc.access import allowed
from qc.model import NOT_STATED, Scope, undefined
from qc.stats.beside import more_often
from qc.stats.intervals import NOTHING_JUDGED
from qc.stats.rates import rates_by, sources
from qc.workspace.assess import view
from qc.workspace.assess.judged import judged
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows
from qc.workspace.opening import Workspace

Period = Literal["week", "month"]
_FREQUENCY: Final = {"week": "W-SUN", "month": "M"}


@allowed("individuals")
def rates_over_time(
    ws: Workspace, project: str, scope: Scope, who: str, source: str, period: Period
) -> list[dict[str, Any]]:
    """period (its first day), n, errors, rate E of one person, and others E, by the local day of submission.

    The rates are those of section `errors`, weighted by inclusion probability. A period in which only the others were
    judged has no row; others is undefined where only the person was.
    """
    frame = sources(judged(_team(ws, project, scope), "day")).get(source)
    if frame is None:
        return []
    frame = frame[frame["day"].notna()]
    days = pd.PeriodIndex(pd.to_datetime(frame["day"]), freq=_FREQUENCY[period])
    frame = frame.assign(period=days.start_time.strftime("%Y-%m-%d"))
    alone = frame["annotator"] == who
    others = {row.key: row.rate for row in rates_by(frame[~alone], "period")}
    return plain_rows(
        [
            {
                "period": row.key,
                "n": row.n,
                "errors": row.errors,
                "rate": row.rate,
                "others": others.get(row.key, undefined(NOTHING_JUDGED, unit=row.rate.unit)),
            }
            for row in rates_by(frame[alone], "period")
        ]
    )


@allowed("individuals")
def mistaken(ws: Workspace, project: str, scope: Scope, who: str, source: str) -> list[dict[str, Any]]:
    """What one person takes for what, beside the others: truth, given, n, rate E, others E, q; the surest first.

    The rate is of all answers whose true label was `truth`; where a reviewer rejected an answer and did not say what
    is right, of all that were given as `given`.
    """
    team = _team(ws, project, scope)
    of_all = _confused(team, source)
    own = _confused(_alone(team, who), source)
    others = of_all.sub(own, fill_value=0)
    counts = pd.DataFrame({"own": own, "others": others}).fillna(0).astype(int).reset_index()
    by_truth = counts.groupby("truth")[["own", "others"]].transform("sum")
    by_given = counts.groupby("given")[["own", "others"]].transform("sum")
    of = by_truth.where(counts["truth"] != NOT_STATED, by_given)
    counts = counts.assign(of=of["own"], others_of=of["others"])
    wrong = counts[(counts["truth"] != counts["given"]) & (counts["own"] > 0)]
    rows = wrong.rename(columns={"own": "n", "others": "others_n"}).to_dict("records")
    return _beside(rows)


@allowed("individuals")
def error_types(ws: Workspace, project: str, scope: Scope, who: str) -> list[dict[str, Any]]:
    """Types of error that reviewers stated: error_type, n, critical, rate E (of the person's errors), others E, q."""
    team = _team(ws, project, scope)
    whole, own = _typed(team), _typed(_alone(team, who))
    of, of_all = int(own["n"].sum()), int(whole["n"].sum())
    rows = [
        {
            "error_type": str(row.Index),
            "n": int(row.n),
            "critical": int(row.critical),
            "others_n": int(whole.at[row.Index, "n"] - row.n),
            "of": of,
            "others_of": of_all - of,
        }
        for row in own.itertuples()
    ]
    return _beside(rows)


def _team(ws: Workspace, project: str, scope: Scope) -> Lens:
    return view(ws, project, replace(scope, annotators=()))


def _alone(team: Lens, who: str) -> Lens:
    return view(team.ws, team.project, replace(team.scope, annotators=(who,)))


def _confused(lens: Lens, source: str) -> pd.Series:
    """Answers by truth and given; drawn and other reviews share their confusions."""
    frame = lens.frame("confusion")
    frame = frame[frame["source"] == source.split(",")[0]]
    return frame.groupby(["truth", "given"])["n"].sum()


def _typed(lens: Lens) -> pd.DataFrame:
    frame = lens.frame("error_types")
    frame = frame[frame["error_type"].notna()]
    frame = frame.assign(critical=frame["n"].where(frame["severity"] == "critical", 0))
    return frame.groupby("error_type")[["n", "critical"]].sum()


def _beside(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    counts = [[row.pop(name) for row in rows] for name in ("of", "others_n", "others_of")]
    found = more_often([row["n"] for row in rows], *counts)
    beside = [
        {**row, "rate": each.rate, "others": each.others, "q": each.q} for row, each in zip(rows, found, strict=True)
    ]
    return plain_rows(sorted(beside, key=lambda row: (row["q"], -row["n"])))
