"""Licences whose price is still being paid in instalments."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "buyer": Column(np.int32, "1", "row of the buyer", refers="manufacturers"),
    "seller": Column(np.int32, "1", "row of the owner", refers="origins"),
    "instalment": Column(np.int64, "yuan", "due each month"),
    "owed": Column(np.int64, "yuan", "still to be paid"),
}


def population(capacity: int = 16) -> Population:
    """No licences yet."""
    return Population("licences", COLUMNS, capacity)
