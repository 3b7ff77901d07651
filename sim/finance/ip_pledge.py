"""Loans against patents: a share of what they are appraised at; after a default the bank resells them."""

from __future__ import annotations

import numpy as np

from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.streams import purpose
from sim.finance.debts import annuity, found_fit, lend, up_to
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.loan import house_bank, subsidised
from sim.finance.needs import Money, Needs
from sim.world import World

FIT = purpose("ip_pledge.fit")


def _rate(world: World) -> float:
    return max(float(world.inputs.benchmark[world.month]) + world.scenario.finance.ip_pledge.spread, 0.0)


def _quote(world: World, needs: Needs) -> Quote:
    """Pledged are the patents that a request buys, and those of the firm that are still free."""
    p = world.scenario.finance.ip_pledge
    appraised = needs.portfolio + needs.patents * needs.total
    return Quote(
        limit=up_to(
            found_fit(world, needs, FIT, p.approval), np.minimum(p.loan_to_value * appraised, needs.gap), p.largest
        ),
        cost=np.full(needs.uid.size, _rate(world) - subsidised(world)),
        provider=house_bank(world, needs),
        load=annuity(monthly_flow(_rate(world)), p.months),
        smallest=round(p.smallest * 1e6),
    )


def _provide(world: World, given: Given) -> None:
    p = world.scenario.finance.ip_pledge
    lend(
        world, given, "ip_loan", "loan", rate=_rate(world), months=p.months,
        collateral=yuan(given.amount / p.loan_to_value),
    )  # fmt: skip


def recover(world: World, rows: Rows) -> Money:
    """The bank resells the patents."""
    return yuan(world.scenario.finance.ip_pledge.resale * world.credits.collateral[rows])


INSTRUMENT = Instrument(
    name="ip_pledge", quote=_quote, provide=_provide, tiers=("full",), claim="loan", recover=recover
)
