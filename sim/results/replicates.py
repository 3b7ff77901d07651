"""Values of which each replicate has one, and that may be undefined in some."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


class OfReplicates:
    """What has one value a replicate, not a number where it is undefined."""

    values: Reals

    @property
    def defined(self) -> Reals:
        """The values of those replicates in which it is defined."""
        return self.values[np.isfinite(self.values)]

    @property
    def mean(self) -> float:
        """Mean of the defined values, if there is any."""
        return float(self.defined.mean()) if self.defined.size else math.nan

    @property
    def standard_error(self) -> float:
        """Of the mean, over replicates."""
        many = self.defined.size
        return float(self.defined.std(ddof=1)) / math.sqrt(many) if many > 1 else math.nan


def share(part: NDArray[Any], whole: NDArray[Any]) -> Reals:
    """Part over whole, element by element: not a number where there is nothing to have a share of."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
