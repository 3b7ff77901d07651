"""Deals: value, price, mode and payment of an achievement, offered directly or through the centre (4.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Rows
from sim.core.counting import half_octaves, rows_due
from sim.core.schedule import Process
from sim.core.streams import pairs, purpose, uniforms
from sim.exchange.market import Reals, fit_of
from sim.exchange.receipts import pay_inventors
from sim.world import World

MODE = purpose("deals.mode")
ASSIGNMENT, LICENCE, EQUITY = 0, 1, 2
MODES = ("assignment", "licence", "equity")

Money = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """What is paid when: all in yuan."""

    mode: NDArray[np.int8]
    price: Money
    upfront: Money
    fee: Money


def value_to(world: World, row: Rows, buyer: Rows) -> Reals:
    """Value of each achievement to its buyer, relative to the reserve price of quality 1."""
    shelf, firms, p = world.achievements, world.manufacturers, world.scenario.exchange
    fit = fit_of(world, shelf.position[row], buyer)
    size = firms.size[buyer] ** p.value_sales
    return np.asarray(p.value_to_reserve * shelf.quality[row] ** p.value_quality * size * firms.absorption[buyer] * fit)


def terms(world: World, row: Rows, price: Reals, fee: float) -> Terms:
    """Mode by keyed draw; an assignment is paid at once, a licence in part, equity in shares."""
    p = world.scenario.exchange
    u = uniforms(world.key, MODE, world.achievements.uid[row], 0, 0)
    kind = np.searchsorted([p.assignment, p.assignment + p.licence], u, side="right")
    mode = np.array([ASSIGNMENT, LICENCE, EQUITY], np.int8)[kind]
    upfront = np.array([1.0, p.licence_upfront, 0.0])[mode]
    return Terms(mode, _yuan(price), _yuan(price * upfront), _yuan(price * fee))


def ask(world: World, kind: str, uid: NDArray[np.uint64], row: Rows, buyer: Rows, agreed: Terms) -> None:
    """Ask for what the buyer has to pay at signing; the whole or nothing."""
    world.requests.ask(
        kind, uid, world.manufacturers.account[buyer], agreed.upfront + agreed.fee, seniority=0, divisible=False,
        achievement=row, buyer=buyer, mode=agreed.mode, price=agreed.price, upfront=agreed.upfront, fee=agreed.fee,
    )  # fmt: skip


def _yuan(amount: Reals) -> Money:
    return np.rint(amount).astype(np.int64)


def _execute(world: World) -> None:
    shelf = world.achievements
    due = rows_due(shelf.alive, shelf.offered_at, world.month)
    sold = _conclude(world, "offer", brokered=False)
    elsewhere = np.setdiff1d(due, sold)
    world.tally.add("deals_outside", shelf.zone[elsewhere])
    world.fates["sold"] += sold.size
    world.fates["sold_outside"] += elsewhere.size
    gone = _conclude(world, "introduction", brokered=True)
    world.fates["sold"] += gone.size
    shelf.retire(np.concatenate([due, gone]))


def _conclude(world: World, kind: str, brokered: bool) -> Rows:
    """Post what was granted; returns the achievements that leave the shelf for it."""
    batch = world.requests.granted(kind)
    if not batch:
        return np.empty(0, np.int64)
    origins, firms, shelf, ledger = world.origins, world.manufacturers, world.achievements, world.ledger
    paid = batch["granted"] == batch["amount"]
    world.tally.add("deals_unfunded", firms.zone[batch["buyer"][~paid]])
    row, buyer, mode = batch["achievement"][paid], batch["buyer"][paid], batch["mode"][paid]
    price, upfront, fee = batch["price"][paid], batch["upfront"][paid], batch["fee"][paid]
    seller = shelf.owner[row]
    ledger.post("deal", firms.account[buyer], origins.account[seller], upfront)
    institute = origins.kind[seller] != ENTERPRISE
    pay_inventors(world, seller[institute], upfront[institute])
    ledger.post("broker_fee", firms.account[buyer], world.centre_account, fee)
    ledger.post("centre_cost", world.centre_account, ledger.outside, np.array([fee.sum()]))
    for institutional, sector in ((False, "enterprises"), (True, "institutes")):
        issued = (mode == EQUITY) & (institute == institutional)
        ledger.claim("equity", sector, "manufacturers", int(price[issued].sum()))
        np.add.at(getattr(firms, f"shares_{sector}"), buyer[issued], price[issued])
    licence = mode == LICENCE
    owed = (price - upfront)[licence]
    world.licences.grow(
        pairs(shelf.uid[row[licence]], firms.uid[buyer[licence]]),
        buyer=buyer[licence],
        seller=seller[licence],
        owed=owed,
        instalment=-(-owed // world.scenario.exchange.licence_months),
    )
    world.signed.append(
        {
            "uid": pairs(shelf.uid[row], firms.uid[buyer]), "achievement": shelf.uid[row], "buyer": buyer,
            "seller": seller, "field": shelf.field[row], "position": shelf.position[row],
            "quality": shelf.quality[row], "price": price, "mode": mode,
            "fit": fit_of(world, shelf.position[row], buyer),
        }
    )  # fmt: skip
    zone = firms.zone[buyer]
    world.tally.add("deals", zone)
    world.tally.add("deals_yuan", zone, price)
    world.tally.move("deals", shelf.zone[row], zone, price)
    world.tally.bin("deals_by_price", zone, half_octaves(price))
    if brokered:
        world.tally.add("deals_brokered", zone)
        for f, named in enumerate(world.region.fields):
            if named.featured:
                world.tally.add(f"deals_brokered_{named.key}", zone[shelf.field[row] == f])
    world.log(
        "deal", achievement=shelf.uid[row], seller=origins.uid[seller], buyer=firms.uid[buyer], zone=zone,
        field=shelf.field[row], mode=mode, yuan=price, brokered=np.full(row.size, brokered),
    )  # fmt: skip
    return row[~licence] if brokered else row  # a brokered licence is not exclusive: it stays on the shelf


EXECUTE = Process(
    name="deals",
    phase="execution",
    run=_execute,
    reads=(
        "requests", "achievements.offered_at", "achievements.owner", "achievements.zone", "achievements.field",
        "achievements.uid", "achievements.position", "achievements.quality", "origins.kind", "origins.account",
        "origins.uid", "manufacturers.zone", "manufacturers.account", "manufacturers.uid", "manufacturers.position",
        "manufacturers.tercile", "tables.market",
    ),
    writes=(
        "achievements.alive", "licences.*", "manufacturers.shares_enterprises", "manufacturers.shares_institutes",
        "accounts", "tally", "signed", "fates", "claims", "events",
    ),
    system="A5",
    doc="granted deals are signed and paid; what was offered leaves the shelf",
)  # fmt: skip
