"""Who leaves (MODEL.md, (23)): rarer with size, by age as branches do; decided once a year, on a birthday."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents import manufacturers, origins
from sim.agents.achievements import NEVER
from sim.agents.attributes import SizeLaw, moment
from sim.agents.origins import ENTERPRISE
from sim.core.clock import MONTHS_PER_YEAR
from sim.core.columns import Population, Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import purpose, uniforms
from sim.world import World

EXIT = purpose("firms.exit")
AGE = purpose("firms.age")

OLDEST = 60  # years
SMALLEST = 0.001  # relative size below which a firm is no frailer

Reals = NDArray[np.float64]


def rates(world: World) -> Reals:
    """Yearly exit rate of a firm of mean frailty, by completed years of age."""
    given = np.array(world.scenario.demography.exit_by_age)
    return given[np.minimum(np.arange(OLDEST), given.size - 1)]


def frailty(world: World) -> tuple[float, float]:
    """Factor and power of size that give a firm's exit rate relative to the mean over the law of sizes."""
    law, power = SizeLaw.of(world.scenario.populations), -world.scenario.demography.exit_size
    return moment(law, 1.0) ** power / moment(law, power), power


def sized(world: World) -> tuple[tuple[Population, NDArray[np.bool_], Reals], ...]:
    """Manufacturers and enterprises: which rows are firms, and sizes relative to the mean of the start."""
    firms, crowd = world.manufacturers, world.origins
    staff = world.region.totals["staff_per_enterprise"].amount
    return (firms, firms.alive, firms.size), (crowd, crowd.alive & (crowd.kind == ENTERPRISE), crowd.staff / staff)


def settle_ages(world: World) -> None:
    """Ages at the start as entry and exit leave them in the long run, and what is decided for the year that runs."""
    rate = rates(world)
    alive = np.repeat(np.append(1.0, np.cumprod(1.0 - rate)[:-1]), MONTHS_PER_YEAR)
    alive *= 1.0 - np.repeat(rate, MONTHS_PER_YEAR) * np.tile(np.arange(MONTHS_PER_YEAR) / MONTHS_PER_YEAR, OLDEST)
    share = np.cumsum(alive) / alive.sum()
    for firms, is_firm, size in sized(world):
        rows = np.flatnonzero(is_firm)
        age = np.searchsorted(share, uniforms(world.key, AGE, firms.uid[rows], 0, 0)) + 1
        firms.born[rows] = -age
        begun = (age - 1) // MONTHS_PER_YEAR * MONTHS_PER_YEAR - age
        decide(world, firms, rows, size, begun, -1)


def decide(world: World, firms: Population, rows: Rows, size: Reals, begun: Rows | int, step: int) -> None:
    """Draw for each of `rows` whether it leaves within the year that began in month `begun`, and in which month.

    `size` is that of all, relative to the mean of the start. Months that have passed are known to have been survived.
    """
    u = uniforms(world.key, EXIT, firms.uid[rows], step, 0)
    begun = np.full(rows.size, begun, np.int64)
    _decide(u, rows, firms.born, size, begun, world.month, rates(world), *frailty(world), firms.leaves_at)


