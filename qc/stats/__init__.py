"""Statistics: pure functions over small arrays and frames that return Estimates."""
