"""Public services (MODEL.md, (24)): governments spend what they take, and keep cash for a few months.

What they pay to institutes, tenants of parks and borrowers they raise outside when they pay it (`public_funds`).
"""

from __future__ import annotations

import numpy as np

from sim.core.schedule import Process
from sim.world import World


def _spend(world: World) -> None:
    held = world.ledger.balance[world.government]
    spent = np.rint(held / world.scenario.government.months_kept).astype(np.int64)
    world.ledger.post("public_services", world.government, world.ledger.outside, spent)


PROCESS = Process(
    name="public_services",
    phase="public",
    run=_spend,
    writes=("accounts",),
    system="firms",
    doc="governments spend what they have beyond a reserve",
    tier="chain",
)
