"""Measures: Ibis expressions from facts to small frames of sufficient statistics."""
