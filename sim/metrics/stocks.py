"""What exists at the end of a month, by zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population
from sim.core.compiled import kernel
from sim.core.counting import count_where
from sim.metrics.firms import ALIVE, REGISTERED, SALES, firms
from sim.metrics.metric import Metric
from sim.world import World

Counts = NDArray[np.int64]


def _by_zone(world: World, population: Population, chosen: NDArray[np.bool_]) -> Counts:
    counted: Counts = count_where(population.zone, chosen, world.zones)
    return counted


def branches_by_zone(world: World) -> Counts:
    """Branches alive in each zone."""
    return _by_zone(world, world.branches, world.branches.alive)


def _in_parks(world: World) -> Counts:
    return _by_zone(world, world.branches, world.branches.alive & (world.branches.park >= 0))


def _members(world: World) -> Counts:
    return _by_zone(world, world.origins, world.origins.member)


def _shelf(world: World) -> Counts:
    return _by_zone(world, world.achievements, world.achievements.alive) + world.dormant[:, world.month :].sum(axis=1)


def _ventures(world: World) -> Counts:
    return _by_zone(world, world.ventures, world.ventures.alive)


def _enterprises(world: World) -> Counts:
    return _by_zone(world, world.origins, world.origins.alive & (world.origins.kind == ENTERPRISE))


def _debts(world: World) -> Counts:
    """Debts, what is outstanding of them, and debtors [3, zones]."""
    credits = world.credits
    found: Counts = _owed(
        credits.zone, credits.alive, credits.outstanding, credits.debtor, world.zones, world.ledger.used
    )
    return found


@kernel
def _owed(zone, alive, outstanding, debtor, zones, accounts):  # type: ignore[no-untyped-def]
    out = np.zeros((3, zones), np.int64)
    seen = np.zeros(accounts, np.bool_)
    for i in range(zone.size):
        if alive[i]:
            out[0, zone[i]] += 1
            out[1, zone[i]] += outstanding[i]
            out[2, zone[i]] += not seen[debtor[i]]
            seen[debtor[i]] = True
    return out


METRICS = (
    Metric("branches_alive", "count", "last", "branches and subsidiaries alive", branches_by_zone),
    Metric("branches_in_parks", "count", "last", "of these, in parks", _in_parks),
    Metric("platform_members", "count", "last", "institutes that are members of the platform", _members),
    Metric(
        "needs_registered",
        "count",
        "last",
        "manufacturers whose need is registered at the centre",
        firms,
        part=REGISTERED,
    ),
    Metric("achievements_on_shelf", "count", "last", "achievements on the shelf, at the owner's zone", _shelf),
    Metric("enterprises_alive", "count", "last", "enterprises of the source alive", _enterprises),
    Metric("manufacturers_alive", "count", "last", "manufacturers alive", firms, part=ALIVE),
    Metric("sales_yuan", "yuan", "last", "yearly sales of manufacturers", firms, part=SALES),
    Metric("ventures_alive", "count", "last", "ventures alive", _ventures),
    Metric("debts", "count", "last", "loans and leases that run, at the debtor's zone", _debts, part=0),
    Metric("debts_yuan", "yuan", "last", "what is outstanding of them", _debts, part=1),
    Metric("debtors", "count", "last", "firms that owe a loan or lease", _debts, part=2),
)
