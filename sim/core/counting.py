"""Small compiled passes over columns: which rows are due, how many are where. Integers only, so order is free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel


def rows_due(alive: NDArray[np.bool_], at: NDArray[np.int16], month: int) -> NDArray[np.int64]:
    """Rows of the living whose date `at` is this month."""
    rows = np.flatnonzero(at == month)
    return rows[alive[rows]]


@kernel
def count_where(place, chosen, places):  # type: ignore[no-untyped-def]
    """How many of the chosen rows are in each place."""
    out = np.zeros(places, np.int64)
    for i in range(place.size):
        if chosen[i]:
            out[place[i]] += 1
    return out


@kernel
def sum_by(group, amount, groups):  # type: ignore[no-untyped-def]
    """Whole-number sum of `amount` in each group."""
    out = np.zeros(groups, np.int64)
    for i in range(group.size):
        out[group[i]] += amount[i]
    return out
