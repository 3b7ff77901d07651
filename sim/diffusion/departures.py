"""What a firm that leaves has begun ends with it: its developments and the adoptions it waits for."""

from __future__ import annotations

import numpy as np

from sim.core.schedule import Process
from sim.world import World


def _end(world: World) -> None:
    """A development goes on without its seller, and a technology without its pioneer."""
    crowd, firms, developments, adoptions = world.origins, world.manufacturers, world.developments, world.adoptions
    row = developments.rows
    buyer = developments.buyer[row]
    ended = firms.leaving[buyer]
    world.tally.add("developments_orphaned", firms.zone[buyer[ended]])
    developments.retire(row[ended])
    adoptions.retire(np.flatnonzero(adoptions.alive & firms.leaving[adoptions.firm]))
    seller, pioneer = developments.seller, world.technologies.pioneer
    seller[(seller >= 0) & crowd.leaving[seller]] = -1
    pioneer[(pioneer >= 0) & firms.leaving[pioneer]] = -1


PROCESS = Process(
    name="diffusion_departures",
    phase="closing",
    run=_end,
    reads=("origins.leaving", "manufacturers.leaving", "manufacturers.zone", "developments.buyer", "adoptions.firm"),
    writes=("developments.alive", "developments.seller", "adoptions.alive", "technologies.pioneer", "tally"),
    system="A10",
    doc="developments and adoptions of a manufacturer that leaves end",
    tier="chain",
)
