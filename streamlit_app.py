"""Entry of the dashboard: chooses the page, nothing else."""

from dashboard.navigation import run

# A process that is started beside the server loads this file too, and is no server.
if __name__ == "__main__":
    run()
