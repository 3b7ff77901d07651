"""Who provides money from outside the firm: funds, banks, insurers, lessors, members of the alliance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import MILLION, chance_of, exp, yuan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twin.model import TwinModel
    from twin.ventures import Venture
    from twin.zones import Zone

UNLIMITED = 1 << 60
"What limits a campaign is its backers, not the member of the alliance."


class Financier(Organisation):
    """Has a quota: what it may still provide, this year if it is a fund, this month otherwise."""

    kind: int
    zone: Zone
    quota: int
    bank: Bank | None
    "Which refinances it, if it is a lessor."
    borrowed: int
    "From that bank."
    bad: int
    "Defaulted debts that are not yet worked out."

    @property
    def lent(self) -> int:
        """What it has outstanding, refinancing included."""
        debts = sum(credit.outstanding for credit in self.model.credits.values() if credit.lender is self)
        return debts + sum(lessor.borrowed for lessor in self.model.lessors if lessor.bank is self)

    @property
    def equity(self) -> int:
        """What would be left to its owners."""
        return self.cash + self.lent - self.borrowed

    def take_share(self, yearly: float, all_alike: Sequence[Financier]) -> None:
        """Its quota is a month's part of what all of its kind may provide; nothing if its equity is gone."""
        share = round(yearly / 12 * MILLION * self.model.scenario.scale / len(all_alike))
        self.quota = share if self.equity >= 0 else 0


class Bank(Financier):
    """Lends by making deposits: its account stands at its equity less its loans."""

    kind = 0

    def plan(self) -> None:
        yearly = self.model.scenario.finance.loan.quota * self.model.lever("loan_quota")
        self.take_share(yearly, self.model.banks)

    @property
    def wanted_equity(self) -> float:
        return self.model.scenario.finance.loan.equity * self.lent


class Fund(Financier):
    """A venture fund: its partners pay when it invests, and get what it earns."""

    kind = 1

    def plan(self) -> None:
        """Each January the powder is set anew: what has not been invested is not carried over."""
        model, p = self.model, self.model.scenario.finance.investment
        if model.month == 0 or model.date.endswith("-01"):
            yearly = p.deals * p.round_mean * MILLION * model.scenario.scale * model.lever("venture_powder")
            self.quota = round(yearly / len(model.funds))

    def consider_selling(self, venture: Venture) -> None:
        """Stakes are sold at a lognormal multiple of what they cost; the partners get all of it."""
        model, p = self.model, self.model.scenario.finance.investment
        if not model.draws.happens(chance_of(p.exit_rate / 12), "investment.sell", venture.uid, model.month):
            return
        years = (model.month - venture.invested_at) / 12
        noise = model.draws.normal("investment.return", venture.uid)
        proceeds = yuan(venture.stake * exp(p.return_mean * years + p.return_sigma * math.sqrt(years) * noise))
        self.receive("exit_proceeds", model.ledger.outside, proceeds)
        self.pay("distribution", model.ledger.outside, proceeds)
        model.ledger.claim("equity", "funds", "ventures", -venture.stake)
        venture.stake = 0


class Insurer(Financier):
    """Stands behind loans, and keeps a reserve for that."""

    kind = 2

    def plan(self) -> None:
        self.take_share(self.model.scenario.finance.insurance.quota, self.model.insurers)

    @property
    def wanted_equity(self) -> float:
        behind = [credit for credit in self.model.credits.values() if credit.insurer is self]
        insured = sum(yuan(credit.cover * credit.outstanding) for credit in behind)
        return self.model.scenario.finance.insurance.reserve * insured


class Lessor(Financier):
    """Buys equipment and rents it out, on a revolving credit line of its bank."""

    kind = 3

    def plan(self) -> None:
        self.take_share(self.model.scenario.finance.leasing.quota, self.model.lessors)

    @property
    def wanted_equity(self) -> float:
        return self.model.scenario.finance.leasing.equity * self.lent

    def draw(self, lacking: int) -> None:
        """Draw what is lacking on the credit line."""
        if self.bank and lacking > 0:
            self.receive("refinancing", self.bank.account, lacking)
            self.model.ledger.claim("loan", "banks", "lessors", lacking)
            self.borrowed += lacking

    def pay_interest(self, payout: int) -> None:
        """On the credit line, out of which it and the owners' part are paid if need be."""
        if self.bank:
            spread = self.model.scenario.finance.leasing.refinancing
            interest = yuan(max(self.model.benchmark + spread, 0.0) / 12 * self.borrowed)
            self.draw(interest + payout - self.cash)
            self.pay("interest", self.bank.account, interest)

    def repay(self) -> None:
        """Repay the credit line from all that is there."""
        if self.borrowed > 0:
            amount = min(self.cash, self.borrowed)
            self.pay("principal", self.bank.account, amount)
            self.model.ledger.claim("loan", "banks", "lessors", -amount)
            self.borrowed -= amount


class Member(Financier):
    """A member of the alliance, which holds campaigns of the crowd."""

    kind = 4

    def plan(self) -> None:
        self.quota = UNLIMITED


KINDS = {one.kind: one for one in (Bank, Fund, Insurer, Lessor, Member)}


def settle_with_owners(model: TwinModel) -> None:
    """Owners take out part of what lies above the equity that is wanted, or make good a loss beyond all equity."""
    outside, p = model.ledger.outside, model.scenario.finance.loan
    owned = [*model.banks, *model.insurers, *model.lessors]
    books = [(one, one.equity, one.wanted_equity) for one in owned]  # before anybody pays anything
    for one, equity, wanted in books:
        one.receive("financier_cover", outside, max(-equity, 0))
        payout = yuan(p.payout * max(equity - wanted, 0.0))
        if isinstance(one, Lessor):
            one.pay_interest(payout)
        if not isinstance(one, Bank):
            payout = min(payout, one.cash)
        one.pay("financier_payout", outside, payout)
        if isinstance(one, Lessor):
            one.repay()


def sell_stakes(model: TwinModel) -> None:
    for venture in model.ventures:
        if venture.stake > 0:
            venture.fund.consider_selling(venture)
