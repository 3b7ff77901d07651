"""The state of the first month, copied from the columns once: rows become objects that refer to each other.

A column and the attribute of an agent have the same name. Rows of another population become the agent itself, numbers
of zones become zones, and numbers of accounts become accounts of the plain ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.core.columns import Population
from sim.scenario.schema import ScenarioDocument
from sim.world import World
from twin.branches import Branch
from twin.centre import Centre
from twin.debts import Credit
from twin.exchange import Licence
from twin.financiers import KINDS, Financier
from twin.firms import Norms
from twin.government import Government
from twin.knowledge import Knowledge
from twin.model import TwinModel
from twin.money import Account
from twin.organisations import Enterprise, Institute, Manufacturer, University
from twin.parks import Park
from twin.research import Achievement
from twin.zones import Zone

ZONES = ("zone", "origin")
"Columns that hold numbers of zones, where the twin has the zone."


def twin_of(world: World, seed: int, replicate: int, scenario: ScenarioDocument | None = None) -> TwinModel:
    """The twin of a world in its first month, of its scenario or, to see whether that is noticed, of another one."""
    region = world.region
    model = TwinModel(scenario or world.scenario, region, seed, replicate)
    zones, admins = region.zones, region.admins
    for number in range(len(zones)):
        admin = admins[zones.admin[number]]
        model.zones.append(
            Zone(
                number=number,
                admin=admin.key,
                receiving=not admin.source,
                wage=float(zones.wage[number]),
                rent=float(zones.rent[number]),
                gdp=float(zones.gdp_bn[number]),
                people=float(zones.population_10k[number]),
                cells=_cells(world, number),
            )
        )
    accounts = _accounts(world, model)
    for admin, account in zip(admins, world.government.tolist(), strict=True):
        government = Government(model, uid=0, name=admin.key, account=accounts[account])
        for zone in model.zones:
            if zone.admin == admin.key:
                zone.government = government
    seat = model.zones[world.centre_zone] if world.centre_zone >= 0 else None
    model.centre = Centre(model, uid=0, zone=seat, account=accounts[int(world.centre_account[0])])

    made: dict[str, dict[int, Any]] = {}
    for name, maker in MAKERS.items():
        made[name] = dict(_objects(world.populations()[name], made, model, accounts, maker))
    model.shelf = {one.uid: one for one in made["achievements"].values()}
    model.licences = {one.uid: one for one in made["licences"].values()}
    model.credits = {one.uid: one for one in made["credits"].values()}
    model.norms = Norms.of(model)
    model.mean_absorption = world.absorption_mean
    known = np.argwhere(world.knowledge)
    model.knowledge = Knowledge(model, {(int(c), int(f)): float(world.knowledge[c, f]) for c, f in known})
    model.absorption_edges = world.absorption_edges.tolist()
    sectors = world.ledger.sectors
    for k, holder, issuer in np.argwhere(world.ledger.claims).tolist():
        what = world.ledger.instruments[k], sectors[holder], sectors[issuer]
        model.ledger.claims[what] = int(world.ledger.claims[k, holder, issuer])
    model.dormant.update({(int(z), int(m)): int(world.dormant[z, m]) for z, m in np.argwhere(world.dormant)})
    return model


def _origin(model: TwinModel, *, kind: int, **attributes: Any) -> Enterprise | Institute:
    return (Enterprise, Institute, University)[kind](model, **attributes)


def _financier(model: TwinModel, *, kind: int, **attributes: Any) -> Financier:
    return KINDS[kind](model, **attributes)


def _credit(model: TwinModel, **attributes: Any) -> Credit:
    return Credit(**attributes)


def _achievement(model: TwinModel, **attributes: Any) -> Achievement:
    return Achievement(**attributes)


def _licence(model: TwinModel, **attributes: Any) -> Licence:
    return Licence(**attributes)


MAKERS: Mapping[str, Callable[..., Any]] = {
    "origins": _origin,
    "manufacturers": Manufacturer,
    "parks": Park,
    "financiers": _financier,
    "credits": _credit,
    "achievements": _achievement,
    "branches": Branch,
    "licences": _licence,
}
"Populations that the first month begins with, those before that others refer to."


def _objects(
    population: Population, made: Mapping[str, Mapping[int, Any]], model: TwinModel, accounts: list[Account],
    make: Callable[..., Any],
) -> list[tuple[int, Any]]:  # fmt: skip
    """Row and object of each of the living."""
    rows = population.rows
    own = {}  # rows of the same population are replaced once all are made
    columns: dict[str, list[Any]] = {}
    for name, array in population.columns():
        refers, values = population.schema[name].refers, array[rows].tolist()
        if name in ZONES:
            values = [model.zones[number] for number in values]
        elif name == "account" or refers == "accounts":
            values = [accounts[number] for number in values]
        elif refers == population.name:
            own[name] = values
        elif refers:
            values = [made[refers].get(row) for row in values]  # no row is -1
        if name not in ("alive", "serial"):
            columns[name] = values
    attributes = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    objects = {row: make(model, **one) for row, one in zip(rows.tolist(), attributes, strict=True)}
    for name, values in own.items():
        for one, row in zip(objects.values(), values, strict=True):
            setattr(one, name, objects.get(row))
    return list(objects.items())


def _accounts(world: World, model: TwinModel) -> list[Account]:
    """All accounts with what is in them, by their number."""
    ledger, accounts = world.ledger, [model.ledger.outside]
    for number in range(1, ledger.used):
        sector, place = divmod(int(ledger.home[number]), ledger.places)
        accounts.append(model.ledger.open(ledger.sectors[sector], place))
    for account, balance in zip(accounts, ledger.balance.tolist(), strict=False):
        model.ledger.balance[account] = balance
    return accounts


def _cells(world: World, zone: int) -> list[tuple[int, float]]:
    grid, zones = world.region.grid, world.region.zones
    x, y = world.region.project(zones.lon[zone], zones.lat[zone])
    cells = grid.cells_of(zone)
    distances = np.hypot(grid.x_km[cells] - float(x), grid.y_km[cells] - float(y))
    return list(zip(cells.tolist(), distances.tolist(), strict=True))
