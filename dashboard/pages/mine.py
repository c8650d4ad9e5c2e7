"""How one's own answers fare: rates beside the team's band, what is taken for what, examples, and the trend."""

import streamlit as st

from dashboard import data, filters, show
from qc.figures import confusion, number, rate_by_day, several

chosen = filters.selected()
st.title("My work", anchor=False)
names = data.workspace().actor.called(chosen.project)
if not names:
    show.nothing(
        "You do not annotate in this project.",
        "An admin says who you are in the exports: qc people grant --role annotator --annotator NAME YOU.",
    )
    st.stop()
who = show.pick("In the exports I am", names, "mine-who") if len(names) > 1 else names[0]
work = data.own_work(chosen, who)
if not work["n"]:
    show.nothing(f"No answer of {who} has been read.", "They appear with the next export that holds some.")
    st.stop()

st.text("Only you and your leads see this page. The team stands here as a band, never as single people.")
hours = "" if work["active_hours"] is None else f" in {work['active_hours']:.1f} hours at work"
st.text(f"{several(work['n'], 'answer')}{hours}.")
show.key_figures(
    ("Time per answer (median)", work["median_seconds"], "seconds"),
    ("Agreement with myself", work["self_agreement"], "percent"),
)
if not work["errors"]:
    show.nothing("None of your answers has been judged yet.", "Reviews and known answers will show here.")
    st.stop()

for place, part in enumerate(work["errors"]):
    with st.container(border=True):
        st.subheader(f"As judged by {show.plain(part['source'])}", anchor=False)
        if not part["enough"]:
            st.text(f"{several(part['judged'], 'answer')} judged: too few for a rate.")
            continue
        show.status(part["verdict"])
        show.sentence("My error rate, drawn towards the team", part["shrunk"], "percent")
        show.sentence("As counted", part["rate"], "percent")
        band = part["band"]
        if band:
            st.text(
                f"The middle half of {band['people']} others lies between {number(band['low'], 'percent')} and "
                f"{number(band['high'], 'percent')}."
            )
        else:
            st.text("Too few others were judged to show where the team lies.")
    days, confused = st.columns(2)
    with days:
        show.chart(
            "My error rate by day",
            rate_by_day(part["by_day"], target=work["target"]),
            part["by_day"],
            key=f"mine-days-{place}",
            alt="Line with band: my error rate by day",
            styles={"rate": "percent"},
        )
    with confused:
        if part["confusion"]:
            show.chart(
                "What I took for what",
                confusion(part["confusion"]),
                part["confusion"],
                key=f"mine-confusion-{place}",
                alt="Heat map: labels that I gave against true labels",
            )

if work["examples"]:
    show.table(
        "Answers judged wrong",
        work["examples"],
        key="mine-examples",
        note="The latest first. truth is what the judgement says; disagree with it? Tell your lead, with the item.",
    )
