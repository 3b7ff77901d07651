"""New firms (MODEL.md, (23)): a Poisson number in each zone, by the laws of those that are there from the start."""

from __future__ import annotations

import numpy as np

from sim.agents import enterprises, manufacturers, origins
from sim.agents.origins import ENTERPRISE
from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.schedule import Process
from sim.core.streams import offspring, poissons, purpose
from sim.demography.exit import decide, sized
from sim.world import World

ENTRY = purpose("firms.entry")

FIRST = 1 << 20  # numbers below it belong to the firms of the start
KIND = {"enterprises": 1 + ENTERPRISE, "manufacturers": 10}


def _enter(world: World) -> None:
    ground, mean = world.ground, world.scenario.demography.entrant_size
    zone, uid = _newborn(world, "manufacturers")
    makers = manufacturers.enter(world.manufacturers, ground, uid, zone, mean, world.month, world.absorption_edges)
    zone, uid = _newborn(world, "enterprises")
    founded = enterprises.enter(world.origins, ground, uid, zone, mean, world.month)
    origins.expect(world.origins, founded, world.norms, world.scenario)
    names = ("manufacturers", "enterprises")
    for name, rows, (firms, _, size) in zip(names, (makers, founded), sized(world), strict=True):
        world.ledger.post("founders", world.ledger.outside, firms.account[rows], firms.reserve[rows])
        decide(world, firms, rows, size, world.month, world.month)
        world.tally.add(f"{name}_entered", firms.zone[rows])
        world.log(f"{name}_entered", uid=firms.uid[rows], zone=firms.zone[rows])


def _newborn(world: World, kind: str) -> tuple[Rows, np.ndarray]:
    """Zone and identity of each new firm of a kind; a zone without any at the start gets none."""
    place = 1000 * KIND[kind] + np.arange(world.zones).astype(np.uint64)
    mean = world.region.zones.counts[kind] * world.scale * monthly_flow(world.scenario.demography.entry)
    count = poissons(world.key, ENTRY, place, world.month, mean)
    zone, uid = offspring(place, count, FIRST * (world.month + 1))
    return zone, uid


PROCESS = Process(
    name="firm_entry",
    phase="entry",
    run=_enter,
    writes=("origins.*", "manufacturers.*", "accounts", "tally", "events"),
    system="firms",
    doc="enterprises and manufacturers are founded",
    tier="chain",
)  # fmt: skip
