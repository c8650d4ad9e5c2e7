"""How the labels of models fare with people."""

import streamlit as st

from dashboard import data, filters, show
from qc.figures import calibration, dots

chosen = filters.selected()
models = data.section(chosen, "models")

st.title("Models", anchor=False)
if not models:
    show.nothing(
        "This project holds no predictions, so no model can be assessed.",
        "Export predictions together with the annotations (in Label Studio: predictions and their scores).",
    )
    st.stop()
st.text("How often people keep what a model proposed, and whether its confidence can be believed.")
st.caption(
    "Overridden and unchanged are shares of the answers that were shown the model's label, where the export says which."
)

for model in models[:6]:
    st.subheader(show.plain(model["model"]), anchor=False)
    show.key_figures(
        ("Overridden", model["override_rate"], "percent"),
        ("Unchanged", model["accepted_unchanged"], "percent"),
        ("Right", model["accuracy"], "percent"),
        ("False positives", model["false_positive"], "percent"),
        ("False negatives", model["false_negative"], "percent"),
    )

if len(models) > 1:
    show.chart(
        "How often people override",
        dots(
            [{"name": model["model"], "estimate": model["override_rate"]} for model in models],
            axis="overridden, %",
        ),
        [{name: value for name, value in model.items() if name != "calibration"} for model in models],
        key="models",
        alt="Dots with intervals: how often people override each model",
        styles={name: "percent" for name in models[0] if name not in ("model", "n", "calibration")},
    )

series = {model["model"]: model["calibration"] for model in models[:6] if model["calibration"]}
if series:
    show.chart(
        "Can the confidence be believed?",
        calibration(series),
        [{"model": name, **row} for name, rows in series.items() for row in rows],
        key="calibration",
        alt="Curves: how often each model was right at each stated confidence",
        styles={"score": "plain", "accuracy": "percent"},
        note="On the dashed line a model is right as often as it says. Below it, it is too sure of itself.",
    )
else:
    show.nothing("No prediction carries a score.", "Export the model's confidence to see whether it can be believed.")
