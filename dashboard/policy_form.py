"""Settings as widgets, and widgets as settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from csv import reader
from io import StringIO
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from qc.workspace import policy as use_case


def part(policy: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The dictionary that holds a setting, and the setting's name in it."""
    section, _, name = path.rpartition(".")
    return (policy[section] if section else policy), name


def field(now: dict[str, Any], form: str, path: str, label: str, kind: str) -> None:
    """One setting as the widget of its kind."""
    holder, name = part(now, path)
    value, key = holder[name], f"{form}:{path}"
    match kind:
        case "percent":
            st.number_input(label, 0.0, 100.0, 100 * value, 0.5, "%.1f", key=key)
        case "number":
            st.number_input(label, 0.0, None, value, 0.5, "%.2f", key=key)
        case "count":
            st.number_input(label, 0, None, value, key=key)
        case "switch":
            st.toggle(label, value, key=key)
        case "zone":
            zones = sorted({*available_timezones(), value})
            st.selectbox(label, zones, zones.index(value), key=key)
        case "choice":
            options = use_case.CHOICES[path]
            st.selectbox(label, options, options.index(value), key=key)
        case "choices":
            st.multiselect(label, use_case.CHOICES[path], value, key=key)
        case "text":
            st.text_input(label, value, key=key, max_chars=8)
        case "hours":
            st.text_input(label, ", ".join(map(str, value)), key=key, max_chars=90)
        case "names" | "labels":
            st.text_input(label, ", ".join(value), key=key, max_chars=500)
        case "declared":
            hint = "severity, low, medium, high"
            st.text_area(label, declared(value), key=key, max_chars=20_000, placeholder=hint)
        case "prices":
            said = ", ".join(f"{name} {price:g}" for name, price in value.items())
            st.text_input(label, said, key=key, max_chars=500, placeholder="critical 50, minor 2")


def stated(kind: str, value: Any) -> Any:
    """What a widget holds, as the policy stores it; hours that are none are left for the policy to refuse."""
    match kind:
        case "percent":
            return value / 100
        case "names":
            return [name.strip().lower() for name in value.split(",") if name.strip()]
        case "labels":
            return [name.strip() for name in value.split(",") if name.strip()]
        case "declared":
            return labels_of(value)
        case "prices":
            return dict(price(entry) for entry in value.split(",") if entry.strip())
        case "hours":
            hours = [hour.strip() for hour in value.split(",")]
            return [int(hour) if hour.isascii() and hour.isdigit() else hour for hour in hours]
        case _:
            return value


def declared(labels: Mapping[str, Sequence[str]]) -> str:
    """A line for each question, its labels behind it; in quotes what holds a comma, a quote or a line break."""
    return "\n".join(", ".join(map(_quoted, (question, *named))) for question, named in labels.items())


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n\r') else cell


def labels_of(lines: str) -> dict[str, list[str]]:
    """What `declared` writes; lines of one question belong together."""
    found: dict[str, list[str]] = {}
    for row in reader(StringIO(lines), skipinitialspace=True):
        question, *named = [cell.strip() for cell in row] or [""]
        if question or any(named):
            found.setdefault(question, []).extend(filter(None, named))
    return found


def price(entry: str) -> tuple[str, Any]:
    """A name and its price; what is no number is left for the policy to refuse."""
    name, _, amount = entry.strip().rpartition(" ")
    try:
        return name.strip() or amount, float(amount)
    except ValueError:
        return name.strip() or amount, amount
