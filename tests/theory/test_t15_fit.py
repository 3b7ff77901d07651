"""T15: cognitive fit is an inverted U: g(d) = exp(-(d - d*)^2 / (2 w^2)), d = 2 circular distance / 32 in [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.exchange.market import fit_table
from sim.parameters.exchange import Exchange

Table = Callable[[Exchange], NDArray[np.float64]]
STEP = 1 / 16  # of the distance, between neighbours on the circle of 32


def on_grid(optimum: int, width: int) -> Exchange:
    """Optimum and width in whole steps, the same for all terciles."""
    return Exchange(optimum_base=optimum * STEP, optimum_slope=0.0, fit_width=width * STEP)


def is_inverted_u(table: Table) -> bool:
    """Highest at the optimum, exp(-1/2) one width from it, symmetric about it and around the circle."""
    for optimum, width in ((8, 4), (6, 2), (5, 5), (10, 6)):
        g = table(on_grid(optimum, width))
        for tercile in g.T:
            near = range(min(optimum, 16 - optimum))
            even = all(math.isclose(tercile[optimum + k], tercile[optimum - k]) for k in near)
            fine = (
                int(np.argmax(tercile[:17])) == optimum
                and math.isclose(tercile[optimum], 1.0)
                and math.isclose(tercile[optimum + width], math.exp(-0.5))
                and math.isclose(tercile[optimum - width], math.exp(-0.5))
                and np.allclose(tercile[1:], tercile[:0:-1], rtol=1e-14)
                and even
            )
            if not fine:
                return False
    return True


def test_t15() -> None:
    assert is_inverted_u(fit_table)


def halved(p: Exchange) -> NDArray[np.float64]:
    """The distance not stretched to [0, 1]."""
    steps = np.arange(32)
    distance = np.minimum(steps, 32 - steps) / 32
    return np.repeat(np.exp(-((distance - p.optimum_base) ** 2) / (2 * p.fit_width**2))[:, None], 3, axis=1)


def straight(p: Exchange) -> NDArray[np.float64]:
    """Positions on a line, not on a circle."""
    distance = np.arange(32) / 16
    return np.repeat(np.exp(-((distance - p.optimum_base) ** 2) / (2 * p.fit_width**2))[:, None], 3, axis=1)


def without_two(p: Exchange) -> NDArray[np.float64]:
    return fit_table(p) ** 2


def pointed(p: Exchange) -> NDArray[np.float64]:
    """Absolute distance in place of its square: exp(-1/2) one width away, but not the same U two widths away."""
    return np.exp(-np.sqrt(-np.log(fit_table(p)) / 2))


def monotone(p: Exchange) -> NDArray[np.float64]:
    """Nearer is always better: no optimum."""
    return fit_table(p.model_copy(update={"optimum_base": 0.0}))


@pytest.mark.parametrize("fault", [halved, straight, without_two, monotone], ids=lambda f: f.__name__)
def test_t15_rejects(fault: Table) -> None:
    assert not is_inverted_u(fault)


def gaussian_p(table: Table) -> bool:
    """Whether the log is a parabola: equal second differences, -(step/w)^2, along the half circle."""
    g = np.log(table(on_grid(8, 4))[:17])
    return bool(np.allclose(np.diff(g, 2, axis=0), -((1 / 4) ** 2), rtol=1e-9))


def test_t15_the_log_of_the_fit_is_a_parabola() -> None:
    assert gaussian_p(fit_table)
    assert not gaussian_p(pointed)


@given(st.floats(0.05, 0.8), st.floats(0, 0.2), st.floats(0.05, 1))
def test_t15_off_the_grid_the_best_position_is_the_nearest_to_the_optimum(
    base: float, slope: float, width: float
) -> None:
    """d* = d0 + d1 A with A the middle of its tercile; positions are 32, so the optimum is met within half a step."""
    g = fit_table(Exchange(optimum_base=base, optimum_slope=slope, fit_width=width))
    for tercile, middle in enumerate((1 / 6, 1 / 2, 5 / 6)):
        best = STEP * int(np.argmax(g[:17, tercile]))
        assert abs(best - (base + slope * middle)) <= STEP / 2 + 1e-9
