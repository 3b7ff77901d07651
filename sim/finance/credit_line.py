"""The one constraint of finance in tier `chain`: credit from one pool, at a loan's terms, for all who can carry it."""

from __future__ import annotations

import numpy as np

from sim.core.clock import monthly_flow
from sim.finance.debts import annuity, lend, up_to
from sim.finance.instrument import Given, Instrument, Quote
from sim.finance.loan import house_bank, rate, recover, subsidised
from sim.finance.needs import Needs
from sim.world import World


def _quote(world: World, needs: Needs) -> Quote:
    p = world.scenario.finance.loan
    return Quote(
        limit=up_to(needs.late, needs.gap, p.largest),
        cost=np.full(needs.uid.size, rate(world) - subsidised(world)),
        provider=house_bank(world, needs),
        load=annuity(monthly_flow(rate(world)), p.months),
        smallest=round(p.smallest * 1e6),
    )


def _provide(world: World, given: Given) -> None:
    lend(world, given, "credit_line", "loan", rate=rate(world), months=world.scenario.finance.loan.months)


INSTRUMENT = Instrument(
    name="credit_line", quote=_quote, provide=_provide, tiers=("chain",), claim="loan", recover=recover
)
