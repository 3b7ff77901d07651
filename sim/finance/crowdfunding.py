"""Crowd-funding (A8): once in its life a venture asks the crowd for a small sum, all or nothing (MODEL.md, (15))."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.financiers import MEMBER, known_to, of_kind
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import geometric_quantile, mix, normal_quantile, normals, poissons, purpose, u01
from sim.finance.instrument import Given, Instrument, Quote, yuan
from sim.finance.needs import Needs
from sim.world import World

CAMPAIGN = purpose("crowd.campaign")
TARGET = purpose("crowd.target")
BACKERS = purpose("crowd.backers")
PLEDGE = purpose("crowd.pledge")
HOST = purpose("crowd.member")


@kernel
def _campaigning(key, uid, alive, born, month, hazard):  # type: ignore[no-untyped-def]
    """Rows of the ventures whose one campaign begins this month."""
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        if alive[i] and geometric_quantile(u01(key, CAMPAIGN, uid[i], 0, 0), hazard) == month - born[i]:
            out[n] = i
            n += 1
    return out[:n].copy()


def _ask(world: World) -> None:
    ventures, p = world.ventures, world.scenario.finance.crowdfunding
    if not world.inputs.campaigns[world.month]:
        return
    row = _campaigning(world.key, ventures.uid, ventures.alive, ventures.born, world.month, p.campaigning)
    noise = normals(world.key, TARGET, ventures.uid[row], 0, 0)
    target = yuan(p.target_mean * 1e6 * np.exp(p.target_sigma * noise - 0.5 * p.target_sigma**2))
    world.wants.ask("campaign", ventures.uid[row], ventures.account[row], target, seniority=0, divisible=False, row=row)


@kernel
def _raised(key, what, uid, backers, mean, sigma):  # type: ignore[no-untyped-def]
    """Sum of the lognormal pledges of each campaign's backers."""
    out = np.zeros(uid.size)
    for i in range(uid.size):
        for k in range(backers[i]):
            out[i] += mean * math.exp(sigma * normal_quantile(u01(key, what, mix(uid[i], k), 0, 0)) - 0.5 * sigma**2)
    return out


def _quote(world: World, needs: Needs) -> Quote:
    """A campaign gets its sum if the pledges reach it; else they go back, and nothing has moved."""
    p, members = world.scenario.finance.crowdfunding, world.inputs.campaigns[world.month]
    at = needs.of("campaign")
    uid = needs.uid[at]
    expected = p.backers * p.months * (members / p.members) ** p.elasticity if members else 0.0
    backers = poissons(world.key, BACKERS, uid, 0, np.full(uid.size, expected))
    raised = _raised(world.key, PLEDGE, uid, backers, p.pledge_mean, p.pledge_sigma)
    limit = np.zeros(needs.uid.size, np.int64)
    limit[at] = np.where(raised >= needs.gap[at], needs.gap[at], 0)
    return Quote(
        limit=limit,
        cost=np.full(needs.uid.size, p.fee),
        provider=known_to(of_kind(world.financiers, MEMBER), world.key, HOST, needs.uid, 0),
    )


def _provide(world: World, given: Given) -> None:
    ledger, needs = world.ledger, given.needs
    member = world.financiers.account[given.provider]
    ledger.post("crowd", ledger.outside, needs.account, given.amount)
    fee = yuan(world.scenario.finance.crowdfunding.fee * given.amount)
    ledger.post("crowd_fee", needs.account, member, fee)
    ledger.post("alliance_cost", member, ledger.outside, fee)
    world.tally.add("campaigns_met", needs.zone)
    world.log("campaign", venture=needs.uid, zone=needs.zone, yuan=given.amount)


INSTRUMENT = Instrument(name="crowdfunding", quote=_quote, provide=_provide, tiers=("full",), system="A8")

ASK = Process(
    name="campaigns",
    phase="proposals",
    run=_ask,
    reads=("ventures.alive", "ventures.uid", "ventures.born", "ventures.account"),
    writes=("requests",),
    system="A8",
    doc="ventures ask the crowd, through a member of the alliance",
    tier="full",
)
