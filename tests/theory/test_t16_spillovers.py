"""T16: knowledge halves in effect over the half distance, is conserved on the torus, and has K* = R / delta."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import world_of
from numpy.typing import NDArray

from sim.diffusion import spillovers
from sim.diffusion.spillovers import _transformed, spread
from sim.region.grid import Grid
from sim.world import World

Reals = NDArray[np.float64]
Spread = Callable[[Grid, Reals, float], Reals]
CELL, HALF = 10.0, 30.0


def land(rows: int = 9, columns: int = 14, holes: bool = True) -> Grid:
    """A rectangle of cells, with some of them missing."""
    row, col = np.divmod(np.arange(rows * columns), columns)
    kept = (row * 7 + col * 3) % 11 > 1 if holes else np.ones(row.size, bool)
    row, col = row[kept].astype(np.int32), col[kept].astype(np.int32)
    x, y = CELL * col, CELL * row
    return Grid(CELL, np.zeros(row.size, np.int16), x, y, x, y, col, row)


def is_the_plain_sum(method: Spread) -> bool:
    """Against the sum over all pairs of cells, up to one factor that is the same for all."""
    grid = land()
    rng = np.random.default_rng(16)
    knowledge = rng.lognormal(0.0, 2.0, (len(grid), 3))
    distance = np.hypot(grid.x_km[:, None] - grid.x_km, grid.y_km[:, None] - grid.y_km)
    plain = 0.5 ** (distance / HALF) @ knowledge
    ratio = method(grid, knowledge, HALF) / plain
    return bool(np.allclose(ratio, ratio[0, 0], rtol=1e-11))


def halves_over_the_half_distance(method: Spread) -> bool:
    grid = land(holes=False)
    knowledge = np.zeros((len(grid), 1))
    knowledge[0] = 1.0
    felt = method(grid, knowledge, HALF)[:, 0]
    at = {(int(c), int(r)): f for c, r, f in zip(grid.col, grid.row, felt, strict=True)}
    return math.isclose(at[3, 0] / at[0, 0], 0.5, rel_tol=1e-11) and math.isclose(at[0, 6] / at[0, 0], 0.25)


CHECKS = (is_the_plain_sum, halves_over_the_half_distance)


@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
def test_t16(check: Callable[[Spread], bool]) -> None:
    assert check(spread)


def test_t16_total_is_conserved_on_the_torus() -> None:
    grid = land()
    kernel = _transformed(grid, HALF)
    shape = (kernel.shape[0], 2 * (kernel.shape[1] - 1))
    assert shape[0] >= 2 * grid.shape[0] - 1 and shape[1] >= 2 * grid.shape[1] - 1
    knowledge = np.random.default_rng(1).uniform(0, 1, shape)
    felt = np.fft.irfft2(np.fft.rfft2(knowledge) * kernel, shape)
    assert math.isclose(felt.sum(), knowledge.sum(), rel_tol=1e-12)
    inside = np.ones((len(grid), 1))
    assert spread(grid, inside, HALF).sum() < inside.sum()  # part of it is felt beyond the land


def on_a_small_torus(grid: Grid, knowledge: Reals, half_distance: float) -> Reals:
    """Without padding: what lies at one edge is felt at the other."""
    rows, columns = grid.shape
    y = np.minimum(np.arange(rows), rows - np.arange(rows))
    x = np.minimum(np.arange(columns), columns - np.arange(columns))
    kernel = 0.5 ** (np.hypot(y[:, None], x) * grid.cell_km / half_distance)
    plane = np.zeros((knowledge.shape[1], rows, columns))
    plane[:, grid.row, grid.col] = knowledge.T
    return np.fft.ifft2(np.fft.fft2(plane) * np.fft.fft2(kernel)).real[:, grid.row, grid.col].T


def natural_decay(grid: Grid, knowledge: Reals, half_distance: float) -> Reals:
    """exp(-d / d_half) in place of 2^(-d / d_half)."""
    return spread(grid, knowledge, half_distance * math.log(2))


def by_blocks(grid: Grid, knowledge: Reals, half_distance: float) -> Reals:
    """Distance along rows and columns: a kernel that is separable and has corners."""
    distance = np.abs(grid.x_km[:, None] - grid.x_km) + np.abs(grid.y_km[:, None] - grid.y_km)
    return np.asarray(0.5 ** (distance / half_distance) @ knowledge)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (is_the_plain_sum, on_a_small_torus),
        (is_the_plain_sum, natural_decay),
        (is_the_plain_sum, by_blocks),
        (halves_over_the_half_distance, natural_decay),
    ],
    ids=lambda f: f.__name__,
)
def test_t16_rejects(check: Callable[[Spread], bool], fault: Spread) -> None:
    assert not check(fault)


# ------------------------------------------------------------------ the stock

DELTA = 0.2


def living(**overrides: Any) -> World:
    return world_of(
        {"tier": "full", "research.backlog_years": 0, "diffusion.spillovers.depreciation": DELTA, **overrides}
    )


def quarters(world: World, number: int) -> None:
    for _ in range(3 * number):
        spillovers.PROCESS.run(world)
        world.month += 1


def stays_at_its_steady_state(world: World) -> bool:
    """K* = R / delta, with R of a year: with the spending of the start nothing changes."""
    due = 12 * spillovers.spending(world) / DELTA
    before = world.knowledge.copy()
    quarters(world, 12)
    same = np.allclose(before, due) and np.allclose(world.knowledge, due)
    return bool(same and np.abs(world.spillover).max() < 1e-9 and np.abs(world.origins.spillover).max() < 1e-9)


def months_to_half(world: World, monkeypatch: pytest.MonkeyPatch) -> float:
    """Months in which knowledge halves when nobody adds to it."""
    first = world.knowledge.sum()
    monkeypatch.setattr(spillovers, "spending", lambda world: np.zeros_like(world.knowledge))
    quarters(world, 8)
    return 24 * math.log(2) / math.log(first / world.knowledge.sum())


def test_t16_the_stock_is_spending_over_depreciation() -> None:
    assert stays_at_its_steady_state(living())


def test_t16_the_stock_halves_in_ln_2_over_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    months = months_to_half(living(), monkeypatch)
    assert math.isclose(months, math.log(2) / -math.log1p(-DELTA / 12), rel_tol=1e-12)
    assert math.isclose(months, 12 * math.log(2) / DELTA, rel_tol=0.01)


@pytest.mark.parametrize("fault", [lambda rate: rate / 10, lambda rate: rate], ids=["ten months", "a year a month"])
def test_t16_rejects_another_depreciation(fault: Callable[[float], float], monkeypatch: pytest.MonkeyPatch) -> None:
    world = living()
    monkeypatch.setattr(spillovers, "monthly_flow", fault)
    assert not stays_at_its_steady_state(world)
    monkeypatch.setattr(spillovers, "monthly_flow", fault)
    assert not math.isclose(months_to_half(living(), monkeypatch), 12 * math.log(2) / DELTA, rel_tol=0.01)


def test_births_answer_with_the_elasticity() -> None:
    """Twice the knowledge everywhere: births rise by 2^eps - 1, on average and for each origin."""
    world = living(**{"diffusion.spillovers.elasticity": 0.3})
    world.knowledge *= 2.0
    world.knowledge_near = spread(world.region.grid, world.knowledge / 2.0, 330.0)
    world.month = 2
    spillovers.PROCESS.run(world)
    kept = 1.0 + (1.0 - DELTA / 12) ** 3  # three months take what is above the steady state back towards it
    np.testing.assert_allclose(1.0 + world.origins.spillover, kept**0.3, rtol=1e-9)
