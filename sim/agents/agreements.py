"""Deals that are agreed and wait for their money; the achievement has left the shelf."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "achievement": Column(np.uint64, "1", "identity of the achievement"),
    "seller": Column(np.int32, "1", "row of its owner", refers="origins"),
    "buyer": Column(np.int32, "1", "row of the buyer", refers="manufacturers"),
    "origin": Column(np.int16, "1", "zone of its owner"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "quality": Column(np.float64, "1", "quality q, median 1"),
    "brokered": Column(np.bool_, "1", "introduced by the promotion centre"),
    "mode": Column(np.int8, "1", "0 assignment, 1 licence, 2 equity"),
    "price": Column(np.int64, "yuan", "price agreed", low=0),
    "upfront": Column(np.int64, "yuan", "part of it due at signing", low=0),
    "fee": Column(np.int64, "yuan", "the promotion centre's fee", low=0),
    "until": Column(np.int16, "month", "last month in which the money is sought"),
}


def population(capacity: int = 16) -> Population:
    """No deals are waiting."""
    return Population("agreements", COLUMNS, capacity)
