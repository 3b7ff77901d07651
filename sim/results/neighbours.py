"""Which cells and zones of a result's map lie side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.results.geography import Geography

Whole = NDArray[np.int64]


def cells(map_: Geography) -> Whole:
    """Pairs of cells [pair, 2] that share an edge."""
    column, row = (np.rint((at - at.min()) / map_.cell_km).astype(np.int64) for at in (map_.cell_x, map_.cell_y))
    at = {place: k for k, place in enumerate(zip(column.tolist(), row.tolist(), strict=True))}
    pairs = [
        (k, other)
        for (x, y), k in at.items()
        for other in (at.get((x + 1, y)), at.get((x, y + 1)))
        if other is not None
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def zones(map_: Geography) -> Whole:
    """Pairs of different zones [pair, 2] of which some cells share an edge."""
    ends = map_.cell_zone[cells(map_)]
    apart = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1)
    return np.unique(apart, axis=0)
