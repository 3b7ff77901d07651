"""Talent (MODEL.md, (26)): researchers move by posts, wages, travel time and environment, and carry knowledge along.

Once a quarter. Knowledge is not lost where they leave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import Reals
from sim.agents.branches import RND
from sim.core.clock import MONTHS_PER_YEAR, monthly_flow
from sim.core.compiled import kernel
from sim.core.counting import sum_by
from sim.core.schedule import Process
from sim.core.streams import pairs, poissons, purpose
from sim.world import World

MOVE = purpose("talent.move")

QUARTER = 3
Money = NDArray[np.int64]


def spending(world: World) -> Money:
    """R&D of a month by zone, in yuan: what posts for researchers are counted by."""
    branches, ventures = world.branches, world.ventures
    share, each = world.scenario.diffusion.spillovers.branch_rnd, world.scenario.location.venture.spending
    rnd = branches.alive & (branches.type == RND)
    total = np.zeros(world.zones, np.int64)
    for population, yuan in (
        (world.origins, world.origins.outlay * world.origins.alive),
        (world.manufacturers, world.manufacturers.outlay * world.manufacturers.alive),
        (branches, np.rint(monthly_flow(share) * branches.paid * rnd).astype(np.int64)),
        (ventures, np.rint(monthly_flow(each) * 1e6 * ventures.alive).astype(np.int64)),
    ):
        total += sum_by(population.zone, yuan, world.zones)
    return total


def flows(world: World, posts: Reals) -> Reals:
    """Researchers expected to move in a quarter, by zone that they leave and zone that they go to."""
    p = world.scenario.links.talent
    weight = posts * world.region.zones.wage**p.wage
    weight = weight * np.exp(world.scenario.diffusion.environment.effect * world.environment)
    pull = weight * world.hours**-p.travel
    np.fill_diagonal(pull, 0.0)
    total = pull.sum(axis=1, keepdims=True)
    share = np.divide(pull, total, out=np.zeros_like(pull), where=total > 0.0)
    return np.asarray(p.rate * QUARTER / MONTHS_PER_YEAR * posts[:, None] * share)


def _move(world: World) -> None:
    if world.month % QUARTER != QUARTER - 1:
        return
    p, zones = world.scenario.links.talent, np.arange(world.zones, dtype=np.uint64)
    expected = flows(world, MONTHS_PER_YEAR * spending(world) / (1e6 * p.post))
    left, entered = (a.ravel() for a in np.meshgrid(zones, zones, indexing="ij"))
    moved = poissons(world.key, MOVE, pairs(left, entered), world.month, expected.ravel()).reshape(expected.shape)
    _carry(world, moved)
    crosses = world.region.zones.admin[:, None] != world.region.zones.admin
    origin, target = np.nonzero(moved * crosses)
    count = moved[origin, target]
    world.tally.add("talent_moved", target, count)
    world.tally.move("talent", np.repeat(origin, count), np.repeat(target, count))


def _carry(world: World, moved: Money) -> None:
    """Each brings the mix of fields of the place that was left; it is spread as knowledge is there."""
    each = 1e6 * world.scenario.links.talent.carried
    world.knowledge = _carried(world.region.grid.zone, world.knowledge, moved, each)


@kernel
def _carried(zone, knowledge, moved, each):  # type: ignore[no-untyped-def]
    """Knowledge by cell and field after the moves; sums run over cells and zones in their own order."""
    zones = moved.shape[0]
    cells, fields = knowledge.shape
    held = np.zeros((zones, fields))
    for c in range(cells):
        for f in range(fields):
            held[zone[c], f] += knowledge[c, f]
    total = np.zeros(zones)
    for z in range(zones):
        for f in range(fields):
            total[z] += held[z, f]
    brought = np.zeros((zones, fields))
    for left in range(zones):
        if total[left] > 0.0:
            for z in range(zones):
                for f in range(fields):
                    brought[z, f] += each * moved[left, z] * held[left, f] / total[left]
    out = knowledge.copy()
    for c in range(cells):
        here = 0.0
        for f in range(fields):
            here += knowledge[c, f]
        if here > 0.0:
            for f in range(fields):
                out[c, f] += brought[zone[c], f] * here / total[zone[c]]
    return out


PROCESS = Process(
    name="talent",
    phase="public",
    run=_move,
    reads=("origins.alive", "origins.zone", "origins.outlay", "manufacturers.alive", "manufacturers.zone",
           "manufacturers.outlay", "branches.alive", "branches.type", "branches.zone", "branches.paid",
           "ventures.alive", "ventures.zone", "environment"),
    writes=("knowledge", "tally"),
    system="A11",
    doc="each quarter researchers move to posts elsewhere and carry knowledge with them",
    tier="full",
)  # fmt: skip
