"""What a running debt is, and how one begins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import yuan
from twin.draws import child

if TYPE_CHECKING:
    from twin.financiers import Financier, Insurer
    from twin.instruments import Instrument
    from twin.model import TwinModel
    from twin.money import Account
    from twin.needs import Need
    from twin.zones import Zone

SERIAL = 1 << 44
"Keeps identities of debts apart from those of what they pay for."


@dataclass(eq=False, slots=True)
class Credit:
    """A loan, an insured loan, a lease, or a loan against patents."""

    uid: int
    instrument: int
    "Place of its instrument in the list."
    lender: Financier
    insurer: Insurer | None
    debtor: Account
    zone: Zone
    principal: int
    "Sum lent."
    outstanding: int
    instalment: int
    "Due each month, interest included."
    rate: float
    "Interest of a month."
    remaining: int
    "Months."
    missed: int
    "Bills in a row that were not paid in full."
    cover: float
    "Share of the lender's loss that is insured."
    collateral: int
    "What pledged patents were appraised at."
    born: int


def annuity(rate: float, months: int) -> float:
    """Instalment of a month for each yuan lent at `rate` a month."""
    return rate / -math.expm1(-months * math.log1p(rate)) if rate > 0 else 1.0 / months


def lend(
    model: TwinModel, instrument: Instrument, need: Need, amount: int, lender: Financier, yearly: float, months: int,
    insurer: Insurer | None = None, cover: float = 0.0, collateral: int = 0,
) -> None:  # fmt: skip
    """Pay a sum out, and book the debt."""
    lender.pay(instrument.tag, need.account, amount)
    model.ledger.claim(instrument.claim, lender.account.sector, need.account.sector, amount)
    uid = child(need.uid, SERIAL + (instrument.code << 20) + model.month)
    model.credits[uid] = Credit(
        uid=uid, instrument=instrument.code, lender=lender, insurer=insurer, debtor=need.account, zone=need.zone,
        principal=amount, outstanding=amount, instalment=yuan(annuity(yearly / 12, months) * amount),
        rate=yearly / 12, remaining=months, missed=0, cover=cover, collateral=collateral, born=model.month,
    )  # fmt: skip
