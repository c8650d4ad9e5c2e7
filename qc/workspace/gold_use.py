"""Known answers at work: how they are used, who passes, and which are doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from qc.access import allowed
from qc.stats.gold_suspects import SUSPECT as SUSPECT
from qc.stats.gold_suspects import gold_doubt
from qc.stats.intervals import proportion
from qc.stats.rates import verdict
from qc.store.gold import known_gold
from qc.workspace.assess import view
from qc.workspace.assess.object_errors import drawn_on_gold
from qc.workspace.gold_desk import in_force
from qc.workspace.opening import Workspace
from qc.workspace.training.forms import shown
from qc.writers.decided import Decided

UNUSED: Final = "not used yet"
RETIRED: Final = "retired"


@allowed("gold")
def listed(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """Every known answer, the most doubtful first, with its use and what speaks against it.

    state: `suspect`, `no sign of it`, `too few answers`, `not used yet` or `retired`. failure: share of those who
    failed it, an E. others_say: the answer most given by those who failed. revision: of the record, 0 for what only the
    exports know.
    """
    used = _uses(ws, project)
    recorded = {(row["item_id"], row["question"]): row for row in known_gold(ws.store, project)}
    rows = []
    for (item_id, question), answers in in_force(ws, project).items():
        use, decided = used.get((item_id, question), {}), recorded.get((item_id, question))
        rows.append(_row(answers[0].item, question, [shown(one) for one in answers], use, decided))
    for (item_id, question), decided in recorded.items():
        if decided["retired"]:
            accepted = [_as_shown(item_id, question, answer) for answer in decided["answers"]]
            rows.append({**_row({"item_id": item_id}, question, accepted, {}, decided), "state": RETIRED})
    order = {SUSPECT: 0, RETIRED: 2}
    rows.sort(key=lambda row: (order.get(row["state"], 1), row["p"], row["item_id"], row["question"]))
    return rows


@allowed("gold")
def pass_record(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """How each annotator does on the gold in force, whoever passes least first; `verdict` as of error rates."""
    judged, policy = _judged(ws, project), ws.policy(project).errors
    rows = []
    for annotator, own in judged.groupby("annotator", sort=True):
        n, failed = len(own), int(own["error"].sum())
        rate = proportion(failed, n, policy.certainty, "gold answers")
        assert rate.low is not None
        assert rate.high is not None
        rows.append(
            {
                "annotator": str(annotator),
                "n": n,
                "passed": n - failed,
                "failed": failed,
                "pass": proportion(n - failed, n, unit="gold answers").to_json(),
                "verdict": verdict(n, rate.low, rate.high, policy),
                "last_used": _time(own["at_ms"].max()),
            }
        )
    return sorted(rows, key=lambda row: (row["pass"]["value"], row["annotator"]))


def _as_shown(item_id: str, question: str, answer: dict[str, Any]) -> str:
    labels = answer.get("labels")
    columns = {**answer, "labels": None if labels is None else tuple(labels), "regions": answer.get("regions") or ()}
    regions = tuple({"label": None, "t_start": None, "sec_start": None, **region} for region in columns.pop("regions"))
    return shown(Decided({"item_id": item_id}, question, basis="gold", regions=regions, **columns))


def _judged(ws: Workspace, project: str) -> pd.DataFrame:
    rows = view(ws, project).frame("judged_sequence")
    return rows[rows["source"] == "gold"]


def _uses(ws: Workspace, project: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By item and question: who answered it since it is gold, how they did, and what speaks against it.

    What is drawn fails as a whole where one of its objects does; it is doubted beside other drawn answers only, since
    everybody fails those more often.
    """
    drawn = drawn_on_gold(view(ws, project))
    days = pd.to_datetime(drawn.pop("day"), utc=True)
    drawn["at_ms"] = days.map(lambda day: day.timestamp() * 1000 if pd.notna(day) else None)
    return {**_used(_judged(ws, project), _said_instead(ws, project)), **_used(drawn, {})}


def _used(judged: pd.DataFrame, said: dict[tuple[str, str], str]) -> dict[tuple[str, str], dict[str, Any]]:
    if judged.empty:
        return {}
    place = pd.MultiIndex.from_frame(judged[["item_id", "question"]])
    codes, places = pd.factorize(place, sort=True)
    doubt = gold_doubt(codes, pd.factorize(judged["annotator"], sort=True)[0], judged["error"].to_numpy())
    verdicts = doubt.verdicts()
    found = {}
    for at, key in enumerate(places):
        own = judged[codes == at]
        found[str(key[0]), str(key[1])] = {
            "uses": int(doubt.n[at]),
            "people": int(own["annotator"].nunique()),
            "failed": int(doubt.failed[at]),
            "expected": float(doubt.expected[at]),
            "p": float(doubt.p[at]),
            "q": float(doubt.q[at]),
            "state": verdicts[at],
            "others_say": said.get((str(key[0]), str(key[1]))),
            "last_used": _time(own["at_ms"].max()),
        }
    return found


def _said_instead(ws: Workspace, project: str) -> dict[tuple[str, str], str]:
    """By item and question the answer that is not accepted and was given most."""
    lens = view(ws, project)
    answers, gold = lens.frame("codes"), lens.frame("gold")
    keys = ["question", "item", "code"]
    wrong = answers.merge(gold[["question", "item"]].drop_duplicates(), on=["question", "item"])
    wrong = wrong.merge(gold[keys].assign(right=True), on=keys, how="left")
    counts = wrong[wrong["right"].isna()].groupby(keys).size().rename("n").reset_index()
    top = counts.sort_values(["n", "code"], ascending=[False, True]).drop_duplicates(["question", "item"])
    names = lens.frame("item_names").set_index("item")["item_id"]
    texts, asked = lens.frame("labels"), lens.frame("questions").set_index("code")["question"]
    words = texts.set_index(["question", "code"])["label"]
    found = {}
    for row in top.itertuples():
        question = str(asked[row.question])
        found[str(names[row.item]), question] = f"{words.get((question, row.code))} ({row.n}×)"
    return found


def _row(
    item: Any, question: str, accepted: Sequence[str], use: dict[str, Any], decided: dict[str, Any] | None
) -> dict[str, Any]:
    uses, failed = use.get("uses", 0), use.get("failed", 0)
    known = decided or {"origin": "export", "reason": None, "actor": None, "revision": 0}
    return {
        "item_id": str(item["item_id"]),
        "question": question,
        "accepted": " | ".join(accepted),
        "state": use.get("state", UNUSED),
        "uses": uses,
        "people": use.get("people", 0),
        "failed": failed,
        "failure": proportion(failed, uses, unit="answers").to_json(),
        "expected": use.get("expected"),
        "p": use.get("p", 1.0),
        "q": use.get("q"),
        "others_say": use.get("others_say") if failed else None,
        "last_used": use.get("last_used"),
        "origin": known["origin"],
        "difficulty": item.get("difficulty"),
        "text": item.get("text"),
        "reason": known["reason"],
        "by": known["actor"],
        "revision": known["revision"],
    }


def _time(ms: Any) -> datetime | None:
    return None if pd.isna(ms) else datetime.fromtimestamp(int(ms) / 1000, UTC)
