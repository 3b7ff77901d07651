"""How debts are served, and how they end badly: default, and the winding up of who leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.arithmetic import yuan
from twin.debts import Credit
from twin.financiers import Bank, Insurer
from twin.instruments import INSTRUMENTS, premium_rate
from twin.money import Account, Request

if TYPE_CHECKING:
    from twin.model import TwinModel

SECOND_MISS = 2
"A bill missed is arrears, the next one missed is default."


def bill(model: TwinModel, credit: Credit) -> None:
    """Interest, premium and principal of the month are owed before all that is merely wanted."""
    interest = yuan(credit.rate * credit.outstanding)
    principal = min(max(credit.instalment - interest, 0), credit.outstanding)
    if credit.remaining <= 1:
        principal = credit.outstanding
    premium = subsidy = 0
    if credit.insurer:
        whole = yuan(premium_rate(model) * (credit.outstanding - principal))
        if model.month - credit.born <= model.scenario.finance.insurance.subsidy_months:
            subsidy = yuan(model.lever("premium_subsidy") * whole)
        premium = whole - subsidy
    due = interest + premium + principal
    model.request(
        Bill(credit.uid, credit.debtor, due, credit=credit, interest=interest, premium=premium, subsidy=subsidy)
    )


@dataclass
class Bill(Request):
    """Of a debt, for a month."""

    credit: Credit
    interest: int
    premium: int
    "The debtor's part."
    subsidy: int
    "The government's part of the premium."
    seniority = -1
    divisible = True

    def settle(self) -> None:
        """Interest is paid first, then the premium, then principal."""
        credit, lender, paid = self.credit, self.credit.lender, self.granted
        model, claim = lender.model, INSTRUMENTS[credit.instrument].claim
        interest = min(paid, self.interest)
        premium = min(paid - interest, self.premium)
        principal = paid - interest - premium
        lender.receive("interest" if claim == "loan" else "lease_interest", credit.debtor, interest)
        lender.receive("principal" if claim == "loan" else "lease_principal", credit.debtor, principal)
        model.ledger.claim(claim, lender.account.sector, credit.debtor.sector, -principal)
        if self.in_full and isinstance(lender, Bank):
            self.return_interest()
        if credit.insurer:
            self.insure(premium)
        credit.outstanding -= principal
        credit.remaining = max(credit.remaining - 1, 1)
        credit.missed = 0 if self.in_full else credit.missed + 1
        if credit.outstanding == 0:
            del model.credits[credit.uid]

    def return_interest(self) -> None:
        """Governments return a share of the benchmark interest on bank loans that are served."""
        credit, model = self.credit, self.credit.lender.model
        rate = model.benchmark * model.lever("interest_subsidy") / 12
        returned = min(yuan(rate * credit.outstanding), self.interest)
        credit.zone.government.spend("interest_subsidy", credit.debtor, returned)

    def insure(self, premium: int) -> None:
        """The insurer gets both parts of the premium, and passes some of it on for reinsurance."""
        insurer, model = self.credit.insurer, self.credit.lender.model
        insurer.receive("premium", self.credit.debtor, premium)
        self.credit.zone.government.spend("premium_subsidy", insurer.account, self.subsidy)
        ceded = yuan(model.scenario.finance.insurance.reinsured * (premium + self.subsidy))
        insurer.pay("reinsurance_premium", model.ledger.outside, ceded)


def default(model: TwinModel) -> None:
    """Debts default with a fixed hazard once their first bill is paid, or when two bills in a row were missed."""
    p = model.scenario.finance.loan
    hazard = 1.0 - (1.0 - p.default_rate) ** (1.0 / 12)
    for financier in model.financiers:
        financier.bad -= financier.bad // p.workout
    ended = []
    for credit in model.credits.values():
        struck = model.draws.happens(hazard, "credits.default", credit.uid, model.month)
        if (struck and model.month > credit.born + 1) or credit.missed >= SECOND_MISS:
            ended.append(credit)
    write_off(model, ended)


def wind_up(model: TwinModel) -> None:
    """What is in the accounts of those who leave goes to creditors first, in proportion; the rest is a default."""
    firms = [*model.enterprises, *model.manufacturers]
    leaving = {firm.account for firm in firms if firm.leaving}
    debts_of: defaultdict[Account, list[Credit]] = defaultdict(list)
    for credit in sorted(model.credits.values(), key=lambda credit: credit.uid):
        if credit.debtor in leaving:
            debts_of[credit.debtor].append(credit)
    for debtor, debts in debts_of.items():
        cash, total = model.ledger.balance[debtor], sum(credit.outstanding for credit in debts)
        left = min(cash, total)
        for credit in debts:
            part = credit.outstanding if cash >= total else min(int(cash * (credit.outstanding / total)), left)
            left -= part
            credit.lender.receive("estate", debtor, part)
            claim = INSTRUMENTS[credit.instrument].claim
            model.ledger.claim(claim, credit.lender.account.sector, debtor.sector, -part)
            credit.outstanding -= part
            if credit.outstanding == 0:
                del model.credits[credit.uid]
    write_off(model, [credit for debts in debts_of.values() for credit in debts if credit.outstanding])


def write_off(model: TwinModel, ended: list[Credit]) -> None:
    """Debts that will not be served any more: security is sold, insurers and the pool bear their parts."""
    outside = model.ledger.outside
    pooled = {bank for bank in model.banks if in_pool(bank)}
    loss, due = {}, Counter()
    for credit in ended:
        regained = min(INSTRUMENTS[credit.instrument].recover(model, credit), credit.outstanding)
        credit.lender.receive("security", outside, regained)
        loss[credit] = credit.outstanding - regained
    insured = {credit: yuan(credit.cover * loss[credit]) if credit.insurer else 0 for credit in ended}
    for credit in ended:
        if credit.insurer:
            due[credit.insurer] += insured[credit]
    for insurer, claims in due.items():
        cover(insurer, claims)
    for credit in ended:
        lender, claim = credit.lender, INSTRUMENTS[credit.instrument].claim
        if credit.insurer:
            credit.insurer.pay("claim", lender.account, insured[credit])
        if lender in pooled:
            shared = yuan(model.lever("risk_pool") * (loss[credit] - insured[credit]))
            credit.zone.government.spend("risk_pool", lender.account, shared)
        model.ledger.claim(claim, lender.account.sector, credit.debtor.sector, -credit.outstanding)
        model.count(f"{claim}s_defaulted_yuan", credit.zone, credit.outstanding)
        model.count("debts_defaulted", credit.zone)
        lender.bad += credit.outstanding
        del model.credits[credit.uid]


def cover(insurer: Insurer, claims: int) -> None:
    """What an insurer's reserve does not hold, reinsurance pays."""
    if claims:
        insurer.receive("reinsurance", insurer.model.ledger.outside, max(claims - insurer.cash, 0))


def in_pool(bank: Bank) -> bool:
    """Whether a risk pool shares a bank's loss: neither very little nor too much of its loans is bad."""
    p = bank.model.scenario.finance.loan
    return p.pool_above < bank.bad / max(bank.lent + bank.bad, 1) <= p.pool_up_to
