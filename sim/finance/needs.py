"""Needs: what was asked for and own cash does not cover, and what an instrument looks at (MODEL.md, (11))."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.counting import sum_by
from sim.core.requests import Requests
from sim.core.streams import priorities, purpose, uniforms
from sim.parameters.finance import Profile, Profiles
from sim.world import World

REACH = purpose("needs.reach")
OWN = purpose("needs.own")

Money = NDArray[np.int64]
Reals = NDArray[np.float64]

EARLY = ("venture_round", "programme_round", "campaign")
"Too early for a lender: equity and the crowd only."
WANTS = (*EARLY, "working_capital")
"Money that is wanted for itself; the rest is what is lacking for a payment."
KINDS = (
    *WANTS, "offer", "introduction", "agreement", "branch_capital", "programme_draw", "stage", "adoption",
)  # fmt: skip
PROFILES: tuple[Callable[[Profiles], Profile], ...] = (
    lambda p: p.working_capital, lambda p: p.offer, lambda p: p.introduction, lambda p: p.agreement,
    lambda p: p.branch_capital, lambda p: p.programme_draw, lambda p: p.stage, lambda p: p.adoption,
)  # fmt: skip
"Of the kinds that lenders look at."


@dataclass(frozen=True)
class Needs:
    """One row a need, by kind."""

    kind: NDArray[np.int8]
    place: Rows
    "Row in the batch of requests it comes from."
    uid: NDArray[np.uint64]
    account: NDArray[np.int32]
    zone: NDArray[np.int64]
    total: Money
    "The whole sum that was asked for."
    gap: Money
    "What is lacking."
    whole: NDArray[np.bool_]
    "All or nothing."
    seniority: NDArray[np.int64]
    row: Rows
    "Row of the venture or programme that wants equity or campaigns, or -1."
    late: NDArray[np.bool_]
    "Whether lenders look at it."
    equipment: Reals
    patents: Reals
    room: Reals
    "What its firm's margin can still carry in instalments, yuan a month."
    log_size: Reals
    "Log of the size of its firm, 0 at the mean."
    portfolio: Reals
    "Value of its firm's patents that are not pledged yet, in yuan."

    def of(self, kind: str) -> Rows:
        """The needs of one kind."""
        return np.flatnonzero(self.kind == KINDS.index(kind))

    def at(self, rows: Rows) -> Needs:
        """Some of them."""
        return Needs(*(column[rows] for column in vars(self).values()))


def collect(world: World) -> Needs:
    """This month's needs that the chain reaches and, where lenders look at them, whose firm can carry an instalment."""
    kinds, rows, batches = [], [], []
    lending = world.scenario.tier != "core"
    for k, name in enumerate(KINDS):
        batch = _source(world, name).granted(name)
        if batch and (lending or name in EARLY):
            short = np.flatnonzero(batch["amount"] > batch["granted"])
            if short.size:
                rows.append(short)
                kinds.append(np.full(short.size, k, np.int8))
                batches.append(batch)

    def column(name: str, dtype: type) -> NDArray[Any]:
        found = [b[name][at] if name in b else np.full(at.size, -1) for b, at in zip(batches, rows, strict=True)]
        return np.concatenate(found or [np.empty(0)]).astype(dtype)

    ledger, p = world.ledger, world.scenario.finance
    kind = np.concatenate(kinds or [np.empty(0, np.int8)])
    uid, account = column("uid", np.uint64), column("payer", np.int32)
    zone = ledger.place(account)
    late = kind >= len(EARLY)
    total, granted, whole = column("amount", np.int64), column("granted", np.int64), ~column("divisible", np.bool_)
    seniority = np.where(kind < len(WANTS), column("seniority", np.int64), 0)
    gap = total - granted
    room, size, portfolio = np.zeros(uid.size), np.ones(uid.size), np.zeros(uid.size)
    if lending:
        reach = world.inputs.reach[world.month, world.region.zones.admin[zone]]
        served = uniforms(world.key, REACH, uid, 0, 0) < reach
        _put_own_cash_first(world, np.flatnonzero(served & whole & (kind >= len(WANTS))), uid, account, gap)
        room, size, portfolio = _means(world, account, np.where(late & served, gap, 0))
        kept = np.flatnonzero(served & (~late | (room > 0)))
    else:
        kept = np.arange(uid.size)
    profiles = [Profile()] * len(EARLY) + [profile(p.needs) for profile in PROFILES]
    equipment = np.array([one.equipment for one in profiles])[kind]
    patents = np.array([one.patents for one in profiles])[kind]
    place = np.concatenate(rows or [np.empty(0, np.int64)])
    return Needs(
        kind, place, uid, account, zone, total, gap, whole, seniority, column("row", np.int64), late, equipment,
        patents, room, np.log(size), portfolio,
    ).at(kept)  # fmt: skip


