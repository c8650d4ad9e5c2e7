"""What long sessions do to the error rate, told apart from difficulty, learning and speed."""

import streamlit as st

from dashboard import data, fatigue_parts, filters, show
from dashboard.time_at_work import show_time
from qc.figures import rate_by_time_on_task

chosen = filters.selected()
fatigue = data.section(chosen, "fatigue")
policy = data.current_policy(chosen)
margin = policy.fatigue.margin

st.title("Fatigue", anchor=False)
if not fatigue:
    show.nothing(
        "No judged answer carries a time, so fatigue cannot be told.",
        "Export submission times from your tool, and draw a sample on the page Spot checks or read gold answers.",
    )
    st.stop()
sources = [part["source"] for part in fatigue]
if sources == ["none"]:
    fatigue_parts.nobody_judged(fatigue[0]["overall"])
    show_time(chosen)
    st.stop()
source = show.pick("Judged by", sources, "fatigue-source", data.most_judged(fatigue, "error_per_hour")["source"])
part = fatigue[sources.index(source)]
overall = part["overall"]

show.status(overall["verdict"])
st.text(overall["sentence"])
for line in part["advice"]:
    st.text(line)
errors, paces = st.tabs(["Errors", "Time per answer"])
with errors:
    show.key_figures(
        ("Change per hour of the session", overall["error_per_hour"], "points"),
        ("Change per 100 answers", overall["error_per_100"], "points"),
        ("Change per hour worked that day", overall["error_per_day_hour"], "points"),
    )
with paces:
    fatigue_parts.pace(overall)
if overall["adjusted_for"] and overall["error_per_hour"]["value"] is not None:
    adjusted = show.plain(", ".join(overall["adjusted_for"]))
    st.caption(f"Adjusted for {adjusted}. A slope within {100 * margin:.1f} points an hour counts as flat.")

curve, at = (part["by_hour"], "hour") if part["by_hour"] else (part["by_position"], "position")
if curve:
    show.chart(
        "Error rate within a session",
        rate_by_time_on_task(curve, at=at, break_after_minutes=part["break_after_minutes"]),
        curve,
        key="fatigue-curve",
        alt="Line with band: the error rate since the session began, with counts below",
        styles={"rate": "percent", "adjusted": "percent"},
        note="As if every session and item had its answers spread alike over time; crosses are the rates as judged.",
    )

fatigue_parts.breaks(part, policy.cost)
fatigue_parts.clock(part)
fatigue_parts.sites(part)
fatigue_parts.runs(part)
fatigue_parts.individuals(part)
fatigue_parts.model(chosen, source)
fatigue_parts.method()

show_time(chosen)
