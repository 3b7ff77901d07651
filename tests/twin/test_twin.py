"""Is the fast code the same as the obvious code? On random small worlds; and would a defect be noticed?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.build import build
from sim.core.streams import purposes
from sim.exchange import market, promotion_centre, services
from sim.location import admission, branch_founding, exits
from sim.month import advance
from sim.scenario import load, region_folder
from sim.scenario.schema import ScenarioDocument
from sim.world import World
from twin import comparing

# Small worlds where much happens in few months: parks are open from the start and soon full.
BUSY = {
    "end": "2014-12",
    "levels.branch_hazard": 0.15,
    "levels.outside_founding": 0.0,
    "levels.introduction": 0.5,
    "levels.reserve_price": 0.05,
    "research.offered": 0.6,
    "research.lag_median": 1.0,
    "exchange.centre.joining": 0.6,
    "parks.harbour.announce": "2013-01",
    "parks.harbour.open": "2013-01",
    "parks.harbour.capacity": 9,
    "parks.meadow.open": "2013-02",
    "parks.meadow.capacity": 5,
    "parks.hill.open": "2013-03",
    "parks.hill.capacity": 3,
    "platform.start": "2013-01",
    "platform.date": "2013-06",
}


# Parks that are full at once, and exits that differ from year to year of age.
CROWDED = {
    "levels.branch_hazard": 0.5,
    "populations.branches_at_start": 60,
    "location.choice.park": 2.0,
    "parks.harbour.capacity": 25,
    "location.branch.exit_scale": 3.0,
    "location.branch.exit_closed": 9.0,
    "parks.meadow.close": "2013-04",
    "location.branch.exit_by_age": [0.05, 0.9, 0.05, 0.9, 0.05, 0.9],
}


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 4))


PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "scale": st.sampled_from([0.3, 0.5, 1.0, 1.0, 2.0]),
    "border.penalty": numbers(0, 3),
    "decap_pressure": st.dictionaries(st.sampled_from(["2013-01", "2013-05", "2014-03"]), numbers(0, 4), min_size=1),
    "transport.rail": st.sampled_from(["actual", "frozen", "all_early"]),
    "exchange.contracts": numbers(50, 1500),
    "exchange.travel_elasticity": numbers(0, 2),
    "exchange.field_bonus": numbers(0, 4),
    "exchange.size_weight": numbers(0, 1),
    "exchange.absorption_weight": numbers(0, 2),
    "exchange.need_bonus": numbers(0, 5),
    "exchange.optimum_base": numbers(0, 1),
    "exchange.optimum_slope": numbers(0, 1),
    "exchange.fit_width": numbers(0.1, 1),
    "exchange.value_sales": numbers(0, 1),
    "exchange.value_quality": numbers(0, 2),
    "exchange.value_to_reserve": numbers(0.5, 20),
    "exchange.bargaining": numbers(0, 1),
    "exchange.price_growth": numbers(-0.2, 0.3),
    "exchange.value_sigma": numbers(0, 2),
    "exchange.assignment": numbers(0, 0.6),
    "exchange.licence": numbers(0, 0.38),
    "exchange.licence_upfront": numbers(0, 1),
    "exchange.centre.shown": st.integers(1, 8),
    "exchange.centre.catalogue": st.integers(1, 60),
    "exchange.centre.access_decay": numbers(0, 2),
    "exchange.centre.price_sigma": numbers(0, 2),
    "platform.capacity": numbers(0, 30),
    "platform.border_cut": numbers(0, 1),
    "levels.outside_transfer": numbers(-2, 6),
    "levels.outside_service": numbers(-2, 6),
    "levels.introduction": numbers(-3, 3),
    "levels.branch_hazard": st.one_of(st.just(0.0), numbers(0.02, 0.5)),
    "levels.branch_attraction": numbers(-2, 2),
    "levels.outside_founding": numbers(-3, 4),
    "location.founding.size_elasticity": numbers(0, 1),
    "location.founding.attraction": numbers(0, 1),
    "location.founding.pressure": numbers(0, 1),
    "location.founding.imitation": st.sampled_from([0.0, 0.0, 0.05]),
    "location.founding.walk": numbers(0, 0.5),
    "location.choice.wage": numbers(-1, 2),
    "location.choice.rent": numbers(-1, 2),
    "location.choice.travel": numbers(0, 2),
    "location.choice.size": numbers(0, 2),
    "location.choice.agglomeration": numbers(0, 0.9),
    "location.choice.agglomeration_unit": numbers(0.5, 30),
    "location.choice.manufacturing": numbers(0, 2),
    "location.choice.park": numbers(-1, 3),
    "location.choice.pull": st.dictionaries(st.sampled_from(["UP", "LO"]), numbers(-1, 1)),
    "location.branch.sales_share": numbers(0, 0.5),
    "location.branch.rnd_share": numbers(0, 0.5),
    "location.branch.subsidiary_share": numbers(0, 1),
    "location.branch.relocation": numbers(0, 1),
    "location.branch.capital_sigma": numbers(0, 2),
    "location.branch.capital_size": numbers(0, 1),
    "location.branch.capital_ratio": st.dictionaries(st.sampled_from(["UP", "LO"]), numbers(0.2, 2)),
    "location.branch.exit_by_age": st.lists(numbers(0, 1), min_size=1, max_size=5),
    "location.branch.exit_scale": numbers(0, 4),
    "location.branch.exit_capital": numbers(0, 0.5),
    "location.branch.exit_closed": numbers(0, 9),
    "parks.meadow.close": st.sampled_from(["2013-03", "2013-08"]),
    "location.programme.chain": st.one_of(st.sampled_from([0.0, 1.0]), numbers(0, 1)),
    "populations.branches_at_start": st.integers(0, 60),
    "parks.harbour.capacity": st.integers(0, 25),
    "parks.meadow.capacity": st.integers(0, 8),
    "parks.harbour.subsidy": numbers(0, 1),
    "parks.hill.open": st.sampled_from(["2013-01", "2013-04", "never"]),
}


def document(overrides: dict[str, Any]) -> ScenarioDocument:
    return load("two_cities", {**BUSY, **overrides}).document


FOLDER = region_folder(load("two_cities"))


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """About a third of the parameters, redrawn."""
    names = draw(st.sets(st.sampled_from(sorted(PARAMETERS)), max_size=25))
    return {name: draw(PARAMETERS[name]) for name in sorted(names)}


@settings(
    max_examples=120, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)  # fmt: skip
@given(changed(), st.integers(0, 2**32), st.integers(0, 999), st.integers(0, 12))
def test_fast_code_does_what_the_obvious_code_does(
    overrides: dict[str, Any], seed: int, replicate: int, month: int
) -> None:
    world = build(document(overrides), FOLDER, seed, replicate)
    for _ in range(month):
        advance(world)
    found = [*comparing.advance(world), *comparing.advance(world)]
    assert not found, "\n".join(found)


def test_the_busy_world_exercises_every_twin() -> None:
    """A twin that is never asked for anything would agree with everybody."""
    world = build(document({}), FOLDER, seed=3)
    seen: dict[str, int] = dict.fromkeys(NEEDED, 0)
    for _ in range(18):
        assert not comparing.advance(world)
        for name in NEEDED:
            seen[name] += int(world.tally.get(name).sum())
    assert min(seen.values()) >= 3, seen
    modes = {int(mode) for mode in world.licences.rows}
    assert modes
    branches = world.branches
    home = np.flatnonzero(branches.park >= 0)
    assert {int(p) for p in branches.park[home]} == {0, 1, 2}


NEEDED = (
    "contracts_service", "contracts_outside", "achievements_offered", "deals", "deals_brokered", "introductions",
    "branches_opened", "branches_closed", "branches_elsewhere", "branches_relocated", "branches_diverted",
)  # fmt: skip


Plant = Callable[[World, pytest.MonkeyPatch], None]


def scenario(**sections: dict[str, Any]) -> Plant:
    """The fast code runs with other parameters than the twin; `a__b` names a section within a section."""

    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        changed = world.scenario
        for path, values in sections.items():
            changed = _replaced(changed, path.split("__"), values)
        world.scenario = changed

    return plant


def _replaced(section: Any, path: list[str], values: dict[str, Any]) -> Any:
    if path:
        values = {path[0]: _replaced(getattr(section, path[0]), path[1:], values)}
    return section.model_copy(update=values)


def other_purpose(module: Any, name: str) -> Plant:
    def plant(world: World, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, name, np.uint32(purposes()["branches.age"]))

    return plant


def age_off_by_one(world: World, patch: pytest.MonkeyPatch) -> None:
    honest = exits.monthly_exit
    patch.setattr(exits, "monthly_exit", lambda p: np.append(honest(p)[1:], honest(p)[-1]))


def prices_ahead(world: World, patch: pytest.MonkeyPatch) -> None:
    world.inputs.price = np.append(world.inputs.price[1:], world.inputs.price[-1])


def park_pull_without_subsidy(world: World, patch: pytest.MonkeyPatch) -> None:
    honest = branch_founding.park_pull

    def pull(world: World, strength: float) -> Any:
        return np.minimum(honest(world, strength), strength)

    patch.setattr(branch_founding, "park_pull", pull)


def parks_never_full(world: World, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(admission, "occupancy", lambda world: np.zeros(world.parks.used, np.int64))


def firms_by_row(world: World, patch: pytest.MonkeyPatch) -> None:
    """Draws keyed by the row of a firm instead of its identity."""
    honest = market._match

    def match(*given: Any) -> Any:
        return honest(*given[:-1], np.arange(given[-1].size, dtype=np.uint64))

    patch.setattr(market, "_match", match)


DEFECTS: dict[str, Plant] = {
    "the border attracts": scenario(border={"penalty": -0.7}),
    "age is off by one month": age_off_by_one,
    "prices are a month ahead": prices_ahead,
    "travel has no effect on matches": scenario(exchange={"travel_elasticity": 0.0}),
    "the own field counts a little more": scenario(exchange={"field_bonus": 2.01}),
    "the seller has a little more of the surplus": scenario(exchange={"bargaining": 0.501}),
    "licences pay a little more at signing": scenario(exchange={"licence_upfront": 0.301}),
    "more offers go outside": scenario(levels={"outside_transfer": 3.5}),
    "parks pull without their subsidy": park_pull_without_subsidy,
    "parks are never full": parks_never_full,
    "the chain never goes on": scenario(location__programme={"chain": 0.0}),
    "agglomeration is off": scenario(location__choice={"agglomeration": 0.0}),
    "relocations ignore the pressure": scenario(location__branch={"relocation": 0.4}),
    "closed parks keep their tenants": scenario(location__branch={"exit_closed": 1.0}),
    "capital has another spread": scenario(location__branch={"capital_sigma": 1.701}),
    "the type is drawn with another purpose": other_purpose(branch_founding, "TYPE"),
    "the queue is drawn with another purpose": other_purpose(admission, "QUEUE"),
    "contracts are counted with another purpose": other_purpose(services, "COUNT"),
    "agreement is drawn with another purpose": other_purpose(promotion_centre, "AGREE"),
    "firms are drawn by row": firms_by_row,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_noticed(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = document(CROWDED)
    world = build(honest, FOLDER, seed=3)
    advance(world)
    world.tables.clear()
    DEFECTS[defect](world, monkeypatch)
    assert any(comparing.advance(world, honest) for _ in range(6))
