"""Taxes on margins (MODEL.md, (24)), paid each quarter to the government of the place, as income tax is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.world import World

QUARTER = 3
AVERAGED = 12  # quarters: "over the three years before"

Money = NDArray[np.int64]


def expect(world: World) -> None:
    """Taxes of the years before the start: as those of the start would be."""
    crowd, rate = world.origins, world.scenario.government.tax_source
    crowd.taxed[:] = 12 * rate * np.maximum(crowd.margin - crowd.outlay, 0) * (crowd.kind == ENTERPRISE)


def _collect(world: World) -> None:
    if world.month % QUARTER != QUARTER - 1:
        world.branches.tax[:] = 0
        return
    p, crowd, firms, branches = world.scenario.government, world.origins, world.manufacturers, world.branches
    paid = _pay(world, crowd, crowd.margin, crowd.outlay, crowd.alive & (crowd.kind == ENTERPRISE), p.tax_source)
    crowd.taxed[:] += (4.0 * paid - crowd.taxed) / AVERAGED
    _pay(world, firms, firms.margin, firms.outlay, firms.alive, p.tax)
    branches.tax[:] = _pay(world, branches, branches.margin, np.zeros(1, np.int64), branches.alive, p.tax)


def _pay(
    world: World, population: Population, margin: Money, cost: Money, liable: NDArray[np.bool_], rate: float
) -> Money:
    """Tax of each on three months of margin net of cost, as its cash allows; what it paid (yuan)."""
    ledger = world.ledger
    tax: Money = _due(ledger.balance, population.account, margin, cost, liable, QUARTER * rate)
    payee = world.government[world.region.zones.admin[population.zone]]
    ledger.post("tax", population.account, payee, tax)
    world.tally.add("taxes_yuan", population.zone, tax)
    return tax


@kernel
def _due(balance, account, margin, cost, liable, rate):  # type: ignore[no-untyped-def]
    out = np.zeros(account.size, np.int64)
    for i in range(account.size):
        if liable[i]:
            base = margin[i] - cost[i if cost.size > 1 else 0]
            out[i] = min(np.int64(np.rint(rate * max(base, 0))), balance[account[i]])
    return out


PROCESS = Process(
    name="taxes",
    phase="taxes",
    run=_collect,
    reads=("origins.alive", "origins.kind", "origins.zone", "origins.margin", "origins.outlay", "origins.account",
           "manufacturers.alive", "manufacturers.zone", "manufacturers.margin", "manufacturers.outlay",
           "manufacturers.account", "branches.alive", "branches.zone", "branches.margin", "branches.account"),
    writes=("origins.taxed", "branches.tax", "accounts", "tally"),
    system="firms",
    doc="each quarter firms and branches pay tax on what they earned to the government of the place",
    tier="chain",
)  # fmt: skip
