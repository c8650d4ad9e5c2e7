"""What of a figure somebody may see: people one by one only with the role for it, and never a team of one or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qc.access import AccessError, authorize
from qc.model import EVERYTHING
from qc.pseudonyms import pseudonym
from qc.store.people import pseudonym_secret
from qc.workspace.opening import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from qc.workspace.assess.lens import Lens

# Kinds and keys of what levels and alerts are about.
Subjects = frozenset[tuple[str, str]]
# A figure of fewer people than this tells about each of them.
FEWEST: Final = 3
# What figures are told by of which few people may be a part; `hour` is one of the clock.
PARTS: Final = ("site", "batch", "guideline", "question", "tag", "day", "week", "month", "shift")
_LISTS: Final = {**{f"by_{part}": part for part in PARTS}, "by_period": "week", "by_clock": "hour"}
# Where a row may name what it tells of, besides a column of that name.
_NAMED: Final = ("key", "first", "second", "period", "batch")


def seen(lens: Lens, section: Any) -> Any:
    """A section of an assessment as the actor may see it."""
    if lens.ws.actor.may("individuals", lens.project):
        return section
    from qc.workspace.few import subjects_of_few

    at_site = lens.frame("durations").groupby("site")["annotator"].nunique()
    return team_only(section, frozenset(at_site[at_site < FEWEST].index), subjects_of_few(lens))


def team_only(section: Any, small: frozenset[str] = frozenset(), few: Subjects = frozenset()) -> Any:
    """A section without the rows about a person, about two, about one of the small sites or a subject of few."""
    return _without(section, few | {("site", name) for name in small})


def _without(section: Any, few: Subjects, by: str | None = None) -> Any:
    """by: the part of PARTS that the rows are told by, if any."""
    if isinstance(section, dict):
        own = section.get("by") if section.get("by") in PARTS else None
        return {name: _without(value, few, own or _LISTS.get(name)) for name, value in section.items()}
    if isinstance(section, list):
        return [_without(row, few) for row in section if not (_personal(row, few) or _of_few(row, few, by))]
    return section


def shown_name(ws: Workspace, project: str, name: str) -> str:
    """What the actor may call a person: by the name, or by a pseudonym; oneself by the name in any case."""
    actor = ws.actor
    if actor.may("individuals", project) or name == actor.name or name in actor.called(project):
        return name
    return pseudonym(pseudonym_secret(ws.store, project), name)


def with_shown_names(ws: Workspace, project: str, frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with `shown_name` in columns of names or of lists of names."""
    if ws.actor.may("individuals", project):
        return frame

    def shown(value: Any) -> Any:
        if isinstance(value, str):
            return shown_name(ws, project, value)
        return [shown(name) for name in value] if isinstance(value, list | tuple) else value

    return frame.assign(**{column: frame[column].map(shown).astype(object) for column in columns})


def check_scope(lens: Lens) -> None:
    """AccessError where the scope would show a person to who sees teams only: it names people, or leaves too few."""
    actor, scope = lens.ws.actor, lens.scope
    if actor.may("individuals", lens.project) or scope == EVERYTHING:
        return
    if scope.annotators:
        authorize(actor, "individuals", lens.project)
    if 0 < len(lens.frame("durations")) < FEWEST:
        raise AccessError(
            f"The filters leave fewer than {FEWEST} people, which would tell about each of them: widen the filters."
        )


def _of_few(row: Any, few: Subjects, by: str | None) -> bool:
    if not isinstance(row, dict):
        return False
    part = by or row.get("by")
    if part not in (*PARTS, "hour"):
        return False
    names = (row.get(name) for name in (part, *_NAMED))
    return not few.isdisjoint((part, name) for name in names if isinstance(name, str))


def _personal(row: Any, few: Subjects) -> bool:
    if not isinstance(row, dict):
        return False
    subject = row.get("subject")
    of_person = isinstance(subject, dict) and (
        subject.get("kind") in ("annotator", "reviewer") or (subject.get("kind"), subject.get("key")) in few
    )
    if any(isinstance(row.get(name), int) and row[name] < FEWEST for name in ("fewest_people", "people")):
        return True
    return of_person or "annotator" in row or "reviewer" in row or {"a", "b"} <= row.keys()
