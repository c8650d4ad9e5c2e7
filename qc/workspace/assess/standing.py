"""Sections `levels` and `alerts`: what is in force and what is open."""

from __future__ import annotations

from typing import Any

from qc.levels import draw_rate
from qc.store.alerts import alerts as recorded
from qc.workspace import levels as review_levels
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows

NOT_SET = "the level that everybody begins with"


def levels(lens: Lens) -> list[dict[str, Any]]:
    """The level in force of each subject, and what the evidence since then asks for."""
    return plain_rows(
        [
            {
                "subject": {"kind": standing.kind, "key": standing.key},
                "level": standing.proposal.level,
                "rate": draw_rate(lens.policy, standing.proposal.level),
                "policy": lens.policy.levels.policy,
                "origin": standing.now.origin,
                "undoable": standing.now.undoable,
                "revision": standing.now.revision,
                "proposed": standing.proposal.proposed
                if standing.proposal.proposed != standing.proposal.level
                else None,
                "reason": standing.proposal.reason
                if standing.since is None
                else f"{_ended(standing.reason or '')} {standing.proposal.reason}",
                "since": standing.since,
                "evidence": standing.proposal.evidence,
            }
            for standing in review_levels.proposals(lens)
        ]
    )


def _ended(reason: str) -> str:
    """A reason that a lead wrote, as a sentence before another one."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def alerts(lens: Lens) -> list[dict[str, Any]]:
    """Every alert, newest first."""
    return plain_rows(
        [
            {
                "id": row["id"],
                "rule": row["rule"],
                "severity": row["severity"],
                "subject": {"kind": row["subject_kind"], "key": row["subject_key"]},
                "message": row["message"],
                "evidence": row["evidence"],
                "opened_at": row["opened_at"],
                "state": row["state"],
                "owner": row["owner"],
                "snoozed_until": row["snoozed_until"],
                "revision": row["revision"],
            }
            for row in recorded(lens.ws.store, lens.project)
        ]
    )
