"""Branches: who founds one, of which type, where, and with how much capital (MODEL.md, (6))."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import draw_cells
from sim.agents.branches import DIVERTED, EXPANSION, PRODUCTION, RELOCATION, RND, SALES
from sim.agents.origins import ENTERPRISE
from sim.core.columns import Rows
from sim.core.compiled import kernel
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
Chosen = tuple[Rows, Rows]
TYPES = 3


@dataclass(frozen=True)
class Prospects:
    """What the zones promise in a month to a parent in zone i, of field f, for a branch of type t."""

    way: Reals
    "What travel leaves of a zone's weight, by zone of the parent and zone."
    site: Reals
    "exp(utility) without travel and parks, by field, type and zone."
    pull: Reals
    "Log odds that parks add, by zone."
    attraction: Reals
    "Inclusive value of the receiving zones by zone of the parent and field, mean over the types (I_i)."
    shares: Reals
    "Chance that a founder ends in each zone, by zone of the parent and field, mean over the types."


def prospects(world: World, pull: Reals) -> Prospects:
    """The prospects of this month, with this pull of the parks."""
    p, b = world.scenario.location.choice, world.scenario.location.branch
    way, site = np.exp(-p.travel * np.log(world.hours)), _sites(world)
    share = np.array([b.sales_share, b.rnd_share, 1.0 - b.sales_share - b.rnd_share])
    outside = math.exp(world.scenario.levels.outside_founding)
    return Prospects(way, site, pull, *_inclusive(way, site, np.exp(pull), world.receiving, outside, share))


def _sites(world: World) -> Reals:
    p, zones, branches = world.scenario.location.choice, world.region.zones, world.branches
    settled = _settled(
        branches.zone, branches.field, branches.type, branches.alive, (len(world.region.fields), TYPES, world.zones)
    )
    wage = np.array([p.wage, 0.0, p.wage])  # sales, R&D, production: R&D is not wage-sensitive
    intensity = np.array([0.3, 0.3, 1.0])  # how far a type depends on manufacturing nearby
    pull = np.array([p.pull.get(a.key, 0.0) for a in world.region.admins])[zones.admin]
    utility = (
        -wage[:, None] * np.log(zones.wage)
        - p.rent * np.log(zones.rent)
        + p.size * economy(world)
        + p.agglomeration * np.log1p(settled / (p.agglomeration_unit * world.scale))
        + p.manufacturing * intensity[:, None] * manufacturing(world).T[:, None, :]
        + pull
        + world.scenario.diffusion.environment.effect * world.environment
    )
    return np.asarray(np.exp(utility))


@kernel
def _settled(zone, field, kind, alive, shape):  # type: ignore[no-untyped-def]
    """How many branches there are by field, type and zone."""
    out = np.zeros(shape, np.int64)
    for i in range(zone.size):
        if alive[i]:
            out[field[i], kind[i], zone[i]] += 1
    return out


@kernel
def _inclusive(way, site, factor, receiving, outside, share):  # type: ignore[no-untyped-def]
    """`attraction` and `shares` of `Prospects`."""
    zones = way.shape[0]
    fields, types, _ = site.shape
    attraction = np.zeros((zones, fields))
    shares = np.zeros((zones, fields, zones))
    weight = np.empty(zones)
    for i in range(zones):
        for f in range(fields):
            for t in range(types):
                inside = 0.0
                total = outside
                for z in range(zones):
                    weight[z] = way[i, z] * site[f, t, z] * factor[z]
                    total += weight[z]
                    if receiving[z]:
                        inside += weight[z]
                attraction[i, f] += share[t] * math.log(inside)
                for z in range(zones):
                    shares[i, f, z] += share[t] * weight[z] / total
    return attraction, shares


@kernel
def _founders(key, what, uid, step, relative, zone, field, hazard):  # type: ignore[no-untyped-def]
    """Rows that found a branch, with chance 1 - exp(-h), and the expected number by zone and field in 1e-9."""
    expected = np.zeros(hazard.shape, np.int64)
    u = uniforms(key, what, uid, step, 0)
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        chance = 1.0 - math.exp(-relative[i] * hazard[zone[i], field[i]])
        expected[zone[i], field[i]] += np.int64(1e9 * chance)
        out[n] = i
        n += u[i] < chance
    return out[:n], expected


def _found(world: World) -> None:
    origins, location, levels = world.origins, world.scenario.location, world.scenario.levels
    here = prospects(world, park_pull(world, location.choice.park))
    drive = world.inputs.walk[world.month] + location.founding.pressure * (world.inputs.pressure[world.month] - 1.0)
    offer = here.attraction - levels.branch_attraction
    hazard = levels.branch_hazard * np.exp(drive + location.founding.attraction * offer)
    if location.founding.imitation:
        hazard = hazard + location.founding.imitation * _imitated(world)
    parent, expected = _founders(
        world.key, FOUND, origins.uid, world.month, origins.founding, origins.zone, origins.field, hazard
    )
    in_zone = (expected[:, :, None] * here.shares).sum(axis=(0, 1))
    world.tally.add("branches_expected", np.arange(world.zones), np.rint(in_zone / 1e3).astype(np.int64))
    _settle(world, parent, here)


def _imitated(world: World) -> Reals:
    """Share of the enterprises of a field that have a branch outside the source, by zone of the parent and field."""
    origins, branches = world.origins, world.branches
    fields = len(world.region.fields)
    has = np.zeros(origins.used, bool)
    has[branches.parent[branches.alive & world.receiving[branches.zone]]] = True
    enterprise = origins.founding > 0.0  # of those gone, and of institutes, it is 0
    owners = np.bincount(origins.field[has & enterprise], minlength=fields)
    return np.broadcast_to(owners / np.maximum(np.bincount(origins.field[enterprise], minlength=fields), 1),
                           (world.zones, fields))  # fmt: skip


def _choose(world: World, uid: NDArray[np.uint64], parent: Rows, kind: NDArray[np.int8], here: Prospects) -> Chosen:
    origins = world.origins
    base = here.way[origins.zone[parent]] * here.site[origins.field[parent], kind]
    outside = math.exp(world.scenario.levels.outside_founding)
    chosen: Chosen = choose(world.key, WHERE, uid, world.month, base, np.exp(here.pull), outside)
    return chosen


def _settle(world: World, parent: Rows, here: Prospects) -> None:
    origins, p = world.origins, world.scenario.location.branch
    uid = pairs(origins.uid[parent], np.full(parent.size, (1 << 40) + world.month, np.uint64))
    kind = _types(world, uid)
    zone, instead = _choose(world, uid, parent, kind, here)
    world.tally.add("branches_elsewhere", origins.zone[parent[zone == world.zones]])
    stays = zone < world.zones
    uid, parent, kind, zone, instead = uid[stays], parent[stays], kind[stays], zone[stays], instead[stays]
    park = admit(world, uid, applications(world, uid, zone, here.pull))
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
    home = origins.zone[parent]
    world.tally.move("branches", home, zone, subscribed)
    for what, chosen, origin in ((RELOCATION, "branches_relocated", home), (DIVERTED, "branches_diverted", instead)):
        world.tally.move(chosen, origin[motive == what], zone[motive == what], subscribed[motive == what])
    world.log(
        "branch", uid=uid, parent=origins.uid[parent], zone=zone, cell=cell, park=park,
        motive=motive, instead=instead, yuan=subscribed,
    )  # fmt: skip


def _types(world: World, uid: NDArray[np.uint64]) -> NDArray[np.int8]:
    p = world.scenario.location.branch
    u = uniforms(world.key, TYPE, uid, 0, 0)
    kind = np.searchsorted([p.sales_share, p.sales_share + p.rnd_share], u, side="right")
    return np.array([SALES, RND, PRODUCTION], np.int8)[kind]


def _capital(world: World, parent: Rows, zone: Rows, noise: Reals) -> NDArray[np.int64]:
    """Lognormal capital, larger for larger parents; its mean over founders is `capital_mean`."""
    p, origins = world.scenario.location.branch, world.origins
    ratio = np.array([p.capital_ratio.get(a.key, 1.0) for a in world.region.admins])
    mean = p.capital_mean * 1e6 * ratio[world.region.zones.admin[zone]]
    mean = mean * origins.staff[parent] ** p.capital_size / world.norms.capital
    return np.rint(mean * np.exp(p.capital_sigma * noise - 0.5 * p.capital_sigma**2)).astype(np.int64)


def settle_first_branches(world: World) -> None:
    """The branches of the first month: as many as the anchor asks for, where the choice puts them, aged by survival."""
    origins, location = world.origins, world.scenario.location
    target = world.scenario.populations.branches_at_start * world.scale
    enterprise = np.flatnonzero(origins.kind == ENTERPRISE)
    if target == 0 or not enterprise.size:
        return
    here = prospects(world, pull=np.zeros(world.zones))
    received = (here.shares * world.receiving).sum(axis=2)
    relative = origins.founding[enterprise]
    inside = (relative * received[origins.zone[enterprise], origins.field[enterprise]]).mean()
    count = poissons(world.key, STOCK, origins.uid[enterprise], 0, relative * target / (inside * enterprise.size))
    parent, uid = offspring(origins.uid[enterprise], count, 1 << 41)
    parent = enterprise[parent]
    kind = _types(world, uid)
    zone, _ = _choose(world, uid, parent, kind, here)
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
        "environment",
        "origins.uid", "origins.founding", "origins.zone", "origins.field", "origins.staff",
        "parks.uid", "parks.rank", "parks.open", "parks.zone", "parks.cell", "parks.subsidy",
        "parks.capacity", "manufacturers.zone", "manufacturers.field",
        "manufacturers.size", "manufacturers.alive", "programmes.park", "programmes.alive",
        "ventures.park", "ventures.alive",
    ),
    writes=("branches.*", "tables.manufacturing", "accounts", "tally", "events"),
    system="A1",
    doc="enterprises found branches and choose where",
)  # fmt: skip
