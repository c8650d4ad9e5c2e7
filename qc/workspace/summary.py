"""An assessment for a terminal."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qc.figures.words import estimate, number, one_line, several
from qc.model import InputError
from qc.workspace.findings import SOURCE_WORDS, top_findings

SPLITS: Final = ("annotator", "label", "site", "batch", "guideline", "day")


def splits(by: str | None) -> tuple[str, ...]:
    """What to split the error tables by; InputError names those that exist."""
    wished = tuple(split.strip() for split in by.split(",")) if by else ("annotator",)
    if unknown := [split for split in wished if split not in SPLITS]:
        raise InputError(f"Nothing can be split by {unknown[0]!r}; use any of {', '.join(SPLITS)}.")
    return wished


def print_assessment(assessment: dict[str, Any], by: tuple[str, ...]) -> None:
    """Findings first, then agreement, error rates (split as asked) and fatigue; names are never markup."""
    assessment = _in_lines(assessment)
    console = Console(markup=False, highlight=False, emoji=False)
    volume = assessment["volume"]
    console.print(
        f"{assessment['project']}: {several(volume['annotations'], 'answer')} by "
        f"{several(volume['annotators'], 'annotator')} on {several(volume['items'], 'item')}."
    )
    for place, finding in enumerate(top_findings(assessment), 1):
        console.print(Text(f"  {place}. {finding.sentence}"))
    console.print(_agreement(assessment["agreement"]))
    for part in assessment["errors"]:
        words = SOURCE_WORDS.get(part["source"], part["source"])
        console.print(f"\nErrors in {words}: {estimate(part['overall'], 'percent')}")
        for sentence in beside_the_rate(part):
            console.print(Text(f"  {sentence}"))
        for split in by:
            console.print(_errors(part, split))
    if assessment["reviewers"]:
        console.print(_reviewers(assessment["reviewers"]))
    for part in assessment["missed"]:
        console.print(Text(f"\n{overlooked(part)}"))
    for part in assessment["fatigue"]:
        source = "" if part["source"] == "none" else f", by {part['source']}"
        console.print(Text(f"\nFatigue{source}: {part['overall']['sentence']}"))
    if compared := beside_each_other(assessment):
        console.print("\nBeside each other:")
        for sentence in compared:
            console.print(Text(f"  {sentence}"))
    for sentence in on_models(assessment["models"], assessment["prelabels"]):
        console.print(Text(sentence))
    console.print(Text(f"\nData version {assessment['data_version']}, as of {assessment['as_of']}."))


def _in_lines(value: Any) -> Any:
    """The same with every text on one line: what a stranger's name holds steers no terminal."""
    if isinstance(value, dict):
        return {_in_lines(name): _in_lines(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_lines(inner) for inner in value]
    return one_line(value) if isinstance(value, str) else value


def beside_the_rate(part: dict[str, Any]) -> list[str]:
    """What is to be said of one source's error rate: against the target, at most, corrected, and of its ranking."""
    if part["overall"]["value"] is None or part["source"] == "rules":
        return []
    told = [f"Against the target: {part['verdict']} (P(above) {number(part['p_above_target'], 'percent')})."]
    if part["at_most"]["value"] is not None:
        told.append(f"At most {number(part['at_most']['value'], 'percent')}, by {part['at_most']['method']}.")
    if part["source"].startswith("review"):
        told.append(f"Corrected for the reviewers' own errors: {estimate(part['corrected'], 'percent')}.")
    if part["corrected_range"]:
        rates = [row["rate"]["value"] or 0.0 for row in part["corrected_range"]]
        lowest, highest = (row["sensitivity"] for row in (part["corrected_range"][0], part["corrected_range"][-1]))
        told.append(
            f"With a sensitivity of {lowest:g} to {highest:g} and a specificity of "
            f"{part['corrected_range'][0]['specificity']:g} to {part['corrected_range'][-1]['specificity']:g} it would "
            f"be {min(rates):.2%} to {max(rates):.2%}."
        )
    return told + ([part["ranking"]] if part["ranking"] else [])


def beside_each_other(assessment: dict[str, Any]) -> list[str]:
    """Parts of the work held against each other, groups with more errors than the rest, and batches that drift."""
    said = [row["sentence"] for row in assessment["comparisons"]]
    worse = [
        f"{part['by']} {row['key']}"
        for part in assessment["fairness"]
        for row in part["groups"]
        if row["error"] and row["error"]["verdict"] == "worse than the rest"
    ]
    drifted = [row["batch"] for row in assessment["drift"] if row["labels"]["drifted"]]
    if worse:
        said.append(f"More errors than the rest, by more than noise: {', '.join(worse)}.")
    if drifted:
        said.append(f"The label mix moved in: {', '.join(drifted)}.")
    return said


def overlooked(part: dict[str, Any]) -> str:
    """What neither of two found, in a sentence."""
    of = f" of {part['question']}" if part["question"] else ""
    what = "objects" if part["question"] else "wrong answers"
    if part["unseen"]["value"] is None:
        return f"Missed by {part['by']}{of}: {part['unseen']['reason']}."
    return (
        f"Missed by {part['by']}{of}, at least: {estimate(part['unseen'], 'percent')} of all {what}; "
        f"one alone misses {estimate(part['missed'], 'percent')}."
    )


def on_models(models: list[dict[str, Any]], prelabels: dict[str, Any]) -> list[str]:
    """How right each model is, where people must look, and whom its labels mislead, in sentences."""
    told = []
    for model in models:
        told.append(
            f"\n{model['model']} is right in {estimate(model['accuracy'], 'percent')}; people override it in "
            f"{estimate(model['override_rate'], 'percent')}."
        )
        found, goal = model["routing"]["at_target"], number(model["routing"]["target"], "percent")
        if found is not None:
            below = f"{found['threshold']:.3f}"
            told.append(f"  For at most {goal} of errors let through, look at what is less sure than {below}.")
        elif model["routing"]["n"]:
            told.append(f"  For a target of {goal} look at everything: {model['routing']['reason']}.")
        if model["retrained"]["before"] is not None:
            gain = estimate(model["retrained"]["difference"], "points")
            told.append(f"  Right more often than {model['retrained']['before']} on the same held-out items: {gain}.")
    if models and prelabels["bias"]["value"] is not None:
        told.append(f"Errors with a wrong pre-label beyond those unaided: {estimate(prelabels['bias'], 'points')}.")
    stamps = [row["annotator"] for row in prelabels["by_annotator"] if row["verdict"] == "rubber-stamping"]
    return told + ([f"Wrong pre-labels survive: {', '.join(stamps)}."] if stamps else [])


def _reviewers(rows: list[dict[str, Any]]) -> Table:
    table = _table("reviewer", "held against", "sees an error", "lets a right answer pass")
    for row in rows:
        told = (estimate(row[name], "percent") for name in ("sensitivity", "specificity"))
        table.add_row(Text(row["reviewer"]), row["source"], *told)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _agreement(parts: list[dict[str, Any]]) -> Table:
    table = _table("question", "measure", "agreement", "raw agreement", "AC1", "items")
    for part in parts:
        table.add_row(
            Text(part["question"]),
            part["headline"]["name"],
            estimate(part["headline"]["team"]),
            estimate(part["percent"], "percent"),
            estimate(part["ac1"]),
            f"{part['items_used']:,}",
        )
    return table


def _errors(part: dict[str, Any], split: str) -> Table:
    if split == "annotator":
        table = _table("annotator", "error rate", "shrunk", "verdict")
        for row in part["by_annotator"]:
            table.add_row(
                Text(row["annotator"]),
                estimate(row["rate"], "percent"),
                estimate(row["shrunk"], "percent"),
                row["verdict"],
            )
        return table
    table = _table(split, "error rate")
    for row in part.get(f"by_{split}", ()):
        table.add_row(Text(str(row.get("key", row.get("day")))), estimate(row["rate"], "percent"))
    return table
