"""Readers: one module per format, from bytes to canonical record batches."""

from qc.readers.mapping import Mapping
from qc.readers.names import guess_mapping
from qc.readers.question import Question
from qc.readers.reader import Options, Reader
from qc.readers.registry import READERS, recognise
from qc.readers.report import ReadReport
from qc.readers.skeleton import MappingNeededError
from qc.readers.source import digest
from qc.readers.stage import Preview, preview, stage

__all__ = [
    "READERS",
    "Mapping",
    "MappingNeededError",
    "Options",
    "Preview",
    "Question",
    "ReadReport",
    "Reader",
    "digest",
    "guess_mapping",
    "preview",
    "recognise",
    "stage",
]
