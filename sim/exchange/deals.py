"""Deals: value, price, mode and payment of an achievement, offered directly or through the centre (MODEL.md, (4))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.origins import ENTERPRISE
from sim.core.columns import Rows
from sim.core.counting import among, half_octaves, rows_due
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


def licensed(world: World, row: Rows, buyer: Rows) -> NDArray[np.bool_]:
    """Whether each buyer is still paying for a licence of the achievement: nobody licenses the same thing twice."""
    pair = pairs(world.achievements.uid[row], world.manufacturers.uid[buyer])
    return among(pair, world.licences.alive, world.licences.uid)


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


Deal = dict[str, NDArray[Any]]
"Columns of deals, by the names in _DEAL; the achievement is its uid."


def _execute(world: World) -> None:
    """What is paid for is signed; what is not waits for its money, if it takes the achievement off the shelf."""
    shelf, fates = world.achievements, world.fates
    due = rows_due(shelf.alive, shelf.offered_at, world.month)
    if not world.requests.granted("offer"):  # transfer is switched off: nobody offers
        due = due[:0]
    offers, sold, waiting = _sign(world, "offer", brokered=False)
    left = np.ones(shelf.used, np.bool_)
    left[sold] = left[waiting] = False
    elsewhere = due[left[due]]
    world.tally.add("deals_outside", shelf.zone[elsewhere])
    fates["sold_outside"] += elsewhere.size
    introductions, gone, agreed = _sign(world, "introduction", brokered=True)
    fates["sold"] += sold.size + gone.size
    fates["agreed"] += waiting.size + agreed.size
    signed = [*offers, *introductions, *_try_again(world)]
    shelf.retire(np.concatenate([due, gone, agreed]))
    if signed:
        _conclude(world, {name: np.concatenate([deal[name] for deal in signed]) for name in _DEAL})
        fees = np.array([deal["fee"].sum() for deal in signed])
        world.ledger.post("centre_cost", world.centre_account, world.ledger.outside, fees)


def _sign(world: World, kind: str, brokered: bool) -> tuple[list[Deal], Rows, Rows]:
    """What was granted is signed, the rest waits: the deals, and what leaves the shelf for the one and the other."""
    batch = world.requests.granted(kind)
    if not batch:
        return [], np.empty(0, np.int64), np.empty(0, np.int64)
    paid = batch["granted"] == batch["amount"]
    row = batch["achievement"]
    whole = (batch["mode"] != LICENCE) | (not brokered)  # a brokered licence leaves the achievement on the shelf
    patience = world.scenario.finance.patience if world.scenario.tier != "core" else 0
    waits = ~paid & whole & (patience > 0)
    world.tally.add("deals_unfunded", world.manufacturers.zone[batch["buyer"][~paid & ~waits]])
    at = np.flatnonzero(waits)
    world.agreements.grow(batch["uid"][at], until=world.month + patience, **_on_the_shelf(world, batch, at, brokered))
    return [_on_the_shelf(world, batch, np.flatnonzero(paid), brokered)], row[paid & whole], row[at]


def _on_the_shelf(world: World, batch: dict[str, NDArray[Any]], at: Rows, brokered: bool) -> Deal:
    shelf, row = world.achievements, batch["achievement"][at]
    return {
        "achievement": shelf.uid[row], "seller": shelf.owner[row], "origin": shelf.zone[row],
        "field": shelf.field[row], "position": shelf.position[row], "quality": shelf.quality[row],
        "brokered": np.full(row.size, brokered),
        **{name: batch[name][at] for name in ("buyer", "mode", "price", "upfront", "fee")},
    }  # fmt: skip


def _try_again(world: World) -> list[Deal]:
    """Deals that waited are signed once their money is there, and dropped when patience is at an end."""
    batch, agreements, fates = world.requests.granted("agreement"), world.agreements, world.fates
    if not batch:
        return []
    row = batch["agreement"]
    paid = batch["granted"] == batch["amount"]
    done, dropped = row[paid], row[~paid & (agreements.until[row] <= world.month)]
    signed = {name: getattr(agreements, name)[done] for name in _DEAL}
    world.tally.add("deals_unfunded", world.manufacturers.zone[agreements.buyer[dropped]])
    world.tally.add("deals_outside", agreements.origin[dropped])
    fates["agreed"] -= done.size + dropped.size
    fates["sold"] += done.size
    fates["sold_outside"] += dropped.size
    agreements.retire(np.concatenate([done, dropped]))
    return [signed]


def _conclude(world: World, deal: Deal) -> None:
    """Post what was granted, and note who owes and owns what from now on."""
    origins, firms, ledger = world.origins, world.manufacturers, world.ledger
    achievement, seller, buyer, mode = (deal[name] for name in ("achievement", "seller", "buyer", "mode"))
    price, upfront, fee, field, brokered = (deal[name] for name in ("price", "upfront", "fee", "field", "brokered"))
    ledger.post("deal", firms.account[buyer], origins.account[seller], upfront)
    institute = origins.kind[seller] != ENTERPRISE
    pay_inventors(world, seller[institute], upfront[institute])
    ledger.post("broker_fee", firms.account[buyer], world.centre_account, fee)
    for institutional, sector in ((False, "enterprises"), (True, "institutes")):
        issued = (mode == EQUITY) & (institute == institutional)
        ledger.claim("equity", sector, "manufacturers", int(price[issued].sum()))
        np.add.at(getattr(firms, f"shares_{sector}"), buyer[issued], price[issued])
    licence = mode == LICENCE
    owed = (price - upfront)[licence]
    uid = pairs(achievement, firms.uid[buyer])
    world.licences.grow(
        uid[licence],
        buyer=buyer[licence],
        seller=seller[licence],
        owed=owed,
        instalment=-(-owed // world.scenario.exchange.licence_months),
    )
    world.signed.append(
        {
            "uid": uid, "achievement": achievement, "buyer": buyer, "seller": seller, "field": field,
            "position": deal["position"], "quality": deal["quality"], "price": price, "mode": mode,
            "fit": fit_of(world, deal["position"], buyer),
        }
    )  # fmt: skip
    zone = firms.zone[buyer]
    world.tally.add("deals", zone)
    world.tally.add("deals_yuan", zone, price)
    world.tally.move("deals", deal["origin"], zone, price)
    world.tally.bin("deals_by_price", zone, half_octaves(price))
    world.tally.add("deals_brokered", zone[brokered])
    for f, named in enumerate(world.region.fields):
        if named.featured:
            world.tally.add(f"deals_brokered_{named.key}", zone[brokered & (field == f)])
    world.log(
        "deal", achievement=achievement, seller=origins.uid[seller], buyer=firms.uid[buyer], zone=zone, field=field,
        mode=mode, yuan=price, brokered=brokered,
    )  # fmt: skip


def _propose(world: World) -> None:
    """Buyers seek the money for what they have agreed on."""
    agreements = world.agreements
    row = agreements.rows
    payer = world.manufacturers.account[agreements.buyer[row]]
    world.requests.ask(
        "agreement", agreements.uid[row], payer, agreements.upfront[row] + agreements.fee[row], seniority=0,
        divisible=False, agreement=row,
    )  # fmt: skip


_DEAL = (
    "achievement", "seller", "origin", "field", "position", "quality", "brokered", "buyer", "mode", "price", "upfront",
    "fee",
)  # fmt: skip

WAITING = Process(
    name="waiting_deals",
    phase="proposals",
    run=_propose,
    reads=("agreements.alive", "agreements.uid", "agreements.buyer", "agreements.upfront", "agreements.fee",
           "manufacturers.account"),
    writes=("requests",),
    system="A4, A5",
    doc="deals that wait for their money ask for it again",
    tier="chain",
)  # fmt: skip
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
        "achievements.alive", "agreements.*", "licences.*", "manufacturers.shares_enterprises",
        "manufacturers.shares_institutes", "accounts", "tally", "signed", "fates", "claims", "events",
    ),
    system="A4, A5",
    doc="granted deals are signed and paid; what was offered leaves the shelf",
)  # fmt: skip
