"""What transferred achievements have become, and what they leave behind, by zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.counting import count_where, sum_cells
from sim.metrics.firms import ABSORPTION, ADOPTERS, firms
from sim.metrics.metric import Metric
from sim.world import World

Counts = NDArray[np.int64]


def _developments(world: World) -> Counts:
    developments = world.developments
    zone = world.manufacturers.zone[developments.buyer]
    return np.asarray(count_where(zone, developments.alive, world.zones))


def _technologies(world: World) -> Counts:
    return np.asarray(count_where(world.technologies.zone, world.technologies.alive, world.zones))


def _waiting(world: World) -> Counts:
    adoptions = world.adoptions
    return np.asarray(count_where(world.manufacturers.zone[adoptions.firm], adoptions.alive, world.zones))


def _spillover(world: World) -> Counts:
    """Mean over cells and fields."""
    zone, fields = world.region.grid.zone, world.spillover.shape[1]
    number = fields * np.maximum(np.bincount(zone, minlength=world.zones), 1)
    return np.rint(1e6 * sum_cells(zone, world.spillover, world.zones) / number).astype(np.int64)


def _knowledge(world: World) -> Counts:
    return np.rint(sum_cells(world.region.grid.zone, world.knowledge, world.zones)).astype(np.int64)


def _environment(world: World) -> Counts:
    return np.rint(1e6 * world.environment).astype(np.int64)


METRICS = (
    Metric("developments_alive", "count", "last", "developments under way, at the buyer's zone", _developments),
    Metric("technologies", "count", "last", "technologies launched so far, at the pioneer's zone", _technologies),
    Metric("adoptions_waiting", "count", "last", "adoptions wanted and not paid yet", _waiting),
    Metric(
        "adopters", "count", "last", "manufacturers that have developed or adopted a technology", firms, part=ADOPTERS
    ),
    Metric(
        "absorption", "1e-6", "last", "mean absorptive capacity of manufacturers", firms, mean=True, part=ABSORPTION
    ),
    Metric("spillover", "1e-6", "last", "log of knowledge felt, relative to the start", _spillover, mean=True),
    Metric("knowledge_yuan", "yuan", "last", "stock of knowledge: depreciated R&D (full tier)", _knowledge),
    Metric("environment", "1e-6", "last", "environment of innovation, 0 as in the reference", _environment, mean=True),
)
