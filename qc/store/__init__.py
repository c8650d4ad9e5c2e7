"""The record: who decided what, in SQL."""
