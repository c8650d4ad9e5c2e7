"""The weeks that rules compare: the last one that is over, and those before.

A rule that looks at whole weeks says the same however often it is asked within one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_EPOCH: Final = date(1970, 1, 1).toordinal()
DAY_MS: Final = 86_400_000


def week_of(days: pd.Series) -> NDArray[np.int64]:
    """The number of the week, from Monday on, that each day is in; days are counted from 1970, a Thursday."""
    return np.asarray((days.to_numpy(np.int64) + 3) // 7, np.int64)


def today(now: datetime, zone: str) -> int:
    """The day of a moment in the project's zone, counted from 1970."""
    return now.astimezone(ZoneInfo(zone)).date().toordinal() - _EPOCH


def last_over(weeks: NDArray[np.int64], day: int) -> int | None:
    """The last of the weeks that was over on that day; None without any."""
    over = weeks[weeks < (day + 3) // 7]
    return int(over.max()) if len(over) else None


def monday(week: int) -> str:
    """The first day of a week."""
    return date.fromordinal(week * 7 - 3 + _EPOCH).isoformat()
