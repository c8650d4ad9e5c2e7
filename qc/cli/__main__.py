"""`python -m qc.cli`."""

from qc.cli import main

main()
