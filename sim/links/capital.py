"""Capital into the source (MODEL.md, (26)): manufacturers elsewhere buy stakes in ventures of their field."""

from __future__ import annotations

import numpy as np

from sim.core.clock import MONTHS_PER_YEAR
from sim.core.compiled import kernel
from sim.core.schedule import Process
from sim.core.streams import mix, purpose, u01, uniforms
from sim.world import World

LOOK = purpose("backward.look")
VENTURE = purpose("backward.venture")

KIND = "backward_capital"


def _propose(world: World) -> None:
    """Once a year each manufacturer elsewhere may look for a venture; it offers part of its cash above the reserve."""
    firms, ventures, p = world.manufacturers, world.ventures, world.scenario.links.capital
    row = _on_turn(firms.uid, firms.alive, firms.zone, world.receiving, np.uint64(world.month % MONTHS_PER_YEAR))
    chance = np.minimum(p.rate * firms.size[row] ** p.size, 1.0)
    row = row[uniforms(world.key, LOOK, firms.uid[row], world.month, 0) < chance]
    at_source = np.flatnonzero(ventures.alive & ~world.receiving[ventures.zone])
    venture = _targets(
        world.key, world.month, firms.uid[row], firms.zone[row], firms.field[row], at_source, ventures.uid,
        ventures.zone, ventures.field, ventures.quality, world.hours**-p.travel,
    )  # fmt: skip
    row, venture = row[venture >= 0], venture[venture >= 0]
    spare = np.maximum(world.ledger.balance[firms.account[row]] - firms.reserve[row], 0)
    amount = np.rint(p.part * spare).astype(np.int64)
    world.requests.ask(
        KIND, firms.uid[row], firms.account[row], amount, seniority=3, divisible=False, firm=row, venture=venture
    )


@kernel
def _on_turn(uid, alive, zone, receiving, turn):  # type: ignore[no-untyped-def]
    """Rows of those elsewhere whose turn of the year it is."""
    out = np.empty(uid.size, np.int64)
    n = 0
    for i in range(uid.size):
        if uid[i] % np.uint64(12) == turn and alive[i] and receiving[zone[i]]:
            out[n] = i
            n += 1
    return out[:n].copy()


@kernel
def _targets(  # type: ignore[no-untyped-def]
    key, month, uid, zone, field, rows, venture_uid, venture_zone, venture_field, quality, near
):
    """Row of the venture that each investor chooses by quality and travel time, or -1 where there is none."""
    out = np.full(uid.size, -1, np.int64)
    for i in range(uid.size):
        best = np.inf
        for k in rows:
            if venture_field[k] == field[i]:
                weight = quality[k] * near[zone[i], venture_zone[k]]
                time = -np.log(u01(key, VENTURE, mix(uid[i], venture_uid[k]), month, 0)) / weight
                if time < best or (time == best and venture_uid[k] < venture_uid[out[i]]):
                    best = time
                    out[i] = k
    return out


def _invest(world: World) -> None:
    batch = world.requests.granted(KIND)
    if not batch:
        return
    firms, ventures, ledger = world.manufacturers, world.ventures, world.ledger
    paid = (batch["granted"] == batch["amount"]) & (batch["amount"] > 0)
    row, venture, amount = batch["firm"][paid], batch["venture"][paid], batch["amount"][paid]
    ledger.post("backward_capital", firms.account[row], ventures.account[venture], amount)
    ledger.claim("equity", "manufacturers", "ventures", int(amount.sum()))
    np.add.at(ventures.backed, venture, amount)
    world.tally.add("capital_to_source_yuan", ventures.zone[venture], amount)
    world.tally.move("capital_to_source", firms.zone[row], ventures.zone[venture], amount)
    world.log("backward_capital", firm=firms.uid[row], venture=ventures.uid[venture], yuan=amount)


PROPOSE = Process(
    name="backward_capital_proposals",
    phase="proposals",
    run=_propose,
    reads=("manufacturers.alive", "manufacturers.uid", "manufacturers.zone", "manufacturers.field",
           "manufacturers.size", "manufacturers.account", "manufacturers.reserve", "ventures.alive", "ventures.uid",
           "ventures.zone", "ventures.field", "ventures.quality", "accounts"),
    writes=("requests",),
    system="A11",
    doc="manufacturers elsewhere look for ventures of the source to invest in",
    tier="full",
)  # fmt: skip
INVEST = Process(
    name="backward_capital",
    phase="execution",
    run=_invest,
    reads=("requests", "manufacturers.account", "manufacturers.zone", "manufacturers.uid", "ventures.account",
           "ventures.zone", "ventures.uid"),
    writes=("ventures.backed", "accounts", "claims", "tally", "events"),
    system="A11",
    doc="and pay for stakes in them",
    tier="full",
)  # fmt: skip
