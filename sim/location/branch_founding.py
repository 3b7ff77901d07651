"""Branches: who founds one, of which type, where, and with how much capital (4.6)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import draw_cells
from sim.agents.branches import DIVERTED, EXPANSION, PRODUCTION, RELOCATION, RND, SALES
from sim.agents.origins import ENTERPRISE
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.counting import count_where
from sim.core.schedule import Process
from sim.core.streams import normals, offspring, pairs, poissons, purpose, uniforms
from sim.location.admission import admit, applications, seat
from sim.location.choice import choose, economy, manufacturing, park_pull
from sim.location.exits import monthly_exit, survival
from sim.world import World

FOUND = purpose("branches.found")
TYPE = purpose("branches.type")
WHERE = purpose("branches.where")
MOTIVE = purpose("branches.motive")
LEGAL = purpose("branches.legal")
CAPITAL = purpose("branches.capital")
CELL = purpose("branches.cell")
STOCK = purpose("branches.stock")
AGE = purpose("branches.age")

Reals = NDArray[np.float64]
TYPES = 3


def expect(world: World) -> None:
    """Freeze each enterprise's founding hazard relative to the mean, which is 1 at every scale."""
    origins = world.origins
    enterprise = origins.kind == ENTERPRISE
    size = origins.staff[enterprise] ** world.scenario.location.founding.size_elasticity
    origins.founding[enterprise] = size / size.mean() if size.size else size


def base_weights(world: World) -> Reals:
    """exp(utility) without parks, by zone of the parent, field, type and zone."""
    p, zones = world.scenario.location.choice, world.region.zones
    fields = len(world.region.fields)
    branches = world.branches
    at = (branches.zone.astype(np.int64) * fields + branches.field) * TYPES + branches.type
    settled = count_where(at, branches.alive, world.zones * fields * TYPES).reshape(world.zones, fields, TYPES)
    wage = np.array([p.wage, 0.0, p.wage])  # sales, R&D, production: R&D is not wage-sensitive
    intensity = np.array([0.3, 0.3, 1.0])  # how far a type depends on manufacturing nearby
    pull = np.array([p.pull.get(a.key, 0.0) for a in world.region.admins])[zones.admin]
    utility = (
        -wage[None, :, None] * np.log(zones.wage)[None, None, :]
        - p.rent * np.log(zones.rent)[None, None, :]
        + p.size * economy(world)[None, None, :]
        + p.agglomeration * np.log1p(settled / (p.agglomeration_unit * world.scale)).transpose(1, 2, 0)
        + p.manufacturing * intensity[None, :, None] * manufacturing(world).T[:, None, :]
        + pull[None, None, :]
    )
    return np.asarray(np.exp(utility[None] - p.travel * np.log(world.hours)[:, None, None, :]))


def attraction(world: World, base: Reals, pull: Reals) -> Reals:
    """Inclusive value of the receiving zones by zone of the parent and field, mean over the types (I_i)."""
    inside = (base * np.exp(pull) * world.receiving).sum(axis=3)
    return np.asarray((np.log(inside) * _type_shares(world)).sum(axis=2))


@kernel
def _founders(key, what, uid, step, relative, zone, field, hazard):  # type: ignore[no-untyped-def]
    """Rows that found a branch, with chance 1 - exp(-h), and the expected number by zone and field in 1e-9."""
    chance = np.empty(uid.size)
    for i in range(uid.size):
        chance[i] = 1.0 - math.exp(-relative[i] * hazard[zone[i], field[i]])
    expected = np.zeros(hazard.shape, np.int64)
    u = uniforms(key, what, uid, step, 0)
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        expected[zone[i], field[i]] += np.int64(1e9 * chance[i])
        out[n] = i
        n += u[i] < chance[i]
    return out[:n], expected


