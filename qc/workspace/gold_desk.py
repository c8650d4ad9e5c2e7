"""Known answers at work: what is known, who passes, what is doubtful; and how leads add, widen and retire it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from qc.access import allowed
from qc.model import InputError, Kind, NotFoundError, Role
from qc.stats.gold_suspects import SUSPECT as SUSPECT
from qc.stats.gold_suspects import gold_doubt
from qc.stats.intervals import proportion
from qc.stats.rates import verdict
from qc.store.gold import known_gold, save_gold
from qc.store.settlements import settlements
from qc.workspace.assess import view
from qc.workspace.decided import answer_columns
from qc.workspace.desk import choices
from qc.workspace.opening import Workspace
from qc.workspace.training.forms import shown
from qc.workspace.training.selected import given_answers
from qc.writers.decided import Decided
from qc.writers.lines import plain_region

ANSWER: Final = ("label", "labels", "number", "text")
CLOSED: Final = frozenset((Kind.SINGLE.value, Kind.PAIRWISE.value, Kind.TAXONOMY.value))
WRITTEN: Final = frozenset((*CLOSED, Kind.MULTI.value, Kind.RANKING.value, Kind.ORDINAL.value, Kind.NUMBER.value))
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
    for (item_id, question), answers in _standing(ws, project).items():
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


@allowed("gold")
def candidates(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """Settled items that are no gold yet: item_id, question, label, actor, reason, at."""
    taken = set(_standing(ws, project)) | {(row["item_id"], row["question"]) for row in known_gold(ws.store, project)}
    names = ("item_id", "question", "label", "actor", "reason", "at")
    calls = settlements(ws.store, project)
    return [{name: row[name] for name in names} for row in calls if (row["item_id"], row["question"]) not in taken]


@allowed("gold")
def promote(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    reason: str,
    *,
    accepted: Sequence[str] = (),
    answer_of: str | None = None,
    expected: int | None = None,
) -> int:
    """Make an item gold, or put back one that was retired; returns the revision of what is known of it.

    What is accepted: the answers named, as people write them; else that of a submission (`answer_of`, with all that is
    drawn or marked); else the settlement in force. expected: the revision that the actor saw, 0 for none.
    """
    place = (item_id, question)
    if place in _standing(ws, project):
        raise InputError(f"Item {item_id!r} is gold for {question!r} already; accept another answer, or retire it.")
    kinds = {row.kind for row in given_answers(ws, project, Role.ANNOTATOR, item_id, question)}
    if not kinds:
        raise InputError(f"Nobody answered {question!r} on item {item_id!r}.")
    if accepted:
        origin, answers = "lead", [_written(ws, project, question, kinds, text) for text in dict.fromkeys(accepted)]
    elif answer_of is not None:
        origin, answers = "answer", [_as_it_stands(ws, project, item_id, question, answer_of)]
    else:
        origin, answers = "settlement", _settled(ws, project, item_id, question)
    return _save(ws, project, item_id, question, answers, reason, origin=origin, expected=expected)


@allowed("gold")
def accept(
    ws: Workspace, project: str, item_id: str, question: str, label: str, reason: str, expected: int | None = None
) -> int:
    """Accept one more answer to a gold item; returns the revision of what is known of it."""
    known = _known(ws, project, item_id, question)
    another = _written(ws, project, question, {row.kind for row in known}, label)
    answers = [_kept(row) for row in known]
    if another in answers:
        raise InputError(f"{label!r} is accepted on item {item_id!r} already.")
    return _save(ws, project, item_id, question, [*answers, another], reason, origin="export", expected=expected)


@allowed("gold")
def retire(ws: Workspace, project: str, item_id: str, question: str, reason: str, expected: int | None = None) -> int:
    """Take an item out of the gold; nobody is judged by it any more. Its answers and the reason stay on the record."""
    answers = [_kept(row) for row in _known(ws, project, item_id, question)]
    return _save(ws, project, item_id, question, answers, reason, origin="export", expected=expected, retired=True)


@allowed("gold")
def put_back(ws: Workspace, project: str, item_id: str, question: str, reason: str, expected: int | None = None) -> int:
    """Make a retired item gold again, with the answers that it had."""
    for row in known_gold(ws.store, project):
        if (row["item_id"], row["question"]) == (item_id, question) and row["retired"]:
            return _save(ws, project, item_id, question, row["answers"], reason, origin="export", expected=expected)
    raise NotFoundError(f"Item {item_id!r} is no retired gold for {question!r}; look at what is known of it.")


def _save(
    ws: Workspace,
    project: str,
    item_id: str,
    question: str,
    answers: Sequence[dict[str, Any]],
    reason: str,
    *,
    origin: str,
    expected: int | None,
    retired: bool = False,
) -> int:
    if not reason.strip():
        raise InputError("Say why: the reason stands on the record.")
    return save_gold(
        ws.store,
        project,
        item_id,
        question,
        answers,
        retired=retired,
        origin=origin,
        actor=ws.actor.name,
        reason=reason.strip(),
        expected=expected,
    )


def _standing(ws: Workspace, project: str) -> dict[tuple[str, str], list[Decided]]:
    """By item and question the accepted answers in force."""
    found: dict[tuple[str, str], list[Decided]] = defaultdict(list)
    for row in given_answers(ws, project, Role.GOLD):
        found[str(row.item["item_id"]), row.question].append(row)
    return dict(found)


def _known(ws: Workspace, project: str, item_id: str, question: str) -> list[Decided]:
    rows = given_answers(ws, project, Role.GOLD, item_id, question)
    if not rows:
        raise NotFoundError(f"Item {item_id!r} is no gold for {question!r}; qc gold list shows what is.")
    return rows


def _settled(ws: Workspace, project: str, item_id: str, question: str) -> list[dict[str, Any]]:
    rows = given_answers(ws, project, Role.ADJUDICATOR, item_id, question)
    if not rows:
        raise InputError(
            f"Item {item_id!r} is not settled for {question!r}; settle it first, or name what is accepted."
        )
    return [_kept(max(rows, key=lambda row: row.at or ""))]


def _as_it_stands(ws: Workspace, project: str, item_id: str, question: str, answer_of: str) -> dict[str, Any]:
    for role in (Role.ANNOTATOR, Role.REVIEWER, Role.ADJUDICATOR):
        for row in given_answers(ws, project, role, item_id, question):
            if row.annotation_id == answer_of:
                return _kept(row)
    raise NotFoundError(f"There is no answer {answer_of!r} to {question!r} on item {item_id!r}.")


def _kept(row: Decided) -> dict[str, Any]:
    """An answer as the record keeps it."""
    said = {name: value for name in ANSWER if (value := getattr(row, name)) is not None}
    if row.labels is not None:
        said["labels"] = list(row.labels)
    regions = [plain_region(region) for region in row.regions]
    return {"kind": row.kind, **said, **({"regions": regions} if regions else {})}


def _written(ws: Workspace, project: str, question: str, kinds: set[str], text: str) -> dict[str, Any]:
    """An answer that a person wrote, of the kind of the question; InputError for a label that nobody knows."""
    kind = next((kind for kind in sorted(kinds) if kind in WRITTEN), None)
    if kind is None:
        raise InputError(f"Answers to {question!r} cannot be written here; name a submission whose answer is right.")
    if not text.strip():
        raise InputError("Say which answer is accepted.")
    answer = {name: value for name, value in answer_columns(kind, text.strip()).items() if value is not None}
    offered = set(choices(ws, project).get(question, (None, ()))[1])
    strange = sorted({*answer.get("labels", ()), *([answer["label"]] if kind in CLOSED else ())} - offered)
    if strange and kind != Kind.RANKING:
        raise InputError(f"{strange[0]!r} is no label of {question!r}; use one of {', '.join(sorted(offered)[:20])}.")
    if kind in (Kind.ORDINAL, Kind.NUMBER) and "number" not in answer:
        raise InputError(f"{text.strip()!r} is no number.")
    return {"kind": kind, **answer}


def _as_shown(item_id: str, question: str, answer: dict[str, Any]) -> str:
    labels = answer.get("labels")
    columns = {**answer, "labels": None if labels is None else tuple(labels), "regions": answer.get("regions") or ()}
    regions = tuple({"label": None, "t_start": None, "sec_start": None, **region} for region in columns.pop("regions"))
    return shown(Decided({"item_id": item_id}, question, basis="gold", regions=regions, **columns))


def _judged(ws: Workspace, project: str) -> pd.DataFrame:
    rows = view(ws, project).frame("judged_sequence")
    return rows[rows["source"] == "gold"]


def _uses(ws: Workspace, project: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By item and question: who answered it since it is gold, how they did, and what speaks against it."""
    judged = _judged(ws, project)
    if judged.empty:
        return {}
    place = pd.MultiIndex.from_frame(judged[["item_id", "question"]])
    codes, places = pd.factorize(place, sort=True)
    doubt = gold_doubt(codes, pd.factorize(judged["annotator"], sort=True)[0], judged["error"].to_numpy())
    verdicts, said = doubt.verdicts(), _said_instead(ws, project)
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
