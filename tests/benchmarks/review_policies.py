"""Three policies of review levels beside two naive rules: what they cost, what escapes them, how soon they notice.

python tests/benchmarks/review_policies.py            the whole table, 2,000 runs each
python tests/benchmarks/review_policies.py 200        fewer runs
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qc.levels import draw_rate, plan_for
from qc.levels.lots import LEVEL, SEVERITY
from qc.model import LEVELS, LevelPolicy, Policy, SamplingPolicy
from qc.stats.acceptance import AQLS, Inspection, after, lot_plan
from qc.stats.charts import design
from qc.stats.shrinkage import Beta

SEED = 11
RUNS = 2000
QUIET, SHIFTED = 0.02, 0.06
CHART = design(QUIET, SHIFTED, 2000)
TEAM = Beta(2, 98)
NORMAL, TIGHTENED, FULL = LEVELS.index("normal"), LEVELS.index("tightened"), LEVELS.index("full")
# Answers of one annotator: ten thousand quiet ones, then ten thousand of what the scenario plants; 50 a day.
HALF, DAY, WEEK = 10_000, 50, 5

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Rates = NDArray[np.float64]


class Rule(Protocol):
    """Sees judged answers one at a time, of many annotators at once, and keeps their levels."""

    level: Ints
    rates: Rates

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """Takes the next answer of each annotator; returns who gives an alarm."""

    def day_ends(self) -> Bools:
        """The same for what is looked at once a day."""


@dataclass
class Manual:
    """Review stays normal, whatever happens."""

    runs: int
    held: bool = False
    level: Ints = field(init=False)
    rates: Rates = field(init=False)

    def __post_init__(self) -> None:
        self.level = np.full(self.runs, NORMAL)
        policy = Policy(levels=LevelPolicy(self.policy()), sampling=SamplingPolicy(by_risk=0.0))
        self.rates = np.array([1.0 if self.held else draw_rate(policy, level) for level in LEVELS])

    def policy(self) -> str:
        """Whose rates the levels have."""
        return "sequential"

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """Nothing changes."""
        return np.zeros(self.runs, bool)

    def day_ends(self) -> Bools:
        """Nothing changes."""
        return np.zeros(self.runs, bool)


@dataclass
class Sequential(Manual):
    """The default policy, decided after every judged answer; `qc.levels.sequential` on many annotators at once."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.errors, window = Policy().errors, Policy().levels.window
        self.height = np.zeros(self.runs, np.int64)
        self.n, self.k = np.zeros(self.runs, np.int64), np.zeros(self.runs, np.int64)
        self.ring = np.zeros((self.runs, window), bool)
        self.everybody = np.arange(self.runs)
        middle = (QUIET + SHIFTED) / 2
        self.most = np.array([self._most(rate, window) for rate in (None, QUIET, middle, middle)])

    def _most(self, rate: float | None, window: int) -> list[int]:
        """Per number of judged answers: up to how many errors review is lowered; −1 for never."""
        most = [-1] * (window + 1)
        for n in range(self.errors.min_to_lower, window + 1) if rate is not None else ():
            while TEAM.updated(most[n] + 1, n).p_above(rate) < self.errors.lower_below:
                most[n] += 1
        return most

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """The chart raises, the posterior of the last answers lowers, and after either both begin anew."""
        up = np.where(wrong, CHART.m - 1, -1)
        self.height = np.where(judged, np.maximum(self.height + up, 0), self.height)
        place = self.n % self.ring.shape[1]
        old = self.ring[self.everybody, place] & (self.n >= self.ring.shape[1])
        self.k = np.where(judged, self.k + wrong - old, self.k)
        self.ring[self.everybody, place] = np.where(judged, wrong, self.ring[self.everybody, place])
        self.n += judged
        alarm = judged & (self.height >= CHART.threshold) & (self.level < FULL)
        known = np.minimum(self.n, self.ring.shape[1])
        lower = judged & ~alarm & (self.k <= self.most[self.level, known])
        if self.held:
            self.height[alarm] = 0
            return alarm
        self.level += alarm.astype(int) - lower
        anew = alarm | lower
        self.height[anew] = self.n[anew] = self.k[anew] = 0
        return alarm


