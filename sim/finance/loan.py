"""Bank loans: an annuity above the benchmark, for late needs of firms that are found fit."""

from __future__ import annotations

import numpy as np

from sim.agents.financiers import BANK, known_to, of_kind
from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.streams import purpose
from sim.finance.debts import annuity, found_fit, lend, up_to
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.needs import Money, Needs
from sim.world import World

FIT = purpose("loan.fit")
HOUSE = purpose("loan.bank")


def house_bank(world: World, needs: Needs) -> Rows:
    """The bank that each project knows."""
    banks: Rows = known_to(of_kind(world.financiers, BANK), world.key, HOUSE, needs.uid, 0)
    return banks


def rate(world: World) -> float:
    """What a bank loan costs this month, a year."""
    return max(float(world.inputs.benchmark[world.month]) + world.scenario.finance.loan.spread, 0.0)


def subsidised(world: World) -> float:
    """The part of it that governments return."""
    return float(world.inputs.benchmark[world.month] * world.inputs.interest_subsidy[world.month])


def _quote(world: World, needs: Needs) -> Quote:
    p = world.scenario.finance.loan
    return Quote(
        limit=up_to(found_fit(world, needs, FIT, p.approval), needs.gap, p.largest),
        cost=np.full(needs.uid.size, rate(world) - subsidised(world)),
        provider=house_bank(world, needs),
        load=annuity(monthly_flow(rate(world)), p.months),
        smallest=round(p.smallest * 1e6),
    )


def _provide(world: World, given: Given) -> None:
    lend(world, given, "loan", "loan", rate=rate(world), months=world.scenario.finance.loan.months)


def recover(world: World, rows: Rows) -> Money:
    """What collateral brings: all but the loss given default."""
    return yuan((1.0 - world.scenario.finance.loan.loss) * world.credits.outstanding[rows])


INSTRUMENT = Instrument(name="loan", quote=_quote, provide=_provide, tiers=("full",), claim="loan", recover=recover)
