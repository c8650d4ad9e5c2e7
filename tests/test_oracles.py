"""Every published value that the figures are held to, in one table, to the digits printed (about 6 s).

A row names its source, what is meant, the digits as printed and how they are found here. The rows of
tests/data/agreement_tables.json are read from it; the others stand in this file. What the published tables hold and
the product does not state (z against no agreement at all) is made here from figures of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from agreement_data import DATA, SAMPLES, SIX_RATERS, TABLES, Answers, from_contingency, from_counts, from_rows, real
from scipy.sparse import csr_array
from scipy.special import ndtri, stdtrit
from test_stats_spans import BOOK, together

from qc.stats.agreement import Agreement, Ratings, agreement, agreement_of_people
from qc.stats.agreement.alpha import nominal
from qc.stats.agreement.concordance import kendall_w
from qc.stats.agreement.deletions import each_item, jackknife_variance, nothing
from qc.stats.agreement.distance import distance_agreement
from qc.stats.agreement.linearised import alpha_standard_error, standard_error
from qc.stats.agreement.nominal import FLEISS, PERCENT, Chance, brennan_prediger, coefficient, gwet, sums
from qc.stats.agreement.people import linear_conger
from qc.stats.agreement.statistic import Labels, chance_weighted, statistic
from qc.stats.consensus import MAXIMUM_LIKELIHOOD, Votes, dawid_skene, majority
from qc.stats.distances import jaccard, masi
from qc.stats.intervals import clopper_pearson, jeffreys, wilson
from qc.stats.kappa import PairTables, pair_tables
from qc.stats.multiple import benjamini_hochberg
from qc.stats.patterns import Patterns
from qc.stats.spans.unitizing import alpha_of
from qc.stats.weights import WEIGHTS


@dataclass(frozen=True)
class Oracle:
    """A printed number and how it is found here."""

    source: str
    what: str
    printed: str
    found: Callable[[], float]

    @property
    def tolerance(self) -> float:
        """Half a unit in the last digit, and a trace for rounding."""
        digits = self.printed.split(".")[1] if "." in self.printed else ""
        return 0.501 * 10.0 ** -len(digits)


def ratings(answers: Answers) -> Ratings:
    values = [float(name) for name in answers.names] if all(not isinstance(n, str) for n in answers.names) else None
    return Ratings.of(answers.item, answers.annotator, answers.label, values)


def coders(rows: list[str]) -> Answers:
    cells = [[None if cell == "*" else int(cell) for cell in row.split()] for row in rows]
    return from_rows([list(unit) for unit in zip(*cells, strict=True)])


def pairs(table: list[list[int]]) -> pd.DataFrame:
    cells = [("ann", "bob", i, j, n) for i, row in enumerate(table) for j, n in enumerate(row) if n]
    return pd.DataFrame(cells, columns=["a", "b", "code_a", "code_b", "items"])


@cache
def whole(name: str, level: str = "nominal") -> Agreement:
    return agreement(ANSWERS[name].patterns, level)


@cache
def people(name: str, level: str) -> dict[str, Any]:
    return agreement_of_people(ratings(ANSWERS[name]), level)


def cohen(table: list[list[int]], weights: str = "identity") -> PairTables:
    return pair_tables(pairs(table), WEIGHTS[weights](np.arange(len(table), dtype=float)))


def error_of_table(patterns: Patterns, chance: Chance | None) -> float:
    """irrCAC's `*.table` functions divide by n where `*.raw` divide by n - 1."""
    n = int(patterns.items.sum())
    found = alpha_standard_error(patterns) if chance is None else standard_error(patterns, chance)
    return found * ((n - 1) / n) ** 0.5


def weighted(name: str, answers: Answers, weights: str, error: bool = False) -> float:
    """A weighted coefficient with weights other than those that the level of measurement chooses."""
    patterns = answers.patterns
    labels = Chosen(len(answers.names), patterns.values, weights)
    if error:
        return standard_error(patterns, chance_weighted(name, labels), labels.weights)
    return float(statistic(name, labels)(patterns, nothing())[0])


class Chosen(Labels):
    """Labels with weights by name."""

    @property
    def weights(self) -> np.ndarray:
        return WEIGHTS[self.level](self.places)


