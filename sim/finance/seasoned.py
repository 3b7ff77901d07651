"""Loans and leases that run when the simulation begins, so that defaults begin at once (MODEL.md, (16))."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.financiers import BANK, INSURER, LESSOR, known_to, of_kind
from sim.core.clock import monthly_flow
from sim.core.columns import Population, Rows
from sim.core.streams import pairs, purpose, uniforms
from sim.finance import chain, loan
from sim.finance.debts import SERIAL, annuity, lent
from sim.finance.instrument import yuan
from sim.finance.needs import REACH
from sim.world import World

HELD = purpose("seasoned.held")
AGE = purpose("seasoned.age")
LENDER = purpose("seasoned.lender")


def lend_before_the_start(world: World) -> None:
    """Book the debts of the first month: loans of firms, leases of manufacturers, and the equity behind them.

    What was paid out before the start has long been spent: the counterpart of all of it is the outside sector.
    """
    p, tier = world.scenario.finance, world.scenario.tier
    if tier == "core":
        return
    origins, firms, ledger, financiers = world.origins, world.manufacturers, world.ledger, world.financiers
    lenders = of_kind(financiers, BANK)
    rate = loan.rate(world)
    held = min(float(world.inputs.loan_quota[0]), 1.0) * p.loan.held_at_start * (p.loan.quota > 0)
    staff = origins.staff / world.region.totals["staff_per_enterprise"].amount
    for population, size in ((origins, staff), (firms, firms.size)):
        _lend(
            world, "loan" if tier == "full" else "credit_line", population, np.maximum(size, 1e-6), lenders, held, rate,
            p.loan.months, (p.loan.smallest, p.loan.largest),
        )  # fmt: skip
    lessors = of_kind(financiers, LESSOR)
    lessors = lessors[financiers.bank[lessors] >= 0]
    _lend(
        world, "leasing", firms, np.ones(firms.used), lessors, p.leasing.held_at_start * (p.leasing.quota > 0),
        p.leasing.rate, p.leasing.months, (p.leasing.smallest, p.leasing.largest),
    )  # fmt: skip
    book = lent(world)
    financiers.borrowed[lessors] = yuan((1.0 - p.leasing.equity) * book[lessors])
    bank = financiers.account[financiers.bank[lessors]]
    ledger.claim_each("loan", bank, financiers.account[lessors], financiers.borrowed[lessors])
    book = lent(world)
    ledger.endow(financiers.account[lenders], yuan(p.loan.equity * book[lenders]) - book[lenders])
    insurers = of_kind(financiers, INSURER)
    reserve = p.insurance.reserve * p.insurance.quota * 1e6 * world.scale / max(insurers.size, 1)
    ledger.endow(financiers.account[insurers], np.full(insurers.size, round(reserve)))
    financiers.bad[:] = yuan(p.loan.default_rate * book)


def _lend(
    world: World, name: str, population: Population, size: np.ndarray, lenders: Rows, held: float, rate: float,
    months: int, ticket: tuple[float, float],
) -> None:  # fmt: skip
    """Debts of `months` at a yearly `rate`, of all ages, of the firms that hold one: `held` of those of mean size."""
    code, p = chain.code_of(name), world.scenario.finance
    if held == 0.0 or not lenders.size:
        return
    odds = math.log(held / (1.0 - held)) if held < 1.0 else math.inf
    chance = 1.0 / (1.0 + np.exp(-(odds + p.loan.size * np.log(size))))
    monthly = monthly_flow(rate)
    each = annuity(monthly, months)
    free = p.loan.coverage * np.maximum(population.margin - population.outlay, 0)
    principal = yuan(np.minimum(np.minimum(free / each, population.reserve), ticket[1] * 1e6))
    reach = world.inputs.reach[0, world.region.zones.admin[population.zone]]
    uid = population.uid
    holds = population.alive & (uniforms(world.key, HELD, uid, code, 0) < chance)
    holds &= (uniforms(world.key, REACH, uid, 0, 0) < reach) & (principal >= ticket[0] * 1e6) & (principal > 0)
    row = np.flatnonzero(holds)
    uid, principal = uid[row], principal[row]
    paid = np.floor(uniforms(world.key, AGE, uid, code, 0) * months).astype(np.int64)
    growth = (1.0 + monthly) ** paid
    owed = principal * growth - each * principal * ((growth - 1.0) / monthly if monthly > 0 else paid)
    lender = known_to(lenders, world.key, LENDER, uid, code)
    outstanding = np.maximum(yuan(owed), 1)
    world.credits.grow(
        pairs(uid, np.full(uid.size, SERIAL + (code << 20) + (1 << 19), np.uint64)),
        instrument=code,
        lender=lender,
        insurer=-1,
        debtor=population.account[row],
        zone=population.zone[row],
        principal=principal,
        outstanding=outstanding,
        instalment=yuan(each * principal),
        rate=monthly,
        remaining=months - paid,
        born=-1 - paid,
    )
    claim = chain.INSTRUMENTS[code].claim or ""
    world.ledger.claim_each(claim, world.financiers.account[lender], population.account[row], outstanding)
