"""Technologies: developments that succeeded, and that other manufacturers may adopt."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "serial": Column(np.int32, "1", "how many came before it"),
    "field": Column(np.int8, "1", "field in which it is made: the pioneer's"),
    "position": Column(np.int8, "1", "technology position at which it is made: the pioneer's"),
    "quality": Column(np.float64, "1", "quality of the achievement behind it"),
    "pioneer": Column(np.int32, "1", "row of the manufacturer that developed it, or -1", refers="manufacturers"),
    "zone": Column(np.int16, "1", "zone of the pioneer"),
    "born": Column(np.int16, "month", "month of its success"),
    "adopters": Column(np.int32, "count", "manufacturers that have it, the pioneer among them"),
}


def population(capacity: int = 16) -> Population:
    """No technologies yet."""
    return Population("technologies", COLUMNS, capacity)