ANSWERS = {
    "krippendorff": from_rows(TABLES["krippendorff_2011_C"]["data"]),
    "three coders": coders(TABLES["alpha_3_coders_15_units"]["data"]),
    "fleiss 1971": from_rows(TABLES["fleiss_1971"]["data"]),
    "abstractors": from_contingency(TABLES["gwet_3x3"]["data"]),
    "shrout": from_rows(TABLES["shrout_fleiss_1979"]["data"]),
    "anxiety": from_rows(TABLES["anxiety_20x3"]["data"]),
    "gwet 2008": from_contingency([[8, 1], [0, 1]]),
    "paradox": from_contingency([[80, 7], [8, 5]]),
    "likert": from_contingency([[20, 5, 1, 0], [4, 15, 6, 1], [0, 5, 18, 4], [0, 1, 3, 12]]),
    "feinstein": from_contingency([[118, 5], [2, 0]]),
    "wikipedia": from_counts(
        [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ]
    ),
    "six raters": SIX_RATERS,
}


def of_the_tables() -> Iterator[Oracle]:
    """agreement_tables.json."""
    for table, name in (
        ("krippendorff_2011_C", "krippendorff"),
        ("alpha_3_coders_15_units", "three coders"),
        ("anxiety_20x3", "anxiety"),
    ):
        for level, value in TABLES[table]["expected"]["alpha"].items():
            yield oracle(table, f"alpha {level}", value, lambda name=name, level=level: whole(name, level).alpha.value)

    patterns = ANSWERS["krippendorff"].patterns
    names = {"percent_agreement": "percent", "gwet_ac1": "ac1", "fleiss_kappa": "fleiss"}
    chances = {"percent": PERCENT, "ac1": gwet(5), "fleiss": FLEISS, "brennan_prediger": brennan_prediger(5)}
    for printed, (value, error) in TABLES["krippendorff_2011_C"]["expected"]["unweighted_irrCAC_R"].items():
        name = names.get(printed, printed)
        if name == "conger":
            kappa = linear_conger(ratings(ANSWERS["krippendorff"]))
            yield oracle("krippendorff_2011_C", "conger", value, lambda kappa=kappa: kappa.value)
            yield oracle("krippendorff_2011_C", "conger, error", error, lambda kappa=kappa: kappa.error)
            continue
        yield oracle("krippendorff_2011_C", name, value, lambda name=name: getattr(whole("krippendorff"), name).value)
        own = alpha_standard_error if name == "alpha" else partial(standard_error, chance=chances[name])
        yield oracle("krippendorff_2011_C", f"{name}, error", error, partial(own, patterns))
    quadratic = TABLES["krippendorff_2011_C"]["expected"]["quadratic_weights"]
    more = whole("krippendorff", "interval").more
    yield oracle("krippendorff_2011_C", "AC2 quadratic", quadratic["gwet_ac2"], lambda: more["ac2"].items.value)
    yield oracle(
        "krippendorff_2011_C", "Fleiss quadratic", quadratic["fleiss"], lambda: more["fleiss_weighted"].items.value
    )
    yield Oracle("krippendorff_2011_C, notes", "alpha with ordinal weights", "0.83364", alpha_with_ordinal_weights)

    expected = TABLES["fleiss_1971"]["expected"]
    fleiss = whole("fleiss 1971")
    yield oracle("fleiss_1971", "kappa", expected["fleiss_kappa"], lambda: fleiss.fleiss.value)
    yield oracle("fleiss_1971", "observed", expected["observed"], lambda: fleiss.percent.value)
    yield oracle("fleiss_1971", "chance", expected["chance"], lambda: chance_of(fleiss))
    yield oracle("fleiss_1971", "alpha", expected["alpha_nominal"], lambda: fleiss.alpha.value)
    yield oracle("fleiss_1971", "null error", expected["se_null"], fleiss_null_error)
    yield oracle("fleiss_1971", "z", expected["z"], lambda: fleiss.fleiss.value / fleiss_null_error())
    for place, value in enumerate(expected["by_category_sorted"]):
        yield oracle("fleiss_1971", f"category {place}", value, lambda place=place: fleiss_by_category()[place])

    three = TABLES["gwet_3x3"]["data"]
    expected, found = TABLES["gwet_3x3"]["expected"], whole("abstractors")
    patterns = ANSWERS["abstractors"].patterns
    yield oracle("gwet_3x3", "Cohen", expected["cohen"][0], lambda: cohen(three).kappa[0])
    yield oracle("gwet_3x3", "Cohen, error", expected["cohen"][1], lambda: cohen(three).error[0])
    yield oracle("gwet_3x3", "Scott", expected["scott"], lambda: found.more["scott"].items.value)
    yield oracle("gwet_3x3", "AC1", expected["gwet_ac1"][0], lambda: found.ac1.value)
    yield oracle("gwet_3x3", "AC1, error", expected["gwet_ac1"][1], lambda: error_of_table(patterns, gwet(3)))
    yield oracle("gwet_3x3", "Brennan–Prediger", expected["brennan_prediger"], lambda: found.brennan_prediger.value)
    yield oracle("gwet_3x3", "alpha", expected["alpha"], lambda: found.alpha.value)
    yield oracle("gwet_3x3", "percent", expected["percent"], lambda: found.percent.value)

    sas, expected = TABLES["cohen_sas"]["data"], TABLES["cohen_sas"]["expected"]
    yield oracle("cohen_sas", "kappa", expected["cohen"], lambda: cohen(sas).kappa[0])
    yield oracle("cohen_sas", "error", expected["ase"], lambda: cohen(sas).error[0])
    yield oracle(
        "cohen_sas", "low", expected["ci95"][0], lambda: cohen(sas).kappa[0] - ndtri(0.975) * cohen(sas).error[0]
    )
    yield oracle(
        "cohen_sas", "high", expected["ci95"][1], lambda: cohen(sas).kappa[0] + ndtri(0.975) * cohen(sas).error[0]
    )
    yield oracle("cohen_sas", "z", expected["z"], lambda: cohen(sas).kappa[0] / cohen_null_error(sas))
    yield oracle("cohen_sas", "linear", expected["linear_weighted"], lambda: cohen(sas, "linear").kappa[0])
    yield oracle("cohen_sas", "linear, error", expected["linear_ase"], lambda: cohen(sas, "linear").error[0])

    for place, case in enumerate(TABLES["randolph"]["cases"]):
        for name, chance in (("fleiss", FLEISS), ("free", brennan_prediger(2))):
            yield oracle("randolph", f"{name} {place}", case[name], partial(randolph, case["data"], chance))

    for table, name in (("shrout_fleiss_1979", "shrout"), ("anxiety_20x3", "anxiety")):
        for what, value in TABLES[table]["expected"].items():
            if what.startswith("ICC"):
                found_here = partial(people, name, "interval")
                yield oracle(table, what, value, lambda f=found_here, what=what: f()[what.lower()].team.value)
    kappas = {"unweighted": "identity", "linear": "linear", "quadratic": "quadratic"}
    for what, value in TABLES["anxiety_20x3"]["expected"]["cohen_rater1_rater2"].items():
        yield oracle("anxiety_20x3", f"kappa {what}", value, partial(kappa_of_two, kappas[what]))

    yield from of_dawid_and_skene()
    yield from of_real_answers()


