"""Numbers and names as text, the same in figures, pages and reports."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Literal

Style = Literal["plain", "percent", "points", "seconds", "change", "money", "count", "p"]

_LONGEST_NAME = 28


def plain(name: object, longest: int = _LONGEST_NAME) -> str:
    """A stranger's name as literal text for Plotly, which understands a part of HTML; shortened in the middle.

    >>> plain("<b>ann</b>")
    '&lt;b&gt;ann&lt;/b&gt;'
    """
    text = " ".join(str(name).split())
    if len(text) > longest:
        head = longest * 2 // 3
        text = f"{text[:head]}…{text[-(longest - head - 1) :]}"
    return escape(text, quote=False)


def number(value: float, style: Style = "plain", unit: str = "") -> str:
    """A number as a reader wants it: fractions as percent or points, seconds, money in `unit`.

    >>> number(0.0312, "percent"), number(0.012, "points"), number(1234.5, "money", "EUR")
    ('3.1 %', '+1.2 points', '1,234.50 EUR')
    """
    return _said(value, style, unit).replace("-", "−")


def _said(value: float, style: Style, unit: str) -> str:
    match style:
        case "percent":
            return f"{100 * value:.1f} %"
        case "points":
            return f"{100 * value:+.1f} points"
        case "seconds":
            return f"{value:,.1f} s"
        case "change":
            return f"{100 * value:+.1f} %"
        case "money":
            return f"{value:,.2f} {unit}".rstrip()
        case "count":
            return f"{value:,.0f} {unit}".rstrip()
        case "p":
            return "< 0.001" if value < 0.001 else f"{value:.3f}"
        case "plain":
            return f"{value:.2f}"


def interval(e: Mapping[str, Any], style: Style = "plain", unit: str = "") -> str:
    """The interval of an E, with the unit said once; empty where there is none.

    >>> interval({"low": 0.0221, "high": 0.0443}, "percent")
    '2.2–4.4 %'
    """
    low, high = e.get("low"), e.get("high")
    if low is None or high is None:
        return ""
    upper = number(high, style, unit)
    lower = number(low, style, unit).removesuffix(_suffix(upper)).rstrip()
    joint = " to " if style in ("points", "change") or low < 0 else "–"
    return f"{lower}{joint}{upper}"


def estimate(e: Mapping[str, Any], style: Style = "plain", unit: str = "") -> str:
    """An E in one line: value, interval, n; or the reason why it is undefined.

    >>> estimate({"value": 0.71, "low": 0.63, "high": 0.78, "n": 412, "unit": "items", "reason": None})
    '0.71 (0.63–0.78), 412 items'
    """
    if e["value"] is None:
        return f"– ({e['reason']})"
    return f"{ranged(e, style, unit)}, {counted(e)}"


def ranged(e: Mapping[str, Any], style: Style = "plain", unit: str = "") -> str:
    """An E in a sentence or a narrow cell: its value and interval; a dash where it is undefined.

    >>> ranged({"value": 0.03, "low": 0.0221, "high": 0.0443}, "percent")
    '3.0 % (2.2–4.4 %)'
    """
    if e["value"] is None:
        return "–"
    between = interval(e, style, unit)
    return f"{number(e['value'], style, unit)}{f' ({between})' if between else ''}"


def counted(e: Mapping[str, Any]) -> str:
    """How much an E rests on: `412 items`, `1 item`."""
    unit = e.get("unit") or ""
    return several(e["n"], unit.removesuffix("s"), unit).rstrip()


def probability(p: float) -> str:
    """A probability in words; nothing that was estimated is certain.

    >>> probability(0.874), probability(0.9996), probability(0.0)
    ('87 %', 'over 99.9 %', 'under 0.1 %')
    """
    if p > 0.999:
        return "over 99.9 %"
    if p < 0.001:
        return "under 0.1 %"
    return f"{100 * p:.0f} %" if 0.01 <= p <= 0.99 else f"{100 * p:.1f} %"


def several(n: int, one: str, many: str = "") -> str:
    """A count with its noun; `many` where the plural is not `one` with an s.

    >>> several(1, "answer"), several(1200, "answer"), several(2, "person", "people")
    ('1 answer', '1,200 answers', '2 people')
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def _suffix(text: str) -> str:
    return text[text.index(" ") :] if " " in text else ""


def one_line(text: str) -> str:
    """A text without the signs that break a line or steer a terminal: a blank stands for each.

    >>> one_line("a\\nb")
    'a b'
    """
    return "".join(sign if sign.isprintable() else " " for sign in text)
