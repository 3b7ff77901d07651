"""Talent (MODEL.md, (26)): researchers move by posts, wages, travel time and environment, and carry knowledge along.

Once a quarter. Knowledge is not lost where they leave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import Reals
from sim.agents.branches import RND
from sim.core.clock import MONTHS_PER_YEAR, monthly_flow
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
    zone = world.region.grid.zone
    held = np.zeros((world.zones, world.knowledge.shape[1]))
    np.add.at(held, zone, world.knowledge)  # cells have an order of their own
    total = held.sum(axis=1)
    fields = np.divide(held, total[:, None], out=np.zeros_like(held), where=total[:, None] > 0.0)
    brought = 1e6 * world.scenario.links.talent.carried * (moved.T @ fields)
    here = np.divide(world.knowledge.sum(axis=1), total[zone], out=np.zeros(zone.size), where=total[zone] > 0.0)
    world.knowledge = world.knowledge + here[:, None] * brought[zone]


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