def of_dawid_and_skene() -> Iterator[Oracle]:
    source, expected = "dawid_skene_1979", TABLES["dawid_skene_1979"]["expected"]
    yield oracle(source, "log likelihood", expected["log_likelihood"], lambda: anaesthetists().trace[-1])
    for place, value in enumerate(expected["class_priors"]):
        yield oracle(source, f"class {place}", value, lambda place=place: anaesthetists().classes[place])
    for who in (1, 3):
        for (i, j), value in np.ndenumerate(np.array(expected[f"observer_{who}"])):
            yield Oracle(source, f"observer {who}, {i}{j}", f"{value:.3f}", partial(confusion, who - 1, i, j))
    for patient, value in expected["uncertain_patients"].items():
        found = lambda patient=patient: anaesthetists().probabilities[int(patient) - 1].max()  # noqa: E731
        yield oracle(source, f"patient {patient}", value, found)


def of_real_answers() -> Iterator[Oracle]:
    """The boxes are held to theirs where objects are tested."""
    source, expected = "real_samples", TABLES["real_samples"]["expected"]
    for name in ("weather_sentiment_amt", "sentence_polarity_amt", "bluebird", "dog"):
        yield oracle(source, f"{name} alpha", expected[name]["alpha"], lambda name=name: of_file(name)[0].alpha.value)
        yield oracle(source, f"{name} items", expected[name]["items"], lambda name=name: of_file(name)[0].items_used)
        people_here = lambda name=name: len(of_file(name)[0].influence)  # noqa: E731
        yield oracle(source, f"{name} annotators", expected[name]["annotators"], people_here)
        yield oracle(source, f"{name} majority", expected[name]["majority"], lambda name=name: of_file(name)[1])
    for style, value in expected["paradigms_wide"].items():
        yield oracle(source, f"paradigms {style}", value, partial(paradigm, style.split("_")[0]))


