"""What needs attention today."""

import streamlit as st

from dashboard import data, filters, report_parts, show
from dashboard.alert_parts import state_of
from dashboard.navigation import page
from qc.figures import number, several, volume_by_day
from qc.figures.sayings import headline_errors, said_by
from qc.workspace.findings import top_findings

SECTIONS = ("errors", "agreement", "fatigue", "alerts", "consensus", "models", "cost", "data_quality", "rules")

chosen = filters.selected()
volume = data.section(chosen, "volume")

head, action = st.columns([4, 1], vertical_alignment="bottom")
head.title(show.plain(chosen.name), anchor=False)
if not volume["annotations"]:
    show.nothing(
        "No answer matches the filters, or nothing has been read yet.",
        "Clear the filters beside this page, or upload an export on the page Data.",
    )
    st.stop()
with action:
    report_parts.download(chosen)
st.text(
    f"{several(volume['annotators'], 'person', 'people')} gave {several(volume['annotations'], 'answer')} "
    f"on {several(volume['items'], 'item')}"
    + (f" between {volume['first_at'][:10]} and {volume['last_at'][:10]}" if volume["first_at"] else "")
    + f"; {volume['reviewed']:,} {'was' if volume['reviewed'] == 1 else 'were'} reviewed."
)

parts = {name: data.section(chosen, name) for name in SECTIONS}
parts["policy"] = data.current_policy(chosen).to_json()
opened = data.by_severity([alert for alert in parts["alerts"] if state_of(alert) == "open"])

figures = st.columns(4)
with figures[0]:
    if parts["agreement"]:
        lowest = min(
            parts["agreement"],
            key=lambda part: 2.0 if part["alpha"]["value"] is None else part["alpha"]["value"],
        )
        show.key_figure("Agreement (alpha)", lowest["alpha"], note=f"on {lowest['question']}")
    else:
        show.key_number("Agreement (alpha)", "–", "no item was answered by two people")
with figures[1]:
    first = headline_errors(parts["errors"], parts["cost"]["source"])
    if first:
        target = number(parts["policy"]["errors"]["target"], "percent")
        by = said_by(first["source"], parts["errors"])
        show.key_figure("Error rate", first["overall"], "percent", note=f"by {by}, target {target}")
    else:
        show.key_number("Error rate", "–", "nothing has been judged: draw a sample on the page Spot checks")
with figures[2]:
    tired = data.most_judged(parts["fatigue"], "error_per_hour")
    if tired:
        note = f"of work: {tired['overall']['verdict']}, by {tired['source']}"
        show.key_figure("Errors: change per hour", tired["overall"]["error_per_hour"], "points", note=note)
    else:
        show.key_number("Errors: change per hour", "–", "no judged answers with times")
with figures[3]:
    show.key_figure(
        "Errors that escaped",
        parts["cost"]["errors_escaped"],
        "count",
        note=f"still in the data, estimated from {said_by(parts['cost']['source'], parts['errors'])}",
    )

left, right = st.columns([3, 2])
with left, st.container(border=True, height="stretch"):
    st.subheader("What stands out", anchor=False)
    findings = top_findings(parts)
    for finding in findings:
        line, link = st.columns([5, 1], vertical_alignment="center")
        line.text(finding.sentence)
        with link:
            to_person = finding.page == "annotators" and finding.subject
            st.page_link(
                page("annotator" if to_person else finding.page),
                label="Why",
                query_params={"who": finding.subject} if to_person else None,
            )
    if not findings:
        st.caption("Nothing stands out in what the filters select.")
with right, st.container(border=True, height="stretch"):
    st.subheader(f"Open alerts: {len(opened)}", anchor=False)
    for alert in opened[:4]:
        show.status(alert["severity"])
        st.text(alert["message"])
        st.page_link(page("alerts"), label="Proof", icon=":material/query_stats:", query_params={"alert": alert["id"]})
    if opened:
        st.page_link(page("alerts"), label="All alerts", icon=":material/arrow_forward:")
    else:
        st.caption("No alert is open. Alerts are evaluated by qc check, or on the page Alerts & levels.")

days = data.days(chosen)
if days:
    show.chart(
        "Answers per day",
        volume_by_day(days),
        days,
        key="answers-per-day",
        alt="Bars: how many answers were given on each day, by site",
    )
