"""Who needs help, with the evidence for it."""

import streamlit as st

from dashboard import data, filters, show, team_parts
from dashboard.care import show_team
from dashboard.reviewer_parts import show_reviewers

chosen = filters.selected()
people = data.section(chosen, "annotators")
target = data.current_policy(chosen).errors.target

st.title("Annotators", anchor=False)
st.text("Error rates by person, apart by who judged. A verdict is given only where the interval allows one.")

if not people:
    show.nothing("No answer of a person matches the filters.", "Clear the filters beside this page.")
    st.stop()

errors, most = team_parts.sources(chosen)
part = None
with st.container(horizontal=True):
    if errors:
        names = [part["source"] for part in errors]
        source = show.pick("Judged by", names, "errors-source", most)
        part = errors[names.index(source)]
    figure = show.pick("Figure", list(team_parts.FIGURES), "team-figure")
    order = show.pick("Order", team_parts.ORDERS, "team-order")

everybody = team_parts.everybody(people, part, data.section(chosen, "levels"), target)
rows = team_parts.ordered(everybody, figure, order)
if part and figure == "error rate":
    team_parts.ranking(part)
team_parts.rates(rows, part, figure, target)
team_parts.table(rows, part["source"] if part else None, target)

show_team(chosen)
show_reviewers(chosen)
