"""What matters most in an assessment, as sentences a project lead would say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from qc.figures.words import estimate, probability, several
from qc.model import NOT_STATED
from qc.workspace.assess.object_errors import NOT_GIVEN, NOT_THERE

Assessment = dict[str, Any]

SOURCE_WORDS: Final = {
    "adjudication": "adjudication",
    "gold": "gold",
    "gold, objects": "gold, object by object",
    "review": "review",
    "review, not drawn": "review outside a draw",
    "consensus": "consensus",
    "rules": "rules",
    "none": "nobody",
}


# Columns whose absence costs a project lead something.
WORTH_A_WORD: Final = ("annotator", "submitted_at", "gold")
# What these alerts say stands in the errors and fatigue sections, too.
SAID_ELSEWHERE: Final = ("error rate above target", "fatigue rising")


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, how much it matters (1 is most), and the page that proves it."""

    weight: float
    sentence: str
    page: str
    subject: str | None = None


def top_findings(assessment: Assessment, most: int = 5) -> list[Finding]:
    """The most important findings of an assessment, at most one per kind before a second of any kind."""
    kinds = [sorted(kind(assessment), key=lambda finding: finding.weight) for kind in KINDS]
    firsts = [findings[0] for findings in kinds if findings]
    rest = [finding for findings in kinds for finding in findings[1:]]
    chosen = sorted(firsts, key=lambda finding: finding.weight)[:most]
    chosen += sorted(rest, key=lambda finding: finding.weight)[: most - len(chosen)]
    return sorted(chosen, key=lambda finding: finding.weight)


def _judged(assessment: Assessment) -> list[dict[str, Any]]:
    """The error rates by who judged; what breaks a rule was found by a machine, and is a finding of its own."""
    return [part for part in assessment["errors"] if part["source"] != "rules"]


def _above_target(assessment: Assessment) -> Iterator[Finding]:
    target = assessment["policy"]["errors"]["target"]
    for part in _judged(assessment):
        for row in part["by_annotator"]:
            if row["verdict"] == "above target":
                yield Finding(
                    1.0 - min(row["shrunk"]["value"], 0.9),
                    f"{row['annotator']} errs in {estimate(row['rate'], 'percent')} judged by "
                    f"{SOURCE_WORDS[part['source']]}, {row['errors']:,} of them wrong; drawn towards the team, that is "
                    f"{_rate(row['shrunk'])} against a target of {100 * target:.1f} %: step in early.",
                    "annotators",
                    row["annotator"],
                )


def _team_errors(assessment: Assessment) -> Iterator[Finding]:
    for part in _judged(assessment):
        overall = part["overall"]
        if overall["value"] is not None:
            yield Finding(
                3.0,
                f"The team errs in {estimate(overall, 'percent')} judged by {SOURCE_WORDS[part['source']]}.",
                "annotators",
            )


def _agreement(assessment: Assessment) -> Iterator[Finding]:
    for part in assessment["agreement"]:
        name, alpha = part["headline"]["name"], part["headline"]["team"]
        percent = part["percent"]
        raw = "" if percent["value"] is None else f" (raw agreement {estimate(percent, 'percent')})"
        if alpha["value"] is None:
            words = f"{name[0].upper()}{name[1:]} of {part['question']} cannot be computed: {alpha['reason']}{raw}."
            yield Finding(3.3, words, "agreement", part["question"])
            continue
        if alpha["high"] < 0.667:
            meaning = f"too little to trust single {'labels' if name == 'alpha' else 'answers'}"
        elif alpha["low"] >= 0.8:
            meaning = "reliable"
        else:
            meaning = (
                "good for tentative conclusions at most" if alpha["high"] < 0.8 else "not yet clear whether reliable"
            )
        yield Finding(
            1.5 if meaning.startswith("too little") else 3.2,
            " ".join(
                (
                    f"Agreement on {part['question']} is {name} {estimate(alpha)}: {meaning}{raw}.",
                    *([part["sentence"]] if part["sentence"] else []),
                )
            ),
            "agreement",
            part["question"],
        )