def _found(world: World) -> None:
    origins, location, levels = world.origins, world.scenario.location, world.scenario.levels
    base = base_weights(world)
    pull = park_pull(world, location.choice.park)
    drive = world.inputs.walk[world.month] + location.founding.pressure * (world.inputs.pressure[world.month] - 1.0)
    offer = attraction(world, base, pull) - levels.branch_attraction
    hazard = levels.branch_hazard * np.exp(drive + location.founding.attraction * offer)
    if location.founding.imitation:
        hazard = hazard + location.founding.imitation * _imitated(world)
    parent, expected = _founders(
        world.key, FOUND, origins.uid, world.month, origins.founding, origins.zone, origins.field, hazard
    )
    shares = zone_shares(world, base, pull)
    world.tally.add(
        "branches_expected",
        np.arange(world.zones),
        np.rint((expected[:, :, None] * shares).sum(axis=(0, 1)) / 1e3).astype(np.int64),
    )
    _settle(world, parent, base, pull)


def zone_shares(world: World, base: Reals, pull: Reals) -> Reals:
    """Chance that a founder ends in each zone, by zone of the parent and field, mean over the types."""
    weight = base * np.exp(pull)
    chance = weight / (weight.sum(axis=3, keepdims=True) + math.exp(world.scenario.levels.outside_founding))
    return np.asarray((chance * _type_shares(world)[:, None]).sum(axis=2))


def _type_shares(world: World) -> Reals:
    p = world.scenario.location.branch
    return np.array([p.sales_share, p.rnd_share, 1.0 - p.sales_share - p.rnd_share])


def _imitated(world: World) -> Reals:
    """Share of the enterprises of a field that have a branch outside the source, by zone of the parent and field."""
    origins, branches = world.origins, world.branches
    fields = len(world.region.fields)
    has = np.zeros(origins.used, bool)
    has[branches.parent[branches.alive & world.receiving[branches.zone]]] = True
    enterprise = origins.kind == ENTERPRISE
    owners = np.bincount(origins.field[has & enterprise], minlength=fields)
    return np.broadcast_to(owners / np.maximum(np.bincount(origins.field[enterprise], minlength=fields), 1),
                           (world.zones, fields))  # fmt: skip


def _settle(world: World, parent: Rows, base: Reals, pull: Reals) -> None:
    origins, p = world.origins, world.scenario.location.branch
    uid = pairs(origins.uid[parent], np.full(parent.size, (1 << 40) + world.month, np.uint64))
    kind = _types(world, uid)
    zone, instead = choose(
        world.key, WHERE, uid, world.month, base[origins.zone[parent], origins.field[parent], kind], np.exp(pull),
        math.exp(world.scenario.levels.outside_founding),
    )  # fmt: skip
    world.tally.add("branches_elsewhere", origins.zone[parent[zone == world.zones]])
    stays = zone < world.zones
    uid, parent, kind, zone, instead = uid[stays], parent[stays], kind[stays], zone[stays], instead[stays]
    park = admit(world, uid, applications(world, uid, zone, pull))
    zone, cell = seat(world, CELL, uid, zone, park)
    moves = uniforms(world.key, MOTIVE, uid, world.month, 0) < np.minimum(
        p.relocation * world.inputs.pressure[world.month], 1.0
    )
    motive = np.where(instead != zone, DIVERTED, np.where(moves, RELOCATION, EXPANSION))
    noise = normals(world.key, CAPITAL, uid, 0, 0)
    subscribed = _capital(world, parent, zone, noise)
    world.branches.grow(
        uid,
        parent=parent,
        origin=origins.zone[parent],
        zone=zone,
        cell=cell,
        field=origins.field[parent],
        type=kind,
        subsidiary=uniforms(world.key, LEGAL, uid, 0, 0) < p.subsidiary_share,
        motive=motive,
        instead=instead,
        park=park,
        born=world.month,
        frailty=np.exp(-p.exit_capital * p.capital_sigma * noise),
        subscribed=subscribed,
        account=world.ledger.open("branches", zone),
    )
    world.tally.add("branches_opened", zone)
    world.tally.add("branches_relocated", zone[motive == RELOCATION])
    world.tally.add("branches_diverted", zone[motive == DIVERTED])
    world.tally.add("branch_capital_pledged_yuan", zone, subscribed)
    world.tally.move("branches", origins.zone[parent], zone, subscribed)
    world.log(
        "branch", uid=uid, parent=origins.uid[parent], zone=zone, cell=cell, park=park,
        motive=motive, instead=instead, yuan=subscribed,
    )  # fmt: skip


