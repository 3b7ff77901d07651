"""Instalments of licences, paid as the buyer's cash allows."""

from __future__ import annotations

import numpy as np

from sim.agents.origins import ENTERPRISE
from sim.core.schedule import Process
from sim.exchange.receipts import pay_inventors
from sim.world import World

KIND = "royalty"


def _propose(world: World) -> None:
    licences = world.licences
    row = licences.rows
    due = np.minimum(licences.instalment[row], licences.owed[row])
    payer = world.manufacturers.account[licences.buyer[row]]
    world.requests.ask(KIND, licences.uid[row], payer, due, seniority=0, divisible=True, licence=row)


def _execute(world: World) -> None:
    licences, origins, firms = world.licences, world.origins, world.manufacturers
    batch = world.requests.granted(KIND)
    row, paid = batch["licence"], batch["granted"]
    seller = licences.seller[row]
    world.ledger.post("royalty", firms.account[licences.buyer[row]], origins.account[seller], paid)
    institute = origins.kind[seller] != ENTERPRISE
    pay_inventors(world, seller[institute], paid[institute])
    licences.owed[row] -= paid
    licences.retire(row[licences.owed[row] == 0])


PROPOSE = Process(
    name="royalty_bills",
    phase="proposals",
    run=_propose,
    reads=("licences.alive", "licences.uid", "licences.instalment", "licences.owed", "licences.buyer",
           "manufacturers.account"),
    writes=("requests",),
    system="A4, A5",
    doc="licensees owe this month's instalment",
)  # fmt: skip
EXECUTE = Process(
    name="royalties",
    phase="settlement",
    run=_execute,
    reads=("requests", "licences.buyer", "licences.seller", "origins.kind", "origins.account",
           "manufacturers.account"),
    writes=("licences.owed", "licences.alive", "accounts"),
    system="A4, A5",
    doc="and pay what they can",
)  # fmt: skip
