"""The land of a region as square cells on an equal-area map, so that density and distance share one unit.

The projection is Albers on the WGS84 ellipsoid (Snyder 1987, equations 14-1 to 14-21 and 3-16), a page of
arithmetic that spares a dependency on a projection library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Scalar = TypeVar("Scalar", bound=np.generic)

SEMI_MAJOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
MEAN_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Albers:
    """Equal-area conic projection; degrees in, kilometres out."""

    lon0: float
    lat0: float
    lat1: float
    lat2: float

    @cached_property
    def _constants(self) -> tuple[float, float, float]:
        m1, m2 = (self._m(np.radians(lat)) for lat in (self.lat1, self.lat2))
        q1, q2 = (float(self._q(np.radians(lat))) for lat in (self.lat1, self.lat2))
        n = (m1**2 - m2**2) / (q2 - q1)
        c = m1**2 + n * q1
        rho0 = SEMI_MAJOR_KM * np.sqrt(c - n * float(self._q(np.radians(self.lat0)))) / n
        return float(n), float(c), float(rho0)

    @staticmethod
    def _m(phi: float) -> float:
        e2 = FLATTENING * (2 - FLATTENING)
        return float(np.cos(phi) / np.sqrt(1 - e2 * np.sin(phi) ** 2))

    @staticmethod
    def _q(phi: ArrayLike) -> Floats:
        e2 = FLATTENING * (2 - FLATTENING)
        e = np.sqrt(e2)
        s = np.sin(np.asarray(phi, dtype=np.float64))
        log = np.log((1 - e * s) / (1 + e * s)) / (2 * e)
        return np.asarray((1 - e2) * (s / (1 - e2 * s**2) - log), dtype=np.float64)

    def forward(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        n, c, rho0 = self._constants
        rho = SEMI_MAJOR_KM * np.sqrt(c - n * self._q(np.radians(lat))) / n
        theta = n * np.radians(np.asarray(lon, dtype=np.float64) - self.lon0)
        return rho * np.sin(theta), rho0 - rho * np.cos(theta)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        x_km, y_km = self.forward(lon, lat)
        return float(x_km), float(y_km)

    def inverse(self, x_km: ArrayLike, y_km: ArrayLike) -> tuple[Floats, Floats]:
        n, c, rho0 = self._constants
        x, y = np.asarray(x_km, dtype=np.float64), rho0 - np.asarray(y_km, dtype=np.float64)
        q = (c - (np.hypot(x, y) * n / SEMI_MAJOR_KM) ** 2) / n
        e2 = FLATTENING * (2 - FLATTENING)
        phi = np.arcsin(q / 2)
        for _ in range(6):  # converges to the last bit in four at these latitudes
            s = np.sin(phi)
            phi = phi + (1 - e2 * s**2) ** 2 / (2 * np.cos(phi)) * (q / (1 - e2) - self._q(phi) / (1 - e2))
        return self.lon0 + np.degrees(np.arctan2(x, y) / n), np.degrees(phi)


def great_circle_km(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> Floats:
    """Distance on a sphere of the Earth's mean radius, by the haversine formula."""
    a_lon, a_lat, b_lon, b_lat = (
        np.radians(np.asarray(degrees, dtype=np.float64)) for degrees in (lon_a, lat_a, lon_b, lat_b)
    )
    h = np.sin((b_lat - a_lat) / 2) ** 2 + np.cos(a_lat) * np.cos(b_lat) * np.sin((b_lon - a_lon) / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0))), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Grid:
    """The land cells, ordered by row and then column from the south-west; positions are their centres."""

    cell_km: float
    zone: NDArray[np.int16]
    x_km: Floats
    y_km: Floats
    lon: Floats
    lat: Floats
    col: NDArray[np.int32]
    row: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.zone)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the smallest rectangle that holds every cell."""
        return int(self.row.max()) + 1, int(self.col.max()) + 1

    @cached_property
    def _members(self) -> tuple[NDArray[np.int64], ...]:
        return tuple(read_only(np.flatnonzero(self.zone == z)) for z in range(int(self.zone.max()) + 1))

    def cells_of(self, zone: int) -> NDArray[np.int64]:
        return self._members[zone]

    def nearest(self, lon: float, lat: float, zone: int | None = None) -> int:
        """The cell whose centre is nearest, of one zone or of all; the lowest number among equals."""
        cells = np.arange(len(self)) if zone is None else self.cells_of(zone)
        distance = great_circle_km(lon, lat, self.lon[cells], self.lat[cells])
        return int(cells[int(np.argmin(distance))])


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array
