"""Births of achievements (4.1): a Poisson count for each origin, and all that is decided at birth.

Whether an achievement will ever be offered, when it goes stale and when it is ripe are drawn once, at birth, so
that the months after only look up dates.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.agents.achievements import NEVER
from sim.agents.attributes import POSITIONS
from sim.agents.origins import ENTERPRISE
from sim.core.clock import monthly_chance, monthly_flow
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import geometric_quantile, normal_quantile, pairs, poissons, purpose, u01_pair
from sim.world import World

BIRTHS = purpose("research.births")
QUALITY = purpose("research.quality")
OFFER = purpose("research.offer")
LIFE = purpose("research.life")
URGE = purpose("research.urge")

BEFORE_START = 2048  # keeps the ordinal of months before the start positive


def expect(world: World) -> None:
    """Freeze each origin's expected births and service contracts; their mean is the same at every scale."""
    origins, p = world.origins, world.scenario.research
    counts = world.region.zones.counts
    all_origins = sum(int(counts[k].sum()) for k in ("enterprises", "institutes", "universities"))
    weight = origins.rnd**p.rnd_elasticity
    weight = weight / weight.mean()
    origins.births[:] = weight * monthly_flow(p.births) / all_origins
    origins.contracts[:] = weight * monthly_flow(world.scenario.exchange.contracts) / all_origins


def fill_shelf(world: World) -> None:
    """Generate the achievements of the years before the start and keep those that are still on the shelf."""
    for month in range(-12 * world.scenario.research.backlog_years, 0):
        _bear(world, month)


def _births(world: World) -> None:
    owner = _bear(world, world.month)
    world.tally.add("achievements_born", world.origins.zone[owner])


def _bear(world: World, month: int) -> Rows:
    """Add the achievements of a month; of months before the start only what lasts until then."""
    origins, shelf = world.origins, world.achievements
    count = poissons(world.key, BIRTHS, origins.uid, month, origins.births)
    fertile = np.flatnonzero(count)
    owner = np.repeat(fertile, count[fertile])
    first = np.cumsum(count[fertile]) - count[fertile]
    ordinal = np.arange(owner.size) - np.repeat(first, count[fertile])
    uid = pairs(origins.uid[owner], (((month + BEFORE_START) << 20) + ordinal).astype(np.uint64))
    drawn = _describe(world, uid, owner, month)
    if month < 0:
        before = drawn["urge"] + world.scenario.levels.venture_hazard * np.minimum(drawn["ripe_at"], 0)
        lasts = (drawn["stale_at"] > 0) & (drawn["offered_at"] >= 0) & (before > 0)
        drawn["urge"] = before
        uid, owner = uid[lasts], owner[lasts]
        drawn = {name: column[lasts] for name, column in drawn.items()}
    shelf.grow(uid, owner=owner, zone=origins.zone[owner], field=origins.field[owner], born=month, **drawn)
    return owner


def _describe(world: World, uid: NDArray[np.uint64], owner: Rows, month: int) -> dict[str, NDArray[np.float64]]:
    p = world.scenario.research
    venture = world.scenario.location.venture
    columns = _draw(
        world.key, uid, month,
        world.origins.position[owner], world.origins.kind[owner] != ENTERPRISE,
        p.quality_sigma, p.offered, math.log(12 * p.lag_median), math.log(p.lag_spread),
        monthly_chance(p.obsolescence), p.first_maturity, p.months_per_level, venture.ripe, venture.quality,
        p.position_spread,
    )  # fmt: skip
    names = ("quality", "intensity", "position", "offered_at", "stale_at", "ripe_at", "urge")
    return dict(zip(names, columns, strict=True))


@kernel
def _draw(  # type: ignore[no-untyped-def]
    key, uid, month, position, institute, sigma, offered, lag_mean, lag_sigma, stale, first_maturity,
    months_per_level, ripe, quality_power, spread,
):  # fmt: skip
    """All that is decided at birth, by four keyed pairs of uniforms for each newborn."""
    n = uid.size
    quality = np.empty(n)
    intensity = np.empty(n)
    place = np.empty(n, np.int8)
    offered_at = np.empty(n, np.int16)
    stale_at = np.empty(n, np.int16)
    ripe_at = np.empty(n, np.int16)
    urge = np.empty(n)
    for i in range(n):
        u, v = u01_pair(key, QUALITY, uid[i], 0, 0)
        z = sigma * normal_quantile(u)
        quality[i] = math.exp(z)
        intensity[i] = 0.5 - math.sin(math.asin(1.0 - 2.0 * v) / 3.0)  # quantile of Beta(2, 2)
        u, v = u01_pair(key, OFFER, uid[i], 0, 0)
        offered_at[i] = NEVER
        if u < offered:
            lag = math.ceil(math.exp(lag_mean + lag_sigma * normal_quantile(v)))
            offered_at[i] = min(month + lag, NEVER - 1)
        u, v = u01_pair(key, LIFE, uid[i], 0, 0)
        stale_at[i] = NEVER if offered_at[i] < NEVER else min(month + geometric_quantile(u, stale), NEVER)
        ripe_at[i] = NEVER
        if institute[i]:
            missing = max(ripe - (1 + int(v * first_maturity)), 0)
            ripe_at[i] = min(month + math.ceil(missing * months_per_level), NEVER)
        u, v = u01_pair(key, URGE, uid[i], 0, 0)
        urge[i] = -math.log(u) * math.exp(-quality_power * z) if institute[i] else np.inf
        place[i] = (position[i] + round(spread * normal_quantile(v))) % POSITIONS
    return quality, intensity, place, offered_at, stale_at, ripe_at, urge


PROCESS = Process(
    name="achievement_births",
    phase="research",
    run=_births,
    reads=("origins.uid", "origins.births", "origins.zone", "origins.field", "origins.position", "origins.kind"),
    writes=("achievements.*", "tally"),
    system="A5",
    doc="each origin bears achievements; what becomes of them is drawn",
)
