"""The queue of the review desk: what waits for whom, who has it before them, what goes up, and how long it takes."""

from qc.workspace.queue.going_up import flag, send_up
from qc.workspace.queue.handing_out import before_people, claim, hold, leave
from qc.workspace.queue.places import Place, waiting
from qc.workspace.queue.times import Standing, standing, times

__all__ = [
    "Place",
    "Standing",
    "before_people",
    "claim",
    "flag",
    "hold",
    "leave",
    "send_up",
    "standing",
    "times",
    "waiting",
]
