"""Static drawings of every figure: marks stand where the numbers say, and text is text; under two seconds."""

import re
from xml.etree import ElementTree

import pytest

from qc import figures
from qc.reports.drawing import svg
from qc.reports.drawing.axis import axis
from qc.reports.drawing.words import safe, told


def e(value, low=None, high=None, n=50):
    reason = "nothing judged" if value is None else None
    method = {"unit": "answers", "method": "Wilson, 95 %", "warning": None, "reason": reason}
    return {"value": value, "low": low, "high": high, "n": n, **method}


EVIL = "</text><script>alert(1)</script>&amp;"
RATES = [
    {"name": EVIL, "estimate": e(0.1, 0.05, 0.2), "status": "above target"},
    {"name": "b", "estimate": e(0.02, 0.0, 0.1)},
]
DAYS = [{"day": f"2026-03-{day:02d}", "n": 9, "rate": e(0.1 if day != 4 else None, 0.0, 0.3)} for day in range(1, 9)]
HOURS = [{"hour": at / 4, "n": 40 - at, "rate": e(0.1, 0.05, 0.2), "adjusted": e(0.09, 0.04, 0.2)} for at in range(8)]
DRAWN = {
    "dots": figures.dots(RATES, axis="error rate, %", target=0.05),
    "no dots": figures.dots([], axis="error rate, %"),
    "days": figures.rate_by_day(DAYS, target=0.05),
    "volume": figures.volume_by_day([{"day": "2026-03-01", "site": site, "answers": 5} for site in (EVIL, "b")]),
    "hours": figures.rate_by_time_on_task(HOURS, break_after_minutes=60),
    "shifts": figures.rate_by_clock([{"key": EVIL, "rate": e(0.1, 0.0, 0.3)}, {"key": "b", "rate": e(None)}]),
    "confusion": figures.confusion([{"truth": EVIL, "given": "b", "n": 3}, {"truth": "b", "given": "b", "n": 9}]),
    "pairs": figures.pairs([{"a": EVIL, "b": "b", "n": 40, "percent": e(0.9), "kappa": e(0.8, 0.7, 0.9)}]),
    "costs": figures.costs([{"policy": "all", "rate": at, "cost": 9 * at, "escaped": e(4.0)} for at in (0.0, 1.0)]),
    "calibration": figures.calibration({EVIL: [{"score": 0.4, "accuracy": e(0.5, 0.4, 0.6), "n": 9}]}),
    "items": figures.items_by_agreement([{"agreement": 1.0, "items": 9}, {"agreement": 0.3, "items": 2}]),
    "charts": figures.statistics_against_threshold([{"name": EVIL, "statistic": 4.4, "threshold": 4.0, "n": 60}]),
    "nothing judged": figures.statistics_against_threshold([]),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_is_drawn_without_a_word_of_markup_from_strangers(name: str) -> None:
    text = svg(DRAWN[name], f"what it shows: {EVIL}")
    root = ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "path", "rect", "circle", "text", "title"}
    assert "nan" not in text
    assert text == svg(DRAWN[name], f"what it shows: {EVIL}")


def test_points_intervals_and_the_target_share_one_scale() -> None:
    """On a scale of percent the target 5 lies a third of the way from 2 to 11."""
    rows = [{"name": "a", "estimate": e(0.11, 0.10, 0.12)}, {"name": "b", "estimate": e(0.02, 0.01, 0.03)}]
    text = svg(figures.dots(rows, axis="%", target=0.05), "")
    low, high = sorted(float(x) for x in re.findall(r'<circle cx="([\d.]+)"', text))
    target = float(re.search(r'd="M([\d.]+),[\d.]+L\1,[\d.]+"[^>]*dasharray', text)[1])
    assert (target - low) / (high - low) == pytest.approx(1 / 3, abs=0.01)
    ends = [
        (float(a), float(b)) for a, b in re.findall(r'd="M([\d.]+),[\d.]+L([\d.]+),[\d.]+" fill="none" stroke="#', text)
    ]
    unit = (high - low) / 9
    assert sorted(b - a for a, b in ends if b > a) == pytest.approx([2 * unit, 2 * unit], abs=0.3)


def test_stacked_bars_add_up() -> None:
    rows = [{"day": "2026-03-01", "site": "a", "answers": 10}, {"day": "2026-03-01", "site": "b", "answers": 30}]
    bars = re.findall(
        r'<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#\w+"><title>',
        svg(figures.volume_by_day(rows), ""),
    )
    (first, low), (second, high) = [(float(top), float(height)) for top, height in bars]
    assert high / low == pytest.approx(3, abs=0.05)
    assert second + high == pytest.approx(first, abs=0.2)


def test_ticks_are_round_and_lie_within() -> None:
    across = axis({}, [0.3, 97.0], True, 0, 700)
    assert [text for _, text in across.ticks] == ["0", "20", "40", "60", "80", "100"]
    days = axis({"type": "date"}, ["2026-03-01", "2026-03-15"], True, 0, 700)
    assert [text for _, text in days.ticks][:2] == ["2 Mar", "4 Mar"]
    assert days.at("2026-03-08") == pytest.approx(350)


def test_text_is_escaped_once_and_hovering_says_what_the_template_says() -> None:
    assert safe("a &lt; b") == "a &lt; b"
    assert safe('<b>"') == "&lt;b&gt;&quot;"
    assert safe("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
    trace = {
        "x": [1234],
        "y": [0.5],
        "customdata": [["%{y}", 7]],
        "hovertemplate": "%{customdata[0]}<br>%{x:,} of %{y:.2f}<extra>z</extra>",
    }
    assert told(trace, 0) == "%{y}, 1,234 of 0.50"
