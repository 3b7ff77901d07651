"""The chain (A7, A8): every instrument quotes, each need takes the cheapest first, by priority (MODEL.md, (11)).

INSTRUMENTS is the list: another instrument is a file beside this one and a line here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.core.columns import Rows
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import priorities, purpose
from sim.finance import credit_line, crowdfunding, insurance, investment, ip_pledge, leasing, loan
from sim.finance.instrument import Given, Instrument, Quote
from sim.finance.needs import Money, Needs, Reals, collect, settle
from sim.world import World

POWDER = purpose("clearing.powder")

INSTRUMENTS: tuple[Instrument, ...] = (
    investment.INSTRUMENT,
    loan.INSTRUMENT,
    insurance.INSTRUMENT,
    leasing.INSTRUMENT,
    ip_pledge.INSTRUMENT,
    crowdfunding.INSTRUMENT,
    credit_line.INSTRUMENT,
)
"In the order in which quotes of one cost are taken; a running debt knows its instrument by its place here."


def code_of(name: str) -> int:
    """Place of an instrument in the list."""
    return [instrument.name for instrument in INSTRUMENTS].index(name)


def _finance(world: World) -> None:
    needs = collect(world)
    if not needs.uid.size:
        return
    tier, systems = world.scenario.tier, world.scenario.systems.on
    offered = [(k, i) for k, i in enumerate(INSTRUMENTS) if tier in i.tiers and i.system in systems]
    quotes = [instrument.quote(world, needs) for _, instrument in offered]
    taken = allocate(world, needs, quotes)
    for (code, instrument), quote, amount in zip(offered, quotes, taken, strict=True):
        rows = np.flatnonzero(amount)
        if rows.size:
            second = np.full(rows.size, -1) if quote.second is None else quote.second[rows]
            given = Given(code, needs.at(rows), amount[rows], quote.provider[rows], second)
            for who in (given.provider, given.second):
                np.subtract.at(world.financiers.quota, who[who >= 0], given.amount[who >= 0])
            instrument.provide(world, given)
    provided = taken.sum(axis=0)
    settle(world, needs, provided)
    world.tally.add("needs", needs.zone)
    world.tally.add("needs_yuan", needs.zone, needs.gap)
    world.tally.add("needs_met", needs.zone[provided == needs.gap])
    world.tally.add("financed_yuan", needs.zone, provided)


def allocate(world: World, needs: Needs, quotes: Sequence[Quote]) -> Money:
    """What each need takes from each instrument, in yuan, as [instrument, need].

    Needs turn to their cheapest quote first, then to the next for what is still lacking; in each round every
    financier's quota goes by keyed priority. A need that is all or nothing gives everything back if it stays short.
    """
    taken = np.zeros((len(quotes), needs.uid.size), np.int64)
    limit = np.array([np.where(q.provider >= 0, q.limit, 0) for q in quotes]).reshape(taken.shape)
    at = np.flatnonzero(limit.any(axis=0))
    if not at.size:
        return taken
    uid, got = needs.uid[at], np.zeros((len(quotes), at.size), np.int64)
    nobody = np.full(at.size, -1)
    _take(
        _in_turn(uid, needs.seniority[at] + priorities(world.key, POWDER, uid, world.month)),
        limit[:, at], np.array([q.cost[at] for q in quotes]),
        np.array([q.provider[at] for q in quotes]),
        np.array([nobody if q.second is None else q.second[at] for q in quotes]),
        np.array([q.load for q in quotes]), np.array([q.smallest for q in quotes]),
        needs.gap[at], needs.room[at], needs.whole[at], world.financiers.quota.copy(), got,
    )  # fmt: skip
    taken[:, at] = got
    return taken


def _in_turn(uid: NDArray[np.uint64], rank: Reals) -> Rows:
    """By seniority and keyed priority, ties by identity."""
    order = np.argsort(rank)
    ties = (rank[order[1:]] == rank[order[:-1]]).any()
    return np.lexsort((uid, rank)) if ties else order


@kernel
def _cheapest_first(limit, cost):  # type: ignore[no-untyped-def]
    """The quotes of each need [need, round], the cheapest first, of one cost in their order; -1 for no more."""
    quotes, needs = limit.shape
    out = np.full((needs, quotes), -1)
    for i in range(needs):
        number = 0
        for k in range(quotes):
            if limit[k, i] > 0:
                at = number
                while at > 0 and cost[out[i, at - 1], i] > cost[k, i]:
                    out[i, at] = out[i, at - 1]
                    at -= 1
                out[i, at] = k
                number += 1
    return out


@kernel
def _take(  # type: ignore[no-untyped-def]
    turn, limit, cost, provider, second, load, smallest, lacking, room, whole, quota, got
):  # fmt: skip
    """Round by round, each need in its turn: what its next quote, its margin and the quotas behind it allow."""
    choice = _cheapest_first(limit, cost)
    for number in range(choice.shape[1]):
        for i in turn:
            k = choice[i, number]
            if k < 0:
                continue
            most = min(limit[k, i], lacking[i])
            if load[k] > 0.0 and most * load[k] > room[i]:
                most = np.int64(room[i] / load[k])
            if most <= 0 or most < smallest[k]:
                continue
            have = quota[provider[k, i]]
            if second[k, i] >= 0:
                have = min(have, quota[second[k, i]])
            if most > have:
                most = 0 if whole[i] else have
            quota[provider[k, i]] -= most
            if second[k, i] >= 0:
                quota[second[k, i]] -= most
            got[k, i] = most
            lacking[i] -= most
            room[i] -= load[k] * most
    for i in turn:
        if whole[i] and lacking[i] > 0:
            got[:, i] = 0


PROCESS = Process(
    name="financing",
    phase="financing",
    run=_finance,
    reads=(
        "requests", "accounts", "environment", "financiers.kind", "financiers.uid", "financiers.zone",
        "financiers.account", "financiers.bank",
        "origins.alive", "origins.account", "origins.margin", "origins.outlay", "origins.staff",
        "manufacturers.alive", "manufacturers.account", "manufacturers.margin", "manufacturers.outlay",
        "manufacturers.size", "ventures.uid", "ventures.zone", "ventures.quality",
        "programmes.zone",
    ),
    writes=(
        "requests", "financiers.quota", "financiers.borrowed", "credits.*", "ventures.fund", "ventures.stake",
        "ventures.invested_at", "accounts", "claims", "tally", "events",
    ),
    system="A7, A8",
    doc="what own cash does not cover is sought along the chain, the cheapest first, as quotas allow",
)  # fmt: skip
