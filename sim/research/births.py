"""Births of achievements (MODEL.md, (1)): a Poisson count for each origin, and all that is decided at birth.

Whether an achievement will ever be offered, when it goes stale and when it is ripe are drawn once, at birth, so
that the months after only look up dates.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.achievements import NEVER
from sim.agents.attributes import POSITIONS
from sim.agents.origins import ENTERPRISE
from sim.core.clock import monthly_chance
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import geometric_quantile, normal_quantile, offspring, poissons, purpose, u01_pair
from sim.world import World

BIRTHS = purpose("research.births")
QUALITY = purpose("research.quality")
OFFER = purpose("research.offer")
LIFE = purpose("research.life")
URGE = purpose("research.urge")

BEFORE_START = 2048  # keeps the ordinal of months before the start positive


def fill_shelf(world: World) -> None:
    """Generate the achievements of the years before the start and keep those that are still on the shelf."""
    months = [_newborn(world, month)[1] for month in range(-12 * world.scenario.research.backlog_years, 0)]
    if months:
        world.achievements.grow(**{name: np.concatenate([kept[name] for kept in months]) for name in months[0]})


def _births(world: World) -> None:
    owner, kept = _newborn(world, world.month)
    world.achievements.grow(**kept)
    world.tally.add("achievements_born", world.origins.zone[owner])


def _newborn(world: World, month: int) -> tuple[Rows, dict[str, NDArray[Any]]]:
    """The owners of all achievements of a month; columns of those that the shelf keeps at the start or later."""
    origins, p = world.origins, world.scenario.research
    venture = world.scenario.location.venture
    count = poissons(world.key, BIRTHS, origins.uid, month, origins.births * (1.0 + origins.spillover))
    owner, uid = offspring(origins.uid, count, (month + BEFORE_START) << 20)
    kept, *columns = _draw(
        world.key, uid, owner, month, origins.zone, origins.position, origins.kind != ENTERPRISE, world.dormant,
        p.quality_sigma, p.offered, math.log(12 * p.lag_median), math.log(p.lag_spread),
        monthly_chance(p.obsolescence), p.first_maturity, p.months_per_level, venture.ripe, venture.quality,
        p.position_spread, world.scenario.levels.venture_hazard,
    )  # fmt: skip
    names = ("quality", "intensity", "position", "offered_at", "stale_at", "ripe_at", "urge")
    drawn = dict(zip(names, columns, strict=True))
    parent = owner[kept]
    born = np.full(kept.size, month)
    described = {"owner": parent, "zone": origins.zone[parent], "field": origins.field[parent], "born": born}
    return owner, {"uid": uid[kept], **described, **drawn}


@kernel
def _draw(  # type: ignore[no-untyped-def]
    key, uid, owner, month, zone, position, institute, dormant, sigma, offered, lag_mean, lag_sigma, stale,
    first_maturity, months_per_level, ripe, quality_power, spread, hazard,
):  # fmt: skip
    """All that is decided at birth, by four keyed pairs of uniforms: two say who is still on the shelf at the start
    and who may ever be offered or founded upon. Only these are described; the rest is counted as dormant."""
    n = uid.size
    kept = np.empty(n, np.int64)
    offered_at = np.empty(n, np.int16)
    stale_at = np.empty(n, np.int16)
    ripe_at = np.empty(n, np.int16)
    u = np.empty((2, n))
    v = np.empty((2, n))
    for i in range(n):
        u[0, i], v[0, i] = u01_pair(key, OFFER, uid[i], 0, 0)
    for i in range(n):
        u[1, i], v[1, i] = u01_pair(key, LIFE, uid[i], 0, 0)
    k = 0
    for i in range(n):
        offer = death = maturity = NEVER
        if u[0, i] < offered:
            offer = min(month + math.ceil(math.exp(lag_mean + lag_sigma * normal_quantile(v[0, i]))), NEVER - 1)
        else:
            death = min(month + geometric_quantile(u[1, i], stale), NEVER)
        if offer < 0 or death <= 0:
            continue
        if institute[owner[i]]:
            missing = max(ripe - (1 + int(v[1, i] * first_maturity)), 0)
            maturity = min(month + math.ceil(missing * months_per_level), NEVER)
        if offer == NEVER and death <= maturity:
            dormant[zone[owner[i]], min(death, dormant.shape[1] - 1)] += 1
            continue
        kept[k], offered_at[k], stale_at[k], ripe_at[k] = i, offer, death, maturity
        k += 1
    quality = np.empty(k)
    intensity = np.empty(k)
    place = np.empty(k, np.int8)
    urge = np.empty(k)
    m = 0
    for j in range(k):
        i = kept[j]
        x, y = u01_pair(key, QUALITY, uid[i], 0, 0)
        z = sigma * normal_quantile(x)
        first, second = u01_pair(key, URGE, uid[i], 0, 0)
        impulse = np.inf
        if institute[owner[i]]:
            impulse = -math.log(first) * math.exp(-quality_power * z) + hazard * min(ripe_at[j], 0)
            if impulse <= 0.0:  # founded upon before the start
                continue
        kept[m], offered_at[m], stale_at[m], ripe_at[m] = i, offered_at[j], stale_at[j], ripe_at[j]
        quality[m] = math.exp(z)
        intensity[m] = 0.5 - math.sin(math.asin(1.0 - 2.0 * y) / 3.0)  # quantile of Beta(2, 2)
        place[m] = (position[owner[i]] + round(spread * normal_quantile(second))) % POSITIONS
        urge[m] = impulse
        m += 1
    return kept[:m], quality[:m], intensity[:m], place[:m], offered_at[:m], stale_at[:m], ripe_at[:m], urge[:m]


PROCESS = Process(
    name="achievement_births",
    phase="research",
    run=_births,
    reads=(
        "origins.uid",
        "origins.births",
        "origins.spillover",
        "origins.zone",
        "origins.field",
        "origins.position",
        "origins.kind",
    ),
    writes=("achievements.*", "dormant", "tally"),
    system="A4, A5, A6",
    doc="each origin bears achievements; what becomes of them is drawn",
)
