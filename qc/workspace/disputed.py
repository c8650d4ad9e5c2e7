"""Items that answers are at odds on: people among themselves, reviewers, people and gold, people and a model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from ibis import _

from qc.access import allowed
from qc.measures.models import surest
from qc.model import EVERYTHING, Scope
from qc.stats.consensus import dawid_skene
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace.assess import view
from qc.workspace.assess.agreement import COMPARABLE
from qc.workspace.assess.consensus import fitted
from qc.workspace.assess.lens import Lens
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, with_shown_names

PEOPLE: Final = "annotators"
REVIEWERS: Final = "reviewers"
GOLD: Final = "gold"
MODEL: Final = "model"
KINDS: Final = (PEOPLE, REVIEWERS, GOLD, MODEL)
"""Who is at odds; what each means stands in `docs/conflicts.md`."""
MOST: Final = 200
MOST_ALIKE: Final = 1_000
COLUMNS: Final = (
    *("item_id", "question", "between", "answers", "annotators", "majority", "majority_share", "suggestion"),
    *("probability", "settled", "uncertainty"),
)
ALIKE: Final = ("same answers", "same text", "same tag")

Places = set[tuple[str, str]]


@allowed("answers")
def conflicts(
    ws: Workspace,
    project: str,
    scope: Scope = EVERYTHING,
    between: Sequence[str] = KINDS,
    limit: int = MOST,
    settled: bool | None = None,
) -> pd.DataFrame:
    """Items with a conflict of these kinds, the most uncertain first, with two suggestions.

    between: a list of KINDS; answers and annotators: lists in the same order; majority and majority_share: of people's
    answers; suggestion and probability: Dawid–Skene's, null where answers are drawn, marked or written. settled: the
    final call in force, if any; given as an argument, only conflicts with one or without.
    """
    lens = view(ws, project, scope)
    check_scope(lens)
    calls = {(row["item_id"], row["question"]): row["label"] for row in settlements(ws.store, project)}
    reviewed = _reviewers(ws, lens) if REVIEWERS in between else set()
    parts = [
        part
        for row in lens.frame("questions").itertuples()
        for part in _of_question(lens, str(row.question), int(row.code), str(row.kind), between, reviewed)
    ]
    found = pd.DataFrame(parts, columns=[name for name in COLUMNS if name != "settled"])
    keys = zip(found["item_id"], found["question"], strict=True)
    found["settled"] = pd.Series([calls.get(key) for key in keys], index=found.index, dtype=object)
    if settled is not None:
        found = found[found["settled"].notna() == settled]
    found = found.sort_values(["uncertainty", "item_id"], ascending=[False, True], kind="stable", na_position="last")
    return with_shown_names(ws, project, found.head(limit).reset_index(drop=True)[list(COLUMNS)], "annotators")


@allowed("answers")
def alike(ws: Workspace, project: str, item_id: str, question: str, scope: Scope = EVERYTHING) -> pd.DataFrame:
    """Other open conflicts on the question that are like this one: `why` lists which of ALIKE holds, `text` is theirs.

    Same answers: the same labels stand against each other. Same text: the items differ in case and blanks at most.
    """
    found = conflicts(ws, project, scope, limit=MOST_ALIKE)
    found = found[found["question"] == question]
    texts = _described(ws, project, [item_id, *found["item_id"]])
    own = found[found["item_id"] == item_id]
    others = found[(found["item_id"] != item_id) & found["settled"].isna()]
    given = set(own["answers"].iloc[0]) if len(own) else set()
    mine = texts.get(item_id, ("", frozenset()))
    why = [
        _why(set(row.answers) == given and bool(given), mine, texts.get(str(row.item_id), ("", frozenset())))
        for row in others.itertuples()
    ]
    shown = [texts.get(str(item), ("", frozenset()))[0] for item in others["item_id"]]
    others = others.assign(why=pd.Series(why, others.index, object), text=pd.Series(shown, others.index, object))
    return others[others["why"].map(bool).astype(bool)].reset_index(drop=True)


@allowed("answers")
def voted(ws: Workspace, project: str, question: str, item_ids: Sequence[str]) -> dict[str, tuple[str, int, int]]:
    """By item the label that more than half of its people gave, how many did, and of how many; ties are left out."""
    lens = view(ws, project, EVERYTHING)
    asked = lens.frame("questions")
    codes = asked[asked["question"] == question]["code"]
    names = lens.frame("item_names")
    names = names[names["item_id"].isin(list(item_ids))].set_index("item")["item_id"]
    given = lens.frame("current_codes")
    given = given[given["question"].isin(codes) & given["item"].isin(names.index)]
    counts = given.groupby(["item", "code"]).size().rename("n").reset_index()
    counts["of"] = counts.groupby("item")["n"].transform("sum")
    texts = lens.frame("labels")
    texts = texts[texts["question"] == question].set_index("code")["label"].astype(str)
    return {
        str(names[row.item]): (texts[row.code], int(row.n), int(row.of))
        for row in counts[2 * counts["n"] > counts["of"]].itertuples()
    }


def _of_question(
    lens: Lens, question: str, code: int, kind: str, between: Sequence[str], reviewed: Places
) -> Iterator[dict[str, Any]]:
    places = {item for item, asked in reviewed if asked == question}
    seen = fitted(lens, code) if kind in COMPARABLE else None
    told: set[str] = set()
    if seen is not None:
        for row in _of_labels(lens, question, code, seen, between, places):
            told.add(row["item_id"])
            yield row
    elif PEOPLE in between:
        for row in _of_regions(lens, question, places):
            told.add(row["item_id"])
            yield row
    nothing: dict[str, Any] = dict.fromkeys(COLUMNS)
    for item in sorted(places - told):
        yield {
            **nothing,
            "item_id": item,
            "question": question,
            "between": [REVIEWERS],
            "answers": [],
            "annotators": [],
        }


def _of_labels(
    lens: Lens, question: str, code: int, seen: Any, between: Sequence[str], reviewed: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Conflicts on one question whose answers are compared as labels."""
    votes, items, labels, consensus = seen
    shares = votes.shares()
    names = lens.frame("item_names").set_index("item")["item_id"]
    gold = lens.frame("gold")
    gold = gold[gold["question"] == code]
    known = np.isin(items, gold["item"].to_numpy())
    most = shares.max(axis=1)
    flags = {
        PEOPLE: ((shares > 0).sum(axis=1) > 1) & ~known,
        GOLD: known & (_best(shares, items, labels, gold["item"].to_numpy(), gold["code"].to_numpy()) < most),
        MODEL: ~known & _against_models(lens, code, shares, items, labels, most),
        REVIEWERS: np.isin(items, names.index[names.isin(list(reviewed))].to_numpy()),
    }
    wanted = np.logical_or.reduce([flags[kind] for kind in between])
    order = (-consensus.entropy).argsort(kind="stable")
    chosen = order[wanted[order]][:MOST_ALIKE]
    texts = lens.frame("labels")
    texts = texts[texts["question"] == question].set_index("code")["label"].astype(str)
    people = lens.frame("annotator_names").set_index("annotator")["name"]
    given = lens.frame("current_codes")
    given = given[(given["question"] == code) & given["item"].isin(items[chosen])]
    by_item = dict(list(given.groupby("item")))
    # Where gold is known, the fit that knows it would only repeat it.
    blind = dawid_skene(votes).probabilities if known[chosen].any() else consensus.probabilities
    for place in chosen:
        own = by_item[items[place]]
        probabilities = (blind if known[place] else consensus.probabilities)[place]
        top, best = int(shares[place].argmax()), int(probabilities.argmax())
        yield {
            "item_id": str(names[items[place]]),
            "question": question,
            "between": [kind for kind in KINDS if flags[kind][place]],
            "answers": [texts[answer] for answer in own["code"]],
            "annotators": [str(people[who]) for who in own["annotator"]],
            "majority": texts.get(labels[top]),
            "majority_share": float(shares[place][top]),
            "suggestion": texts.get(labels[best]),
            "probability": float(probabilities[best]),
            "uncertainty": abs(float(consensus.entropy[place])),
        }


