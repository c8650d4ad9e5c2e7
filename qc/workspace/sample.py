"""Spot checks: the design, the draw, the sheet, and the queue of what waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.access import allowed
from qc.levels import draw_rate
from qc.model import LEVELS, InputError, NotFoundError, Policy
from qc.sampling import (
    DRAWN,
    SHARES,
    Population,
    chances,
    design,
    population,
    rates_for_number,
    rates_to_notice,
    scaled,
)
from qc.sampling import draw as draw_sample
from qc.store.samples import drawn_answers, draws, save_draw
from qc.store.verdicts import verdicts
from qc.workspace import lookup, sheet_files
from qc.workspace.ingested import counted
from qc.workspace.offer import offered
from qc.workspace.opening import Workspace
from qc.workspace.sight import with_shown_names

KEPT: Final = (*DRAWN, "item_id", "annotator", "answer_hash")
SHEET: Final = ("annotation_id", "question", "item_id", "text", "label")
TO_FILL: Final = ("verdict", "error_type", "severity", "corrected_label", "comment", "reviewer", "seconds")
# Rates of level normal at which the design is shown beside the one that was asked for.
CURVE: Final = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)


@dataclass(frozen=True)
class Ask:
    """What a sample shall be, in one of three languages; in none of them, what the levels say.

    rate: the share at level normal; the other levels keep theirs. number: answers by lot and by risk. notice: a rise
    of the team's error rate, as (usual, raised), that shall be noticed with probability `power`. For these two all
    levels below full keep their proportions. least: per annotator and window, None for the policy's.
    """

    rate: float | None = None
    number: int | None = None
    notice: tuple[float, float] | None = None
    power: float = 0.8
    least: int | None = None

    def __post_init__(self) -> None:
        if sum(asked is not None for asked in (self.rate, self.number, self.notice)) > 1:
            raise InputError("Ask for a rate, a number or a rise to notice: one of them.")
        if self.rate is not None and not 0 < self.rate <= 1:
            raise InputError("The rate must lie above 0 and at most at 1, such as 0.05 for 5 %.")
        if self.number is not None and self.number < 1:
            raise InputError("The number must be at least 1.")
        if not 0 < self.power < 1:
            raise InputError("The probability of noticing must lie between 0 and 1, such as 0.8.")


AS_LEVELS_SAY: Final = Ask()


@dataclass(frozen=True)
class Draw:
    """A drawn sample; `id` is None where there was nothing new to draw."""

    id: str | None
    size: int
    sentence: str
    answers: pd.DataFrame
    by_share: Mapping[str, int] = field(default_factory=dict)
    second_opinions: int = 0


@allowed("draw")
def plan(ws: Workspace, project: str, ask: Ask = AS_LEVELS_SAY) -> dict[str, Any]:
    """What a draw is expected to take and to show, before it: by annotator, in hours and in money.

    `total`, `by_lot`, `by_risk`, `routed` are answers expected, `reviews` counts second opinions too; `half_width` is
    that of the team's rate at an error rate of `at_rate`, `detectable_rise` what is told from `from_rate` with
    probability `power`; `curve` has the same for other rates of level normal, the other levels in proportion. `lots`
    are those that have plans of their own, with the `least` and the `most` drawn of one; `number` is what was asked.
    """
    policy = ws.policy(project)
    frame = _asked_of(offered(ws, project), ask)
    known = population(frame, _least(policy, ask))
    rates = _rates(policy, ask, known)
    by_risk = policy.sampling.by_risk

    def at(normal: float) -> dict[str, Any]:
        usual = _usual(policy, ask)
        found = design(known, scaled(rates, normal), by_risk, policy.errors.limit, usual, ask.power)
        reviews = found.drawn * (1 + policy.sampling.twice)
        hours = reviews * policy.cost.review_minutes / 60
        return {
            **asdict(found),
            "total": round(found.drawn),
            "reviews": round(reviews),
            "hours": hours,
            "money": hours * policy.cost.reviewer_wage,
        }

    return {
        "rows": _by_annotator(known, frame, rates, by_risk) if ws.actor.may("individuals", project) else [],
        "lots": _lots(known, chances(known, rates, by_risk).drawn),
        "new_answers": len(frame),
        **at(rates["normal"]),
        "at_rate": policy.errors.limit,
        "from_rate": _usual(policy, ask),
        "power": ask.power,
        "number": ask.number,
        "curve": [at(rate) for rate in sorted({*CURVE, rates["normal"]})] if len(frame) else [],
    }


@allowed("draw")
def draw(ws: Workspace, project: str, ask: Ask = AS_LEVELS_SAY, *, seed: int | None = None, actor: str = "cli") -> Draw:
    """Draw what the levels or `ask` want, from the answers that came since the last draw.

    The same seed and data give the same sample. seed is the number of earlier draws by default.
    """
    policy = ws.policy(project)
    used = len(draws(ws.store, project)) if seed is None else seed
    version = ws.data_version(project)
    frame = _asked_of(offered(ws, project), ask)
    least = _least(policy, ask)
    shares = policy.sampling
    rates = _rates(policy, ask, population(frame, least)) if len(frame) else {}
    sample = draw_sample(frame, rates, least, used, shares.by_risk, shares.twice)
    if sample.empty:
        return Draw(None, 0, "Nothing to draw: every answer so far was in an earlier draw, or is reviewed.", sample)
    parameters = {
        "rates": rates,
        "asked": {name: value for name, value in asdict(ask).items() if value is not None},
        "min_per_annotator": least,
        "window_days": shares.window_days,
        "by_risk": shares.by_risk,
        "route_below": shares.route_below,
        "route": list(shares.route),
        "twice": shares.twice,
        "new_answers": len(frame),
    }
    rows = sample[list(KEPT)].astype(object).where(sample[list(KEPT)].notna(), None).to_dict("records")
    draw_id = save_draw(ws.store, project, used, parameters, version, rows, actor)
    taken = Counter(sample["share"])
    by_share = {share: taken[share] for share in SHARES}
    doubles = int((sample["reviews_wanted"] > 1).sum())
    people = sample["annotator"].nunique()
    sentence = (
        f"Sample {draw_id}: {len(sample):,} of {len(frame):,} new answers, drawn with seed {used}: "
        f"{by_share['random']:,} by lot (at least {least} of each of {counted(people, 'annotator')} in "
        f"{counted(shares.window_days, 'day')}), {by_share['risk']:,} by risk, {by_share['routed']:,} routed"
        f"{' on top of the number asked for' if ask.number and by_share['routed'] else ''}; "
        f"{doubles:,} to be judged by two people."
    )
    return Draw(draw_id, len(sample), sentence, sample, by_share, doubles)


@allowed("review")
def sheet(ws: Workspace, project: str, draw_id: str, opinions: int = 1) -> pd.DataFrame:
    """The answers of a draw to fill in, in their order, without the annotator: names must not sway a verdict.

    opinions: 2 for the sheet of a second reviewer, which has the answers that two people judge, and nothing of what
    the first one found.
    """
    drawn = [row for row in drawn_answers(ws.store, project) if row["draw_id"] == draw_id]
    if not drawn:
        raise NotFoundError(f"There is no sample {draw_id!r} in this project.")
    drawn = [row for row in drawn if row["reviews_wanted"] >= opinions]
    if not drawn:
        raise NotFoundError(f"No answer of sample {draw_id} is to be judged by two people: sampling.twice in Settings.")
    shown = _looked_up(ws, project, drawn)
    blank = dict.fromkeys(TO_FILL, "")
    return shown[list(SHEET)].assign(**blank)


@allowed("review")
def sheet_file(ws: Workspace, project: str, draw_id: str, suffix: str, opinions: int = 1) -> bytes:
    """The sheet as .csv, .xlsx or .json; cells that a spreadsheet would take for a formula are made text."""
    rows = sheet(ws, project, draw_id, opinions)
    content = sheet_files.written(rows, suffix)
    ws.store.note(ws.actor.name, project, "export", f"sheet of sample {draw_id}", after={"answers": len(rows)})
    return content


@allowed("review")
def queue(ws: Workspace, project: str, reviewer: str | None = None) -> pd.DataFrame:
    """Drawn answers that wait for a verdict, oldest draw first, as a reviewer sees them; `labels` are the choices.

    An answer waits until as many people have judged it as its draw wants. For a reviewer: those that this person has
    not judged. Nothing tells whether somebody else has.
    """
    judged: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in verdicts(ws.store, project):
        judged[row["annotation_id"], row["question"]].add(row["reviewer"])
    waiting = []
    for row in drawn_answers(ws.store, project):
        by = judged.get((row["annotation_id"], row["question"]), set())
        if len(by) < row["reviews_wanted"] and reviewer not in by:
            waiting.append(row)
    columns = ["draw_id", "annotation_id", "question", "item_id", "text", "label", "labels", "annotator", "level"]
    if not waiting:
        return pd.DataFrame(columns=columns)
    shown = _looked_up(ws, project, waiting)
    choices = ws.snapshot(project).rows(lookup.labels_of).groupby("question")["label"].agg(list)
    shown["labels"] = shown["question"].map(choices).apply(lambda found: found if isinstance(found, list) else [])
    return with_shown_names(ws, project, shown[columns], "annotator")


def _looked_up(ws: Workspace, project: str, drawn: list[dict[str, Any]]) -> pd.DataFrame:
    """The drawn rows in their order with the current answer and the item's text."""
    ids = [row["annotation_id"] for row in drawn]
    found = ws.snapshot(project).rows(lambda facts: lookup.by_ids(facts, ids))
    kept = pd.DataFrame(drawn)[["draw_id", "annotation_id", "question", "level"]]
    return kept.merge(found, on=["annotation_id", "question"], how="inner")


