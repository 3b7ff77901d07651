"""Who buys: the exact firm-level logit, chosen level by level with keyed races (MODEL.md, (3)).

A buyer's weight is its mass times a zone factor, a field factor and its cognitive fit; all factors but the mass
depend on (zone, field, position, tercile) alone, so inclusive values are sums over small tables. One race chooses among
the zones and the outside option, then races choose field, position and tercile, and firm. That has exactly the
probabilities of the full softmax over firms (T19), and raising one zone moves only choices towards it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.attributes import POSITIONS
from sim.agents.manufacturers import TERCILES, WEIGHT_UNIT
from sim.core.compiled import kernel
from sim.core.derived import derived
from sim.core.schedule import Process
from sim.core.streams import mix, purpose, race, race_of, u01_pair
from sim.parameters.exchange import Exchange
from sim.world import World

ZONE = purpose("market.zone")
FIELD = purpose("market.field")
CELL = purpose("market.cell")
FIRM = purpose("market.firm")

Reals = NDArray[np.float64]
BLOCK = 128  # offers whose races are run together


@dataclass(frozen=True)
class Market:
    """The tables of a month: Z zones, F fields, 32 positions, 3 terciles."""

    mass: Reals
    "Summed weight by zone, field, position, tercile: whole numbers."
    fit: Reals
    "Cognitive fit by circular distance (32) and tercile."
    reach: Reals
    "Fitting mass by zone of the buyers, position of the achievement, field of the buyers."
    attraction: Reals
    "The same over all fields of the buyers, by field and position of the achievement and zone of the buyers."
    weight: NDArray[np.int64]
    "Fixed-point weight of each manufacturer."
    row: NDArray[np.int32]
    "Rows of the manufacturers, ordered by cell of the table."
    start: NDArray[np.int64]
    "Where each cell begins among them."
    bonus: float
    "Factor for a buyer of the achievement's own field."
    pull: Reals
    "Factor of travel time, border and environment, by zone of the owner and zone of the buyer."

    def outside(self, utility: float, scale: float) -> float:
        """Weight of the outside option."""
        return math.exp(utility) * scale


def fit_table(p: Exchange) -> Reals:
    """g(d) for each circular distance and tercile (MODEL.md, (2)): highest at the optimum, exp(-1/2) one width away."""
    steps = np.arange(POSITIONS)
    distance = 2.0 * np.minimum(steps, POSITIONS - steps) / POSITIONS
    optimum = p.optimum_base + p.optimum_slope * (np.arange(TERCILES) + 0.5) / TERCILES
    return np.asarray(np.exp(-((distance[:, None] - optimum) ** 2) / (2 * p.fit_width**2)))


def weights(world: World) -> NDArray[np.int64]:
    """Fixed-point weight of each manufacturer: size, absorptive capacity, need; 0 for those gone."""
    firms, p = world.manufacturers, world.scenario.exchange
    weight: NDArray[np.int64] = _weights(
        firms.size, firms.absorption, firms.need, firms.alive, p.size_weight, p.absorption_weight, p.need_bonus
    )
    return weight


@kernel
def _weights(size, absorption, need, alive, size_power, absorption_power, need_bonus):  # type: ignore[no-untyped-def]
    out = np.zeros(size.size, np.int64)
    for i in range(size.size):
        if alive[i]:
            weight = _power(size[i], size_power) * _power(absorption[i], absorption_power)
            out[i] = np.int64(np.rint(WEIGHT_UNIT * (weight * (1.0 + need_bonus * need[i]))))
    return out


@kernel
def _power(x, power):  # type: ignore[no-untyped-def]
    """x ** power, fast for the powers that are mostly asked for."""
    if power == 0.5:
        return math.sqrt(x)
    return x if power == 1.0 else x**power


def pulls(world: World) -> Reals:
    """Factor of travel time, border and the buyers' environment, by zone of the owner and zone of the buyer."""
    scenario, zones = world.scenario, world.region.zones
    border = zones.admin[:, None] != zones.admin
    distance = -scenario.exchange.travel_elasticity * np.log(world.hours) - scenario.border.penalty * border
    return np.asarray(np.exp(distance + scenario.diffusion.environment.effect * world.environment))


