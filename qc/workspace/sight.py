"""What of a figure somebody may see: people one by one only with the role for it, and never a team of one or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qc.access import AccessError, authorize
from qc.model import EVERYTHING, Scope
from qc.pseudonyms import pseudonym
from qc.store.people import pseudonym_secret
from qc.workspace.opening import Workspace

if TYPE_CHECKING:
    import pandas as pd

# A figure of fewer people than this tells about each of them.
FEWEST: Final = 3


def team_only(section: Any) -> Any:
    """A section of an assessment without the rows that are about a person, or about two."""
    if isinstance(section, dict):
        return {name: team_only(value) for name, value in section.items()}
    if isinstance(section, list):
        return [team_only(row) for row in section if not _personal(row)]
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


def check_scope(ws: Workspace, project: str, scope: Scope, people: int) -> None:
    """AccessError where a scope that `people` annotators fall into would show a person to who sees teams only."""
    if ws.actor.may("individuals", project) or scope == EVERYTHING:
        return
    if scope.annotators:
        authorize(ws.actor, "individuals", project)
    if 0 < people < FEWEST:
        raise AccessError(
            f"The filters leave fewer than {FEWEST} people, which would tell about each of them: widen the filters."
        )


def _personal(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    subject = row.get("subject")
    of_person = isinstance(subject, dict) and subject.get("kind") == "annotator"
    return of_person or "annotator" in row or {"a", "b"} <= row.keys()
