"""From a scenario to the world of its first month: levers become arrays, populations settle, the shelf is filled."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.agents import (
    achievements,
    adoptions,
    agreements,
    branches,
    credits,
    developments,
    enterprises,
    financiers,
    institutes,
    licences,
    manufacturers,
    origins,
    parks,
    programmes,
    technologies,
    ventures,
)
from sim.agents.attributes import Ground, Places, Reals, field_cumulative
from sim.agents.audiences import Audiences
from sim.core.clock import MONTHS_PER_YEAR, Clock, grown
from sim.core.ledger import Ledger
from sim.core.streams import normals, purpose, run_key
from sim.core.tally import Tally
from sim.demography import exit as exits
from sim.diffusion import spillovers
from sim.finance import seasoned
from sim.government import taxes
from sim.location import branch_founding
from sim.region import Region, load_region
from sim.research import births
from sim.scenario.schema import ScenarioDocument
from sim.world import BINNED, CLAIMS, COUNTERS, MAY_OWE, MOVES, SECTORS, TAGS, Inputs, World

WALK = purpose("levels.walk")
LAST_KNOWN = "2016-12"  # the date lock: what the calendar `known_2016` may know


@lru_cache(maxsize=4)
def region_of(folder: Path) -> Region:
    """A region is read once a process."""
    return load_region(folder)


def build(scenario: ScenarioDocument, folder: Path, seed: int = 1, replicate: int = 0) -> World:
    """The world at the start of the first month of one replicate."""
    region = region_of(folder)
    clock = Clock(scenario.start, scenario.end)
    key = run_key(seed, replicate)
    zones = region.zones
    fields = [f.key for f in region.fields]
    ledger = Ledger(SECTORS, TAGS, CLAIMS, len(zones), MAY_OWE)
    places = _places(region)
    shares = field_cumulative(scenario.populations.field_shares, fields)
    ground = Ground(region, places, shares, scenario.populations, key, ledger)
    crowd = origins.population()
    for kind in (enterprises, institutes):
        kind.settle(crowd, ground, scenario.scale)
    firms = manufacturers.settle(ground, scenario.scale)
    site = region.sites.get(scenario.platform.site)
    admins = np.arange(len(region.admins))
    seats = np.array([np.flatnonzero(zones.admin == a)[0] for a in admins])
    source_zone = int(np.argmax(zones.counts["enterprises"]))
    counted = sum(int(zones.counts[name].sum()) for name in ("enterprises", "institutes", "universities"))
    norms = origins.norms(crowd, counted, scenario)
    chain, names = parks.settle(scenario.parks, ledger, region, clock, scenario.scale)
    world = World(
        scenario=scenario,
        region=region,
        clock=clock,
        key=key,
        inputs=_inputs(scenario, region, clock, key),
        ledger=ledger,
        tally=Tally(
            (*COUNTERS, *(f"deals_brokered_{f.key}" for f in region.fields if f.featured)), MOVES, BINNED, len(zones)
        ),
        ground=ground,
        norms=norms,
        origins=crowd,
        manufacturers=firms,
        achievements=achievements.population(),
        branches=branches.population(),
        programmes=programmes.population(),
        ventures=ventures.population(),
        licences=licences.population(),
        developments=developments.population(),
        technologies=technologies.population(),
        adoptions=adoptions.population(),
        parks=chain,
        park_names=names,
        financiers=financiers.settle(ledger, source_zone, _financiers(scenario)),
        credits=credits.population(),
        agreements=agreements.population(),
        government=ledger.open("governments", seats),
        centre_account=ledger.open("centre", np.array([site.zone if site else source_zone])),
        centre_zone=site.zone if site else -1,
        dormant=np.zeros((len(zones), clock.months + 1), np.int64),
        closed=np.zeros(len(zones), np.int64),
        absorption_edges=manufacturers.thirds(firms.absorption),
        absorption_mean=float(firms.absorption.mean()) if firms.used else 0.5,
        venture_urge=np.zeros(len(zones)),
        environment=np.zeros(len(zones)),
        recent=np.zeros((MONTHS_PER_YEAR, 2, len(zones)), np.int64),
        knowledge=np.zeros((len(region.grid), len(fields))),
        knowledge_near=np.zeros((len(region.grid), len(fields))),
        spillover=np.zeros((len(region.grid), len(fields))),
        audiences=Audiences.none(len(zones)),
        fates=dict.fromkeys(achievements.FATES, 0),
    )
    origins.expect(crowd, crowd.rows, norms, scenario)
    exits.settle_ages(world)
    taxes.expect(world)
    births.fill_shelf(world)
    branch_founding.settle_first_branches(world)
    seasoned.lend_before_the_start(world)
    if scenario.tier == "full":
        spillovers.begin(world)
    return world


def _financiers(scenario: ScenarioDocument) -> dict[int, int]:
    """How many financiers of each kind there are in the tier of the scenario; credit of tier chain is one pool."""
    p = scenario.finance
    counts = {financiers.FUND: p.investment.funds}
    if scenario.tier == "chain":
        counts[financiers.BANK] = 1
    if scenario.tier == "full":
        counts |= {
            financiers.BANK: p.loan.banks,
            financiers.INSURER: p.insurance.insurers,
            financiers.LESSOR: p.leasing.lessors,
            financiers.MEMBER: scenario.alliance.members if scenario.alliance.start else 0,
        }
    return counts


def travel_hours(scenario: ScenarioDocument, region: Region) -> tuple[NDArray[np.int64], Reals]:
    """Which matrix of hours between zones holds in each month, and the distinct matrices."""
    rail, frozen_at = scenario.transport.rail, scenario.transport.frozen_at
    if scenario.calendar == "known_2016" and rail == "actual":
        rail, frozen_at = "frozen", LAST_KNOWN
    index, hours = region.hours_by_month(Clock(scenario.start, scenario.end).labels(), rail, frozen_at)
    return np.asarray(index, np.int64), hours


def _inputs(scenario: ScenarioDocument, region: Region, clock: Clock, key: np.uint64) -> Inputs:
    labels = clock.labels()
    index, hours = travel_hours(scenario, region)
    founding = scenario.location.founding
    exchange = scenario.exchange
    last = clock.index(exchange.price_growth_end)
    base = clock.index(exchange.price_year)
    return Inputs(
        hours_index=index,
        hours=hours,
        pressure=np.array([scenario.decap_pressure.at(m) for m in labels]),
        centre_share=scenario.platform.shares(clock),
        powder=np.array([scenario.venture_powder.at(m) for m in labels]),
        loan_quota=np.array([scenario.loan_quota.at(m) for m in labels]),
        benchmark=np.array([scenario.finance.benchmark.at(m) for m in labels]),
        interest_subsidy=np.array([scenario.interest_subsidy.at(m) for m in labels]),
        premium_subsidy=np.array([scenario.premium_subsidy.at(m) for m in labels]),
        risk_pool=np.array([scenario.risk_pool.at(m) for m in labels]),
        reach=_reach(scenario, region, labels),
        campaigns=scenario.alliance.active(clock, "crowdfund"),
        services=scenario.alliance.active(clock, "makerspace")
        / scenario.finance.crowdfunding.members
        * (scenario.tier == "full" and scenario.systems.alliance),
        walk=_walk(clock, key, founding.walk, clock.year(clock.index(founding.walk_anchor))),
        price=np.array([grown(exchange.price_growth, (min(m, last) - base) / 12) for m in range(clock.months)]),
    )


def _reach(scenario: ScenarioDocument, region: Region, labels: list[str]) -> Reals:
    paths = [scenario.finance.reach.get(a.key) for a in region.admins]
    return np.array([[1.0 if path is None else path.at(m) for path in paths] for m in labels])


def _walk(clock: Clock, key: np.uint64, step: float, anchor: int) -> Reals:
    """Random walk of the log hazard by calendar year, zero in the anchor year and unfolding to both sides of it."""
    first, last = clock.year(0), clock.year(clock.months - 1)
    level = {anchor: 0.0}
    for direction, end in ((1, last + 1), (-1, first - 1)):
        years = range(anchor + direction, end, direction)
        for year, shock in zip(years, normals(key, WALK, np.array(years, np.uint64), 0, 0), strict=True):
            level[year] = level[year - direction] + step * shock
    return np.array([level.get(clock.year(m), 0.0) for m in range(clock.months)])


def _places(region: Region) -> Places:
    grid = region.grid
    cells, distances = [], []
    for zone in range(len(region.zones)):
        own = np.asarray(grid.cells_of(zone))
        x, y = region.project(region.zones.lon[zone], region.zones.lat[zone])
        cells.append(own)
        distances.append(np.hypot(grid.x_km[own] - x, grid.y_km[own] - y))
    return Places(cells, distances)
