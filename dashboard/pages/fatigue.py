"""What long sessions do to the error rate, told apart from difficulty, learning and speed."""

import streamlit as st

from dashboard import behind, data, filters, show
from qc.figures import dots, estimate, rate_by_time_on_task

chosen = filters.selected()
fatigue = data.section(chosen, "fatigue")
margin = data.current_policy(chosen).fatigue.margin

st.title("Fatigue", anchor=False)
if not fatigue:
    show.nothing(
        "No judged answer carries a time, so fatigue cannot be told.",
        "Export submission times from your tool, and draw a sample on the page Spot checks or read gold answers.",
    )
    st.stop()
sources = [part["source"] for part in fatigue]
source = show.pick("Judged by", sources, "fatigue-source", data.most_judged(fatigue, "error_per_hour")["source"])
part = fatigue[sources.index(source)]
overall = part["overall"]

show.status(overall["verdict"])
st.text(overall["sentence"])
show.key_figures(
    ("Errors, change per hour", overall["error_per_hour"], "points"),
    ("Errors, change per 100 answers", overall["error_per_100"], "points"),
    ("Time per answer, change per hour", overall["seconds_per_hour"], "change"),
)
if overall["adjusted_for"] and overall["error_per_hour"]["value"] is not None:
    adjusted = show.plain(", ".join(overall["adjusted_for"]))
    st.caption(f"Adjusted for {adjusted}. A slope within {100 * margin:.1f} points an hour counts as flat.")

if part["by_hour"]:
    pause = part["break_after_minutes"]
    show.chart(
        "Error rate within a session",
        rate_by_time_on_task(part["by_hour"], break_after_minutes=pause),
        part["by_hour"],
        key="fatigue-curve",
        alt="Line with band: the error rate by hours since the session began, with counts below",
        styles={"rate": "percent"},
        note=f"If a pause restores, one after {pause:.0f} minutes costs least at the prices of the policy."
        if pause
        else "",
    )

rows = [
    {"name": row["annotator"], "estimate": row["error_per_hour"], "status": row["verdict"]}
    for row in part["by_annotator"]
]
if any(row["estimate"]["value"] is not None for row in rows):
    clicked = show.chart(
        "By annotator",
        dots(
            rows, axis="change of the error rate, points per hour", style="points", target=0.0, target_name="no change"
        ),
        part["by_annotator"],
        key="fatigue-people",
        alt="Dots with intervals: the change of each annotator's error rate per hour",
        styles={"error_per_hour": "points", "error_per_100": "points", "q": "plain"},
        note="Click a point to open the person.",
    )
    if clicked:
        behind.annotator_page(clicked[0])
elif rows:
    show.nothing(
        "No single annotator has enough judged answers for a slope of their own.",
        f"For example {rows[0]['name']}: {estimate(rows[0]['estimate'], 'points')}",
    )
