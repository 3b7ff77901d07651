"""From polygons to zones: which cell belongs to which zone, and what is known of each zone.

A prefecture is shared out in two steps: zones made of districts or of a circle round a site claim their
cells, and one zone takes the rest, so that each cell lies in one zone whatever the districts' linework does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from sim.region.grid import Albers, Floats, Grid, read_only

RULES = ("districts", "radius", "rest")
KINDS = ("enterprises", "institutes", "universities", "manufacturers")
MAX_CELLS = 1_000_000

Rings = list[list[list[tuple[float, float]]]]


@dataclass(frozen=True)
class Admin:
    """A province or city with its own government; the source is where the innovation comes from."""

    key: str
    name_en: str
    name_zh: str
    source: bool


@dataclass(frozen=True)
class Field:
    """A field of technology; the featured ones are those whose transfer is told in the article."""

    key: str
    name_en: str
    name_zh: str
    featured: bool


@dataclass(frozen=True)
class ZoneRule:
    """How a zone is cut out of its prefecture."""

    key: str
    prefecture: str
    rule: str
    districts: tuple[str, ...]
    radius_km: float
    lon: float
    lat: float


@dataclass(frozen=True, eq=False)
class Zones:
    """The zones as columns; wages and rents are proxies with a population-weighted mean of 1."""

    key: tuple[str, ...]
    name_en: tuple[str, ...]
    name_zh: tuple[str, ...]
    prefecture: tuple[str, ...]
    admin: NDArray[np.int8]
    lon: Floats
    lat: Floats
    wage: Floats
    rent: Floats
    from_month: tuple[str | None, ...]
    gdp_bn: Floats
    population_10k: Floats
    counts: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.key)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The position of each zone by its key."""
        return {key: index for index, key in enumerate(self.key)}


@dataclass(frozen=True)
class Site:
    """A place that a scenario may name: a park, or the source of the flows."""

    key: str
    name_en: str
    name_zh: str
    short_en: str
    short_zh: str
    kind: str
    zone: int
    cell: int
    lon: float
    lat: float
    precision_km: float
    opening: str | None
    opening_kind: str
    source: str
    note: str


class Outline(NamedTuple):
    """The borders of one named area; each ring is an array of (x_km, y_km)."""

    name: str
    rings: tuple[Floats, ...]


def project_polygons(projection: Albers, polygons: Mapping[str, Rings]) -> dict[str, BaseGeometry]:
    """Polygons on the map, mended where rounding made a border touch itself."""
    projected = {}
    for name, parts in polygons.items():
        made = []
        for rings in parts:
            shell, *holes = (np.column_stack(projection.forward(*np.array(ring).T)) for ring in rings)
            made.append(shapely.Polygon(shell, holes))
        projected[name] = shapely.make_valid(shapely.MultiPolygon(made))
    return projected


def outline(name: str, shape: BaseGeometry) -> Outline:
    parts = (part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon))
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Outline(name, tuple(read_only(shapely.get_coordinates(ring)) for ring in rings))


def zone_shapes(
    rules: Sequence[ZoneRule],
    prefectures: Mapping[str, BaseGeometry],
    districts: Mapping[str, BaseGeometry],
    projection: Albers,
) -> list[BaseGeometry]:
    """The area of each zone by its rule, cut to its prefecture; earlier zones have the first claim."""
    shapes: dict[str, BaseGeometry] = {}
    for prefecture in dict.fromkeys(rule.prefecture for rule in rules):
        left = prefectures[prefecture]
        family = [rule for rule in rules if rule.prefecture == prefecture]
        for rule in sorted(family, key=lambda rule: rule.rule == "rest"):
            if rule.rule == "districts":
                area = shapely.union_all([districts[name] for name in rule.districts])
            elif rule.rule == "radius":
                area = shapely.Point(projection.point(rule.lon, rule.lat)).buffer(rule.radius_km, 64)
            else:
                area = left
            shapes[rule.key] = shapely.intersection(left, area)
            left = shapely.difference(left, area)
    return [shapes[rule.key] for rule in rules]


def cell_lattice(shapes: Iterable[BaseGeometry], cell_km: float) -> tuple[float, float, int, int]:
    """South-west corner, columns and rows of the lattice that covers all shapes."""
    west, south, east, north = shapely.total_bounds(list(shapes))
    x0, y0 = np.floor(west / cell_km) * cell_km, np.floor(south / cell_km) * cell_km
    return (
        float(x0),
        float(y0),
        int(np.ceil((east - x0) / cell_km)),
        int(np.ceil((north - y0) / cell_km)),
    )


def make_grid(
    rules: Sequence[ZoneRule],
    prefectures: Mapping[str, BaseGeometry],
    districts: Mapping[str, BaseGeometry],
    projection: Albers,
    cell_km: float,
) -> Grid:
    """Cells whose centres lie on land, each in one zone; a zone too small for that gets its nearest."""
    x0, y0, columns, rows = cell_lattice(prefectures.values(), cell_km)
    row, col = (part.ravel() for part in np.indices((rows, columns), dtype=np.int32))
    x: Floats = x0 + (col + np.float64(0.5)) * cell_km
    y: Floats = y0 + (row + np.float64(0.5)) * cell_km
    zone = np.full(len(x), -1, dtype=np.int16)
    for prefecture in dict.fromkeys(rule.prefecture for rule in rules):
        free = _inside(prefectures[prefecture], x, y) & (zone < 0)
        members = [index for index, rule in enumerate(rules) if rule.prefecture == prefecture]
        for index in sorted(members, key=lambda index: rules[index].rule == "rest"):
            rule = rules[index]
            mine = free
            if rule.rule == "districts":
                mine = free & np.logical_or.reduce([_inside(districts[name], x, y) for name in rule.districts])
            elif rule.rule == "radius":
                site_x, site_y = projection.point(rule.lon, rule.lat)
                mine = free & (np.hypot(x - site_x, y - site_y) <= rule.radius_km)
            zone[mine] = index
            free = free & ~mine
    _fill_empty(zone, rules, x, y, projection)
    land = np.flatnonzero(zone >= 0)
    x, y = x[land], y[land]
    lon, lat = projection.inverse(x, y)
    arrays = (zone[land], x, y, lon, lat, col[land] - col[land].min(), row[land] - row[land].min())
    return Grid(cell_km, *(read_only(array) for array in arrays))


def _inside(shape: BaseGeometry, x: Floats, y: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(len(x), dtype=np.bool_)
    west, south, east, north = shape.bounds
    near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    shapely.prepare(shape)
    inside[near] = shapely.contains_xy(shape, x[near], y[near])
    return inside


def _fill_empty(zone: NDArray[np.int16], rules: Sequence[ZoneRule], x: Floats, y: Floats, projection: Albers) -> None:
    """Gives each empty zone the cell nearest to its centre that empties no other zone."""
    for index, rule in enumerate(rules):
        if (zone == index).any():
            continue
        counts = np.bincount(zone[zone >= 0], minlength=len(rules))
        spare = (zone < 0) | (counts[zone] > 1)
        site_x, site_y = projection.point(rule.lon, rule.lat)
        distance = np.where(spare, np.hypot(x - site_x, y - site_y), np.inf)
        zone[int(np.argmin(distance))] = index
