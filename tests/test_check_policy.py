"""The policy of alerts: what is muted never speaks, severities follow it, and what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qc.alerts import RULES
from qc.model import InputError, Policy
from qc.model.policy import AlertPolicy
from qc.store.alerts import alerts
from qc.workspace import check, open_workspace, policy
from qc.workspace.ingest import ingest

SAMPLE = Path(__file__).parent.parent / "sample_exports" / "support_tickets.json"


def test_a_muted_rule_falls_silent_and_others_weigh_what_the_policy_says(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "tickets", SAMPLE)
    strict = replace(AlertPolicy(), conflicts=10, critical=("conflict backlog",))
    policy.save(ws, "tickets", replace(ws.policy("tickets"), alerts=strict), "lead")
    check.run(ws, "tickets")
    (found,) = [row for row in alerts(ws.store, "tickets") if row["rule"] == "conflict backlog"]
    assert (found["state"], found["severity"]) == ("open", "critical")
    policy.save(
        ws, "tickets", replace(ws.policy("tickets"), alerts=replace(strict, muted=("conflict backlog",))), "lead"
    )
    again = check.run(ws, "tickets")
    assert found["id"] in again.resolved
    assert not [row for row in again.open if row["rule"] == "conflict backlog"]
    third = check.run(ws, "tickets")
    assert (third.opened, third.resolved) == ((), ())
    ws.store.engine.dispose()


@pytest.mark.parametrize(
    "wrong", [AlertPolicy(muted=("no rule",)), AlertPolicy(mix_shift=1.0), AlertPolicy(critical=("x",))]
)
def test_a_policy_that_cannot_be_is_refused(tmp_path: Path, wrong: AlertPolicy) -> None:
    ws = open_workspace(tmp_path / "ws")
    ws.store.add_project("tickets", None, "lead")
    with pytest.raises(InputError):
        policy.save(ws, "tickets", Policy(alerts=wrong), "lead")
    ws.store.engine.dispose()


def test_a_policy_of_alerts_can_be_read_back() -> None:
    set_ = Policy(alerts=AlertPolicy(muted=(RULES[0].name,), info=(RULES[1].name,), cool_down_days=3))
    assert Policy.from_json(set_.to_json()) == set_
