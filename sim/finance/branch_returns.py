"""Branches earn on the capital paid in, pay rent to their park and dividends to their parent, and tax between (24)."""

from __future__ import annotations

import numpy as np

from sim.core.clock import monthly_flow
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.world import World


def _earn(world: World) -> None:
    branches, parks, ledger, p = world.branches, world.parks, world.ledger, world.scenario.location.branch
    earned = np.rint(monthly_flow(p.profit) * branches.paid * branches.alive).astype(np.int64)
    ledger.post("margin", ledger.outside, branches.account, earned)
    branches.margin[:] = earned
    row = np.flatnonzero(branches.alive & (branches.park >= 0))
    row = row[parks.open[branches.park[row]]]
    index = world.region.zones.rent[branches.zone[row]]
    rent = np.minimum(np.rint(monthly_flow(p.rent) * index * branches.paid[row]).astype(np.int64), earned[row])
    ledger.post("rent", branches.account[row], parks.account[branches.park[row]], rent)
    ledger.post("park_services", parks.account, ledger.outside, ledger.balance[parks.account])
    branches.margin[row] -= rent
    world.tally.add("rents_yuan", branches.zone[row], rent)


def _distribute(world: World) -> None:
    """Cash beyond the part of the capital that is kept as cash goes to the parent, as it goes to owners elsewhere."""
    branches, ledger = world.branches, world.ledger
    kept = 1.0 - world.scenario.location.branch.capex_share
    dividend = _excess(
        ledger.balance, branches.account, branches.alive, branches.paid, kept, world.scenario.populations.payout
    )
    ledger.post("dividend", branches.account, world.origins.account[branches.parent], dividend)
    world.tally.add("dividends_yuan", branches.zone, dividend)


@kernel
def _excess(balance, account, alive, paid, kept, payout):  # type: ignore[no-untyped-def]
    out = np.zeros(account.size, np.int64)
    for i in range(account.size):
        if alive[i]:
            out[i] = np.int64(payout * max(balance[account[i]] - kept * paid[i], 0.0) + 0.5)
    return out


RETURNS = Process(
    name="branch_returns",
    phase="cash",
    run=_earn,
    reads=("branches.alive", "branches.paid", "branches.park", "branches.zone", "branches.account", "parks.open",
           "parks.account"),
    writes=("branches.margin", "accounts", "tally"),
    system="A1",
    doc="branches earn a return on the capital paid in, tenants pay rent",
    tier="chain",
)  # fmt: skip
DIVIDENDS = Process(
    name="dividends",
    phase="public",
    run=_distribute,
    reads=("branches.alive", "branches.paid", "branches.account", "branches.parent", "branches.zone",
           "origins.account"),
    writes=("accounts", "tally"),
    system="A1",
    doc="branches pay dividends to their parents",
    tier="chain",
)  # fmt: skip
