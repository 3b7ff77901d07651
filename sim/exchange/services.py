"""Service contracts: no object, only a payment (MODEL.md, (1)). Those that the buyer cannot pay go elsewhere."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.origins import ENTERPRISE
from sim.core.schedule import Process
from sim.core.streams import normals, offspring, poissons, purpose
from sim.exchange.market import match
from sim.exchange.receipts import pay_inventors
from sim.world import World

COUNT = purpose("services.count")
VALUE = purpose("services.value")

KIND = "service"


def _propose(world: World) -> None:
    origins, firms, p = world.origins, world.manufacturers, world.scenario.exchange
    count = poissons(world.key, COUNT, origins.uid, world.month, origins.contracts)
    seller, uid = offspring(origins.uid, count, world.month << 20)
    buyer = match(
        world, uid, origins.zone[seller], origins.field[seller], origins.position[seller],
        world.scenario.levels.outside_service,
    )  # fmt: skip
    inside = buyer >= 0
    world.tally.add("contracts_outside", origins.zone[seller[~inside]])
    seller, buyer, uid = seller[inside], buyer[inside], uid[inside]
    level = world.inputs.price[world.month] / world.inputs.price[0]
    median = p.service_mean * 1e6 * level * math.exp(-0.5 * p.value_sigma**2)
    value = np.rint(median * np.exp(p.value_sigma * normals(world.key, VALUE, uid, 0, 0))).astype(np.int64)
    world.requests.ask(KIND, uid, firms.account[buyer], value, seniority=0, divisible=False, buyer=buyer, seller=seller)


def _execute(world: World) -> None:
    batch = world.requests.granted(KIND)
    if not batch:
        return
    origins, firms = world.origins, world.manufacturers
    paid = batch["granted"] == batch["amount"]
    buyer, seller, value = batch["buyer"][paid], batch["seller"][paid], batch["amount"][paid]
    world.tally.add("contracts_outside", origins.zone[batch["seller"][~paid]])
    world.ledger.post("service", firms.account[buyer], origins.account[seller], value)
    pay_inventors(world, seller[origins.kind[seller] != ENTERPRISE], value[origins.kind[seller] != ENTERPRISE])
    world.tally.add("contracts_service", firms.zone[buyer])
    world.tally.add("contracts_yuan", firms.zone[buyer], value)
    world.tally.move("contracts_service", origins.zone[seller], firms.zone[buyer], value)
    world.log("service", seller=origins.uid[seller], buyer=firms.uid[buyer], zone=firms.zone[buyer], yuan=value)


PROPOSE = Process(
    name="service_proposals",
    phase="proposals",
    run=_propose,
    reads=(
        "tables.market", "origins.uid", "origins.contracts", "origins.zone", "origins.field", "origins.position",
        "manufacturers.account", "manufacturers.uid",
    ),
    writes=("requests", "tally"),
    system="A5",
    doc="service contracts seek a buyer",
)  # fmt: skip
EXECUTE = Process(
    name="service_contracts",
    phase="execution",
    run=_execute,
    reads=(
        "requests", "origins.zone", "origins.kind", "origins.account", "origins.uid", "manufacturers.zone",
        "manufacturers.account", "manufacturers.uid",
    ),
    writes=("accounts", "tally", "events"),
    system="A5",
    doc="those that are granted are paid",
)  # fmt: skip