@dataclass
class Lots(Manual):
    """Lots of 500 answers at AQL 2.5 %, level II; once discontinued, a lead resumes when one lot was checked whole."""

    def policy(self) -> str:
        """Whose rates the levels have."""
        return "lots"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = LevelPolicy("lots")
        lot = self.settings.lot_size
        self.plans = [plan_for(lot, level, self.settings) for level in LEVELS]
        step = AQLS[AQLS.index(self.settings.aql) - 1]
        self.tighter = [lot_plan(lot, step, self.settings.inspection, SEVERITY[level]).accept for level in LEVELS[:-1]]
        self.sizes = np.array([plan.n for plan in self.plans])
        self.states = [Inspection() for _ in range(self.runs)]
        self.n, self.k = np.zeros(self.runs, np.int64), np.zeros(self.runs, np.int64)

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """A lot is decided when its sample is complete."""
        self.n += judged
        self.k += wrong
        alarm = np.zeros(self.runs, bool)
        for one in np.flatnonzero(self.n >= self.sizes[self.level]):
            level = self.level[one]
            if level == FULL:
                state = Inspection(SEVERITY["tightened"])
            else:
                plan = self.plans[level]
                state = after(self.states[one], int(self.k[one]), plan.accept, plan.reject, self.tighter[level])
            alarm[one] = LEVELS.index(LEVEL[state.severity]) > level and level != FULL
            if not self.held:
                self.states[one], self.level[one] = state, LEVELS.index(LEVEL[state.severity])
            elif LEVEL[state.severity] == LEVELS[level]:
                self.states[one] = state
            else:
                self.states[one] = Inspection()
            self.n[one] = self.k[one] = 0
        return alarm


