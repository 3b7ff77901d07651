"""T3 and T19: the market is exactly the firm-level logit, gravity with a border, and moves no choice needlessly.

T3:  P(buyer in z | owner in i, inside) = M_z tau_iz^-beta exp(-b [border]) / sum_z' (...)
T19: P(firm j) = exp(u_j) / (sum_k exp(u_k) + exp(u_0) scale),
     u_j = ln m_j - beta ln tau - b [border] + ln g(distance) + kappa [own field]
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, NO_PARKS, Z, chi2_p, world_of
from numpy.typing import NDArray

from sim.core.streams import uniforms
from sim.exchange import market
from sim.exchange.market import match
from sim.world import World

Reals = NDArray[np.float64]
OFFERS = 30_000
NOWHERE = -60.0  # utility of an outside option that nobody takes
REAL_MATCH = market._match


def opened(**overrides: Any) -> World:
    """A small world with the market's tables of the first month."""
    world = world_of({**NO_PARKS, "research.backlog_years": 0, "scale": 2.0, **overrides})
    market.PROCESS.run(world)
    return world


def firm_shares(world: World, zone: int, field: int, position: int, outside: float) -> Reals:
    """The full softmax over all firms and, last, the outside option, from the columns alone."""
    firms, p = world.manufacturers, world.scenario.exchange
    admin = world.region.zones.admin
    mass = firms.size**p.size_weight * firms.absorption**p.absorption_weight * (1 + p.need_bonus * firms.need)
    steps = np.abs(position - firms.position.astype(int))
    distance = 2 * np.minimum(steps, 32 - steps) / 32
    optimum = p.optimum_base + p.optimum_slope * (firms.tercile + 0.5) / 3
    utility = (
        np.log(mass)
        - p.travel_elasticity * np.log(world.hours[zone, firms.zone])
        - world.scenario.border.penalty * (admin[zone] != admin[firms.zone])
        - (distance - optimum) ** 2 / (2 * p.fit_width**2)
        + p.field_bonus * (firms.field == field)
    )
    weight = np.append(np.exp(utility), math.exp(outside) * world.scale)
    return np.asarray(weight / weight.sum())


def offers(number: int, zone: int, field: int, position: int, first: int = 1) -> tuple[Any, ...]:
    """Many achievements of one owner's zone, field and position, as the model hands them to the market."""
    uid = np.arange(first, first + number, dtype=np.uint64)
    return uid, np.full(number, zone, np.int16), np.full(number, field, np.int8), np.full(number, position, np.int8)


