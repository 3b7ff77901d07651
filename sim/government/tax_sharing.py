"""Tax sharing (MODEL.md, (25)): part of the tax of a branch that was moved goes back where it came from."""

from __future__ import annotations

import numpy as np

from sim.agents.branches import RELOCATION
from sim.core.columns import Rows
from sim.core.schedule import Process
from sim.world import World


def _share(world: World) -> None:
    lever = world.scenario.tax_sharing
    if lever.rule == "off" or world.month < world.clock.index(lever.start):
        return
    branches, admin = world.branches, world.region.zones.admin
    _cover(world, np.flatnonzero(branches.alive & (branches.born == world.month - 1)))
    row = np.flatnonzero((branches.shareable > 0) & branches.alive & (world.month - branches.born <= lever.months))
    shared = np.minimum(np.rint(lever.share * branches.tax[row]).astype(np.int64), branches.shareable[row])
    payer, payee = admin[branches.zone[row]], admin[branches.origin[row]]
    world.ledger.post("tax_share", world.government[payer], world.government[payee], shared)
    branches.shareable[row] -= shared
    world.tally.add("taxes_shared_yuan", branches.zone[row], shared)
    paid = shared > 0
    world.tally.move("tax_shares", branches.zone[row[paid]], branches.origin[row[paid]], shared[paid])


def _cover(world: World, row: Rows) -> None:
    """Which of last month's branches the rule covers, and what may be shared of each in all."""
    lever, branches, crowd = world.scenario.tax_sharing, world.branches, world.origins
    if world.month - 1 < world.clock.index(lever.start):
        return
    admin, paid = world.region.zones.admin, crowd.taxed[branches.parent[row]]
    covered = (branches.motive[row] == RELOCATION) & (paid >= 1e6 * lever.threshold)
    covered &= admin[branches.zone[row]] != admin[branches.origin[row]]
    covered &= (branches.park[row] >= 0) | (lever.rule == "all")
    branches.shareable[row[covered]] = np.rint(lever.cap * paid[covered]).astype(np.int64)


PROCESS = Process(
    name="tax_sharing",
    phase="sharing",
    run=_share,
    reads=("branches.alive", "branches.born", "branches.tax", "branches.zone", "branches.origin", "branches.parent",
           "branches.motive", "branches.park", "origins.taxed"),
    writes=("branches.shareable", "accounts", "tally"),
    system="firms",
    doc="part of the tax of branches that were moved goes back to the government of the place they left",
    tier="full",
)  # fmt: skip
