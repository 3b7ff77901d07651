"""Figures of the record whose definition is contested, read as the scenario's `observe` says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics.metric import Metric
from sim.metrics.stocks import branches_by_zone
from sim.world import World


def _branches(world: World) -> NDArray[np.int64]:
    """Those alive (net), or all that were ever there (gross)."""
    if world.scenario.observe.branch_stock == "net":
        return branches_by_zone(world)
    return branches_by_zone(world) + world.closed


def _achievements(world: World) -> NDArray[np.int64]:
    """Brokered deals that were contracted, or achievements that were promoted to firms at an introduction."""
    contracted = world.scenario.observe.achievements == "contracted"
    return world.tally.get("deals_brokered" if contracted else "introductions")


METRICS = (
    Metric("branches_observed", "count", "last", "stock of branches as `observe.branch_stock` reads it", _branches),
    Metric("achievements_observed", "count", "sum", "achievements as `observe.achievements` reads them", _achievements),
)
