"""What one pass over the manufacturers tells, by zone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import kernel
from sim.world import World

ALIVE, REGISTERED, SALES, ADOPTERS, ABSORPTION = range(5)
"Rows of `firms`."


def firms(world: World) -> NDArray[np.int64]:
    """Manufacturers, needs registered, yearly sales, adopters and mean absorptive capacity (1e-6) [5, zones]."""
    f = world.manufacturers
    found: NDArray[np.int64] = _firms(f.zone, f.alive, f.registered, f.sales, f.adopted, f.absorption, world.zones)
    return found


@kernel
def _firms(zone, alive, registered, sales, adopted, absorption, zones):  # type: ignore[no-untyped-def]
    """Sums are of whole numbers, so that the order of rows cannot matter; sales and needs of those gone are 0."""
    out = np.zeros((5, zones), np.int64)
    able = np.zeros(zones, np.int64)
    for i in range(zone.size):
        z = zone[i]
        out[ALIVE, z] += alive[i]
        out[REGISTERED, z] += registered[i]
        out[SALES, z] += np.int64(np.rint(sales[i]))
        out[ADOPTERS, z] += alive[i] & (adopted[i] > 0)
        if alive[i] and absorption[i] > 0.0:
            out[ABSORPTION, z] += np.int64(np.rint(1e6 * absorption[i]))
            able[z] += 1
    out[ABSORPTION] //= np.maximum(able, 1)
    return out