def of_this_file() -> Iterator[Oracle]:
    """Values that are not in agreement_tables.json, with their sources."""
    c = "Krippendorff 2011, C, six digits"
    for level, printed in (
        ("nominal", "0.743421"),
        ("ordinal", "0.815388"),
        ("interval", "0.849107"),
        ("ratio", "0.797403"),
    ):
        yield Oracle(c, f"alpha {level}", printed, lambda level=level: whole("krippendorff", level).alpha.value)
    irr = "R irrCAC on Krippendorff 2011, C"
    k = ANSWERS["krippendorff"]
    yield Oracle(irr, "AC2 bipolar", "0.90037", lambda: weighted("ac2", k, "bipolar"))
    yield Oracle(irr, "AC2 bipolar, error", "0.10582", lambda: weighted("ac2", k, "bipolar", error=True))
    yield Oracle(irr, "Fleiss, chance", "0.23872", lambda: chance_of(whole("krippendorff")))
    yield Oracle(irr, "AC1, chance", "0.19032", lambda: float(gwet(5).expected(sums(k.patterns, nothing()))[0]))
    yield Oracle(irr, "AC1, low", "0.46081", lambda: 0.77544 - stdtrit(11, 0.975) * standard_error(k.patterns, gwet(5)))
    yield Oracle("item jackknife on Krippendorff 2011, C", "alpha, error", "0.14633", jackknife_error)
    yield Oracle("Wikipedia, Krippendorff's alpha", "nominal", "0.691358", lambda: whole("three coders").alpha.value)
    yield Oracle(
        "Wikipedia, Krippendorff's alpha", "interval", "0.810845", lambda: whole("three coders", "interval").alpha.value
    )
    yield Oracle("Wikipedia, Fleiss' kappa", "kappa", "0.209931", lambda: whole("wikipedia").fleiss.value)

    for table, printed in (
        ([[20, 5], [10, 15]], "0.4"),
        ([[45, 15], [25, 15]], "0.130435"),
        ([[25, 35], [5, 35]], "0.259259"),
    ):
        yield Oracle("Wikipedia, Cohen's kappa", str(table), printed, lambda table=table: cohen(table).kappa[0])
    two = [[20, 5], [10, 15]]
    yield Oracle("R psych", "error", "0.126996", lambda: cohen(two).error[0])
    yield Oracle("R psych", "low", "0.1511", lambda: cohen(two).kappa[0] - ndtri(0.975) * cohen(two).error[0])
    yield Oracle("R psych", "high", "0.6489", lambda: cohen(two).kappa[0] + ndtri(0.975) * cohen(two).error[0])
    psych = [[44, 5, 1], [7, 20, 3], [9, 5, 6]]
    yield Oracle("R psych, cohen.kappa", "kappa", "0.49", lambda: cohen(psych).kappa[0])
    yield Oracle(
        "R psych, cohen.kappa", "low", "0.35", lambda: cohen(psych).kappa[0] - ndtri(0.975) * cohen(psych).error[0]
    )
    yield Oracle(
        "R psych, cohen.kappa", "high", "0.63", lambda: cohen(psych).kappa[0] + ndtri(0.975) * cohen(psych).error[0]
    )
    yield Oracle("R psych, cohen.kappa", "weighted", "0.45", lambda: cohen(psych, "quadratic").kappa[0])

    vignette = "irrCAC vignette, cont3x3abstractors"
    abstractors = ANSWERS["abstractors"].patterns
    table = TABLES["gwet_3x3"]["data"]
    yield Oracle(vignette, "Cohen, error", "0.05891072", lambda: cohen(table).error[0])
    yield Oracle(vignette, "AC1, error", "0.04321747", lambda: error_of_table(abstractors, gwet(3)))
    yield Oracle(vignette, "Scott, error", "0.05905473", lambda: error_of_table(abstractors, FLEISS))
    yield Oracle(vignette, "alpha, error", "0.05905473", lambda: error_of_table(abstractors, None))
    yield Oracle(vignette, "AC1, raw error", "0.04343519", lambda: standard_error(abstractors, gwet(3)))
    yield Oracle(vignette, "Scott, raw error", "0.05935224", lambda: standard_error(abstractors, FLEISS))
    yield Oracle(vignette, "Conger", "0.7964094", lambda: people("abstractors", "nominal")["conger"].items.value)
    vignette = "irrCAC vignette, distrib.6raters"
    six = ANSWERS["six raters"].patterns
    for name, printed, chance, error in (
        ("ac1", "0.4448007", gwet(5), "0.08418757"),
        ("fleiss", "0.4139265", FLEISS, "0.08119291"),
        ("brennan_prediger", "0.4388889", brennan_prediger(5), "0.08312142"),
    ):
        yield Oracle(vignette, name, printed, lambda name=name: getattr(whole("six raters"), name).value)
        yield Oracle(vignette, f"{name}, error", error, partial(standard_error, six, chance))
    yield Oracle(vignette, "alpha", "0.4204384", lambda: whole("six raters").alpha.value)
    yield Oracle(vignette, "percent", "0.5511111", lambda: whole("six raters").percent.value)
    yield Oracle(vignette, "alpha, error by the formula of *.raw", "0.08119291", lambda: alpha_standard_error(six))

    dkpro = "DKPro Statistics"
    yield Oracle(dkpro, "Gwet 2008, AC1", "0.8658", lambda: whole("gwet 2008").ac1.value)
    yield Oracle(dkpro, "Gwet 2008, pi", "0.6078", lambda: whole("gwet 2008").more["scott"].items.value)
    yield Oracle(dkpro, "paradox, AC1", "0.808", lambda: whole("paradox").ac1.value)
    yield Oracle(dkpro, "Likert, AC1", "0.58046", lambda: whole("likert").ac1.value)
    yield Oracle(dkpro, "Likert, AC2 quadratic", "0.84028", lambda: weighted("ac2", ANSWERS["likert"], "quadratic"))
    paradox = "Feinstein & Cicchetti 1990"
    yield Oracle(paradox, "percent", "0.944", lambda: whole("feinstein").percent.value)
    yield Oracle(paradox, "kappa", "-0.023", lambda: people("feinstein", "nominal")["cohen"].items.value)
    yield Oracle(paradox, "AC1", "0.941", lambda: whole("feinstein").ac1.value)

    shrout = "R psych, ICC of Shrout & Fleiss 1979"
    for name, low, high in (("icc2", "0.0188", "0.7611"), ("icc3", "0.3425", "0.9459")):
        yield Oracle(shrout, f"{name}, low", low, lambda name=name: people("shrout", "interval")[name].team.low)
        yield Oracle(shrout, f"{name}, high", high, lambda name=name: people("shrout", "interval")[name].team.high)
    ranks = [[1, 2, 3, 4, 5, 6], [2, 1, 3, 4, 6, 5], [1, 3, 2, 5, 4, 6]]
    yield Oracle("Kendall & Babington Smith 1939", "W", "0.8730159", lambda: kendall_w(np.array(ranks, float).T))
    tied = [[1, 2, 2, 4, 5, 6], *ranks[1:]]
    yield Oracle(
        "Kendall & Babington Smith 1939", "W with a tie", "0.8717949", lambda: kendall_w(np.array(tied, float).T)
    )
    yield from of_structured_answers()
    yield from of_intervals()


