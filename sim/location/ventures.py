"""Researcher-entrepreneurs (MODEL.md, (8)): who founds upon a ripe achievement, and where the product is made.

A researcher founds when the cumulated hazard since ripeness passes a keyed exponential threshold, so that a policy
can never delay a founding on which it has no bearing.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import pairs, purpose
from sim.location.admission import admit, applications, seat
from sim.location.choice import choose, economy, manufacturing, park_pull
from sim.world import World

WHERE = purpose("ventures.where")
CELL = purpose("ventures.cell")


@kernel
def _due(alive, ripe_at, urge, zone, month, before, now):  # type: ignore[no-untyped-def]
    """Rows whose threshold is passed this month; what ripens now starts to count from the hazard so far."""
    out = np.empty(alive.size, np.int64)
    n = 0
    for i in range(alive.size):
        if ripe_at[i] == month:
            urge[i] += before[zone[i]]
        out[n] = i
        n += alive[i] & (ripe_at[i] <= month) & (urge[i] <= now[zone[i]])
    return out[:n].copy()


def _found(world: World) -> None:
    shelf, origins, zones = world.achievements, world.origins, world.region.zones
    p = world.scenario.location.venture
    better = world.scenario.diffusion.environment.effect * world.environment
    before = world.venture_urge
    served = 1.0 + p.service_founding * world.services
    world.venture_urge = before + world.scenario.levels.venture_hazard * served * np.exp(better)
    row = _due(shelf.alive, shelf.ripe_at, shelf.urge, shelf.zone, world.month, before, world.venture_urge)
    uid = pairs(shelf.uid[row], np.full(row.size, 1 << 42, np.uint64))
    owner, origin, field = shelf.owner[row], shelf.zone[row], shelf.field[row]
    source = ~world.receiving
    utility = (
        p.home * source
        + world.scenario.location.choice.size * economy(world)
        + p.manufacturing * shelf.intensity[row][:, None] * manufacturing(world)[:, field].T
        - p.travel * np.log(world.hours)[origin]
        + np.array([world.scenario.location.choice.pull.get(a.key, 0.0) for a in world.region.admins])[zones.admin]
        + better
    )
    pull = park_pull(world, p.park)
    zone, _ = choose(world.key, WHERE, uid, world.month, np.exp(utility), np.exp(pull), 0.0)
    park = admit(world, uid, applications(world, uid, zone, pull))
    zone, cell = seat(world, CELL, uid, zone, park)
    account = world.ledger.open("ventures", zone)
    world.ventures.grow(
        uid,
        owner=owner,
        origin=origin,
        zone=zone,
        cell=cell,
        field=field,
        quality=shelf.quality[row],
        park=park,
        born=world.month,
        fund=-1,
        account=account,
    )
    own = np.full(row.size, math.floor(p.own_money * 1e6))
    world.ledger.post("founders", world.ledger.outside, account, own)
    world.tally.add("ventures_founded", zone)
    world.tally.move("ventures", origin, zone, own)
    world.log("venture", uid=uid, institute=origins.uid[owner], zone=zone, field=field, park=park)
    shelf.retire(row)
    world.fates["venture"] += row.size


PROCESS = Process(
    name="venture_founding",
    phase="spin_off",
    run=_found,
    reads=(
        "environment",
        "achievements.owner", "achievements.zone", "achievements.field", "achievements.quality",
        "achievements.intensity", "achievements.ripe_at", "achievements.uid",
        "tables.manufacturing", "manufacturers.zone", "manufacturers.field", "manufacturers.size",
        "manufacturers.alive", "parks.uid", "parks.rank", "parks.open", "parks.zone",
        "parks.cell", "parks.subsidy", "parks.capacity", "branches.park", "branches.alive", "programmes.park",
        "programmes.alive", "origins.uid",
    ),
    writes=("ventures.*", "achievements.alive", "achievements.urge", "venture_urge", "accounts", "tally", "fates",
            "events"),
    system="A6",
    doc="researchers found ventures upon ripe achievements, where manufacturing is or at home",
)  # fmt: skip
