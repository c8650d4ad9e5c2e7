"""Error rates of periods against the limits of chance, where periods differ more than chance alone allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RateChart:
    """Laney's p′ chart: the mean rate, the limits of each period, and by how much periods differ beyond chance.

    `sigma_z` is 1 where they differ as chance has it; then the limits are those of the ordinary p chart.
    """

    centre: float
    sigma_z: float
    low: Floats
    high: Floats


def rate_chart(errors: ArrayLike, n: ArrayLike, spread: float | None = None) -> RateChart:
    """The p′ chart of errors among n judged answers, one entry per period in time order, all n > 0.

    sigma_z is the mean moving range of the standardised rates over 1.128, as Minitab defines it; `spread` sets it
    instead (1: the p chart). Source: Laney 2002.
    """
    wrong, size = np.asarray(errors, float), np.asarray(n, float)
    centre = float(wrong.sum() / size.sum())
    sigma = np.sqrt(centre * (1 - centre) / size)
    if spread is None:
        z = (wrong / size - centre) / np.where(sigma > 0, sigma, 1.0)
        spread = float(np.abs(np.diff(z)).mean() / 1.128) if z.size > 1 else 1.0
    reach = 3 * sigma * spread
    return RateChart(centre, spread, np.maximum(0.0, centre - reach), np.minimum(1.0, centre + reach))
