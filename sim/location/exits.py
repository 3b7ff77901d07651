"""How branches and ventures end: by age, and later if they were founded with more capital (MODEL.md, (6))."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.clock import MONTHS_PER_YEAR, monthly_chance
from sim.core.columns import Population, Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import purpose, uniforms
from sim.parameters.location import Branch
from sim.world import World

BRANCH_EXIT = purpose("branches.exit")
VENTURE_EXIT = purpose("ventures.exit")

OLDEST = 60 * MONTHS_PER_YEAR
Reals = NDArray[np.float64]


def monthly_exit(p: Branch) -> Reals:
    """Monthly exit chance by age in months, from the yearly rates by completed years."""
    chance = np.array([monthly_chance(rate) for rate in p.exit_by_age])
    years = np.minimum(np.arange(OLDEST) // MONTHS_PER_YEAR, chance.size - 1)
    return np.asarray(chance[years])


def own_exit(world: World) -> Reals:
    """Of that, what is not its parent's leaving: rates by age count both, and in tier core parents do not leave."""
    p = world.scenario.location.branch
    chance = monthly_exit(p)
    if world.scenario.tier == "core":
        return chance
    return np.asarray(np.maximum(1.0 - (1.0 - chance) / (1.0 - monthly_chance(p.exit_with_parent)), 0.0))


def survival(chance: Reals) -> Reals:
    """Share of a cohort that is alive at each age in months, from 1 month on."""
    return np.asarray(np.cumprod(1.0 - chance))


@kernel
def _leavers(key, what, uid, alive, born, frailty, chance, scale, month):  # type: ignore[no-untyped-def]
    u = uniforms(key, what, uid, month, 0)
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        out[n] = i
        age = min(max(month - born[i], 0), chance.size - 1)
        n += alive[i] and u[i] < chance[age] * frailty[i] * scale
    return out[:n]


def _frailty(world: World) -> Reals:
    """Exit rate of each branch relative to the mean of its age; tenants of a closed park leave sooner."""
    branches, parks = world.branches, world.parks
    closed = np.append(parks.closes_at <= world.month, False)  # the last is no park, or -1
    if not closed.any():
        return np.asarray(branches.frailty)
    return np.where(closed, world.scenario.location.branch.exit_closed, 1.0)[branches.park] * branches.frailty


def _branches(world: World) -> None:
    branches, p = world.branches, world.scenario.location.branch
    rows = _leavers(
        world.key, BRANCH_EXIT, branches.uid, branches.alive, branches.born, _frailty(world), own_exit(world),
        p.exit_scale, world.month,
    )  # fmt: skip
    branches.leaving[rows] = True


def _ventures(world: World) -> None:
    ventures, p = world.ventures, world.scenario.location
    rows = _leavers(
        world.key, VENTURE_EXIT, ventures.uid, ventures.alive, ventures.born, np.ones(ventures.used),
        monthly_exit(p.branch), p.venture.exit_scale / (1.0 + p.venture.service_survival * world.services),
        world.month,
    )  # fmt: skip
    ventures.leaving[rows] = True


def _close(world: World) -> None:
    """What creditors have left goes to the owners: parents, or founders and investors outside."""
    branches, ventures = world.branches, world.ventures
    rows = np.flatnonzero(branches.leaving & branches.alive)
    world.tally.add("branches_closed", branches.zone[rows])
    age = (world.month - branches.born[rows].astype(np.int64)) // MONTHS_PER_YEAR
    world.tally.bin("branches_closed_by_age", branches.zone[rows], age)
    np.add.at(world.closed, branches.zone[rows], 1)
    _liquidate(world, branches, rows, world.origins.account[branches.parent[rows]])
    rows = np.flatnonzero(ventures.leaving & ventures.alive)
    world.tally.add("ventures_closed", ventures.zone[rows])
    world.ledger.claim("equity", "funds", "ventures", -int(ventures.stake[rows].sum()))
    world.ledger.claim("equity", "manufacturers", "ventures", -int(ventures.backed[rows].sum()))
    _liquidate(world, ventures, rows, np.zeros(rows.size, np.int32))


def _liquidate(world: World, population: Population, rows: Rows, heirs: NDArray[np.int32]) -> None:
    """Pay what is left to the heirs, close the accounts, retire the rows."""
    accounts = population.account[rows]
    world.ledger.post("liquidation", accounts, heirs, world.ledger.balance[accounts])
    world.ledger.close(accounts)
    population.retire(rows)


BRANCHES = Process(
    name="branch_exit",
    phase="exit",
    run=_branches,
    reads=("branches.uid", "branches.alive", "branches.born", "branches.frailty", "branches.park", "parks.closes_at"),
    writes=("branches.leaving",),
    system="A1",
    doc="branches close, most often in their third year",
)
VENTURES = Process(
    name="venture_exit",
    phase="exit",
    run=_ventures,
    reads=("ventures.uid", "ventures.alive", "ventures.born"),
    writes=("ventures.leaving",),
    system="A6",
    doc="ventures close",
)
CLOSING = Process(
    name="closing",
    phase="closing",
    run=_close,
    reads=("branches.leaving", "branches.zone", "branches.born", "branches.parent", "branches.account",
           "origins.account",
           "ventures.leaving", "ventures.zone", "ventures.stake", "ventures.backed", "ventures.account"),
    writes=("branches.alive", "ventures.alive", "closed", "accounts", "tally", "claims"),
    system="A1, A6, firms",
    doc="owners get what is left of what closes; stakes in it are written off",
)  # fmt: skip
