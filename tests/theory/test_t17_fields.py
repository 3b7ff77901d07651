"""T17: all of six fields are present among N draws with P = sum over subsets S of (-1)^|S| (1 - p_S)^N."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE
from numpy.typing import NDArray
from scipy import stats

from sim.agents import attributes
from sim.agents.attributes import draw_fields, field_cumulative
from sim.core.streams import pairs, purpose, run_key

FIELDS = ("city", "farming", "storage", "materials", "ai", "biotech", "other")
SHARES = {"city": 0.3, "storage": 0.05, "other": 0.22}  # the rest share 0.43
SETS = 1500
NUMBERS = (10, 31, 60, 100)
WHAT = purpose("tests.fields")
Draw = Callable[[NDArray[np.uint64], NDArray[np.float64]], NDArray[Any]]


def present(shares: NDArray[np.float64], number: int) -> float:
    """Chance that each of these fields occurs among `number` draws; what is left of 1 is another field."""
    subsets = (s for size in range(shares.size + 1) for s in combinations(shares, size))
    return float(sum((-1) ** len(s) * (1.0 - sum(s)) ** number for s in subsets))


def models(uid: NDArray[np.uint64], cumulative: NDArray[np.float64]) -> NDArray[Any]:
    return draw_fields(run_key(2, 0), WHAT, uid, cumulative)


def formula_p(draw: Draw) -> float:
    """Least probability, over N, of as many complete sets among SETS as were drawn."""
    cumulative = field_cumulative(SHARES, FIELDS)
    shares = np.array([0.3, 0.1075, 0.05, 0.1075, 0.1075, 0.1075])
    found = []
    for number in NUMBERS:
        group = np.repeat(np.arange(SETS, dtype=np.uint64), number)
        uid = pairs(group + np.uint64(1000 * number), np.tile(np.arange(number, dtype=np.uint64), SETS))
        field = draw(uid, cumulative).reshape(SETS, number)
        complete = np.all([(field == f).any(axis=1) for f in range(6)], axis=0).sum()
        found.append(stats.binomtest(int(complete), SETS, present(shares, number)).pvalue)
    return min(found)


def test_t17_the_formula_itself() -> None:
    assert np.isclose(present(np.array([0.5, 0.5]), 2), 0.5)
    assert np.isclose(present(np.full(6, 1 / 6), 6), 720 / 6**6)
    assert present(np.full(6, 1 / 6), 5) == pytest.approx(0.0, abs=1e-12)
    assert round((1 - 0.05) ** 31, 2) == 0.20  # a field of 5 % is absent from 31 with this chance (model.md, 8)


def test_t17() -> None:
    assert formula_p(models) > CHANCE


def equal_shares(uid: NDArray[np.uint64], cumulative: NDArray[np.float64]) -> NDArray[Any]:
    return models(uid, np.arange(1, 8) / 7)


def one_identity_for_two(uid: NDArray[np.uint64], cumulative: NDArray[np.float64]) -> NDArray[Any]:
    return models(np.repeat(uid[::2], 2), cumulative)


def without_the_other(uid: NDArray[np.uint64], cumulative: NDArray[np.float64]) -> NDArray[Any]:
    """The share of what is none of the six is given to the six."""
    return models(uid, cumulative / cumulative[5])


@pytest.mark.parametrize("fault", [equal_shares, one_identity_for_two, without_the_other], ids=lambda f: f.__name__)
def test_t17_rejects(fault: Draw) -> None:
    assert formula_p(fault) < CHANCE


def test_t17_shares_not_named_are_shared_equally() -> None:
    np.testing.assert_allclose(np.diff(field_cumulative(SHARES, FIELDS), prepend=0.0),
                               [0.3, 0.1075, 0.05, 0.1075, 0.1075, 0.1075, 0.22])  # fmt: skip
    assert attributes.field_cumulative({}, ("a", "b")).tolist() == [0.5, 1.0]
