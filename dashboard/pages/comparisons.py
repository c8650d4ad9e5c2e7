"""Versions, sites, periods, models and groups beside each other, and batches that are not like those before."""

import streamlit as st

from dashboard import data, filters, show
from dashboard.comparison_parts import MINIMUM, drawn, drifting, groups
from qc.figures.sayings import KEYS

chosen = filters.selected()
comparisons = data.section(chosen, "comparisons")

st.title("Comparisons", anchor=False)
st.text("What differs by more than chance. What one person does is not taken for a property of a site or a version.")
if comparisons:
    for row in comparisons[:8]:
        st.text(row["sentence"])
    drawn(chosen, comparisons, "comparisons", "p is adjusted for all comparisons shown (Holm).")
else:
    show.nothing("This project has no two periods, versions, sites or models to compare.", MINIMUM)

known = data.comparable(chosen)
if known:
    st.subheader("Any two of your choice", anchor=False)
    by_word = {KEYS[key]: key for key in known}
    by = by_word[show.pick("Compare", list(by_word), "comparisons-by")]
    left, right = st.columns(2)
    with left:
        first = st.selectbox("First (the standard)", known[by], key=f"comparisons-first-{by}")
    with right:
        others = [name for name in known[by] if name != first]
        second = st.selectbox("Second", others, key=f"comparisons-second-{by}")
    found = data.compared(chosen, by, first, second)
    if found:
        st.text(found[0]["sentence"])
        drawn(chosen, found, "choice", "p is that of this comparison alone.")
    else:
        show.nothing(
            "So few people worked there that the figures would tell about each of them.",
            "Ask a lead, who may see them.",
        )

st.subheader("Groups beside the rest", anchor=False)
groups(data.section(chosen, "fairness"))
st.subheader("New and drifting data", anchor=False)
drifting(chosen, data.section(chosen, "drift"))
