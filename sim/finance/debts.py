"""What all running debts have in common: annuities, approval, the booking of a new one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.core.clock import monthly_flow
from sim.core.columns import Rows
from sim.core.counting import sum_by
from sim.core.streams import pairs, uniforms
from sim.finance.instrument import Given, yuan
from sim.finance.needs import Money, Needs, Reals
from sim.world import World

SERIAL = 1 << 44  # keeps identities of debts apart from those of what they pay for


def annuity(rate: float, months: int) -> float:
    """Instalment of a month for each yuan lent at `rate` a month over `months` (MODEL.md, (12))."""
    return rate / -math.expm1(-months * math.log1p(rate)) if rate > 0 else 1.0 / months


def found_fit(world: World, needs: Needs, what: np.uint32, odds: float) -> NDArray[np.bool_]:
    """Which firms are approved: once for each project, more often if they are large (MODEL.md, (13))."""
    log_odds = odds + world.scenario.finance.loan.size * needs.log_size
    chance = 1.0 / (1.0 + np.exp(-log_odds))
    return np.asarray(needs.late & (uniforms(world.key, what, needs.uid, 0, 0) < chance))


def up_to(fit: NDArray[np.bool_], most: Reals | Money, largest: float) -> Money:
    """Limits in yuan: `most` for those who are fit, `largest` (m yuan) at most."""
    return np.where(fit, np.floor(np.minimum(most, largest * 1e6)), 0.0).astype(np.int64)


def lend(
    world: World, given: Given, tag: str, claim: str, *, rate: float, months: int, insurer: Rows | int = -1,
    cover: float = 0.0, collateral: Money | int = 0,
) -> None:  # fmt: skip
    """Pay the sums out under `tag` and book debts of a yearly `rate`, to be repaid over `months`."""
    account, amount = given.needs.account, given.amount
    lender = world.financiers.account[given.provider]
    world.ledger.post(tag, lender, account, amount)
    world.ledger.claim_each(claim, lender, account, amount)
    monthly = monthly_flow(rate)
    world.credits.grow(
        pairs(given.needs.uid, np.full(amount.size, SERIAL + (given.code << 20) + world.month, np.uint64)),
        instrument=given.code,
        lender=given.provider,
        insurer=insurer,
        debtor=account,
        zone=given.needs.zone,
        principal=amount,
        outstanding=amount,
        instalment=yuan(annuity(monthly, months) * amount),
        rate=monthly,
        remaining=months,
        cover=cover,
        collateral=collateral,
        born=world.month,
    )


def lent(world: World) -> Money:
    """What each financier has outstanding, refinancing included (yuan, by row); of debts that ended it is nothing."""
    credits, financiers = world.credits, world.financiers
    total: Money = sum_by(credits.lender, credits.outstanding, financiers.used)
    behind = np.flatnonzero(financiers.bank >= 0)
    return total + sum_by(financiers.bank[behind], financiers.borrowed[behind], financiers.used)


def equity(world: World, book: Money | None = None) -> Money:
    """What would be left to each financier's owners (yuan, by row): deposits and claims less what it borrowed."""
    financiers = world.financiers
    book = lent(world) if book is None else book
    return world.ledger.balance[financiers.account] + book - financiers.borrowed
