"""The environment: without feedback it is constant or of no effect, its gain is that of the choices it enters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import run, world_of
from numpy.typing import NDArray

from sim.diffusion import environment
from sim.diffusion.loop_gain import Flows, _response, gain, spectral_radius
from sim.exchange import market
from sim.experiments.simulate import Outcome
from sim.location.branch_founding import prospects
from sim.month import advance
from sim.world import World

Reals = NDArray[np.float64]
FULL = {"tier": "full", "end": "2015-12"}


def full(**overrides: Any) -> Outcome:
    return run({**FULL, **{key.replace("__", "."): value for key, value in overrides.items()}}, 3)


def series(outcome: Outcome, metric: str) -> NDArray[np.int64]:
    return outcome.series[outcome.metrics.index(metric)]


def without(outcome: Outcome, metric: str) -> bytes:
    keep = [k for k, name in enumerate(outcome.metrics) if name != metric]
    return outcome.series[keep].tobytes()


@pytest.mark.parametrize("off", [{"speed": 0.0}, {"weights": [0.0, 0.0, 0.0, 0.0]}], ids=["no speed", "no weights"])
def test_t18_where_nothing_comes_back_the_environment_is_constant(off: dict[str, Any]) -> None:
    outcome = full(**{f"diffusion__environment__{key}": value for key, value in off.items()})
    assert not series(outcome, "environment").any()
    assert outcome.loop_gain is not None
    assert series(full(), "environment").any()


def test_t18_without_effect_all_else_is_as_without_an_environment() -> None:
    idle, absent = full(diffusion__environment__effect=0.0), full(systems__environment=False)
    assert series(idle, "environment").any() and not series(absent, "environment").any()
    assert without(idle, "environment") == without(absent, "environment")
    assert without(full(diffusion__environment__effect=2.0), "environment") != without(absent, "environment")
    assert idle.loop_gain == 0.0
    assert absent.loop_gain is None


def refer(world: World, known: dict[str, Any]) -> None:
    """Give the world these references and no others."""
    levels = world.scenario.levels.model_copy(update={"environment": known})
    world.scenario = world.scenario.model_copy(update={"levels": levels})


def test_zones_without_a_reference_have_no_environment() -> None:
    world = world_of(FULL)
    refer(world, {"lowton": (15.0, 4.0, 100.0, 700.0)})
    for _ in range(24):
        advance(world)
    lowton = world.region.zones.key.index("lowton")
    assert world.environment[lowton] != 0.0
    assert not np.delete(world.environment, lowton).any()


def test_activity_as_in_the_reference_leaves_it_alone() -> None:
    """x = x_ref: E* = 0; e times as much, far above the floor, is one unit of it."""
    world = world_of(FULL)
    for _ in range(14):
        advance(world)
    seen = environment.activity(world)
    keys = world.region.zones.key

    refer(world, {key: tuple(seen[:, z]) for z, key in enumerate(keys)})
    np.testing.assert_allclose(environment._aim(world), 0.0, atol=1e-12)
    p = world.scenario.diffusion.environment.model_copy(update={"smoothing": 1e-6})
    diffusion = world.scenario.diffusion.model_copy(update={"environment": p})
    world.scenario = world.scenario.model_copy(update={"diffusion": diffusion})
    refer(world, {key: tuple(np.exp(-1.0) * seen[:, z]) for z, key in enumerate(keys)})
    busy = (seen > 0).all(axis=0)
    np.testing.assert_allclose(environment._aim(world)[busy], 1.0, rtol=1e-3)


# ------------------------------------------------------------------ the gain


def logit_flows(utility: Reals, number: Reals, outside: float) -> tuple[Reals, Reals]:
    """Expected flows from zone to zone, and what is lost, for choosers of a logit."""
    weight = np.exp(utility)
    whole = weight.sum(axis=1) + outside
    return number[:, None] * weight / whole[:, None], number * outside / whole


def is_the_derivative(response: Any) -> bool:
    """Against differences: how the log of what each zone gets answers to the utility of each zone."""
    rng = np.random.default_rng(2)
    utility, number = rng.normal(0, 1, (5, 5)), rng.uniform(1e5, 1e6, 5)
    flow, lost = logit_flows(utility, number, 3.0)
    step, found = 1e-6, np.zeros((5, 5))
    for y in range(5):
        up = logit_flows(utility + step * (np.arange(5) == y), number, 3.0)[0]
        down = logit_flows(utility - step * (np.arange(5) == y), number, 3.0)[0]
        found[:, y] = np.log(up.sum(axis=0) / down.sum(axis=0)) / (2 * step)
    return bool(np.allclose(response(flow, lost), found, atol=1e-6))


def test_the_response_is_the_derivative_of_the_choice() -> None:
    assert is_the_derivative(_response)
    assert not is_the_derivative(lambda flow, lost: _response(flow, 0.0 * lost))
    assert not is_the_derivative(lambda flow, lost: np.eye(5) - flow / (flow.sum(axis=1) + lost)[:, None])


def some_flows(zones: int) -> Flows:
    rng = np.random.default_rng(4)
    return Flows(*(rng.uniform(10, 100, s) for s in ((zones, zones), zones, (zones, zones), (zones, zones), zones)))


def test_the_gain_is_proportional_to_the_effect_and_to_weights() -> None:
    found = []
    for effect in (0.0, 0.1, 0.2):
        world = world_of({**FULL, "diffusion.environment.effect": effect})
        for _ in range(14):
            advance(world)
        found.append((spectral_radius(world, some_flows(world.zones)), gain(world, some_flows(world.zones))))
    assert found[0][0] == 0.0 and not found[0][1].any()
    assert 0.0 < found[1][0] < 0.1 * 0.25 * (1 + 2 + 3 + 3) + 1e-9


def entered(world: World, attribute: Any) -> Reals:
    """What a table of choices is with the environment of the third zone one unit higher, over what it is without."""
    before = attribute(world)
    world.environment = world.environment + (np.arange(world.zones) == 2)
    return np.asarray(attribute(world) / before)


def test_the_environment_enters_the_choices_with_its_effect() -> None:
    world = world_of({**FULL, "diffusion.environment.effect": 0.4})
    due = np.where(np.arange(world.zones) == 2, np.exp(0.4), 1.0)
    np.testing.assert_allclose(entered(world, market.pulls), np.broadcast_to(due, (world.zones, world.zones)))
    world = world_of({**FULL, "diffusion.environment.effect": 0.4})
    sites = entered(world, lambda w: prospects(w, np.zeros(w.zones)).site)
    np.testing.assert_allclose(sites, np.broadcast_to(due, sites.shape))


def test_the_loop_gain_is_reported_and_small() -> None:
    outcome = full()
    assert outcome.loop_gain is not None and 0.0 < outcome.loop_gain < 0.5
    assert run({"end": "2013-12"}).loop_gain is None
