"""Ventures of researcher-entrepreneurs."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "owner": Column(np.int32, "1", "row of the institute it came from", refers="origins"),
    "origin": Column(np.int16, "1", "zone of that institute"),
    "zone": Column(np.int16, "1", "zone"),
    "cell": Column(np.int32, "1", "grid cell"),
    "field": Column(np.int8, "1", "field of technology"),
    "quality": Column(np.float64, "1", "quality of its achievement"),
    "park": Column(np.int16, "1", "park that holds it, or -1", refers="parks"),
    "born": Column(np.int16, "month", "month of founding"),
    "fund": Column(np.int32, "1", "row of the fund that holds a stake, or -1", refers="financiers"),
    "invested_at": Column(np.int16, "month", "month of the investment"),
    "stake": Column(np.int64, "yuan", "the fund's stake at cost"),
    "backed": Column(np.int64, "yuan", "stakes of manufacturers from elsewhere, at cost", low=0),
    "leaving": Column(np.bool_, "1", "closes this month"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def population(capacity: int = 16) -> Population:
    """No ventures yet."""
    return Population("ventures", COLUMNS, capacity)
