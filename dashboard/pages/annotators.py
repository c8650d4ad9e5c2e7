"""Who needs help, with the evidence for it."""

import streamlit as st

from dashboard import behind, data, filters, show
from dashboard.care import show_team
from qc.figures import MOST, counted, dots, number

chosen = filters.selected()
people = data.section(chosen, "annotators")
errors = data.section(chosen, "errors")
target = data.current_policy(chosen).errors.target

st.title("Annotators", anchor=False)
st.text("Error rates by person, apart by who judged. A verdict is given only where the interval allows one.")

if not people:
    show.nothing("No answer of a person matches the filters.", "Clear the filters beside this page.")
    st.stop()

if errors:
    sources = [part["source"] for part in errors]
    source = show.pick("Judged by", sources, "errors-source", data.most_judged(errors, "")["source"])
    part = errors[sources.index(source)]
    # The verdict follows the shrunk interval, so that is the one to stand beside it.
    rows = [
        {"name": row["annotator"], "estimate": row["shrunk"], "status": row["verdict"]} for row in part["by_annotator"]
    ]
    note = (
        "Drawn towards the team, the more the less of a person's work was judged; the table has the raw rates too. "
        f"Team: {counted(part['overall'])} judged. Click a point to open the person."
    )
    if len(rows) > MOST:
        note = f"The {MOST} highest of {len(rows):,} people; the table has all. {note}"
    clicked = show.chart(
        "Error rate by annotator",
        dots(
            rows,
            axis="error rate, drawn towards the team, %",
            target=target,
            target_name=f"target {number(target, 'percent')}",
        ),
        part["by_annotator"],
        key=f"errors-{source}",
        alt="Dots with intervals: the error rate of each annotator, drawn towards the team, against the target",
        styles={"rate": "percent", "shrunk": "percent", "p_above_target": "percent"},
        note=note,
    )
    if clicked:
        behind.annotator_page(clicked[0])
else:
    show.nothing(
        "No answer has been judged, so there are no error rates.",
        "Draw a sample on the page Spot checks, or read gold answers: qc ingest answers.csv --gold gold.csv.",
    )

opened = show.choice(
    "Everybody",
    people,
    key="annotators",
    styles={
        "median_seconds": "seconds",
        "skip_rate": "percent",
        "self_agreement": "percent",
        "n": "count",
    },
    note="Click a row to open the person.",
    order=(
        "annotator",
        "site",
        "n",
        "median_seconds",
        "active_hours",
        "active_hours_kind",
        "skip_rate",
        "self_agreement",
        "flags",
    ),
)
if opened is not None:
    behind.annotator_page(people[opened]["annotator"])

show_team(chosen)
