"""Use cases, one module per job; the only place that joins the other parts."""
