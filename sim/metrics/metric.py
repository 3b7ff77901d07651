"""What a metric is: a function of the world with a unit, a reduction over time, and words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.world import World

Reduction = Literal["sum", "last"]


@dataclass(frozen=True)
class Metric:
    """A whole number in each zone each month; administrations and the region are sums or means of their zones.

    `reduce` says how months combine: flows add up (`sum`), of stocks the last month counts (`last`). Without a function
    to measure it, a metric is the month's counter of its name. Where one function measures several at once, a row each,
    `part` is the row of this one. Means over zones (`mean`) are weighed by population.
    """

    name: str
    unit: str
    reduce: Reduction
    doc: str
    measure: Callable[[World], NDArray[np.int64]] | None = None
    mean: bool = False
    part: int | None = None
