"""Is review worth what it costs, and how much of it should be bought?"""

from qc.cost.cells import Riskiest, cut, places
from qc.cost.evidence import Evidence, Judged, Work, prices
from qc.cost.parts import Part, Share, by_price, escaped_of, part
from qc.cost.spent import Cost, cost
from qc.cost.votes import Buy, labels_or_review

__all__ = [
    "Buy",
    "Cost",
    "Evidence",
    "Judged",
    "Part",
    "Riskiest",
    "Share",
    "Work",
    "by_price",
    "cost",
    "cut",
    "escaped_of",
    "labels_or_review",
    "part",
    "places",
    "prices",
]
