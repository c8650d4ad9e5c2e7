"""The policy of a project: what is in force, and a change of it."""

from __future__ import annotations

from qc.access import allowed
from qc.engine import transitions
from qc.model import InputError, Policy
from qc.stats.charts import from_false_alarms
from qc.store.policies import policy_in_force, save_policy
from qc.workspace.opening import Workspace


@allowed("team")
def get(ws: Workspace, project: str) -> Policy:
    """The policy in force."""
    return ws.policy(project)


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
    transitions(policy.timezone)
    errors, sampling = policy.errors, policy.sampling
    if not 0 < errors.target < errors.limit < 1:
        raise InputError("The target must lie above 0 and below the limit, and the limit below 100 %.")
    if not 0 <= sampling.reduced <= sampling.normal <= sampling.tightened <= sampling.full <= 1:
        raise InputError("The shares must rise from reduced over normal and tightened to full, and end at 100 %.")
    if errors.false_alarms_per_month <= 0:
        raise InputError("The false alarms a month must be above 0; say how many the team will bear.")
    from_false_alarms(errors.target, errors.limit, errors.false_alarms_per_month, 1000)
    ws.store.project(project)
    save_policy(ws.store, project, policy, actor, reason, expected)
