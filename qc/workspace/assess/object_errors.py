"""The entry of section `errors` that judges drawn and marked answers against gold, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from qc.measures import measure
from qc.measures.marked import MARKED
from qc.measures.objects import DRAWN
from qc.stats.objects import judged as drawn_judged
from qc.stats.objects.answers import Answers
from qc.stats.objects.comparison import Comparison, joined
from qc.stats.objects.judged import NOTHING, RIGHT, TYPES, Judged
from qc.stats.objects.pairs import candidates
from qc.stats.objects.rates import UNIT, object_rates, object_rates_by
from qc.stats.objects.regions import drawn
from qc.stats.rates import ErrorRates
from qc.stats.spans import judged as marks_judged
from qc.stats.spans.marks import Marks, marks_of
from qc.workspace.assess.drawn_parts import ranges
from qc.workspace.assess.lens import Lens

SOURCE: Final = "gold, objects"
NOT_THERE: Final = "(nothing there)"
NOT_GIVEN: Final = "(missed)"
NO_LABEL: Final = "(no label)"
SPLITS: Final = ("site", "batch", "guideline")


def regions_questions(lens: Lens) -> list[str]:
    """The questions about spans and intervals: judged by objects against gold, not by answers."""
    return _questions(lens, MARKED)


def object_entry(lens: Lens) -> tuple[ErrorRates, dict[str, Any]] | None:
    """The rates, and what the entry says beside them; None where no item with gold was drawn or marked by a person.

    The unit is the object: errors over the known objects and the extra ones. Drawn objects are right at half overlap
    (OKS of key points), marks with exact ends, both under the same label.
    """
    if not _questions(lens, [*MARKED, *(kind.value for kind in DRAWN)]):
        return None
    keys = lens.frame("gold_answers")
    if not len(keys):
        return None
    rows = _objects(lens, sorted(set(keys["question"].astype(str))))
    rows = rows.merge(keys, on=["question", "item", "annotator"], how="inner")
    names = lens.frame("annotator_names").set_index("annotator")["name"]
    rows["annotator"] = rows["annotator"].map(names)
    rows = rows.assign(n=1, errors=(rows["type"] != RIGHT).astype(int))
    if not len(rows):
        return None
    rows["label"] = rows["truth"].where(rows["truth"] != NOT_THERE, rows["given"])
    return object_rates(rows, lens.policy.errors), {
        "source": SOURCE,
        "unit": UNIT,
        **{f"by_{key}": object_rates_by(rows, key) for key in ("label", *SPLITS)},
        "by_type": _by_type(rows),
        "confusion": _confusion(rows),
        "by_day": [{"day": row.key, "n": row.n, "rate": row.rate} for row in object_rates_by(rows, "day")],
    }


def drawn_on_gold(lens: Lens) -> pd.DataFrame:
    """question, item_id, annotator, day, error of people's first drawn answers to gold items, in whole.

    error: 0 where every object is right and none is missed or extra, else 1.
    """
    drawn_kinds = _questions(lens, [kind.value for kind in DRAWN])
    columns = ["question", "item_id", "annotator", "day", "error"]
    keys = lens.frame("gold_answers")
    keys = keys[keys["question"].isin(drawn_kinds)]
    if not len(keys):
        return pd.DataFrame(columns=columns)
    place = ["question", "item", "annotator"]
    rows = _objects(lens, sorted(set(keys["question"].astype(str))))
    wrong = rows.loc[rows["type"] != RIGHT, place].drop_duplicates().assign(error=1)
    found = keys.merge(wrong, on=place, how="left")
    return found.assign(
        error=found["error"].notna().astype(int),
        item_id=found["item"].map(lens.frame("item_names").set_index("item")["item_id"]),
        annotator=found["annotator"].map(lens.frame("annotator_names").set_index("annotator")["name"]),
    )[columns]


def _questions(lens: Lens, kinds: list[str]) -> list[str]:
    questions = lens.frame("questions")
    return sorted(questions.loc[questions["kind"].isin(kinds), "question"].astype(str))


def _by_type(rows: pd.DataFrame) -> list[dict[str, Any]]:
    counts = rows["type"].value_counts()
    found = [(TYPES[code], int(n)) for code, n in counts.items() if code != RIGHT]
    return [{"key": key, "n": n} for key, n in sorted(found, key=lambda row: (-row[1], row[0]))]


def _confusion(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Labels taken for others, and what is there on one side only."""
    counted = rows.groupby(["truth", "given"], as_index=False)["n"].sum()
    ordered = counted.sort_values(["n", "truth", "given"], ascending=[False, True, True])
    found: list[dict[str, Any]] = ordered.to_dict("records")
    return found


