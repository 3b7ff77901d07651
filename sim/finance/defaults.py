"""How debts end badly: default, and the winding up of who leaves (MODEL.md, (14)).

Security is sold, an insurer and the risk pool bear their parts, and the lender writes off what is left. A debtor who
defaults lives on; one who leaves pays creditors first, out of what it has.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.agents.financiers import BANK
from sim.core.clock import monthly_chance
from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import purpose, uniforms
from sim.finance import chain
from sim.finance.debts import lent
from sim.finance.needs import Money
from sim.world import World

DEFAULT = purpose("credits.default")

SECOND_MISS = 2  # a bill missed is arrears, the next one missed is default


def _default(world: World) -> None:
    """Debts default with a fixed hazard once their first bill is paid, or when two bills in a row were missed."""
    credits, financiers = world.credits, world.financiers
    financiers.bad[:] -= financiers.bad // world.scenario.finance.loan.workout
    running = credits.rows
    hazard = monthly_chance(world.scenario.finance.loan.default_rate)
    struck = uniforms(world.key, DEFAULT, credits.uid[running], world.month, 0) < hazard
    struck &= world.month > credits.born[running].astype(np.int64) + 1
    _end(world, running[struck | (credits.missed[running] >= SECOND_MISS)])


def _wind_up(world: World) -> None:
    """What is in the accounts of those who leave goes to their creditors, in proportion; the rest is a default."""
    credits, ledger = world.credits, world.ledger
    left = np.zeros(ledger.used, np.bool_)
    for population in world.populations().values():
        if "leaving" in population.schema:
            left[population.account[population.leaving & population.alive]] = True
    running = credits.rows
    rows = running[left[credits.debtor[running]]]
    if not rows.size:
        return
    debtor, owed = credits.debtor[rows], credits.outstanding[rows]
    order = np.lexsort((credits.uid[rows], debtor))
    paid = np.zeros(rows.size, np.int64)
    _divide(order, debtor, owed, ledger.balance, paid)
    for claim, code in _by_claim(world, rows):
        lender = world.financiers.account[credits.lender[rows[code]]]
        ledger.post("estate", debtor[code], lender, paid[code])
        ledger.claim_each(claim, lender, debtor[code], -paid[code])
    credits.outstanding[rows] -= paid
    settled = credits.outstanding[rows] == 0  # paid to the last yuan: no default
    credits.retire(rows[settled])
    _end(world, rows[~settled])


@kernel
def _divide(order, debtor, owed, balance, paid):  # type: ignore[no-untyped-def]
    """Each debtor's balance among its debts (grouped in `order`), in proportion to what is owed."""
    start = 0
    while start < order.size:
        end = start
        total = 0
        while end < order.size and debtor[order[end]] == debtor[order[start]]:
            total += owed[order[end]]
            end += 1
        cash = balance[debtor[order[start]]]
        left = min(cash, total)
        for k in order[start:end]:
            if cash >= total:
                paid[k] = owed[k]
            else:
                paid[k] = min(np.int64(cash * (owed[k] / total)), left)
            left -= paid[k]
        start = end


def _by_claim(world: World, rows: Rows) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The debts of each kind of claim that is among them."""
    instrument = world.credits.instrument[rows]
    for claim in ("lease", "loan"):
        mine = np.array([i.claim == claim for i in chain.INSTRUMENTS])[instrument]
        if mine.any():
            yield claim, mine


def _end(world: World, rows: Rows) -> None:
    """Settle debts that will not be served any more, and retire them."""
    credits, financiers, ledger = world.credits, world.financiers, world.ledger
    if not rows.size:
        return
    owed, lender = credits.outstanding[rows], credits.lender[rows]
    account, debtor = financiers.account[lender], credits.debtor[rows]
    regained = _sell_security(world, rows)
    ledger.post("security", ledger.outside, account, regained)
    insured = _claim(world, rows, owed - regained)
    _pool(world, rows, owed - regained - insured)
    for claim, code in _by_claim(world, rows):
        ledger.claim_each(claim, account[code], debtor[code], -owed[code])
        world.tally.add(f"{claim}s_defaulted_yuan", credits.zone[rows[code]], owed[code])
    world.tally.add("debts_defaulted", credits.zone[rows])
    np.add.at(financiers.bad, lender, owed)
    credits.outstanding[rows] = 0
    credits.retire(rows)


def _sell_security(world: World, rows: Rows) -> Money:
    """What each instrument recovers, never more than is owed."""
    credits = world.credits
    regained = np.zeros(rows.size, np.int64)
    for code, instrument in enumerate(chain.INSTRUMENTS):
        mine = np.flatnonzero(credits.instrument[rows] == code)
        if instrument.recover is not None and mine.size:
            regained[mine] = np.minimum(instrument.recover(world, rows[mine]), credits.outstanding[rows[mine]])
    return regained


def _claim(world: World, rows: Rows, loss: Money) -> Money:
    """Insurers pay their share of the loss; what their reserve does not hold, reinsurance does."""
    credits, financiers, ledger = world.credits, world.financiers, world.ledger
    insured = np.where(credits.insurer[rows] >= 0, np.rint(credits.cover[rows] * loss), 0.0).astype(np.int64)
    at = np.flatnonzero(insured)
    if at.size:
        due = np.zeros(financiers.used, np.int64)
        np.add.at(due, credits.insurer[rows[at]], insured[at])
        short = np.maximum(due - ledger.balance[financiers.account], 0) * (due > 0)
        ledger.post("reinsurance", ledger.outside, financiers.account, short)
        account = financiers.account[credits.insurer[rows[at]]]
        ledger.post("claim", account, financiers.account[credits.lender[rows[at]]], insured[at])
    return insured


def _pool(world: World, rows: Rows, loss: Money) -> None:
    """The government of the debtor's administration shares a bank's loss while its bad loans are in the window."""
    credits, financiers, ledger = world.credits, world.financiers, world.ledger
    share, p = float(world.inputs.risk_pool[world.month]), world.scenario.finance.loan
    if share == 0.0:
        return
    book = lent(world)
    ratio = financiers.bad / np.maximum(book + financiers.bad, 1)
    pooled = (financiers.kind == BANK) & (ratio > p.pool_above) & (ratio <= p.pool_up_to)
    shared = np.where(pooled[credits.lender[rows]], np.rint(share * loss), 0.0).astype(np.int64)
    payer = world.government[world.region.zones.admin[credits.zone[rows]]]
    ledger.post("public_funds", ledger.outside, payer, shared)
    ledger.post("risk_pool", payer, financiers.account[credits.lender[rows]], shared)


READS = (
    "credits.uid", "credits.instrument", "credits.lender", "credits.insurer", "credits.debtor", "credits.zone",
    "credits.cover", "credits.collateral", "financiers.account", "financiers.kind", "financiers.bank",
    "financiers.borrowed", "accounts",
)  # fmt: skip
WRITES = ("credits.outstanding", "credits.alive", "financiers.bad", "accounts", "claims", "tally")

WINDING_UP = Process(
    name="creditors",
    phase="winding_up",
    run=_wind_up,
    reads=("*.leaving", "*.alive", "*.account", *READS),
    writes=WRITES,
    system="money",
    doc="creditors of those who leave are paid first, as far as it goes",
    tier="chain",
)
DEFAULTS = Process(
    name="defaults",
    phase="default",
    run=_default,
    reads=("credits.born", "credits.missed", *READS),
    writes=WRITES,
    system="A7",
    doc="debts default: security, insurers and the pool bear their parts, the rest is written off",
    tier="chain",
)
