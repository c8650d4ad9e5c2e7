"""What each coefficient of agreement is: a sentence, its formula, its scale and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BEYOND: Final = "0 is what chance gives, 1 is full agreement; below 0 people agree less than by chance."
RELIABLE: Final = (
    "From 0.80 labels are reliable, from 0.67 good for tentative conclusions (Krippendorff 2004); customs, not laws."
)


@dataclass(frozen=True, slots=True)
class Formula:
    """Sentence, LaTeX with what its letters stand for, scale, source."""

    sentence: str
    latex: str
    letters: str
    scale: str
    source: str


_COUNTS: Final = "n_uc answers c on item u, m_u answers on it in all"
_KAPPA: Final = r"\kappa = \frac{p_o - p_e}{1 - p_e}"
_WEIGHTED: Final = (
    r"\kappa_w = 1 - \frac{\sum_{ck} d_{ck}\,p_{ck}}{\sum_{ck} d_{ck}\,p_{c\cdot}p_{\cdot k}},\quad d_{ck} ="
)
_PAIRS: Final = "p_o: share of equal pairs of answers on an item, averaged over items"
_ICC: Final = "MS: mean squares of items (I), annotators (A), the rest (E) and within items (W); n items, k annotators"

FORMULAS: Final[dict[str, Formula]] = {
    "percent": Formula(
        "How often two people who saw the same item gave the same answer.",
        r"p_o = \frac{1}{U}\sum_u \frac{\sum_c n_{uc}(n_{uc}-1)}{m_u(m_u-1)}",
        _COUNTS,
        "0 to 1; what chance alone gives depends on how common each label is.",
        "Fleiss 1971",
    ),
    "percent_weighted": Formula(
        "How near two answers to the same item are on the scale.",
        r"p_o = \frac{1}{U}\sum_u \frac{\sum_c n_{uc}\left(\sum_k w_{ck}n_{uk}-1\right)}{m_u(m_u-1)}",
        f"{_COUNTS}; w_ck is 1 for equal labels and less the farther they are apart",
        "0 to 1; not corrected for chance.",
        "Gwet 2014",
    ),
    "alpha": Formula(
        "Of the disagreement that chance would give, how much is not there. Any number of people, missing answers, "
        "and any scale.",
        r"\alpha = 1 - \frac{D_o}{D_e} = 1 - (n-1)\,"
        r"\frac{\sum_u \frac{1}{m_u-1}\sum_{c,k} n_{uc}n_{uk}\,\delta^2_{ck}}{\sum_{c,k} n_c n_k\,\delta^2_{ck}}",
        f"{_COUNTS}; n answers on items with two or more; δ² is 1 for unequal names, (r_c − r_k)² of mid-ranks for an "
        "order, (v_c − v_k)² for numbers, ((v_c − v_k)/(v_c + v_k))² for ratios",
        f"{BEYOND} {RELIABLE}",
        "Krippendorff 2011",
    ),
    "fleiss": Formula(
        "Agreement beyond what people would reach who draw labels at random, as often as the team gives them.",
        _KAPPA + r",\quad p_e = \sum_c \pi_c^2,\quad \pi_c = \frac{1}{U}\sum_u \frac{n_{uc}}{m_u}",
        f"{_COUNTS}; {_PAIRS}",
        BEYOND,
        "Fleiss 1971; with missing answers Gwet 2014",
    ),
    "scott": Formula(
        "Fleiss' kappa by another name: for two people, chance by the labels of both together.",
        _KAPPA + r",\quad p_e = \sum_c \pi_c^2",
        f"π_c: share of label c on items with two answers or more; {_PAIRS}",
        BEYOND,
        "Scott 1955",
    ),
    "conger": Formula(
        "Kappa for many people that leaves each their own habits: chance is by each one's own shares of labels.",
        _KAPPA + r",\quad p_e = \sum_c \left(\bar p_c^2 - \frac{s_c^2}{A}\right)",
        f"p̄_c and s²_c: mean and variance over the A annotators of their shares of label c; {_PAIRS}",
        BEYOND,
        "Conger 1980; with missing answers Gwet 2014",
    ),
    "cohen": Formula(
        "Kappa of each two people, chance by the shares of labels of either; the mean weighs pairs by shared items.",
        _KAPPA + r",\quad p_e = \sum_c p_{c\cdot}\,p_{\cdot c}",
        "p_c· and p_·c: shares of label c of the one and of the other on the items that both answered",
        BEYOND,
        "Cohen 1960",
    ),
    "kappa_linear": Formula(
        "Cohen's kappa where being one step apart costs one, two steps two.",
        rf"{_WEIGHTED} |c-k|",
        "p_ck: share of items that the one calls c and the other k",
        BEYOND,
        "Cohen 1968",
    ),
    "kappa_quadratic": Formula(
        "Cohen's kappa where being two steps apart costs four times as much as one.",
        rf"{_WEIGHTED} (c-k)^2",
        "p_ck: share of items that the one calls c and the other k",
        BEYOND,
        "Cohen 1968",
    ),
    "ac1": Formula(
        "Agreement where chance counts for hard items only; it stays sensible where one label is nearly all.",
        _KAPPA + r",\quad p_e = \frac{1}{C-1}\sum_c \pi_c(1-\pi_c)",
        f"C labels that could be chosen (those declared, else those seen); {_PAIRS}",
        BEYOND,
        "Gwet 2008",
    ),
    "ac2": Formula(
        "Gwet's AC1 where near answers count in part.",
        _KAPPA + r",\quad p_e = \frac{T_w}{C(C-1)}\sum_c \pi_c(1-\pi_c)",
        "T_w: sum of all weights; p_o weighted likewise; C labels that could be chosen",
        BEYOND,
        "Gwet 2014",
    ),
    "brennan_prediger": Formula(
        "Agreement beyond what people would reach who choose among all labels alike.",
        _KAPPA + r",\quad p_e = \frac{1}{C}",
        f"C labels that could be chosen (those declared, else those seen); {_PAIRS}",
        BEYOND,
        "Brennan & Prediger 1981",
    ),
    "kendall_w": Formula(
        "How far people put the items into the same order.",
        r"W = \frac{12\,S}{m^2(n^3-n) - m\sum T}",
        "m annotators, n items that all answered, S: spread of the items' rank sums, T = Σ (t³ − t) over ties of one",
        "0 is no common order, 1 is the same order.",
        "Kendall & Babington Smith 1939",
    ),
    "f1": Formula(
        "How often what one person marked was marked by another, too.",
        r"F_1 = \frac{2\,\sum_u \sum_{a<b} t_{uab}}{\sum_u \sum_{a<b} (n_{ua} + n_{ub})}",
        "n_ua: marks of person a on item u, t_uab: those that match one of b with the same label and the same ends",
        "0 to 1; of marks that may lie anywhere chance gives next to nothing, and kappa comes to F1.",
        "Hripcsak & Rothschild 2005",
    ),
    "token_f1": Formula(
        "How much of what one person marked another marked, too, character by character or millisecond by millisecond.",
        r"F_1 = \frac{2\,\sum_u \sum_{a<b} o_{uab}}{\sum_u \sum_{a<b} (l_{ua} + l_{ub})}",
        "l_ua: length that person a marked on item u, o_uab: length that a and b marked with the same label",
        "0 to 1; what marks laid anywhere would have is stated beside it.",
        "Hripcsak & Rothschild 2005",
    ),
    "unitizing_alpha": Formula(
        "Of the disagreement on where marks begin and end that chance would give, how much is not there.",
        r"\alpha_U = 1 - \frac{D_o}{D_e},\quad \delta^2 = (\Delta b)^2 + (\Delta e)^2 \text{ or } l^2",
        "δ² of two marks that overlap: how far their ends are apart, squared; of a mark in a gap: its length squared",
        BEYOND,
        "Krippendorff 2004, Content Analysis, 2nd ed.",
    ),
    "gamma": Formula(
        "Of the disorder of marks that chance would give, how much is not there once they are aligned well.",
        r"\gamma = 1 - \frac{\delta(\hat a)}{\delta_e}",
        "δ(â): disorder of the best alignment, δ_e: that of marks laid at random, by sampling",
        BEYOND,
        "Mathet, Widlöcher & Métivier 2015",
    ),
    "icc1": Formula(
        "Of the variance of numbers, the share that lies between items; annotators differ from item to item.",
        r"\mathrm{ICC}(1) = \frac{MS_I - MS_W}{MS_I + (k-1)MS_W}",
        _ICC,
        BEYOND,
        "Shrout & Fleiss 1979",
    ),
    "icc2": Formula(
        "Of the variance of numbers, the share that lies between items; a person who is always higher counts against.",
        r"\mathrm{ICC}(2) = \frac{MS_I - MS_E}{MS_I + (k-1)MS_E + \frac{k}{n}(MS_A - MS_E)}",
        _ICC,
        BEYOND,
        "Shrout & Fleiss 1979; McGraw & Wong 1996",
    ),
    "icc3": Formula(
        "As ICC(2), but a person who is always higher is forgiven: consistency.",
        r"\mathrm{ICC}(3) = \frac{MS_I - MS_E}{MS_I + (k-1)MS_E}",
        _ICC,
        BEYOND,
        "Shrout & Fleiss 1979; McGraw & Wong 1996",
    ),
}
# Forms that differ from another in one thing.
ALIKE: Final[dict[str, tuple[str, str]]] = {
    "fleiss_weighted": ("fleiss", "Near answers count in part, as the weights of the scale say."),
    "brennan_prediger_weighted": ("brennan_prediger", "Near answers count in part, as the weights of the scale say."),
    "icc1k": ("icc1", "For the mean of all k annotators: stepped up by Spearman and Brown."),
    "icc2k": ("icc2", "For the mean of all k annotators: stepped up by Spearman and Brown."),
    "icc3k": ("icc3", "For the mean of all k annotators: stepped up by Spearman and Brown."),
}


def formula(key: str) -> tuple[Formula, str]:
    """What a coefficient is, and a further word on the form of it; KeyError for one that is not here."""
    if key in ALIKE:
        base, word = ALIKE[key]
        return FORMULAS[base], word
    return FORMULAS[key], ""
