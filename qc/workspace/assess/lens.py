"""What a section looks through: one project at one data version, under one scope and policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qc.model import Policy, Scope

if TYPE_CHECKING:
    import pandas as pd

    from qc.workspace.opening import Snapshot, Workspace


@dataclass(frozen=True)
class Lens:
    """The frames and settings that the sections of an assessment are made from."""

    ws: Workspace
    project: str
    scope: Scope
    policy: Policy
    snapshot: Snapshot

    def section(self, name: str) -> Any:
        """Another section of the same assessment."""
        from qc.workspace.assess import through

        return through(self, name)

    def frame(self, measure: str, by: tuple[str, ...] = ()) -> pd.DataFrame:
        """The rows of a measure of `qc.measures.MEASURES` within the scope."""
        return self.snapshot.frame(measure, self.scope, self.policy, by)
