"""Label Studio's JSON export: a list of tasks with annotations, predictions, drafts and reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from qc.readers.decoding import value_of
from qc.readers.elements import elements
from qc.readers.label_studio_chunks import beginning
from qc.readers.label_studio_part import deliver
from qc.readers.label_studio_questions import LOOK_AHEAD, Questions
from qc.readers.label_studio_reading import parts
from qc.readers.label_studio_submissions import Known
from qc.readers.label_studio_tasks import answered, members
from qc.readers.reader import Options
from qc.readers.source import Source
from qc.readers.staging import Staging


def sniff(source: Source) -> int:
    """A JSON list whose first task shows annotations or predictions beside its data."""
    text = source.text().lstrip("\ufeff \r\n\t")
    tasks = any(f'"{name}"' in text for name in ("annotations", "completions", "predictions"))
    return 80 if text.startswith("[") and tasks and '"data"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the submissions of every task; the record that is counted is the submission."""
    first = _first(source)
    known = Known(options, _questions(first))
    for parcel, reached in parts(source, known, beginning(first)):
        deliver(parcel, staging, staging.tally.read)
        staging.progress(reached)
    # Parts are of any size: the order in which they remark on something must not tell.
    staging.tally.notes = Counter(dict(sorted(staging.tally.notes.items())))


def _first(source: Source) -> list[bytes]:
    with source.stream() as stream:
        return list(islice(elements(stream, source.name), LOOK_AHEAD))


def _questions(tasks: Sequence[bytes]) -> Questions:
    """What the first tasks tell of the questions."""
    questions = Questions()
    for raw in tasks:
        for submission in answered(value_of(raw, set())):
            questions.learn(members(submission, "result"))
    return questions