@dataclass
class Naive(Manual):
    """Review is tightened by an alarm, and normal again after a week without one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calm = np.full(self.runs, WEEK * DAY)

    def settle(self, alarm: Bools) -> Bools:
        """The levels after an alarm or none; an alarm counts once in its week."""
        first = alarm & (self.level == NORMAL)
        self.calm = np.where(alarm, 0, self.calm)
        if not self.held:
            self.level = np.where(self.calm < WEEK * DAY, TIGHTENED, NORMAL)
        return first


@dataclass
class LastDays(Naive):
    """The share of errors among the answers judged in the last 7 days lies above a limit; looked at once a day."""

    limit: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        self.days = np.zeros((2, self.runs, WEEK), np.int64)
        self.today = 0
        self.fired = np.zeros(self.runs, bool)

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """Counts."""
        self.days[0, :, self.today] += judged
        self.days[1, :, self.today] += wrong
        self.calm += 1
        return np.zeros(self.runs, bool)

    def day_ends(self) -> Bools:
        """The share of the week; an episode ends when the share falls under the limit again."""
        n, k = self.days.sum(axis=2)
        over = (n > 0) & (k > self.limit * n)
        began, self.fired = over & ~self.fired, over
        self.today = (self.today + 1) % WEEK
        self.days[:, :, self.today] = 0
        self.settle(over)
        return began


@dataclass
class InARow(Naive):
    """So many errors among the last so many judged answers; 3 of 3 is the rule of thumb."""

    errors: int = 3
    among: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        self.n = np.zeros(self.runs, np.int64)
        self.places = np.full((self.runs, self.errors), -(10**9))

    def see(self, judged: Bools, wrong: Bools) -> Bools:
        """Looks at the places of the last errors."""
        self.n += judged
        self.calm += 1
        self.places[wrong] = np.roll(self.places[wrong], -1, axis=1)
        self.places[wrong, -1] = self.n[wrong]
        alarm = wrong & (self.n - self.places[:, 0] < self.among)
        self.places[alarm] = -(10**9)
        first = self.settle(alarm)
        return alarm if self.held else first


@dataclass(frozen=True)
class Seen:
    """What one rule did in one scenario, over all runs, from the change on (false alarms: before it)."""

    reviewed: float
    escaped: float
    false_alarms: float
    false_alarms_error: float
    until_alarm: float
    until_alarm_error: float
    never: float


def simulate(
    rule: Rule, rates: Rates, change: int, rng: np.random.Generator, day: int = DAY, watched: Bools | None = None
) -> Seen:
    """Runs a rule along error rates per answer (one row for all annotators, or one for each).

    watched: whose alarms after the change count for `until_alarm`; everybody's where it is None.
    """
    runs = len(rule.level)
    rates = np.atleast_2d(rates)
    before, since = np.zeros(runs), np.zeros(runs)
    alarms, escaped, judged_after = np.zeros(runs), 0, 0
    until = np.full(runs, np.nan)
    for at in range(rates.shape[1]):
        error = rng.random(runs) < rates[:, at]
        judged = rng.random(runs) < rule.rates[rule.level]
        if at < change:
            before += judged
        else:
            since += judged
            escaped += int((error & ~judged).sum())
            judged_after += int(judged.sum())
        alarm = rule.see(judged, judged & error)
        if (at + 1) % day == 0:
            alarm = alarm | rule.day_ends()
        if at < change:
            alarms += alarm
        else:
            until = np.where(alarm & np.isnan(until), since, until)
    answers = runs * (rates.shape[1] - change)
    until = until if watched is None else until[watched]
    noticed = until[~np.isnan(until)]
    per_run = 1000 * alarms / max(before.mean(), 1)
    return Seen(
        judged_after / answers,
        escaped / answers,
        float(per_run.mean()),
        float(per_run.std() / np.sqrt(runs)),
        float(noticed.mean()) if noticed.size else float("nan"),
        float(noticed.std() / np.sqrt(noticed.size)) if noticed.size else float("nan"),
        float(np.isnan(until).mean()),
    )


def shift(to: float) -> Rates:
    """Quiet, then another rate."""
    return np.r_[np.full(HALF, QUIET), np.full(HALF, to)]


SCENARIOS: dict[str, Rates] = {
    "stable 2 %": shift(QUIET),
    "stable 8 %": np.full(2 * HALF, 0.08),
    "2 to 4 %": shift(0.04),
    "2 to 6 %": shift(0.06),
    "2 to 8 %": shift(0.08),
    "slow drift to 8 %": np.r_[np.full(HALF, QUIET), np.linspace(QUIET, 0.08, HALF)],
    "burst of 500 at 20 %": np.r_[np.full(HALF, QUIET), np.full(500, 0.2), np.full(HALF - 500, QUIET)],
}


def rules(calibrated: Calibration) -> dict[str, Callable[..., Rule]]:
    """Every rule by its name in the table."""
    return {
        "sequential": Sequential,
        "lots": Lots,
        "manual": Manual,
        "7 days above 5 %": LastDays,
        "3 in a row": InARow,
        f"7 days above {100 * calibrated.limit:.1f} %": lambda *args, **more: LastDays(
            *args, **more, limit=calibrated.limit
        ),
        f"3 within {calibrated.among}": lambda *args, **more: InARow(*args, **more, among=calibrated.among),
    }


@dataclass(frozen=True)
class Calibration:
    """The naive rules with as few false alarms per judged answer as the chart has at 2 %."""

    limit: float
    among: int


def calibrate(runs: int, rng: np.random.Generator) -> Calibration:
    """The limit of the week and the stretch of 3 errors whose false alarms come nearest to the chart's."""
    allowed = 1000 / CHART.anos0
    quiet = np.full(3000, QUIET)

    def distance(rule: Rule) -> float:
        return abs(float(np.log(max(simulate(rule, quiet, 2999, rng, 3).false_alarms, 1e-3) / allowed)))

    # A week holds 15 judged answers: between two fifteenths a limit changes nothing.
    limits = [round(share / 15 + 0.001, 3) for share in range(1, 6)]
    limit = min(limits, key=lambda each: distance(LastDays(runs, held=True, limit=each)))
    among = min(range(8, 28, 2), key=lambda each: distance(InARow(runs, held=True, among=each)))
    return Calibration(limit, among)


