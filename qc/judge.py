"""When an answer is wrong: the text that two equal answers share, and what a verdict counts as.

Kinds that are judged by comparison get a key; answers with equal keys are equal. Text and drawn objects (boxes,
polygons, polylines, keypoints, masks, tracks) have none: they are judged by review only.
"""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.model import Decision, ErrorPolicy, Kind

# Between the parts of a key; no label that a person can type holds it.
SEPARATOR: Final = "\x1f"
NOTHING_MARKED: Final = "(nothing marked)"

_BY_LABEL: Final = (Kind.SINGLE, Kind.PAIRWISE, Kind.TAXONOMY)
_BY_NUMBER: Final = (Kind.ORDINAL, Kind.NUMBER)
_BY_REGIONS: Final = (Kind.SPANS, Kind.INTERVALS)
# Beyond this no whole number is exact.
_EXACT: Final = 1e15


def key(answer: Any) -> Any:
    """The key of an answer; null where answers of the kind are not compared.

    answer: a row of annotations with `marked`, from `region_keys`. single, pairwise, taxonomy: the label (of a pair its
    winner, wherever it was shown). multi: the labels, sorted. ranking: the labels in order. ordinal, number: the number
    to six decimals. spans, intervals: label and ends of all regions, in characters or milliseconds. none, or no label
    or region where some could be: empty text.
    """
    return ibis.cases(
        (answer.kind.isin(_values(_BY_LABEL)), answer.label),
        (answer.kind == Kind.MULTI.value, ibis.coalesce(_joined(answer.labels.sort()), answer.label)),
        (answer.kind == Kind.RANKING.value, ibis.coalesce(_joined(answer.labels), answer.label)),
        (answer.kind.isin(_values(_BY_NUMBER)), ibis.coalesce(number_text(answer.number), answer.label)),
        (answer.kind.isin(_values(_BY_REGIONS)), ibis.coalesce(answer.marked, "")),
        (answer.kind == Kind.NONE.value, ibis.literal("")),
    )


def region_keys(regions: Any) -> Any:
    """annotation_id, question, revision, marked: the regions of each answer as one text, if its kind is compared."""
    ends = [
        ibis.coalesce(point, ibis.ifelse(second.abs() < _EXACT, (second * 1000).round().cast("int64"), -1), -1)
        for point, second in ((_.t_start, _.sec_start), (_.t_end, _.sec_end))
    ]
    texts = regions.filter(_.kind.isin(_values(_BY_REGIONS))).select(
        "annotation_id",
        "question",
        "revision",
        region=ends[0].cast("string") + "-" + ends[1].cast("string") + " " + ibis.coalesce(_.label, ""),
    )
    return texts.group_by("annotation_id", "question", "revision").agg(marked=_.region.collect().sort().join(SEPARATOR))


def shown(key: Any) -> Any:
    """A key as people read it."""
    return ibis.ifelse(key == "", NOTHING_MARKED, key.replace(SEPARATOR, ", "))


def number_text(number: Any) -> Any:
    """A number as text without trailing zeros, the same in every engine."""
    short = number.cast("decimal(38, 6)").cast("string").re_replace(r"\.?0+$", "")
    return ibis.ifelse(number.abs() < _EXACT, short, number.cast("string"))


def wrong(verdict: Any, policy: ErrorPolicy) -> Any:
    """1 where a verdict is an error, 0 where it is none, null where it is no known verdict."""
    return ibis.cases(
        (verdict == Decision.REJECT.value, 1),
        (verdict == Decision.MINOR.value, int(policy.minor_is_error)),
        (verdict == Decision.ACCEPT.value, 0),
    ).cast("int32")


def _values(kinds: tuple[Kind, ...]) -> list[str]:
    return [kind.value for kind in kinds]


def _joined(labels: Any) -> Any:
    """Spark joins no labels to null."""
    return ibis.ifelse(labels.length() == 0, "", labels.join(SEPARATOR))