def _confusion(assessment: Assessment) -> Iterator[Finding]:
    for part in _judged(assessment):
        wrong = [row for row in part["confusion"] if row["truth"] not in (row["given"], NOT_STATED, NOT_THERE)]
        wrong = [row for row in wrong if row["given"] != NOT_GIVEN]
        total = sum(row["n"] for row in wrong)
        if total < 10:
            continue
        worst = max(wrong, key=lambda row: (row["n"], row["truth"], row["given"]))
        yield Finding(
            2.6,
            f"The commonest mistake is {worst['given']} for {worst['truth']}: {worst['n']:,} of {total:,} errors "
            f"with a known truth ({SOURCE_WORDS[part['source']]}).",
            "agreement",
        )


def _fatigue(assessment: Assessment) -> Iterator[Finding]:
    weights = {"rising": 1.2, "cannot separate from item": 2.8, "falling": 3.1, "too little data": 4.5}
    for part in assessment["fatigue"]:
        overall = part["overall"]
        yield Finding(weights.get(overall["verdict"], 3.5), overall["sentence"], "fatigue")


def _alerts(assessment: Assessment) -> Iterator[Finding]:
    weights = {"critical": 0.5, "warning": 1.1, "info": 2.9}
    for alert in assessment["alerts"]:
        if alert["state"] == "open" and alert["rule"] not in SAID_ELSEWHERE:
            yield Finding(weights[alert["severity"]], alert["message"], "alerts", alert["id"])


def _consensus(assessment: Assessment) -> Iterator[Finding]:
    consensus = assessment["consensus"]
    accuracy = consensus["accuracy_vs_gold"]
    if accuracy["majority"]["value"] is not None and consensus["favoured"] is not None:
        yield Finding(
            3.0,
            f"Against gold the majority is right in {estimate(accuracy['majority'], 'percent')}, "
            f"Dawid–Skene in {estimate(accuracy['dawid_skene'], 'percent')}: {consensus['favoured']}.",
            "conflicts",
        )


def _models(assessment: Assessment) -> Iterator[Finding]:
    for model in assessment["models"]:
        if model["override_rate"]["value"] is not None:
            yield Finding(
                2.9,
                f"People override {model['model']} in {estimate(model['override_rate'], 'percent')}.",
                "models",
                model["model"],
            )


def _cost(assessment: Assessment) -> Iterator[Finding]:
    cost = assessment["cost"]
    best = cost["best"]
    if best["choice"] is None:
        return
    words = {
        "none": "no review is cheapest",
        "estimate": "checking a sample first, and then all or none, is cheapest",
        "ranked": "reviewing the riskiest answers is cheapest",
        "all": "reviewing everything is cheapest",
    }
    yield Finding(
        2.2,
        f"At these prices {words[best['choice']]} (probability {probability(best['probability'])}); review pays "
        f"above an error rate of {100 * cost['break_even_rate']:.1f} %.",
        "cost",
    )


def _rules(assessment: Assessment) -> Iterator[Finding]:
    for rule in assessment.get("rules", ()):
        if rule["standing"]:
            broken = f"{several(rule['standing'], 'answer')} break{'s' if rule['standing'] == 1 else ''}"
            yield Finding(2.4, f"{broken} the rule {rule['name']}: {rule['sentence']}", "validation", rule["name"])


def _data(assessment: Assessment) -> Iterator[Finding]:
    quality = assessment["data_quality"]
    missing = [reason for column, reason in quality["missing_columns"].items() if column in WORTH_A_WORD]
    if missing:
        said = "; ".join(missing)
        yield Finding(4.0, f"{said[0].upper()}{said[1:]}.", "data")
    if quality["clock_errors"]:
        wrong = several(quality["clock_errors"], "time or duration is", "times or durations are")
        yield Finding(3.3, f"{wrong} impossible: check the clocks.", "data")
    if quality["quarantined"]:
        kept = several(quality["quarantined"], "record is", "records are")
        yield Finding(3.4, f"{kept} in quarantine: see qc doctor.", "data")


def _rate(rate: dict[str, Any]) -> str:
    return f"{100 * rate['value']:.1f} % ({100 * rate['low']:.1f}–{100 * rate['high']:.1f} %)"


KINDS: Final[tuple[Callable[[Assessment], Iterator[Finding]], ...]] = (
    _alerts,
    _above_target,
    _fatigue,
    _agreement,
    _confusion,
    _team_errors,
    _models,
    _cost,
    _consensus,
    _rules,
    _data,
)
