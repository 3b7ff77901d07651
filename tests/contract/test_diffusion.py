"""What is at zero strength is absent: parameters of diffusion, and what they are said to govern."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from worlds import FOLDER, two_cities

from sim.experiments.simulate import Outcome, simulate

BASE = {"tier": "full", "end": "2017-12", "exchange.contracts": 2000}
D = "diffusion."


@cache
def outcome(overrides: str) -> Outcome:
    return simulate(two_cities({**BASE, **json.loads(overrides)}), FOLDER, 2)


def run(overrides: dict[str, Any]) -> Outcome:
    return outcome(json.dumps(overrides))


def series(of: Outcome, metric: str) -> NDArray[np.int64]:
    return of.series[of.metrics.index(metric)]


def all_but(of: Outcome, *metrics: str) -> bytes:
    return of.series[[k for k, name in enumerate(of.metrics) if name not in metrics]].tobytes()


# Zero strength -> what then has no effect any more (two of its values), and metrics that only show it.
MUTE: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "eps_S and a_s: knowledge nearby": (
        {D + "spillovers.elasticity": 0, D + "absorption.spillover": 0},
        {D + "spillovers.half_distance": 20, D + "spillovers.depreciation": 0.5, D + "environment.effect": 0},
        ("spillover", "knowledge_yuan", "environment"),
    ),
    "theta_E: the environment": (
        {D + "environment.effect": 0},
        {D + "environment.speed": 1, D + "environment.smoothing": 5},
        ("environment",),
    ),
    "q: those who have it": ({D + "adoption.imitation": 0}, {D + "adoption.travel": 2}, ()),
    "a_u, a_s: nothing to forget": (
        {D + "absorption.adoption": 0, D + "absorption.spillover": 0}, {D + "absorption.decay": 0.5}, (),
    ),
    "p and q: no adopters": (
        {D + "adoption.innovation": 0, D + "adoption.imitation": 0},
        {D + "adoption.uplift": 1, D + "adoption.cost": 1, D + "adoption.scope": 3},
        (),
    ),
    "cost of stages: no waiting": ({D + "development.cost": 0}, {D + "development.delay": 9}, ()),
}  # fmt: skip


@pytest.mark.parametrize("what", MUTE)
def test_zero_strength_is_absence(what: str) -> None:
    zero, other, shown = MUTE[what]
    if "environment.effect" in str(other):
        zero = {**zero, D + "environment.effect": 0}
    assert all_but(run(zero), *shown) == all_but(run({**zero, **other}), *shown)


@pytest.mark.parametrize("what", [what for what in MUTE if what != "cost of stages: no waiting"])
def test_and_at_some_strength_it_acts(what: str) -> None:
    """The test above can fail: with the strengths of the scenario the other values change something."""
    _, other, shown = MUTE[what]
    assert all_but(run({}), *shown) != all_but(run(other), *shown)


def test_nobody_learns_from_nothing() -> None:
    still = run({D + "absorption.adoption": 0, D + "absorption.spillover": 0, "demography.entry": 0,
                 "demography.exit_by_age": [0.0]})  # fmt: skip
    absorption = series(still, "absorption")
    assert (absorption == absorption[:1]).all()
    assert (series(run({}), "absorption") != series(run({}), "absorption")[:1]).any()


def test_the_smaller_tiers_have_neither_knowledge_nor_environment() -> None:
    for tier in ("core", "chain"):
        smaller = run({"tier": tier})
        for metric in ("spillover", "knowledge_yuan", "environment"):
            assert not series(smaller, metric).any(), metric
        for metric in ("developments_started", "technologies_launched", "adoptions"):
            assert series(smaller, metric).any() == (tier == "chain"), metric
        assert smaller.loop_gain is None
