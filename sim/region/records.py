"""What a region is made of: its head, its figures with their sources, and the frozen whole of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from sim.region.data import DataFile
from sim.region.grid import Albers, Floats, Grid
from sim.region.travel import FROZEN_AT, Rule, Travel
from sim.region.zones import Admin, Field, Outline, Site, ZoneRule, Zones, outline, zone_shapes

UNITS = {"yuan": 1, "m yuan": 10**6, "bn yuan": 10**9, "persons": 1, "count": 1, "share": 1}


@dataclass(frozen=True)
class Fact:
    """A dated figure of the literature; `number` is None where the source gives only words."""

    id: str
    role: str
    quantity: str
    value: str
    number: float | None
    unit: str
    censoring: str
    window_start: str
    window_end: str
    place: str
    observable: str
    published: str
    source_title: str
    source_url: str
    note: str


@dataclass(frozen=True)
class Total:
    """A sourced total or mean that sets the scale of a population."""

    key: str
    place: str
    value: float
    unit: str
    year: str
    source: str
    published: str
    grade: str
    note: str

    @property
    def amount(self) -> float:
        """The value in its plain unit: yuan, persons, counts or a share."""
        return self.value * UNITS[self.unit]


@dataclass(frozen=True)
class LateSource:
    """A value of the baseline that was published after the date lock, and what could stand in its place."""

    item: str
    published: str
    why: str
    earlier_alternative: str


@dataclass(frozen=True)
class Target:
    """A figure that results are held against: where, when, how it is measured, and by which rule it holds."""

    id: str
    fact: str
    title: str
    metric: str
    "A metric; several joined by `+`; a name that ends in `*` means all of that beginning, one a field."
    places: tuple[str, ...]
    over: str
    "Place that a share or an order is taken of."
    start: str
    end: str
    measure: str
    value: float
    unit: str
    rule: str
    tolerance: float
    kind: str
    "`fitted` where a level was solved from it, `emergent` where nothing was."
    note: str


@dataclass(frozen=True)
class Term:
    """A factor times a metric in a place, summed over months."""

    factor: float
    metric: str
    place: str
    start: str
    end: str


@dataclass(frozen=True)
class Level:
    """A scalar of the baseline that is solved once: what it is observed by, what is wanted, how it responds."""

    path: str
    observed: tuple[Term, ...]
    per: tuple[Term, ...]
    "What the observed is divided by; nothing if empty."
    wanted: float
    response: str
    "`ratio`: the observed is proportional to the level; `log`, `-log`: to its exponential; `stock`: level in numbers."
    how: str


@dataclass(frozen=True)
class Gap:
    """One line of the table of what is measured, proxied and assumed."""

    what: str
    value: str
    status: str
    why: str


@dataclass(frozen=True)
class Head:
    """The head of a region: what region.yaml says."""

    key: str
    title_en: str
    title_zh: str
    whole: str
    admins: tuple[Admin, ...]
    fields: tuple[Field, ...]
    cell_km: float
    projection: Albers
    rule: Rule
    attribution: str


@dataclass(frozen=True)
class Prefecture:
    """A unit of the boundary file with the totals that its zones share."""

    name: str
    name_zh: str
    lon: float
    lat: float
    gdp_bn: float
    population_10k: float
    grade: str
    note: str


@dataclass(frozen=True, eq=False)
class Region:
    """Everything the model knows of a place and its past."""

    key: str
    title_en: str
    title_zh: str
    whole: str
    admins: tuple[Admin, ...]
    fields: tuple[Field, ...]
    zones: Zones
    grid: Grid
    travel: Travel
    sites: Mapping[str, Site]
    facts: Mapping[str, Fact]
    totals: Mapping[str, Total]
    late_sources: tuple[LateSource, ...]
    targets: tuple[Target, ...]
    levels: tuple[Level, ...]
    files: tuple[DataFile, ...]
    outlines: tuple[Outline, ...]
    centres: tuple[tuple[str, str, float, float], ...]
    "Name in English and Chinese, x_km and y_km of each prefecture's city."
    attribution: str
    projection: Albers
    _shapes: tuple[BaseGeometry, ...]
    _rules: tuple[ZoneRule, ...]
    _districts: Mapping[str, BaseGeometry]
    _gaps: tuple[Gap, ...]

    def project(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Kilometres east and north on the region's equal-area map."""
        return self.projection.forward(lon, lat)

    def hours(self, month: str, rail: str = "actual", frozen_at: str = FROZEN_AT) -> Floats:
        """Hours between zones in a month written YYYY-MM."""
        return self.travel.hours(month, rail, frozen_at)

    def hours_by_month(
        self, months: Sequence[str], rail: str = "actual", frozen_at: str = FROZEN_AT
    ) -> tuple[NDArray[np.int64], Floats]:
        """For each month the number of its matrix, and the stack of the distinct matrices."""
        return self.travel.hours_by_month(months, rail, frozen_at)

    def total(self, key: str, place: str | None = None) -> float:
        """A total in its plain unit, for one admin or for the whole; 0 where an admin has none."""
        if place is None or place == self.whole:
            return self.totals[key].amount
        entry = self.totals.get(f"{key}:{place}")
        return entry.amount if entry else 0.0

    def gaps(self) -> tuple[Gap, ...]:
        """What is measured, what stands for something else, and what is judgement."""
        return self._gaps

    @cached_property
    def zone_outlines(self) -> tuple[Outline, ...]:
        """The borders of the zones by their rules, for maps; made when first asked for."""
        prefectures = {line.name: shape for line, shape in zip(self.outlines, self._shapes, strict=True)}
        shapes = zone_shapes(self._rules, prefectures, self._districts, self.projection)
        return tuple(outline(key, shape) for key, shape in zip(self.zones.key, shapes, strict=True))
