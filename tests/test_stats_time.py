"""The antimode of planted pauses, medians that cover, and what is undefined. Takes about five seconds."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
import pytest
from numpy.typing import NDArray

from qc.stats.time_at_work import active_ms, edge_seconds, median, session_gap

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
MINUTE, HOUR = 60_000.0, 3_600_000.0


def binned(ms: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Bins and counts as the measure `gaps` gives them."""
    places, counts = np.unique(np.floor(10 * np.log10(np.asarray(ms) + 0.5)).astype(int), return_counts=True)
    return places.tolist(), counts.tolist()


def lognormal(middle_ms: float, spread: float) -> Draw:
    return lambda draw, n: np.exp(draw.normal(log(middle_ms), spread, n))


def both(work: Draw, rest: Draw, share: float) -> Draw:
    return lambda draw, n: np.concatenate([work(draw, n), rest(draw, int(share * n))])


ONE_HUMP: dict[str, Draw] = {
    "quick": lognormal(20_000, 0.5),
    "wide": lognormal(60_000, 1.5),
    "very wide": lognormal(120_000, 3.0),
    "heavy tail": lambda draw, n: 10_000 * (1 + draw.pareto(0.8, n)),
    "memoryless": lambda draw, n: draw.exponential(60_000, n),
    "slow work": lognormal(20 * MINUTE, 0.7),
}


@pytest.mark.parametrize("shape", ONE_HUMP)
@pytest.mark.parametrize("n", [300, 3_000])
def test_of_one_hump_nothing_is_proposed(shape: str, n: int) -> None:
    """At most 5 % of 100 runs, and two errors of Monte Carlo more."""
    proposed = [
        session_gap(*binned(ONE_HUMP[shape](np.random.default_rng(seed), n)), np.random.default_rng(0))
        for seed in range(100)
    ]
    assert sum(gap.value is not None for gap in proposed) <= 9
    assert all(gap.reason for gap in proposed if gap.value is None)


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        # Half a minute and a night: an empty stretch from about 5 minutes to 8 hours, and its middle.
        (both(lognormal(30_000, 0.6), lognormal(14 * HOUR, 0.2), 0.02), 20, 120),
        # Half a minute and an hour's lunch: lunch is rest.
        (both(lognormal(30_000, 0.6), lognormal(60 * MINUTE, 0.2), 0.02), 10, 30),
        # Work of 8 minutes an answer, and nights.
        (both(lognormal(8 * MINUTE, 0.5), lognormal(14 * HOUR, 0.2), 0.05), 60, 360),
    ],
)
def test_the_valley_between_work_and_rest_is_found(shape: Draw, low: float, high: float) -> None:
    for seed in range(5):
        gap = session_gap(*binned(shape(np.random.default_rng(seed), 5_000)), np.random.default_rng(0))
        assert gap.value is not None, gap.reason
        assert low <= gap.value <= high
        assert gap.low is not None
        assert gap.high is not None
        assert gap.low <= gap.value <= gap.high


def test_the_antimode_is_the_least_density_of_a_known_mixture() -> None:
    """Of two normal curves of the logarithm the least density is found on a grid; a bin is a quarter wide."""
    grid = np.linspace(log(MINUTE), log(3 * HOUR), 2_000)
    work, rest = (grid - log(30_000)) / 0.8, (grid - log(3 * HOUR)) / 1.0
    density = np.exp(-(work**2) / 2) / 0.8 + 0.025 * np.exp(-(rest**2) / 2)
    truth = float(np.exp(grid[density.argmin()])) / MINUTE
    mixed = both(lognormal(30_000, 0.8), lognormal(3 * HOUR, 1.0), 0.025)
    gap = session_gap(*binned(mixed(np.random.default_rng(3), 200_000)), np.random.default_rng(0))
    assert gap.value == pytest.approx(truth, rel=0.26)


def test_the_order_of_bins_does_not_matter_and_the_same_draw_gives_the_same() -> None:
    bins, counts = binned(both(lognormal(30_000, 0.8), lognormal(3 * HOUR, 1.0), 0.02)(np.random.default_rng(1), 4_000))
    forth = session_gap(bins, counts, np.random.default_rng(5))
    back = session_gap(bins[::-1], counts[::-1], np.random.default_rng(5))
    assert forth == back


def test_a_proposal_stays_between_ten_minutes_and_eight_hours() -> None:
    """Two seconds and four minutes: a valley, but nobody rests for a minute."""
    quick = both(lognormal(2_000, 0.3), lognormal(4 * MINUTE, 0.2), 0.2)
    assert session_gap(*binned(quick(np.random.default_rng(1), 5_000)), np.random.default_rng(0)).value is None
    weeks = both(lognormal(12 * HOUR, 0.1), lognormal(100 * HOUR, 0.1), 0.3)
    assert session_gap(*binned(weeks(np.random.default_rng(1), 5_000)), np.random.default_rng(0)).value is None


def test_too_few_pauses() -> None:
    assert session_gap([], [], np.random.default_rng(0)).reason == "fewer than 200 pauses"
    assert session_gap([45, 75], [190, 9], np.random.default_rng(0)).reason == "fewer than 200 pauses"


def test_edges() -> None:
    assert edge_seconds(30) == 1.0
    assert edge_seconds(40) == 10.0


@pytest.mark.parametrize("n", [6, 7, 15, 40, 101])
def test_the_interval_of_a_median_covers(n: int) -> None:
    """Ranks of the sign test cover with at least 95 %, here of 2,000 runs less three errors of Monte Carlo."""
    draw = np.random.default_rng(n)
    covered = 0
    for _ in range(2_000):
        found = median(draw.lognormal(0, 1, n).tolist(), "people")
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1 <= found.high
    assert covered >= 2_000 * 0.95 - 3 * (2_000 * 0.95 * 0.05) ** 0.5


def test_the_ranks_of_a_median() -> None:
    """Table of the sign test: of 10 values the second and the ninth, of 20 the sixth and the fifteenth."""
    for n, low, high in ((10, 2, 9), (20, 6, 15)):
        found = median(list(range(1, n + 1)), "people")
        assert (found.low, found.high) == (low, high)


def test_a_median_of_few_has_no_interval_and_of_nothing_no_value() -> None:
    few = median([1.0, 5.0, 2.0, 2.0, 9.0], "people")
    assert (few.value, few.low, few.high, few.n) == (2.0, None, None, 5)
    assert median([], "people").reason == "nothing was timed"


def test_first_answers_of_unknown_start_count_as_the_usual_pause_cut_at_the_cap() -> None:
    assert active_ms(60_000, 3, 20_000.0, 60_000) == 120_000
    assert active_ms(60_000, 3, 90_000.0, 60_000) == 240_000
    assert active_ms(60_000, 3, None, 60_000) == 60_000
