"""What was asked for and own cash does not cover: the chain of finance looks at it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twin.arithmetic import MILLION, exp, yuan
from twin.draws import child
from twin.money import Account, Request

if TYPE_CHECKING:
    from twin.model import TwinModel
    from twin.organisations import GoingConcern
    from twin.parks import Programme
    from twin.ventures import Venture
    from twin.zones import Zone

EARLY = ("venture_round", "programme_round", "campaign")
"Too early for a lender: equity and the crowd only."
SMALLEST = 1e-6
"Size of a firm, relative to the mean, below which it counts for no less."


@dataclass
class Want(Request):
    """Money that is wanted for itself; the account named as payer is the one that would receive it."""


@dataclass
class VentureRound(Want):
    """A round of equity, the whole or nothing."""

    venture: Venture
    need = "venture_round"


@dataclass
class ProgrammeRound(Want):
    """Co-investors for the draw of a programme."""

    programme: Programme
    need = "programme_round"
    seniority = 1
    divisible = True


@dataclass
class Campaign(Want):
    """A small sum of the crowd, all or nothing."""

    need = "campaign"


@dataclass
class WorkingCapital(Want):
    """What carries a firm's outlays for some months."""

    need = "working_capital"
    divisible = True


@dataclass(eq=False)
class Need:
    """One need, with all that an instrument looks at."""

    request: Request
    uid: int
    account: Account
    zone: Zone
    gap: int
    "What is lacking."
    late: bool
    "Whether lenders look at it."
    equipment: float
    "Share of the sum that buys equipment."
    patents: float
    room: float = 0.0
    "What its firm's margin can still carry in instalments, yuan a month."
    size: float = 1.0
    "Of its firm, 1 at the mean."
    portfolio: float = 0.0
    "Value of its firm's patents that are not pledged yet, in yuan."

    @property
    def whole(self) -> bool:
        return not self.request.divisible

    @property
    def seniority(self) -> int:
        return self.request.seniority if isinstance(self.request, Want) else 0


def collect(model: TwinModel) -> list[Need]:
    """Needs that the chain reaches; where lenders look at them, of firms that can carry another instalment."""
    lending = model.scenario.tier != "core"
    asked = [one for one in [*model.wants, *model.requests] if one.need and one.yuan > one.granted]
    needs = [_need(model, one) for one in asked if lending or one.need in EARLY]
    if not lending:
        return needs
    needs = [need for need in needs if model.draws.happens(_reach(model, need.zone), "needs.reach", need.uid)]
    put_own_cash_first(model, [need for need in needs if need.whole and not isinstance(need.request, Want)])
    look_at_firms(model, [need for need in needs if need.late])
    return [need for need in needs if not need.late or need.room > 0]


def _need(model: TwinModel, request: Request) -> Need:
    late = request.need not in EARLY
    profile = getattr(model.scenario.finance.needs, request.need) if late else None
    return Need(
        request=request, uid=request.uid, account=request.payer, zone=model.zones[request.payer.place],
        gap=request.yuan - request.granted, late=late, equipment=profile.equipment if profile else 0.0,
        patents=profile.patents if profile else 0.0,
    )  # fmt: skip


def _reach(model: TwinModel, zone: Zone) -> float:
    """Share of the needs of an administration that the chain serves."""
    path = model.scenario.finance.reach.get(zone.admin)
    return path.at(model.date) if path else 1.0


def put_own_cash_first(model: TwinModel, needs: list[Need]) -> None:
    """What is left in an account goes into its payments, by lot, before anybody else's money."""
    spare = dict(model.ledger.balance)
    for request in model.requests:
        spare[request.payer] -= request.granted
    for need in sorted(needs, key=lambda need: (model.lot("needs.own", need.uid), need.uid)):
        own = min(max(spare[need.account], 0), need.gap)
        spare[need.account] -= own
        need.gap -= own


def look_at_firms(model: TwinModel, needs: list[Need]) -> None:
    """Room for instalments, size and free patents behind each need, shared among the needs of one firm."""
    p = model.scenario.finance
    owner: dict[Account, GoingConcern] = {one.account: one for one in [*model.origins, *model.manufacturers]}
    asked: Counter[Account] = Counter()
    for need in needs:
        asked[need.account] += need.gap
    for need in needs:
        firm = owner.get(need.account)
        if firm is None:
            continue
        debts = [credit for credit in model.credits.values() if credit.debtor is need.account]
        share = need.gap / max(asked[need.account], 1)
        owed, pledged = sum(one.instalment for one in debts), sum(one.collateral for one in debts)
        need.size = max(firm.relative_size, SMALLEST)
        need.room = max(p.loan.coverage * max(firm.margin - firm.outlay, 0) - owed, 0.0) * share
        need.portfolio = max(p.ip_pledge.portfolio * 12 * firm.outlay - pledged, 0.0) * share


# Who wants money for itself.


def seek_equity(model: TwinModel) -> None:
    """Some ventures without a stake in them want a round; programmes want co-investors for their draw."""
    p, draws = model.scenario.finance.investment, model.draws
    for venture in model.ventures:
        if venture.fund is None and draws.happens(p.asking, "investment.ask", venture.uid, model.month):
            median = p.round_mean * MILLION * math.exp(-0.5 * p.round_sigma**2)
            amount = yuan(median * exp(p.round_sigma * draws.normal("investment.size", venture.uid)))
            model.want(VentureRound(venture.uid, venture.account, amount, venture=venture))
    for programme in model.programmes:
        if programme.drawn < programme.committed:
            amount = yuan(p.programme_share * (programme.due - programme.parents_part))
            model.want(ProgrammeRound(programme.uid, programme.account, amount, programme=programme))


def seek_backers(model: TwinModel) -> None:
    """Once in its life a venture asks the crowd, if the alliance holds campaigns then."""
    p, draws = model.scenario.finance.crowdfunding, model.draws
    if not model.members_that("crowdfund"):
        return
    for venture in model.ventures:
        if draws.months_until(p.campaigning, "crowd.campaign", venture.uid) == model.month - venture.born:
            noise = draws.normal("crowd.target", venture.uid)
            amount = yuan(p.target_mean * MILLION * exp(p.target_sigma * noise - 0.5 * p.target_sigma**2))
            model.want(Campaign(venture.uid, venture.account, amount))


def seek_working_capital(model: TwinModel) -> None:
    """Firms whose margin exceeds their R&D borrow, now and then, what they keep as a reserve."""
    chance = model.scenario.finance.working_capital.asking
    firms: list[Any] = [*model.origins, *model.manufacturers]
    for firm in firms:
        if model.draws.happens(chance, "working_capital.ask", firm.uid, model.month) and firm.margin > firm.outlay:
            uid = child(firm.uid, (1 << 43) + model.month)
            model.want(WorkingCapital(uid, firm.account, firm.reserve))
