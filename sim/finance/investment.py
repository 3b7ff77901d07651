"""Venture equity: the first instrument of the chain (A7), from partners to funds to ventures and back (4.11)."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.financiers import FUND, known_to, of_kind
from sim.core.clock import MONTHS_PER_YEAR, monthly_hazard
from sim.core.schedule import Process
from sim.core.streams import normals, purpose, uniforms
from sim.world import World

ASK = purpose("investment.ask")
SIZE = purpose("investment.size")
CHOICE = purpose("investment.fund")
APPROVE = purpose("investment.approve")
SELL = purpose("investment.sell")
RETURN = purpose("investment.return")


def _replenish(world: World) -> None:
    """Each January the funds' powder is set anew: what is not invested is not carried over."""
    p, funds = world.scenario.finance.investment, of_kind(world.financiers, FUND)
    new_year = world.month == 0 or world.clock.label(world.month).endswith("-01")
    if new_year and funds.size:
        yearly = p.deals * p.round_mean * 1e6 * world.scale * world.inputs.powder[world.month] / funds.size
        world.financiers.quota[funds] = round(yearly)


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
    ventures, p = world.ventures, world.scenario.finance.investment
    open_to = np.flatnonzero(ventures.alive & (ventures.fund < 0))
    row = open_to[uniforms(world.key, ASK, ventures.uid[open_to], world.month, 0) < p.asking]
    funds = of_kind(world.financiers, FUND)
    if not funds.size:
        return
    fund = known_to(funds, uniforms(world.key, CHOICE, ventures.uid[row], 0, 0))
    hours = world.hours[world.financiers.zone[fund], ventures.zone[row]]
    odds = p.approval + np.log(ventures.quality[row]) - p.distance * np.log(hours)
    approved = uniforms(world.key, APPROVE, ventures.uid[row], world.month, 0) < 1.0 / (1.0 + np.exp(-odds))
    row, fund = row[approved], fund[approved]
    noise = normals(world.key, SIZE, ventures.uid[row], 0, 0)
    median = p.round_mean * 1e6 * math.exp(-0.5 * p.round_sigma**2)
    amount = np.rint(median * np.exp(p.round_sigma * noise)).astype(np.int64)
    world.rounds.ask(
        "venture_round", ventures.uid[row], fund.astype(np.int32), amount, seniority=0, divisible=False, venture=row
    )
    programmes, programme = world.programmes, world.scenario.location.programme
    row = np.flatnonzero(programmes.alive & (programmes.drawn < programmes.committed))
    due = np.minimum(
        -(-programmes.committed[row] // programme.draw_months), programmes.committed[row] - programmes.drawn[row]
    )
    partners = due - np.rint(programme.parent_share * due).astype(np.int64)
    amount = np.rint(p.programme_share * partners).astype(np.int64)
    fund = known_to(funds, uniforms(world.key, CHOICE, programmes.uid[row], 0, 0))
    world.rounds.ask(
        "programme_round", programmes.uid[row], fund.astype(np.int32), amount, seniority=1, divisible=True,
        programme=row,
    )  # fmt: skip


def _invest(world: World) -> None:
    ventures, programmes, funds, ledger = world.ventures, world.programmes, world.financiers, world.ledger
    batch = world.rounds.granted("venture_round")
    if not batch:
        return
    done = (batch["granted"] == batch["amount"]) & (batch["amount"] > 0)
    row, fund, amount = batch["venture"][done], batch["payer"][done], batch["amount"][done]
    ledger.post("lp_call", ledger.outside, funds.account[fund], amount)
    ledger.post("investment", funds.account[fund], ventures.account[row], amount)
    ledger.claim("equity", "funds", "ventures", int(amount.sum()))
    np.subtract.at(funds.quota, fund, amount)
    ventures.fund[row] = fund
    ventures.stake[row] = amount
    ventures.invested_at[row] = world.month
    world.tally.add("investments", ventures.zone[row])
    world.tally.add("investments_yuan", ventures.zone[row], amount)
    world.log("investment", venture=ventures.uid[row], zone=ventures.zone[row], yuan=amount)

    batch = world.rounds.granted("programme_round")
    row, fund, amount = batch["programme"], batch["payer"], batch["granted"]
    ledger.post("lp_call", ledger.outside, funds.account[fund], amount)
    ledger.post("investment", funds.account[fund], programmes.account[row], amount)
    ledger.claim("equity", "funds", "programmes", int(amount.sum()))
    np.subtract.at(funds.quota, fund, amount)
    world.tally.add("investments_yuan", programmes.zone[row], amount)


REPLENISH = Process(
    name="fund_powder",
    phase="calendar",
    run=_replenish,
    reads=("financiers.kind", "financiers.uid"),
    writes=("financiers.quota",),
    system="A7",
    doc="each January funds learn what they may invest",
)
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
    reads=("ventures.alive", "ventures.uid", "ventures.fund", "ventures.zone", "ventures.quality", "financiers.uid",
           "financiers.kind", "financiers.zone",
           "programmes.alive", "programmes.uid", "programmes.drawn", "programmes.committed"),
    writes=("requests",),
    system="A7",
    doc="ventures and programmes ask funds for equity",
)  # fmt: skip
INVEST = Process(
    name="investments",
    phase="execution",
    run=_invest,
    reads=("requests", "financiers.account", "ventures.account", "ventures.uid", "ventures.zone", "programmes.account",
           "programmes.zone"),
    writes=("financiers.quota", "ventures.fund", "ventures.stake", "ventures.invested_at", "accounts", "claims",
            "tally", "events"),
    system="A7",
    doc="funds call their partners and invest",
)  # fmt: skip
