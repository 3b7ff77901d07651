"""Venture equity: the first instrument of the chain, from partners to funds to ventures and back (MODEL.md, (9))."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.financiers import FUND, known_to, of_kind
from sim.core.clock import MONTHS_PER_YEAR, monthly_hazard
from sim.core.schedule import Process
from sim.core.streams import normals, purpose, uniforms
from sim.finance.instrument import Given, Instrument, Quote
from sim.finance.needs import Needs
from sim.world import World

ASK = purpose("investment.ask")
SIZE = purpose("investment.size")
CHOICE = purpose("investment.fund")
APPROVE = purpose("investment.approve")
SELL = purpose("investment.sell")
RETURN = purpose("investment.return")


def _sell(world: World) -> None:
    """Stakes are sold at a lognormal multiple of their cost; the fund pays all of it to its partners."""
    ventures, ledger, p = world.ventures, world.ledger, world.scenario.finance.investment
    held = np.flatnonzero(ventures.alive & (ventures.fund >= 0) & (ventures.stake > 0))
    sold = held[uniforms(world.key, SELL, ventures.uid[held], world.month, 0) < monthly_hazard(p.exit_rate)]
    years = (world.month - ventures.invested_at[sold]) / MONTHS_PER_YEAR
    noise = normals(world.key, RETURN, ventures.uid[sold], 0, 0)
    multiple = np.exp(p.return_mean * years + p.return_sigma * np.sqrt(years) * noise)
    proceeds = np.rint(ventures.stake[sold] * multiple).astype(np.int64)
    account = world.financiers.account[ventures.fund[sold]]
    ledger.post("exit_proceeds", ledger.outside, account, proceeds)
    ledger.post("distribution", account, ledger.outside, proceeds)
    ledger.claim("equity", "funds", "ventures", -int(ventures.stake[sold].sum()))
    ventures.stake[sold] = 0


def _ask(world: World) -> None:
    """Ventures want a round of equity, each month anew; programmes want co-investors for their draw."""
    ventures, p = world.ventures, world.scenario.finance.investment
    open_to = np.flatnonzero(ventures.alive & (ventures.fund < 0))
    row = open_to[uniforms(world.key, ASK, ventures.uid[open_to], world.month, 0) < p.asking]
    noise = normals(world.key, SIZE, ventures.uid[row], 0, 0)
    median = p.round_mean * 1e6 * math.exp(-0.5 * p.round_sigma**2)
    amount = np.rint(median * np.exp(p.round_sigma * noise)).astype(np.int64)
    world.wants.ask(
        "venture_round", ventures.uid[row], ventures.account[row], amount, seniority=0, divisible=False, row=row
    )
    programmes, programme = world.programmes, world.scenario.location.programme
    row = np.flatnonzero(programmes.alive & (programmes.drawn < programmes.committed))
    due = np.minimum(
        -(-programmes.committed[row] // programme.draw_months), programmes.committed[row] - programmes.drawn[row]
    )
    partners = due - np.rint(programme.parent_share * due).astype(np.int64)
    amount = np.rint(p.programme_share * partners).astype(np.int64)
    world.wants.ask(
        "programme_round", programmes.uid[row], programmes.account[row], amount, seniority=1, divisible=True, row=row
    )


def _quote(world: World, needs: Needs) -> Quote:
    """A fund looks at a venture's quality and how far away it is; in programmes it invests as long as it can."""
    ventures, p = world.ventures, world.scenario.finance.investment
    funds = of_kind(world.financiers, FUND)
    fund = known_to(funds, world.key, CHOICE, needs.uid, 0)
    limit = np.zeros(needs.uid.size, np.int64)
    if not funds.size:
        return Quote(limit=limit, cost=np.zeros(limit.size), provider=fund)
    at = needs.of("venture_round")
    row = needs.row[at]
    hours = world.hours[world.financiers.zone[fund[at]], ventures.zone[row]]
    odds = p.approval + np.log(ventures.quality[row]) - p.distance * np.log(hours)
    odds += world.scenario.diffusion.environment.effect * world.environment[ventures.zone[row]]
    approved = uniforms(world.key, APPROVE, needs.uid[at], world.month, 0) < 1.0 / (1.0 + np.exp(-odds))
    limit[at] = np.where(approved, needs.gap[at], 0)
    at = needs.of("programme_round")
    limit[at] = needs.gap[at]
    return Quote(limit=limit, cost=np.full(limit.size, p.return_mean), provider=fund)


def _provide(world: World, given: Given) -> None:
    ventures, programmes, ledger = world.ventures, world.programmes, world.ledger
    account, needs = world.financiers.account, given.needs
    ledger.post("lp_call", ledger.outside, account[given.provider], given.amount)
    ledger.post("investment", account[given.provider], needs.account, given.amount)
    at = needs.of("venture_round")
    row, fund, amount = needs.row[at], given.provider[at], given.amount[at]
    ledger.claim("equity", "funds", "ventures", int(amount.sum()))
    ventures.fund[row] = fund
    ventures.stake[row] = amount
    ventures.invested_at[row] = world.month
    world.tally.add("investments", ventures.zone[row])
    world.tally.add("investments_yuan", ventures.zone[row], amount)
    world.log("investment", venture=ventures.uid[row], zone=ventures.zone[row], yuan=amount)
    at = needs.of("programme_round")
    ledger.claim("equity", "funds", "programmes", int(given.amount[at].sum()))
    world.tally.add("investments_yuan", programmes.zone[needs.row[at]], given.amount[at])


INSTRUMENT = Instrument(name="investment", quote=_quote, provide=_provide, tiers=("core", "chain", "full"))

SELL_STAKES = Process(
    name="stake_sales",
    phase="cash",
    run=_sell,
    reads=("ventures.alive", "ventures.uid", "ventures.fund", "ventures.invested_at", "financiers.account"),
    writes=("ventures.stake", "accounts", "claims"),
    system="A7",
    doc="funds sell stakes and pay their partners",
)
ASK_FUNDS = Process(
    name="investment_requests",
    phase="proposals",
    run=_ask,
    reads=("ventures.alive", "ventures.uid", "ventures.fund", "ventures.account", "programmes.alive", "programmes.uid",
           "programmes.account", "programmes.drawn", "programmes.committed"),
    writes=("requests",),
    system="A7",
    doc="ventures and programmes ask funds for equity",
)  # fmt: skip
