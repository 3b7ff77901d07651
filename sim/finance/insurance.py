"""Insured loans: an insurer bears part of the loss, so that more firms are fit, for a premium (MODEL.md, (13))."""

from __future__ import annotations

import numpy as np

from sim.agents.financiers import INSURER, known_to, of_kind
from sim.core.clock import MONTHS_PER_YEAR, monthly_chance, monthly_flow
from sim.core.columns import Rows
from sim.core.streams import purpose
from sim.finance.debts import annuity, found_fit, lend, up_to
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.loan import house_bank, rate, recover, subsidised
from sim.finance.needs import Money, Needs
from sim.world import World

FIT = purpose("insurance.fit")
CHOICE = purpose("insurance.insurer")


def premium_rate(world: World) -> float:
    """Premium of a month for each yuan outstanding: the expected claim with a load, within the cap."""
    p, loan = world.scenario.finance.insurance, world.scenario.finance.loan
    expected = monthly_chance(loan.default_rate) * loan.loss * p.cover
    return min((1.0 + p.load) * expected, monthly_flow(p.cap))


def _quote(world: World, needs: Needs) -> Quote:
    p, loan = world.scenario.finance.insurance, world.scenario.finance.loan
    premium = premium_rate(world)
    bank = house_bank(world, needs)
    own = MONTHS_PER_YEAR * premium * (1.0 - world.inputs.premium_subsidy[world.month])
    return Quote(
        limit=up_to(found_fit(world, needs, FIT, p.approval) & (bank >= 0), needs.gap, p.largest),
        cost=np.full(needs.uid.size, rate(world) - subsidised(world) + own),
        provider=known_to(of_kind(world.financiers, INSURER), world.key, CHOICE, needs.uid, 0),
        second=bank,
        load=annuity(monthly_flow(rate(world)), loan.months) + premium,
        smallest=round(p.smallest * 1e6),
    )


def _provide(world: World, given: Given) -> None:
    """The bank lends, the insurer stands behind it."""
    p, loan = world.scenario.finance.insurance, world.scenario.finance.loan
    at_bank = Given(given.code, given.needs, given.amount, given.second, given.provider)
    lend(
        world, at_bank, "insured_loan", "loan", rate=rate(world), months=loan.months, insurer=given.provider,
        cover=p.cover,
    )  # fmt: skip


def premiums(world: World, row: Rows, remaining: Money) -> tuple[Money, Money]:
    """Own part and government's part of the premium on what will still be outstanding (yuan)."""
    credits, p = world.credits, world.scenario.finance.insurance
    whole = np.where(credits.insurer[row] >= 0, yuan(premium_rate(world) * remaining), 0)
    young = world.month - credits.born[row].astype(np.int64) <= p.subsidy_months
    public = yuan(world.inputs.premium_subsidy[world.month] * whole) * young
    return whole - public, public


def collect(world: World, row: Rows, own: Money, public: Money) -> None:
    """Insurers get both parts and pass some of it on for reinsurance."""
    credits, ledger = world.credits, world.ledger
    at = np.flatnonzero(credits.insurer[row] >= 0)
    if not at.size:
        return
    row, own, public = row[at], own[at], public[at]
    insurer = world.financiers.account[credits.insurer[row]]
    payer = world.government[world.region.zones.admin[credits.zone[row]]]
    ledger.post("premium", credits.debtor[row], insurer, own)
    ledger.post("public_funds", ledger.outside, payer, public)
    ledger.post("premium_subsidy", payer, insurer, public)
    ceded = yuan(world.scenario.finance.insurance.reinsured * (own + public))
    ledger.post("reinsurance_premium", insurer, ledger.outside, ceded)


INSTRUMENT = Instrument(
    name="insurance", quote=_quote, provide=_provide, tiers=("full",), claim="loan", recover=recover
)
