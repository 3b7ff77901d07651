"""How sizes, ages and places are distributed: whole numbers in bins, by zone, once a year.

A pattern is a statistic of many; a histogram keeps what such statistics need and forgets who was who.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.clock import MONTHS_PER_YEAR
from sim.core.columns import Population
from sim.core.compiled import kernel
from sim.core.counting import half_octaves
from sim.core.tally import BINS
from sim.metrics.metric import Reduction
from sim.world import World

Whole = NDArray[np.int64]
Located = tuple[NDArray[np.integer], Whole]
"Zone and bin of each thing counted; or, of what is measured each month, the counts themselves [zone, bin]."


@dataclass(frozen=True)
class Histogram:
    """Counts by zone and bin; of flows the months of a year add up (`sum`), of stocks its last month counts (`last`).

    `bins` says what a bin is. Without a function to measure it, it is the histogram of its name that processes count.
    """

    name: str
    bins: str
    reduce: Reduction
    doc: str
    measure: Callable[[World], Located | Whole] | None = None


OCTAVES = "half octaves: bin k from 2^(k/2) to 2^((k+1)/2)"
YEARS = "completed years"


def _founded(population: Population, world: World) -> Whole:
    """Rows founded in the month that is looked at; the world stands before the next one."""
    return np.flatnonzero(population.alive & (population.born == world.month - 1))


def _capital(world: World) -> Located:
    branches, rows = world.branches, _founded(world.branches, world)
    return branches.zone[rows], half_octaves(branches.subscribed[rows])


def _pledges(world: World) -> Located:
    programmes, rows = world.programmes, _founded(world.programmes, world)
    return programmes.zone[rows], half_octaves(programmes.pledged[rows])


def _at_risk(world: World) -> Whole:
    """Whoever lives at the end of a month may close in the next one, at the age that it then has."""
    branches = world.branches
    return np.asarray(_by_age(branches.zone, branches.alive, branches.born, world.month, world.zones))


@kernel
def _by_age(zone, alive, born, month, zones):  # type: ignore[no-untyped-def]
    """How many of the living are how many completed years old in a month, by zone."""
    out = np.zeros((zones, BINS), np.int64)
    for i in range(zone.size):
        if alive[i]:
            out[zone[i], min((month - born[i]) // MONTHS_PER_YEAR, BINS - 1)] += 1
    return out


def _sales(world: World) -> Located:
    firms = world.manufacturers
    rows = np.flatnonzero(firms.alive & (firms.sales > 0))
    return firms.zone[rows], half_octaves(firms.sales[rows])


def _staff(world: World) -> Located:
    origins = world.origins
    rows = np.flatnonzero(origins.alive & (origins.kind == ENTERPRISE) & (origins.staff > 0))
    return origins.zone[rows], half_octaves(origins.staff[rows])


def _per_parent(world: World) -> Located:
    branches, origins = world.branches, world.origins
    count = np.bincount(branches.parent[branches.alive], minlength=origins.used)
    rows = np.flatnonzero(count)
    return origins.zone[rows], count[rows]


def _by_field(world: World) -> Located:
    branches = world.branches
    return branches.zone[branches.rows], branches.field[branches.rows].astype(np.int64)


def _by_cell(world: World) -> Located:
    branches = world.branches
    return branches.zone[branches.rows], branches.cell[branches.rows].astype(np.int64)


def _technologies(world: World) -> Whole:
    return _summed_by_age(world, np.ones(world.technologies.used, np.int64))


def _adopters(world: World) -> Whole:
    return _summed_by_age(world, world.technologies.adopters.astype(np.int64))


def _summed_by_age(world: World, amount: Whole) -> Whole:
    """Of technologies, by the pioneer's zone and completed years since their success."""
    technologies, total = world.technologies, np.zeros((world.zones, BINS), np.int64)
    rows = technologies.rows
    age = (world.month - 1 - technologies.born[rows].astype(np.int64)) // MONTHS_PER_YEAR
    np.add.at(total, (technologies.zone[rows], np.minimum(age, BINS - 1)), amount[rows])
    return total


