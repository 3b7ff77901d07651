"""T14: N (1 - e^(-phi t)) have joined the centre; of n needs shown something in k months, n (1 - (1 - f)^k) agree.

An achievement that is licensed is not used up, so needs do not compete for it: k independent introductions, each
agreed to with the chance f, leave (1 - f)^k of the needs unserved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import CHANCE, NO_PARKS, live, world_of
from scipy import stats

from sim.agents.achievements import NEVER
from sim.exchange import market, promotion_centre
from sim.world import World

PHI, MONTHS = 0.12, 10
ODDS, SHOWINGS = -1.2, 6

OPEN = {
    **NO_PARKS,
    "scale": 40.0,
    "platform.site": "harbour",
    "platform.start": "2013-01",
    "platform.manual": 1.0,
    "platform.capacity": 1e6,
    "exchange.centre.joining": PHI,
    "populations.need_share": 1.0,
}
"A centre that works at its full capacity from the first month."

EVERYBODY = {
    **OPEN,
    "exchange.centre.joining": 1.0,
    "exchange.licence": 1.0,
    "exchange.assignment": 0.0,
    "levels.introduction": ODDS,
    "border.penalty": 0.0,
    "research.births": 4000,
}
"And which everybody joins, with licences only."


def binomial_p(number: int, of: int, chance: float) -> float:
    low, high = stats.binom.cdf(number, of, chance), stats.binom.sf(number - 1, of, chance)
    return min(2.0 * float(min(low, high)), 1.0)


def members_p() -> float:
    """Institutes and needs that joined within ten months, each a count with the chance 1 - e^(-phi t)."""
    world = world_of(OPEN)
    institutes = (world.origins.kind != 0) & world.origins.alive
    needs = world.manufacturers.need & world.manufacturers.alive & world.receiving[world.manufacturers.zone]
    live(world, MONTHS, promotion_centre.JOINING)
    joined = -math.expm1(-PHI * MONTHS)
    assert institutes.sum() > 100 and needs.sum() > 200
    assert not world.origins.member[~institutes].any() and not world.manufacturers.registered[~needs].any()
    return min(
        binomial_p(int(world.origins.member[institutes].sum()), int(institutes.sum()), joined),
        binomial_p(int(world.manufacturers.registered[needs].sum()), int(needs.sum()), joined),
    )


def needs_p(monkeypatch: pytest.MonkeyPatch) -> float:
    """Needs that agreed at least once in six months of introductions, where each offer has the same value."""
    monkeypatch.setattr(promotion_centre, "value_to", lambda world, row, buyer: np.ones(row.size))
    world = world_of(EVERYBODY)
    put_everything_on_offer(world)
    live(world, 40, promotion_centre.JOINING)
    world.month = 0
    firms = world.manufacturers
    served = firms.alive & firms.registered & np.array([f.featured for f in world.region.fields])[firms.field]
    served &= np.isin(firms.field, world.achievements.field[world.achievements.rows])
    agreed = np.zeros(firms.used, np.bool_)
    for _ in range(SHOWINGS):
        world.begin_month()
        market.PROCESS.run(world)
        promotion_centre.INTRODUCTIONS.run(world)
        assert world.tally.get("introductions").sum() == served.sum() > 200
        agreed[world.requests.granted(promotion_centre.KIND)["buyer"]] = True
        world.month += 1
    f = 1.0 / (1.0 + math.exp(-ODDS))
    assert not agreed[~served[: agreed.size]].any()
    return binomial_p(int(agreed.sum()), int(served.sum()), 1.0 - (1.0 - f) ** SHOWINGS)


def put_everything_on_offer(world: World) -> None:
    shelf = world.achievements
    shelf.offered_at[shelf.rows] = NEVER - 1


def test_t14_members() -> None:
    assert members_p() > CHANCE


def test_t14_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_p(monkeypatch) > CHANCE


REAL = promotion_centre.uniforms


def drawn_once(key: Any, what: Any, uid: Any, step: Any, draw: Any) -> Any:
    """A month left out of the key: who does not join at once never does."""
    return REAL(key, what, uid, 0, draw)


def by_need(key: Any, what: Any, uid: Any, step: Any, draw: Any) -> Any:
    """Agreement without luck of its own: the same uniform for half of the pairs."""
    return REAL(key, what, uid // np.uint64(2**63), step, draw)


@pytest.mark.parametrize("fault", [drawn_once])
def test_t14_members_rejects(fault: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion_centre, "uniforms", fault)
    assert members_p() < CHANCE


@pytest.mark.parametrize("fault", [by_need])
def test_t14_needs_rejects(fault: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion_centre, "uniforms", fault)
    assert needs_p(monkeypatch) < CHANCE


def test_t14_needs_rejects_achievements_that_go_to_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EVERYBODY, "exchange.licence", 0.0)
    monkeypatch.setitem(EVERYBODY, "exchange.assignment", 1.0)
    assert needs_p(monkeypatch) < CHANCE
