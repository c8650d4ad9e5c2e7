"""Which answers a person checks: seeded draws with known inclusion probabilities, and how many are needed."""

from qc.sampling.chances import Population, answer_levels, population
from qc.sampling.design import (
    Design,
    design,
    detectable_rise,
    half_width,
    needed_for_width,
    needed_to_notice,
    rate_for_number,
    rate_to_notice,
)
from qc.sampling.draw import DRAWN, RANDOM, RISK, ROUTED, SHARES, draw
from qc.sampling.risk import FACTORS, Factor, risks

__all__ = [
    "DRAWN",
    "FACTORS",
    "RANDOM",
    "RISK",
    "ROUTED",
    "SHARES",
    "Design",
    "Factor",
    "Population",
    "answer_levels",
    "design",
    "detectable_rise",
    "draw",
    "half_width",
    "needed_for_width",
    "needed_to_notice",
    "population",
    "rate_for_number",
    "rate_to_notice",
    "risks",
]
