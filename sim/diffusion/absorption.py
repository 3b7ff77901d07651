"""Absorptive capacity: manufacturers learn by developing, adopting, and from others nearby (MODEL.md, (20))."""

from __future__ import annotations

import math

from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.diffusion.spillovers import QUARTER, ends_a_quarter
from sim.world import World


def _learn(world: World) -> None:
    """Three months at once: what was learned decays by month, and the same knowledge nearby acts in each of them."""
    if not ends_a_quarter(world.month):
        return
    firms, p = world.manufacturers, world.scenario.diffusion.absorption
    kept = (1.0 - p.decay) ** QUARTER
    months = sum((1.0 - p.decay) ** k for k in range(QUARTER))
    _update(
        firms.alive, firms.cell, firms.field, firms.lessons, firms.learned, firms.absorption, firms.tercile,
        world.spillover, world.absorption_edges, kept, p.adoption, p.spillover * months,
    )  # fmt: skip
    firms.lessons[:] = 0


@kernel
def _update(  # type: ignore[no-untyped-def]
    alive, cell, field, lessons, learned, absorption, tercile, spillover, edges, kept, by_lesson, by_spillover
):
    for j in range(alive.size):
        if alive[j]:
            now = kept * learned[j] + by_lesson * lessons[j] + by_spillover * spillover[cell[j], field[j]]
            if now != learned[j]:
                odds = absorption[j] / (1.0 - absorption[j]) * math.exp(now - learned[j])
                absorption[j] = odds / (1.0 + odds)
                learned[j] = now
                tercile[j] = (absorption[j] > edges[0]) + (absorption[j] > edges[1])


PROCESS = Process(
    name="absorption",
    phase="learning",
    run=_learn,
    reads=("spillover", "manufacturers.alive", "manufacturers.cell", "manufacturers.field"),
    writes=("manufacturers.lessons", "manufacturers.learned", "manufacturers.absorption", "manufacturers.tercile"),
    system="A10",
    doc="manufacturers learn and forget, once a quarter",
    tier="full",
)
