"""Figures say what they show: named axes, n in the hover, and strangers' names as text. Runs in about a second."""

import json
from urllib.parse import unquote

import plotly.io as pio
import pytest

from qc import figures
from qc.figures.sayings import headline_errors, said_by
from qc.figures.theme import COLOURS
from qc.figures.words import interval, number, plain

HOSTILE = "<b>ann</b> <img src=x onerror=alert(1)> %{x}"


def e(value, low=None, high=None, n=50, unit="answers", reason=None):
    return {
        "value": value, "low": low, "high": high, "n": n, "unit": unit, "method": "Wilson 95 %", "warning": None,
        "reason": reason,
    }  # fmt: skip


UNDEFINED = e(None, n=0, reason="nothing judged")
RATE = e(0.1, 0.05, 0.18)

LOTS = [
    {"level": HOSTILE, "n": 50, "rate": 0.02, "accepted": 0.98, "outgoing": 0.018},
    {"level": "b", "n": 20, "rate": 0.02, "accepted": 0.7, "outgoing": 0.01},
]

# Every figure once, with a hostile name wherever a name can stand, and an undefined estimate wherever one can.
FIGURES = {
    "dots": figures.dots(
        [
            {"name": HOSTILE, "estimate": RATE, "status": "above target"},
            {"name": "b", "estimate": UNDEFINED, "status": "too little data"},
        ],
        axis="error rate, %",
        target=0.02,
        target_name=HOSTILE,
    ),
    "pairs": figures.pairs(
        [
            {"a": HOSTILE, "b": "b", "n": 40, "percent": RATE, "kappa": e(0.6, 0.4, 0.8, 40, "items")},
            {"a": "b", "b": "c", "n": 4, "percent": RATE, "kappa": e(0.6, 0.4, 0.8, 4, "items")},
        ]
    ),
    "hours_covered": figures.hours_covered(
        [
            {"name": name, "days": 4, "by_hour": [{"hour": 9, "share": 0.5}, {"hour": 10, "share": 0.0}]}
            for name in (HOSTILE, "b")
        ]
    ),
    "designs": figures.designs(
        [{"total": 50, "half_width": 0.06, "detectable_rise": 0.12, "hours": 0.8},
         {"total": 3, "half_width": None, "detectable_rise": None, "hours": 0.1}],
        chosen=50,
    ),
    "agreement_by_week": figures.agreement_by_week(
        [{"period": "2026-03-02", "n": 50, "alpha": e(0.7, 0.6, 0.8, 50, "items")},
         {"period": "2026-03-09", "n": 0, "alpha": UNDEFINED}],
        [{"period": "2026-03-09", "first": "2026-03-02", "last": "2026-03-09"}],
    ),
    "by_threshold": figures.by_threshold(
        [{"threshold": 0.5, "f1": e(0.7, 0.6, 0.8, 50, "items")}, {"threshold": 0.9, "f1": UNDEFINED}], at=0.5
    ),
    "control_chart": figures.control_chart(
        [{"n": n, "at": "2026-03-02T09:00+00:00", "item_id": HOSTILE, "question": HOSTILE, "error": n == 2,
          "value": 3.0 if n == 2 else 0.0, "alarm": n == 2, "level": "normal" if n < 3 else "tightened"}
         for n in (1, 2, 3)],
        [{"after": 2, "before": "normal", "level": "tightened", "actor": HOSTILE, "reason": HOSTILE,
          "at": "2026-03-03"}],
        threshold=2.7,
    ),
    "operating_characteristic": figures.operating_characteristic(LOTS),
    "outgoing_quality": figures.outgoing_quality(LOTS),
    "beside": figures.beside(
        [{"name": HOSTILE, "key": [HOSTILE, "b"], "rate": RATE, "others": UNDEFINED},
         {"name": "b", "key": ["b", "c"], "rate": RATE, "others": RATE}], axis="share, %"
    ),
    "lots_judged": figures.lots_judged(
        [{"lot": HOSTILE, "errors": 0, "n": 50, "rejected_from": 2, "outcome": "accepted"},
         {"lot": "lot 2", "errors": 3, "n": 50, "rejected_from": 2, "outcome": "rejected"}]
    ),
    "proof_path": figures.proof_path([0.0, 0.9, 2.8], first=7, threshold=2.7),
    "trend": figures.trend(
        [{"period": "2026-03-02", "value": 0.7, "low": 0.6, "high": 0.8, "n": 50},
         {"period": "2026-03-09", "value": 0.5, "low": None, "high": None, "n": 50}],
        threshold=0.6, style="plain", axis="agreement",
    ),
    "found_and_expected": figures.found_and_expected(
        [{"name": HOSTILE, "value": 9, "expected": 2.5}, {"name": "b", "value": 1, "expected": 7.5}], n=10
    ),
    "rate_by_period": figures.rate_by_period(
        [{"period": "2026-03-02", "n": 50, "rate": RATE, "others": RATE},
         {"period": "2026-03-09", "n": 50, "rate": RATE, "others": UNDEFINED}], target=0.02
    ),
    "confusion": figures.confusion([{"truth": HOSTILE, "given": "b", "n": 3}, {"truth": "b", "given": "b", "n": 9}]),
    "rate_by_day": figures.rate_by_day(
        [{"day": "2026-03-02", "n": 50, "rate": RATE}, {"day": "2026-03-03", "n": 0, "rate": UNDEFINED}], target=0.02
    ),
    "volume_by_day": figures.volume_by_day([{"day": "2026-03-02", "site": HOSTILE, "answers": 7}]),
    "rate_by_time_on_task": figures.rate_by_time_on_task(
        [{"hour": 0.0, "n": 50, "rate": RATE}, {"hour": 0.25, "n": 0, "rate": UNDEFINED}], break_after_minutes=75
    ),
    "calibration": figures.calibration(
        {HOSTILE: [{"score": 0.5, "accuracy": RATE, "n": 50}, {"score": 0.9, "accuracy": UNDEFINED, "n": 0}]}
    ),
    "costs": figures.costs(
        [{"policy": HOSTILE, "rate": 0.05, "cost": 9.0, "escaped": e(12.0, 8.0, 20.0)},
         {"policy": HOSTILE, "rate": 0.10, "cost": 7.0, "escaped": UNDEFINED}],
        currency="EUR",
    ),
    "items_by_agreement": figures.items_by_agreement([{"agreement": 1.0, "items": 5}, {"agreement": 0.3, "items": 2}]),
    "statistics_against_threshold": figures.statistics_against_threshold(
        [{"name": HOSTILE, "statistic": 4.2, "threshold": 4.0, "n": 60},
         {"name": "b", "statistic": None, "threshold": 4.0, "n": 0}]
    ),
    "pace_over_time": figures.pace_over_time(
        [{"first": 0, "at": "2026-03-02T09:00:00+08:00", "n": 60, "seconds": e(112.0, 95.0, 130.0)},
         {"first": 60, "at": "2026-03-03T09:00:00+08:00", "n": 60, "seconds": e(51.0, 45.0, 60.0)}],
        [{"after": 60, "at": "2026-03-03T09:00:00+08:00", "seconds_before": 112.0, "seconds_after": 51.0,
          "ratio": e(0.5, 0.4, 0.6)}],
    ),
    "pauses": figures.pauses(
        [{"from_seconds": 10.0, "to_seconds": 12.6, "n": 900}, {"from_seconds": 1e4, "to_seconds": 12_589.0, "n": 4}],
        gap_minutes=30, proposed_minutes=47.0,
    ),
    "hours_of_the_week": figures.hours_of_the_week(
        [{"weekday": 0, "hour": 9, "answers": 40, "active_hours": 1.5, "people": 1, "days": 3}]
    ),
    "hours_by_cap": figures.hours_by_cap(
        [{"name": HOSTILE, "submissions": 80, "active_hours": [{"cap_minutes": 1, "hours": 2.0}],
          "tool_hours": [{"kind": "active", "n": 80, "hours": 1.9}]},
         {"name": "b", "submissions": 8, "active_hours": [{"cap_minutes": 1, "hours": 0.2}], "tool_hours": []}]
    ),
    "rate_by_clock": figures.rate_by_clock(
        [{"key": HOSTILE, "n": 60, "rate": RATE}, {"key": "b", "n": 0, "rate": UNDEFINED}]
    ),
    "pauses_saved": figures.pauses_saved(
        [{"minutes": 30.0, "saved": 4.0, "lost": 3.0, "net": 1.0},
         {"minutes": 60.0, "saved": 2.0, "lost": 1.5, "net": 0.5}],
        chosen=45.0, n=800, currency=HOSTILE,
    ),
    "forest": figures.forest(
        [{"name": HOSTILE, "estimate": e(0.01, -0.01, 0.03), "status": "not yet clear"},
         {"name": "b", "estimate": UNDEFINED}], axis="difference of the error rate, points", margin=0.01
    ),
    "before_after": figures.before_after(
        [{"key": HOSTILE, "answers": 50, "before": RATE, "after": RATE},
         {"key": "2026-04", "answers": 50, "before": RATE, "after": UNDEFINED}]
    ),
    "labels_or_review": figures.labels_or_review(
        [{"labels": 1, "paid": 0.1, "error": RATE, "review_share": 0.0, "reviewed_error": RATE},
         {"labels": 3, "paid": 0.3, "error": RATE, "review_share": 0.2, "reviewed_error": RATE}]
    ),
}  # fmt: skip


