"""Are the statistics those of the textbooks: by hand where that is short, else against a second way to compute them?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from sim.results import neighbours
from sim.results.geography import read_geography
from sim.results.statistics import (
    HALF_OCTAVE,
    bass,
    bass_share,
    centralisation,
    colocation,
    gini,
    join_count,
    location_quotients,
    log_sd,
    moran,
    ppml,
    slope,
    tail_exponent,
    theil,
)

RNG = np.random.default_rng(7)


def test_theil_by_hand() -> None:
    assert theil([2, 4, 6], [1, 2, 3]) == pytest.approx(0)
    assert theil([0, 5], [3, 1]) == pytest.approx(math.log(4))
    assert theil([1, 3], [1, 1]) == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    assert math.isnan(theil([0, 0], [1, 1]))


def test_theil_splits_exactly_between_and_within() -> None:
    amount, weight = RNG.uniform(1, 9, 6), RNG.uniform(1, 9, 6)
    groups = [[0, 1, 2], [3, 4], [5]]
    between = theil([amount[g].sum() for g in groups], [weight[g].sum() for g in groups])
    within = sum(amount[g].sum() / amount.sum() * theil(amount[g], weight[g]) for g in groups)
    assert theil(amount, weight) == pytest.approx(between + within)


def test_gini_is_that_of_the_people() -> None:
    """A group of weight w is w people with equal shares: half the mean difference over the mean."""
    amount, weight = np.array([3, 0, 8, 5]), np.array([2, 1, 3, 4])
    each = np.repeat(amount / weight, weight)
    assert gini(amount, weight) == pytest.approx(np.abs(each[:, None] - each).mean() / 2 / each.mean())
    assert gini([1, 2], [1, 2]) == pytest.approx(0)
    assert math.isnan(gini([0, 0], [1, 1]))


def test_ppml_is_poisson_regression_with_dummies() -> None:
    group = np.repeat(np.arange(4), 9)
    x = RNG.normal(size=(36, 2))
    y = RNG.poisson(np.exp(0.3 * group + x @ [-0.7, 0.4]))
    dummies = np.column_stack([x, np.eye(4)[group]])

    def minus_likelihood(b: np.ndarray) -> float:
        return float((np.exp(dummies @ b) - y * (dummies @ b)).sum())

    brute = optimize.minimize(minus_likelihood, np.zeros(6), method="BFGS", tol=1e-9).x[:2]
    assert ppml(y, x, group) == pytest.approx(brute, abs=1e-5)
    empty = np.concatenate([y, [0, 0]]), np.vstack([x, [[1, 2], [3, 4]]]), np.concatenate([group, [9, 9]])
    assert ppml(*empty) == pytest.approx(ppml(y, x, group))  # a group that sends nothing says nothing


def test_ppml_recovers_what_was_planted_and_says_when_it_cannot() -> None:
    group, x = np.repeat(np.arange(20), 200), RNG.normal(size=(4000, 2))
    y = RNG.poisson(np.exp(1.0 + x @ [-0.5, 0.2]))
    assert ppml(y, x, group) == pytest.approx([-0.5, 0.2], abs=0.05)
    assert ppml(y, x[::-1], group) == pytest.approx([0, 0], abs=0.05)
    assert np.isnan(ppml(y, np.column_stack([x[:, 0], group]), group)).all()  # nothing varies within a group
    assert np.isnan(ppml(np.zeros(4000), x, group)).all()


def test_a_bass_curve_is_found_where_there_is_one() -> None:
    t = np.arange(18) + 0.5
    for p, q in ((0.01, 0.4), (0.03, 0.38), (0.1, 0.1)):
        found = bass(t, 700 * bass_share(t, p, q), np.ones(18))
        assert (found.p, found.q, found.market) == pytest.approx((p, q, 700), rel=0.02)
        assert found.r2 > 0.9999
    alone = bass(t, 700 * (1 - np.exp(-0.1 * t)), np.ones(18))  # nobody imitates: no S
    assert alone.q < alone.p
    assert math.isnan(bass(t[:4], t[:4], t[:4]).p)
    assert bass_share([0.0, 1e9], 0.03, 0.38) == pytest.approx([0, 1])


def bins(size: np.ndarray) -> np.ndarray:
    return np.bincount(np.floor(np.log(size) / HALF_OCTAVE).astype(int))


def test_spread_and_tail_of_what_was_drawn() -> None:
    assert log_sd(bins(np.exp(12 + 1.6 * RNG.normal(size=40_000)))) == pytest.approx(1.6, abs=0.03)
    assert log_sd(bins(np.full(9, 8.1))) == 0
    assert math.isnan(log_sd([1]))
    for alpha in (0.8, 1.1, 2.0):
        assert tail_exponent(bins(5 * (1 + RNG.pareto(alpha, 60_000)))) == pytest.approx(alpha, rel=0.05)
    assert tail_exponent(bins(np.exp(8 + 0.3 * RNG.normal(size=40_000)))) > 3  # a lognormal has no such tail
    assert math.isnan(tail_exponent([0, 1]))


def test_clustering_is_one_where_there_is_none() -> None:
    mixed = RNG.multinomial(30_000, np.outer([0.5, 0.3, 0.2], [0.1, 0.6, 0.3]).ravel()).reshape(3, 3)
    assert colocation(mixed) == pytest.approx(1, abs=0.02)
    assert location_quotients(mixed) == pytest.approx(np.ones((3, 3)), abs=0.1)
    apart = np.diag([50, 50, 50])
    assert colocation(apart) == pytest.approx(1 / (49 / 149))
    assert location_quotients(apart)[0] == pytest.approx([3, 0, 0])
    assert math.isnan(colocation([[1, 0], [0, 1]]))


def board(size: int) -> np.ndarray:
    at = np.arange(size * size).reshape(size, size)
    sides = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:])]
    return np.concatenate([np.column_stack([a.ravel(), b.ravel()]) for a, b in sides])


def test_joins_and_autocorrelation_of_boards() -> None:
    pairs = board(20)
    assert len(pairs) == 2 * 20 * 19
    chess = np.indices((20, 20)).sum(axis=0).ravel() % 2
    halves = (np.arange(400) < 200).astype(float)
    assert join_count(chess, pairs) == 0
    assert join_count(halves, pairs) > 1.9
    anywhere = [join_count(RNG.permutation(halves), pairs) for _ in range(60)]
    assert abs(stats.ttest_1samp(anywhere, 1).statistic) < 4
    assert moran(chess, pairs) == pytest.approx(-1 + 1 / 399)
    assert moran(halves, pairs) > 0.9
    random = [moran(RNG.normal(size=400), pairs) for _ in range(60)]
    assert abs(stats.ttest_1samp(random, 0).statistic) < 4
    assert math.isnan(moran(np.ones(400), pairs))
    assert math.isnan(join_count([1, 0], np.array([[0, 1]])))


def test_a_star_is_central_and_a_ring_is_not() -> None:
    star = np.zeros((5, 5))
    star[0, 1:] = [3, 1, 2, 4]
    assert centralisation(star) == pytest.approx(1)
    assert centralisation(star.T + np.diag([9] * 5)) == pytest.approx(1)
    ring = np.roll(np.eye(5), 1, axis=1)
    assert centralisation(ring) == pytest.approx(0)
    assert 0 < centralisation(star + ring) < 1
    assert math.isnan(centralisation(np.eye(5)))


def test_slope_is_least_squares() -> None:
    y = RNG.normal(size=11)
    assert slope(y) == pytest.approx(np.polyfit(np.arange(11), y, 1)[0])
    assert math.isnan(slope([1.0]))


def test_neighbours_share_an_edge() -> None:
    x, y = np.meshgrid([-15.0, -5.0, 5.0], [2.5, 12.5])
    zone = [0, 0, 1, 0, 2, 2]
    cells = {"zone": zone, "x_km": x.ravel().tolist(), "y_km": y.ravel().tolist()}
    map_ = read_geography(
        {"key": "", "title_en": "", "title_zh": "", "attribution": "", "cell_km": 10, "cells": cells, "zones": [],
         "outlines": [], "centres": [], "sites": []}
    )  # fmt: skip
    assert sorted(map(tuple, neighbours.cells(map_).tolist())) == [
        (0, 1),
        (0, 3),
        (1, 2),
        (1, 4),
        (2, 5),
        (3, 4),
        (4, 5),
    ]
    assert neighbours.zones(map_).tolist() == [[0, 1], [0, 2], [1, 2]]
