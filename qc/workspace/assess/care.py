"""Section `care`: who answers too fast to have looked, what else betrays haste, and which items take long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from qc.stats.care import PersonCare, assess_care, flags
from qc.workspace.assess.agreement import COMPARABLE
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

METHOD: Final = "false discovery rate 5 % over all people and tests together (Benjamini–Hochberg)"


def section(lens: Lens) -> dict[str, Any]:
    """Everybody whom the scope names, compared with all who answered the same items, and the slowest items."""
    team = replace(lens, scope=replace(lens.scope, annotators=()))
    questions = team.frame("questions")
    comparable = questions["code"][questions["kind"].isin(COMPARABLE)].tolist()
    found = assess_care(team.frame("paced"), team.frame("gold"), comparable)
    names = _names(team, "annotator_names", "annotator", "name")
    items = _names(team, "item_names", "item", "item_id") if found.slow else {}
    words = _Words(team)
    wanted = set(lens.scope.annotators)
    people = [
        _person(names[person.annotator], person, words)
        for person in found.people
        if not wanted or names[person.annotator] in wanted
    ]
    slow = [{"item_id": items[entry.item], **plain_object(entry)} for entry in found.slow]
    for row in slow:
        del row["item"]
    return plain_object(
        {
            "method": METHOD,
            "tests": found.tests,
            "by_annotator": sorted(people, key=lambda row: row["annotator"]),
            "slow_items": slow,
        }
    )


class _Words:
    """Names of questions and labels, and times in the project's zone."""

    def __init__(self, lens: Lens) -> None:
        questions, labels = lens.frame("questions"), lens.frame("labels")
        code_of = dict(zip(questions["question"], questions["code"], strict=True))
        self._questions = {code: question for question, code in code_of.items()}
        self._labels = {(code_of[row.question], row.code): str(row.label) for row in labels.itertuples()}
        self._zone = ZoneInfo(lens.policy.timezone)

    def question(self, label: int) -> str:
        """The question that a label of the statistics belongs to."""
        return str(self._questions[label >> 32])

    def label(self, label: int) -> str:
        """The label behind a code of the statistics: question and code in one."""
        return self._labels[label >> 32, label & (2**32 - 1)]

    def time(self, ms: int | None) -> str | None:
        """ISO 8601 in the project's zone."""
        return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone).isoformat()

    def day(self, ms: int) -> str:
        """The local day."""
        return str(self.time(ms))[:10]


def _person(name: str, person: PersonCare, words: _Words) -> dict[str, Any]:
    entry = plain_object(person)
    course = entry.pop("course")
    changes = course.pop("changes")
    for row in (*changes, *course["units"]):
        row["at"] = words.time(row.pop("at_ms"))
    for run in ("longest", "unlike"):
        code = entry[run]["label"]
        known = code is not None
        entry[run]["question"] = words.question(code) if known else None
        entry[run]["label"] = words.label(code) if known else None
    noted = flags(person, words.label, words.day)
    return {
        "annotator": name,
        "n": person.n,
        "timed": person.timed,
        "fast": entry["fast"],
        "rapid_guessing": entry["guessing"],
        "longest_run": entry["longest"],
        "unlike_others": entry["unlike"],
        "unchanged_prelabel": entry["prelabels"],
        "pace": course,
        "pace_changes": changes,
        "flags": list(noted.values()),
        "noted": list(noted),
    }


def _names(lens: Lens, measure: str, code: str, name: str) -> dict[int, str]:
    frame = lens.frame(measure)
    return {int(key): str(text) for key, text in zip(frame[code], frame[name], strict=True)}
