"""Venture equity: partners pay funds, funds buy stakes in ventures, stakes are sold or end in nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import MILLION, chance_of, exp, log, logistic, yuan
from twin.money import Request

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.parks import Programme
    from twin.ventures import Venture
    from twin.zones import Zone


class Fund(Organisation):
    """A venture fund, with the powder it may still invest this year."""

    kind = 1
    zone: Zone
    quota: int

    def plan_year(self) -> None:
        """Each January funds learn what they may invest; what they have not invested is not carried over."""
        model, p = self.model, self.model.scenario.finance.investment
        if model.month == 0 or model.date.endswith("-01"):
            yearly = p.deals * p.round_mean * MILLION * model.scenario.scale * model.powder
            self.quota = round(yearly / len(model.funds))

    def sell(self, venture: Venture) -> None:
        """Stakes are sold at a lognormal multiple of what they cost; the fund's partners get all of it."""
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

    def invest(self, target: Venture | Programme, amount: int) -> None:
        """The fund calls its partners' money and pays it into what it invests in."""
        ledger = self.model.ledger
        self.receive("lp_call", ledger.outside, amount)
        self.pay("investment", target.account, amount)
        ledger.claim("equity", "funds", target.account.sector, amount)
        self.quota -= amount
        self.model.count("investments_yuan", target.zone, amount)


def sell_stakes(model: TwinModel) -> None:
    for venture in model.ventures:
        if venture.stake > 0:
            venture.fund.sell(venture)


def fund_known_to(model: TwinModel, uid: int) -> Fund:
    """Everybody knows one fund."""
    funds = sorted(model.funds, key=lambda fund: fund.uid)
    return funds[math.floor(model.draws.uniform("investment.fund", uid) * len(funds))]


def seek_equity(model: TwinModel) -> None:
    """Ventures without a stake in them, and programmes for part of what is drawn, ask the fund that they know."""
    if not model.funds:
        return
    for venture in model.ventures:
        if venture.fund is None:
            ask_for_round(venture)
    for programme in model.programmes:
        if programme.drawn < programme.committed:
            partners = programme.due - programme.parents_part
            amount = yuan(model.scenario.finance.investment.programme_share * partners)
            fund = fund_known_to(model, programme.uid)
            model.ask_fund(ProgrammeRound(programme.uid, fund, amount, programme=programme))


def ask_for_round(venture: Venture) -> None:
    """Some ask; approval is the likelier the better the venture and the nearer the fund."""
    model, draws = venture.model, venture.model.draws
    p, month = model.scenario.finance.investment, venture.model.month
    if not draws.happens(p.asking, "investment.ask", venture.uid, month):
        return
    fund = fund_known_to(model, venture.uid)
    odds = p.approval + log(venture.quality) - p.distance * log(model.hours(fund.zone, venture.zone))
    if draws.happens(logistic(odds), "investment.approve", venture.uid, month):
        noise = draws.normal("investment.size", venture.uid)
        median = p.round_mean * MILLION * math.exp(-0.5 * p.round_sigma**2)
        model.ask_fund(VentureRound(venture.uid, fund, yuan(median * exp(p.round_sigma * noise)), venture=venture))


@dataclass
class VentureRound(Request):
    """The whole round or none."""

    venture: Venture

    def settle(self) -> None:
        if self.in_full and self.yuan > 0:
            venture, fund = self.venture, self.payer
            fund.invest(venture, self.yuan)
            venture.fund, venture.stake, venture.invested_at = fund, self.yuan, venture.model.month
            venture.model.count("investments", venture.zone)


@dataclass
class ProgrammeRound(Request):
    """What the fund's powder allows of its part in a draw."""

    programme: Programme
    seniority = 1
    divisible = True

    def settle(self) -> None:
        self.payer.invest(self.programme, self.granted)
