"""Zones: where everybody is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.draws import Draws
    from twin.government import Government

REACH_KM = 20.0


@dataclass(eq=False)
class Zone:
    """A part of an administration, with its proxies of wages and rents."""

    number: int
    admin: str
    "Key of its administration."
    receiving: bool
    "Whether it lies outside the source's administration."
    wage: float
    rent: float
    gdp: float
    people: float
    cells: list[tuple[int, float]]
    "Cells of the grid with their distance from the zone's centre, in km."
    environment: float = field(default=0.0, init=False)
    "Of innovation; 0 is that of the reference."
    venture_urge: float = field(default=0.0, init=False)
    "Hazard of founding a venture upon a ripe achievement of its institutes, cumulated over the months."
    government: Government = field(init=False)

    def cell_for(self, draws: Draws, purpose: str, uid: int) -> int:
        """A cell of the zone: the farther from its centre, the less likely."""
        weights = [math.exp(-distance / REACH_KM) for _, distance in self.cells]
        mark = draws.uniform(purpose, uid) * sum(weights)
        passed = 0.0
        for (cell, _), weight in zip(self.cells, weights, strict=True):
            passed += weight
            if passed > mark:
                return cell
        return self.cells[-1][0]
