"""Knowledge and its spillovers (MODEL.md, (21)): R&D adds to the knowledge of a cell and field, felt around it.

Once a quarter. The convolution with 2^(-distance / half distance) is done by zero-padded fast Fourier transforms along
both axes; the kernel sums to 1, so that on the padded torus nothing is lost. Only its ratio to that of the start acts.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import Reals
from sim.agents.branches import RND
from sim.core.clock import monthly_flow
from sim.core.counting import sum_by
from sim.core.schedule import Process
from sim.region.grid import Grid
from sim.world import World

QUARTER = 3  # months


def ends_a_quarter(month: int) -> bool:
    return month % QUARTER == QUARTER - 1


def begin(world: World) -> None:
    """Knowledge at the start is what the R&D of the start would keep up for ever."""
    p = world.scenario.diffusion.spillovers
    rate = monthly_flow(p.depreciation) or 1.0
    world.knowledge = spending(world) / rate
    world.knowledge_near = spread(world.region.grid, world.knowledge, p.half_distance)


def spending(world: World) -> Reals:
    """R&D of a month by cell and field (yuan): origins, manufacturers, R&D branches, ventures."""
    p = world.scenario.diffusion.spillovers
    branches, ventures = world.branches, world.ventures
    rnd = branches.alive & (branches.type == RND)
    rate = monthly_flow(world.scenario.location.venture.spending) * 1e6
    fields = len(world.region.fields)
    total = np.zeros(len(world.region.grid) * fields, np.int64)
    for population, yuan in (
        (world.origins, world.origins.outlay * world.origins.alive),
        (world.manufacturers, world.manufacturers.outlay * world.manufacturers.alive),
        (branches, np.rint(monthly_flow(p.branch_rnd) * branches.paid * rnd).astype(np.int64)),
        (ventures, np.rint(rate * ventures.alive).astype(np.int64)),
    ):
        total += sum_by(population.cell.astype(np.int64) * fields + population.field, yuan, total.size)
    return np.asarray(total.reshape(-1, fields), np.float64)


def spread(grid: Grid, knowledge: Reals, half_distance: float) -> Reals:
    """What of each cell's knowledge is felt in each cell: [cells, fields] to [cells, fields]."""
    rows, columns = grid.shape
    kernel = _transformed(grid, half_distance)
    tall, wide = kernel.shape[0], 2 * (kernel.shape[1] - 1)
    plane = np.zeros((knowledge.shape[1], rows, columns))
    plane[:, grid.row, grid.col] = knowledge.T
    # Row by row, only the rows that hold land; then the columns, filled up with zeros.
    waves = np.fft.ifft(np.fft.fft(np.fft.rfft(plane, wide, axis=2), tall, axis=1) * kernel, axis=1)
    felt = np.fft.irfft(waves[:, :rows], wide, axis=2)[:, grid.row, grid.col].T
    return np.ascontiguousarray(np.maximum(felt, 0.0))  # rounding may leave less than nothing where nothing is


@lru_cache(maxsize=4)
def _transformed(grid: Grid, half_distance: float) -> NDArray[np.complex128]:
    """Transform of the kernel on a torus so large that no cell is felt on both sides."""
    rows, columns = grid.shape
    tall, wide = _smooth(2 * rows - 1), _smooth(2 * columns - 1, even=True)
    y = np.minimum(np.arange(tall), tall - np.arange(tall))
    x = np.minimum(np.arange(wide), wide - np.arange(wide))
    kernel = 0.5 ** (np.hypot(y[:, None], x) * grid.cell_km / half_distance)
    return np.asarray(np.fft.rfft2(kernel / kernel.sum()))


def _smooth(size: int, even: bool = False) -> int:
    """The next number without prime factors above 5: transforms of such lengths are fast."""
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1 and not (even and size % 2):
            return size
        size += 1


def _spill(world: World) -> None:
    if not ends_a_quarter(world.month):
        return
    p, grid, origins = world.scenario.diffusion.spillovers, world.region.grid, world.origins
    kept = (1.0 - monthly_flow(p.depreciation)) ** QUARTER
    months = sum((1.0 - monthly_flow(p.depreciation)) ** k for k in range(QUARTER))
    world.knowledge = kept * world.knowledge + months * spending(world)
    near = spread(grid, world.knowledge, p.half_distance)
    known = (near > 0.0) & (world.knowledge_near > 0.0)
    ratio = np.where(known, near, 1.0) / np.where(known, world.knowledge_near, 1.0)
    world.spillover = np.log(ratio)
    origins.spillover[:] = np.expm1(p.elasticity * world.spillover)[origins.cell, origins.field]


PROCESS = Process(
    name="spillovers",
    phase="knowledge",
    run=_spill,
    reads=("origins.alive", "origins.outlay", "origins.cell", "origins.field", "manufacturers.alive",
           "manufacturers.outlay", "manufacturers.cell", "manufacturers.field", "branches.alive", "branches.type",
           "branches.paid", "branches.cell", "branches.field", "ventures.alive", "ventures.cell", "ventures.field"),
    writes=("knowledge", "spillover", "origins.spillover"),
    system="A10",
    doc="R&D becomes knowledge, which is felt nearby, once a quarter",
    tier="full",
)  # fmt: skip
