"""Branches and subsidiaries of the source's enterprises."""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

SALES, RND, PRODUCTION = 0, 1, 2
TYPES = ("sales", "R&D", "production")
EXPANSION, RELOCATION, DIVERTED = 0, 1, 2
MOTIVES = ("expansion", "relocation", "diverted")

COLUMNS = {
    "parent": Column(np.int32, "1", "row of its parent", refers="origins"),
    "origin": Column(np.int16, "1", "zone of its parent"),
    "zone": Column(np.int16, "1", "zone"),
    "cell": Column(np.int32, "1", "grid cell"),
    "field": Column(np.int8, "1", "field of technology"),
    "type": Column(np.int8, "1", "0 sales, 1 R&D, 2 production"),
    "subsidiary": Column(np.bool_, "1", "a legal person of its own"),
    "motive": Column(np.int8, "1", "0 expansion, 1 relocation, 2 diverted by a lever"),
    "instead": Column(np.int16, "1", "zone it would have gone to without levers; the number of zones: elsewhere"),
    "park": Column(np.int16, "1", "park that holds it, or -1", refers="parks"),
    "born": Column(np.int16, "month", "month of founding"),
    "frailty": Column(np.float64, "1", "exit rate relative to the mean of its age"),
    "subscribed": Column(np.int64, "yuan", "capital its parent promised"),
    "paid": Column(np.int64, "yuan", "capital paid in"),
    "margin": Column(np.int64, "yuan/month", "margin of this month, net of rent", low=0),
    "tax": Column(np.int64, "yuan", "tax paid this month", low=0),
    "shareable": Column(np.int64, "yuan", "tax that may still be shared with the place it left", low=0),
    "leaving": Column(np.bool_, "1", "closes this month"),
    "account": Column(np.int32, "1", "account in the ledger"),
}


def population(capacity: int = 16) -> Population:
    """An empty population of branches."""
    return Population("branches", COLUMNS, capacity)