@kernel
def _decide(u, rows, born, size, begun, now, rate, factor, power, leaves_at):  # type: ignore[no-untyped-def]
    highest = factor * SMALLEST**power
    for k in range(rows.size):
        i = rows[k]
        age = min((begun[k] - born[i]) // 12, rate.size - 1)
        passed = max(now - begun[k] - 1, 0)
        leaves_at[i] = NEVER
        if passed == 0 and u[k] >= rate[age] * highest:
            continue
        chance = min(rate[age] * factor * max(size[i], SMALLEST) ** power, 1.0)
        v = chance * passed / 12
        v += (1.0 - v) * u[k]
        if v < chance:
            leaves_at[i] = begun[k] + 1 + min(max(int(12 * v / chance), passed), 11)


@kernel
def birthdays(born, alive, month):  # type: ignore[no-untyped-def]
    """Rows of the living that complete a year of age this month."""
    out = np.empty(born.size, np.int64)
    n = 0
    for i in range(born.size):
        if (month - born[i]) % 12 == 0 and alive[i] and born[i] < month:
            out[n] = i
            n += 1
    return out[:n].copy()


def _leave(world: World) -> None:
    """Those whose month has come leave, with their branches; on its birthday a firm's next year is decided."""
    for firms, is_firm, size in sized(world):
        firms.leaving[:] = is_firm & (firms.leaves_at == world.month)
        rows = birthdays(firms.born, is_firm & ~firms.leaving, world.month)
        decide(world, firms, rows, size, world.month, world.month)
    branches = world.branches
    branches.leaving[:] = branches.alive & world.origins.leaving[branches.parent]


def _depart(world: World) -> None:
    """What refers to a firm ends with it; what creditors have left goes to its owners outside."""
    crowd, firms = world.origins, world.manufacturers
    _end_ties(world)
    gone = np.flatnonzero(crowd.leaving & crowd.alive)
    _close(world, crowd, gone, "enterprises_left")
    origins.still(crowd, gone)
    gone = np.flatnonzero(firms.leaving & firms.alive)
    _close(world, firms, gone, "manufacturers_left")
    for holder in ("enterprises", "institutes"):
        shares = getattr(firms, f"shares_{holder}")
        world.ledger.claim("equity", holder, "manufacturers", -int(shares[gone].sum()))
    manufacturers.still(firms, gone)


def _end_ties(world: World) -> None:
    """Licences end unpaid, agreements are off, programmes undrawn, achievements without an owner leave the shelf."""
    crowd, firms, licences, shelf = world.origins, world.manufacturers, world.licences, world.achievements
    ended = licences.alive & (firms.leaving[licences.buyer] | crowd.leaving[licences.seller])
    licences.retire(np.flatnonzero(ended))
    agreements = world.agreements
    off = agreements.alive & (firms.leaving[agreements.buyer] | crowd.leaving[agreements.seller])
    agreements.retire(np.flatnonzero(off))
    world.fates["agreed"] -= int(off.sum())
    world.fates["orphaned"] += int(off.sum())
    orphans = _orphans(shelf.owner, shelf.alive, crowd.leaving)
    shelf.retire(orphans)
    world.fates["orphaned"] += orphans.size
    programmes = world.programmes
    led = programmes.rows[programmes.parent[programmes.rows] >= 0]
    left = led[crowd.leaving[programmes.parent[led]]]
    programmes.parent[left] = -1
    programmes.committed[left] = programmes.drawn[left]


@kernel
def _orphans(owner, alive, leaving):  # type: ignore[no-untyped-def]
    out = np.empty(owner.size, np.int64)
    n = 0
    for i in range(owner.size):
        if leaving[owner[i]] and alive[i]:
            out[n] = i
            n += 1
    return out[:n].copy()


def _close(world: World, firms: Population, rows: Rows, counter: str) -> None:
    ledger, account = world.ledger, firms.account[rows]
    ledger.post("liquidation", account, ledger.outside, ledger.balance[account])
    ledger.close(account)
    world.tally.add(counter, firms.zone[rows])
    world.log(counter, uid=firms.uid[rows], zone=firms.zone[rows])
    firms.retire(rows)


LEAVING = Process(
    name="firm_exit",
    phase="calendar",
    run=_leave,
    reads=("manufacturers.alive", "manufacturers.uid", "manufacturers.born", "manufacturers.size", "origins.alive",
           "origins.kind", "origins.uid", "origins.born", "origins.staff", "branches.alive", "branches.parent"),
    writes=("manufacturers.leaving", "manufacturers.leaves_at", "origins.leaving", "origins.leaves_at",
            "branches.leaving"),
    system="firms",
    doc="firms leave whose month has come, with their branches; on its birthday a firm's next year is decided",
    tier="chain",
)  # fmt: skip
DEPARTURE = Process(
    name="departures",
    phase="departure",
    run=_depart,
    reads=("origins.leaving", "manufacturers.leaving", "licences.buyer", "licences.seller", "agreements.buyer",
           "agreements.seller", "achievements.owner",
           "programmes.alive", "programmes.drawn", "origins.account", "manufacturers.account", "origins.zone",
           "manufacturers.zone"),
    writes=("origins.*", "manufacturers.*", "licences.alive", "agreements.alive", "achievements.alive",
            "programmes.parent", "programmes.committed", "fates", "accounts", "claims", "tally", "events"),
    system="firms",
    doc="what refers to a firm that leaves ends with it, and its owners get what is left",
    tier="chain",
)  # fmt: skip
