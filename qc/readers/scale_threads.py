"""Scale's tasks of the second version: answers on conversations, on their turns and on each message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from qc.model import Kind, Status
from qc.readers.authors import MERGED, author
from qc.readers.described import described
from qc.readers.drawings import chosen, written
from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records, Row

NO_THREAD: Final = "a thread, turn, message or answer is no object"
NO_KEY: Final = "an answer has no key"
SEVERAL: Final = "{n} threads were submitted by several people in turn; their answers are taken for the last one's"
KEPT: Final = "{n} answers of type {kind} were not understood and are kept in `extra`"

_LONGEST: Final = 40


def stage_threads(records: Records, task: Row, options: Options) -> None:
    """Adds the answers of one task; each thread, turn and message with answers is an item of its own."""
    name = str(task["task_id"])
    own = {key: task[key] for key in ("batch", "tags", "project") if key in task}
    about = described(as_dict(task.get("metadata")) | own, task, options)
    threads = _objects(task.get("threads"))
    for place, thread in enumerate(threads):
        item_id = name if len(threads) == 1 else f"{name}/{identity(thread.get('id')) or place}"
        submissions = _objects(thread.get("submissions"))
        records.note(SEVERAL, int(len({identity(entry.get("contributor_id")) for entry in submissions}) > 1))
        last = submissions[-1] if submissions else {}
        given = author(identity(last.get("contributor_id")), options)
        records.note(MERGED, int(given.name == given.role.value == "consensus"))
        base = {"annotator": given.name, "role": given.role, **records.times(submitted=last.get("submitted_at"))}
        for level, suffix, text, answers in _levels(thread):
            records.item(item_id + suffix, {**about, "media": "text", "text": text})
            mine = {**base, "item_id": item_id + suffix, "annotation_id": given.submission(item_id + suffix)}
            for answer in answers:
                records.answer(mine | _answer(records, level, answer))


def _levels(thread: Row) -> Iterator[tuple[str, str, str | None, Sequence[Row]]]:
    """Level, what its item's id takes, its text, and its answers, where it has any."""
    turns = _objects(thread.get("turns"))
    if answers := _objects(thread.get("annotations")):
        yield "thread", "", None, answers
    for place, turn in enumerate(turns, 1):
        name = f"/{identity(turn.get('id')) or place}"
        messages = _objects(turn.get("messages"))
        if answers := _objects(turn.get("annotations")):
            prompt = next((text for message in messages if (text := _text(message))), None)
            yield "turn", name, prompt, answers
        for number_, message in enumerate(messages, 1):
            if answers := _objects(message.get("annotations")):
                yield "message", f"{name}/{number_}", _text(message), answers


def _objects(value: Any) -> list[Row]:
    found = as_list(value)
    if not all(isinstance(entry, dict) for entry in found):
        raise BadRecordError(NO_THREAD)
    return found


def _text(message: Row) -> str | None:
    return text_of(as_dict(message.get("content")).get("text"))


def _answer(records: Records, level: str, answer: Row) -> Row:
    """The columns of one answer; what does not apply or cannot be assessed is skipped."""
    key = identity(answer.get("key"))
    if key is None:
        raise BadRecordError(NO_KEY)
    extra = {name: answer[name] for name in ("justification",) if answer.get(name)}
    row: Row = {"question": f"{level}/{key}", "extra": extra}
    flags = [name for name in ("not_applicable", "cannot_assess") if answer.get(name) is True]
    if flags:
        return row | {"status": Status.SKIPPED, "kind": Kind.NONE, "extra": extra | {"flags": flags}}
    value = _value(text_of(answer.get("type")), answer.get("value"))
    if value is None:
        kind = f"{answer.get('type')}"[:_LONGEST].replace("{", "(")
        records.note(KEPT.replace("{kind}", kind))
        return row | {"kind": Kind.TEXT, "extra": extra | {"answer": answer}}
    return row | value


def _value(kind: str | None, value: Any) -> Row | None:
    """The columns of a value by its type, None where it is not understood."""
    texts = [text for entry in as_list(value) if (text := identity(entry))]
    match kind:
        case "integer" if isinstance(value, int | float) and number(value) is not None:
            return {"kind": Kind.ORDINAL, "number": number(value)}
        case "boolean" if isinstance(value, bool):
            return chosen(["true" if value else "false"], False)
        case "category" if identity(value):
            return chosen([str(identity(value))], False)
        case "category_multiple" if texts:
            return chosen(texts, True)
        case "text" if isinstance(value, str):
            return written(value)
        case "ranked_choices" if texts:
            return {"kind": Kind.RANKING, "labels": texts}
        case "ranked_groups" if as_list(value) and all(as_list(group) for group in as_list(value)):
            groups = [sorted(filter(None, map(identity, group))) for group in as_list(value)]
            return {"kind": Kind.RANKING, "labels": [" = ".join(group) for group in groups]}
    return None
