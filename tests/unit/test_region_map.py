"""Is the map of a run a complete picture: shades by density, circles by deals, parks open or not at its month?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_results import DATA, Whole, make, nothing
from matplotlib.image import imread

from sim.figures import region_map, style
from sim.region import load_region


@pytest.mark.parametrize("key", ["jjj", "two_cities"])
def test_nothing_is_clipped_and_the_print_size_is_a_double_column(tmp_path: Path, key: str) -> None:
    made = make(tmp_path, region=load_region(DATA / key), end="2013-02", replicates=(0,))
    picture = imread(region_map.draw(made, tmp_path / "map.png"))
    assert picture.shape[1] == int(style.DOUBLE_COLUMN_MM / 25.4 * style.DPI)
    for edge in (picture[:3], picture[-3:], picture[:, :3], picture[:, -3:]):
        assert (edge == 1).all()  # an untouched margin of paper


def test_shades_rise_with_density_and_none_is_its_own() -> None:
    density = np.array([0.0, 0.02, 0.5, 2.0, 40.0])
    steps = region_map._classes(density)
    assert steps == [0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    shades = [region_map._shade(value, steps) for value in density]
    assert shades[0] == region_map.NOTHING
    order = [region_map.SHADES.index(shade) for shade in shades[1:]]
    assert order == sorted(order)
    assert region_map._shade(30.0, steps) == region_map.SHADES[-1]  # a bound belongs to the class above it
    assert region_map._classes(np.zeros(3)) == region_map._classes(np.full(3, 2.0)) == []


def test_parks_are_open_as_the_scenario_dates_them(tmp_path: Path) -> None:
    more = [
        "parks.harbour.announce=2013-01",
        "parks.harbour.open=2013-03",
        "parks.harbour.close=2013-08",
        "parks.hill.open=never",
    ]
    made = make(tmp_path, fill=nothing, more=more, replicates=(0,), end="2013-12")
    assert [region_map.is_open(made, "harbour", f"2013-{m:02d}") for m in (2, 3, 7, 8)] == [0, 1, 1, 0]
    assert not region_map.is_open(made, "nowhere", "2013-05")
    assert region_map._dates(made, "harbour") == "opens Mar 2013, closes Aug 2013"


def test_a_month_can_be_chosen(tmp_path: Path) -> None:
    def growing(metric: str, replicate: int, shape: Whole) -> Whole:
        return shape[0] * (1 + shape[1])

    made = make(tmp_path, fill=growing, replicates=(0,), end="2013-12")
    early = region_map.draw(made, tmp_path / "early.png", "2013-02").read_bytes()
    assert early != region_map.draw(made, tmp_path / "late.png").read_bytes()
