"""Is each point a function of its number, does a larger size only add points, and is the space filled evenly?"""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from scipy.stats import qmc

from sim.experiments import design
from sim.experiments.design import Kind, Points
from sim.experiments.priors import parse
from sim.results import sensitivity

PRIORS = {"b": parse("Normal(0, 1)"), "a": parse("Uniform(0, 1)"), "c": parse("Uniform(0, 10)").within(0, 10, True)}
DRAWN: tuple[Kind, ...] = ("latin_hypercube", "sobol", "morris", "saltelli")


def shares(points: Points) -> np.ndarray:
    return np.array([points.shares(i) for i in range(len(points))])


def test_a_grid_is_all_combinations_in_order() -> None:
    axes = {"x": [1, 2], "y": ["a", None, "c"], "z": [0.5]}
    points = Points("grid", axes)
    found = [tuple(points.point(i).values()) for i in range(len(points))]
    assert found == list(itertools.product(*axes.values()))
    assert list(points.point(3)) == ["x", "y", "z"]


def test_a_list_is_as_it_is_written() -> None:
    points = Points("list", rows=[{"x": 1}, {"y": 2}])
    assert [points.point(i) for i in range(len(points))] == [{"x": 1}, {"y": 2}]
    assert points.paths == ("x", "y")
    with pytest.raises(IndexError):
        points.point(2)


@pytest.mark.parametrize("kind", DRAWN)
def test_points_can_be_had_alone_and_read_back(kind: Kind) -> None:
    points = Points(kind, priors=PRIORS, size=8, seed=3)
    again = Points.from_plain(json.loads(json.dumps(points.as_plain())))
    for i in (len(points) - 1, 0, 7 % len(points)):
        assert again.point(i) == points.point(i)
    assert list(points.point(0)) == ["a", "b", "c"]
    assert isinstance(points.point(0)["c"], int)
    assert Points(kind, priors=dict(reversed(PRIORS.items())), size=8, seed=3).point(5) == points.point(5)
    assert Points(kind, priors=PRIORS, size=8, seed=4).point(5) != points.point(5)


@pytest.mark.parametrize("kind", ["sobol", "morris", "saltelli"])
def test_a_larger_size_only_adds_points(kind: Kind) -> None:
    small, large = (Points(kind, priors=PRIORS, size=size) for size in (8, 300))
    assert [small.point(i) for i in range(len(small))] == [large.point(i) for i in range(len(small))]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100])
def test_a_latin_hypercube_has_each_stratum_once(size: int) -> None:
    found = shares(Points("latin_hypercube", priors=PRIORS, size=size))
    for axis in found.T:
        assert sorted(np.floor(axis * size).astype(int)) == list(range(size))


def test_a_sobol_sequence_fills_the_space_more_evenly_than_chance() -> None:
    found = shares(Points("sobol", priors=PRIORS, size=256))
    assert (np.sort(np.floor(found * 256), axis=0) == np.arange(256)[:, None]).all()
    scattered = np.random.default_rng(1).random((256, 3))
    assert qmc.discrepancy(found) < 0.2 * qmc.discrepancy(scattered)


def test_a_trajectory_moves_each_axis_once_by_half() -> None:
    points = Points("morris", priors=PRIORS, size=20)
    assert len(points) == 20 * 4
    for walk in shares(points).reshape(20, 4, 3):
        moves = np.diff(walk, axis=0)
        assert np.allclose(np.abs(moves).sum(axis=0), 0.5) and np.allclose(np.abs(moves).sum(axis=1), 0.5)
        assert (walk > 0).all() and (walk < 1).all()


@pytest.mark.parametrize("groups", [{}, {"a": "M", "b": "L", "c": "M"}])
def test_a_block_takes_one_axis_or_group_after_the_other_from_b(groups: dict[str, str]) -> None:
    points = Points("saltelli", priors=PRIORS, size=4, groups=groups)
    moved = ("L", "M") if groups else ("a", "b", "c")
    assert points.moved == moved
    assert len(points) == 4 * (len(moved) + 2)
    for block in shares(points).reshape(4, len(moved) + 2, 3):
        a, b = block[0], block[-1]
        assert (a != b).all()
        for row, name in zip(block[1:-1], moved, strict=True):
            from_b = np.array([groups.get(path, path) == name for path in points.paths])
            assert (row == np.where(from_b, b, a)).all()


def test_an_analysis_knows_the_levels_that_a_trajectory_walks() -> None:
    """The layers do not let results know experiments, so the number stands in both."""
    assert sensitivity.LEVELS == design.LEVELS