def _objects(lens: Lens, asked: list[str]) -> pd.DataFrame:
    """question, item, annotator (codes), truth, given, type: one row per object judged."""
    questions = lens.frame("questions").set_index("question")
    parts = []
    for question in asked:
        kind, code = questions.loc[question, ["kind", "code"]]
        found, labels = (_marked if kind in MARKED else _drawn)(lens, question, int(code))
        frame = pd.DataFrame({"item": found.item, "annotator": found.annotator, "type": found.type})
        frame["truth"] = _named(found.truth, labels, NOT_THERE)
        frame["given"] = _named(found.given, labels, NOT_GIVEN)
        parts.append(frame.assign(question=question))
    return pd.concat(parts, ignore_index=True)


def _named(codes: Any, labels: pd.DataFrame, nothing: str) -> pd.Series:
    names = dict(zip(labels["code"].tolist(), labels["label"].astype(str).tolist(), strict=True))
    known, at = np.unique(codes, return_inverse=True)
    texts = [nothing if code == NOTHING else names.get(code, NO_LABEL) for code in known.tolist()]
    return pd.Series(np.array(texts, dtype=object)[at] if len(texts) else [], dtype=object)


def _drawn(lens: Lens, question: str, code: int) -> tuple[Judged, pd.DataFrame]:
    labels, every = lens.frame("drawn_labels"), lens.frame("drawn_answers")
    frame = every[every["question"] == code]
    frame = frame[frame["item"].isin(frame.loc[frame["annotator"] < 0, "item"])]
    answers = Answers(frame["item"].to_numpy(np.int64), frame["annotator"].to_numpy(np.int64)).sorted()
    objects, near = joined(list(_read(lens, question, frame)))
    return drawn_judged.against_known(Comparison(objects, answers, near)), labels[labels["question"] == code]


def _read(lens: Lens, question: str, frame: pd.DataFrame) -> Iterator[Any]:
    """The objects of the items of `frame`, and how near they are, some items at a time."""
    regions = measure("drawn")(lens.snapshot.base(lens.policy), replace(lens.scope, question=question))
    known = pa.array(frame["item"].unique())
    for low, high in ranges(frame):
        table = lens.snapshot.session.arrow(regions.filter(_.item.between(low, high)))
        part = drawn(table.filter(pc.is_in(table["item"], known)))
        objects = part.objects
        yield objects, candidates(objects.item, objects.annotator, objects.bounds, part.similarity)


def _marked(lens: Lens, question: str, code: int) -> tuple[Judged, pd.DataFrame]:
    answers, marks, labels = (lens.frame(name) for name in ("marking", "marks", "mark_labels"))
    answers, marks, labels = (frame[frame["question"] == code] for frame in (answers, marks, labels))
    people, known = (_marks(answers, marks, gold) for gold in (0, 1))
    return marks_judged.against_known(people, known), labels.assign(code=labels["code"] + 1)


def _marks(answers: pd.DataFrame, marks: pd.DataFrame, gold: int) -> Marks:
    answers, marks = answers[answers["gold"] == gold], marks[marks["gold"] == gold]
    return marks_of(
        (
            answers["item"].to_numpy(np.int64),
            answers["annotator"].to_numpy(np.int64),
            answers["extent"].to_numpy(np.float64),
        ),
        (
            marks["item"].to_numpy(np.int64),
            marks["annotator"].to_numpy(np.int64),
            # A mark without a label is one all the same.
            marks["code"].to_numpy(np.int64) + 1,
            marks["first"].to_numpy(np.int64),
            marks["last"].to_numpy(np.int64),
        ),
    )
