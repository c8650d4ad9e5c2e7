"""How right models are, whether their confidence can be believed, and what people make of their labels."""

import streamlit as st

from dashboard import data, filters, model_parts, show
from qc.figures import dots

chosen = filters.selected()
models = data.section(chosen, "models")

st.title("Models", anchor=False)
if not models:
    show.nothing(
        "This project holds no predictions, so no model can be assessed.",
        "Export predictions together with the annotations (in Label Studio: predictions and their scores).",
    )
    st.stop()
st.text("How often people keep what a model proposed, how right it is, and where people must look.")
st.caption(
    "Overridden, unchanged and edited are shares of the answers that were shown the model's label, where the export "
    "says which. Right is told by gold, final calls and reviews of answers that no prediction suggested."
)

names = [model["model"] for model in models]
if len(models) > 1:
    versions = {"Right": "accuracy", "Overridden": "override_rate"}
    figure = show.pick("Compare", list(versions), key="models-figure")
    show.chart(
        "Models and versions",
        dots(
            [{"name": model["model"], "estimate": model[versions[figure]]} for model in models],
            axis=f"{figure.lower()}, %",
        ),
        [
            {name: model[name] for name in ("model", "n", "override_rate", "accepted_unchanged", "edited", "accuracy")}
            for model in models
        ],
        key="models",
        alt=f"Dots with intervals: {figure.lower()}, by model",
        styles=dict.fromkeys(("override_rate", "accepted_unchanged", "edited", "accuracy"), "percent"),
    )
picked = st.selectbox("Model", names, format_func=str, key="model-picked") if len(names) > 1 else names[0]
model = models[names.index(picked)] if picked in names else models[0]
st.subheader(show.plain(model["model"]), anchor=False)
model_parts.headline(chosen, model)
model_parts.believed(chosen, models)
model_parts.labels(chosen, model)
model_parts.splits(chosen, model)
model_parts.sources(model)
model_parts.threshold(chosen, model)
model_parts.misled(chosen, data.section(chosen, "prelabels"))
model_parts.next_items(chosen)
