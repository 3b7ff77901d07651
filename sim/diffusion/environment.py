"""The environment of innovation (MODEL.md, (22)): what a zone's activity makes of it, and with which activity answers.

Activity is compared with frozen references, the baseline's own of January 2016 (`levels.environment`): they are never
solved anew in another scenario, or a policy would change the past. A zone without a reference has no environment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import Reals
from sim.core.clock import MONTHS_PER_YEAR
from sim.core.counting import count_where, sum_cells
from sim.core.schedule import Process
from sim.world import World


def _follow(world: World) -> None:
    turn = world.month % MONTHS_PER_YEAR
    world.recent[turn, 0] = world.tally.get("deals")
    world.recent[turn, 1] = world.tally.get("financed_yuan")
    p = world.scenario.diffusion.environment
    world.environment = world.environment + p.speed * (_aim(world) - world.environment)


def activity(world: World) -> Reals:
    """Deals of a year, ventures alive, finance of a year and knowledge (m yuan) by zone [4, zones], at scale 1."""
    seen = min(world.month + 1, MONTHS_PER_YEAR)
    deals, finance = world.recent[:seen].sum(axis=0) * (MONTHS_PER_YEAR / seen)
    ventures = count_where(world.ventures.zone, world.ventures.alive, world.zones)
    knowledge = sum_cells(world.region.grid.zone, world.knowledge, world.zones)
    return np.array([deals, ventures, finance / 1e6, knowledge / 1e6]) / world.scale


def floors(world: World) -> tuple[Reals, NDArray[np.bool_]]:
    """What smoothing adds to each activity of each zone, by heads [4, zones], and which zones have a reference."""
    reference, named = _references(world)
    people = world.region.zones.population_10k
    total = reference.sum(axis=1) / max(people[named].sum(), 1e-300)
    return world.scenario.diffusion.environment.smoothing * total[:, None] * people, named


def _references(world: World) -> tuple[Reals, NDArray[np.bool_]]:
    known, keys = world.scenario.levels.environment, world.region.zones.key
    return np.array([known.get(key, (0.0,) * 4) for key in keys]).T, np.array([key in known for key in keys])


def _aim(world: World) -> Reals:
    """E*_z: weighted log of activity over its reference; an activity that no reference has is left out."""
    reference, named = _references(world)
    added, _ = floors(world)
    counted = (added > 0.0) & named
    ratio = np.where(counted, activity(world) + added, 1.0) / np.where(counted, reference + added, 1.0)
    return np.asarray(np.array(world.scenario.diffusion.environment.weights) @ np.log(ratio))


PROCESS = Process(
    name="environment",
    phase="learning",
    run=_follow,
    reads=("tally", "ventures.alive", "ventures.zone", "knowledge"),
    writes=("environment", "recent"),
    system="A9",
    doc="the environment of each zone follows its activity",
    tier="full",
)
