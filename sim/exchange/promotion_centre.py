"""The promotion centre (MODEL.md, (5)): institutes join, firms register needs, and pairs are introduced.

Each month the needs with the best keyed priority, weighed by their way to the centre (first-hand access), get an
introduction: they are shown a few achievements of their field out of the month's catalogue and may buy the best.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.achievements import NEVER
from sim.agents.origins import ENTERPRISE
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.counting import first_of_each
from sim.core.schedule import Process
from sim.core.streams import mix, normal_quantile, pairs, purpose, u01, uniforms
from sim.exchange.deals import ask, licensed, terms, value_to
from sim.exchange.market import Market, Reals
from sim.world import World

JOIN = purpose("centre.join")
REGISTER = purpose("centre.register")
TURN = purpose("centre.turn")
ACCESS = purpose("centre.access")
SHOWN = purpose("centre.shown")
AGREE = purpose("centre.agree")
PRICE = purpose("centre.price")
WHOLE = purpose("centre.whole")

KIND = "introduction"
LAST = np.iinfo(np.int64).max


def _join(world: World) -> None:
    share = world.inputs.centre_share[world.month]
    if not _works(world) or share == 0.0:
        return
    chance = -math.expm1(-world.scenario.exchange.centre.joining * share)
    origins, firms = world.origins, world.manufacturers
    candidate = np.flatnonzero(origins.alive & (origins.kind != ENTERPRISE) & ~origins.member)
    joins = uniforms(world.key, JOIN, origins.uid[candidate], world.month, 0) < chance
    origins.member[candidate[joins]] = True
    served = world.receiving[firms.zone]
    candidate = np.flatnonzero(firms.alive & firms.need & ~firms.registered & served)
    registers = uniforms(world.key, REGISTER, firms.uid[candidate], world.month, 0) < chance
    firms.registered[candidate[registers]] = True


def _works(world: World) -> bool:
    return world.centre_zone >= 0 and world.scenario.platform.capacity > 0


def _introduce(world: World) -> None:
    p, shelf = world.scenario.exchange.centre, world.achievements
    need = _invited(world)
    catalogue, start = _catalogue(world)
    if not need.size or not catalogue.size:
        return
    firms = world.manufacturers
    market: Market = world.tables["market"]
    row = _best(
        world.key, world.month, firms.uid[need], firms.field[need], firms.position[need], firms.tercile[need],
        catalogue, start, shelf.uid[catalogue], shelf.position[catalogue],
        shelf.quality[catalogue] ** world.scenario.exchange.value_quality, market.fit, p.shown,
    )  # fmt: skip
    need, row = need[row >= 0], row[row >= 0]
    new = ~licensed(world, row, need)
    need, row = need[new], row[new]
    world.tally.add("introductions", firms.zone[need])
    pair = pairs(firms.uid[need], shelf.uid[row])
    crosses = world.region.zones.admin[shelf.zone[row]] != world.region.zones.admin[firms.zone[need]]
    penalty = world.scenario.border.penalty * (1.0 - world.scenario.platform.border_cut) * crosses
    with np.errstate(divide="ignore"):
        odds = world.scenario.levels.introduction + np.log(value_to(world, row, need)) - penalty
    agrees = uniforms(world.key, AGREE, pair, world.month, 0) < 1.0 / (1.0 + np.exp(-odds))
    need, row, pair = need[agrees], row[agrees], pair[agrees]
    price = _price(world, pair)
    agreed = terms(world, row, price, fee=p.fee)
    # An achievement goes to several only as a licence; otherwise the best keyed priority takes it.
    priority = uniforms(world.key, WHOLE, pair, world.month, 0)
    order = np.lexsort((pair, priority, row))
    first = np.diff(row[order], prepend=-1) != 0
    keep = np.sort(order[first | (agreed.mode[order] == 1)])
    chosen = type(agreed)(agreed.mode[keep], agreed.price[keep], agreed.upfront[keep], agreed.fee[keep])
    ask(world, KIND, pair[keep], row[keep], need[keep], chosen)


def _invited(world: World) -> Rows:
    """Registered needs that get an introduction this month."""
    firms = world.manufacturers
    if not _works(world):
        return np.empty(0, np.int64)
    capacity = world.scenario.platform.capacity * world.scale * world.inputs.centre_share[world.month]
    turn = uniforms(world.key, WHOLE, np.zeros(1, np.uint64), world.month, 1)[0]
    whole = int(capacity) + (turn < capacity - int(capacity))
    featured = np.array([f.featured for f in world.region.fields])
    near = world.hours[world.centre_zone] ** -world.scenario.exchange.centre.access_decay
    row, wait = _waits(
        world.key, world.month, firms.uid, firms.alive, firms.registered, firms.field, firms.zone, featured, near
    )
    if whole >= row.size:
        return np.asarray(row)
    return np.asarray(row[wait <= np.partition(wait, whole - 1)[whole - 1]] if whole else row[:0])


@kernel
def _waits(key, month, uid, alive, registered, field, zone, featured, near):  # type: ignore[no-untyped-def]
    """Registered needs that the centre serves, and how long each waits: exponential, shorter the nearer it is."""
    row = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        row[n] = i
        n += alive[i] & registered[i] & featured[field[i]]
    row = row[:n].copy()
    wait = uniforms(key, ACCESS, uid[row], month, 0)
    for k in range(n):
        wait[k] = -math.log(wait[k]) / near[zone[row[k]]]
    return row, wait


def _catalogue(world: World) -> tuple[Rows, Rows]:
    """Rows of the achievements presented this month, by field, and where each field begins."""
    shelf, origins = world.achievements, world.origins
    p = world.scenario.exchange.centre
    listed = _listed(shelf.alive, shelf.offered_at, shelf.owner, origins.member | origins.lists, world.month)
    turn = uniforms(world.key, TURN, shelf.uid[listed], world.month, 0)
    size = max(round(p.catalogue * world.scale), p.shown)
    chosen, start = first_of_each(shelf.field[listed], turn, len(world.region.fields), size)
    return listed[chosen], start


@kernel
def _listed(alive, offered_at, owner, lists, month):  # type: ignore[no-untyped-def]
    """Rows of what will be offered later, of owners that list."""
    out = np.empty(alive.size, np.int64)
    n = 0
    for i in range(alive.size):
        out[n] = i
        n += alive[i] & (offered_at[i] > month) & (offered_at[i] < NEVER) & lists[owner[i]]
    return out[:n].copy()


@kernel
def _best(  # type: ignore[no-untyped-def]
    key, month, need_uid, need_field, need_position, need_tercile, catalogue, start, uid, position, worth, fit, shown
):
    """Of the `shown` achievements with the best keyed priority, the one of highest value to each need; -1 if none."""
    best = np.full(need_uid.size, -1, np.int64)
    priority = np.empty(uid.size)
    turn = priority.view(np.int64)  # positive numbers are ordered as their bits, and passes over these are vectorised
    for i in range(need_uid.size):
        first = start[need_field[i]]
        last = start[need_field[i] + 1]
        need = need_uid[i]
        for k in range(first, last):
            priority[k] = u01(key, SHOWN, mix(need, uid[k]), month, 0)
        latest = -1
        for _ in range(min(shown, last - first)):
            following = LAST
            for k in range(first, last):
                following = turn[k] if (turn[k] > latest) & (turn[k] < following) else following
            latest = following
        highest = -1.0
        at = -1
        for k in range(first, last):
            if turn[k] <= latest:
                gap = (position[k] - need_position[i]) & (fit.shape[0] - 1)
                value = worth[k] * fit[gap, need_tercile[i]]
                if value > highest or (value == highest and turn[k] < turn[at]):
                    highest = value
                    at = k
        if at >= 0:
            best[i] = catalogue[at]
    return best


def _price(world: World, pair: Rows) -> Reals:
    """Truncated lognormal: the centre handles small deals."""
    p = world.scenario.exchange.centre
    u = uniforms(world.key, PRICE, pair, 0, 0)
    if p.price_sigma > 0.0:
        edge = math.log(p.price_cap / p.price_median) / p.price_sigma
        u = u * 0.5 * math.erfc(-edge / math.sqrt(2.0))
    z = np.array([normal_quantile(x) for x in u])
    return np.asarray(p.price_median * 1e6 * world.inputs.price[world.month] * np.exp(p.price_sigma * z))


JOINING = Process(
    name="centre_joining",
    phase="joining",
    run=_join,
    reads=("origins.kind", "origins.uid", "origins.alive", "manufacturers.need", "manufacturers.uid",
           "manufacturers.zone", "manufacturers.alive"),
    writes=("origins.member", "manufacturers.registered"),
    system="A4",
    doc="institutes join the promotion centre, firms register their needs",
)  # fmt: skip
INTRODUCTIONS = Process(
    name="introductions",
    phase="proposals",
    run=_introduce,
    reads=(
        "tables.market", "licences.alive", "licences.uid",
        "achievements.alive", "achievements.uid", "achievements.offered_at", "achievements.owner",
        "achievements.field", "achievements.position", "achievements.quality", "achievements.zone",
        "origins.member", "origins.lists", "manufacturers.alive", "manufacturers.registered", "manufacturers.field",
        "manufacturers.position", "manufacturers.tercile", "manufacturers.zone", "manufacturers.uid",
        "manufacturers.size", "manufacturers.absorption", "manufacturers.account",
    ),
    writes=("requests", "tally"),
    system="A4",
    doc="the centre introduces registered needs to listed achievements",
)  # fmt: skip