def _by_annotator(
    known: Population, frame: pd.DataFrame, rates: Mapping[str, float], by_risk: float
) -> list[dict[str, Any]]:
    """annotator, level, rate, new_answers, to_draw (expected): by annotator and the level of their answers.

    rate: that of the level; where batches are lots, the share that their plans come to.
    """
    if frame.empty:
        return []
    expected = pd.Series(chances(known, rates, by_risk).pi[known.of], frame.index)
    groups = (
        frame.assign(to_draw=expected).groupby(["annotator", "level"], dropna=False)["to_draw"].agg(["size", "sum"])
    )
    return [
        {
            "annotator": annotator,
            "level": level,
            "rate": rates[level] if "planned" not in frame else float(row["sum"] / row["size"]),
            "new_answers": int(row["size"]),
            "to_draw": round(row["sum"]),
        }
        for (annotator, level), row in groups.iterrows()
    ]


def _lots(known: Population, drawn: NDArray[np.int64]) -> dict[str, int] | None:
    """lots, least, most: how many lots are drawn by plans of their own, and how much of each; None without any."""
    by_plan = drawn[~np.isnan(known.planned)]
    if not by_plan.size:
        return None
    return {"lots": by_plan.size, "least": int(by_plan.min()), "most": int(by_plan.max())}


def _rates(policy: Policy, ask: Ask, known: Population) -> dict[str, float]:
    """The share of each level: of the policy, of level normal as asked, or in proportion what brings what is asked."""
    rates = {level: draw_rate(policy, level) for level in LEVELS}
    by_risk = policy.sampling.by_risk
    if ask.number is not None:
        return rates_for_number(known, rates, by_risk, ask.number)
    if ask.notice is not None:
        return rates_to_notice(known, rates, by_risk, *ask.notice, ask.power)
    return rates if ask.rate is None else {**rates, "normal": ask.rate}


def _asked_of(frame: pd.DataFrame, ask: Ask) -> pd.DataFrame:
    """The answers to draw from; a share that is asked for takes the place of the plans of lots at level normal."""
    if ask.rate is None or "planned" not in frame:
        return frame
    return frame.assign(planned=frame["planned"].mask(frame["level"] == "normal"))


def _usual(policy: Policy, ask: Ask) -> float:
    return policy.errors.target if ask.notice is None else ask.notice[0]


def _least(policy: Policy, ask: Ask) -> int:
    return policy.sampling.min_per_annotator if ask.least is None else ask.least
