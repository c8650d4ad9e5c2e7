"""Section `prelabels`: whom a model's wrong labels mislead, and how far they mislead the team."""

from __future__ import annotations

from typing import Any

from qc.stats.models.trust import trust
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object


def section(lens: Lens) -> dict[str, Any]:
    """Automation bias of the team and everybody's; people of the scope are compared with one another."""
    found = trust(lens.frame("prelabelled"))
    people = sorted(found.people, key=lambda person: (person.p is None, person.p or 0.0, person.annotator))
    return plain_object(
        {
            "survived": found.survived,
            "unaided": found.unaided,
            "bias": found.bias,
            "by_annotator": people,
        }
    )
