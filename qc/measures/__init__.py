"""Measures: Ibis expressions over the facts that give small frames of sufficient statistics, in integers.

`Base(session, policy)` makes the base tables of a snapshot when they are first needed; `MEASURES` is the registry, and
`measure(name)(base, scope, by)` an expression for the session to run. Importing this package loads Ibis.
"""

from typing import Final

from qc.measures import (
    care,
    counts,
    errors,
    fatigue,
    marked,
    models,
    people_and_models,
    references,
    time_at_work,
    violations,
    votes,
    work,
)
from qc.measures.base import Base
from qc.measures.measure import Measure

_ANSWERS: Final = ("annotations", "regions", "items")
_JUDGED: Final = (*_ANSWERS, "reviews", "draws")
_ALONG: Final = ("st", "stt", "sp", "spp", "sh", "shh")
_DRAW: Final = ("draw_id", "share", "stratum", "stratum_size", "stratum_drawn", "pi")

MEASURES: Final[tuple[Measure, ...]] = (
    Measure(
        "volume",
        counts.volume,
        ("items", "answers", "annotators", "skipped", "reviewed", "gold_items", "first_ms", "last_ms"),
        (),
        _JUDGED,
    ),
    Measure("questions", counts.questions, ("question", "kind", "answers", "items", "code"), ("question",), _ANSWERS),
    Measure("labels", counts.labels, ("question", "code", "label", "answers"), ("question", "code"), _ANSWERS),
    Measure(
        "label_votes",
        votes.label_votes,
        ("question", "pattern", "annotator", "code", "votes"),
        ("question", "pattern", "annotator", "code"),
        _ANSWERS,
        keys=("batch", "guideline", "period", "site", "tag"),
    ),
    Measure(
        "pair_votes",
        votes.pair_votes,
        ("question", "a", "b", "code_a", "code_b", "items"),
        ("question", "a", "b", "code_a", "code_b"),
        _ANSWERS,
    ),
    Measure(
        "item_votes",
        votes.item_votes,
        ("question", "item_id", "code", "votes"),
        ("question", "item_id", "code"),
        _ANSWERS,
    ),
    Measure(
        "split_keys",
        votes.split_keys,
        ("question", "split", "key", "answers"),
        ("question", "split", "key"),
        _ANSWERS,
    ),
    Measure(
        "hardest",
        votes.hardest,
        ("question", "place", "item_id", "agreeing", "pairs", "annotator", "code"),
        ("question", "place", "annotator"),
        _ANSWERS,
    ),
    Measure(
        "model_pairs",
        people_and_models.model_pairs,
        ("question", "model", "annotator", "code", "predicted", "items", "shown"),
        ("question", "model", "annotator", "code", "predicted"),
        _ANSWERS,
    ),
    Measure(
        "model_majority",
        people_and_models.model_majority,
        (
            *("question", "model", "code", "predicted", "items", "answers", "same"),
            *("answers_squares", "same_squares", "same_answers"),
        ),
        ("question", "model", "code", "predicted"),
        _ANSWERS,
    ),
    Measure(
        "codes",
        votes.codes,
        ("question", "item", "annotator", "code"),
        ("question", "item", "annotator", "code"),
        _ANSWERS,
    ),
    Measure(
        "marking",
        marked.marking,
        ("question", "item", "annotator", "gold", "extent", "period"),
        ("question", "item", "gold", "annotator"),
        _ANSWERS,
    ),
    Measure(
        "marks",
        marked.marks,
        ("question", "item", "annotator", "gold", "code", "first", "last"),
        ("question", "item", "gold", "annotator", "first", "last", "code"),
        _ANSWERS,
    ),
    Measure("mark_labels", marked.mark_labels, ("question", "code", "label"), ("question", "code"), _ANSWERS),
    Measure("label_keys", marked.label_keys, ("question", "code", "key"), ("question", "code"), _ANSWERS),
    Measure(
        "texts",
        marked.texts,
        ("question", "item", "annotator", "text", "period"),
        ("question", "item", "annotator"),
        _ANSWERS,
    ),
    Measure(
        "shown_first",
        marked.shown_first,
        ("question", "item", "annotator", "first"),
        ("question", "item", "annotator"),
        _ANSWERS,
    ),
    Measure("gold", references.gold, ("question", "item", "code"), ("question", "item", "code"), _ANSWERS),
    Measure(
        "review_effort", references.review_effort, ("reviews", "errors", "timed", "spent_ms"), (), _JUDGED, ("errors",)
    ),
    Measure("item_names", counts.item_names, ("item", "item_id"), ("item",), _ANSWERS),
    Measure("annotator_names", counts.annotator_names, ("annotator", "name"), ("annotator",), _ANSWERS),
    Measure(
        "judged_counts",
        errors.judged_counts,
        ("source", *_DRAW, "n", "errors", "minor"),
        ("source", *_DRAW),
        _JUDGED,
        ("errors",),
        ("annotator", "batch", "day", "guideline", "label", "question", "site"),
    ),
    Measure(
        "confusion",
        errors.confusion,
        ("source", "question", "truth", "given", "n"),
        ("source", "question", "truth", "given"),
        _JUDGED,
        ("errors",),
    ),
    Measure(
        "error_types",
        errors.error_types,
        ("source", "error_type", "severity", "n"),
        ("source", "error_type", "severity"),
        _JUDGED,
        ("errors",),
    ),
    Measure(
        "judged_sequence",
        errors.judged_sequence,
        ("source", "annotator", "at_ms", "error", "annotation_id", "item_id", "question"),
        ("source", "at_ms", "ms", "annotation_id", "question"),
        _JUDGED,
        ("errors",),
    ),
    Measure(
        "judged_time",
        fatigue.judged_time,
        ("source", "annotator", "session", "day", "stratum", "pi", "n", "sy", *_ALONG, "sty", "spy", "shy"),
        ("source", "annotator", "session", "stratum", "pi"),
        _JUDGED,
        ("errors", "fatigue"),
    ),
    Measure(
        "judged_rows",
        fatigue.judged_rows,
        (
            *("source", "annotator", "item", "session", "day", "t", "p", "h", "error", "stratum", "pi"),
            *("run", "kind", "hour"),
        ),
        ("source", "annotator", "session", "p", "item", "error", "t", "stratum", "pi", "run"),
        _JUDGED,
        ("errors", "fatigue"),
    ),
    Measure(
        "judged_cells",
        fatigue.judged_cells,
        ("source", "annotator", "day", "hour", "site", "label", "stratum", "bin", "n", "errors"),
        ("source", "annotator", "day", "hour", "site", "label", "stratum", "bin"),
        _JUDGED,
        ("errors", "fatigue"),
    ),
    Measure(
        "answer_order",
        fatigue.answer_order,
        ("annotator", "session", "item", "t", "p"),
        ("annotator", "session", "p", "item", "t"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "pauses",
        fatigue.pauses,
        ("source", "annotator", "pause", "stratum", "pi", "before", "before_errors", "after", "after_errors"),
        ("source", "annotator", "pause", "stratum", "pi"),
        _JUDGED,
        ("errors", "fatigue"),
    ),
    Measure(
        "pace",
        fatigue.pace,
        ("annotator", "session", "day", "stratum", "n", "sv", "svv", *_ALONG, "stv", "spv", "shv"),
        ("annotator", "session", "stratum"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "paced",
        care.paced,
        ("annotator", "item", "question", "code", "suggested", "v", "session", "p", "ms"),
        ("annotator", "session", "ms", "p", "item", "question"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "time_bins",
        fatigue.time_bins,
        ("source", "bin", "pi", "n", "errors"),
        ("source", "bin", "pi"),
        _JUDGED,
        ("errors", "fatigue"),
    ),
    Measure(
        "durations",
        work.durations,
        ("annotator", "site", "n", "skipped", "median_seconds", "active_ms", "sessions", "first_ms", "last_ms"),
        ("annotator",),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "repeats",
        work.repeats,
        ("question", "annotator", "pairs", "same"),
        ("question", "annotator"),
        _ANSWERS,
    ),
    Measure(
        "model_counts",
        models.model_counts,
        ("model", "bin", "score_sum_milli", "n", "followed", "shown", "shown_followed", "unchanged", "judged", "right"),
        ("model", "bin"),
        _JUDGED,
        ("errors",),
    ),
    Measure("days", counts.days, ("day", "site", "answers"), ("day", "site"), _ANSWERS),
    Measure(
        "clock",
        counts.clock,
        ("annotator", "same_timestamp", "future", "negative"),
        ("annotator",),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure("gaps", time_at_work.gaps, ("bin", "n"), ("bin",), _ANSWERS, ("fatigue",)),
    Measure(
        "worked",
        time_at_work.worked,
        (
            "annotator",
            "submissions",
            "sessions",
            "unknown_starts",
            "wall_ms",
            *(f"active_{cap}_ms" for cap in time_at_work.CAP_MINUTES),
            "breaks",
            "breaks_ms",
            "gap_ms",
        ),
        ("annotator",),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "session_lengths",
        time_at_work.session_lengths,
        ("annotator", "session", "first_ms", "submissions", "wall_ms", "active_ms", "breaks"),
        ("annotator", "session"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "durations_by_kind",
        time_at_work.durations_by_kind,
        ("annotator", "kind", "n", "spent_ms", "median_ms"),
        ("annotator", "kind"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "left_out",
        time_at_work.left_out,
        ("annotator", "submissions", *time_at_work.TIME_FAULTS, "shared", *time_at_work.SECONDS_FAULTS),
        ("annotator",),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "work_by_hour",
        time_at_work.work_by_hour,
        ("weekday", "hour", "submissions", "active_ms", "people", "days"),
        ("weekday", "hour"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "person_days",
        time_at_work.person_days,
        ("annotator", "day", "shift", "site", "submissions", "active_ms"),
        ("annotator", "day", "shift", "site"),
        _ANSWERS,
        ("fatigue",),
    ),
    Measure(
        "violations",
        violations.violations,
        ("rule", "question", "annotator", "n", "violations", "standing"),
        ("rule", "annotator"),
        _ANSWERS,
        ("validation",),
        ("batch", "day", "site"),
    ),
    Measure(
        "violating",
        violations.violating,
        ("annotator", "n", "violations", "standing"),
        ("annotator",),
        _ANSWERS,
        ("validation",),
        ("batch", "day", "site"),
    ),
)
_BY_NAME: Final = {measure.name: measure for measure in MEASURES}


def measure(name: str) -> Measure:
    """The measure of a name, as in docs/architecture.md."""
    return _BY_NAME[name]


__all__ = ["MEASURES", "Base", "Measure", "measure"]