def _best(shares: Any, items: Any, labels: Any, of: Any, codes: Any) -> Any:
    """By item the largest share that one of these labels has; 1 where none of them was ever given by anybody."""
    best = np.full(len(items), -1.0)
    here = np.isin(of, items)
    at = np.searchsorted(items, of[here])
    label = np.searchsorted(labels, codes[here])
    inside = (label < len(labels)) & (labels[np.minimum(label, len(labels) - 1)] == codes[here])
    share = np.where(inside, shares[at, np.minimum(label, len(labels) - 1)], 0.0)
    np.maximum.at(best, at, share)
    return best


def _against_models(lens: Lens, code: int, shares: Any, items: Any, labels: Any, most: Any) -> Any:
    """Items on which a model's surest answer is none of the most frequent answers of people."""

    def surest_codes() -> pd.DataFrame:
        rows = surest(lens.snapshot.base(lens.policy)).select("item", "q", "code").distinct()
        return lens.snapshot.rows(lambda _facts: rows.order_by("item", "q", "code"))

    said = lens.snapshot.kept("models_surest", surest_codes)
    said = said[said["q"] == code]
    best = _best(shares, items, labels, said["item"].to_numpy(), said["code"].to_numpy())
    return (best >= 0) & (best < most)


def _of_regions(lens: Lens, question: str, reviewed: Collection[str]) -> Iterator[dict[str, Any]]:
    """The items without gold that people drew, marked or wrote least alike: as many as the page Agreement lists."""
    gold = lens.frame("gold_answers")
    names = lens.frame("item_names").set_index("item")["item_id"]
    known = set(gold[gold["question"] == question]["item"].map(names))
    entry = next((part for part in lens.section("agreement") if part["question"] == question), None)
    for row in (entry or {}).get("hardest", ()):
        if row["agreement"] >= 1 or row["item_id"] in known:
            continue
        yield {
            "item_id": row["item_id"],
            "question": question,
            "between": [PEOPLE, *([REVIEWERS] if row["item_id"] in reviewed else [])],
            "answers": [str(answer["label"]) for answer in row["answers"]],
            "annotators": [str(answer["annotator"]) for answer in row["answers"]],
            "majority": None,
            "majority_share": None,
            "suggestion": None,
            "probability": None,
            "uncertainty": 1 - row["agreement"],
        }


