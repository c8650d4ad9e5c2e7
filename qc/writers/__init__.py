"""Writers: one module per format, from facts to files that others read."""
