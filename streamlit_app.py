"""Entry of the dashboard: chooses the page, nothing else."""

from dashboard.navigation import run

run()