HISTOGRAMS = (
    Histogram("deals_by_price", OCTAVES, "sum", "achievement deals by price in yuan, at the buyer's zone"),
    Histogram("branches_by_capital", OCTAVES, "sum", "branches founded by subscribed capital in yuan", _capital),
    Histogram("programmes_by_pledge", OCTAVES, "sum", "programmes pledged by amount in yuan", _pledges),
    Histogram("branches_closed_by_age", YEARS, "sum", "branches closed by age"),
    Histogram("branches_at_risk_by_age", YEARS, "sum", "branch-months lived by age", _at_risk),
    Histogram("manufacturers_by_sales", OCTAVES, "last", "manufacturers by sales in yuan a year", _sales),
    Histogram("enterprises_by_staff", OCTAVES, "last", "enterprises of the source by staff", _staff),
    Histogram("parents_by_branches", "branches", "last", "parents by branches alive, at their zone", _per_parent),
    Histogram("branches_by_field", "position of the field", "last", "branches alive by field", _by_field),
    Histogram("technologies_by_age", YEARS, "last", "technologies by age, at the pioneer's zone", _technologies),
    Histogram("adopters_by_age", YEARS, "last", "manufacturers that have them, by the technology's age", _adopters),
    Histogram("branches_by_cell", "grid cell", "last", "branches alive by cell", _by_cell),
)


@dataclass(frozen=True)
class Binned:
    """Sparse rows: what was counted in which bin, by the last month of the year, histogram and zone."""

    month: NDArray[np.int16]
    what: NDArray[np.int16]
    place: NDArray[np.int16]
    bin: NDArray[np.int32]
    count: Whole


class Binner:
    """Keeps histograms of a run: flows are added up month by month, and all are written down at the end of a year."""

    def __init__(self, world: World) -> None:
        self._held = np.zeros((len(HISTOGRAMS), world.zones, BINS), np.int64)
        self._rows: list[Binned] = []

    def record(self, world: World, month: int) -> None:
        """Look at the month that has just been simulated."""
        ends = world.clock.label(month).endswith("-12") or month == world.clock.months - 1
        for k, one in enumerate(HISTOGRAMS):
            if one.measure is None:
                self._held[k] += world.tally.binned[world.tally.histograms[one.name]]
            elif one.reduce == "sum":
                _add(self._held[k], one.measure(world))
            elif ends:
                self._write(month, k, _counted(one.measure(world), world.zones))
        if ends:
            for k, held in enumerate(self._held):
                self._write(month, k, held)
            self._held[:] = 0

    def _write(self, month: int, what: int, counts: Whole) -> None:
        place, at = np.nonzero(counts)
        size = place.size
        self._rows.append(
            Binned(
                np.full(size, month, np.int16),
                np.full(size, what, np.int16),
                place.astype(np.int16),
                at.astype(np.int32),
                counts[place, at],
            )
        )

    def rows(self) -> Binned:
        """All that was written down so far."""
        parts = self._rows
        return Binned(
            np.concatenate([np.empty(0, np.int16), *(p.month for p in parts)]),
            np.concatenate([np.empty(0, np.int16), *(p.what for p in parts)]),
            np.concatenate([np.empty(0, np.int16), *(p.place for p in parts)]),
            np.concatenate([np.empty(0, np.int32), *(p.bin for p in parts)]),
            np.concatenate([np.empty(0, np.int64), *(p.count for p in parts)]),
        )


def _add(held: Whole, found: Located | Whole) -> None:
    """Add what a month has to what is held; it is mostly little, or counted already."""
    if isinstance(found, tuple):
        np.add.at(held, found, 1)
    else:
        held += found


def _counted(found: Located | Whole, places: int) -> Whole:
    """Counts as [zone, bin], with as many bins as are needed."""
    if not isinstance(found, tuple):
        return found
    place, at = found
    bins = int(at.max(initial=-1)) + 1
    flat = np.bincount(place.astype(np.int64) * bins + at, minlength=places * bins)
    return flat.reshape(places, bins)
