"""Park programmes (MODEL.md, (7)): pledges from the announcement on; a pledge is a promise, not a flow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.branches import DIVERTED, EXPANSION, RELOCATION
from sim.agents.origins import ENTERPRISE, STRATA
from sim.core.compiled import inlined, kernel
from sim.core.derived import derived
from sim.core.schedule import Process
from sim.core.streams import mix, normals, offspring, poissons, purpose, race, race_of, uniforms
from sim.location.admission import admit
from sim.world import World

PLEDGE = purpose("programmes.pledge")
GROUP = purpose("programmes.group")
PARENT = purpose("programmes.parent")
AMOUNT = purpose("programmes.amount")
INDUSTRY = purpose("programmes.industry")
START = purpose("programmes.start")
MOTIVE = purpose("programmes.motive")


def expected(world: World, month: int) -> NDArray[np.float64]:
    """Pledges expected at each park in a month: a line from the announcement to the opening, then level."""
    parks = world.parks
    span = np.maximum(parks.opens_at.astype(np.int64) - parks.announced_at, 1)
    ramp = np.clip((month + 1 - parks.announced_at) / span, 0.0, 1.0)
    lives = parks.alive & (month >= parks.announced_at) & (month < parks.closes_at)
    return np.asarray(parks.programmes * ramp * lives)


@kernel
def _strata(kind, alive, stratum, staff):  # type: ignore[no-untyped-def]
    """Rows of enterprises by stratum, where each begins, and staff of each in thousandths.

    Two short races take the place of one over all enterprises.
    """
    start = np.zeros(STRATA + 1, np.int64)
    sums = np.zeros(STRATA, np.int64)
    for i in range(kind.size):
        if alive[i] and kind[i] == ENTERPRISE:
            start[stratum[i] + 1] += 1
            sums[stratum[i]] += _weight(staff[i])
    for s in range(STRATA):
        start[s + 1] += start[s]
    place = start[:-1].copy()
    rows = np.empty(start[STRATA], np.int32)
    for i in range(kind.size):
        if alive[i] and kind[i] == ENTERPRISE:
            rows[place[stratum[i]]] = i
            place[stratum[i]] += 1
    return rows, start, sums


@inlined
def _weight(staff):  # type: ignore[no-untyped-def]
    return np.int64(np.rint(1000.0 * staff))


@kernel
def _parents(key, uid, month, rows, start, sums, uids, staff):  # type: ignore[no-untyped-def]
    """The leading enterprise of each programme, by staff: a stratum first, then the enterprise."""
    out = np.empty(uid.size, np.int64)
    for i in range(uid.size):
        group = race(key, GROUP, uid[i], month, sums)
        there = rows[start[group] : start[group + 1]]
        weight = np.empty(there.size, np.int64)
        for k in range(there.size):
            weight[k] = _weight(staff[there[k]])
        out[i] = there[race_of(key, PARENT, mix(uid[i], group), month, uids[there], weight)]
    return out


def _pledge(world: World) -> None:
    parks, origins, p = world.parks, world.origins, world.scenario.location.programme
    if not parks.used or not len(origins):
        return
    count = poissons(world.key, PLEDGE, parks.uid, world.month, expected(world, world.month))
    park, uid = offspring(parks.uid, count, world.month << 20)
    if not park.size:
        return
    columns = (origins.kind, origins.alive, origins.stratum, origins.staff)
    strata = derived(world.tables, "strata", columns, lambda: _strata(*columns))
    parent = _parents(world.key, uid, world.month, *strata, origins.uid, origins.staff)
    held = admit(world, uid, np.where(parks.open[park], park, -1))
    at = np.where(held >= 0, held, park)
    diverted = parks.zone[at] != parks.zone[park]
    moves = uniforms(world.key, MOTIVE, uid, 0, 0) < np.minimum(
        world.scenario.location.branch.relocation * world.inputs.pressure[world.month], 1.0
    )
    motive = np.where(diverted, DIVERTED, np.where(moves, RELOCATION, EXPANSION))
    noise = normals(world.key, AMOUNT, uid, 0, 0)
    mean = p.amount_mean * 1e6
    pledged = np.rint(mean * np.exp(p.amount_sigma * noise - 0.5 * p.amount_sigma**2)).astype(np.int64)
    started = uniforms(world.key, START, uid, 0, 0) < p.started
    zone = parks.zone[at]
    industry = np.floor(uniforms(world.key, INDUSTRY, uid, 0, 0) * len(p.industries)).astype(np.int8)
    world.programmes.grow(
        uid,
        parent=parent,
        origin=origins.zone[parent],
        zone=zone,
        cell=parks.cell[at],
        park=held,
        field=origins.field[parent],
        industry=industry,
        motive=motive,
        born=world.month,
        started=started,
        pledged=pledged,
        committed=np.rint(pledged * p.realised * started).astype(np.int64),
        account=world.ledger.open("programmes", zone),
    )
    world.tally.add("programmes_pledged", zone)
    world.tally.add("programmes_pledged_yuan", zone, pledged)
    world.tally.move("programmes", origins.zone[parent], zone, pledged)
    world.log("programme", uid=uid, parent=origins.uid[parent], zone=zone, park=at, industry=industry, yuan=pledged)


PROCESS = Process(
    name="park_programmes",
    phase="pledging",
    run=_pledge,
    reads=(
        "parks.uid", "parks.alive", "parks.open", "parks.announced_at", "parks.opens_at", "parks.closes_at",
        "parks.programmes", "parks.zone", "parks.cell", "parks.capacity", "parks.rank",
        "branches.alive", "branches.park", "ventures.alive", "ventures.park", "origins.uid", "origins.kind",
        "origins.alive", "origins.staff", "origins.stratum", "origins.zone", "origins.field",
    ),
    writes=("programmes.*", "tables.strata", "accounts", "tally", "events"),
    system="A2",
    doc="parks attract programmes: an amount is pledged",
)  # fmt: skip
