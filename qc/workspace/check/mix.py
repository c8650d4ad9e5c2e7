"""Cases of the rules on label mixes and skips, week by week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.alerts import Subject
from qc.alerts.rules import MixCase, SkipCase, TeamMixCase, WeekMixCase
from qc.stats.bursts import burst
from qc.stats.intervals import wilson
from qc.stats.mix import Compared, Counts, compare, dispersion, p_values
from qc.stats.multiple import benjamini_hochberg
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import TEAM
from qc.workspace.check.weeks import last_over, week_of

# Labels that are told apart; the others count as one.
MOST_LABELS: Final = 12
OTHERS: Final = "other labels"
FEWEST_ANSWERS: Final = 50
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Tested:
    """One comparison of one question: who, what was found and expected, from how many, and p (NaN: not tested)."""

    people: list[str]
    labels: list[str]
    found: Counts
    beside: Counts
    compared: Compared
    p: Floats


def mix_cases(lens: Lens, day: int) -> Iterator[MixCase]:
    """Annotators against the others and against their own week before; the team against its week before."""
    frame = lens.frame("label_days")
    last = last_over(week_of(frame["day"]), day) if len(frame) else None
    if last is None:
        return
    frame = frame.assign(week=week_of(frame["day"]))
    names = _names(lens)
    team, week, whole = [], [], []
    for question, rows in frame.groupby("question", sort=True):
        labelled = _Labelled.of(rows, names.labels[int(question)], last)
        team.append(_against_team(labelled, names.people))
        week.append(_against_week(labelled, labelled.annotator, names.people))
        whole.append(_against_week(labelled, np.zeros_like(labelled.annotator), {0: TEAM.key}))
    least = lens.policy.alerts.mix_shift
    yield from _cases(TeamMixCase, "annotator", team, least)
    yield from _cases(WeekMixCase, "annotator", week, least)
    yield from _cases(WeekMixCase, "team", whole, least)


def skip_cases(lens: Lens, day: int) -> Iterator[SkipCase]:
    """Annotators against the others, in the last week that is over."""
    frame = lens.frame("skip_days")
    frame = frame[frame["day"].notna()]
    last = last_over(week_of(frame["day"]), day) if len(frame) else None
    if last is None or not frame["skipped"].any():
        return
    rows = frame[week_of(frame["day"]) == last].sort_values(["annotator", "day"], kind="stable")
    counts = np.column_stack([rows["skipped"], rows["n"] - rows["skipped"]]).astype(np.int64)
    codes, subject = np.unique(rows["annotator"].to_numpy(), return_inverse=True)
    own = _summed(counts, subject, len(codes))
    other = own.sum(axis=0) - own
    spread, _ = dispersion(subject, counts)
    p = burst(own[:, 0], other[:, 0], own.sum(axis=1), other.sum(axis=1), spread)
    q = _adjusted(np.where(_enough(own, other), p, np.nan))
    names = _names(lens).people
    for place, code in enumerate(codes.tolist()):
        team = other[place, 0] / max(other[place].sum(), 1)
        rate = wilson(int(own[place, 0]), int(own[place].sum()), unit="items")
        yield SkipCase(Subject("annotator", names[code]), rate, float(team), q[place], lens.policy.alerts.skip_rise)


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The rows of one question in two weeks: label counts of an annotator, batch and day each."""

    annotator: NDArray[Any]
    batch: NDArray[Any]
    day: NDArray[Any]
    now: NDArray[np.bool_]
    counts: Counts
    labels: list[str]

    @staticmethod
    def of(rows: pd.DataFrame, names: dict[int, str], last: int) -> _Labelled:
        """The rows of the last week and the one before."""
        rows = rows[rows["week"].isin((last, last - 1))]
        sizes = rows.groupby("code")["n"].sum().sort_values(ascending=False, kind="stable")
        place = {code: min(rank, MOST_LABELS) for rank, code in enumerate(sizes.index)}
        labels = [names[code] for code in sizes.index[:MOST_LABELS]] + [OTHERS] * (len(sizes) > MOST_LABELS)
        keys = ["annotator", "week", "day", "batch"]
        known = rows.assign(batch=rows["batch"].fillna(""), place=rows["code"].map(place))
        wide = known.pivot_table(index=keys, columns="place", values="n", aggfunc="sum", fill_value=0)
        wide = wide.reindex(columns=range(len(labels)), fill_value=0)
        index = wide.index.to_frame(index=False)
        return _Labelled(
            index["annotator"].to_numpy(),
            pd.factorize(index["batch"])[0],
            index["day"].to_numpy(),
            (index["week"] == last).to_numpy(),
            wide.to_numpy(np.int64),
            labels,
        )


