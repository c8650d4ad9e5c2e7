"""What waits, for whom, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import ibis
from ibis import _

from qc.access import BY_NAME, Actor, allowed
from qc.model import TIERS, Facts, QueuePolicy
from qc.store.escalations import expertise
from qc.store.people import grants
from qc.store.settlements import settlements
from qc.store.waiting import NO_TIER
from qc.store.waiting import waiting as rows_waiting
from qc.workspace.opening import Workspace

Key = tuple[str, str]
# What somebody may be an expert of.
SUBJECTS: Final = ("question", "label", "batch", "site")
NOTHING: Final[Mapping[str, frozenset[str]]] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """An answer that waits: the lowest tier that may judge it, and whether it was sent up, or back for another look.

    experts: whose expertise names it.
    """

    annotation_id: str
    question: str
    item_id: str
    tier: str
    went_up: bool
    experts: frozenset[str]
    drawn_at: datetime

    @property
    def key(self) -> Key:
        """What names the answer."""
        return self.annotation_id, self.question


@dataclass(frozen=True)
class Rules:
    """What the project says of who takes which answer."""

    ws: Workspace
    project: str

    @cached_property
    def policy(self) -> QueuePolicy:
        """What goes up."""
        return self.ws.policy(self.project).queue

    @cached_property
    def flagged(self) -> tuple[str, ...]:
        """The verdicts that call an answer wrong."""
        minor = self.ws.policy(self.project).errors.minor_is_error
        return ("reject", "minor") if minor else ("reject",)

    @cached_property
    def settled(self) -> frozenset[Key]:
        """Items and questions on which there is a final call."""
        return frozenset((row["item_id"], row["question"]) for row in settlements(self.ws.store, self.project))

    @cached_property
    def experts(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Who may review and is an expert of what, by kind and key."""
        may = {
            row["person"]
            for row in grants(self.ws.store)
            if row["role"] in BY_NAME["review"].roles and row["project"] in (None, self.project)
        }
        found: dict[tuple[str, str], frozenset[str]] = {}
        for row in expertise(self.ws.store, self.project):
            if row["person"] in may:
                of = (row["kind"], row["key"])
                found[of] = found.get(of, frozenset()) | {row["person"]}
        return found

    def places(self, rows: Sequence[Mapping[str, Any]]) -> list[Place]:
        """What still waits of rows of `qc.store.waiting`, in their order, whoever may take it."""
        told = self._told(rows)
        return [place for row in rows if (place := self._place(row, told.get(_key(row), NOTHING))) is not None]

    def offered(self, place: Place, actor: Actor) -> bool:
        """Whether an answer is for the actor: of their tier or a lower one, and named by no one else's expertise."""
        tier = actor.tier(self.project)
        if TIERS.index(tier) < TIERS.index(place.tier):
            return False
        return not place.experts or tier == TIERS[-1] or actor.name in place.experts

    def _place(self, row: Mapping[str, Any], told: Mapping[str, frozenset[str]]) -> Place | None:
        asked = row["asked"]
        if row["differing"] and (row["item_id"], row["question"]) not in self.settled:
            asked = max(asked, TIERS.index(self.policy.disagreement))
        went_up = asked > row["answered"]
        if not went_up and row["opinions"] >= row["reviews_wanted"]:
            return None
        named = TIERS.index(self.policy.tier(told.get("label", ()), next(iter(told.get("batch", ())), None)))
        subjects = {"question": frozenset({row["question"]}), **told}
        named_by = [self.experts.get((kind, name), frozenset()) for kind, names in subjects.items() for name in names]
        return Place(
            row["annotation_id"],
            row["question"],
            row["item_id"],
            TIERS[max(named, asked if went_up else NO_TIER)],
            went_up,
            frozenset().union(*named_by),
            row["drawn_at"],
        )

    def _told(self, rows: Sequence[Mapping[str, Any]]) -> dict[Key, dict[str, frozenset[str]]]:
        """The labels, the batch and the site of answers, where a rule or an expertise asks for them."""
        asked = {kind for kind, _key_of in self.experts} - {"question"}
        policy = self.policy
        if not (asked or policy.senior_labels or policy.lead_labels or policy.senior_batches or policy.lead_batches):
            return {}
        ids = sorted({row["annotation_id"] for row in rows})
        # What waits changes with each verdict, the drawn answers do not: they are looked up a draw at a time.
        drawn = self.ws.store.revisions(self.project)["draws"]
        found = self.ws.imported(self.project).kept(
            f"queue:{drawn}:{len(ids)}:{hash(tuple(ids))}",
            lambda: self.ws.imported(self.project).rows(lambda facts: _described(facts, ids)),
        )
        told: dict[Key, dict[str, frozenset[str]]] = {}
        for row in found.itertuples():
            of = told.setdefault((row.annotation_id, row.question), {})
            of[row.kind] = of.get(row.kind, frozenset()) | {row.name}
        return told


@allowed("review")
def waiting(ws: Workspace, project: str) -> list[Place]:
    """What waits for a verdict of the actor: what went up or back, what their expertise names, then the oldest draw.

    Within a draw it is the draw's order, so that a sample that is judged in part is one by lot again. Answers of the
    actor are left out, and what they judged.
    """
    rules, actor = Rules(ws, project), ws.actor
    rows = rows_waiting(ws.store, project, actor.name, actor.called(project), rules.flagged)
    places = [place for place in rules.places(rows) if rules.offered(place, actor)]
    return sorted(places, key=lambda place: (not place.went_up, actor.name not in place.experts))


def wanted(ws: Workspace, project: str, answers: Collection[Key]) -> dict[Key, Place]:
    """Which of some answers wait for anybody, and for which tier."""
    rules = Rules(ws, project)
    rows = rows_waiting(ws.store, project, "", (), rules.flagged)
    places = rules.places([row for row in rows if _key(row) in answers])
    return {place.key: place for place in places}


def _key(row: Mapping[str, Any]) -> Key:
    return row["annotation_id"], row["question"]


def _described(facts: Facts, ids: Sequence[str]) -> Any:
    """annotation_id, question, kind (label, batch or site), name: what rules and expertise ask of these answers."""
    current = facts.annotations.filter(_.annotation_id.isin(list(ids)) & _.current.coalesce(True))
    answers = current.mutate(question=_.question.coalesce(""), as_of=_.revision.coalesce(1))
    items = facts.items.select(its="item_id", its_batch="batch", its_site="site")
    placed = answers.left_join(items, [("item_id", "its")])
    regions = facts.regions.mutate(question=_.question.coalesce(""), as_of=_.revision.coalesce(1))
    same = ["annotation_id", "question", "as_of"]
    parts = [
        answers.select("annotation_id", "question", name="label"),
        answers.select("annotation_id", "question", name=_.labels.unnest()),
        regions.semi_join(answers, same).select("annotation_id", "question", name="label"),
    ]
    labels = parts[0].union(parts[1]).union(parts[2]).mutate(kind=ibis.literal("label"))
    named = placed.select("annotation_id", "question", name=_.batch.coalesce(_.its_batch)).mutate(
        kind=ibis.literal("batch")
    )
    sites = placed.select("annotation_id", "question", name=_.site.coalesce(_.its_site)).mutate(
        kind=ibis.literal("site")
    )
    return labels.union(named).union(sites).filter(_.name.notnull()).distinct()
