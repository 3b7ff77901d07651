"""What exists at the end of a month, by zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population
from sim.core.counting import count_where, sum_by
from sim.metrics.metric import Metric
from sim.world import World


def _by_zone(world: World, population: Population, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = count_where(population.zone, chosen, world.zones)
    return counted


def branches_by_zone(world: World) -> NDArray[np.int64]:
    """Branches alive in each zone."""
    return _by_zone(world, world.branches, world.branches.alive)


def _in_parks(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.branches, world.branches.alive & (world.branches.park >= 0))


def _members(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.origins, world.origins.member)


def _needs(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.manufacturers, world.manufacturers.registered)


def _shelf(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.achievements, world.achievements.alive) + world.dormant[:, world.month :].sum(axis=1)


def _ventures(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.ventures, world.ventures.alive)


def _enterprises(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.origins, world.origins.alive & (world.origins.kind == ENTERPRISE))


def _manufacturers(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.manufacturers, world.manufacturers.alive)


def _sales(world: World) -> NDArray[np.int64]:
    firms = world.manufacturers  # of those gone, sales are 0
    return np.asarray(sum_by(firms.zone, np.rint(firms.sales).astype(np.int64), world.zones))


def _debts(world: World) -> NDArray[np.int64]:
    return _by_zone(world, world.credits, world.credits.alive)


def _outstanding(world: World) -> NDArray[np.int64]:
    credits = world.credits
    total: NDArray[np.int64] = sum_by(credits.zone, np.where(credits.alive, credits.outstanding, 0), world.zones)
    return total


def _debtors(world: World) -> NDArray[np.int64]:
    credits, ledger = world.credits, world.ledger
    owes = np.zeros(ledger.used, np.bool_)
    owes[credits.debtor[credits.alive]] = True
    return np.bincount(ledger.place(np.flatnonzero(owes)), minlength=world.zones)[: world.zones]


METRICS = (
    Metric("branches_alive", "count", "last", "branches and subsidiaries alive", branches_by_zone),
    Metric("branches_in_parks", "count", "last", "of these, in parks", _in_parks),
    Metric("platform_members", "count", "last", "institutes that are members of the platform", _members),
    Metric("needs_registered", "count", "last", "manufacturers whose need is registered at the centre", _needs),
    Metric("achievements_on_shelf", "count", "last", "achievements on the shelf, at the owner's zone", _shelf),
    Metric("enterprises_alive", "count", "last", "enterprises of the source alive", _enterprises),
    Metric("manufacturers_alive", "count", "last", "manufacturers alive", _manufacturers),
    Metric("sales_yuan", "yuan", "last", "yearly sales of manufacturers", _sales),
    Metric("ventures_alive", "count", "last", "ventures alive", _ventures),
    Metric("debts", "count", "last", "loans and leases that run, at the debtor's zone", _debts),
    Metric("debts_yuan", "yuan", "last", "what is outstanding of them", _outstanding),
    Metric("debtors", "count", "last", "firms that owe a loan or lease", _debtors),
)
