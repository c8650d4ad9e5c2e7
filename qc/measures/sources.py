"""What the sources of judgement are called."""

from typing import Final

ADJUDICATION: Final = "adjudication"
GOLD: Final = "gold"
REVIEW: Final = "review"
CONSENSUS: Final = "consensus"
