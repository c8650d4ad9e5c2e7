"""A process that reads chunks of one export: requests on standard input, parts on standard output."""

from __future__ import annotations

import gc
import pickle
import resource
import sys

import msgspec

from qc.readers.child import WithoutPandas
from qc.readers.label_studio_chunks import Chunk, tasks_of
from qc.readers.label_studio_part import LENGTH
from qc.readers.label_studio_tables import part_of


def main() -> None:
    """Answers each request, a line with a chunk, by a part behind its length; by no bytes where it is none."""
    sys.meta_path.insert(0, WithoutPandas)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        # Two of these together may take what the process that started them may.
        resource.setrlimit(resource.RLIMIT_AS, (soft // 2, hard))
    # What is made here refers to nothing that refers to it: a collection would only take time.
    gc.disable()
    path, known = pickle.load(sys.stdin.buffer)
    for request in sys.stdin.buffer:
        try:
            tasks = tasks_of(path, Chunk(*msgspec.json.decode(request)))
            message = b"" if tasks is None else part_of(tasks, known).to_bytes()
        except MemoryError:
            # Whoever asked reads it with fewer tasks at a time.
            message = b""
        sys.stdout.buffer.write(len(message).to_bytes(LENGTH, "big") + message)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
