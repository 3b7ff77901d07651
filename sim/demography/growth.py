"""Growth of firms (MODEL.md, (23)): once a year, on its birthday, each is multiplied by a lognormal factor (Gibrat)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents import manufacturers, origins
from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population, Rows
from sim.core.schedule import Process
from sim.core.streams import normals, purpose
from sim.demography.exit import birthdays
from sim.world import World

GROWTH = purpose("firms.growth")


def _factor(world: World, firms: Population, rows: Rows) -> NDArray[np.float64]:
    """exp(mu - sigma^2/2 + sigma eps): the mean grows by exp(mu)."""
    p = world.scenario.demography
    noise = normals(world.key, GROWTH, firms.uid[rows], world.month, 0)
    return np.asarray(np.exp(p.growth - 0.5 * p.growth_sigma**2 + p.growth_sigma * noise))


def _grow(world: World) -> None:
    firms, crowd = world.manufacturers, world.origins
    rows = birthdays(firms.born, firms.alive, world.month)
    manufacturers.resize(firms, rows, _factor(world, firms, rows), world.scenario.populations)
    rows = birthdays(crowd.born, crowd.alive & (crowd.kind == ENTERPRISE), world.month)
    origins.resize(crowd, rows, _factor(world, crowd, rows), world.norms, world.scenario)


PROCESS = Process(
    name="firm_growth",
    phase="ageing",
    run=_grow,
    reads=("manufacturers.uid", "manufacturers.born", "manufacturers.alive", "origins.uid", "origins.born",
           "origins.alive", "origins.kind"),
    writes=("manufacturers.sales", "manufacturers.size", "manufacturers.margin", "manufacturers.outlay",
            "manufacturers.reserve", "origins.staff", "origins.rnd", "origins.births", "origins.contracts",
            "origins.founding", "origins.margin", "origins.outlay", "origins.reserve"),
    system="firms",
    doc="firms whose birthday it is grow or shrink",
    tier="chain",
)  # fmt: skip
