"""Manufacturers keep their books in step with their sales."""

from __future__ import annotations

import numpy as np
from helpers import world_of

from sim.agents.manufacturers import books, resize


def test_books_follow_sales() -> None:
    world = world_of({})
    firms, p = world.manufacturers, world.scenario.populations
    before = {name: getattr(firms, name).copy() for name in ("sales", "size", "margin", "outlay", "reserve")}
    rows, factor = np.array([3, 8, 3]), np.array([1.5, 0.5, 1.2])
    resize(firms, rows, factor, p)
    whole = np.ones(firms.used)
    whole[3], whole[8] = 1.2 * 1.5, 0.5
    np.testing.assert_allclose(firms.sales, before["sales"] * whole, rtol=1e-11)
    np.testing.assert_allclose(firms.size, before["size"] * whole, rtol=1e-11)
    assert (firms.sales[whole == 1.0] == before["sales"][whole == 1.0]).all()
    for name, yuan in zip(("margin", "outlay", "reserve"), books(firms.sales, p), strict=True):
        np.testing.assert_array_equal(getattr(firms, name), yuan)
        assert (getattr(firms, name)[[3, 8]] != before[name][[3, 8]]).all()


def test_the_order_of_naming_changes_nothing() -> None:
    one, other = world_of({}), world_of({})
    rng = np.random.default_rng(1)
    rows, factor = rng.integers(0, 5, 200), rng.uniform(0.9, 1.1, 200)
    order = rng.permutation(200)
    resize(one.manufacturers, rows, factor, one.scenario.populations)
    resize(other.manufacturers, rows[order], factor[order], other.scenario.populations)
    assert (one.manufacturers.sales == other.manufacturers.sales).all()
    resize(one.manufacturers, rows[:0], factor[:0], one.scenario.populations)
    assert (one.manufacturers.sales == other.manufacturers.sales).all()
