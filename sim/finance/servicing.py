"""Bills of running debts: interest, then premium, then principal, before what is merely wanted (MODEL.md, (12))."""

from __future__ import annotations

import numpy as np

from sim.agents.financiers import BANK
from sim.core.clock import monthly_flow
from sim.core.schedule import Process
from sim.finance import chain, insurance
from sim.finance.instrument import yuan
from sim.world import World

KIND = "debt"
OWED = -1  # seniority: what is owed goes before what is wanted
PRINCIPAL = {"loan": "principal", "lease": "lease_principal"}
INTEREST = {"loan": "interest", "lease": "lease_interest"}


def _bill(world: World) -> None:
    credits = world.credits
    row = credits.rows
    outstanding = credits.outstanding[row]
    interest = yuan(credits.rate[row] * outstanding)
    principal = np.minimum(np.maximum(credits.instalment[row] - interest, 0), outstanding)
    principal = np.where(credits.remaining[row] <= 1, outstanding, principal)
    premium, public = insurance.premiums(world, row, outstanding - principal)
    world.requests.ask(
        KIND, credits.uid[row], credits.debtor[row], interest + premium + principal, seniority=OWED, divisible=True,
        credit=row, interest=interest, premium=premium, public=public,
    )  # fmt: skip


def _serve(world: World) -> None:
    credits, financiers, ledger = world.credits, world.financiers, world.ledger
    batch = world.requests.granted(KIND)
    row, paid = batch["credit"], batch["granted"]
    if not row.size:
        return
    debtor, lender = credits.debtor[row], financiers.account[credits.lender[row]]
    interest = np.minimum(paid, batch["interest"])
    premium = np.minimum(paid - interest, batch["premium"])
    principal = paid - interest - premium
    for claim in PRINCIPAL:
        at = np.flatnonzero(np.array([i.claim == claim for i in chain.INSTRUMENTS])[credits.instrument[row]])
        payer, payee, repaid = debtor[at], lender[at], principal[at]
        ledger.post(INTEREST[claim], payer, payee, interest[at])
        ledger.post(PRINCIPAL[claim], payer, payee, repaid)
        ledger.claim_each(claim, payee, payer, -repaid)
    full = paid == batch["amount"]
    _subsidise(world, batch, full & (financiers.kind[credits.lender[row]] == BANK))
    insurance.collect(world, row, premium, batch["public"])
    credits.outstanding[row] -= principal
    credits.remaining[row] = np.maximum(credits.remaining[row] - 1, 1)
    credits.missed[row] = np.where(full, 0, credits.missed[row] + 1)
    credits.retire(row[credits.outstanding[row] == 0])


def _subsidise(world: World, batch: dict[str, np.ndarray], served: np.ndarray) -> None:
    """Governments return a share of the benchmark interest on bank loans whose bill was paid."""
    credits, ledger = world.credits, world.ledger
    rate = monthly_flow(float(world.inputs.benchmark[world.month] * world.inputs.interest_subsidy[world.month]))
    if rate == 0.0:
        return
    row = batch["credit"][served]
    returned = np.minimum(yuan(rate * credits.outstanding[row]), batch["interest"][served])
    payer = world.government[world.region.zones.admin[credits.zone[row]]]
    ledger.post("public_funds", ledger.outside, payer, returned)
    ledger.post("interest_subsidy", payer, credits.debtor[row], returned)


BILLS = Process(
    name="debt_bills",
    phase="proposals",
    run=_bill,
    reads=("credits.alive", "credits.uid", "credits.outstanding", "credits.rate", "credits.instalment",
           "credits.remaining", "credits.debtor", "credits.insurer", "credits.born"),
    writes=("requests",),
    system="A7",
    doc="debtors owe interest, premium and principal of the month",
    tier="chain",
)  # fmt: skip
SERVICE = Process(
    name="debt_service",
    phase="settlement",
    run=_serve,
    reads=("requests", "credits.debtor", "credits.lender", "credits.instrument", "credits.insurer", "credits.zone",
           "financiers.account", "financiers.kind"),
    writes=("credits.outstanding", "credits.remaining", "credits.missed", "credits.alive", "accounts", "claims"),
    system="A7",
    doc="and pay what they can; governments return part of the interest",
    tier="chain",
)  # fmt: skip
