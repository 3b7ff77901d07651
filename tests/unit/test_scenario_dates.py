"""Months as text, and paths over dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.dates import DatedPath, month_number, month_of, months_between, point_of

MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(1900, 2200), st.integers(1, 12))


@pytest.mark.parametrize(
    ("text", "month"), [("2016-07", "2016-07"), ("2016-07-09", "2016-07"), ("2016-02-29", "2016-02")]
)
def test_month(text: str, month: str) -> None:
    assert month_of(text) == month


@pytest.mark.parametrize("text", ["2016", "2016-7", "2015-02-29", "2016-00", "2016-07-09T10:00", "", "٢٠١٦-٠٧", 2016])
def test_not_a_month(text: object) -> None:
    with pytest.raises(ValueError, match=r"write the year|the year must"):
        month_of(text)


def test_point_of_a_year_is_its_january() -> None:
    assert point_of(2013) == point_of("2013") == "2013-01"


@given(MONTHS, MONTHS)
def test_months_between_counts(a: str, b: str) -> None:
    assert months_between(a, b) == month_number(b) - month_number(a) == -months_between(b, a)
    assert (a < b) == (months_between(a, b) > 0)


def test_path_is_linear_between_points_and_level_outside() -> None:
    path = DatedPath.of({2013: 1.0, "2014": 2.0, "2014-06": 0.0})
    months = ("2000-01", "2013-01", "2013-07", "2014-01", "2014-06", "2099-12")
    assert [path.at(month) for month in months] == [1.0, 1.0, 1.5, 2.0, 0.0, 0.0]


@given(st.dictionaries(MONTHS, st.floats(-1e6, 1e6), min_size=1, max_size=6), MONTHS)
def test_path_stays_within_its_points(points: dict[str, float], month: str) -> None:
    path = DatedPath.of(points)
    assert path == DatedPath.of(dict(reversed(points.items())))
    assert all(path.at(one) == value for one, value in points.items())
    slack = 1e-9 * max(abs(value) for value in points.values())
    assert min(points.values()) - slack <= path.at(month) <= max(points.values()) + slack


def test_path_refuses_two_points_for_a_month_and_none_at_all() -> None:
    with pytest.raises(ValueError, match="two points for 2013-01"):
        DatedPath.of({2013: 1.0, "2013-01": 2.0})
    with pytest.raises(ValueError, match="at least one point"):
        DatedPath.of({})
