"""What every answer must keep, who breaks it, and the rules to edit."""

from hashlib import sha256

import streamlit as st

from dashboard import behind, data, filters, show
from qc.figures import counted, number, several
from qc.model import QcError
from qc.workspace import policy, validation

EXAMPLE = """[[rule]]
name = "known topics"
kind = "labels"
question = "topic"
labels = ["billing", "delivery", "other"]

[[rule]]
name = "other needs a comment"
kind = "required"
question = "comment"
when = { question = "topic", labels = ["other"] }
"""

chosen = filters.selected()
seen = policy.revision(data.workspace(), chosen.project)
rules = data.section(chosen, "rules")
text = validation.rules_toml(data.workspace(), chosen.project)
# Other rules are another form: nobody saves over what they have not seen.
form = sha256(f"{chosen.project}\n{text}".encode()).hexdigest()[:12]


def save() -> None:
    """Put the rules in force as they are written."""
    state = st.session_state
    written, reason = state[f"{form}:rules"], state["rules-why"]
    try:
        state["rules-said"] = validation.set_rules(
            data.workspace(), chosen.project, written, data.actor(), reason, seen
        )
    except QcError as error:
        state["rules-error"] = error


st.title("Rules", anchor=False)
st.text(
    "What every answer must keep. A machine checks all of them, so these errors stand apart from what people judged."
)
error = st.session_state.pop("rules-error", None)
if error:
    show.failed(error)
if said := st.session_state.pop("rules-said", None):
    st.text(said)

if rules:
    broke = data.section(chosen, "format_errors")[0]["overall"]
    by_person = data.may(chosen, "individuals")
    rows = data.rules_by_annotator(chosen) if by_person else []
    boxes = st.columns(4)
    with boxes[0]:
        show.key_number("Rules", f"{len(rules):,}", "in the policy of the project")
    with boxes[1]:
        share = number(broke["value"], "percent") if broke["value"] is not None else "–"
        show.key_number("Answers that broke a rule", share, f"of {counted(broke)}, when first submitted")
    with boxes[2]:
        show.key_number("Faults to mend", f"{sum(row['standing'] for row in rules):,}", "in the answers as they are")
    with boxes[3]:
        quiet = sum(not row["standing"] for row in rules)
        show.key_number("Rules that all answers keep", f"{quiet:,}", f"of {several(len(rules), 'rule')}")
    for sentence in validation.unanswered(data.workspace(), chosen.project):
        st.caption(f":material/warning: {show.plain(sentence)}")
    show.table(
        "What is asked",
        rules,
        key="rules",
        styles={"n": "count", "violations": "count", "standing": "count"},
        order=("name", "sentence", "n", "violations", "standing"),
        note="n: answers that the rule was checked on. violations: when first submitted. standing: as they are now.",
    )
    picked = None
    if rows:
        at = show.choice(
            "Who breaks which rule",
            rows,
            key="rules-annotators",
            styles={"rate": "percent", "n": "count", "violations": "count", "standing": "count"},
            note="Every answer was checked: the interval only serves to compare people. Click a row for its answers.",
        )
        picked = rows[at] if at is not None else None
    elif by_person:
        show.nothing("No rule speaks of an answer within the filters.", "Clear the filters, or mend a question's name.")
    whom = (picked["rule"], picked["annotator"]) if picked else ()
    found = data.offences(chosen, *whom) if data.may(chosen, "answers") else ()
    if len(found):
        whose = f"{picked['annotator']}: {picked['rule']}" if picked else "Answers that break a rule"
        note = "mended: a later revision keeps the rule. Click a row to see all answers to the item."
        if len(found) >= validation.MOST:
            note = f"The first {validation.MOST:,}. {note}"
        at = show.choice(whose, found, key="offences", note=note)
        if at is not None:
            item = str(found.iloc[at]["item_id"])
            behind.answers(chosen, f"Answers to {item}", key="offence-answers", item_ids=[item])
    elif rows:
        show.nothing("No answer breaks this rule." if picked else "No answer breaks a rule.", "Nothing needs mending.")
else:
    show.nothing(
        "No rule is set, so no answer is checked by machine.",
        "Write the first below, or run: qc rules --project P --file RULES.toml. docs/rules.md has examples.",
    )

if data.may(chosen, "policy"):
    with st.expander("Edit the rules", expanded=not rules or error is not None), st.form("rules-form", border=False):
        st.text_area("RULES.toml", text or EXAMPLE, height=360, key=f"{form}:rules")
        st.text_input("Why are you changing this?", key="rules-why", placeholder="Stands in the record")
        st.form_submit_button("Save", type="primary", on_click=save)
