"""Capital of branches and programmes: promised at once, called over years, paid as cash allows (MODEL.md, (6))."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Population, Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.world import World

BRANCH, DRAW = "branch_capital", "programme_draw"

Money = NDArray[np.int64]


def _call(world: World) -> None:
    branches, programmes, origins = world.branches, world.programmes, world.origins
    months = world.scenario.location.branch.paid_in_months
    row = _open(branches.alive, branches.paid, branches.subscribed, branches.born, world.month - 2 * months)
    due = np.minimum(-(-branches.subscribed[row] // months), branches.subscribed[row] - branches.paid[row])
    payer = origins.account[branches.parent[row]]
    world.requests.ask(BRANCH, branches.uid[row], payer, due, seniority=1, divisible=True, branch=row)

    p = world.scenario.location.programme
    row = np.flatnonzero(programmes.alive & (programmes.drawn < programmes.committed))
    due = np.minimum(-(-programmes.committed[row] // p.draw_months), programmes.committed[row] - programmes.drawn[row])
    own = np.rint(p.parent_share * due).astype(np.int64)
    payer = origins.account[programmes.parent[row]]
    world.requests.ask(
        DRAW, programmes.uid[row], payer, own, seniority=2, divisible=True, programme=row, partners=due - own
    )


@kernel
def _open(alive, paid, subscribed, born, before):  # type: ignore[no-untyped-def]
    """Rows whose capital is still called, founded after the month `before`."""
    out = np.empty(alive.size, np.int64)
    n = 0
    for i in range(alive.size):
        out[n] = i
        n += alive[i] & (paid[i] < subscribed[i]) & (born[i] > before)
    return out[:n].copy()


def _pay(world: World) -> None:
    ledger, branches, programmes, origins = world.ledger, world.branches, world.programmes, world.origins
    batch = world.requests.granted(BRANCH)
    row, paid = batch["branch"], batch["granted"]
    ledger.post("branch_capital", origins.account[branches.parent[row]], branches.account[row], paid)
    branches.paid[row] += paid
    world.tally.add("branch_capital_paid_yuan", branches.zone[row], paid)
    _equip(world, branches, row, paid)

    batch = world.requests.granted(DRAW)
    row, own = batch["programme"], batch["granted"]
    invested = _co_invested(world, row)
    partners = batch["partners"] - invested
    ledger.post("programme_capital", origins.account[programmes.parent[row]], programmes.account[row], own)
    ledger.post("programme_partners", ledger.outside, programmes.account[row], partners)
    drawn = own + partners + invested
    programmes.drawn[row] += drawn
    world.tally.add("programmes_drawn_yuan", programmes.zone[row], drawn)
    _equip(world, programmes, row, drawn)


def _co_invested(world: World, row: Rows) -> Money:
    """What funds have paid into each of these programmes this month (see `investment`)."""
    invested = np.zeros(world.programmes.used, np.int64)
    batch = world.wants.granted("programme_round")
    if batch:
        invested[batch["row"]] = batch["granted"]
    return invested[row]


def _equip(world: World, tenants: Population, row: Rows, paid: Money) -> None:
    """A park's government adds its subsidy; most of the money buys equipment at once."""
    ledger, parks = world.ledger, world.parks
    account = tenants.account[row]
    grant = np.zeros(row.size, np.int64)
    if parks.used:
        park = tenants.park[row]
        rate = np.where((park >= 0) & parks.open[park], parks.subsidy[park], 0.0)
        grant = np.rint(rate * paid).astype(np.int64)
        payer = world.government[world.region.zones.admin[tenants.zone[row]]]
        ledger.post("public_funds", ledger.outside, payer, grant)
        ledger.post("park_subsidy", payer, account, grant)
    spent = np.rint(world.scenario.location.branch.capex_share * (paid + grant)).astype(np.int64)
    ledger.post("capex", account, ledger.outside, spent)


CALLS = Process(
    name="capital_calls",
    phase="proposals",
    run=_call,
    reads=(
        "branches.alive", "branches.uid", "branches.paid", "branches.subscribed", "branches.born", "branches.parent",
        "programmes.alive", "programmes.uid", "programmes.drawn", "programmes.committed", "programmes.parent",
        "origins.account",
    ),
    writes=("requests",),
    system="A1, A2",
    doc="branches and programmes call the capital they were promised",
)  # fmt: skip
PAYMENTS = Process(
    name="capital_payments",
    phase="settlement",
    run=_pay,
    reads=(
        "requests", "branches.parent", "branches.account", "branches.zone", "branches.park", "programmes.parent",
        "programmes.account", "programmes.zone", "programmes.park", "origins.account", "parks.open",
        "parks.subsidy",
    ),
    writes=("branches.paid", "programmes.drawn", "accounts", "tally"),
    system="A1, A2",
    doc="parents pay what they can, partners and parks add their part, equipment is bought",
)  # fmt: skip