def assemble(world: World) -> Market:
    """All tables from the present state of the manufacturers, with the pulls of the month."""
    f = world.manufacturers
    columns = (f.size, f.zone, f.field, f.position, f.tercile, f.uid, f.absorption, f.need, f.alive)
    return replace(derived(world.tables, "buyers", columns, lambda: _buyers(world)), pull=pulls(world))


def _buyers(world: World) -> Market:
    """The tables without pulls: they change when manufacturers do."""
    firms, p = world.manufacturers, world.scenario.exchange
    weight = weights(world)
    mass, row, start = _sorted_into_cells(
        firms.zone, firms.field, firms.position, firms.tercile, weight,
        world.zones, len(world.region.fields), POSITIONS, TERCILES,
    )  # fmt: skip
    fit = fit_table(p)
    bonus = math.exp(p.field_bonus)
    reach = _reach(mass, fit)
    attraction = reach.sum(axis=1, keepdims=True) + (bonus - 1.0) * reach
    by_position = np.ascontiguousarray(reach.transpose(0, 2, 1))
    by_zone = np.ascontiguousarray(attraction.transpose(1, 2, 0))
    return Market(mass, fit, by_position, by_zone, weight, row, start, bonus, np.empty((0, 0)))


@kernel
def _sorted_into_cells(  # type: ignore[no-untyped-def]
    zone, field, position, tercile, weight, zones, fields, positions, terciles
):
    """Summed weight by cell; then rows in the order of the cells, and where each begins."""
    size = zones * fields * positions * terciles
    cell = np.empty(zone.size, np.int32)
    start = np.zeros(size + 1, np.int64)
    mass = np.zeros(size)
    for i in range(zone.size):
        c = ((np.int64(zone[i]) * fields + field[i]) * positions + position[i]) * terciles + tercile[i]
        cell[i] = c
        mass[c] += weight[i]  # whole numbers below 2^53: exact in any order
        start[c + 1] += 1
    for c in range(size):
        start[c + 1] += start[c]
    place = start[:-1].copy()
    row = np.empty(zone.size, np.int32)
    for i in range(zone.size):
        at = place[cell[i]]
        place[cell[i]] += 1
        row[at] = i
    return mass.reshape(zones, fields, positions, terciles), row, start


@kernel
def _reach(mass, fit):  # type: ignore[no-untyped-def]
    """Fitting mass around each position: for each cell with somebody in it one pass over the positions it reaches."""
    zones, fields, positions, terciles = mass.shape
    unrolled = np.empty((terciles, 2 * positions))  # fit by distance, twice round the circle: passes without a modulus
    for t in range(terciles):
        for k in range(2 * positions):
            unrolled[t, k] = fit[k % positions, t]
    out = np.zeros((zones, fields, positions))
    for z in range(zones):
        for f in range(fields):
            total = np.zeros(positions)
            for y in range(positions):
                for t in range(terciles):
                    here = mass[z, f, y, t]
                    if here:
                        for x in range(positions):
                            total[x] += here * unrolled[t, positions - y + x]
            for x in range(positions):
                out[z, f, x] = total[x] / WEIGHT_UNIT
    return out


def _refresh(world: World) -> None:
    world.tables["market"] = assemble(world)


def match(
    world: World,
    uid: NDArray[np.uint64],
    zone: NDArray[Any],
    field: NDArray[Any],
    position: NDArray[Any],
    outside: float,
) -> NDArray[np.int64]:
    """The buyer (row of a manufacturer) that each offer meets, or -1 outside the region."""
    m: Market = world.tables["market"]
    rows: NDArray[np.int64] = _match(
        world.key, world.month, uid, zone, field, position, m.outside(outside, world.scale),
        m.pull, m.attraction, m.reach, m.mass, m.fit, m.bonus, m.row, m.weight, m.start, world.manufacturers.uid,
    )  # fmt: skip
    return rows


