"""Annotation QC: whose labels need a second look, and the evidence for it."""

__version__ = "0.1.0"