def of_structured_answers() -> Iterator[Oracle]:
    for codes, printed in (((0, 1), "0.858665"), ((0,), "0.728599"), ((1,), "1.000000")):
        book = partial(together, 2, 300, [row for row in BOOK if row[2] in codes])
        yield Oracle(
            "Krippendorff 2004, p. 254", f"unitizing alpha {codes}", printed, lambda book=book: alpha_of(book())
        )
    for distance, one, other, printed in ((masi, "A", "AB", "0.667"), (masi, "AB", "BC", "0.889")):
        found = partial(between, distance, one, other)
        yield Oracle("Passonneau 2006", f"MASI {one}|{other}", printed, found)
    for distance, nine, seven in ((masi, "0.273081", "0.1772152"), (jaccard, "0.315620", "0.2032258")):
        yield Oracle("DKPro, SetAnnotationsTest", distance.__name__, nine, partial(of_sets, distance, SETS))
        yield Oracle("nltk", distance.__name__, seven, partial(of_sets, distance, [s for s in SETS if all(s)]))


def of_intervals() -> Iterator[Oracle]:
    kinds = {"Wilson": wilson, "Clopper–Pearson": clopper_pearson, "Jeffreys": jeffreys}
    for errors, n, kind, low, high in (
        (81, 263, "Wilson", "0.2553", "0.3662"),
        (81, 263, "Clopper–Pearson", "0.2527", "0.3676"),
        (81, 263, "Jeffreys", "0.2545", "0.3656"),
        (15, 148, "Wilson", "0.0624", "0.1605"),
        (15, 148, "Clopper–Pearson", "0.0578", "0.1617"),
        (0, 20, "Wilson", "0.0000", "0.1611"),
        (0, 20, "Clopper–Pearson", "0.0000", "0.1684"),
        (1, 20, "Wilson", "0.0089", "0.2361"),
        (1, 20, "Clopper–Pearson", "0.0013", "0.2487"),
        (5, 100, "Wilson", "0.0215", "0.1118"),
        (5, 100, "Jeffreys", "0.0193", "0.1061"),
        (5, 100, "Clopper–Pearson", "0.0164", "0.1128"),
    ):
        interval = partial(kinds[kind], errors, n)
        yield Oracle("Newcombe 1998", f"{kind} {errors}/{n}, low", low, lambda interval=interval: interval().low)
        yield Oracle("Newcombe 1998", f"{kind} {errors}/{n}, high", high, lambda interval=interval: interval().high)
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    adjusted = ("0.01", "0.04", "0.084", "0.084", "0.084", "0.1", "0.10571", "0.216", "0.216", "0.216")
    for place, printed in enumerate(adjusted):
        found = lambda place=place: benjamini_hochberg(p)[place]  # noqa: E731
        yield Oracle("Benjamini & Hochberg 1995", f"p {place}", printed, found)


