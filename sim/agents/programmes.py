"""Park programmes: an amount is pledged, and part of it drawn over years."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

COLUMNS = {
    "parent": Column(np.int32, "1", "row of the leading enterprise, or -1 once it is gone", refers="origins"),
    "origin": Column(np.int16, "1", "zone of the leading enterprise"),
    "zone": Column(np.int16, "1", "zone"),
    "cell": Column(np.int32, "1", "grid cell"),
    "park": Column(np.int16, "1", "park that holds it, or -1", refers="parks"),
    "field": Column(np.int8, "1", "field of the leading enterprise"),
    "industry": Column(np.int8, "1", "index in the declared industries"),
    "motive": Column(np.int8, "1", "0 expansion, 1 relocation, 2 diverted to another park by the chain"),
    "born": Column(np.int16, "month", "month of the pledge"),
    "started": Column(np.bool_, "1", "whether it is ever started"),
    "pledged": Column(np.int64, "yuan", "amount pledged: a promise, no flow"),
    "committed": Column(np.int64, "yuan", "part of the pledge that will be drawn"),
    "drawn": Column(np.int64, "yuan", "amount drawn"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def population(capacity: int = 16) -> Population:
    """No programmes yet."""
    return Population("programmes", COLUMNS, capacity)
