"""Venture funds: limited partners outside the region pay them when they invest."""

from __future__ import annotations

import numpy as np

from sim.agents.attributes import lineage
from sim.core.columns import Column, Population
from sim.core.ledger import Ledger

COLUMNS = {
    "zone": Column(np.int16, "1", "zone of its seat"),
    "powder": Column(np.int64, "yuan", "what it may still invest this year"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def settle(ledger: Ledger, seat: int, count: int) -> Population:
    """`count` funds with their seat in the zone `seat`."""
    zone = np.full(count, seat)
    population = Population("funds", COLUMNS, max(count, 1))
    population.grow(lineage(20, zone), zone=zone, account=ledger.open("funds", zone))
    return population
