"""The recorder calls the metrics each month and keeps them: whole numbers in [metric, month, place], and histograms.

Places are the zones, then the administrations, then the whole region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.metrics import diffusion, flows, observed, stocks
from sim.metrics.books import Booked, Books
from sim.metrics.histograms import Binned, Binner
from sim.metrics.metric import Metric
from sim.region import Region
from sim.world import World

ELSEWHERE = "elsewhere"


@kernel
def _nonzero(counts, yuan):  # type: ignore[no-untyped-def]
    """Where something was counted, how often, and how much it was."""
    at = np.flatnonzero(counts)
    return at, counts[at], yuan[at]


def metrics_of(region: Region) -> tuple[Metric, ...]:
    """All metrics, in the order of their columns."""
    fields = {f.key: f.name_en for f in region.fields if f.featured}
    return (*flows.METRICS, *flows.by_field(fields), *stocks.METRICS, *diffusion.METRICS, *observed.METRICS)


def places_of(region: Region) -> tuple[str, ...]:
    """Names of the places of a result."""
    return (*region.zones.key, *(a.key for a in region.admins), region.whole)


@dataclass(frozen=True)
class Moves:
    """Sparse rows of what went from where to where: one entry for each month, kind, origin and target."""

    month: NDArray[np.int16]
    kind: NDArray[np.int16]
    origin: NDArray[np.int16]
    target: NDArray[np.int16]
    count: NDArray[np.int64]
    yuan: NDArray[np.int64]


class Recorder:
    """Fills preallocated arrays; looking at a world changes nothing in it."""

    def __init__(self, world: World, metrics: Sequence[Metric]) -> None:
        self.metrics = tuple(metrics)
        zones, admins = world.zones, len(world.region.admins)
        self.zones = zones
        self.series = np.zeros((len(self.metrics), world.clock.months, zones + admins + 1), np.int64)
        self._counted = [k for k, metric in enumerate(metrics) if metric.measure is None]
        self._counter = [world.tally.names[metrics[k].name] for k in self._counted]
        functions = dict.fromkeys(metric.measure for metric in metrics if metric.measure is not None)
        self._measured = [
            (one, [(k, metric.part) for k, metric in enumerate(metrics) if metric.measure is one]) for one in functions
        ]
        self._member = (world.region.zones.admin[:, None] == np.arange(admins)).astype(np.int64)
        self._means = [k for k, metric in enumerate(metrics) if metric.mean]
        people = world.region.zones.population_10k[:, None] * np.column_stack([self._member, np.ones(zones)])
        self._share = people / people.sum(axis=0)
        self.kinds = (*world.tally.moves, *(f"pay_{tag}" for tag in world.ledger.tags))
        self._binner = Binner(world)
        self._books = Books(world)
        self._rows: list[tuple[NDArray[Any], ...]] = []

    def record(self, world: World, month: int) -> None:
        """Measure the month that has just been simulated."""
        zones = world.zones
        now = np.empty((len(self.metrics), zones), np.int64)
        now[self._counted] = world.tally.count[self._counter]
        for measure, parts in self._measured:
            found = measure(world)
            for k, part in parts:
                now[k] = found if part is None else found[part]
        self.series[:, month, :zones] = now
        self.series[:, month, zones:-1] = now @ self._member
        self.series[:, month, -1] = now.sum(axis=1)
        self.series[self._means, month, zones:] = np.rint(now[self._means] @ self._share)
        moved, ledger = world.tally.moved.reshape(-1, 2), world.ledger
        for first, counts, yuan in ((0, moved[:, 0], moved[:, 1]), (len(moved), ledger.counts, ledger.by_place)):
            at, *found = _nonzero(counts.ravel(), yuan.ravel())
            self._rows.append((np.full(at.size, month, np.int16), first + at, *found))
        self._binner.record(world, month)
        self._books.record(world, month)

    def moves(self) -> Moves:
        """All movements so far."""
        month, at, count, yuan = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        places = (len(self.kinds), self.zones + 1, self.zones + 1)
        kind, origin, target = (x.astype(np.int16) for x in np.unravel_index(at, places))
        return Moves(month, kind, origin, target, count, yuan)

    def books(self) -> Booked:
        """Balances and flows by sector so far."""
        return self._books.rows()

    def histograms(self) -> Binned:
        """All histograms so far."""
        return self._binner.rows()
