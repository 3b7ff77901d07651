"""Achievements on the shelf that may yet be offered or founded upon; the others are only counted, until they are stale.

One that is sold, founded upon or stale leaves; where it went is counted.
"""

from __future__ import annotations

import numpy as np

from sim.core.columns import Column, Population

NEVER = 30_000  # a month that no run reaches

FATES = ("sold", "sold_outside", "stale", "venture", "forgotten", "orphaned", "agreed")
"""How an achievement ends; a dormant one, which has no row, is forgotten when it goes stale; one that is agreed is gone
from the shelf and waits for its buyer's money."""

COLUMNS = {
    "owner": Column(np.int32, "1", "row of its owner", refers="origins"),
    "zone": Column(np.int16, "1", "zone of its owner"),
    "field": Column(np.int8, "1", "field of technology"),
    "position": Column(np.int8, "1", "technology position on a circle of 32"),
    "quality": Column(np.float64, "1", "quality q, median 1"),
    "intensity": Column(np.float64, "share", "production intensity iota"),
    "born": Column(np.int16, "month", "month of birth"),
    "offered_at": Column(np.int16, "month", "month in which its owner offers it, or never"),
    "stale_at": Column(np.int16, "month", "month in which it becomes obsolete"),
    "ripe_at": Column(np.int16, "month", "month from which a researcher may found upon it, or never"),
    "urge": Column(np.float64, "1", "cumulated hazard at which its researcher founds, from ripeness on", finite=False),
}


def population(capacity: int = 16) -> Population:
    """An empty shelf."""
    return Population("achievements", COLUMNS, capacity)