def held(rule: Callable[..., Rule], runs: int, to: float, rng: np.random.Generator) -> Seen:
    """Levels held, every step a judged answer (3 a day): 1,000 quiet ones, then 5,000 at another rate."""
    rates = np.r_[np.full(1000, QUIET), np.full(5000, to)]
    return simulate(rule(runs, held=True), rates, 1000, rng, 3)


def team(rule: Callable[..., Rule], teams: int, rng: np.random.Generator) -> Seen:
    """40 annotators at once, of whom four change from 2 to 6 %; what is seen of all, and the four's delay."""
    rates = np.tile(shift(QUIET), (40, 1))
    rates[:4, HALF:] = SHIFTED
    watched = np.tile(np.arange(40) < 4, teams)
    return simulate(rule(40 * teams), np.tile(rates, (teams, 1)), HALF, rng, watched=watched)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    began = time.process_time()
    rng = np.random.default_rng(SEED)
    calibrated = calibrate(runs, rng)
    known = rules(calibrated)
    print(f"{runs:,} runs each; chart 2 to 6 %: {CHART.anos0:.0f} and {CHART.anos1:.0f} judged answers (exact)\n")

    print(
        "Levels held: false alarms per 1,000 judged at 2 %, judged answers until an alarm after a change (never: share)"
    )
    print("| rule | false alarms | 2 to 4 % | 2 to 6 % | 2 to 8 % |\n|---|---|---|---|---|")
    for name, rule in known.items():
        cells = []
        for to in (0.04, 0.06, 0.08):
            seen = held(rule, runs, to, rng)
            cells.append(_until(seen))
        alarms = simulate(rule(runs, held=True), np.full(20_001, QUIET), 20_000, rng, 3)
        print(
            f"| {name} | {alarms.false_alarms:.3f} ± {alarms.false_alarms_error:.3f} | {' | '.join(cells)} |",
            flush=True,
        )

    print("\nLevels follow: reviewed after the change, errors escaped, false alarms per 1,000 reviewed before it,")
    print("reviewed answers until an alarm after it (never: share of runs without one in 10,000 answers)")
    print("| scenario | rule | reviewed | escaped | false alarms | until alarm |\n|---|---|---|---|---|---|")
    for scenario, rates in SCENARIOS.items():
        for name, rule in known.items():
            print(_row(scenario, name, simulate(rule(runs), rates, HALF, rng)), flush=True)
    for name, rule in known.items():
        print(_row("40 at once, 4 to 6 %", name, team(rule, max(runs // 40, 1), rng)), flush=True)

    print()
    print(f"{time.process_time() - began:.0f} CPU seconds")


def _row(scenario: str, name: str, seen: Seen) -> str:
    cells = (f"{seen.reviewed:.3f}", f"{100 * seen.escaped:.2f} %", f"{seen.false_alarms:.3f}", _until(seen))
    return f"| {scenario} | {name} | {' | '.join(cells)} |"


def _until(seen: Seen) -> str:
    if np.isnan(seen.until_alarm):
        return "never"
    never = f", never {seen.never:.0%}" if seen.never > 0.001 else ""
    return f"{seen.until_alarm:.0f} ± {seen.until_alarm_error:.0f}{never}"


if __name__ == "__main__":
    main()
