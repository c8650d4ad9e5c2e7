"""The contract: table schemas, enums, estimates, scope, policy, errors. Knows nothing else of the project."""

from qc.model.errors import ConflictError, InputError, NotFoundError, QcError, UnavailableError
from qc.model.estimate import Estimate, undefined
from qc.model.facts import (
    ANNOTATIONS,
    ERROR_TYPES,
    FACT_TABLES,
    ITEMS,
    KEYS,
    NOT_STATED,
    REGIONS,
    REVIEWS,
    SEVERITIES,
    Decision,
    Kind,
    Origin,
    Role,
    SecondsKind,
    Status,
    TzSource,
)
from qc.model.policy import (
    LEVELS,
    AgreementPolicy,
    CostPolicy,
    ErrorPolicy,
    FatiguePolicy,
    Policy,
    SamplingPolicy,
)
from qc.model.scope import EVERYTHING, Scope
from qc.model.snapshot import Facts
from qc.model.validation import Rule

__all__ = [
    "ANNOTATIONS",
    "ERROR_TYPES",
    "EVERYTHING",
    "FACT_TABLES",
    "ITEMS",
    "KEYS",
    "LEVELS",
    "NOT_STATED",
    "REGIONS",
    "REVIEWS",
    "SEVERITIES",
    "AgreementPolicy",
    "ConflictError",
    "CostPolicy",
    "Decision",
    "ErrorPolicy",
    "Estimate",
    "Facts",
    "FatiguePolicy",
    "InputError",
    "Kind",
    "NotFoundError",
    "Origin",
    "Policy",
    "QcError",
    "Role",
    "Rule",
    "SamplingPolicy",
    "Scope",
    "SecondsKind",
    "Status",
    "TzSource",
    "UnavailableError",
    "undefined",
]
