"""The record: who decided what, in SQL. Everything that enters a figure is append-only with a revision."""

from qc.store.record import Store, open_store

__all__ = ["Store", "open_store"]
