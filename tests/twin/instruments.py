"""The instruments of the chain: what each looks at, what it offers, what it then does, what a default recovers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from twin.arithmetic import MILLION, log, logistic, yuan
from twin.debts import Credit, annuity, lend
from twin.draws import child
from twin.financiers import Bank, Financier
from twin.needs import Campaign, Need, ProgrammeRound, VentureRound

if TYPE_CHECKING:
    from twin.model import TwinModel

Kind = TypeVar("Kind", bound=Financier)


@dataclass
class Quote:
    """What an instrument offers to a need."""

    limit: int
    "Most that it would give."
    cost: float
    "A year; needs take the cheapest first."
    provider: Financier
    "Whose quota it takes up."
    second: Financier | None = None
    "Whose quota it takes up too."
    load: float = 0.0
    "Instalment of a month for each yuan, which the firm's margin has to carry."
    smallest: int = 0
    "Smallest sum that is worth while."


class Instrument:
    """One link of the chain."""

    code: int
    "Its place in the list."
    tiers: tuple[str, ...] = ("full",)
    system = "A7"
    tag = ""
    "Under which it pays out."
    claim = ""
    "What it leaves: a loan or a lease."

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        raise NotImplementedError

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        """Pay into the account of who asked, and book what is owed or owned for it."""
        raise NotImplementedError

    def prepare(self, due: Mapping[Financier, int]) -> None:
        """Before the sums that are due from each of its providers this month are paid."""

    def recover(self, model: TwinModel, credit: Credit) -> int:
        """What the sale of its security brings."""
        raise NotImplementedError


def known(model: TwinModel, all_alike: Sequence[Kind], purpose: str, uid: int) -> Kind | None:
    """Everybody knows one of each kind, if there is any."""
    ranked = sorted(all_alike, key=lambda one: one.uid)
    return ranked[math.floor(model.draws.uniform(purpose, uid) * len(ranked))] if ranked else None


def house_bank(model: TwinModel, need: Need) -> Bank | None:
    return known(model, model.banks, "loan.bank", need.uid)


def found_fit(model: TwinModel, need: Need, purpose: str, odds: float) -> bool:
    """Whether a firm is approved: once for each project, more often if it is large."""
    chance = logistic(odds + model.scenario.finance.loan.size * log(need.size))
    return need.late and model.draws.happens(chance, purpose, need.uid)


def up_to(most: float, largest: float) -> int:
    return math.floor(min(most, largest * MILLION))


def loan_rate(model: TwinModel) -> float:
    """What a bank loan costs, a year."""
    return max(model.benchmark + model.scenario.finance.loan.spread, 0.0)


def subsidised(model: TwinModel) -> float:
    """The part of it that governments return."""
    return model.benchmark * model.lever("interest_subsidy")


def premium_rate(model: TwinModel) -> float:
    """Premium of a month for each yuan outstanding: the expected claim with a load, within the cap."""
    p, loan = model.scenario.finance.insurance, model.scenario.finance.loan
    expected = (1.0 - (1.0 - loan.default_rate) ** (1.0 / 12)) * loan.loss * p.cover
    return min((1.0 + p.load) * expected, p.cap / 12)


class Investment(Instrument):
    """Venture equity: a fund looks at a venture's quality and how far away it is; in programmes it just invests."""

    tiers = ("core", "chain", "full")

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p = model.scenario.finance.investment
        fund = known(model, model.funds, "investment.fund", need.uid)
        if fund is None or not isinstance(need.request, VentureRound | ProgrammeRound):
            return None
        if isinstance(need.request, VentureRound):
            venture = need.request.venture
            odds = p.approval + log(venture.quality) - p.distance * log(model.hours(fund.zone, venture.zone))
            odds += model.drawn_by_environment(venture.zone)
            if not model.draws.happens(logistic(odds), "investment.approve", need.uid, model.month):
                return None
        return Quote(need.gap, p.return_mean, fund)

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        """The fund calls its partners' money and pays it in."""
        fund = quote.provider
        fund.receive("lp_call", model.ledger.outside, amount)
        fund.pay("investment", need.account, amount)
        model.ledger.claim("equity", "funds", need.account.sector, amount)
        model.count("investments_yuan", need.zone, amount)
        if isinstance(need.request, VentureRound):
            venture = need.request.venture
            venture.fund, venture.stake, venture.invested_at = fund, amount, model.month
            model.count("investments", venture.zone)


class Loan(Instrument):
    """A bank loan: an annuity above the benchmark, for late needs of firms that are found fit."""

    tag, claim = "loan", "loan"

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p, bank = model.scenario.finance.loan, house_bank(model, need)
        if bank is None or not self.fit(model, need):
            return None
        return Quote(
            up_to(need.gap, p.largest), loan_rate(model) - subsidised(model), bank,
            load=annuity(loan_rate(model) / 12, p.months), smallest=round(p.smallest * MILLION),
        )  # fmt: skip

    def fit(self, model: TwinModel, need: Need) -> bool:
        return found_fit(model, need, "loan.fit", model.scenario.finance.loan.approval)

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        lend(model, self, need, amount, quote.provider, loan_rate(model), model.scenario.finance.loan.months)

    def recover(self, model: TwinModel, credit: Credit) -> int:
        return yuan((1.0 - model.scenario.finance.loan.loss) * credit.outstanding)


