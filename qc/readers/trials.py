"""What columns mean in sheets of one row per trial, as studies of people before screens write them."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from statistics import median
from typing import Final

from qc.model import Decision
from qc.readers.cells import DECISIONS
from qc.readers.guess import figures
from qc.readers.mapping import Mapping
from qc.readers.times import BadTimeError, Clock, instant
from qc.readers.words import shown

# Looked up where the usual names (`names.NAMES`) leave a meaning open.
NAMES: Final[MappingType[str, tuple[str, ...]]] = {
    "item_id": (
        *("stimulus", "stimulus_id", "stimulus_file", "stim", "stim_id", "orig_id", "subject_ids", "target_id"),
        *("question_id", "qid", "trial_id", "test_qid", "trial_name"),
    ),
    "annotator": (
        *("participant", "participant_id", "participant_no", "subject", "subject_id", "subject_nr", "subject_number"),
        *("subj", "subj_id", "subj_idx", "sub", "sub_id", "subid", "ppt", "ppid", "pid", "prolific_id", "prolific_pid"),
        *("participant_private_id", "user_name", "respondent", "respondent_id", "observer", "student_id", "turker"),
    ),
    "submitted_at": ("utc_timestamp", "utc_date", "local_timestamp", "local_date", "date_time", "datetime"),
    "session": ("session_number", "session_no", "session_nr", "session_num", "sess"),
    "block": ("block", "block_number", "block_no", "block_nr", "block_num", "block_index", "blk"),
    "position": (
        *("trial_index", "trial_number", "trial_num", "trial_no", "trial_nr", "trial_n", "trial_order", "trials_thisn"),
        *("thisn", "trialnum", "trialnr", "trl", "trial", "presentation_order"),
    ),
    "seconds": (
        *("rt", "reaction_time", "response_time", "rt_dec", "latency", "time_taken", "timetaken", "rt_ms", "rt_s"),
        *(
            "duration_ms",
            "time_spent_ms",
            "response_time_ms",
            "reaction_time_ms",
            "latency_ms",
            "elapsed_ms",
            "time_ms",
        ),
    ),
    "gold_label": (
        *("correct_response", "correct_answer", "correct_resp", "correct_ans", "correct_choice", "corr_ans", "corrans"),
        *("true_label", "answer_key", "correct_key"),
    ),
}
ANSWERS: Final = ("resp", "choice", "selected_answer", "keys", "key_press", "keypress")
RIGHT: Final = ("correct", "is_correct", "accuracy", "acc", "corr", "was_correct", "iscorrect")
"""Columns that say of each answer whether it was right."""
MILLISECONDS: Final = (
    "Column {column}: its durations were taken for milliseconds; where they are seconds, write "
    'seconds_unit = "s" into the mapping'
)
RIGHT_OR_WRONG: Final = (
    "Column {column} says whether each answer was right and no column the right answer: its rows count as reviews"
)

_TIMES: Final = ("submitted_at", "started_at", "updated_at")
_LABELS_OF: Final = frozenset(("stimulus", "stim"))
# Names of items that also name what is the same throughout: the task, the device, a file of all.
_GENERAL: Final = frozenset(("task", "unit", "key", "file", "filename", "file_name", "image"))
# Nobody reacts within a tenth of a second on the whole, and no answer called a reaction takes a hundred.
_REACTIONS: Final = frozenset(("rt", "reaction_time", "rt_dec", "latency"))
_LONGEST_REACTION: Final = 100.0
# Nor does an answer take a quarter of an hour on the whole.
_LONGEST_RESPONSE: Final = 1000.0
_IN_UNITS: Final = ("_ms", "_s")
_LOOKED_AT: Final = 20
_DAYS: Final = ("day", "visit")
_GIVEN: Final = ("response", "resp", "participant_response")
_ACCEPT: Final = Decision.ACCEPT.value

Values = MappingType[str, Sequence[str]]


def answered(by_name: MappingType[str, str], people: bool) -> str | None:
    """The column of answers by the names of such studies; `people` tells whether a column names who gave them.

    Where none holds the answer, the one that says whether it was right stands for it.
    """
    return next((by_name[name] for name in (*ANSWERS, *RIGHT) if name in by_name), None) if people else None


def people(by_name: MappingType[str, str], values: Values) -> str | None:
    """The column of people by the names of such studies; a `subject` of several words is one of mails."""
    found = (by_name[name] for name in NAMES["annotator"] if name in by_name)
    return next((column for column in found if not any(" " in value.strip() for value in values[column])), None)


def further(
    columns: dict[str, str], by_name: MappingType[str, str], values: Values, answer: str | None
) -> dict[str, str]:
    """The meanings that the usual names gave, and those that the names of such studies give to other columns.

    Times that nobody can read (a clock of the experiment) are left out; gold that stands in `stimulus`, as where one of
    two is to be told, is item and gold in one.
    """
    known = {
        meaning: column for meaning, column in columns.items() if meaning not in _TIMES or _readable(values[column])
    }
    if _same_throughout(known.get("item_id"), by_name, values):
        del known["item_id"]
    who = people(by_name, values) if answer else None
    for meaning, names in NAMES.items():
        free = [by_name[name] for name in names if name in by_name]
        free = [column for column in free if column != answer and column not in known.values()]
        if meaning == "annotator":
            free = [column for column in free if column == who]
        if meaning in _TIMES:
            free = [column for column in free if _readable(values[column])]
        if free and meaning not in known:
            known[meaning] = free[0]
    if "item_id" not in known and "question" in known:
        known["item_id"] = known.pop("question")
    if "position" not in known:
        known.pop("block", None)
    elif not known.keys() & {"session", "submitted_at"}:
        # Without times, trials are in order within what the study calls a day or a visit.
        days = (by_name[name] for name in _DAYS if name in by_name)
        day = next((column for column in days if column not in (answer, *known.values())), None)
        known |= {"session": day} if day else {}
    return _judged(known, by_name, values, answer)


def unit(columns: MappingType[str, str], by_name: MappingType[str, str], values: Values) -> str | None:
    """What the durations are in, "ms" or None for seconds, by the column's name, else by how long they are."""
    column = columns.get("seconds")
    names = {name for name in NAMES["seconds"] if by_name.get(name) == column}
    if column is None or not names:
        return None
    if any(name.endswith(_IN_UNITS) for name in names):
        return "ms" if any(name.endswith("_ms") for name in names) else None
    found = figures([value.strip() for value in values[column] if value.strip()])
    longest = _LONGEST_REACTION if names & _REACTIONS else _LONGEST_RESPONSE
    return "ms" if found and median(found) >= longest else None