def test_every_figure_is_tried_here():
    words = {
        "CHOICES",
        "MOST",
        "Style",
        "WAYS",
        "counted",
        "duration",
        "estimate",
        "interval",
        "interval_bar",
        "number",
        "plain",
        "probability",
        "ranged",
        "several",
    }
    assert set(FIGURES) == set(figures.__all__) - words


def drawn(name):
    return json.loads(pio.to_json(FIGURES[name], validate=True))


def axis_titles(layout):
    return [layout[axis].get("title", {}).get("text") for axis in layout if axis.startswith(("xaxis", "yaxis"))]


def displayed(node):
    """All strings that Plotly draws: everything but the raw names kept for clicks."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("customdata", "template"):
                yield from displayed(value)
    elif isinstance(node, list):
        for value in node:
            yield from displayed(value)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_axes_are_named_and_the_ground_is_transparent(name):
    layout = drawn(name)["layout"]
    titles = axis_titles(layout)
    assert titles[0]
    # A list of names explains itself; every other axis is named.
    assert all(titles) or (len(titles) == 2 and layout["yaxis"]["ticktext"])
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_hover_tells_what_the_figure_rests_on(name):
    """n stands in the template, or in the text of an estimate (`…, 50 answers`) that the template shows."""
    hovers = [trace for trace in drawn(name)["data"] if "hovertemplate" in trace]
    assert hovers
    for trace in hovers:
        told = json.dumps(trace.get("customdata"))
        assert any(sign in trace["hovertemplate"] + told for sign in ("n = ", "answers", "items"))


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_names_of_strangers_are_text(name):
    for text in displayed(drawn(name)):
        assert "<b>" not in text
        assert "<img" not in text


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_hover_never_shows_a_raw_name(name):
    for trace in drawn(name)["data"]:
        for at, cell in enumerate((trace.get("customdata") or [[]])[0]):
            if isinstance(cell, str) and "<b>" in cell:
                assert f"customdata[{at}]" not in trace["hovertemplate"]


def test_an_undefined_estimate_leaves_no_point():
    (trace,) = [t for t in drawn("dots")["data"] if t["type"] == "scatter"]
    assert trace["customdata"][0][0] == HOSTILE
    assert len(trace["customdata"]) == 1


def test_names_that_look_like_numbers_stay_names():
    """Plotly would put annotators 007 and 12 on a numeric axis."""
    figure = figures.dots([{"name": "007", "estimate": RATE}, {"name": "12", "estimate": RATE}], axis="rate, %")
    assert list(figure.layout.yaxis.ticktext) == ["007", "12"]


def test_dots_are_sorted_with_the_highest_on_top():
    rows = [{"name": name, "estimate": e(value, 0, 1)} for name, value in (("low", 0.1), ("high", 0.9), ("mid", 0.5))]
    assert list(figures.dots(rows, axis="rate, %").layout.yaxis.ticktext) == ["low", "mid", "high"]


def test_kappa_on_few_items_is_grey_and_untold():
    few, kappa, cells = FIGURES["pairs"].data
    assert few.z[1][2] == 1.0
    assert kappa.z[1][2] is None
    assert any("too few to tell" in told[4] for told in cells.customdata)


def test_confusion_rows_are_shares_of_the_truth():
    """9 of 9 true b were given b; 3 of 3 hostile labels were given b."""
    shares = FIGURES["confusion"].data[0].z
    assert [list(row) for row in shares] == [[None, 1.0], [None, 1.0]]


def test_of_many_rows_the_highest_are_drawn():
    rows = [{"name": f"a{at}", "estimate": e(at / 100, 0, 1)} for at in range(90)]
    assert list(figures.dots(rows, axis="rate, %").layout.yaxis.ticktext) == [f"a{at}" for at in range(50, 90)]


def test_of_many_names_those_with_the_most_items_are_drawn():
    rows = [
        {"a": f"a{at:02d}", "b": f"b{at:02d}", "n": at, "percent": RATE, "kappa": e(0.5, 0.4, 0.6, at, "items")}
        for at in range(30, 90)
    ]
    assert list(figures.pairs(rows).layout.xaxis.ticktext) == [f"{ab}{at}" for ab in "ab" for at in range(70, 90)]


def test_histogram_puts_full_agreement_into_the_last_bin():
    assert list(FIGURES["items_by_agreement"].data[0].y) == [0, 0, 0, 2, 0, 0, 0, 0, 0, 5]


def test_more_sites_than_colours_become_other():
    rows = [{"day": "2026-03-02", "site": f"s{at}", "answers": 10 - at} for at in range(9)]
    bars = figures.volume_by_day(rows).data
    assert len(bars) == 6
    assert {bar.name for bar in bars} == {"s0", "s1", "s2", "s3", "s4", "other"}
    assert sum(sum(bar.y) for bar in bars) == sum(row["answers"] for row in rows)


@pytest.mark.parametrize(
    "empty",
    [
        figures.dots([], axis="rate, %"),
        figures.pairs([]),
        figures.control_chart([], threshold=2.0),
        figures.beside([], axis="share, %"),
        figures.found_and_expected([], n=0),
        figures.lots_judged([]),
        figures.trend([], threshold=None, style="plain", axis="agreement"),
        figures.rate_by_period([]),
        figures.confusion([]),
        figures.rate_by_day([]),
        figures.volume_by_day([]),
        figures.rate_by_time_on_task([]),
        figures.calibration({}),
        figures.costs([]),
        figures.items_by_agreement([]),
        figures.statistics_against_threshold([]),
        figures.pauses([], gap_minutes=30),
        figures.hours_of_the_week([]),
        figures.hours_by_cap([]),
    ],
)
def test_no_rows_are_no_error(empty):
    assert pio.to_json(empty)


def test_an_hour_without_work_is_a_gap_and_monday_is_on_top():
    (trace,) = figures.hours_of_the_week(
        [{"weekday": 6, "hour": 23, "answers": 4, "active_hours": 0.5, "people": 2, "days": 1}]
    ).data
    assert trace.z[6][23] == 4
    assert sum(value is not None for row in trace.z for value in row) == 1
    assert trace.customdata[6][23][0] == "Sunday 23:00"
    assert "2 people" in trace.customdata[6][23][1]


def bar(value, low, high, target=0.05):
    return unquote(figures.interval_bar(e(value, low, high), top=0.2, target=target))


def test_intervals_in_cells_sort_as_their_values_do():
    """Tables sort the texts of pictures; 9 % must stand before 10 %."""
    bars = [bar(value, value / 2, value * 1.5) for value in (0.005, 0.09, 0.1, 0.19)]
    assert bars == sorted(bars)
    assert all(text.startswith("data:image/svg+xml") for text in bars)


def test_an_interval_surely_above_target_is_a_diamond():
    assert "<path" in bar(0.1, 0.06, 0.15)
    assert "<circle" in bar(0.1, 0.04, 0.15)
    assert figures.interval_bar(UNDEFINED, top=0.2) is None


def test_names_of_levels_near_each_other_stand_on_lines_of_their_own():
    path = [{"n": n, "at": "2026-03-02", "item_id": "i", "question": "q", "error": False, "value": 0.0, "alarm": False,
             "level": "normal"} for n in range(1, 101)]  # fmt: skip
    changes = [{"after": n, "before": "a", "level": "b", "actor": "c", "reason": "d", "at": "2026-03-02"}
               for n in (10, 12, 14, 90)]  # fmt: skip
    lines = [trace for trace in figures.control_chart(path, changes, threshold=2.0).data if trace.text]
    heights = [trace.y[1] for trace in lines]
    assert len({*heights[:3]}) == 3
    assert heights[3] == heights[0]


def test_the_path_is_broken_at_alarms_and_changes_of_level():
    steps = FIGURES["control_chart"].data[0]
    assert list(steps.y) == [0.0, 3.0, None, 0.0]


def test_pauses_stand_where_their_logarithm_is():
    """Ten seconds to a hundred stand in the middle of their decade, and nine pauses three high."""
    trace = figures.pauses([{"from_seconds": 10.0, "to_seconds": 100.0, "n": 9}], gap_minutes=30).data[0]
    assert trace.x == (1.5,)
    assert trace.y == (3.0,)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 s"), (45, "45 s"), (60, "1 min"), (150, "2.5 min"), (5_400, "1.5 h"), (200_000, "2.3 days")],
)
def test_lengths_of_time_in_words(seconds, text):
    assert figures.duration(seconds) == text


def test_words():
    assert number(0.0312, "percent") == "3.1 %"
    assert number(-0.005, "points") == "−0.5 points"
    assert interval(e(0.02, -0.005, 0.045), "points") == "−0.5 to +4.5 points"
    assert interval(e(10.4, 8.1, 14.2), "money", "EUR") == "8.10–14.20 EUR"
    assert interval(e(0.5)) == ""
    assert figures.estimate(e(0.71, 0.63, 0.78, 412, "items")) == "0.71 (0.63–0.78), 412 items"
    assert figures.estimate(UNDEFINED) == "– (nothing judged)"
    assert len(plain("x" * 500)) == 28
    assert plain("a\nb") == "a b"
    assert figures.counted({"n": 1, "unit": "gold items"}) == "1 gold item"
    assert figures.several(1, "person", "people") == "1 person"
    assert figures.several(1234, "person", "people") == "1,234 people"


def test_the_cheapest_is_ringed_and_named_in_the_legend():
    """A label beside the point would lie on a curve, or on the legend above the highest one."""
    row = {"policy": "random", "rate": 0.1, "cost": 7.0, "escaped": e(12.0, 8.0, 20.0)}
    figure = figures.costs([row], cheapest=row)
    assert not figure.layout.annotations
    assert (figure.data[-1].name, tuple(figure.data[-1].x), tuple(figure.data[-1].y)) == ("cheapest", (10.0,), (7.0,))


def test_ten_colours_that_differ():
    """Fewer than ten make Streamlit and Plotly fall back to their own palettes."""
    assert len(set(COLOURS)) == 10


def test_the_headline_rests_on_what_errors_left_are_estimated_from():
    """30 drawn answers tell of all the work, 700 others of what somebody chose: both cards say "a drawn sample"."""
    known = {"value": 0.1, "low": 0.05, "high": 0.2, "unit": "answers", "reason": None}
    errors = [
        {"source": "gold", "overall": {**known, "n": 500}},
        {"source": "review", "overall": {**known, "n": 30}},
        {"source": "review, not drawn", "overall": {**known, "n": 700}},
    ]
    assert headline_errors(errors, "review") == errors[1]
    assert said_by("review", errors) == "a drawn sample"
    assert headline_errors(errors, "review, not drawn") == errors[2]
    assert said_by("review, not drawn", errors) == "reviews that nobody drew"
    assert headline_errors(errors[:1], "gold") == errors[0]
    assert (said_by("review", errors[:2]), said_by("gold", errors)) == ("review", "gold")
    assert (headline_errors([], None), said_by(None, [])) == (None, "nothing yet")
