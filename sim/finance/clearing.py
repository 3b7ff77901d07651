"""Whose requests are paid: own cash, by seniority and keyed priority, never by order of arrival (step 7)."""

from __future__ import annotations

from sim.core.schedule import Process
from sim.core.streams import priorities, purpose
from sim.world import World

CASH = purpose("clearing.cash")


def _clear(world: World) -> None:
    world.requests.clear(world.ledger.balance, lambda uid: priorities(world.key, CASH, uid, world.month))


PROCESS = Process(
    name="clearing",
    phase="clearing",
    run=_clear,
    reads=("accounts",),
    writes=("requests",),
    system="money",
    doc="requests are granted from own cash",
)
