"""How much to check, drawn by lot, and the sheet to fill in."""

import streamlit as st

from dashboard import data, filters, show
from dashboard.navigation import page
from qc.figures import number, several
from qc.model import QcError
from qc.workspace import sample

SHEETS = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

chosen = filters.selected()
policy = data.current_policy(chosen)
waiting = data.queue(chosen)


def draw() -> None:
    """Draw the sample that the plan describes."""
    state = st.session_state
    try:
        drawn = sample.draw(
            data.workspace(),
            chosen.project,
            rate=state[f"{chosen.project}:rate"] / 100,
            min_per_annotator=state[f"{chosen.project}:least"],
            actor=data.actor(),
        )
        st.toast(drawn.sentence)
        state["drawn"] = (chosen.project, drawn.id) if drawn.id else None
    except QcError as error:
        state["draw-error"] = error


head, action = st.columns([4, 1], vertical_alignment="bottom")
head.title("Spot checks", anchor=False)
if len(waiting):
    with action:
        st.page_link(page("review"), label=f"Review {several(len(waiting), 'answer')}", icon=":material/play_arrow:")
st.text(
    "Each new answer can be drawn once, in the first sample after it came. Everybody has a part of their work checked."
)
if error := st.session_state.pop("draw-error", None):
    show.failed(error)

with st.container(border=True):
    st.subheader("Draw a sample", anchor=False)
    share, least, button = st.columns([3, 2, 1], vertical_alignment="bottom")
    share.slider(
        "Share to check at level normal, %",
        1.0,
        20.0,
        100 * policy.sampling.normal,
        0.5,
        "%.1f",
        key=f"{chosen.project}:rate",
        help="Other levels keep the shares of the policy: the page Settings.",
    )
    least.number_input(
        "At least per annotator", 0, 100, policy.sampling.min_per_annotator, key=f"{chosen.project}:least"
    )
    plan = data.plan(
        chosen, st.session_state[f"{chosen.project}:rate"] / 100, st.session_state[f"{chosen.project}:least"]
    )
    button.button("Draw", type="primary", on_click=draw, disabled=not plan["total"], width="stretch")

    boxes = st.columns(4)
    with boxes[0]:
        show.key_number("Answers to check", f"{plan['total']:,}", f"{len(waiting):,} of earlier draws still wait")
    with boxes[1]:
        width = plan["half_width"]
        show.key_number(
            "Team error rate within",
            f"± {100 * width:.1f} points" if width is not None else "–",
            f"95 %, if the rate is near {number(plan['at_rate'], 'percent')}",
        )
    with boxes[2]:
        rise = plan["detectable_rise"]
        show.key_number(
            "A rise is noticed from",
            number(rise, "percent") if rise is not None else "–",
            f"with probability 80 %, against the target of {number(plan['from_rate'], 'percent')}",
        )
    with boxes[3]:
        money = number(plan["money"], "money", policy.cost.currency)
        show.key_number("Work", f"{plan['hours']:,.1f} h", f"about {money}")
    if not plan["total"]:
        st.caption("Every answer so far was in a draw already. Read a newer export to draw again.")

show.table("By annotator", plan["rows"], key="plan", styles={"rate": "percent"})

drawn = st.session_state.get("drawn")
if drawn and drawn[0] == chosen.project:
    sheet = sample.sheet(data.workspace(), chosen.project, drawn[1])
    with st.container(border=True):
        st.subheader(f"Drawn: {several(len(sheet), 'answer')}", anchor=False)
        st.text("Review them here one by one, or fill in the sheet and run: qc review --project PROJECT SHEET.")
        with st.container(horizontal=True):
            st.page_link(page("review"), label="Review here", icon=":material/play_arrow:")
            for suffix, mime in SHEETS.items():
                st.download_button(
                    f"Sheet ({suffix[1:].upper()})",
                    data=lambda suffix=suffix: sample.sheet_file(data.workspace(), chosen.project, drawn[1], suffix),
                    file_name=f"sample-{drawn[1]}{suffix}",
                    mime=mime,
                    on_click="ignore",
                    icon=":material/download:",
                )
        st.dataframe(sheet, hide_index=True, key="sheet", alt="The answers that were drawn")

verdicts = data.rows(chosen, "verdicts")
if len(verdicts):
    show.table("Verdicts so far", verdicts, key="verdicts")