def _types(world: World, uid: NDArray[np.uint64]) -> NDArray[np.int8]:
    p = world.scenario.location.branch
    u = uniforms(world.key, TYPE, uid, 0, 0)
    return np.select([u < p.sales_share, u < p.sales_share + p.rnd_share], [SALES, RND], PRODUCTION).astype(np.int8)


def _capital(world: World, parent: Rows, zone: Rows, noise: Reals) -> NDArray[np.int64]:
    """Lognormal capital, larger for larger parents; its mean over founders is `capital_mean`."""
    p, origins = world.scenario.location.branch, world.origins
    ratio = np.array([p.capital_ratio.get(a.key, 1.0) for a in world.region.admins])
    norm = world.tables.get("capital_norm")
    if norm is None:  # mean of staff^a over founders, who are drawn by their hazard
        enterprise = origins.kind == ENTERPRISE
        weight = origins.staff[enterprise] ** p.capital_size * origins.founding[enterprise]
        norm = world.tables["capital_norm"] = math.fsum(weight) / weight.size  # exact in any order of rows
    mean = p.capital_mean * 1e6 * ratio[world.region.zones.admin[zone]] * origins.staff[parent] ** p.capital_size / norm
    return np.rint(mean * np.exp(p.capital_sigma * noise - 0.5 * p.capital_sigma**2)).astype(np.int64)


def settle_first_branches(world: World) -> None:
    """The branches of the first month: as many as the anchor asks for, where the choice puts them, aged by survival."""
    origins, location = world.origins, world.scenario.location
    target = world.scenario.populations.branches_at_start * world.scale
    enterprise = np.flatnonzero(origins.kind == ENTERPRISE)
    if target == 0 or not enterprise.size:
        return
    base = base_weights(world)
    no_park = np.zeros(world.zones)
    outside = math.exp(world.scenario.levels.outside_founding)
    received = (zone_shares(world, base, no_park) * world.receiving).sum(axis=2)
    relative = origins.founding[enterprise]
    inside = (relative * received[origins.zone[enterprise], origins.field[enterprise]]).mean()
    count = poissons(world.key, STOCK, origins.uid[enterprise], 0, relative * target / (inside * enterprise.size))
    parent, uid = offspring(origins.uid[enterprise], count, 1 << 41)
    parent = enterprise[parent]
    kind = _types(world, uid)
    zone, _ = choose(
        world.key, WHERE, uid, 0, base[origins.zone[parent], origins.field[parent], kind], np.exp(no_park), outside
    )
    stays = zone < world.zones
    uid, parent, kind, zone = uid[stays], parent[stays], kind[stays], zone[stays]
    noise = normals(world.key, CAPITAL, uid, 0, 0)
    subscribed = _capital(world, parent, zone, noise)
    alive = survival(monthly_exit(location.branch))
    age = np.searchsorted(np.cumsum(alive) / alive.sum(), uniforms(world.key, AGE, uid, 0, 0)) + 1
    world.branches.grow(
        uid,
        parent=parent,
        origin=origins.zone[parent],
        zone=zone,
        cell=draw_cells(world.key, CELL, uid, 0, zone, world.places),
        field=origins.field[parent],
        type=kind,
        subsidiary=uniforms(world.key, LEGAL, uid, 0, 0) < location.branch.subsidiary_share,
        instead=zone,
        park=-1,
        born=-age,
        frailty=np.exp(-location.branch.exit_capital * location.branch.capital_sigma * noise),
        subscribed=subscribed,
        paid=subscribed,
        account=world.ledger.open("branches", zone),
    )


PROCESS = Process(
    name="branch_founding",
    phase="founding",
    run=_found,
    reads=(
        "origins.uid", "origins.founding", "origins.zone", "origins.field", "origins.staff", "origins.kind",
        "parks.uid", "parks.rank", "parks.open", "parks.zone", "parks.cell", "parks.subsidy", "parks.capacity",
        "manufacturers.zone",
        "manufacturers.field", "manufacturers.size", "manufacturers.alive", "programmes.park", "programmes.alive",
        "ventures.park", "ventures.alive",
    ),
    writes=("branches.*", "tables.manufacturing", "tables.capital_norm", "accounts", "tally", "events"),
    system="A1",
    doc="enterprises found branches and choose where",
)  # fmt: skip
