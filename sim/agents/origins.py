"""Origins: the organisations of the source that find, sell and found things: enterprises and institutes."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

ENTERPRISE, INSTITUTE, UNIVERSITY = 0, 1, 2
KINDS = ("enterprise", "institute", "university")

COLUMNS = {
    "kind": Column(np.int8, "1", "0 enterprise, 1 institute, 2 university"),
    "zone": Column(np.int16, "1", "zone of its seat"),
    "cell": Column(np.int32, "1", "grid cell of its seat"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "staff": Column(np.float64, "count", "employees"),
    "rnd": Column(np.float64, "yuan/year", "spending on R&D"),
    "births": Column(np.float64, "count/month", "achievements expected in a month"),
    "contracts": Column(np.float64, "count/month", "service contracts expected in a month"),
    "founding": Column(np.float64, "1", "founding hazard relative to the mean of enterprises"),
    "lists": Column(np.bool_, "1", "lists its achievements at the promotion centre without being a member"),
    "member": Column(np.bool_, "1", "member of the promotion centre's platform"),
    "margin": Column(np.int64, "yuan/month", "operating margin before R&D, or an institute's budget"),
    "outlay": Column(np.int64, "yuan/month", "spending on R&D"),
    "reserve": Column(np.int64, "yuan", "cash that owners leave in it"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def population(capacity: int = 16) -> Population:
    """An empty population of origins."""
    return Population("origins", COLUMNS, capacity)
