"""Finance leases: the lessor buys the equipment from the lessee and is paid back in rents (sale and lease-back).

Lessors live on a revolving credit line: what they lack their bank lends, what is left over repays it.
"""

from __future__ import annotations

import numpy as np

from sim.agents.financiers import LESSOR, known_to, of_kind
from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.streams import purpose
from sim.finance.debts import annuity, found_fit, lend, up_to
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.needs import Money, Needs
from sim.world import World

FIT = purpose("leasing.fit")
CHOICE = purpose("leasing.lessor")


def _quote(world: World, needs: Needs) -> Quote:
    p = world.scenario.finance.leasing
    fit = found_fit(world, needs, FIT, p.approval)
    return Quote(
        limit=up_to(fit, np.minimum(needs.equipment * needs.total, needs.gap), p.largest),
        cost=np.full(needs.uid.size, p.rate),
        provider=known_to(of_kind(world.financiers, LESSOR), world.key, CHOICE, needs.uid, 0),
        load=annuity(monthly_flow(p.rate), p.months),
        smallest=round(p.smallest * 1e6),
    )


def _provide(world: World, given: Given) -> None:
    p, financiers = world.scenario.finance.leasing, world.financiers
    due = np.zeros(financiers.used, np.int64)
    np.add.at(due, given.provider, given.amount)
    lessors = np.flatnonzero(due)
    draw(world, lessors, due[lessors] - world.ledger.balance[financiers.account[lessors]])
    lend(world, given, "lease_purchase", "lease", rate=p.rate, months=p.months)


def draw(world: World, lessors: Rows, lacking: Money) -> None:
    """Draw what is lacking on the credit line."""
    financiers, ledger = world.financiers, world.ledger
    amount = np.where(financiers.bank[lessors] >= 0, np.maximum(lacking, 0), 0)
    bank, account = financiers.account[financiers.bank[lessors]], financiers.account[lessors]
    ledger.post("refinancing", bank, account, amount)
    ledger.claim_each("loan", bank, account, amount)
    financiers.borrowed[lessors] += amount


def repay(world: World, lessors: Rows, spare: Money) -> None:
    """Repay the credit line from what is to spare."""
    financiers, ledger = world.financiers, world.ledger
    amount = np.minimum(np.maximum(spare, 0), financiers.borrowed[lessors])
    bank, account = financiers.account[financiers.bank[lessors]], financiers.account[lessors]
    ledger.post("principal", account, bank, amount)
    ledger.claim_each("loan", bank, account, -amount)
    financiers.borrowed[lessors] -= amount


def recover(world: World, rows: Rows) -> Money:
    """Equipment is repossessed and sold."""
    return yuan((1.0 - world.scenario.finance.leasing.loss) * world.credits.outstanding[rows])


INSTRUMENT = Instrument(name="leasing", quote=_quote, provide=_provide, tiers=("full",), claim="lease", recover=recover)
