"""Alert rules: each a frozen dataclass with a pure evaluate."""
