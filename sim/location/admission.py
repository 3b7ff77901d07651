"""Parks let tenants in while they have slots; who is refused may try the next of the chain (MODEL.md, (7))."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import draw_cells
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import mix, purpose, u01, uniforms
from sim.world import World

APPLY = purpose("parks.apply")
QUEUE = purpose("parks.queue")
TRY_NEXT = purpose("parks.next")

Rows = NDArray[np.int64]


def _open(world: World) -> None:
    parks = world.parks
    parks.open[:] = parks.alive & (parks.opens_at <= world.month) & (world.month < parks.closes_at)
    parks.subsidy[parks.subsidy_ends_at <= world.month] = 0.0


def occupancy(world: World) -> Rows:
    """Tenants of each park: branches, programmes and ventures."""
    tenants = np.zeros(world.parks.used, np.int64)
    for population in (world.branches, world.programmes, world.ventures):
        _count(population.alive, population.park, tenants)
    return tenants


@kernel
def _count(alive, park, tenants):  # type: ignore[no-untyped-def]
    for i in range(alive.size):
        if park[i] >= 0 and alive[i]:
            tenants[park[i]] += 1


def applications(world: World, uid: NDArray[np.uint64], zone: Rows, pull: NDArray[np.float64]) -> Rows:
    """The park that each founder wants into: the first open one of its zone with the chance that it came for it."""
    parks = world.parks
    first = np.full(world.zones + 1, -1)
    for row in _chain(world)[::-1]:
        first[parks.zone[row]] = row
    came_for_it = uniforms(world.key, APPLY, uid, world.month, 0) < -np.expm1(-np.append(pull, 0.0)[zone])
    return np.where(came_for_it, first[zone], -1)


def admit(world: World, uid: NDArray[np.uint64], wanted: Rows) -> Rows:
    """The park that takes each applicant, or -1; slots go by keyed priority, the refused move along the chain."""
    parks = world.parks
    taken = np.full(wanted.size, -1)
    applicant = np.flatnonzero(wanted >= 0)
    if applicant.size:
        who = uid[applicant]
        order = np.lexsort((who, uniforms(world.key, QUEUE, who, world.month, 0)))
        free = np.maximum(parks.capacity - occupancy(world), 0) * parks.open
        chain = _chain(world)
        taken[applicant] = _admit(
            world.key, world.month, order, who, wanted[applicant], chain, parks.uid[chain], free,
            world.scenario.location.programme.chain,
        )  # fmt: skip
    return taken


def _chain(world: World) -> Rows:
    """Rows of the open parks, in the order of the chain; a park that is not there is no stop."""
    rows = np.flatnonzero(world.parks.open)
    return rows[np.argsort(world.parks.rank[rows])]


def seat(world: World, what: np.uint32, uid: NDArray[np.uint64], zone: Rows, park: Rows) -> tuple[Rows, NDArray[Any]]:
    """Zone and cell of each tenant: those of the park that took it, else its own zone and a cell there."""
    parks = world.parks
    held = park >= 0
    if held.any():
        zone = np.where(held, parks.zone[park], zone)
    cell = draw_cells(world.key, what, uid, 0, zone, world.places)
    return zone, np.where(held, parks.cell[park], cell) if held.any() else cell


@kernel
def _admit(key, month, order, uid, wanted, parks, park_uid, free, chain):  # type: ignore[no-untyped-def]
    taken = np.full(wanted.size, -1, np.int64)
    for i in order:
        at = np.argmax(parks == wanted[i])
        for _ in range(parks.size):
            if free[parks[at]] > 0:
                free[parks[at]] -= 1
                taken[i] = parks[at]
                break
            at = (at + 1) % parks.size
            if u01(key, TRY_NEXT, mix(uid[i], park_uid[at]), month, 0) >= chain:
                break
    return taken


PROCESS = Process(
    name="parks_open",
    phase="calendar",
    run=_open,
    reads=("parks.opens_at", "parks.closes_at", "parks.subsidy_ends_at", "parks.alive"),
    writes=("parks.open", "parks.subsidy"),
    system="A3",
    doc="parks open and close, and their subsidies end, at their dates",
)
