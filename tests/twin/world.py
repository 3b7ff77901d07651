"""The state at the start of a process, as objects that refer to each other: zones, parks and all who live."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from sim.core.dates import months_between
from sim.scenario.schema import ScenarioDocument
from sim.world import World
from twin.draws import Draws

ENTERPRISE = 0


@dataclass(eq=False)
class Zone:
    number: int
    admin: str
    receiving: bool
    wage: float
    rent: float
    gdp: float
    cells: list[tuple[int, float]]
    "Cells of the grid with the distance to the zone's centre, in km."


@dataclass(eq=False)
class Origin:
    uid: int
    kind: int
    zone: Zone
    field: int
    position: int
    staff: float
    contracts: float
    founding: float
    lists: bool
    member: bool
    account: int

    @property
    def is_enterprise(self) -> bool:
        return self.kind == ENTERPRISE


@dataclass(eq=False)
class Manufacturer:
    uid: int
    zone: Zone
    field: int
    position: int
    tercile: int
    size: float
    absorption: float
    need: bool
    registered: bool
    account: int


@dataclass(eq=False)
class Achievement:
    uid: int
    owner: Origin
    zone: Zone
    field: int
    position: int
    quality: float
    offered_at: int


@dataclass(eq=False)
class Park:
    uid: int
    rank: int
    zone: Zone
    cell: int
    capacity: int
    subsidy: float
    open: bool
    closes_at: int
    tenants: int = 0


@dataclass(eq=False)
class Branch:
    uid: int
    parent: Origin
    zone: Zone
    cell: int
    field: int
    type: int
    subsidiary: bool
    motive: int
    instead: int
    "Number of a zone, or the number of zones: elsewhere."
    park: Park | None
    born: int
    frailty: float
    subscribed: int
    account: int | None = None


@dataclass(eq=False)
class Twin:
    """What the rules may look at, and the counters that they add to."""

    scenario: ScenarioDocument
    month: int
    scale: float
    draws: Draws
    zones: list[Zone]
    fields: list[str]
    hours: list[list[float]]
    "Travel time from zone to zone, this month."
    pressure: float
    walk: float
    price: float
    "Price level, 1 in the price year."
    first_price: float
    "Price level of the first month."
    origins: list[Origin]
    manufacturers: list[Manufacturer]
    achievements: list[Achievement]
    branches: list[Branch]
    parks: list[Park]
    "In the order of the chain."
    licences: set[int]
    "Identities of the licences that are still being paid."
    centre: Zone | None
    "Where the promotion centre is; nowhere if there is none."
    centre_share: float
    "Share of its full capacity at which it works this month."
    featured: list[bool]
    "Which fields the centre serves."
    balance: dict[int, int]
    "Deposits by account, in yuan."
    tally: Counter[tuple[str, int]] = field(default_factory=Counter)
    "Counts by name and zone."

    def count(self, name: str, zone: Zone, amount: int = 1) -> None:
        self.tally[name, zone.number] += amount

    def pay(self, payer: int, payee: int, amount: int) -> None:
        self.balance[payer] -= amount
        self.balance[payee] += amount


def price_level(scenario: ScenarioDocument, month: str) -> float:
    """Prices grow steadily until their growth ends; they are 1 in the price year."""
    p = scenario.exchange
    return math.exp(p.price_growth * months_between(p.price_year, min(month, p.price_growth_end)) / 12)


def read(world: World, scenario: ScenarioDocument | None = None) -> Twin:
    """The world as objects, with its scenario or another one; rows and their order are left behind."""
    region, month, scenario = world.region, world.month, scenario or world.scenario
    zones = []
    for z in range(len(region.zones)):
        admin = region.admins[region.zones.admin[z]]
        x, y = region.project(region.zones.lon[z], region.zones.lat[z])
        cells = [
            (int(c), ((region.grid.x_km[c] - float(x)) ** 2 + (region.grid.y_km[c] - float(y)) ** 2) ** 0.5)
            for c in region.grid.cells_of(z)
        ]
        zones.append(
            Zone(
                z,
                admin.key,
                not admin.source,
                float(region.zones.wage[z]),
                float(region.zones.rent[z]),
                float(region.zones.gdp_bn[z]),
                cells,
            )
        )
    o, m, a, b, k = world.origins, world.manufacturers, world.achievements, world.branches, world.parks
    origin_at = {
        int(i): Origin(
            int(o.uid[i]), int(o.kind[i]), zones[o.zone[i]], int(o.field[i]), int(o.position[i]), float(o.staff[i]),
            float(o.contracts[i]), float(o.founding[i]), bool(o.lists[i]), bool(o.member[i]), int(o.account[i]),
        )
        for i in o.rows
    }  # fmt: skip
    manufacturers = [
        Manufacturer(
            int(m.uid[i]), zones[m.zone[i]], int(m.field[i]), int(m.position[i]), int(m.tercile[i]), float(m.size[i]),
            float(m.absorption[i]), bool(m.need[i]), bool(m.registered[i]), int(m.account[i]),
        )
        for i in m.rows
    ]  # fmt: skip
    achievements = [
        Achievement(
            int(a.uid[i]), origin_at[int(a.owner[i])], zones[a.zone[i]], int(a.field[i]), int(a.position[i]),
            float(a.quality[i]), int(a.offered_at[i]),
        )
        for i in a.rows
    ]  # fmt: skip
    park_at = {
        int(i): Park(
            int(k.uid[i]), int(k.rank[i]), zones[k.zone[i]], int(k.cell[i]), int(k.capacity[i]), float(k.subsidy[i]),
            bool(k.open[i]), int(k.closes_at[i]),
        )
        for i in k.rows
    }  # fmt: skip
    branches = [
        Branch(
            int(b.uid[i]), origin_at[int(b.parent[i])], zones[b.zone[i]], int(b.cell[i]), int(b.field[i]),
            int(b.type[i]), bool(b.subsidiary[i]), int(b.motive[i]), int(b.instead[i]), park_at.get(int(b.park[i])),
            int(b.born[i]), float(b.frailty[i]), int(b.subscribed[i]), int(b.account[i]),
        )
        for i in b.rows
    ]  # fmt: skip
    for population in (world.branches, world.programmes, world.ventures):
        for i in population.rows:
            if population.park[i] >= 0:
                park_at[int(population.park[i])].tenants += 1
    return Twin(
        scenario=scenario,
        month=month,
        scale=scenario.scale,
        draws=Draws(world.key),
        zones=zones,
        fields=[f.key for f in region.fields],
        hours=[[float(h) for h in row] for row in world.hours],
        pressure=scenario.decap_pressure.at(world.clock.label(month)),
        walk=float(world.inputs.walk[month]),
        price=price_level(scenario, world.clock.label(month)),
        first_price=price_level(scenario, scenario.start),
        origins=list(origin_at.values()),
        manufacturers=manufacturers,
        achievements=achievements,
        branches=branches,
        parks=sorted(park_at.values(), key=lambda park: park.rank),
        licences={int(world.licences.uid[i]) for i in world.licences.rows},
        centre=zones[world.centre_zone] if world.centre_zone >= 0 else None,
        centre_share=float(world.inputs.centre_share[month]),
        featured=[f.featured for f in region.fields],
        balance={account: int(world.ledger.balance[account]) for account in range(world.ledger.used)},
    )
