"""Each system of the model can be switched off, and on alone: the others go on without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from contract.worlds import FOLDER, SCARCE, two_cities

from sim.build import build
from sim.month import advance
from sim.parameters.systems import Systems
from sim.world import World

NAMES = tuple(Systems.model_fields)
TIERS = ("core", "full")
LIVELY = {**SCARCE, "platform.start": "2013-01", "platform.date": "2013-06", "levels.introduction": 3.0}


def after(months: int, overrides: Mapping[str, Any] | None = None, **states: bool) -> World:
    """A world of some months with some systems switched on or off."""
    switches = {f"systems.{name}": state for name, state in states.items()}
    world = build(two_cities({**LIVELY, **switches, **(overrides or {})}), FOLDER)
    for _ in range(months):
        advance(world, "full")
    return world


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", NAMES)
def test_all_the_others_go_on(name: str, tier: str) -> None:
    after(14, {"tier": tier}, **{name: False})


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", NAMES)
def test_it_goes_on_alone(name: str, tier: str) -> None:
    after(14, {"tier": tier}, **{other: other == name for other in NAMES})


def test_branches_close_with_their_parents_also_where_none_is_founded() -> None:
    world = after(14, {"tier": "chain", "demography.exit_by_age": [0.5]}, branches=False)
    branches, crowd = world.branches, world.origins
    assert 0 < len(branches) < branches.entered
    assert (crowd.born[branches.parent[branches.rows]] < 0).all()  # nobody took over the row of a parent


def test_the_centre_brokers_what_is_on_the_shelf_when_nobody_offers() -> None:
    world = after(14, {"tier": "core"}, transfer=False)
    assert world.fates["sold_outside"] == 0
    assert world.fates["sold"] > 0
    assert len(world.licences) > 0
    assert world.ledger.by_sector[world.ledger.tags["royalty"]].sum() > 0


def test_deals_of_the_centre_that_wait_ask_for_their_money_again_when_nobody_offers() -> None:
    overrides = {"tier": "chain", "exchange.assignment": 1.0, "exchange.licence": 0.0, "systems.chain": False}
    world = after(24, {**overrides, "levels.reserve_price": 10.0, "exchange.centre.price_median": 20.0,
                       "exchange.centre.price_cap": 100.0}, transfer=False)  # fmt: skip
    assert world.agreements.entered > len(world.agreements)
    assert (world.agreements.until[world.agreements.rows] >= world.month).all()
