"""The processes that read chunks of one export side by side."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import msgspec

import qc
from qc.model import InputError
from qc.readers.label_studio_chunks import Chunk
from qc.readers.label_studio_part import LENGTH, Parcel
from qc.readers.label_studio_submissions import Known
from qc.readers.source import Source

AHEAD: Final = 2
"""Chunks for each process that are asked for before the first of them is taken."""

Process = subprocess.Popen[bytes]


class Workers:
    """Some processes that live as long as the block; they end by themselves where this process ends."""

    def __init__(self, source: Source, known: Known, count: int) -> None:
        self._name = source.name
        self._request = pickle.dumps((source.path.resolve(), known))
        self._count = count
        self._all: list[Process] = []
        self._free: SimpleQueue[Process] = SimpleQueue()
        self._threads = ThreadPoolExecutor(count)

    def __enter__(self) -> Workers:
        root = str(Path(qc.__file__).parent.parent)
        try:
            for _ in range(self._count):
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "qc.readers.label_studio_worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": root},
                )
                self._all.append(process)
                self._free.put(process)
                self._tell(process, self._request)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._all:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            process.communicate()

    def read(self, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, Parcel | None]]:
        """The parts of chunks in their order; None for a chunk that is none. A dead process is an InputError."""
        waiting: deque[tuple[Chunk, Future[Parcel | None]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, self._threads.submit(self._read, chunk)))
            if len(waiting) > AHEAD * self._count:
                first, parcel = waiting.popleft()
                yield first, parcel.result()
        for chunk, parcel in waiting:
            yield chunk, parcel.result()

    def _read(self, chunk: Chunk) -> Parcel | None:
        process = self._free.get()
        try:
            self._tell(process, msgspec.json.encode(chunk) + b"\n")
            message = self._hear(process, int.from_bytes(self._hear(process, LENGTH), "big"))
        finally:
            # A dead process goes back, too: whoever waits for one must hear of its death.
            self._free.put(process)
        return Parcel.from_bytes(message) if message else None

    def _tell(self, process: Process, message: bytes) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(message)
            process.stdin.flush()
        except BrokenPipeError:
            raise self._death(process) from None

    def _hear(self, process: Process, size: int) -> bytes:
        assert process.stdout is not None
        message = process.stdout.read(size)
        if len(message) < size:
            raise self._death(process)
        return message

    def _death(self, process: Process) -> InputError:
        code = process.wait()
        how = f"ended by signal {-code}" if code < 0 else f"ended with exit status {code}"
        return InputError(f"A parser of {self._name} was {how}: the file is damaged, or made to harm.")