def settle(world: World, needs: Needs, provided: Money) -> None:
    """Grant what was provided; a payment that is all or nothing is granted once its whole gap is closed."""
    met = np.flatnonzero(provided)
    start = np.searchsorted(needs.kind[met], np.arange(len(KINDS) + 1))  # needs come by kind
    for name, first, last in zip(KINDS, start[:-1], start[1:], strict=True):
        if first < last:
            mine = met[first:last]
            batch, at = _source(world, name).granted(name), needs.place[mine]
            closed = provided[mine] == needs.gap[mine]
            batch["granted"][at] = np.where(closed, batch["amount"][at], batch["granted"][at] + provided[mine])


def _source(world: World, kind: str) -> Requests:
    return world.wants if kind in WANTS else world.requests


def _put_own_cash_first(
    world: World, asking: Rows, uid: NDArray[np.uint64], account: NDArray[np.int32], gap: Money
) -> None:
    """What is left in an account goes into its payments, in order of a keyed priority, before anybody else's money.

    Only those that are all or nothing leave something: the others have taken what there was.
    """
    if not asking.size:
        return
    balance, committed = world.ledger.balance, world.requests.committed(world.ledger.used)
    asking = asking[balance[account[asking]] > committed[account[asking]]]
    rank = priorities(world.key, OWN, uid[asking], world.month)
    for k in asking[np.lexsort((uid[asking], rank))]:
        own = min(balance[account[k]] - committed[account[k]], gap[k])
        committed[account[k]] += own
        gap[k] -= own


@kernel
def _owners(used, alive, account, other_alive, other_account):  # type: ignore[no-untyped-def]
    """Of each account: row + 1 of one population, -row - 1 of the other, 0 for anybody else."""
    owner = np.zeros(used, np.int32)
    for i in range(alive.size):
        if alive[i]:
            owner[account[i]] = i + 1
    for i in range(other_alive.size):
        if other_alive[i]:
            owner[other_account[i]] = -i - 1
    return owner


@kernel
def _burden(used, alive, debtor, instalment, collateral):  # type: ignore[no-untyped-def]
    """Instalments and pledged patents of each account."""
    owed, pledged = np.zeros(used, np.int64), np.zeros(used, np.int64)
    for i in range(alive.size):
        if alive[i]:
            owed[debtor[i]] += instalment[i]
            pledged[debtor[i]] += collateral[i]
    return owed, pledged


def _means(world: World, account: NDArray[np.int32], asked: Money) -> tuple[Reals, Reals, Reals]:
    """Room for instalments, size and unpledged patents behind each need, shared among the needs of one account."""
    origins, firms, credits, used = world.origins, world.manufacturers, world.credits, world.ledger.used
    p = world.scenario.finance
    owner = _owners(used, origins.alive, origins.account, firms.alive, firms.account)
    owed, pledged = _burden(used, credits.alive, credits.debtor, credits.instalment, credits.collateral)
    mean_staff = world.region.totals["staff_per_enterprise"].amount
    found: tuple[Reals, Reals, Reals] = _shared(
        account, asked, sum_by(account, asked, used), owner, owed, pledged, origins.margin, origins.outlay,
        origins.staff, firms.margin, firms.outlay, firms.size, mean_staff, p.loan.coverage, 12 * p.ip_pledge.portfolio,
    )  # fmt: skip
    return found


@kernel
def _shared(  # type: ignore[no-untyped-def]
    account, asked, total, owner, owed, pledged, margin, outlay, staff, firm_margin, firm_outlay, firm_size, mean_staff,
    coverage, months,
):  # fmt: skip
    n = account.size
    room, size, portfolio = np.zeros(n), np.ones(n), np.zeros(n)
    for i in range(n):
        who = owner[account[i]]
        if who == 0 or asked[i] == 0:
            continue
        earned = margin[who - 1] if who > 0 else firm_margin[-who - 1]
        spent = outlay[who - 1] if who > 0 else firm_outlay[-who - 1]
        size[i] = max(staff[who - 1] / mean_staff if who > 0 else firm_size[-who - 1], 1e-6)
        share = asked[i] / total[account[i]]
        room[i] = max(coverage * max(earned - spent, 0) - owed[account[i]], 0.0) * share
        portfolio[i] = max(months * spent - pledged[account[i]], 0.0) * share
    return room, size, portfolio
