"""Draws that several kinds share: sizes, fields, positions, places. All keyed by the entity, none by its row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.ledger import Ledger
from sim.core.streams import normal_quantile, normals, pairs, uniforms
from sim.parameters.populations import Populations
from sim.region import Region

POSITIONS = 32  # technology positions on a circle; discrete, so that the tables of the market are exact; a power of 2

Uids = NDArray[np.uint64]
Reals = NDArray[np.float64]


def counted(per_zone: NDArray[np.int64], scale: float) -> NDArray[np.int64]:
    """Agents per zone at `scale`: cumulative rounding, so that the total is right too."""
    edges = np.floor(np.cumsum(per_zone) * scale + 0.5).astype(np.int64)
    return np.diff(edges, prepend=0)


def lineage(kind: int, zone: NDArray[np.int64]) -> Uids:
    """Identities of the first generation: kind, zone and number within the zone."""
    start = np.searchsorted(zone, zone)  # zones come sorted
    number = np.arange(zone.size) - start
    place = np.full(zone.size, kind * 1000, np.uint64) + zone.astype(np.uint64)
    return np.asarray(pairs(place, number.astype(np.uint64)))


@dataclass(frozen=True)
class SizeLaw:
    """Sizes of firms: lognormal below the quantile `start`, Pareto above it up to `cap` times the edge; median 1."""

    sigma: float
    start: float
    alpha: float
    cap: float

    @classmethod
    def of(cls, p: Populations) -> SizeLaw:
        """The law that a scenario states."""
        return cls(p.size_sigma, p.tail_start, p.tail_alpha, p.tail_cap)

    def draw(self, key: np.uint64, what: np.uint32, uid: Uids) -> Reals:
        """One size for each firm."""
        u = uniforms(key, what, uid, 0, 0)
        body = np.exp(self.sigma * normals(key, what, uid, 0, 0))
        if self.start >= 1.0:
            return np.asarray(body)
        edge = np.exp(self.sigma * normal_quantile(self.start))
        tail = edge * np.minimum(((1.0 - self.start) / (1.0 - u)) ** (1.0 / self.alpha), self.cap)
        return np.where(u < self.start, body, tail)


@lru_cache(maxsize=64)
def moment(law: SizeLaw, power: float) -> float:
    """E[size^power], exactly."""
    body = math.exp((power * law.sigma) ** 2 / 2)
    if law.start >= 1.0:
        return body
    edge = normal_quantile(law.start)
    body *= 0.5 * math.erfc((power * law.sigma - edge) / math.sqrt(2.0))
    gap = law.alpha - power
    capped = law.cap**-gap
    between = law.alpha * math.log(law.cap) if gap == 0.0 else law.alpha * (1.0 - capped) / gap
    return body + (1.0 - law.start) * math.exp(power * law.sigma * edge) * (capped + between)


def relative(size: Reals) -> Reals:
    """Sizes over their own mean."""
    return np.asarray(size / size.mean() if size.size else size)


def field_cumulative(shares: Mapping[str, float], fields: Sequence[str]) -> Reals:
    """Cumulative share of each field; fields that are not named share the rest equally."""
    named = np.array([shares.get(f, np.nan) for f in fields])
    missing = np.isnan(named)
    rest = 1.0 - np.nansum(named)
    if missing.any():
        named[missing] = max(rest, 0.0) / missing.sum()
    return np.cumsum(named / named.sum())


def draw_fields(key: np.uint64, what: np.uint32, uid: Uids, cumulative: Reals) -> NDArray[np.int8]:
    """A field for each entity: fixed shares, which no policy moves, so one uniform will do."""
    u = uniforms(key, what, uid, 0, 0)
    return np.minimum(np.searchsorted(cumulative, u, side="right"), cumulative.size - 1).astype(np.int8)


def draw_positions(
    key: np.uint64, what: np.uint32, uid: Uids, field: NDArray[np.int8], n_fields: int, spread: float
) -> NDArray[np.int8]:
    """A position on the circle around the field's own, `spread` steps wide."""
    centre = np.floor((field + 0.5) * POSITIONS / n_fields)
    step = np.rint(spread * normals(key, what, uid, 0, 0))
    return ((centre + step) % POSITIONS).astype(np.int8)


def draw_cells(
    key: np.uint64, what: np.uint32, uid: Uids, step: int, zone: NDArray[np.int64], places: Places
) -> NDArray[np.int32]:
    """A cell of the zone for each entity, by weights that no policy moves."""
    u = uniforms(key, what, uid, step, 0)
    first = places.start[zone]
    low = np.where(first > 0, places.cumulative[np.maximum(first - 1, 0)], 0.0)
    high = places.cumulative[places.start[zone + 1] - 1]
    at = np.searchsorted(places.cumulative, low + u * (high - low), side="right")
    return places.cell[np.minimum(at, places.start[zone + 1] - 1)]


@dataclass(frozen=True)
class Ground:
    """Where, and by which laws, organisations of a run come into being."""

    region: Region
    places: Places
    fields: Reals
    "Cumulative share of each field."
    p: Populations
    key: np.uint64
    ledger: Ledger

    def described(self, what: Purposes, uid: Uids, zone: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Zone, cell, field and position of each."""
        field = draw_fields(self.key, what.field, uid, self.fields)
        return {
            "zone": zone,
            "cell": draw_cells(self.key, what.cell, uid, 0, zone, self.places),
            "field": field,
            "position": draw_positions(
                self.key, what.position, uid, field, len(self.region.fields), self.p.position_spread
            ),
        }


class Purposes(NamedTuple):
    """What a kind draws its place in the world for."""

    field: np.uint32
    position: np.uint32
    cell: np.uint32


class Places:
    """Cells of each zone with the weight at which organisations stand there: thinning out from the zone's centre."""

    def __init__(self, cells: Sequence[NDArray[np.int64]], distance_km: Sequence[Reals], reach_km: float = 20.0):
        weights = [np.exp(-d / reach_km) for d in distance_km]
        self.start = np.concatenate([[0], np.cumsum([c.size for c in cells])]).astype(np.int64)
        self.cell = np.concatenate(cells).astype(np.int32)
        self.cumulative = np.cumsum(np.concatenate(weights))
