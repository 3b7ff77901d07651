"""Are paired effects the textbook ones, exactly zero where nothing changed, and refused where pairs are none?"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_results import Whole, make, waves
from scipy import stats

from sim.errors import StoreError
from sim.results import Result
from sim.results.effects import (
    ABSENT,
    NO_DIFFERENCE,
    by_place,
    effect,
    first_difference,
    input_differences,
    over_time,
    pair,
    spread,
    table,
    variance_reduction,
)

KEY_B = "fedcba9876543210fedcba98"


def lifted(metric: str, replicate: int, shape: Whole) -> Whole:
    """As the waves, but deals in the last zone are more from the seventh month on, by a different amount each."""
    values = waves(metric, replicate, shape)
    more = (replicate % 4 + 1) * ((shape[0] >= 6) & (shape[1] == 3))
    return values + more * (metric in ("deals", "branches_alive"))


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    folder = tmp_path_factory.mktemp("arms")
    a = make(folder / "a", replicates=range(6))
    b = make(folder / "b", replicates=(5, 4, 3, 2), fill=lifted, key=KEY_B, more=["research.births=500"])
    return a, b


def test_replicates_are_matched_by_number_whatever_their_order(arms: tuple[Result, Result]) -> None:
    both = pair(*arms)
    assert both.replicates == (2, 3, 4, 5)
    a, b = both.series("deals")
    assert ((b - a)[:, 6:, 3] == np.array([3, 4, 1, 2])[:, None]).all()
    assert (b - a)[:, :6].sum() == 0


def test_an_effect_is_students(arms: tuple[Result, Result]) -> None:
    one = effect(pair(*arms), "deals", "LO", "2013-01", "2013-12")
    differences = 6 * np.array([3, 4, 1, 2], float)
    low, high = stats.t.interval(0.9, 3, loc=differences.mean(), scale=stats.sem(differences))
    assert one.difference == pytest.approx(differences.mean())
    assert one.mean_b - one.mean_a == pytest.approx(one.difference)
    assert (one.low, one.high) == pytest.approx((low, high))
    assert (one.band_low, one.band_high) == pytest.approx(tuple(np.quantile(differences, (0.05, 0.95))))
    a, b = (arm.window("deals", "2013-01", "2013-12", "LO")[rows] for arm, rows in
            ((arms[0], [2, 3, 4, 5]), (arms[1], [3, 2, 1, 0])))  # fmt: skip
    assert one.variance_reduction == pytest.approx((a.var(ddof=1) + b.var(ddof=1)) / (b - a).var(ddof=1))
    assert one.in_words == "resolved"


def test_where_both_are_the_same_the_effect_is_exactly_nothing(arms: tuple[Result, Result]) -> None:
    both = pair(*arms)
    one = effect(both, "deals", "UP", "2013-01", "2014-06")
    assert one.exactly_zero
    assert (one.difference, one.low, one.high, one.band_low, one.band_high) == (0, 0, 0, 0, 0)
    assert math.isinf(one.variance_reduction)
    assert table([one])[0]["finding"] == NO_DIFFERENCE
    before = effect(both, "deals", "LO", "2013-01", "2013-06")
    assert before.exactly_zero
    assert first_difference(both) == "2013-07"
    assert first_difference(pair(arms[0], arms[0])) is None


def test_by_place_lists_every_place(arms: tuple[Result, Result]) -> None:
    effects = by_place(pair(*arms), "deals", "2013-01", "2014-06")
    assert [one.place for one in effects] == arms[0].places
    differing = [one.place for one in effects if not one.exactly_zero]
    assert differing == ["harbour", "LO", "ALL"]


def test_over_time_flows_add_up_and_stocks_do_not(arms: tuple[Result, Result]) -> None:
    both = pair(*arms)
    monthly = over_time(both, "deals", "ALL", cumulative=False)
    summed = over_time(both, "deals", "ALL")
    assert summed.cumulative
    assert summed.spread.mean == pytest.approx(np.cumsum(monthly.spread.mean))
    assert summed.spread.exactly_zero.tolist() == [True] * 6 + [False] * 12
    stock = over_time(both, "branches_alive", "ALL")
    assert not stock.cumulative
    assert stock.spread.mean[-1] == pytest.approx(2.5)


def test_spread_of_one_replicate_has_no_interval() -> None:
    found = spread(np.array([[0, 3]]))
    assert found.mean.tolist() == [0, 3]
    assert found.low[0] == found.high[0] == 0  # identical needs no second replicate
    assert np.isnan(found.low[1])


def test_spread_agrees_with_scipy_on_many_columns() -> None:
    values = (np.arange(70).reshape(10, 7) ** 2 % 37).astype(float)
    found = spread(values)
    low, high = stats.t.interval(0.9, 9, loc=values.mean(axis=0), scale=stats.sem(values, axis=0))
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)


def test_variance_reduction_of_special_cases() -> None:
    x = np.array([1, 5, 3, 8])
    assert variance_reduction(x, x + 7) == math.inf
    assert math.isnan(variance_reduction(np.ones(4), np.ones(4)))
    assert math.isnan(variance_reduction(np.ones(1), np.zeros(1)))
    assert variance_reduction(np.array([1, 2, 1, 2]), np.array([1, 1, 2, 2])) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 2}, "seeds"),
        ({"model_source": "another"}, "versions of the model"),
        ({"epoch": 99}, "random-number schemes"),
        ({"months": ["2013-01"]}, "months"),
        ({"places": []}, "places"),
        ({"digests": {"77": ""}}, "share no replicate"),
    ],
)
def test_what_cannot_be_paired_is_refused(arms: tuple[Result, Result], change: dict[str, object], words: str) -> None:
    other = replace(arms[1], manifest=arms[1].manifest | change)
    with pytest.raises(StoreError, match=words) as caught:
        pair(arms[0], other)
    assert "--seed" in caught.value.remedy


def test_input_differences_are_those_of_the_scenarios(arms: tuple[Result, Result]) -> None:
    assert input_differences(*arms) == [{"path": "research.births", "A": "400", "B": "500"}]
    assert input_differences(arms[0], arms[0]) == []
    parks = dict(arms[0].scenario["parks"])
    hill = parks.pop("hill")
    fewer = replace(arms[0])
    fewer.__dict__["scenario"] = arms[0].scenario | {"parks": parks}
    gone = input_differences(arms[0], fewer)
    assert {row["path"] for row in gone} == {f"parks.hill.{key}" for key in hill}
    assert {row["B"] for row in gone} == {ABSENT}


def test_a_table_row_is_in_readers_units(tmp_path: Path, arms: tuple[Result, Result]) -> None:
    row = table([effect(pair(*arms), "deals", "LO", "2013-01", "2013-12")])[0]
    assert row["B - A"] == "15"
    assert row["window"] == "2013"
    assert row["variance saved"].startswith("x ")