def by_firm(world: World, buyer: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(np.where(buyer < 0, world.manufacturers.used, buyer), minlength=world.manufacturers.used + 1)


def by_zone(world: World, buyer: NDArray[np.int64]) -> NDArray[np.int64]:
    """The buyer's zone; the number of zones stands for outside."""
    return np.where(buyer < 0, world.zones, np.append(world.manufacturers.zone, 0)[buyer])


def altered(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> None:
    """Break the mechanism: the compiled match gets tables changed by `change`."""
    names = REAL_MATCH.py_func.__code__.co_varnames[: REAL_MATCH.py_func.__code__.co_argcount]

    def broken(*arguments: Any) -> Any:
        named = dict(zip(names, arguments, strict=True))
        change(named)
        return REAL_MATCH(*named.values())

    monkeypatch.setattr(market, "_match", broken)


def wrong_exponent(tables: dict[str, Any]) -> None:
    tables["pull"] = tables["pull"] ** 1.2


def forgotten_outside(tables: dict[str, Any]) -> None:
    tables["outside"] *= 0.8


def unweighted_firms(tables: dict[str, Any]) -> None:
    tables["weight"] = np.ones_like(tables["weight"])


def flat_fit(tables: dict[str, Any]) -> None:
    tables["fit"] = np.ones_like(tables["fit"])


def no_field_bonus(tables: dict[str, Any]) -> None:
    tables["bonus"] = 1.0


# ------------------------------------------------------------------ T19: probabilities

CASES = [(0, 0, 3, 3.0), (1, 1, 20, 1.5), (2, 2, 9, 4.0), (3, 0, 31, NOWHERE)]


def logit_p(world: World) -> float:
    """Least probability over the cases that the firms chosen come from the full softmax."""
    found = []
    for number, (zone, field, position, outside) in enumerate(CASES):
        given = offers(OFFERS, zone, field, position, first=1 + number * OFFERS)
        buyer = match(world, *given, outside)
        found.append(chi2_p(by_firm(world, buyer), OFFERS * firm_shares(world, zone, field, position, outside)))
    return min(found)


def test_t19_the_hierarchy_is_the_firm_level_logit() -> None:
    assert logit_p(opened()) > CHANCE


@pytest.mark.parametrize(
    "change", [wrong_exponent, forgotten_outside, unweighted_firms, flat_fit, no_field_bonus], ids=lambda f: f.__name__
)
def test_t19_rejects(change: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    world = opened()
    altered(monkeypatch, change)
    assert logit_p(world) < CHANCE


def test_t19_rows_decide_nothing() -> None:
    """The same firms in another order of rows meet the same offers."""
    world = opened()
    given = offers(2000, 0, 0, 3)
    before = world.manufacturers.uid[match(world, *given, NOWHERE)]
    world.manufacturers.permute(np.arange(world.manufacturers.used)[::-1].copy())
    world.tables.clear()
    market.PROCESS.run(world)
    assert np.array_equal(world.manufacturers.uid[match(world, *given, NOWHERE)], before)


# ------------------------------------------------------------------ T19: what a policy moves

RAISED, RISE = 2, 0.2


def raise_zone(world: World) -> None:
    """One zone's utility rises by RISE for every owner."""
    tables = world.tables["market"]
    pull = tables.pull * np.exp(RISE * (np.arange(world.zones) == RAISED))
    world.tables["market"] = dataclasses.replace(tables, pull=pull)


def rerouted(world: World, outside: float) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Choices before and after a rise, and the least share that can have moved: the gain of the raised zone."""
    given = offers(OFFERS, 0, 0, 3)
    before = match(world, *given, outside)
    share = firm_shares(world, 0, 0, 3, outside)
    of_zone = share[:-1][world.manufacturers.zone == RAISED].sum()
    gain = of_zone * math.exp(RISE) / (1.0 + of_zone * math.expm1(RISE)) - of_zone
    raise_zone(world)
    return before, match(world, *given, outside), float(gain)


def moves_no_more_than_it_must(world: World, outside: float) -> bool:
    """Whether each choice that changed ends in the raised zone, and their share is the least possible."""
    before, after, least = rerouted(world, outside)
    moved = before != after
    error = math.sqrt(least * (1.0 - least) / OFFERS)
    return bool((by_zone(world, after)[moved] == RAISED).all()) and abs(moved.mean() - least) < Z * error


def test_t19_inside_a_rise_moves_only_choices_towards_it() -> None:
    assert moves_no_more_than_it_must(opened(), NOWHERE)


def test_t19_with_the_outside_option_too() -> None:
    assert moves_no_more_than_it_must(opened(), 3.0)


def test_t19_sees_choices_moved_needlessly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inverse CDF over a prefix sum of firms has the right probabilities and moves too much."""
    world = opened()
    level = firm_shares(world, 0, 0, 3, NOWHERE)[:-1]

    def prefix_sum(key: Any, month: Any, uid: Any, *rest: Any) -> Any:
        raised = rest[4] / pull  # the table of pulls that `match` hands over
        weight = np.cumsum(level * raised[0, world.manufacturers.zone])
        return np.searchsorted(weight / weight[-1], uniforms(key, market.FIRM, uid, month, 0), side="right")

    pull = world.tables["market"].pull
    monkeypatch.setattr(market, "_match", prefix_sum)
    chosen = match(world, *offers(OFFERS, 0, 0, 3), NOWHERE)
    assert chi2_p(np.bincount(chosen, minlength=level.size), OFFERS * level) > CHANCE
    assert not moves_no_more_than_it_must(world, NOWHERE)


# ------------------------------------------------------------------ T3: pure gravity

BETA, BORDER = 0.7, 0.9
GRAVITY = {
    "exchange.travel_elasticity": BETA, "border.penalty": BORDER, "exchange.field_bonus": 0.0,
}  # fmt: skip


def zone_masses(world: World, position: int) -> Reals:
    """Fitting mass of each zone for an achievement at `position`, from the columns alone."""
    level = opened(**{**GRAVITY, "exchange.travel_elasticity": 0.0, "border.penalty": 0.0})
    share = firm_shares(level, 0, 0, position, NOWHERE)[:-1]
    return np.bincount(level.manufacturers.zone, share, world.zones)


def flows(world: World, number: int = OFFERS) -> NDArray[np.int64]:
    """Offers from each zone by the zone of their buyer."""
    rows = []
    for zone in range(world.zones):
        buyer = match(world, *offers(number, zone, 0, 3, first=1 + zone * number), NOWHERE)
        rows.append(np.bincount(world.manufacturers.zone[buyer], minlength=world.zones))
    return np.array(rows)


def crossings(world: World) -> NDArray[np.bool_]:
    admin = world.region.zones.admin
    return np.asarray(admin[:, None] != admin)


def gravity_p(world: World, seen: NDArray[np.int64]) -> float:
    """Least probability over the owners' zones that flows are multinomial with the gravity shares."""
    share = zone_masses(world, 3) * world.hours**-BETA * np.exp(-BORDER * crossings(world))
    share /= share.sum(axis=1, keepdims=True)
    return min(chi2_p(row, row.sum() * due) for row, due in zip(seen, share, strict=True))


def ppml(seen: NDArray[np.int64], hours: Reals, border: NDArray[np.bool_], mass: Reals) -> tuple[Reals, Reals]:
    """Poisson pseudo-maximum likelihood with origin effects: (beta, b) and their standard errors."""
    zones = seen.shape[0]
    origin = np.kron(np.eye(zones), np.ones((zones, 1)))
    x = np.column_stack([-np.log(hours).ravel(), -1.0 * border.ravel(), origin])
    offset = np.tile(np.log(mass), zones)
    y = seen.ravel().astype(float)
    coefficient = np.append(np.zeros(2), np.log(seen.sum(axis=1) / mass.sum()))
    for _ in range(50):
        mean = np.exp(x @ coefficient + offset)
        information = x.T @ (mean[:, None] * x)
        step = np.linalg.solve(information, x.T @ (y - mean))
        coefficient += step
    assert np.abs(step).max() < 1e-9
    return coefficient[:2], np.sqrt(np.diag(np.linalg.inv(information)))[:2]


def test_t3_allocations_are_multinomial_with_gravity_shares() -> None:
    world = opened(**GRAVITY)
    assert gravity_p(world, flows(world)) > CHANCE


def test_t3_regression_on_the_flows_recovers_the_elasticity_and_the_border() -> None:
    world = opened(**GRAVITY)
    estimate, error = ppml(flows(world), world.hours, crossings(world), zone_masses(world, 3))
    assert (np.abs(estimate - [BETA, BORDER]) < Z * error).all()
    assert (error < [0.03, 0.06]).all()  # tight enough to mean something


def test_t3_rejects_another_exponent(monkeypatch: pytest.MonkeyPatch) -> None:
    world = opened(**GRAVITY)
    altered(monkeypatch, wrong_exponent)
    seen = flows(world)
    assert gravity_p(world, seen) < CHANCE
    estimate, error = ppml(seen, world.hours, crossings(world), zone_masses(world, 3))
    assert (np.abs(estimate - [BETA, BORDER]) > Z * error).all()
    assert (np.abs(estimate - [1.2 * BETA, 1.2 * BORDER]) < Z * error).all()


def odds(world: World) -> Reals:
    """Odds of each zone against the first, by zone of the owner, from the model's own tables."""
    tables = world.tables["market"]
    weight = tables.pull * tables.attraction[0, 3]
    return np.asarray(weight / weight[:, :1])


def doubled(world: World, power: float = 1.0) -> Reals:
    """Ratio of the odds of zone 3 when every way to it takes twice (2^power) as long."""
    before = odds(world)
    hours = world.inputs.hours.copy()
    hours[:, :, 3] *= 2.0**power
    world.inputs.hours = hours
    world.tables.clear()
    market.PROCESS.run(world)
    return odds(world) / before


def test_t3_twice_the_time_divides_the_odds_by_two_to_the_beta() -> None:
    ratio = doubled(opened(**GRAVITY))
    np.testing.assert_allclose(ratio[:, 3], 2.0**-BETA, rtol=1e-13)
    np.testing.assert_allclose(ratio[:, :3], 1.0, rtol=1e-13)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(doubled(opened(**GRAVITY), 1.001)[:, 3], 2.0**-BETA, rtol=1e-13)


def test_t3_a_border_divides_the_odds_by_its_exponential() -> None:
    ratio = odds(opened(**GRAVITY)) / odds(opened(**{**GRAVITY, "border.penalty": 0.0}))
    admin = opened().region.zones.admin
    crosses = (admin[:, None] != admin).astype(float)
    np.testing.assert_allclose(ratio, np.exp(-BORDER * (crosses - crosses[:, :1])), rtol=1e-13)
    assert np.unique(np.round(ratio, 6)).size == 3  # both signs occur: something was compared
