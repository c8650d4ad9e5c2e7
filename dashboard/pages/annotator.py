"""One person's work: errors, pace, fatigue, level, and the answers themselves."""

from dataclasses import replace

import streamlit as st

from dashboard import behind, data, filters, person_parts, show
from dashboard.care import show_person
from dashboard.navigation import page
from qc.figures import estimate, number, several

chosen = filters.selected()
names = data.options(chosen.project)["annotator"]
st.page_link(page("annotators"), label="All annotators", icon=":material/arrow_back:")
asked = st.query_params.get("who")
who = st.selectbox("Annotator", names, index=None, placeholder="Choose a person", key="who", bind="query-params")
if who is None:
    st.title("One annotator", anchor=False)
    why = f"There is no annotator {asked} in this project." if asked else "No annotator is chosen."
    show.nothing(why, "Choose one above, or click a name on the page Annotators.")
    st.stop()

own = replace(chosen, scope=replace(chosen.scope, annotators=(who,)))
target = data.current_policy(chosen).errors.target
person = next((row for row in data.section(chosen, "annotators") if row["annotator"] == who), None)
level = next(
    (row for row in data.section(chosen, "levels") if row["subject"] == {"kind": "annotator", "key": who}), None
)

st.title(show.plain(who), anchor=False)
if person is None:
    show.nothing("This person gave no answer that the filters select.", "Clear the filters beside this page.")
    st.stop()
verdicts = []
for part in data.section(chosen, "errors"):
    row = next((row for row in part["by_annotator"] if row["annotator"] == who), None)
    if row is not None:
        verdicts.append((part["source"], row))
verdicts.sort(key=lambda found: -found[1]["n"])

with st.container(horizontal=True):
    # Boxes of one width wrap where the window is narrow; columns would only shrink.
    boxes = [st.container(width=216, height="stretch") for _ in range(4)]
with boxes[0]:
    if verdicts:
        show.key_figure("Error rate", verdicts[0][1]["shrunk"], "percent", note="drawn towards the team")
    else:
        show.key_number("Error rate", "–", "no answer of this person has been judged")
with boxes[1]:
    show.key_number(
        "Review level",
        level["level"] if level else "normal",
        f"{number(level['rate'], 'percent')} of new answers are checked" if level else "not yet decided by evidence",
    )
with boxes[2]:
    show.key_figure("Time per answer, median", person["median_seconds"], "seconds")
with boxes[3]:
    show.key_figure("Agreement with self", person["self_agreement"], "percent")
if verdicts:
    source, row = verdicts[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        show.status(row["verdict"])
        st.caption(
            show.plain(
                f"target {number(target, 'percent')}; as judged by {source}, not drawn towards the team: "
                f"{estimate(row['rate'], 'percent')}"
            )
        )
st.text(
    several(person["n"], "answer")
    + (
        f" in {person['active_hours']:.1f} hours ({person['active_hours_kind']})"
        if person["active_hours"] is not None
        else ""
    )
    + (f" at {person['site']}" if person["site"] else "")
    + (f". Noted: {', '.join(person['flags'])}." if person["flags"] else ".")
)
if level:
    st.text(level["reason"])

part = None
if verdicts:
    names = [source for source, _ in verdicts]
    with st.container(horizontal=True):
        source = show.pick("Judged by", names, "one-source", names[0])
        period = show.pick("Rates by", ["week", "month"], "one-period")
    part = next((part for part in data.section(own, "errors") if part["source"] == source), None)
if part:
    person_parts.rates(chosen, who, part, period, target)
person_parts.level_chart(chosen, "annotator", who)
if len(verdicts) > 1:
    person_parts.by_source(verdicts, target)
if part:
    st.subheader("Mistakes", anchor=False)
    person_parts.mistakes(chosen, own, who, part)
    person_parts.examples(own)

fatigue = data.most_judged(data.section(chosen, "fatigue"), "error_per_hour")
tired = next((row for row in fatigue["by_annotator"] if row["annotator"] == who), None) if fatigue else None
if tired:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Fatigue", anchor=False, width="content")
        show.status(tired["verdict"])
    st.text(tired["sentence"])
    show.sentence("Change of the error rate per hour of the session", tired["error_per_hour"], "points")
    show.sentence("Change per 100 answers", tired["error_per_100"], "points")
    judged = f"{several(tired['n'], 'judged answer')} in {several(tired['sessions'], 'session')}"
    st.caption(judged if tired["q"] is None else f"{judged}; q = {tired['q']:.3f} among all annotators.")

show_person(chosen, who)

behind.answers(own, "Answers", key="one-answers")
