"""Readers: one module per format, from bytes to canonical record batches."""
