"""The policy of a project: what is in force, and a change of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from qc.access import allowed
from qc.alerts import RULES
from qc.engine import transitions
from qc.levels.consequences import Volume
from qc.levels.consequences import consequences as follows
from qc.model import LEVEL_POLICIES, LEVEL_SUBJECTS, LOTS, RISKS, TIERS, InputError, Policy
from qc.stats.acceptance import AQLS, INSPECTIONS, NORMAL, lot_plan
from qc.stats.charts import from_false_alarms
from qc.store.policies import policy_in_force, save_policy
from qc.workspace import assess
from qc.workspace.levels import busiest_month
from qc.workspace.opening import Workspace

# What settings with a fixed set of values may be.
CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "levels.policy": LEVEL_POLICIES,
    "levels.subjects": LEVEL_SUBJECTS,
    "levels.lot": LOTS,
    "levels.aql": AQLS,
    "levels.inspection": tuple(INSPECTIONS),
    "queue.disagreement": TIERS[1:],
    "sampling.route": RISKS,
    **dict.fromkeys(("alerts.muted", "alerts.info", "alerts.critical"), tuple(rule.name for rule in RULES)),
}


@dataclass(frozen=True, slots=True)
class Following:
    """What follows from a policy at the volume of a project: sentences, and of lots the rows of their curves."""

    sentences: tuple[str, ...]
    curve: tuple[dict[str, Any], ...]


@allowed("team")
def get(ws: Workspace, project: str) -> Policy:
    """The policy in force."""
    return ws.policy(project)


@allowed("team")
def consequences(ws: Workspace, project: str, policy: Policy) -> Following:
    """What a policy would lead to at the project's volume, before it is saved; InputError where it could not work."""
    _check(policy)
    lens = assess.view(ws, project)
    times = lens.frame("judged_sequence")["at_ms"].dropna().to_numpy(np.int64)
    seen = busiest_month(times)
    volume = Volume(len(lens.frame("durations")), max(policy.errors.judged_per_month, seen), seen)
    found = follows(policy, volume)
    return Following(found.sentences, tuple(asdict(row) for row in found.curve))


@allowed("team")
def revision(ws: Workspace, project: str) -> int:
    """The number of the policy in force, 0 before the first change."""
    return policy_in_force(ws.store, project)[1]


@allowed("policy")
def save(
    ws: Workspace, project: str, policy: Policy, actor: str, reason: str = "", expected: int | None = None
) -> None:
    """Put a policy in force; one that could not work is an InputError that says why.

    expected: the revision that the actor saw; ConflictError where another is in force by now.
    """
    _check(policy)
    ws.store.project(project)
    save_policy(ws.store, project, policy, actor, reason, expected)


def _check(policy: Policy) -> None:
    transitions(policy.timezone)
    errors, sampling = policy.errors, policy.sampling
    if not 0 < errors.target < errors.limit < 1:
        raise InputError("The target must lie above 0 and below the limit, and the limit below 100 %.")
    if not 0 <= sampling.reduced <= sampling.normal <= sampling.tightened <= sampling.full <= 1:
        raise InputError("The shares must rise from reduced over normal and tightened to full, and end at 100 %.")
    if errors.false_alarms_per_month <= 0:
        raise InputError("The false alarms a month must be above 0; say how many the team will bear.")
    from_false_alarms(errors.target, errors.limit, errors.false_alarms_per_month, 1000)
    if policy.levels.window < errors.min_to_lower:
        raise InputError(
            f"Review would never be lowered: {errors.min_to_lower} answers are needed, and the window holds "
            f"{policy.levels.window}."
        )
    lot_plan(policy.levels.lot_size, policy.levels.aql, policy.levels.inspection, NORMAL)
    known = CHOICES["alerts.muted"]
    if unknown := sorted({*policy.alerts.muted, *policy.alerts.info, *policy.alerts.critical} - {*known}):
        raise InputError(f"There is no alert rule {unknown[0]!r}; use some of {', '.join(known)}.")
    shares = ("reviewers_differ", "mix_shift", "skip_rise", "bad_data")
    if not all(0 <= getattr(policy.alerts, name) < 1 for name in shares):
        raise InputError("The shares of the alert rules must lie from 0 to below 100 %.")


def settings_of(policy: Policy) -> list[tuple[str, str]]:
    """Every setting of a policy as it is written in one: its path, and its value as JSON."""
    rows = []
    for section, value in policy.to_json().items():
        parts = value if isinstance(value, dict) else {"": value}
        for name, setting in parts.items():
            rows.append((f"{section}.{name}" if name else section, json.dumps(setting, ensure_ascii=False)))
    return rows


def as_json(policy: Policy, following: Following) -> str:
    """The policy and what follows from it as one document."""
    return json.dumps({"policy": policy.to_json(), "consequences": asdict(following)}, ensure_ascii=False, indent=2)
