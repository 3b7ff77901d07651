"""What organisations earn and spend each month before anything of the model happens to them (step 2 of the month)."""

from __future__ import annotations

import numpy as np

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Population
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.world import World


def _earn_and_spend(world: World) -> None:
    """Margins come in, R&D goes out, owners take part of what lies above the reserve.

    Institutes live on public budgets, for which their government raises the money.
    """
    origins, ledger = world.origins, world.ledger
    earned = np.where(origins.kind == ENTERPRISE, origins.margin, 0)
    ledger.post("margin", ledger.outside, origins.account, earned)
    institute = np.flatnonzero((origins.kind != ENTERPRISE) & origins.alive)
    budget = origins.margin[institute]
    payer = world.government[world.region.zones.admin[origins.zone[institute]]]
    ledger.post("public_funds", ledger.outside, payer, budget)
    ledger.post("budget", payer, origins.account[institute], budget)
    firms = world.manufacturers
    ledger.post("margin", ledger.outside, firms.account, firms.margin)
    _spend(world, origins)
    _spend(world, firms)


def _spend(world: World, population: Population) -> None:
    """R&D as cash allows, then the owners' part."""
    ledger, account = world.ledger, population.account
    spent, taken = _outgoings(
        ledger.balance, account, population.alive, population.outlay, population.reserve,
        world.scenario.populations.payout,
    )  # fmt: skip
    ledger.post("rnd", account, ledger.outside, spent)
    ledger.post("payout", account, ledger.outside, taken)


@kernel
def _outgoings(balance, account, alive, outlay, reserve, payout):  # type: ignore[no-untyped-def]
    spent = np.zeros(account.size, np.int64)
    taken = np.zeros(account.size, np.int64)
    for i in range(account.size):
        if not alive[i]:  # its account may be another's by now
            continue
        have = balance[account[i]]
        spent[i] = min(outlay[i], have)
        taken[i] = np.int64(payout * max(have - spent[i] - reserve[i], 0) + 0.5)
    return spent, taken


def _ventures(world: World) -> None:
    """Ventures live on what they have: founders' money at a fixed rate, investors' money over a year and a half."""
    ventures, ledger = world.ventures, world.ledger
    row = ventures.rows
    have = ledger.balance[ventures.account[row]]
    frugal = round(world.scenario.location.venture.spending * 1e6 / 12)
    spent = np.minimum(np.maximum(have // RUNWAY, frugal), have)
    ledger.post("capex", ventures.account[row], ledger.outside, spent)


def _programmes(world: World) -> None:
    """A programme of which nothing is to be drawn any more spends what it has left."""
    programmes, ledger = world.programmes, world.ledger
    row = np.flatnonzero(programmes.alive & (programmes.drawn >= programmes.committed))
    ledger.post("capex", programmes.account[row], ledger.outside, ledger.balance[programmes.account[row]] // RUNWAY)


RUNWAY = 18  # months for which a round is meant to last

PROCESS = Process(
    name="operating_cash",
    phase="cash",
    run=_earn_and_spend,
    reads=("origins.kind", "origins.alive", "origins.zone", "origins.margin", "origins.outlay", "origins.reserve",
           "origins.account", "manufacturers.alive", "manufacturers.margin",
           "manufacturers.outlay", "manufacturers.reserve",
           "manufacturers.account"),
    writes=("accounts",),
    system="money",
    doc="margins and budgets come in, R&D goes out, owners take their part",
)  # fmt: skip
VENTURES = Process(
    name="venture_spending",
    phase="cash",
    run=_ventures,
    reads=("ventures.alive", "ventures.account"),
    writes=("accounts",),
    system="A6",
    doc="ventures spend what they have",
)
PROGRAMMES = Process(
    name="programme_spending",
    phase="cash",
    run=_programmes,
    reads=("programmes.alive", "programmes.drawn", "programmes.committed", "programmes.account"),
    writes=("accounts",),
    system="A2",
    doc="programmes that are drawn spend what they have left",
    tier="chain",
)