def _reviewers(ws: Workspace, lens: Lens) -> Places:
    """Items and questions on which two reviewers found different things, or put different labels in place."""
    frame = lens.frame("double_reviews")
    frame = frame[frame["first_flagged"] != frame["second_flagged"]]
    found = set(zip(frame["item_id"].astype(str), frame["question"].astype(str), strict=True))
    corrected: dict[tuple[str, str], dict[str, Any]] = {}
    for row in verdicts(ws.store, lens.project):
        if row["corrected_label"] is None:
            continue
        by_person = corrected.setdefault((row["annotation_id"], row["question"]), {})
        by_person.setdefault(row["reviewer"], row)
    for rows in corrected.values():
        if len({row["corrected_label"] for row in rows.values()}) > 1:
            first = next(iter(rows.values()))
            found.add((first["item_id"], first["question"]))
    return found


def _described(ws: Workspace, project: str, item_ids: Sequence[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """By item its text and its tags."""
    wanted = sorted(set(item_ids))
    rows = ws.imported(project).rows(
        lambda facts: facts.items.filter(_.item_id.isin(wanted)).select("item_id", "text", "tags").order_by("item_id")
    )
    return {
        str(row["item_id"]): (
            row["text"] if isinstance(row["text"], str) else "",
            frozenset(map(str, row["tags"])) if row["tags"] is not None else frozenset(),
        )
        for row in rows.to_dict("records")
    }


def _why(same_answers: bool, mine: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> list[str]:
    same_text = bool(mine[0]) and _folded(mine[0]) == _folded(other[0])
    holds: Mapping[str, bool] = dict(zip(ALIKE, (same_answers, same_text, bool(mine[1] & other[1])), strict=True))
    return [name for name, is_so in holds.items() if is_so]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
