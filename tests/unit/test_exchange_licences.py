"""A licence is unique: its identity is that of the achievement and the buyer."""

from __future__ import annotations

import numpy as np
from helpers import live, world_of

from sim.core.streams import pairs
from sim.exchange import market, offers

ALL_LICENCES = {
    "exchange.assignment": 0.0,
    "exchange.licence": 1.0,
    "research.lag_median": 1.0,
    "research.offered": 0.6,
    "levels.outside_transfer": -5.0,
    "levels.reserve_price": 0.01,
}


def test_who_pays_for_a_licence_is_not_sold_it_again() -> None:
    free, bound = world_of(ALL_LICENCES), world_of(ALL_LICENCES)
    live(free, 1, market.PROCESS, offers.PROCESS)
    agreed = free.requests.granted("offer")
    uid = pairs(free.achievements.uid[agreed["achievement"]], free.manufacturers.uid[agreed["buyer"]])
    assert uid.size >= 10
    half = np.arange(0, uid.size, 2)
    bound.licences.grow(uid[half], buyer=agreed["buyer"][half], seller=0, owed=100, instalment=1)
    live(bound, 1, market.PROCESS, offers.PROCESS)
    assert set(bound.requests.granted("offer")["uid"]) == set(np.delete(agreed["uid"], half))