@kernel
def _zones(key, month, uid, zone, field, position, outside, pull, attraction):  # type: ignore[no-untyped-def]
    """The zone that wins the race of each offer; the number of zones stands for outside.

    The same draws as `race` over zones and outside, but taken for a block of offers at once, so that they are
    vectorised. Outside runs first: it wins most races, and then no other logarithm need be taken.
    """
    zones = pull.shape[0]
    winner = np.empty(uid.size, np.int64)
    pairs_of = (zones + 2) // 2
    u = np.empty((2 * pairs_of, BLOCK))
    weight = np.empty(zones)
    for first in range(0, uid.size, BLOCK):
        size = min(BLOCK, uid.size - first)
        for pair in range(pairs_of):
            for k in range(size):
                u[2 * pair, k], u[2 * pair + 1, k] = u01_pair(key, ZONE, uid[first + k], month, pair)
        for k in range(size):
            here, f, x = zone[first + k], field[first + k], position[first + k]
            for z in range(zones):
                weight[z] = pull[here, z] * attraction[f, x, z]
            best = zones
            shortest = -math.log(u[zones, k]) / outside if outside > 0.0 else np.inf
            for z in range(zones):
                if 1.0 - u[z, k] < shortest * weight[z]:
                    time = -math.log(u[z, k]) / weight[z]
                    if time < shortest:
                        shortest = time
                        best = z
            winner[first + k] = best
    return winner


@kernel
def _match(  # type: ignore[no-untyped-def]
    key, month, uid, zone, field, position, outside, pull, attraction, reach, mass, fit, bonus, firm, weight,
    start, firm_uid,
):  # fmt: skip
    zones, fields, positions, terciles = mass.shape
    cells = positions * terciles
    mass_of = mass.reshape(zones, fields, cells)
    fit_to = np.empty((positions, cells))
    for x in range(positions):
        for y in range(positions):
            for t in range(terciles):
                fit_to[x, y * terciles + t] = fit[(x - y) & (positions - 1), t]
    buyer = np.full(uid.size, -1, np.int64)
    by_field = np.empty(fields)
    by_cell = np.empty(cells)
    winner = _zones(key, month, uid, zone, field, position, outside, pull, attraction)
    for i in range(uid.size):
        z = winner[i]
        if z == zones:
            continue
        f = field[i]
        x = position[i]
        for g in range(fields):
            by_field[g] = reach[z, x, g] * (bonus if g == f else 1.0)
        g = race(key, FIELD, mix(uid[i], z), month, by_field)
        masses, to = mass_of[z, g], fit_to[x]
        for cell in range(cells):
            by_cell[cell] = masses[cell] * to[cell]
        cell = race(key, CELL, mix(uid[i], z * fields + g), month, by_cell)
        at = (z * fields + g) * cells + cell
        there = firm[start[at] : start[at + 1]]
        buyer[i] = there[race_of(key, FIRM, uid[i], month, firm_uid[there], weight[there])]
    return buyer


def fit_of(world: World, position: NDArray[Any], buyer: NDArray[np.int64]) -> Reals:
    """Cognitive fit between positions and the buyers they met."""
    m: Market = world.tables["market"]
    firms = world.manufacturers
    gap = (position.astype(np.int64) - firms.position[buyer]) % POSITIONS
    return np.asarray(m.fit[gap, firms.tercile[buyer]])


PROCESS = Process(
    name="market",
    phase="market",
    run=_refresh,
    reads=(
        "environment", "manufacturers.alive", "manufacturers.zone", "manufacturers.field", "manufacturers.position",
        "manufacturers.tercile", "manufacturers.size", "manufacturers.absorption", "manufacturers.need",
        "manufacturers.uid",
    ),
    writes=("tables.market", "tables.buyers"),
    system="A4, A5, A11",
    doc="tables of buyers' masses, of what travel and borders leave of them, and of what draws matches",
)  # fmt: skip
