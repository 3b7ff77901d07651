"""The map that a result carries: outlines, cells, cities and sites; pictures need no region folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outline:
    """The borders of one named area; each ring is an array of (x_km, y_km)."""

    name: str
    rings: tuple[Reals, ...]

    @cached_property
    def area(self) -> Any:
        """The area as a shape; rings inside others are holes."""
        whole: Any = shapely.Polygon()
        for ring in self.rings:
            whole = shapely.symmetric_difference(whole, shapely.make_valid(shapely.Polygon(ring)))
        return whole


@dataclass(frozen=True, eq=False)
class ZonePlace:
    """A zone: its key, the prefecture that it is part of, its centre and its outline."""

    key: str
    prefecture: str
    x: float
    y: float
    outline: Outline


@dataclass(frozen=True)
class Centre:
    """A city."""

    name_en: str
    name_zh: str
    x: float
    y: float


@dataclass(frozen=True)
class Site:
    """A park, or the source of the flows; `kind` says which."""

    key: str
    short_en: str
    short_zh: str
    kind: str
    x: float
    y: float
    opening: str | None
    opening_kind: str
    zone: str


@dataclass(frozen=True, eq=False)
class Geography:
    """All that a map shows, in kilometres on an equal-area projection."""

    key: str
    title_en: str
    title_zh: str
    attribution: str
    cell_km: float
    cell_zone: NDArray[np.int64]
    "Position of each cell's zone in `zones`."
    cell_x: Reals
    cell_y: Reals
    zones: tuple[ZonePlace, ...]
    outlines: tuple[Outline, ...]
    "Prefectures."
    centres: tuple[Centre, ...]
    sites: tuple[Site, ...]

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """Number of cells of each zone."""
        return np.bincount(self.cell_zone, minlength=len(self.zones))

    def sites_of(self, kind: str) -> tuple[Site, ...]:
        """Sites of a kind."""
        return tuple(site for site in self.sites if site.kind == kind)


def read_geography(content: Mapping[str, Any]) -> Geography:
    """The content of geography.json as arrays and records."""

    def outline(name: str, rings: Any) -> Outline:
        return Outline(name, tuple(np.asarray(ring, np.float64) for ring in rings))

    cells = content["cells"]
    return Geography(
        content["key"],
        content["title_en"],
        content["title_zh"],
        content["attribution"],
        float(content["cell_km"]),
        np.asarray(cells["zone"], np.int64),
        np.asarray(cells["x_km"], np.float64),
        np.asarray(cells["y_km"], np.float64),
        tuple(
            ZonePlace(z["key"], z["prefecture"], z["at"][0], z["at"][1], outline(z["key"], z["rings"]))
            for z in content["zones"]
        ),
        tuple(outline(o["name"], o["rings"]) for o in content["outlines"]),
        tuple(Centre(c["name_en"], c["name_zh"], c["at"][0], c["at"][1]) for c in content["centres"]),
        tuple(
            Site(
                s["key"], s["short_en"], s["short_zh"], s["kind"], s["at"][0], s["at"][1],
                s["opening"], s["opening_kind"], s["zone"],
            )
            for s in content["sites"]
        ),
    )  # fmt: skip
