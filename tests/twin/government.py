"""What governments take, share and spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.actors import Organisation
from twin.arithmetic import MILLION, yuan
from twin.branches import RELOCATION, Branch

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.money import Account

QUARTER = 3
AVERAGED = 12
"Quarters over which the tax that an enterprise has paid is averaged."


class Government(Organisation):
    """The government of an administration."""

    name: str

    def spend(self, tag: str, recipient: Account, yuan: int) -> None:
        """Pay what is raised, from outside the model, for that purpose."""
        self.receive("public_funds", self.model.ledger.outside, yuan)
        self.pay(tag, recipient, yuan)

    def serve_the_public(self) -> None:
        """Spend what is taken, and keep the cash of a few months."""
        spent = yuan(self.cash / self.model.scenario.government.months_kept)
        self.pay("public_services", self.model.ledger.outside, spent)


def collect_taxes(model: TwinModel) -> None:
    """Each quarter on three months' margin net of R&D, or of a branch's rent, as far as there is cash."""
    p = model.scenario.government
    for branch in model.branches:
        branch.tax = 0
    if model.month % QUARTER != QUARTER - 1:
        return
    for enterprise in model.enterprises:
        paid = tax(enterprise, QUARTER * p.tax_source, enterprise.margin - enterprise.outlay)
        enterprise.taxed += (4.0 * paid - enterprise.taxed) / AVERAGED
    for manufacturer in model.manufacturers:
        tax(manufacturer, QUARTER * p.tax, manufacturer.margin - manufacturer.outlay)
    for branch in model.branches:
        branch.tax = tax(branch, QUARTER * p.tax, branch.margin)


def tax(payer: Organisation, rate: float, base: int) -> int:
    due = min(yuan(rate * max(base, 0)), payer.cash)
    payer.pay("tax", payer.zone.government.account, due)
    payer.model.count("taxes_yuan", payer.zone, due)
    return due


def share_taxes(model: TwinModel) -> None:
    """Part of the tax of a branch that was moved goes back to the government of the place it left, up to a cap."""
    rule = model.scenario.tax_sharing
    start = model.clock.index(rule.start)
    if rule.rule == "off" or model.month < start:
        return
    for branch in model.branches:
        if branch.born == model.month - 1 >= start and is_covered(branch):
            branch.shareable = yuan(rule.cap * branch.parent.taxed)
        if branch.shareable > 0 and model.month - branch.born <= rule.months:
            shared = min(yuan(rule.share * branch.tax), branch.shareable)
            branch.zone.government.pay("tax_share", branch.origin.government.account, shared)
            branch.shareable -= shared
            model.count("taxes_shared_yuan", branch.zone, shared)
            if shared:
                model.move("tax_shares", branch.zone.number, branch.origin, shared)


def is_covered(branch: Branch) -> bool:
    """A relocation to another administration by a parent that has paid much tax; into a park, if governments lead."""
    rule = branch.model.scenario.tax_sharing
    return (
        branch.motive == RELOCATION
        and branch.zone.admin != branch.origin.admin
        and branch.parent.taxed >= rule.threshold * MILLION
        and (branch.park is not None or rule.rule == "all")
    )
