"""Owners of banks, insurers and lessors take out equity above what is wanted, and make good a loss (MODEL.md, (17))."""

from __future__ import annotations

import numpy as np

from sim.agents.financiers import BANK, INSURER, KINDS, LESSOR
from sim.core.clock import monthly_flow
from sim.core.counting import sum_by
from sim.core.schedule import Process
from sim.finance.debts import equity, lent
from sim.finance.instrument import yuan
from sim.finance.leasing import draw, repay
from sim.world import World


def _settle(world: World) -> None:
    financiers, credits, ledger, p = world.financiers, world.credits, world.ledger, world.scenario.finance
    kind = financiers.kind
    can_owe, insurer = kind == BANK, kind == INSURER
    owned = can_owe | insurer | (kind == LESSOR)
    if not owned.any():
        return
    book = lent(world)
    own = equity(world, book)
    behind = np.flatnonzero((credits.insurer >= 0) & credits.alive)
    covered = yuan(credits.cover[behind] * credits.outstanding[behind])
    insured = sum_by(credits.insurer[behind], covered, financiers.used)
    part = np.zeros(len(KINDS))
    part[[BANK, INSURER, LESSOR]] = p.loan.equity, p.insurance.reserve, p.leasing.equity
    wanted = part[kind] * np.where(insurer, insured, book)
    account = financiers.account
    ledger.post("financier_cover", ledger.outside, account, np.where(owned, np.maximum(-own, 0), 0))
    payout = yuan(p.loan.payout * np.maximum(own - wanted, 0.0)) * owned
    _refinance(world, payout)
    payout = np.where(can_owe, payout, np.minimum(payout, ledger.balance[account]))
    ledger.post("financier_payout", account, ledger.outside, payout)
    lessors = np.flatnonzero(financiers.borrowed)
    repay(world, lessors, ledger.balance[account[lessors]])


def _refinance(world: World, payout: np.ndarray) -> None:
    """Lessors pay interest on their credit line, from it if need be."""
    financiers, ledger = world.financiers, world.ledger
    lessors = np.flatnonzero((financiers.kind == LESSOR) & (financiers.bank >= 0))
    rate = monthly_flow(max(world.inputs.benchmark[world.month] + world.scenario.finance.leasing.refinancing, 0.0))
    interest, account = yuan(rate * financiers.borrowed[lessors]), financiers.account[lessors]
    draw(world, lessors, interest + payout[lessors] - ledger.balance[account])
    ledger.post("interest", account, financiers.account[financiers.bank[lessors]], interest)


PROCESS = Process(
    name="financiers_owners",
    phase="cash",
    run=_settle,
    reads=("financiers.kind", "financiers.account", "financiers.bank", "credits.alive", "credits.lender",
           "credits.insurer", "credits.cover", "credits.outstanding", "accounts"),
    writes=("financiers.borrowed", "accounts", "claims"),
    system="A7",
    doc="lessors settle with their banks; owners take out what lies above the equity wanted, or make good a loss",
    tier="chain",
)  # fmt: skip
