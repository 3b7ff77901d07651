"""Where founders go: one logit over all zones and the rest of the country, by keyed race (MODEL.md, (6)).

Every founder also has the choice it would make if no park pulled: the same keyed draws without the parks' term.
Where the two differ, the founding was diverted by a lever, and from where is known.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.core.derived import derived
from sim.core.streams import race
from sim.world import World

Reals = NDArray[np.float64]


def manufacturing(world: World) -> Reals:
    """Log of the manufacturing mass of a zone and field relative to the mean over zones; bounded below.

    Mass is the number of manufacturers weighed by the square root of their size, as in the market.
    """
    firms, fields = world.manufacturers, len(world.region.fields)
    columns = (firms.zone, firms.field, firms.size, firms.alive)

    def log_mass() -> Reals:
        mass = _mass(*columns, world.zones, fields)
        return np.asarray(np.log(np.maximum(mass / np.maximum(mass.mean(axis=0), 1.0), 0.01)))

    return derived(world.tables, "manufacturing", columns, log_mass)


@kernel
def _mass(zone, field, size, alive, zones, fields):  # type: ignore[no-untyped-def]
    out = np.zeros((zones, fields), np.int64)
    for i in range(zone.size):
        if alive[i]:
            out[zone[i], field[i]] += np.int64(np.rint(1e6 * math.sqrt(size[i])))
    return out


def economy(world: World) -> Reals:
    """Log of each zone's economy relative to the mean of all: how many sites the zone bundles."""
    gdp = world.region.zones.gdp_bn
    return np.asarray(np.log(gdp / gdp.mean()))


def park_pull(world: World, strength: float) -> Reals:
    """Log odds that open parks add to each zone: theta_k (1 + subsidy), the strongest where there are several."""
    pull = np.zeros(world.zones)
    parks = world.parks
    np.maximum.at(pull, parks.zone[parks.open], strength * (1.0 + parks.subsidy[parks.open]))
    return pull


@kernel
def choose(key, what, uid, step, base, pull, outside):  # type: ignore[no-untyped-def]
    """Race each founder over the zones (weights base x pull) and elsewhere; also without the pull.

    `base` has one row of weights a founder, without parks; the alternative after the last zone is elsewhere.
    Returns the choice and the choice without parks.
    """
    founders, zones = base.shape
    chosen = np.empty(founders, np.int64)
    instead = np.empty(founders, np.int64)
    weight = np.empty(zones + 1)
    for i in range(founders):
        weight[zones] = outside
        for z in range(zones):
            weight[z] = base[i, z]
        instead[i] = race(key, what, uid[i], step, weight)
        for z in range(zones):
            weight[z] = base[i, z] * pull[z]
        chosen[i] = race(key, what, uid[i], step, weight)
    return chosen, instead
