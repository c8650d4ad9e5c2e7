"""All coefficients that apply to a question, each with what it is and where it comes from."""

from __future__ import annotations

from typing import Any, Final

from qc.model import undefined
from qc.stats.agreement import Agreement, Both, agreement_of_people
from qc.stats.agreement.people import conger
from qc.workspace.assess.asked import Asked

# Answers beyond which the coefficients that need every pair of answers are left out: a second for a million.
MOST_ANSWERS: Final = 300_000
MANY_ANSWERS: Final = f"not computed for more than {MOST_ANSWERS:,} answers at a time: choose a stretch of time"

# What each coefficient is, and its source; in the order of showing.
SOURCES: Final = {
    "percent": ("percent agreement", "share of pairs of answers to an item that are equal"),
    "percent_weighted": ("weighted percent agreement", "pairs weighted by nearness; Gwet 2014"),
    "alpha": ("Krippendorff's alpha", "Krippendorff 2011"),
    "fleiss": ("Fleiss' kappa", "Fleiss 1971; with missing answers Gwet 2014"),
    "fleiss_weighted": ("weighted Fleiss' kappa", "Gwet 2014"),
    "scott": ("Scott's pi", "Scott 1955, averaged over items with two answers or more"),
    "conger": ("Conger's kappa", "Conger 1980; with missing answers Gwet 2014"),
    "cohen": ("Cohen's kappa, mean of pairs", "Cohen 1960, weighted by shared items"),
    "kappa_linear": ("weighted kappa, linear", "Cohen 1968, mean of pairs by shared items"),
    "kappa_quadratic": ("weighted kappa, quadratic", "Cohen 1968, mean of pairs by shared items"),
    "ac1": ("Gwet's AC1", "Gwet 2008"),
    "ac2": ("Gwet's AC2", "Gwet 2014, weights by the level of measurement"),
    "brennan_prediger": ("Brennan–Prediger", "Brennan & Prediger 1981"),
    "brennan_prediger_weighted": ("weighted Brennan–Prediger", "Gwet 2014"),
    "kendall_w": ("Kendall's W", "Kendall & Babington Smith 1939, on items that everybody answered"),
    "icc1": ("ICC(1)", "Shrout & Fleiss 1979, on items that everybody answered"),
    "icc2": ("ICC(2), agreement", "Shrout & Fleiss 1979; McGraw & Wong 1996"),
    "icc3": ("ICC(3), consistency", "Shrout & Fleiss 1979; McGraw & Wong 1996"),
    "icc1k": ("ICC(1,k), mean of all", "Shrout & Fleiss 1979"),
    "icc2k": ("ICC(2,k), mean of all", "Shrout & Fleiss 1979"),
    "icc3k": ("ICC(3,k), mean of all", "Shrout & Fleiss 1979"),
}
# What needs every pair of answers, by the level of measurement.
COSTLY: Final = {"nominal": ("cohen",), "ordinal": ("cohen", "kappa_linear", "kappa_quadratic", "kendall_w")}
COSTLY_OF_NUMBERS: Final = (*COSTLY["ordinal"], "icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")
_PLAIN: Final = ("percent", "alpha", "fleiss", "ac1", "brennan_prediger")


def coefficients(asked: Asked, found: Agreement) -> list[dict[str, Any]]:
    """Each with the interval for such a team and that for these annotators."""
    known = {name: Both(getattr(found, name), getattr(found, f"{name}_items")) for name in _PLAIN}
    known |= {**found.more, **_of_people(asked)}
    return [
        {"key": key, "name": name, "team": known[key].team, "items": known[key].items, "source": source}
        for key, (name, source) in SOURCES.items()
        if key in known
    ]


def _of_people(asked: Asked) -> dict[str, Both]:
    ratings = asked.ratings
    if len(ratings.item) <= MOST_ANSWERS:
        return agreement_of_people(ratings, asked.level)
    none = undefined(MANY_ANSWERS, len(ratings.item), "answers")
    left_out = COSTLY.get(asked.level, COSTLY_OF_NUMBERS)
    return {"conger": conger(ratings), **dict.fromkeys(left_out, Both(none, none))}
