"""Each system of the model can be switched off, and on alone: the others go on without it."""

from __future__ import annotations

import pytest

from contract.worlds import FOLDER, SCARCE, two_cities
from sim.build import build
from sim.month import advance
from sim.parameters.systems import Systems
from sim.world import World

NAMES = tuple(Systems.model_fields)
LIVELY = {**SCARCE, "platform.start": "2013-01", "platform.date": "2013-06", "levels.introduction": 3.0}


def after(months: int, **states: bool) -> World:
    world = build(two_cities({**LIVELY, **{f"systems.{name}": state for name, state in states.items()}}), FOLDER)
    for _ in range(months):
        advance(world, "full")
    return world


@pytest.mark.parametrize("name", NAMES)
def test_all_the_others_go_on(name: str) -> None:
    after(14, **{name: False})


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_on_alone(name: str) -> None:
    after(14, **{other: other == name for other in NAMES})


def test_the_centre_brokers_what_is_on_the_shelf_when_nobody_offers_or_finds() -> None:
    world = after(14, transfer=False)
    assert world.fates["sold_outside"] == world.fates["stale"] == 0
    assert world.fates["sold"] > 0
    assert len(world.licences) > 0
    assert world.ledger.by_sector[world.ledger.tags["royalty"]].sum() > 0
