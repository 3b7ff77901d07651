"""Obsolescence: what is stale leaves the shelf."""

from __future__ import annotations

from sim.core.counting import rows_due
from sim.core.schedule import Process
from sim.world import World


def _age(world: World) -> None:
    shelf = world.achievements
    stale = rows_due(shelf.alive, shelf.stale_at, world.month)
    shelf.retire(stale)
    world.fates["stale"] += stale.size
    world.fates["forgotten"] += int(world.dormant[:, world.month].sum())


PROCESS = Process(
    name="achievement_ageing",
    phase="ageing",
    run=_age,
    reads=("achievements.stale_at", "dormant"),
    writes=("achievements.alive", "fates"),
    system="A4, A5, A6",
    doc="achievements that have become obsolete leave the shelf",
)
