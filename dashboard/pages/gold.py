"""Known answers: what is doubtful about them, who passes, what becomes gold, and a set for newcomers."""

import streamlit as st

from dashboard import data, filters, show
from dashboard.gold_parts import about, newcomers, settled
from dashboard.navigation import page
from qc.figures import several
from qc.workspace import gold_use

chosen = filters.selected()
known = data.gold(chosen)
waiting = data.gold_candidates(chosen)


st.title("Gold", anchor=False)
st.text(
    "Items whose answer is known. Everybody who answers them is judged by it; gold that good annotators keep failing "
    "may be wrong itself."
)
# Its place is kept, or the tabs below would begin anew with each refusal.
with st.container():
    if error := st.session_state.pop("gold-error", None):
        show.failed(error)
in_force = [row for row in known if row["state"] != gold_use.RETIRED]
suspects = [row for row in known if row["state"] == gold_use.SUSPECT]
boxes = st.columns(4)
for box, (label, value, note) in zip(
    boxes,
    (
        ("Known answers", len(in_force), f"{several(len(known) - len(in_force), 'item')} retired"),
        ("Suspects", len(suspects), "failed too often: wrong, or merely hard"),
        ("Uses", sum(row["uses"] for row in in_force), "answers judged by gold"),
        ("Settled items", len(waiting), "could become gold"),
    ),
    strict=True,
):
    with box:
        show.key_number(label, f"{value:,}", note)

items, people, more, start = st.tabs(["Items", "Who passes", "Settled items", "Newcomers"])
with items:
    if known:
        at = show.choice(
            "Known answers",
            known,
            key="gold",
            styles={"failure": "percent", "p": "plain", "q": "plain"},
            order=(
                *("item_id", "question", "accepted", "state", "uses", "people", "failed", "failure", "failure_low"),
                *("failure_high", "expected", "q", "others_say", "last_used", "origin", "text"),
            ),
            note="The most doubtful first. Expected: failures that would be usual for these people. q: the share of "
            "false alarms among items as doubtful as this one or more. What is drawn fails where one of its objects "
            "does. Click a row to see its answers, and to decide about it.",
        )
        if at is not None:
            about(chosen, known[at])
    else:
        show.nothing(
            "This project has no known answers.",
            "Make settled items gold, or read a file with known answers: qc ingest answers.csv --gold gold.csv.",
        )
with people:
    passes = data.gold_passes(chosen)
    if passes:
        show.table(
            "Who passes the gold",
            passes,
            key="gold-passes",
            styles={"pass": "percent"},
            order=("annotator", "passed", "n", "pass", "pass_low", "pass_high", "verdict", "last_used"),
            note="The verdict compares the error rate on gold with the target of the policy. What is drawn is not in "
            "it: it is judged object by object, on the pages of error rates.",
        )
    else:
        show.nothing("Nobody has answered a gold item yet.", "Give newcomers a set of gold items to begin with.")
with more:
    settled(chosen, waiting)
    st.page_link(page("conflicts"), label="Conflicts", icon=":material/call_split:")
with start:
    newcomers(chosen)
