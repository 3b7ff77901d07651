"""Direct offers: an owner offers an achievement once; what is not sold there is sold outside (MODEL.md, (4))."""

from __future__ import annotations

from sim.core.counting import rows_due
from sim.core.schedule import Process
from sim.exchange.deals import ask, licensed, terms, value_to
from sim.exchange.market import match
from sim.world import World

KIND = "offer"


def _propose(world: World) -> None:
    shelf = world.achievements
    due = rows_due(shelf.alive, shelf.offered_at, world.month)
    world.tally.add("achievements_offered", shelf.zone[due])
    buyer = match(
        world, shelf.uid[due], shelf.zone[due], shelf.field[due], shelf.position[due],
        world.scenario.levels.outside_transfer,
    )  # fmt: skip
    inside = buyer >= 0
    row, buyer = due[inside], buyer[inside]
    new = ~licensed(world, row, buyer)
    row, buyer = row[new], buyer[new]
    reserve = world.scenario.levels.reserve_price * 1e6 * world.inputs.price[world.month] * shelf.quality[row]
    value = reserve / shelf.quality[row] * value_to(world, row, buyer)
    agreed = value >= reserve
    row, buyer = row[agreed], buyer[agreed]
    price = reserve[agreed] + world.scenario.exchange.bargaining * (value[agreed] - reserve[agreed])
    ask(world, KIND, shelf.uid[row], row, buyer, terms(world, row, price, fee=0.0))


PROCESS = Process(
    name="direct_offers",
    phase="proposals",
    run=_propose,
    reads=(
        "tables.market", "achievements.alive", "achievements.offered_at", "achievements.uid", "achievements.zone",
        "achievements.field", "achievements.position", "achievements.quality", "manufacturers.account",
        "manufacturers.size", "manufacturers.absorption", "manufacturers.position", "manufacturers.tercile",
        "manufacturers.uid", "licences.alive", "licences.uid",
    ),
    writes=("requests", "tally"),
    system="A5",
    doc="achievements whose time has come are offered to all buyers, inside and outside",
)  # fmt: skip