SETS = [
    ("", ""),
    ("A", ""),
    ("A", "A"),
    ("A", "B"),
    ("AB", "A"),
    ("AB", "AC"),
    ("ABC", "ABC"),
    ("C", "AC"),
    ("C", "AC"),
]
"""DKPro Statistics (Apache-2.0), SetAnnotationsTest: nine items, the sets of two people."""


def oracle(source: str, what: str, value: float, found: Callable[[], float]) -> Oracle:
    """From a number of the file: its digits are those that it was written with."""
    return Oracle(source, what, str(value), found)


def between(make: Any, one: str, other: str) -> float:
    return float(make([one, other])(np.array([0]), np.array([1]))[0])


def of_sets(make: Any, items: list[tuple[str, str]]) -> float:
    values = sorted({part for row in items for part in row})
    rows = [(item, who, values.index(part)) for item, row in enumerate(items) for who, part in enumerate(row)]
    return distance_agreement(*np.array(rows).T, make(values)).alpha_items.value


def alpha_with_ordinal_weights() -> float:
    """Gwet's weighted alpha: alpha of the distance 1 - weight."""
    answers = ANSWERS["krippendorff"]
    weights = WEIGHTS["ordinal"](answers.patterns.values)
    found = distance_agreement(answers.item, answers.annotator, answers.label, lambda i, j: 1 - weights[i, j])
    return found.alpha_items.value


