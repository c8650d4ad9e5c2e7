"""Which answers a person checks: seeded draws with known inclusion probabilities, and how many are needed."""

from qc.sampling.chances import Chances, Population, answer_levels, chances, population
from qc.sampling.design import (
    Design,
    design,
    detectable_rise,
    half_width,
    needed_for_width,
    needed_to_notice,
    rates_for_number,
    rates_to_notice,
    scaled,
)
from qc.sampling.draw import DRAWN, RANDOM, RISK, ROUTED, SHARES, Drawable, draw, drawable, drawn_from
from qc.sampling.risk import FACTORS, Factor, risks

__all__ = [
    "DRAWN",
    "FACTORS",
    "RANDOM",
    "RISK",
    "ROUTED",
    "SHARES",
    "Chances",
    "Design",
    "Drawable",
    "Factor",
    "Population",
    "answer_levels",
    "chances",
    "design",
    "detectable_rise",
    "draw",
    "drawable",
    "drawn_from",
    "half_width",
    "needed_for_width",
    "needed_to_notice",
    "population",
    "rates_for_number",
    "rates_to_notice",
    "risks",
    "scaled",
]
