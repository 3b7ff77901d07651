"""Adoptions under way: manufacturers that want a technology and have still to pay for it."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "technology": Column(np.int32, "1", "row of the technology", refers="technologies"),
    "firm": Column(np.int32, "1", "row of the manufacturer", refers="manufacturers"),
    "paid": Column(np.bool_, "1", "its cost is paid"),
    "waits": Column(np.int16, "month", "months for which it has waited for money"),
}


def population(capacity: int = 16) -> Population:
    """No adoptions yet."""
    return Population("adoptions", COLUMNS, capacity)
