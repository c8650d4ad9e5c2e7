"""A process that reads chunks of one export: requests on standard input, parts on standard output."""

from __future__ import annotations

import gc
import pickle
import sys
from typing import Final

import msgspec

from qc.readers.label_studio_chunks import Chunk, tasks_of
from qc.readers.label_studio_tables import part_of

LENGTH: Final = 8
"""Bytes that say how long a message is."""


def main() -> None:
    """Answers each request, a line with a chunk, by a part behind its length; by no bytes where it is no chunk."""
    # What is made here refers to nothing that refers to it: a collection would only take time.
    gc.disable()
    path, known = pickle.load(sys.stdin.buffer)
    for request in sys.stdin.buffer:
        tasks = tasks_of(path, Chunk(*msgspec.json.decode(request)))
        message = b"" if tasks is None else part_of(tasks, known).to_bytes()
        sys.stdout.buffer.write(len(message).to_bytes(LENGTH, "big") + message)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