class InsuredLoan(Loan):
    """An insurer bears part of the bank's loss, so that more firms are found fit, against a premium."""

    tag = "insured_loan"

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p, loan = model.scenario.finance.insurance, model.scenario.finance.loan
        insurer, bank = known(model, model.insurers, "insurance.insurer", need.uid), house_bank(model, need)
        if insurer is None or bank is None or not found_fit(model, need, "insurance.fit", p.approval):
            return None
        own_premium = 12 * premium_rate(model) * (1.0 - model.lever("premium_subsidy"))
        return Quote(
            up_to(need.gap, p.largest), loan_rate(model) - subsidised(model) + own_premium, insurer, second=bank,
            load=annuity(loan_rate(model) / 12, loan.months) + premium_rate(model),
            smallest=round(p.smallest * MILLION),
        )  # fmt: skip

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        """The bank lends, the insurer stands behind it."""
        months, cover = model.scenario.finance.loan.months, model.scenario.finance.insurance.cover
        lend(
            model, self, need, amount, quote.second, loan_rate(model), months, insurer=quote.provider, cover=cover
        )  # fmt: skip


class Lease(Instrument):
    """A lessor buys the equipment from the lessee and is paid back in rents."""

    tag, claim = "lease_purchase", "lease"

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p = model.scenario.finance.leasing
        lessor = known(model, model.lessors, "leasing.lessor", need.uid)
        if lessor is None or not found_fit(model, need, "leasing.fit", p.approval):
            return None
        return Quote(
            up_to(min(need.equipment * need.request.yuan, need.gap), p.largest), p.rate, lessor,
            load=annuity(p.rate / 12, p.months), smallest=round(p.smallest * MILLION),
        )  # fmt: skip

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        p = model.scenario.finance.leasing
        lend(model, self, need, amount, quote.provider, p.rate, p.months)

    def prepare(self, due: Mapping[Financier, int]) -> None:
        """Lessors draw what they lack on their credit line."""
        for lessor, amount in due.items():
            lessor.draw(amount - lessor.cash)

    def recover(self, model: TwinModel, credit: Credit) -> int:
        """Equipment is repossessed and sold."""
        return yuan((1.0 - model.scenario.finance.leasing.loss) * credit.outstanding)


class PatentLoan(Instrument):
    """A share of what patents are appraised at: those that a request buys, and those of the firm that are free."""

    tag, claim = "ip_loan", "loan"

    def rate(self, model: TwinModel) -> float:
        return max(model.benchmark + model.scenario.finance.ip_pledge.spread, 0.0)

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p, bank = model.scenario.finance.ip_pledge, house_bank(model, need)
        if bank is None or not found_fit(model, need, "ip_pledge.fit", p.approval):
            return None
        appraised = need.portfolio + need.patents * need.request.yuan
        return Quote(
            up_to(min(p.loan_to_value * appraised, need.gap), p.largest), self.rate(model) - subsidised(model), bank,
            load=annuity(self.rate(model) / 12, p.months), smallest=round(p.smallest * MILLION),
        )  # fmt: skip

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        p = model.scenario.finance.ip_pledge
        pledged = yuan(amount / p.loan_to_value)
        lend(model, self, need, amount, quote.provider, self.rate(model), p.months, collateral=pledged)

    def recover(self, model: TwinModel, credit: Credit) -> int:
        """The bank resells the patents."""
        return yuan(model.scenario.finance.ip_pledge.resale * credit.collateral)


class Crowd(Instrument):
    """Backers pledge small sums; a campaign gets its sum if they reach it, else nothing has moved."""

    system = "A8"

    def quote(self, model: TwinModel, need: Need) -> Quote | None:
        p, draws, members = model.scenario.finance.crowdfunding, model.draws, model.members_that("crowdfund")
        host = known(model, model.members, "crowd.member", need.uid)
        if host is None or not members or not isinstance(need.request, Campaign):
            return None
        expected = p.backers * p.months * (members / p.members) ** p.elasticity
        raised = 0.0
        for backer in range(draws.poisson("crowd.backers", need.uid, 0, expected)):
            noise = draws.normal("crowd.pledge", child(need.uid, backer))
            raised += p.pledge_mean * math.exp(p.pledge_sigma * noise - 0.5 * p.pledge_sigma**2)
        return Quote(need.gap, p.fee, host) if raised >= need.gap else None

    def provide(self, model: TwinModel, need: Need, quote: Quote, amount: int) -> None:
        """The host keeps a fee, and spends it."""
        outside, host = model.ledger.outside, quote.provider
        fee = yuan(model.scenario.finance.crowdfunding.fee * amount)
        model.ledger.pay("crowd", outside, need.account, amount)
        host.receive("crowd_fee", need.account, fee)
        host.pay("alliance_cost", outside, fee)
        model.count("campaigns_met", need.zone)


class CreditLine(Loan):
    """The one constraint of finance in tier chain: a loan from one pool, for all who can carry it."""

    tiers = ("chain",)
    tag = "credit_line"

    def fit(self, model: TwinModel, need: Need) -> bool:
        return need.late


INSTRUMENTS: tuple[Instrument, ...] = (
    Investment(), Loan(), InsuredLoan(), Lease(), PatentLoan(), Crowd(), CreditLine(),
)  # fmt: skip
"In the order in which quotes of one cost are taken."
for place, one in enumerate(INSTRUMENTS):
    one.code = place
