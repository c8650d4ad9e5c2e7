"""Use cases, one module per job; the only place that joins the other parts."""

from qc.workspace.opening import Workspace, existing_workspace, open_workspace

__all__ = ["Workspace", "existing_workspace", "open_workspace"]