def notes(mapping: Mapping) -> list[str]:
    """What was guessed of such a sheet and may be wrong, as sentences."""
    said = []
    if mapping.seconds_unit == "ms" and not mapping.columns["seconds"].lower().endswith("_ms"):
        said.append(MILLISECONDS.format(column=shown(mapping.columns["seconds"])))
    decided = mapping.columns.get("review_decision", "")
    if re.sub(r"\W", "_", decided.rsplit(".", 1)[-1].casefold()) in RIGHT:
        said.append(RIGHT_OR_WRONG.format(column=shown(decided)))
    return said


def given(by_name: MappingType[str, str], values: Values, answer: str | None) -> str | None:
    """The column of answers; where `answer` and `response` are both there, the one that a judgement shows to be given.

    In studies `answer` may be the right one: then a response is right just where it is the answer.
    """
    response = next((by_name[name] for name in _GIVEN if name in by_name), None)
    if answer is None or response in (None, answer):
        return answer
    assert response is not None
    right = next((by_name[name] for name in RIGHT if name in by_name and _flags(values[by_name[name]])), None)
    return response if right and _explains(values[right], values[response], values[answer]) else answer


def _judged(
    known: dict[str, str], by_name: MappingType[str, str], values: Values, answer: str | None
) -> dict[str, str]:
    """The meanings, with what says whether answers were right: by the right answer where there is one, else as reviews.

    The right answer is the column that explains the judgements; where it is not the same throughout an item (what is
    right depends on the trial), they are reviews all the same. A column `correct` of answers is the right answer.
    Where one of a few stimuli is to be told, it is the right answer.
    """
    if answer is None or known.keys() & {"review_decision", "corrected_label"}:
        return known
    seen = _words(values[answer])
    item = known.get("item_id")
    for column in (by_name[name] for name in RIGHT if name in by_name):
        if _flags(values[column]) and column not in known.values():
            free = [name for name in values if name not in (answer, column, item) and name not in known.values()]
            explained = (name for name in free if _explains(values[column], values[answer], values[name]))
            gold = known.get("gold_label") or next(explained, None)
            if gold and (item is None or _same_in_each(values[item], values[gold])):
                return {**known, "gold_label": gold}
            rest = {meaning: other for meaning, other in known.items() if meaning != "gold_label"}
            return {**rest, "review_decision": column}
        words = _words(values[column])
        if words and words <= seen and column != answer and "gold_label" not in known:
            return {**known, "gold_label": column}
    shown = _words(values[item]) if item and item in (by_name.get(name) for name in _LABELS_OF) else set()
    if item and len(shown) > 1 and shown <= seen and "gold_label" not in known:
        return {**known, "gold_label": item}
    return known


def _flags(filled: Sequence[str]) -> bool:
    """Whether the values say right or wrong, and nothing else."""
    words = _words(filled)
    return bool(words) and words <= DECISIONS.keys() and len(words) <= 2


def _explains(right: Sequence[str], answers: Sequence[str], truths: Sequence[str]) -> bool:
    """Whether answers are right just where they are the truth, with two truths or more, in 19 of 20 rows."""
    rows = [row for row in zip(right, answers, truths, strict=False) if all(row)]
    same = sum((DECISIONS[flag.strip().casefold()] == _ACCEPT) == (one == other) for flag, one, other in rows)
    return len({truth for *_, truth in rows}) > 1 and 20 * same >= 19 * len(rows)


def _same_in_each(items: Sequence[str], truths: Sequence[str]) -> bool:
    """Whether no item has two truths."""
    pairs = {(item, truth) for item, truth in zip(items, truths, strict=False) if item and truth}
    return len(pairs) == len({item for item, _ in pairs})


def _words(filled: Sequence[str]) -> set[str]:
    return {value.strip().casefold() for value in filled if value.strip()}


def _same_throughout(column: str | None, by_name: MappingType[str, str], values: Values) -> bool:
    """Whether a column named as the item may be holds one value, and a column of stimuli more."""
    if column is None or column not in (by_name.get(name) for name in _GENERAL):
        return False
    others = (by_name[name] for name in NAMES["item_id"] if name in by_name)
    return len(_words(values[column])) == 1 and any(len(_words(values[other])) > 1 for other in others)


def _readable(filled: Sequence[str]) -> bool:
    """Whether some of the first values can be read as a time, as where there are none."""
    seen = [value.strip() for value in filled if value.strip()][:_LOOKED_AT]
    return not seen or any(_is_time(value) for value in seen)


def _is_time(value: str) -> bool:
    try:
        instant(value, Clock(day_first=True))
    except BadTimeError:
        return False
    return True
