"""Acceptance sampling: single plans, lots and their switching rules, sequential tests, continuous sampling."""

from qc.stats.acceptance.continuous import Csp1
from qc.stats.acceptance.plans import (
    MODELS,
    SinglePlan,
    average_inspected,
    average_outgoing,
    find_plan,
    zero_failure_size,
)
from qc.stats.acceptance.sequential import Sprt, sprt
from qc.stats.acceptance.standard import (
    AQLS,
    DISCONTINUED,
    INSPECTIONS,
    NORMAL,
    REDUCED,
    SEVERITIES,
    TIGHTENED,
    LotPlan,
    code_letter,
    lot_plan,
)
from qc.stats.acceptance.switching import Inspection, after

__all__ = [
    "AQLS",
    "DISCONTINUED",
    "INSPECTIONS",
    "MODELS",
    "NORMAL",
    "REDUCED",
    "SEVERITIES",
    "TIGHTENED",
    "Csp1",
    "Inspection",
    "LotPlan",
    "SinglePlan",
    "Sprt",
    "after",
    "average_inspected",
    "average_outgoing",
    "code_letter",
    "find_plan",
    "lot_plan",
    "sprt",
    "zero_failure_size",
]