def _against_team(rows: _Labelled, names: dict[int, str]) -> _Tested:
    """Against the others in the same batches."""
    counts, batch = rows.counts[rows.now], rows.batch[rows.now]
    codes, subject = np.unique(rows.annotator[rows.now], return_inverse=True)
    cells, cell = np.unique(subject * (batch.max(initial=0) + 1) + batch, return_inverse=True)
    of_cell, batch_of_cell = np.divmod(cells, batch.max(initial=0) + 1)
    own = _summed(counts, cell, len(cells))
    other = _summed(counts, batch, int(batch.max(initial=0)) + 1)[batch_of_cell] - own
    compared = compare(of_cell, own, other, len(codes))
    found, beside = _summed(own, of_cell, len(codes)), _summed(other, of_cell, len(codes))
    p = p_values(compared, _enough(found, beside), _by_day(subject, rows.day[rows.now], counts))
    return _Tested([names[code] for code in codes.tolist()], rows.labels, found, beside, compared, p)


def _against_week(rows: _Labelled, who: NDArray[Any], names: dict[int, str]) -> _Tested:
    """Against the own week before."""
    codes, subject = np.unique(who, return_inverse=True)
    found, before = (_summed(rows.counts[part], subject[part], len(codes)) for part in (rows.now, ~rows.now))
    compared = compare(np.arange(len(codes)), found, before, len(codes))
    spread = _by_day(subject * 2 + rows.now, rows.day, rows.counts)
    p = p_values(compared, _enough(found, before), spread)
    return _Tested([names[code] for code in codes.tolist()], rows.labels, found, before, compared, p)


def _by_day(group: NDArray[Any], day: NDArray[Any], counts: Counts) -> tuple[float, int]:
    """The dispersion between the days of each group."""
    span = int(day.max(initial=0)) + 1
    keys, place = np.unique(group.astype(np.int64) * span + day, return_inverse=True)
    return dispersion(keys // span, _summed(counts, place, len(keys)))


def _enough(found: Counts, beside: Counts) -> NDArray[np.bool_]:
    return np.asarray((found.sum(axis=1) >= FEWEST_ANSWERS) & (beside.sum(axis=1) >= FEWEST_ANSWERS))


def _summed(counts: Counts, place: NDArray[Any], size: int) -> Counts:
    summed = np.zeros((size, counts.shape[1]), np.int64)
    np.add.at(summed, place, counts)
    return summed


def _cases(make: Callable[..., MixCase], kind: str, tested: list[_Tested], least: float) -> Iterator[MixCase]:
    """The cases of all questions, their false discovery rate over all of them; of a person the clearest question."""
    q = _adjusted(np.concatenate([part.p for part in tested]) if tested else np.zeros(0))
    best: dict[str, MixCase] = {}
    at = 0
    for part in tested:
        for place, name in enumerate(part.people):
            case = make(
                Subject(kind, name),
                float(part.compared.moved[place]),
                q[at],
                int(part.found[place].sum()),
                int(part.beside[place].sum()),
                least,
                tuple(
                    {"name": label, "value": int(found), "expected": round(float(expected), 1)}
                    for label, found, expected in zip(
                        part.labels, part.found[place], part.compared.expected[place], strict=True
                    )
                ),
            )
            at += 1
            known = best.get(name)
            if known is None or (case.q is not None and (known.q is None or case.q < known.q)):
                best[name] = case
    yield from best.values()


def _adjusted(p: Floats) -> list[float | None]:
    """q of each p that is known."""
    q: list[float | None] = [None] * len(p)
    known = np.flatnonzero(~np.isnan(p))
    for place, value in zip(known.tolist(), benjamini_hochberg(p[known]).tolist(), strict=True):
        q[place] = value
    return q


@dataclass(frozen=True, slots=True)
class _Names:
    people: dict[int, str]
    labels: dict[int, dict[int, str]]


def _names(lens: Lens) -> _Names:
    people = lens.frame("annotator_names")
    questions = lens.frame("questions")
    labels = lens.frame("labels")
    by_question = {
        str(name): dict(zip(rows["code"].tolist(), rows["label"].astype(str).tolist(), strict=True))
        for name, rows in labels.groupby("question")
    }
    codes = dict(zip(questions["code"].tolist(), questions["question"].tolist(), strict=True))
    return _Names(
        dict(zip(people["annotator"].tolist(), people["name"].tolist(), strict=True)),
        {code: by_question.get(name, {}) for code, name in codes.items()},
    )