def chance_of(found: Agreement) -> float:
    return (found.percent.value - found.fleiss.value) / (1 - found.fleiss.value)


def jackknife_error() -> float:
    patterns = ANSWERS["krippendorff"].patterns.pairable()
    deletion = each_item(patterns)
    return jackknife_variance(nominal(patterns, deletion), deletion.repeats) ** 0.5


def fleiss_by_category() -> list[float]:
    answers = ANSWERS["fleiss 1971"]
    share = np.bincount(answers.label) / len(answers.label)
    found = whole("fleiss 1971").by_label
    return sorted((one.agreement.value - share[one.label]) / (1 - share[one.label]) for one in found)


def fleiss_null_error() -> float:
    """Fleiss, Nee & Landis 1979: the error of kappa where nobody agrees beyond chance, of 30 items by 6."""
    answers = ANSWERS["fleiss 1971"]
    p = np.bincount(answers.label) / len(answers.label)
    pq = p * (1 - p)
    return (2 * (pq.sum() ** 2 - (pq * (1 - 2 * p)).sum()) / (30 * 6 * 5)) ** 0.5 / pq.sum()


def cohen_null_error(table: list[list[int]]) -> float:
    """Fleiss, Cohen & Everitt 1969, formula 14."""
    p = np.array(table) / np.sum(table)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = rows @ columns
    squares = chance + chance**2 - (rows * columns * (rows + columns)).sum()
    return (squares / np.sum(table)) ** 0.5 / (1 - chance)


def kappa_of_two(weights: str) -> float:
    rows = np.array(TABLES["anxiety_20x3"]["data"])[:, :2] - 1
    table = np.zeros((6, 6), dtype=int)
    np.add.at(table, (rows[:, 0], rows[:, 1]), 1)
    return float(cohen(table.tolist(), weights).kappa[0])


def randolph(counts: list[list[float]], chance: Chance) -> float:
    """Counts that are not whole: only the sums take them."""
    none = np.zeros(0, dtype=np.int64)
    ones = np.ones(len(counts), dtype=np.int64)
    patterns = Patterns(csr_array(np.array(counts)), ones, none, none, none, none, none, none, none)
    return float(coefficient(chance, sums(patterns, nothing()))[0])


@cache
def anaesthetists() -> Any:
    patient, observer, grade = np.array(TABLES["dawid_skene_1979"]["data"]).T - 1
    return dawid_skene(Votes(patient, observer, grade, 45, 5, 4), priors=MAXIMUM_LIKELIHOOD, tolerance=1e-12)


def confusion(observer: int, truth: int, given: int) -> float:
    return float(anaesthetists().confusion[observer][truth, given])


@cache
def of_file(name: str) -> tuple[Agreement, float]:
    """Agreement, and the accuracy of the majority, with ties shared."""
    answers, gold = real((SAMPLES if name.endswith("_amt") else DATA) / f"{name}.csv")
    votes = Votes(
        answers.item, answers.annotator, answers.label, len(gold), answers.annotator.max() + 1, len(answers.names)
    )
    share = majority(votes)
    top = np.isclose(share, share.max(axis=1, keepdims=True))
    right = (top / top.sum(axis=1, keepdims=True))[gold >= 0, gold[gold >= 0]].mean()
    return agreement(answers.patterns), float(right)


def paradigm(style: str) -> float:
    frame = pd.read_csv(DATA / f"paradigms_{style}_wide.csv").set_index("id")
    return agreement(from_rows(frame.to_numpy().tolist()).patterns).fleiss.value


ORACLES = [*of_the_tables(), *of_this_file()]


@pytest.mark.parametrize("one", ORACLES, ids=lambda one: f"{one.source}: {one.what}")
def test_published_value(one):
    assert one.found() == pytest.approx(float(one.printed), abs=one.tolerance)


def test_every_published_table_is_in_the_list():
    """But for Snow et al. 2008, whose answers the file does not hold."""
    named = {one.source for one in ORACLES}
    assert {*TABLES} - named == {"snow_2008"}
