"""Draws that several kinds share: sizes, fields, positions, places. All keyed by the entity, none by its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.core.streams import normal_quantile, normals, pairs, uniforms

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


def tailed_sizes(
    key: np.uint64, what: np.uint32, uid: Uids, *, sigma: float, start: float, alpha: float, cap: float
) -> Reals:
    """Relative sizes, lognormal below the quantile `start` and Pareto above it, with a realised mean of 1."""
    u = uniforms(key, what, uid, 0, 0)
    edge = np.exp(sigma * normal_quantile(min(start, 1.0 - 1e-12)))
    body = np.exp(sigma * normals(key, what, uid, 0, 0))
    tail = edge * np.minimum(((1.0 - start) / (1.0 - u)) ** (1.0 / alpha), cap) if start < 1.0 else body
    size = np.where(u < start, body, tail)
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


class Places:
    """Cells of each zone with the weight at which organisations stand there: thinning out from the zone's centre."""

    def __init__(self, cells: Sequence[NDArray[np.int64]], distance_km: Sequence[Reals], reach_km: float = 20.0):
        weights = [np.exp(-d / reach_km) for d in distance_km]
        self.start = np.concatenate([[0], np.cumsum([c.size for c in cells])]).astype(np.int64)
        self.cell = np.concatenate(cells).astype(np.int32)
        self.cumulative = np.cumsum(np.concatenate(weights))
